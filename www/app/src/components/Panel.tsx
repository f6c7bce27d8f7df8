import { type ReactElement, type ReactNode, useId } from "react";
import "./Panel.css";

interface PanelProps {
  title: string;
  /** Stands at the right of the title. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A titled box. */
export function Panel({ title, aside, className = "", children }: PanelProps): ReactElement {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
