import assert from "node:assert/strict";
import * as hallpass from "hallpass";
import { test } from "vitest";
import { check } from "../shared/node.cjs";

test("without a page", () => check(hallpass, assert));
