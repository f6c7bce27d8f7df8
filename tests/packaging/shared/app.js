/**
 * The application of every project without a framework: signs in, asks who it is, signs out. What it shows is
 * what the tests read. It is given `createAuth` and `oidc`, so that each project imports the package in its own way.
 */
export function startApp(createAuth, oidc) {
  const auth = openAuth(createAuth, oidc);
  const status = shown("status");
  const changes = shown("changes");
  const name = shown("name");

  const show = () => (status.textContent = auth.session.status);
  auth.subscribe((session, change) => {
    show();
    changes.textContent += `${change.type} `;
  });
  // A first visit is no change.
  auth.ready.then(show, (error) => (status.textContent = `${error.code}: ${error.message}`));
  show();

  button("sign-in", () => signIn(auth));
  button("refresh", () => auth.refresh());
  button("sign-out", () => auth.signOut());
  button("who", async () => {
    const answer = await auth.fetch("/api/me");
    name.textContent = answer.ok ? (await answer.json()).username : String(answer.status);
  });
  return auth;
}

/** The reference server, behind the page's own origin. */
const OPTIONS = { signIn: "/api/auth", refresh: "/api/token", signOut: "/api/token/reject" };
const CREDENTIALS = { username: "demo", password: "correct horse battery staple", permanent: true };
/** Set by the test: the same server as a provider, on an origin of its own. */
const issuer = globalThis.ISSUER;

/** A session at the server's own endpoints, or at the provider that the test has set. */
export function openAuth(createAuth, oidc) {
  if (issuer === undefined) return createAuth(OPTIONS);
  const auth = createAuth({ provider: oidc({ issuer, clientId: "spa", scope: "openid offline_access" }) });
  auth.completeRedirect().catch((error) => console.error(error.code));
  return auth;
}

export function signIn(auth) {
  return issuer === undefined ? auth.signIn(CREDENTIALS) : auth.signInRedirect();
}

function shown(id) {
  const element = document.createElement("output");
  element.id = id;
  document.body.append(element);
  return element;
}

function button(id, action) {
  const element = document.createElement("button");
  element.id = id;
  element.textContent = id;
  element.onclick = () => void action();
  document.body.append(element);
}
