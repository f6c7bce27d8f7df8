import { decodeToken, load } from "hallpass";
import { Client } from "./Client.jsx";

// {"alg":"none"} {"sub":"the server"}
const TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0aGUgc2VydmVyIn0.";

/** Rendered on the server, where the core runs too, for decoding. */
export default async function Page() {
  await load();
  return (
    <main>
      <output id="decoded">{decodeToken(TOKEN).claims.sub}</output>
      <Client />
    </main>
  );
}
