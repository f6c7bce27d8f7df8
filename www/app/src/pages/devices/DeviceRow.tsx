import { IonButton, IonIcon } from "@ionic/react";
import { laptopOutline, phonePortraitOutline } from "ionicons/icons";
import { type ReactElement, useCallback } from "react";
import { type Device, signOutDevice } from "../../api";
import { FailureNote } from "../../components/FailureNote";
import { useTask } from "../../hooks/useTask";
import { dateTime } from "../../time";
import { deviceName, isPhone } from "./deviceName";

interface DeviceRowProps {
  device: Device;
  onGone: () => Promise<void>;
}

export function DeviceRow({ device, onGone }: DeviceRowProps): ReactElement {
  const { run, busy, failure } = useTask(
    useCallback(async () => {
      await signOutDevice(device.id);
      await onGone();
    }, [device.id, onGone]),
  );
  const name = deviceName(device.userAgent);
  return (
    <li className="device" data-testid="device" data-id={device.id} data-current={device.current}>
      <IonIcon className="device-icon" icon={isPhone(device.userAgent) ? phonePortraitOutline : laptopOutline} aria-hidden="true" />
      <div className="device-words">
        <h3>
          {name}
          {device.current && <span className="device-here">this device</span>}
        </h3>
        {device.createdAt !== null && <p>Signed in {dateTime(device.createdAt)}</p>}
        {device.lastSeenAt !== null && <p>Last seen {dateTime(device.lastSeenAt)}</p>}
        <FailureNote failure={failure} />
      </div>
      <IonButton
        size="small"
        fill="outline"
        color="danger"
        disabled={busy}
        aria-label={`Sign out ${name}`}
        onClick={() => void run()}
        data-testid="sign-out-device"
      >
        Sign out
      </IonButton>
    </li>
  );
}
