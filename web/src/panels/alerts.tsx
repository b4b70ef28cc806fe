// Alerts: what happened, what the system did, what to do. Repeats of one code are one entry with a count; seen is this
// browser's own mark and changes nothing.

import { type ReactNode, useMemo, useState } from "react";
import type { Alert, Severity } from "../../../src/live/messages.ts";
import { choose, currentChoices, useChoices } from "../choices.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { Time, Why } from "../parts/values.tsx";
import { usePicture } from "../picture/use.ts";

const SIGNS: Readonly<Record<Severity, string>> = { INFO: "○", WARNING: "△", ERROR: "◆", CRITICAL: "■" };
const SEEN_MAX = 500;
/** Alerts that are over, among the open ones. */
const OVER_SHOWN = 3;

interface Group {
  readonly newest: Alert;
  readonly count: number;
  readonly ids: readonly string[];
}

function grouped(alerts: readonly Alert[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const alert of alerts) {
    const key = `${alert.code} ${alert.bot} ${alert.resolvedAt > 0}`;
    const known = groups.get(key);
    groups.set(key, {
      newest: known?.newest ?? alert,
      count: (known?.count ?? 0) + 1,
      ids: [...(known?.ids ?? []), alert.id],
    });
  }
  return [...groups.values()];
}

/** What holds, and below it the newest few that are over, until they are marked as seen. */
function openAndJustOver(alerts: readonly Alert[], seen: readonly string[]): readonly Group[] {
  const open = grouped(alerts.filter(({ resolvedAt }) => resolvedAt <= 0));
  const over = grouped(alerts.filter(({ resolvedAt, id }) => resolvedAt > 0 && !seen.includes(id)));
  return [...open, ...over.toSorted((a, b) => b.newest.resolvedAt - a.newest.resolvedAt).slice(0, OVER_SHOWN)];
}

/** Alerts of WARNING and worse that are neither resolved nor marked as seen. */
export function useUnseen(): readonly Alert[] {
  const alerts = usePicture((picture) => picture.alerts);
  const { seen } = useChoices();
  return useMemo(
    () => alerts.filter((alert) => alert.severity !== "INFO" && alert.resolvedAt <= 0 && !seen.includes(alert.id)),
    [alerts, seen],
  );
}

export function AlertsPanel(): ReactNode {
  const alerts = usePicture((picture) => picture.alerts);
  const heard = usePicture((picture) => picture.receipts.has("alerts"));
  const { seen } = useChoices();
  const [show, setShow] = useState<"open" | "all">("open");
  const groups = useMemo(
    () => (show === "all" ? grouped(alerts) : openAndJustOver(alerts, seen)),
    [alerts, show, seen],
  );
  return (
    <Panel
      title="Alerts"
      aside={<Segments label="which alerts" choices={["open", "all"]} value={show} onChange={setShow} />}
    >
      {!heard ? (
        <Loading source="alerts" />
      ) : groups.length === 0 ? (
        <Empty>{show === "open" ? "No open alerts." : "No alerts yet."} They appear here with what to do.</Empty>
      ) : (
        groups.map((group) => (
          <AlertEntry key={group.newest.id} group={group} seen={group.ids.every((id) => seen.includes(id))} />
        ))
      )}
    </Panel>
  );
}

function AlertEntry({ group, seen }: { readonly group: Group; readonly seen: boolean }): ReactNode {
  const { newest, count, ids } = group;
  const isOver = newest.resolvedAt > 0;
  const bad = newest.severity === "CRITICAL" || newest.severity === "ERROR";
  const mark = (): void => choose({ seen: [...ids, ...currentChoices().seen].slice(0, SEEN_MAX) });
  return (
    <article className={`alert${seen || isOver ? " seen" : ""}`} data-alert={newest.id} data-over={isOver}>
      <header>
        <span className={bad && !seen && !isOver ? "sell" : ""}>
          {SIGNS[newest.severity]} {newest.severity.toLowerCase()}
        </span>
        <b>{newest.title}</b>
        {count > 1 && <span className="tag">× {count}</span>}
        {isOver && (
          <span className="tag good">
            ✓ over since <Time at={newest.resolvedAt} />
          </span>
        )}
        <span className="dim">
          {newest.bot} <Time at={newest.at} day />
        </span>
        {!seen && (
          <button type="button" className="plain" onClick={mark} style={{ marginLeft: "auto" }}>
            mark seen
          </button>
        )}
      </header>
      <p>{newest.text}</p>
      {newest.done !== "" && <p className="dim">Done: {newest.done}</p>}
      {newest.todo !== "" && !isOver && <p>To do: {newest.todo}</p>}
      <Facts facts={newest.facts} />
      <p className="dim">
        <Why id={newest.id}>why</Why> · runbook: <code>{newest.code}</code>
      </p>
    </article>
  );
}

export function Facts({ facts }: { readonly facts: { readonly [name: string]: string } }): ReactNode {
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return (
    <dl className="fact-list">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
