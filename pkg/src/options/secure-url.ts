/**
 * What is sent to `url` cannot be read on the way: https, or http that does not leave the machine. The core gets no other
 * origins, but those of `isPrivateHttp` where the application allows them.
 */
export function isSecure(url: URL): boolean {
  if (url.protocol === "https:") return url.hostname !== "";
  // The parser has brought every way to write a loopback address into one of these forms.
  return url.protocol === "http:" && /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}

/**
 * http that does not leave the local network: a private or link-local address (RFC 1918, 3927, 4193, 4291), a `.local`
 * name (RFC 6762) or a name of a single label, none of which stands for anything outside.
 */
export function isPrivateHttp(url: URL): boolean {
  return url.protocol === "http:" && PRIVATE.test(url.hostname);
}

const PRIVATE =
  /^(?:10(?:\.\d+){3}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|192\.168(?:\.\d+){2}|169\.254(?:\.\d+){2}|\[f[cd][\da-f]{2}:.*\]|\[fe[89ab][\da-f]:.*\]|(?:[^.]+\.)+local|[^.[\]:]+)$/;
