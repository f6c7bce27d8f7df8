/** The page of all applications: it shows who is signed in, and has three buttons. What they do is each one's own. */

export const ORDERS = "https://api.example.com/orders";

/** `orders` resolves with the API's answer. */
export function onClicks({ signIn, signOut, orders }) {
  on("sign-in", signIn);
  on("sign-out", signOut);
  on("orders", async () => {
    show("answer", "");
    show("answer", await orders().then(({ status }) => String(status), (error) => `failed: ${error.message}`));
  });
}

/** The user's name; without one nobody is signed in. */
export function showUser(name) {
  show("user", name ?? "nobody");
}

function on(id, action) {
  document.querySelector(`#${id}`).addEventListener("click", action);
}

function show(id, text) {
  document.querySelector(`#${id}`).textContent = text;
}
