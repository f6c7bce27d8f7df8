import { createAuth } from "hallpass";

const auth = createAuth({
  origins: ["https://api.example.com"],
  header: { scheme: "Token" },
  storage: "local",
  tabs: "shared",
  signIn: "https://api.example.com/api/users/login",
});

export const start = async () => (await auth.ready).status === "signed-in";
export const login = (email: string, password: string) => auth.signIn({ user: { email, password } });
export const logout = auth.signOut;
export const onSignedOut = (listener: () => void) => auth.subscribe((session) => session.status === "signed-out" && listener());

// What the application does anyway.
export async function profile() {
  const response = await auth.fetch("https://api.example.com/api/user");
  if (!response.ok) throw new Error(String(response.status));
  return ((await response.json()) as { user: { username: string } }).user.username;
}
