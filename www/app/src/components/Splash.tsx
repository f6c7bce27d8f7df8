import { IonSpinner } from "@ionic/react";
import type { ReactElement } from "react";
import "./Splash.css";

/** Shown until the session is known. Where the package's core cannot start that is never: nothing spins then. */
export function Splash({ failed }: { failed: boolean }): ReactElement {
  return (
    <main className="splash" data-testid="loading" data-failed={failed}>
      {failed ? (
        <p>This page cannot work without its session.</p>
      ) : (
        <IonSpinner name="crescent" aria-label="Loading the session" />
      )}
    </main>
  );
}
