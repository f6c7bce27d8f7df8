import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

suite("workers", (test) => {
  test("a module worker signs in, refreshes, asks and signs out, with the session in memory (REL-36)", async (world) => {
    const page = await world.plainPage().open();
    const { username, password } = world.user;
    const api = world.server.api;
    const options = { name: "worker", origins: [api], storage: "memory", signIn: `${api}/auth`, refresh: `${api}/token`, signOut: `${api}/token/reject`, fingerprint: { mode: "server" } };
    const seen = await page.run(
      (message) =>
        new Promise((resolve, reject) => {
          const worker = new Worker("/e2e-worker.js", { type: "module" });
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.onmessage = ({ data }) => {
            worker.terminate();
            resolve(data);
          };
          worker.postMessage(message);
        }),
      { options, credentials: { username, password, permanent: true, carrier: "body" } },
    );
    assert.deepEqual(seen, { first: "signed-out", hasClaims: true, status: 200, username, last: { status: "signed-out", reason: "user" } });
  });
});
