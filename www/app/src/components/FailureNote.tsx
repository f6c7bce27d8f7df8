import { IonIcon } from "@ionic/react";
import { alertCircleOutline } from "ionicons/icons";
import type { ReactElement } from "react";
import type { Failure } from "../failure";
import "./FailureNote.css";

interface FailureNoteProps {
  failure: Failure | null;
  /** For tests. */
  name?: string;
}

/** What went wrong, said at once to screen readers too. */
export function FailureNote({ failure, name = "failure" }: FailureNoteProps): ReactElement | null {
  if (failure === null) return null;
  return (
    <p className="failure" role="alert" data-testid={name} data-code={failure.code} data-retryable={failure.retryable}>
      <IonIcon icon={alertCircleOutline} aria-hidden="true" />
      <span>
        {failure.message} <code>{failure.code}</code>
      </span>
    </p>
  );
}
