import axios from "axios";
import { createAuth } from "hallpass";
import { attachAxios } from "hallpass/axios";

const api = "https://api.example.com/api";
const auth = createAuth({
  origins: ["https://api.example.com"],
  header: { name: "x-access-token", scheme: "" },
  storage: "local",
  tabs: "shared",
  signIn: `${api}/auth/signin`,
  refresh: { url: `${api}/auth/refreshtoken`, refreshTokenField: "refreshToken" },
});
const client = axios.create({ baseURL: api });
attachAxios(client, auth);

export const start = async () => (await auth.ready).status === "signed-in";
export const login = (username: string, password: string) => auth.signIn({ username, password });
export const logout = auth.signOut;
export const onSignedOut = (listener: () => void) => auth.subscribe((session) => session.status === "signed-out" && listener());

// What the application does anyway.
export async function profile() {
  const { data } = await client.get<{ username: string }>("/test/user");
  return data.username;
}
