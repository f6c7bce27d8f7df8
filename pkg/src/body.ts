import { tagOf } from "./platform.js";

/**
 * `body` as it is now, to be sent twice: itself where nothing can change it, else a copy. `undefined` for what can be
 * read only once, or nobody knows how often: streams, iterators, objects of an unknown kind.
 */
export function keepBody<Body>(body: Body): { readonly body: Body } | undefined {
  if (typeof body !== "object" || body === null) return { body };
  const copy = copyOf(body);
  return copy === undefined ? undefined : { body: copy as Body };
}

function copyOf(body: object): object | undefined {
  if (ArrayBuffer.isView(body)) return body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  switch (tagOf(body)) {
    case "[object Blob]":
    case "[object File]":
      return body;
    case "[object ArrayBuffer]":
      return (body as ArrayBuffer).slice(0);
    case "[object URLSearchParams]":
      return new URLSearchParams((body as URLSearchParams).toString());
    case "[object FormData]":
      return formOf(body as FormData);
    default:
      return undefined;
  }
}

function formOf(form: FormData): FormData {
  const copy = new FormData();
  form.forEach((value, name) => {
    copy.append(name, value);
  });
  return copy;
}
