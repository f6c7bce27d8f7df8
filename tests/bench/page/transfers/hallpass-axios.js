import axios from "axios";
import { attachAxios } from "hallpass/axios";
import { byAxios } from "./by-axios.js";
import { measureTransfers, signedIn } from "./transfers.js";

measureTransfers(async () => {
  const client = axios.create();
  attachAxios(client, await signedIn());
  return byAxios(client);
});
