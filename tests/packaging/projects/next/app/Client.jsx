"use client";

import { createAuth } from "hallpass";
import { AuthProvider } from "hallpass/react";
import { OPTIONS } from "../shared/app.js";
import { ReactApp } from "../shared/ReactApp.jsx";

const auth = createAuth(OPTIONS);

export function Client() {
  return (
    <AuthProvider auth={auth}>
      <ReactApp />
    </AuthProvider>
  );
}
