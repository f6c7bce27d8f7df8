import assert from "node:assert/strict";
import * as hallpass from "hallpass";
import { oidc } from "hallpass/oidc";
import { test } from "vitest";
import { check } from "../shared/node.cjs";

test("without a page", () => check({ ...hallpass, oidc }, assert));
