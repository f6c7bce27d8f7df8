import { IonIcon } from "@ionic/react";
import { mountDevtools } from "hallpass/devtools";
import { codeSlashOutline } from "ionicons/icons";
import { type ReactElement, useEffect, useState } from "react";
import { auth, settings } from "../auth";
import "./DevtoolsButton.css";

/**
 * Puts the package's developer panel on the page, and takes it away. An application for real users would mount it in
 * development only.
 */
export function DevtoolsButton(): ReactElement {
  const [shown, setShown] = useState(settings.devtools);
  useEffect(() => (shown ? mountDevtools(auth) : undefined), [shown]);
  return (
    <button
      type="button"
      className="devtools-button"
      aria-label="Developer panel"
      aria-pressed={shown}
      title="Developer panel"
      data-testid="devtools"
      onClick={() => {
        setShown(!shown);
      }}
    >
      <IonIcon icon={codeSlashOutline} aria-hidden="true" />
    </button>
  );
}
