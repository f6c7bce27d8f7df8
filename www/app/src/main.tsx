import { setupIonicReact } from "@ionic/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { auth } from "./auth";
import { describeFailure, type Failure } from "./failure";
import { createAppHistory } from "./history";

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
    failure = describeFailure(error);
  }
  const history = createAppHistory();
  if (returnTo !== null) history.replace(returnTo);

  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <App history={history} startFailure={failure} />
    </StrictMode>,
  );
}
