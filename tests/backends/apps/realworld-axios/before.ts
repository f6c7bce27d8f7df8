// The same with axios: two interceptors; this server says 403 to a token that is no good.

import axios from "axios";

const client = axios.create({ baseURL: "https://api.example.com/api" });
let token: string | null = null;
let signedOut = () => {};

client.interceptors.request.use((config) => {
  if (token !== null) config.headers.Authorization = `Token ${token}`;
  return config;
});
client.interceptors.response.use(undefined, (error) => {
  const status = axios.isAxiosError(error) ? error.response?.status : undefined;
  if ((status === 401 || status === 403) && token !== null) logout();
  throw error;
});

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
  const { data } = await client.post<{ user: { token: string } }>("/users/login", { user: { email, password } });
  token = data.user.token;
  localStorage.setItem("jwt", token);
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
  const { data } = await client.get<{ user: { username: string } }>("/user");
  return data.user.username;
}
