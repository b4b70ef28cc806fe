// The frame of a panel and its states (live.md section 11): loading, waiting, empty with words, error, stale with age.

import type { ReactNode } from "react";
import { span } from "../money/show.ts";
import { type Age, ageText, FRESH } from "../picture/freshness.ts";
import { useNow, usePicture } from "../picture/use.ts";

interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly aside?: ReactNode;
  readonly age?: Age;
  readonly className?: string;
  /** Padding around the body: off for tables and charts. */
  readonly pad?: boolean;
}

const watched = (body: HTMLDivElement | null): (() => void) | undefined =>
  body === null ? undefined : keepScrollable(body);

/** A part that scrolls and holds nothing to focus takes the focus itself, so that arrow keys can scroll it. */
function keepScrollable(body: HTMLDivElement): () => void {
  const look = (): void => {
    const scrolls = body.scrollWidth > body.clientWidth || body.scrollHeight > body.clientHeight;
    const alone = body.querySelector("a, button, input, select, textarea") === null;
    if (scrolls && alone) body.tabIndex = 0;
    else body.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver(look);
  watch.observe(body);
  const inner = new MutationObserver(look);
  inner.observe(body, { childList: true });
  look();
  return () => {
    watch.disconnect();
    inner.disconnect();
  };
}

export function Panel({ title, children, aside, age = FRESH, className = "", pad = false }: PanelProps): ReactNode {
  const name = title.toLowerCase().replaceAll(/\W+/g, "-");
  return (
    <section className={`panel ${className}`} aria-labelledby={`panel-${name}`} data-panel={name}>
      <header className="panel-head">
        <h2 id={`panel-${name}`}>{title}</h2>
        {age.stale && (
          <span className="age">
            {ageText(age)} · {age.feed}
          </span>
        )}
        {aside !== undefined && <div className="aside">{aside}</div>}
      </header>
      <div ref={watched} className={`panel-body${pad ? " pad" : ""}${age.stale ? " stale" : ""}`}>
        {children}
      </div>
    </section>
  );
}

/** The layout's bones while the first values come; after 3 s it says what is waited for. */
export function Loading({ lines = 5, source }: { readonly lines?: number; readonly source: string }): ReactNode {
  const now = useNow();
  const since = usePicture((picture) => picture.link.since);
  const waited = now - since;
  return (
    <div className="skeleton" aria-busy="true">
      {waited > 3000 && (
        <p>
          waiting for {source}, {span(waited)}
        </p>
      )}
      {Array.from({ length: lines }, (_, line) => `bone-${line}`).map((bone) => (
        <span key={bone} />
      ))}
    </div>
  );
}

export const Empty = ({ children }: { readonly children: ReactNode }): ReactNode => <p className="empty">{children}</p>;

interface FaultProps {
  readonly what: string;
  readonly next: string;
  readonly retry?: () => void;
}

/** What failed, what is tried next, and "try now". */
export function Fault({ what, next, retry }: FaultProps): ReactNode {
  return (
    <div className="fault" role="alert">
      <p>
        <b>{what}</b> {next}
      </p>
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          try now
        </button>
      )}
    </div>
  );
}
