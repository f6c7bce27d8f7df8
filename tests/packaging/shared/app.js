/**
 * The application of every project without a framework: signs in, asks who it is, signs out. What it shows is
 * what the tests read. It is given `createAuth`, so that each project imports the package in its own way.
 */
export function startApp(createAuth) {
  const auth = createAuth(OPTIONS);
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

  button("sign-in", () => auth.signIn(CREDENTIALS));
  button("refresh", () => auth.refresh());
  button("sign-out", () => auth.signOut());
  button("who", async () => {
    const answer = await auth.fetch("/api/me");
    name.textContent = answer.ok ? (await answer.json()).username : String(answer.status);
  });
  return auth;
}

/** The reference server, behind the page's own origin. */
export const OPTIONS = { signIn: "/api/auth", refresh: "/api/token", signOut: "/api/token/reject" };
export const CREDENTIALS = { username: "demo", password: "correct horse battery staple", permanent: true };

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
