const assert = require("node:assert/strict");
const { check } = require("./shared/node.cjs");

check({ ...require("hallpass"), ...require("hallpass/oidc") }, assert).catch((error) => {
  console.error(error);
  process.exit(1);
});
