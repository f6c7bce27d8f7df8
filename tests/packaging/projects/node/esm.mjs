import assert from "node:assert/strict";
import { AuthError, createAuth, decodeToken, load } from "hallpass";
import { oidc } from "hallpass/oidc";
import { check } from "./shared/node.cjs";

await check({ AuthError, createAuth, decodeToken, load, oidc }, assert);
