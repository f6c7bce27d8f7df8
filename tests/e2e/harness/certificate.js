import { generate } from "selfsigned";

let made;

/** A self-signed certificate for localhost, made once per process. The browsers under test accept it. */
export function certificate() {
  made ??= generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] }],
  });
  return made;
}
