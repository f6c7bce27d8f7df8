import { IonButton, IonCheckbox, IonInput, IonInputPasswordToggle } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { type ReactElement, type SyntheticEvent, useCallback, useState } from "react";
import { type DemoClaims, settings } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import type { Failure } from "../../failure";
import { useTask } from "../../hooks/useTask";
import { DEMO } from "./demoAccount";
import { ticketOf } from "./ticket";

interface PasswordFormProps {
  /** Why the sign-in begins anew. */
  startFailure: Failure | null;
  /** The password was right, and the server wants a second factor. */
  onTicket: (ticket: string) => void;
}

export function PasswordForm({ startFailure, onTicket }: PasswordFormProps): ReactElement {
  const auth = useAuth<DemoClaims>();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [keep, setKeep] = useState(true);

  const { run, busy, failure } = useTask(
    useCallback(async () => {
      try {
        // "Keep me signed in" asks the server for a refresh token, in the answer's body or in a cookie.
        await auth.signIn({ username, password, ...(keep ? { permanent: true, carrier: carrier() } : {}) });
      } catch (error) {
        const ticket = ticketOf(error);
        if (ticket === null) throw error;
        onTicket(ticket);
      }
    }, [auth, username, password, keep, onTicket]),
  );

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void run();
  };

  return (
    <form className="password-form" onSubmit={submit}>
      <IonInput
        label="User name"
        labelPlacement="stacked"
        fill="outline"
        name="username"
        autocomplete="username"
        autocapitalize="off"
        required
        value={username}
        onIonInput={(event) => {
          setUsername(event.detail.value ?? "");
        }}
        data-testid="username"
      />
      <IonInput
        label="Password"
        labelPlacement="stacked"
        fill="outline"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        value={password}
        onIonInput={(event) => {
          setPassword(event.detail.value ?? "");
        }}
        data-testid="password"
      >
        <IonInputPasswordToggle slot="end" color="medium" />
      </IonInput>
      <IonCheckbox
        justify="start"
        labelPlacement="end"
        checked={keep}
        onIonChange={(event) => {
          setKeep(event.detail.checked);
        }}
        data-testid="keep"
      >
        Keep me signed in
      </IonCheckbox>
      <FailureNote failure={failure ?? (busy ? null : startFailure)} />
      <IonButton type="submit" expand="block" disabled={busy} data-testid="sign-in">
        {busy ? "Signing in …" : "Sign in"}
      </IonButton>
      <div className="demo-account">
        <p>
          Demo account: <code>{DEMO.username}</code> with <code>{DEMO.password}</code>
        </p>
        <IonButton
          type="button"
          size="small"
          fill="clear"
          onClick={() => {
            setUsername(DEMO.username);
            setPassword(DEMO.password);
          }}
          data-testid="use-demo-account"
        >
          Fill it in
        </IonButton>
      </div>
    </form>
  );
}

function carrier(): "cookie" | "body" {
  return settings.refresh === "cookie" ? "cookie" : "body";
}
