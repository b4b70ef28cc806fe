// Which process behind this page is away, or back and not itself yet, and what it is doing (DUR-51): one bar each, from
// the moment it falls silent until it says that it is ready.

import type { ReactNode } from "react";
import type { Process } from "../../../src/live/messages.ts";
import { span } from "../money/show.ts";
import { allFeeds } from "../picture/freshness.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";

/** A process that stays away longer is not about to come back by itself. */
const PATIENCE_MS = 60_000;
const CHECKS_SHOWN = 4;

const UNTIL_THEN: Readonly<Record<Process["kind"], string>> = {
  engine: "Nothing is placed until then. Orders at the exchange stay there until its dead-man timer cancels them.",
  connector: "Bots are held until then, and look at the exchange again when it is back.",
  "live-server": "",
};

interface Word {
  readonly title: string;
  readonly step: string;
}

/** Null while all is well, or nothing can be said. */
function wordOf({ id, state, told, unchangedMs }: Process, awayMs: number): Word | null {
  if (told === null) return null;
  if (state === "DOWN") {
    const cause = allFeeds(store.get()).find(({ kind, source }) => kind === "SOURCE" && source === id)?.lastAction;
    const step = `no answer for ${span(unchangedMs + awayMs)}${cause === undefined ? "" : ` (${cause})`}`;
    if (unchangedMs + awayMs < PATIENCE_MS) return { title: `${id} recovering`, step };
    return { title: `${id} is down`, step: `${step}: start it again, its log says why it ended` };
  }
  // its connection stands and says nothing: a process that was stopped, a machine that sleeps
  if (state === "STALE") {
    return {
      title: `${id} is silent`,
      step: `nothing was heard for ${span(unchangedMs + awayMs)}: look at its process`,
    };
  }
  if (told.ready) return null;
  const failed = told.checks.filter(({ ok }) => !ok);
  const step = failed
    .slice(0, CHECKS_SHOWN)
    .map(({ name, text }) => (name === "process" ? text : `${name} ${text}`))
    .join("; ");
  const recovers = failed.some(({ text }) => /^(?:recovering|starting)/.test(text));
  return { title: recovers ? `${id} recovering` : `${id} is not ready`, step };
}

export function AwayBars(): ReactNode {
  const processes = usePicture((picture) => picture.system?.processes) ?? [];
  const open = usePicture((picture) => picture.link.state === "open");
  const heard = usePicture((picture) => picture.receipts.get("system/"));
  const now = useNow();
  if (!open) return null;
  return processes.map((process) => {
    const word = wordOf(process, Math.max(0, now - (heard ?? now)));
    return (
      word !== null && (
        <div key={process.id} className="note-bar" role="status" data-away={process.id}>
          <b>{word.title}</b>
          <span>{word.step}</span>
          <span>{UNTIL_THEN[process.kind]}</span>
        </div>
      )
    );
  });
}
