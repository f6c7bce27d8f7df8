/** A session in a test's page: begun with tokens of the test's own, used, ended. `expect` as in Vitest and Jest. */
exports.session = async function session(createAuth, expect) {
  const auth = createAuth({ name: "test" });
  const heard = [];
  auth.subscribe((_session, change) => heard.push(change.type));
  expect(await auth.ready).toEqual({ status: "signed-out", reason: "never-signed-in" });
  // {"alg":"none"} {"sub":"ada","exp":4102444800}
  const accessToken = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.";
  await auth.accept({ accessToken });
  expect(auth.session.status).toBe("signed-in");
  expect(auth.session.claims.sub).toBe("ada");
  expect(await auth.token()).toBe(accessToken);
  expect(await auth.authorization(new URL("/me", location.href).href)).toBe(`Bearer ${accessToken}`);
  expect(await auth.authorization("https://elsewhere.example/")).toBe(null);
  await auth.signOut();
  expect(auth.session).toEqual({ status: "signed-out", reason: "user" });
  expect(heard).toEqual(["signed-out", "signed-in", "signed-out"]);
  auth.close();
};
