import { lengthOf, measureTransfers, signedIn } from "./transfers.js";

measureTransfers(async () => {
  const auth = await signedIn();
  return {
    download: async (url) => lengthOf(await auth.fetch(url)),
    upload: async (url, body) => (await auth.fetch(url, { method: "POST", body })).json(),
  };
});
