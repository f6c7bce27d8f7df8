import { useSession } from "hallpass/react";
import type { ReactElement } from "react";
import type { DemoClaims } from "../../auth";
import { ChangeLog } from "../../components/ChangeLog";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { ClaimsTable } from "./ClaimsTable";
import { PassCard } from "./PassCard";
import { Rename } from "./Rename";
import "./SessionPage.css";

export function SessionPage(): ReactElement | null {
  const session = useSession<DemoClaims>();
  if (session.status !== "signed-in") return null;
  return (
    <Page name="session" title="Session" intro="The life of your access token, as it happens.">
      <PassCard session={session} />
      <div className="session-columns">
        <Panel title="Claims" aside={<span className="aside">read, not verified</span>}>
          <ClaimsTable claims={session.claims} />
        </Panel>
        <div className="session-stack">
          <Panel title="Display name">
            <Rename current={session.claims?.name ?? ""} />
          </Panel>
          <Panel title="Changes">
            <ChangeLog />
          </Panel>
        </div>
      </div>
    </Page>
  );
}
