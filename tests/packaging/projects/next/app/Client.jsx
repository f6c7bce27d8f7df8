"use client";

import { createAuth } from "hallpass";
import { oidc } from "hallpass/oidc";
import { AuthProvider } from "hallpass/react";
import { openAuth } from "../shared/app.js";
import { ReactApp } from "../shared/ReactApp.jsx";

const auth = openAuth(createAuth, oidc);

export function Client() {
  return (
    <AuthProvider auth={auth}>
      <ReactApp />
    </AuthProvider>
  );
}
