// The Capacitor adapter with the real plugins' types. Compiled by types.test.ts, never run.

import { App } from "@capacitor/app";
import { Preferences } from "@capacitor/preferences";
import { createAuth, type AuthError, type RedirectResult } from "hallpass";
import { attachCapacitor, preferencesStorage } from "hallpass/capacitor";

interface Claims {
  sub: string;
}

const auth = createAuth<Claims>({
  origins: ["https://api.example.com"],
  storage: preferencesStorage(Preferences),
  redirect: { url: "https://api.example.com/login", callbackUrl: "com.example.app://signed-in" },
});

export const detach: () => void = attachCapacitor(auth, {
  App,
  onResult: (result: RedirectResult<Claims>) => {
    history.replaceState(null, "", result.returnTo);
  },
  onError: (error) => {
    console.error((error as AuthError).code);
  },
});

// @ts-expect-error where to go is missing
attachCapacitor(auth, { App });
// @ts-expect-error that is no plugin
attachCapacitor(auth, { App: Preferences, onResult: () => undefined });
