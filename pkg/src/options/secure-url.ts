/**
 * What is sent to `url` cannot be read on the way: https, or http that does not leave the machine. The one place that
 * says so; the core gets no other origins than such.
 */
export function isSecure(url: URL): boolean {
  if (url.protocol === "https:") return url.hostname !== "";
  // The parser has brought every way to write a loopback address into one of these forms.
  return url.protocol === "http:" && /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}
