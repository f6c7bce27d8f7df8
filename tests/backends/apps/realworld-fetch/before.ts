// As RealWorld's front ends do it by hand: a variable, localStorage, the header on each request, out on a 401.

const api = "https://api.example.com/api";
let token: string | null = null;
let signedOut = () => {};

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const sent = token;
  if (sent !== null) headers.set("Authorization", `Token ${sent}`);
  const response = await fetch(api + path, { ...init, headers });
  if (response.status === 401 && sent !== null) logout();
  return response;
}

export function logout() {
  token = null;
  localStorage.removeItem("jwt");
  signedOut();
}

export async function start() {
  token = localStorage.getItem("jwt");
  return token !== null;
}

export async function login(email: string, password: string) {
  const headers = { "Content-Type": "application/json" };
  const response = await send("/users/login", { method: "POST", headers, body: JSON.stringify({ user: { email, password } }) });
  if (!response.ok) throw new Error(String(response.status));
  const { user } = (await response.json()) as { user: { token: string } };
  token = user.token;
  localStorage.setItem("jwt", user.token);
}

export function onSignedOut(listener: () => void) {
  signedOut = listener;
}

window.addEventListener("storage", ({ key, newValue }) => {
  if (key !== "jwt") return;
  token = newValue;
  if (newValue === null) signedOut();
});

// What the application does anyway.
export async function profile() {
  const response = await send("/user");
  if (!response.ok) throw new Error(String(response.status));
  return ((await response.json()) as { user: { username: string } }).user.username;
}
