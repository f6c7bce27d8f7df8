import assert from "node:assert/strict";
import { Authenticator } from "./harness/authenticator.js";
import { LoginPage } from "./harness/login-page.js";
import { PlainPage } from "./harness/plain-page.js";
import { serveRecipe } from "./harness/recipe.js";
import { suite } from "./harness/suite.js";

suite("second factor", (test) => {
  test("by form: after the password the code; a wrong one keeps the field, a right one signs in (SEC-40)", async (world) => {
    const authenticator = await enroll(world);
    const page = await world.open();
    await page.signInByForm();
    await page.element("code-form");
    assert.equal((await page.session()).status, "signed-out");
    assert.deepEqual((await page.stores()).sessionStorage, {}, "the ticket is in no store");

    await confirm(page, authenticator.wrongCode());
    const note = await page.element("failure");
    assert.equal(await note.getAttribute("data-code"), "sign_in_rejected");
    assert.match(await note.getText(), /code is wrong/);
    await page.element("code-form");

    await confirm(page, authenticator.code());
    await page.untilStatus("signed-in");
    assert.equal((await page.session()).claims.sub, world.user.username);
    assert.equal((await page.ask("/me"))[0].status, 200, "the fingerprint cookie came with the second answer");
    await page.refresh();
    await page.reload();
    assert.equal((await page.session()).status, "signed-in");
    const calls = await world.server.log({ path: "/auth" });
    assert.deepEqual(calls.map(({ status }) => status), [401, 400, 200]);
  });

  test("by form, with the refresh token in a cookie: the ticket remembers that it was asked for", async (world) => {
    const authenticator = await enroll(world);
    const page = await world.open({ refresh: "cookie" });
    await page.signInByForm();
    await confirm(page, authenticator.code());
    await page.untilStatus("signed-in");
    assert.equal((await world.cookies()).find(({ name }) => name === "__Host-Refresh").httpOnly, true);
    await page.refresh();
  });

  test("by form: a ticket that has run out leads back to the password, and a new one signs in", async (world) => {
    const authenticator = await enroll(world);
    const page = await world.open();
    await page.signInByForm();
    await page.element("code-form");
    await world.server.clock(301);
    await confirm(page, authenticator.code(301));
    const note = await page.element("failure");
    assert.equal(await note.getAttribute("data-code"), "expired_token");
    await page.signInByForm();
    await confirm(page, authenticator.code(301));
    await page.untilStatus("signed-in");
  });

  test("by form: starting over asks for the password again", async (world) => {
    await enroll(world);
    const page = await world.open();
    await page.signInByForm();
    await page.element("code-form");
    await page.click("start-over");
    await page.element("password");
    assert.equal((await page.session()).status, "signed-out");
  });

  test("error.answer has the ticket, nothing else of the error does, and the session that stood before stands (SEC-40)", async (world) => {
    const authenticator = await enroll(world, { isAsked: false });
    const page = await world.open();
    await page.signIn();
    const token = await page.token();
    await world.server.policy({ secondFactor: true });

    const error = await page.errorOf(firstStep, world.user);
    assert.deepEqual(
      [error.name, error.code, error.status, error.retryable, error.properties.oauthError],
      ["AuthError", "sign_in_rejected", 401, false, "mfa_required"],
    );
    assert.deepEqual(await page.run(() => Object.keys(window.answer)), ["error", "error_description", "expires_in", "ticket"]);
    assert.equal(await page.token(), token);

    const wrong = await page.errorOf(secondStep, authenticator.wrongCode());
    assert.deepEqual([wrong.code, wrong.status, wrong.properties.oauthError], ["sign_in_rejected", 400, "invalid_grant"]);
    assert.equal(await page.token(), token);
    await page.run(secondStep, authenticator.code());
    assert.notEqual(await page.token(), token);
    assert.equal((await page.ask("/me"))[0].status, 200);

    // The world looks for secrets in all that pages let out; it must know this one.
    await world.collect();
    assert.ok(world.canaries.has(await page.run(() => window.answer.ticket)));
    const log = JSON.stringify(await world.server.log());
    assert.deepEqual(world.canaries.search([{ where: "the server's log", text: log }]), []);
  });

  test("on the server's own page: password, a wrong code, a right one, and back to the app (SEC-06)", async (world) => {
    const authenticator = await enroll(world);
    const page = await world.open({ signIn: "hash" }, "/requests");
    await page.click("sign-in-redirect");
    const login = await LoginPage.reached(page);
    world.canaries.add("state", await login.state());
    await login.submit(world.user);
    await login.confirm(authenticator.wrongCode());
    assert.match(await login.problem(), /code is wrong/);
    await login.confirm(authenticator.code());
    await page.ready();
    await page.untilStatus("signed-in");
    const { origin, pathname, hash } = new URL(await page.url());
    assert.deepEqual([origin, pathname, hash], [world.server.app, "/requests", ""]);
    assert.equal((await page.ask("/me"))[0].status, 200);
  });

  for (const name of ["confirm", "confirmElsewhere"]) {
    test(`the recipe of the documentation signs in: ${name}`, async (world) => {
      const authenticator = await enroll(world);
      // The server has one address for both steps.
      const recipe = await serveRecipe(world, "second-factor.ts", [
        ["https://api.example.com", world.server.api],
        ["${api}/auth/code", "${api}/auth"],
      ]);
      const page = await (await world.newPage(PlainPage)).open({ name: "other" });
      const { status, refused, session } = await page.run(
        async (recipe, name, user, wrong, code) => {
          const { signIn, [name]: confirm } = await import(recipe);
          const { ticket, status } = await signIn(user.username, user.password);
          const refused = await confirm(ticket, wrong).then(
            () => "signed in",
            (error) => error.code ?? error.message,
          );
          return { status, refused, session: await confirm(ticket, code) };
        },
        recipe,
        name,
        world.user,
        authenticator.wrongCode(),
        authenticator.code(),
      );
      assert.equal(status, undefined, "no session after the password");
      assert.equal(refused, name === "confirm" ? "sign_in_rejected" : "The code is wrong, or too old.");
      assert.equal(session.status, "signed-in");
      assert.equal(session.claims.sub, world.user.username);
    });
  }
});

/** Gives the test's user a second factor, and lets the server ask for it. */
async function enroll(world, { isAsked = true } = {}) {
  const authenticator = new Authenticator();
  await world.server.addUser({ ...world.user, totpSecret: authenticator.secret });
  await world.server.policy({ secondFactor: isAsked });
  return authenticator;
}

async function confirm(page, code) {
  await page.type("code", code);
  await page.click("confirm");
}

/** Runs in the page: what the server said stays there, for the next step. */
async function firstStep({ username, password }) {
  try {
    return await window.hallpassDemo.auth.signIn({ username, password, permanent: true });
  } catch (error) {
    window.answer = error.answer;
    throw error;
  }
}

/** Runs in the page. */
function secondStep(code) {
  return window.hallpassDemo.auth.signIn({ ticket: window.answer.ticket, code });
}
