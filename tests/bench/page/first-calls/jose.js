import { decodeJwt } from "jose";

import { firstCalls } from "./first-calls.js";

firstCalls(decodeJwt);
