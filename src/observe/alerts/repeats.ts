// One message a cause (RISK-41): an alert that comes again within ten minutes is counted, and told once as a number
// when they are over. An end that was told lets the cause speak again, so that nobody believes in an old "resolved".
// Pure: time comes in, notices go out.

import { type Alert, type Cause, causeOf, keyOf, type Moment, type Notice, rankOf } from "./alert.ts";

export const REPEAT_WINDOW_MS = 600_000;
/** Of a cause that comes and goes, so many are told within ten minutes; a critical one always. */
const TOLD_MAX = 3;
/** Causes remembered; the oldest gives way, and what it held back is told. */
const CAUSES_MAX = 2_000;
/** Effect ids remembered: alerts come at least once. */
const IDS_MAX = 5_000;

interface Known {
  /** The one that was told last. */
  alert: Alert;
  /** When the window began. */
  fromMs: number;
  told: number;
  held: number;
  /** It holds, as far as anybody said. */
  open: boolean;
  openedMs: number;
  /** Whether the end that came last was told. */
  endTold: boolean;
}

export class RepeatBook {
  private readonly causes = new Map<string, Known>();
  private readonly ids = new Set<string>();

  /** What is to be told now: the alert, or nothing; and what an older cause that gave way had held back. */
  take(alert: Alert, moment: Moment): readonly Notice[] {
    const { nowMs } = moment;
    if (this.ids.has(alert.id)) return [];
    remember(this.ids, alert.id);
    const cause = keyOf(causeOf(alert));
    const known = this.causes.get(cause);
    if (known === undefined || nowMs - known.fromMs >= REPEAT_WINDOW_MS) {
      const before = known === undefined ? this.makeRoom(moment) : ended(known, moment);
      this.causes.delete(cause);
      this.causes.set(cause, begun(alert, nowMs));
      return [...before, { kind: "alert", alert }];
    }
    const graver = rankOf(alert.severity) > rankOf(known.alert.severity);
    const again = known.endTold && !known.open && (known.told < TOLD_MAX || alert.severity === "critical");
    if (!known.open) known.openedMs = nowMs;
    known.open = true;
    if (!graver && !again) {
      known.held += 1;
      return [];
    }
    known.alert = alert;
    known.told += 1;
    known.endTold = false;
    return [{ kind: "alert", alert }];
  }

  /** The cause holds no longer. Told where its alert was; nothing for a cause nobody was told of. */
  end(cause: Cause, text: string, { nowMs, wallMs }: Moment): Notice | null {
    const known = this.causes.get(keyOf(cause));
    if (known === undefined || !known.open) return null;
    known.open = false;
    // since the last end that was told nothing was: the number at the end of the window says how it stands
    if (known.endTold) return null;
    known.endTold = true;
    const lastedMs = Math.max(0, nowMs - known.openedMs);
    return { kind: "resolved", alert: known.alert, lastedMs, text, atMs: wallMs };
  }

  /** Windows that are over, with what they held back. A cause that still holds is kept for its end. */
  due(moment: Moment): readonly Notice[] {
    const notices: Notice[] = [];
    for (const [cause, known] of this.causes) {
      if (moment.nowMs - known.fromMs < REPEAT_WINDOW_MS) continue;
      notices.push(...ended(known, moment));
      if (!known.open) this.causes.delete(cause);
      else if (known.held > 0) known.endTold = false;
      known.held = 0;
    }
    return notices;
  }

  /** When {@link due} has something next; null while nothing is held back. */
  nextAtMs(): number | null {
    let next: number | null = null;
    for (const { held, fromMs } of this.causes.values()) {
      if (held > 0 && (next === null || fromMs < next)) next = fromMs;
    }
    return next === null ? null : next + REPEAT_WINDOW_MS;
  }

  /** Everything that is held back, told now: nobody will later. */
  flush(moment: Moment): readonly Notice[] {
    const notices = [...this.causes.values()].flatMap((known) => ended(known, moment));
    for (const known of this.causes.values()) known.held = 0;
    return notices;
  }

  private makeRoom(moment: Moment): readonly Notice[] {
    if (this.causes.size < CAUSES_MAX) return [];
    for (const [oldest, known] of this.causes) {
      this.causes.delete(oldest);
      return ended(known, moment);
    }
    return [];
  }
}

const begun = (alert: Alert, nowMs: number): Known => ({
  alert,
  fromMs: nowMs,
  told: 1,
  held: 0,
  open: true,
  openedMs: nowMs,
  endTold: false,
});

function ended({ alert, held, open }: Known, { wallMs }: Moment): readonly Notice[] {
  return held === 0 ? [] : [{ kind: "repeats", alert, times: held, over: !open, atMs: wallMs }];
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size <= IDS_MAX) return;
  for (const oldest of ids) {
    ids.delete(oldest);
    return;
  }
}
