// What the applications show: a sign-in, then the user's name with two buttons. How the session is kept is not seen here.

import { login, logout, onSignedOut, profile, start } from "app";

const body = document.body;

function button(name: string, onclick: () => unknown): HTMLButtonElement {
  return Object.assign(document.createElement("button"), { id: name, textContent: name, onclick });
}

function showSignIn(said = ""): void {
  const form = document.createElement("form");
  form.innerHTML = '<input name="name"><input name="password" type="password"><button id="sign-in">Sign in</button><output></output>';
  form.querySelector("output")!.textContent = said;
  form.onsubmit = (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    login(String(fields.get("name")), String(fields.get("password"))).then(showProfile, () => {
      showSignIn("That did not work.");
    });
  };
  body.replaceChildren(form);
}

async function showProfile(): Promise<void> {
  try {
    const name = Object.assign(document.createElement("h1"), { textContent: await profile() });
    body.replaceChildren(name, button("again", showProfile), button("sign-out", logout));
  } catch {
    // Signed out meanwhile: the sign-in is shown already.
  }
}

onSignedOut(() => {
  showSignIn();
});
if (await start()) await showProfile();
else showSignIn();
