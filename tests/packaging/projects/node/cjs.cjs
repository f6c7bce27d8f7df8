const assert = require("node:assert/strict");
const { check } = require("./shared/node.cjs");

check(require("hallpass"), assert).catch((error) => {
  console.error(error);
  process.exit(1);
});
