import { AuthProvider } from "hallpass/react";
import { ReactApp } from "../shared/ReactApp.jsx";
import { auth } from "./auth.js";

export function Root() {
  return (
    <AuthProvider auth={auth}>
      <ReactApp />
    </AuthProvider>
  );
}
