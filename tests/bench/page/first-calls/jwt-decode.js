import { jwtDecode } from "jwt-decode";

import { firstCalls } from "./first-calls.js";

firstCalls((token) => jwtDecode(token));
