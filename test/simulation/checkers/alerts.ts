// Each cause is told exactly once, what is recorded reaches a person, and a run without faults has nothing to tell but
// what the market alone can cause.

import { BREAKERS, isBreakerName } from "../../../src/risk/breaker/breaker.ts";
import type { Effect } from "../../../src/trading/effect.ts";
import type { Checker, Evidence } from "./checker.ts";

type Alert = Extract<Effect, { kind: "alert" }>;

/** What only a fault, or a person, brings about. */
const FAULTY: ReadonlySet<string> = new Set(
  (
    "unknown-order divergence adjusted orphan late-order over-filled foreign-orders stray clock-back clock-jumped " +
    "journal-slow connector-lost bot-crashed orders-remain feed-stale dead-man-fired kill kill-proved kill-failed " +
    "relattice config config-refused instrument"
  ).split(" "),
);

const BREAKERS_OF_FAULTS: ReadonlySet<unknown> = new Set(["stale-feed", "unknown", "divergence", "manual"]);

export function alerts({ journal, faultless, report }: Evidence): Checker {
  const name = "alerts";
  /** Event and cause → how often it was told; one each at the end. */
  let causes = new Map<string, number>();
  let recorded = new Map<string, string>();
  let open = new Set<string>();
  /** By process and id: a second time in one process is one too many. */
  const told = new Set<string>();
  const heard = new Set<string>();

  const must = (seq: number, cause: string): void => void causes.set(`${seq} ${cause}`, 0);

  /** Breakers that opened with this event. */
  function breakers(seq: number): void {
    const now = new Set<string>();
    for (const [each, { phase }] of journal.shadow.breakers) if (phase === "open") now.add(each);
    for (const each of now) if (!open.has(each) && isBreakerName(each)) must(seq, `breaker ${each}`);
    open = now;
  }

  function causesOf({ code, facts }: Alert): readonly string[] {
    const breaker = facts["breaker"];
    const said = [`${code}`, `feed ${String(facts["feed"])}`];
    if (code !== "breaker-closed" && code !== "breaker-probation") said.push(`breaker ${String(breaker)}`);
    for (const [each, row] of Object.entries(BREAKERS)) {
      if (row.alert === code && row.alert !== "breaker-opened") said.push(`breaker ${each}`);
    }
    // an account whose positions are closed by force waits for its operator, and is told why by that alert
    if (code === "liquidation" || code === "dead-man-fired") said.push("breaker manual");
    return said;
  }

  function judgeFaultless({ code, severity, facts, text }: Alert): void {
    const breaker = BREAKERS_OF_FAULTS.has(facts["breaker"]);
    // a busy market alone can keep a read from being compared
    if (code === "divergence" && Object.keys(facts).length === 0) return;
    if (severity !== "info" && (FAULTY.has(code) || code.startsWith("host-") || breaker))
      report(name, `nothing is wrong, and ${code} is told: ${text}`);
  }

  return {
    name,
    onEvent({ seq }, event) {
      const { shadow } = journal;
      if (shadow.breakers.size > 0 || open.size > 0) breakers(seq);
      const { phase } = shadow;
      if (event.kind === "feed" && event.state === "stale" && phase === "running" && NEEDED.has(event.feed))
        must(seq, `feed ${event.feed}`);
      if (event.kind === "command" && event.command.name === "kill") must(seq, "kill");
    },
    onEffect({ seq, index }, effect) {
      if (effect.kind !== "alert") return;
      recorded.set(`${seq}.${index}`, effect.code);
      for (const cause of new Set(causesOf(effect))) {
        const count = causes.get(`${seq} ${cause}`);
        if (count === undefined) continue;
        causes.set(`${seq} ${cause}`, count + 1);
        if (count > 0) report(name, `${cause} at event ${seq} is told twice: ${effect.code} ${effect.text}`);
      }
      if (faultless) judgeFaultless(effect);
    },
    onAlert({ id }, process) {
      heard.add(id);
      const once = `${process} ${id}`;
      if (told.has(once)) report(name, `alert ${id} is told twice by process ${process}`);
      told.add(once);
    },
    onCut() {
      causes = new Map();
      recorded = new Map();
      open = new Set();
    },
    atEnd() {
      for (const [cause, count] of causes) if (count === 0) report(name, `${cause} was never told`);
      for (const [id, code] of recorded) {
        if (!heard.has(id) && ![...heard].some((full) => full.endsWith(`/${id}`)))
          report(name, `alert ${code} ${id} stands in the journal and reached nobody`);
      }
    },
  };
}

const NEEDED: ReadonlySet<string> = new Set(["book", "orders", "account"]);
