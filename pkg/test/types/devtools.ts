// The developer panel, used as an application uses it. Compiled by types.test.ts, never run.

import { createAuth } from "hallpass";
import { defineDevtools, mountDevtools, type DevtoolsElement } from "hallpass/devtools";

interface Claims {
  sub: string;
}

const auth = createAuth<Claims>();

const unmount: () => void = mountDevtools(auth);
unmount();
mountDevtools(auth, { parent: document.body, open: true });

defineDevtools();
const element: DevtoolsElement = document.createElement("hallpass-devtools");
element.auth = auth;
element.open = true;

// @ts-expect-error the auth is missing
mountDevtools();
// @ts-expect-error no such option
mountDevtools(auth, { token: "" });
