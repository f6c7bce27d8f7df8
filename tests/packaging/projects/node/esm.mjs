import assert from "node:assert/strict";
import { AuthError, createAuth, decodeToken, load } from "hallpass";
import { check } from "./shared/node.cjs";

await check({ AuthError, createAuth, decodeToken, load }, assert);
