import { BEARER, lengthOf, measureTransfers } from "./transfers.js";

measureTransfers(() => ({
  download: async (url) => lengthOf(await fetch(url, { headers: BEARER })),
  upload: async (url, body) => (await fetch(url, { method: "POST", headers: BEARER, body })).json(),
}));
