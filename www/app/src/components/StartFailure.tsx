import { IonButton, IonIcon } from "@ionic/react";
import { closeOutline } from "ionicons/icons";
import { type ReactElement, useState } from "react";
import type { Failure } from "../failure";
import { useChangeLog } from "../hooks/useChangeLog";
import { FailureNote } from "./FailureNote";
import "./StartFailure.css";

/** What went wrong when a redirect sign-in was finished: until it is closed, or a sign-in works. */
export function StartFailure({ failure }: { failure: Failure | null }): ReactElement | null {
  const [closed, setClosed] = useState(false);
  const over = useChangeLog().some(({ change }) => change.type === "signed-in");
  if (failure === null || closed || over) return null;
  return (
    <div className="start-failure">
      <FailureNote failure={failure} name="start-failure" />
      <IonButton
        fill="clear"
        size="small"
        aria-label="Close this message"
        onClick={() => {
          setClosed(true);
        }}
        data-testid="close-start-failure"
      >
        <IonIcon slot="icon-only" icon={closeOutline} aria-hidden="true" />
      </IonButton>
    </div>
  );
}
