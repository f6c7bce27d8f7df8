import { IonIcon } from "@ionic/react";
import type { ReactElement } from "react";
import "./EmptyState.css";

/** Says what will be here, where nothing is yet. */
export function EmptyState({ icon, text }: { icon: string; text: string }): ReactElement {
  return (
    <p className="empty">
      <IonIcon icon={icon} aria-hidden="true" />
      {text}
    </p>
  );
}
