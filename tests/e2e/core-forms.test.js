import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "./harness/suite.js";

/* The core as JavaScript, where there is no WebAssembly or a policy forbids it; and policies that forbid more than the demo's. */

const WITHOUT_WASM = "script-src 'self'";
const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'";

suite("forms of the core", (test) => {
  test("with WebAssembly nobody loads the other form", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    assert.equal(await isScriptLoaded(page), false);
  });

  test("without WebAssembly (Lockdown Mode): sign-in, one refresh for fifty callers, reload, sign-out, under Trusted Types (SEC-41, SEC-42, SEC-48)", async (world) => {
    const page = await world.plainPage().open({}, ["WebAssembly"], { policy: `${WITHOUT_WASM}; ${TRUSTED_TYPES}` });
    assert.equal(await page.run(() => typeof WebAssembly), "undefined");
    await live(page);
  });

  test("a policy without 'wasm-unsafe-eval': the same (SEC-41)", async (world) => {
    world.expect("csp"); // only trying tells
    const page = await world.plainPage().open({}, [], { policy: WITHOUT_WASM });
    await live(page);
  });

  test("script-src 'self' 'wasm-unsafe-eval', connect-src and Trusted Types: no violation (SEC-41, SEC-42)", async (world) => {
    const { app, api } = world.server;
    const policy = `default-src 'none'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${app} ${api}; ${TRUSTED_TYPES}`;
    const page = await world.plainPage().open({}, [], { policy });
    await page.signIn();
    await page.refresh();
    await page.reload();
    assert.equal((await page.ask("/me"))[0].status, 200);
    await page.signOut();
    assert.equal(await isScriptLoaded(page), false);
  });

  test("hallpass/slim: the wasm is a file of its own, and nothing else is loaded instead (REL-35)", async (world) => {
    const page = await world.plainPage().open({}, [], { entry: "slim" });
    await page.signIn();
    await page.refresh();
    await page.reload();
    assert.equal((await page.ask("/me"))[0].status, 200);
    const loaded = await page.run(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname.split("/").at(-1)));
    assert.deepEqual(loaded.filter((name) => /\.wasm|core/.test(name)), ["hallpass.wasm"]);
    await page.signOut();
  });

  test("a core.js that cannot be had: the other form (REL-35)", (world) => lacking(world, ["core.js"], async (entry) => {
    await live(await world.plainPage().open({}, [], { entry }));
  }));

  for (const [name, files, without] of [
    ["where neither form starts", ["core-script.js"], ["WebAssembly"]],
    ["where no file of the core can be had", ["core.js", "core-script.js"], []],
  ]) {
    test(`${name}: core_unavailable; as soon as one can, the next load does (REL-35, SEC-48)`, (world) => lacking(world, files, async (entry, putThere) => {
      const page = world.plainPage();
      await page.goto(page.address({}, without, { entry }));
      await page.until("the package is loaded", () => window.hallpassDemo !== undefined);
      for (const call of ["ready", "token", "signIn"]) {
        const { code } = await page.errorOf(async (name) => {
          const { auth } = window.hallpassDemo;
          await (name === "ready" ? auth.ready : auth[name]({}));
        }, call);
        assert.equal(code, "core_unavailable", call);
      }
      await putThere();
      // A module that could not be fetched stays so for this page in some engines: then a reload is the next try.
      const isBack = await page.run(() => window.hallpass.load().then(() => true, ({ code }) => code));
      if (isBack !== true) {
        assert.equal(isBack, "core_unavailable");
        await page.reload();
      }
      await page.ready();
      await live(page, { isScript: without.length > 0 });
    }));
  }
});

let copies = 0;

/** Calls `play` with the default entry of a copy of the package that lacks these files; `putThere` brings them. */
async function lacking(world, files, play) {
  const whole = join(world.appDir.dir, "e2e-package");
  const name = `e2e-lacking-${++copies}`;
  const folder = join(world.appDir.dir, name);
  await cp(whole, folder, { recursive: true });
  for (const file of files) await rm(join(folder, file));
  await play(`../${name}/index`, async () => {
    for (const file of files) await cp(join(whole, file), join(folder, file));
  });
}

async function live(page, { isScript = true } = {}) {
  await page.signIn();
  await page.run(() => Promise.all(Array.from({ length: 50 }, () => window.hallpassDemo.auth.refresh())));
  assert.deepEqual((await page.world.server.log({ path: "/token" })).map(({ status }) => status), [200]);
  await page.reload();
  assert.equal((await page.session()).status, "signed-in");
  assert.equal((await page.ask("/me"))[0].status, 200);
  assert.equal(await isScriptLoaded(page), isScript);
  await page.signOut();
  assert.deepEqual((await page.stores()).sessionStorage, {});
  assert.deepEqual(await page.session(), { status: "signed-out", reason: "user" });
}

function isScriptLoaded(page) {
  return page.run(() => performance.getEntriesByType("resource").some(({ name }) => /core-script/.test(name)));
}
