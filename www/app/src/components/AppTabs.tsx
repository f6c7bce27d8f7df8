import { IonIcon, IonLabel, IonRouterOutlet, IonTabBar, IonTabButton, IonTabs } from "@ionic/react";
import { hourglassOutline, laptopOutline, swapVerticalOutline } from "ionicons/icons";
import type { ReactElement } from "react";
import { Redirect, Route } from "react-router-dom";
import { useMedia } from "../hooks/useMedia";
import { DevicesPage } from "../pages/devices/DevicesPage";
import { RequestsPage } from "../pages/requests/RequestsPage";
import { SessionPage } from "../pages/session/SessionPage";
import "./AppTabs.css";

const TABS = [
  { path: "/session", label: "Session", icon: hourglassOutline },
  { path: "/requests", label: "Requests", icon: swapVerticalOutline },
  { path: "/devices", label: "Devices", icon: laptopOutline },
];

/** The pages for people who are signed in: tabs at the bottom of a phone, a rail at the side of a wide window. */
export function AppTabs(): ReactElement {
  const wide = useMedia("(min-width: 820px)");
  return (
    <IonTabs className="app-tabs">
      <IonRouterOutlet>
        <Route exact path="/session" component={SessionPage} />
        <Route exact path="/requests" component={RequestsPage} />
        <Route exact path="/devices" component={DevicesPage} />
        <Route render={() => <Redirect to="/session" />} />
      </IonRouterOutlet>
      <IonTabBar slot="bottom" aria-label="Pages">
        {TABS.map(({ path, label, icon }) => (
          <IonTabButton
            key={path}
            tab={label}
            href={path}
            layout={wide ? "icon-start" : "icon-top"}
            data-testid={`nav-${path.slice(1)}`}
          >
            <IonIcon icon={icon} aria-hidden="true" />
            <IonLabel>{label}</IonLabel>
          </IonTabButton>
        ))}
      </IonTabBar>
    </IonTabs>
  );
}
