import axios from "axios";
import { createAuth } from "hallpass";
import { attachAxios } from "hallpass/axios";

const auth = createAuth({
  origins: ["https://api.example.com"],
  header: { scheme: "Token" },
  unauthorized: ({ status }) => status === 401 || status === 403,
  storage: "local",
  tabs: "shared",
  signIn: "https://api.example.com/api/users/login",
});
const client = axios.create({ baseURL: "https://api.example.com/api" });
attachAxios(client, auth);

export const start = async () => (await auth.ready).status === "signed-in";
export const login = (email: string, password: string) => auth.signIn({ user: { email, password } });
export const logout = auth.signOut;
export const onSignedOut = (listener: () => void) => auth.subscribe((session) => session.status === "signed-out" && listener());

// What the application does anyway.
export async function profile() {
  const { data } = await client.get<{ user: { username: string } }>("/user");
  return data.user.username;
}
