/* The package in a worker: no window, no document, no sessionStorage. Says what it saw. */
const answer = async ({ options, credentials }) => {
  const { createAuth, decodeToken } = await import("/e2e-package/index.js");
  const auth = createAuth(options);
  const first = (await auth.ready).status;
  await auth.signIn(credentials);
  await auth.refresh();
  const { claims } = decodeToken(await auth.token());
  const response = await auth.fetch(new URL("/me", options.origins[0]));
  const { username } = await response.json();
  await auth.signOut();
  const last = auth.session;
  auth.close();
  return { first, hasClaims: claims.sub !== undefined, status: response.status, username, last };
};

addEventListener("message", ({ data }) => {
  answer(data).then(postMessage, ({ name, code, message }) => postMessage({ error: { name, code, message } }));
});
