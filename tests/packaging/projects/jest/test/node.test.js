const assert = require("node:assert/strict");
const hallpass = require("hallpass");
const { check } = require("../shared/node.cjs");

test("without a page", () => check(hallpass, assert));
