import { decodeToken, load } from "hallpass";

import { firstCalls } from "./first-calls.js";

await load();
firstCalls((token) => decodeToken(token).claims);
