import { IonSegment, IonSegmentButton } from "@ionic/react";
import type { ReactElement } from "react";
import { settings } from "../../auth";
import type { SignInWay } from "../../settings";
import { isNative } from "../../shell";

/** How to sign in. Each way is a session manager of its own, so the page is loaded anew. */
export function WaySwitch(): ReactElement {
  return (
    <div className="ways">
      <IonSegment
        value={settings.signIn}
        onIonChange={(event) => {
          const url = new URL(location.href);
          url.searchParams.set("signIn", String(event.detail.value));
          location.assign(url);
        }}
        aria-label="How to sign in"
        data-testid="ways"
      >
        {WAYS.map(([way, label]) => (
          <IonSegmentButton key={way} value={way} data-testid={`way-${way}`}>
            {label}
          </IonSegmentButton>
        ))}
      </IonSegment>
    </div>
  );
}

const ALL: readonly [SignInWay, string][] = [
  ["password", "Password"],
  ["code", "Provider"],
  ["hash", "Login page"],
];

/** The reference server's provider leads back to web pages only. */
const WAYS = ALL.filter(([way]) => way !== "code" || !isNative);
