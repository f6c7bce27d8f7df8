const assert = require("node:assert/strict");
const hallpass = require("hallpass");
const { oidc } = require("hallpass/oidc");
const { check } = require("../shared/node.cjs");

test("without a page", () => check({ ...hallpass, oidc }, assert));
