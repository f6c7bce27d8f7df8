import { createAuth } from "hallpass";
import { AuthProvider } from "hallpass/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { OPTIONS } from "../shared/app.js";
import { ReactApp } from "../shared/ReactApp.jsx";

const auth = createAuth(OPTIONS);

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <ReactApp />
    </AuthProvider>
  </StrictMode>,
);
