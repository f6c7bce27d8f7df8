import { IonButton, useIonViewWillEnter } from "@ionic/react";
import { laptopOutline } from "ionicons/icons";
import { type ReactElement, useCallback, useState } from "react";
import { type Device, listDevices } from "../../api";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { useTask } from "../../hooks/useTask";
import { DeviceRow } from "./DeviceRow";
import "./DevicesPage.css";

export function DevicesPage(): ReactElement {
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const { run: load, busy, failure } = useTask(
    useCallback(async () => {
      setDevices(await listDevices());
    }, []),
  );
  // Every time the page comes to the front: it stays mounted while other tabs are on show.
  useIonViewWillEnter(() => {
    void load();
  }, [load]);

  return (
    <Page name="devices" title="Devices" intro="Everywhere this account is signed in. Any of them can be signed out from here.">
      <Panel
        title="Signed in"
        aside={
          <IonButton size="small" fill="clear" disabled={busy} onClick={() => void load()} data-testid="reload-devices">
            Reload
          </IonButton>
        }
      >
        <FailureNote failure={failure} />
        {devices.length === 0 ? (
          <EmptyState icon={laptopOutline} text={busy ? "Asking the server …" : "No device to show."} />
        ) : (
          <ul className="devices" data-testid="devices">
            {devices.map((device) => (
              <DeviceRow key={device.id} device={device} onGone={load} />
            ))}
          </ul>
        )}
      </Panel>
    </Page>
  );
}
