import { App as NativeApp } from "@capacitor/app";
import { setupIonicReact } from "@ionic/react";
import { attachCapacitor } from "hallpass/capacitor";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { auth } from "./auth";
import { describeCallback, type Failure } from "./failure";
import { createAppHistory, routeOf } from "./history";
import { settingsQuery } from "./query";
import { isNative } from "./shell";

import "@ionic/react/css/core.css";
import "@ionic/react/css/normalize.css";
import "@ionic/react/css/structure.css";
import "@ionic/react/css/typography.css";
import "@ionic/react/css/palettes/dark.system.css";
import "./theme/variables.css";
import "./theme/base.css";

setupIonicReact({ mode: "md" });

await start();

/** Finishes a redirect sign-in first, so that no router ever sees a URL with a token in it. */
async function start(): Promise<void> {
  let returnTo: string | null = null;
  let failure: Failure | null = null;
  try {
    const result = await auth.completeRedirect();
    returnTo = result?.returnTo ?? null;
  } catch (error) {
    failure = describeCallback(error);
  }
  const history = createAppHistory(settingsQuery);
  if (returnTo !== null) history.replace(routeOf(returnTo));
  else if (history.location.search !== settingsQuery) history.replace(history.location);

  const element = document.getElementById("root");
  if (element === null) throw new Error("index.html has no #root");
  const root = createRoot(element);
  const show = (startFailure: Failure | null): void => {
    root.render(
      <StrictMode>
        <App history={history} startFailure={startFailure} />
      </StrictMode>,
    );
  };
  show(failure);

  if (isNative) {
    attachCapacitor(auth, {
      App: NativeApp,
      onResult: (result) => {
        history.replace(routeOf(result.returnTo));
      },
      onError: (error) => {
        show(describeCallback(error));
      },
    });
  }
}
