// As the tutorials for this server do it by hand: a user in localStorage, the header by an interceptor, and one that renews the
// token at a 401 and sends the request once more.

import axios, { type InternalAxiosRequestConfig } from "axios";

interface User {
  accessToken: string;
  refreshToken: string;
}

const client = axios.create({ baseURL: "https://api.example.com/api" });
let signedOut = () => {};
let renewing: Promise<string> | undefined;

function read(): User | null {
  return JSON.parse(localStorage.getItem("user") ?? "null") as User | null;
}
function write(user: User) {
  localStorage.setItem("user", JSON.stringify(user));
}

client.interceptors.request.use((config) => {
  const user = read();
  if (user !== null) config.headers["x-access-token"] = user.accessToken;
  return config;
});
client.interceptors.response.use(undefined, async (error) => {
  if (!axios.isAxiosError(error) || error.config === undefined) throw error;
  const config: InternalAxiosRequestConfig & { isReplay?: boolean } = error.config;
  const isOfSession = read() !== null && !config.url?.startsWith("/auth/");
  if (error.response?.status !== 401 || !isOfSession || config.isReplay === true) throw error;
  config.isReplay = true;
  try {
    // One for all requests that are refused at once.
    renewing ??= renew().finally(() => (renewing = undefined));
    await renewing;
  } catch (cause) {
    logout();
    throw cause;
  }
  return client(config);
});

async function renew() {
  const user = read();
  if (user === null) throw new Error("signed out");
  const { data } = await client.post<User>("/auth/refreshtoken", { refreshToken: user.refreshToken });
  write({ ...user, accessToken: data.accessToken });
  return data.accessToken;
}

export function logout() {
  localStorage.removeItem("user");
  signedOut();
}

export async function start() {
  return read() !== null;
}

export async function login(username: string, password: string) {
  const { data } = await client.post<User>("/auth/signin", { username, password });
  write(data);
}

export function onSignedOut(listener: () => void) {
  signedOut = listener;
}

window.addEventListener("storage", ({ key, newValue }) => {
  if (key === "user" && newValue === null) signedOut();
});

// What the application does anyway.
export async function profile() {
  const { data } = await client.get<{ username: string }>("/test/user");
  return data.username;
}
