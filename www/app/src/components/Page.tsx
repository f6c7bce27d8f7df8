import { IonContent, IonPage } from "@ionic/react";
import type { ReactElement, ReactNode } from "react";
import "./Page.css";

interface PageProps {
  title: string;
  /** One sentence on what this page shows. */
  intro: string;
  name: string;
  wide?: boolean;
  children: ReactNode;
}

/** A page among the tabs. */
export function Page({ title, intro, name, wide = false, children }: PageProps): ReactElement {
  return (
    <IonPage data-testid={`page-${name}`}>
      <IonContent>
        <main className={wide ? "page page-wide" : "page"}>
          <div className="page-head">
            <h1>{title}</h1>
            <p>{intro}</p>
          </div>
          {children}
        </main>
      </IonContent>
    </IonPage>
  );
}
