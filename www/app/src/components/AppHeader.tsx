import { IonHeader, IonToolbar } from "@ionic/react";
import type { ReactElement } from "react";
import { DevtoolsButton } from "./DevtoolsButton";
import { Logo } from "./Logo";
import { StatusChip } from "./StatusChip";
import "./AppHeader.css";

export function AppHeader(): ReactElement {
  return (
    <IonHeader className="app-header">
      <IonToolbar>
        <div className="app-header-row">
          <Logo />
          <span className="app-name">hallpass</span>
          <StatusChip />
          <DevtoolsButton />
        </div>
      </IonToolbar>
    </IonHeader>
  );
}
