import { cloneRequest, getHeader, headersOf, Request, tagOf } from "../platform/builtins.js";

/**
 * `body` as it is now, to be sent twice: itself where nothing can change it, else a copy. `undefined` for what can be
 * read only once, or an unknown number of times: streams, iterators, objects of an unknown kind.
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

// ── Files in a form that only a `Request` holds ──

/**
 * Whether `request` can be sent with all its files: WebKit collects those of a form that nothing else holds, and sends
 * empty ones without a word. Where it does, it cannot read them either.
 */
export async function keepsFiles(request: Request | undefined): Promise<boolean> {
  if (request === undefined || !isForm(request)) return true;
  return (await (platformKeepsFiles ??= isReadable(sampleForm()))) || isReadable(cloneRequest(request));
}

let platformKeepsFiles: Promise<boolean> | undefined;

function isForm(request: Request): boolean {
  return getHeader(headersOf(request), "content-type")?.startsWith("multipart/form-data") === true;
}

function sampleForm(): Request {
  const body = new FormData();
  body.append("file", new Blob(["1"]));
  return new Request("https://form.invalid/", { method: "POST", body });
}

async function isReadable(request: Request): Promise<boolean> {
  try {
    await request.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
