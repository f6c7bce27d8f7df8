import { IonButton, IonInput } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { type ReactElement, type SyntheticEvent, useCallback, useState } from "react";
import { rename } from "../../api";
import type { DemoClaims } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import { useTask } from "../../hooks/useTask";
import "./Rename.css";

/** Changes a claim: first at the server, then, by a refresh, in the token. */
export function Rename({ current }: { current: string }): ReactElement {
  const auth = useAuth<DemoClaims>();
  const [name, setName] = useState("");
  const { run, busy, failure } = useTask(
    useCallback(
      async (wanted: string) => {
        await rename(wanted);
        await auth.refresh();
        setName("");
      },
      [auth],
    ),
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (name.trim() !== "") void run(name.trim());
  };
  return (
    <form className="rename" onSubmit={submit}>
      <p>Saved at the server first. The token carries it after a refresh, without signing out.</p>
      <div className="rename-row">
        <IonInput
          aria-label="New display name"
          fill="outline"
          placeholder={current}
          autocomplete="off"
          maxlength={60}
          value={name}
          onIonInput={(event) => {
            setName(event.detail.value ?? "");
          }}
          data-testid="new-name"
        />
        <IonButton type="submit" disabled={busy || name.trim() === ""} data-testid="rename">
          {busy ? "Saving …" : "Save"}
        </IonButton>
      </div>
      <FailureNote failure={failure} />
    </form>
  );
}
