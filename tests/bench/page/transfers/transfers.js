import { createAuth, load } from "hallpass";
import { reporting } from "../report.js";
import { tokenOf } from "../token.js";

const ROUNDS = 5;
/** A zip file, a video. */
const BYTES = 80_000_000;
const URL_OF_FILE = "/api/file";

/**
 * Sends a file of 80 MB there and back a few times. `client` gives a function that downloads, reading chunk by chunk or
 * with progress, and answers how many bytes came, and one that uploads a Blob and answers how many arrived.
 */
export function measureTransfers(client) {
  reporting(async () => {
    const { download, upload } = await client();
    const blob = new Blob([new Uint8Array(BYTES)]);
    const down = [];
    const up = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      down.push(await millis(() => download(`${URL_OF_FILE}?bytes=${BYTES}`)));
      up.push(await millis(() => upload(URL_OF_FILE, blob)));
    }
    return { down, up };
  });
}

/** A session whose options look at each answer: nobody may copy 80 MB for that. */
export async function signedIn() {
  await load();
  const auth = createAuth({
    unauthorized: ({ status }) => status === 401 || status === 419,
    renewFrom: ({ headers }) => {
      const accessToken = headers.get("X-Token");
      return accessToken === null ? null : { accessToken };
    },
  });
  await auth.accept({ accessToken: tokenOf(800) });
  return auth;
}

/** The length of a body that is read as it arrives. */
export async function lengthOf(response) {
  let length = 0;
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) length += value.length;
  return length;
}

export const BEARER = { Authorization: `Bearer ${tokenOf(800)}` };

async function millis(transfer) {
  const start = performance.now();
  const bytes = await transfer();
  const took = performance.now() - start;
  if (bytes !== BYTES) throw new Error(`${bytes} bytes arrived`);
  return took;
}
