import { type ReactElement, useState } from "react";
import { settings } from "../../auth";
import type { Failure } from "../../failure";
import { CodeForm } from "./CodeForm";
import { PasswordForm } from "./PasswordForm";
import { RedirectSignIn } from "./RedirectSignIn";
import { WaySwitch } from "./WaySwitch";

/** Where the sign-in is. The ticket is kept here and nowhere else: a reload begins anew. */
type Step = { readonly name: "password"; readonly failure: Failure | null } | { readonly name: "code"; readonly ticket: string };

/** The password, and then a code where the server asks for one; or the server's own page. */
export function SignInForm(): ReactElement {
  const [step, setStep] = useState<Step>({ name: "password", failure: null });
  if (step.name === "code") {
    return (
      <CodeForm
        ticket={step.ticket}
        onStartOver={(failure) => {
          setStep({ name: "password", failure });
        }}
      />
    );
  }
  return (
    <>
      <WaySwitch />
      {settings.signIn === "password" ? (
        <PasswordForm
          startFailure={step.failure}
          onTicket={(ticket) => {
            setStep({ name: "code", ticket });
          }}
        />
      ) : (
        <RedirectSignIn />
      )}
    </>
  );
}
