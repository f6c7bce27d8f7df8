import { IonButton, IonInput } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { type ReactElement, type SyntheticEvent, useCallback, useEffect, useRef, useState } from "react";
import type { DemoClaims } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import { describeFailure, type Failure } from "../../failure";
import { useTask } from "../../hooks/useTask";
import { DEMO } from "./demoAccount";
import { isTicketGone } from "./ticket";

interface CodeFormProps {
  ticket: string;
  /** The user gave up, or the ticket is good for nothing any more. */
  onStartOver: (failure: Failure | null) => void;
}

/** The second step: the code that the user's authenticator app shows. */
export function CodeForm({ ticket, onStartOver }: CodeFormProps): ReactElement {
  const auth = useAuth<DemoClaims>();
  const [code, setCode] = useState("");
  const input = useRef<HTMLIonInputElement>(null);

  useEffect(() => {
    void input.current?.getInputElement().then((element) => {
      element.focus();
    });
  }, []);

  const { run, busy, failure } = useTask(
    useCallback(async () => {
      try {
        // The server remembers what was asked for with the password.
        await auth.signIn({ ticket, code });
      } catch (error) {
        if (!isTicketGone(error)) throw error;
        onStartOver(TICKET_GONE);
      }
    }, [auth, ticket, code, onStartOver]),
    describeCode,
  );

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void run();
  };

  return (
    <form className="password-form" onSubmit={submit} data-testid="code-form">
      <p className="code-words">Your password is right. Now the code that your authenticator app shows.</p>
      <IonInput
        ref={input}
        label="Code"
        labelPlacement="stacked"
        fill="outline"
        name="code"
        inputmode="numeric"
        autocomplete="one-time-code"
        required
        value={code}
        onIonInput={(event) => {
          setCode(event.detail.value ?? "");
        }}
        data-testid="code"
      />
      <FailureNote failure={failure} />
      <IonButton type="submit" expand="block" disabled={busy} data-testid="confirm">
        {busy ? "Signing in …" : "Sign in"}
      </IonButton>
      <IonButton
        type="button"
        fill="clear"
        expand="block"
        onClick={() => {
          onStartOver(null);
        }}
        data-testid="start-over"
      >
        Start over
      </IonButton>
      <div className="demo-account">
        <p>
          Demo account: its key for an authenticator app is
          <br />
          <code>{groups(DEMO.totpSecret)}</code>
        </p>
      </div>
    </form>
  );
}

const TICKET_GONE: Failure = {
  code: "expired_token",
  message: "That took too long, or too many codes were wrong. Please sign in again.",
  retryable: false,
};

function describeCode(error: unknown): Failure {
  const failure = describeFailure(error);
  return failure.code === "sign_in_rejected" ? { ...failure, message: "This code is wrong, or was used before." } : failure;
}

/** In fours, as apps show it. */
function groups(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, "$& ");
}
