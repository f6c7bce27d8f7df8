import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";
import { AuthProvider } from "hallpass/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openAuth } from "../shared/app.js";
import { ReactApp } from "../shared/ReactApp.jsx";

const auth = openAuth(createAuth, oidc);

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <ReactApp />
    </AuthProvider>
  </StrictMode>,
);
