import { type ReactElement, useState } from "react";
import type { Failure } from "../../failure";
import { CodeForm } from "./CodeForm";
import { PasswordForm } from "./PasswordForm";
import { RedirectSignIn } from "./RedirectSignIn";

/** Where the sign-in is. The ticket is kept here and nowhere else: a reload begins anew. */
type Step = { readonly name: "password"; readonly failure: Failure | null } | { readonly name: "code"; readonly ticket: string };

/** The password, and then a code where the server asks for one. */
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
      <PasswordForm
        startFailure={step.failure}
        onTicket={(ticket) => {
          setStep({ name: "code", ticket });
        }}
      />
      <RedirectSignIn />
    </>
  );
}
