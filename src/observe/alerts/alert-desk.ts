// Which alert is told where, and when: causes counted once for all channels, then a lane for each of them (RISK-41,
// OPS-28). Pure and bounded: taking an alert costs the engine no wait, whatever the channels do.

import type { AlertSeverity } from "../../trading/effect.ts";
import type { Alert, Cause, Moment, Notice } from "./alert.ts";
import { Lane, type LaneRules } from "./lane.ts";
import { RepeatBook } from "./repeats.ts";

export interface DeskOptions {
  /** By the channel's name. */
  readonly channels: ReadonlyMap<string, LaneRules>;
  /** One notice was pushed out or given up. */
  readonly onDropped: (channel: string, severity: AlertSeverity) => void;
}

interface Telling {
  readonly moment: Moment;
  /** The channel the alert is about; the others carry it. */
  readonly except?: string | null;
}

export class AlertDesk {
  private readonly repeats = new RepeatBook();
  private readonly lanes: ReadonlyMap<string, Lane>;

  constructor({ channels, onDropped }: DeskOptions) {
    this.lanes = new Map(
      [...channels].map(([name, rules]) => [name, new Lane(rules, (severity) => onDropped(name, severity))]),
    );
  }

  take(alert: Alert, { moment, except = null }: Telling): void {
    this.spread(this.repeats.take(alert, moment), moment, except);
  }

  /** A cause is over: said wherever its alert was. */
  end(cause: Cause, text: string, { moment, except = null }: Telling): void {
    const notice = this.repeats.end(cause, text, moment);
    if (notice !== null) this.spread([notice], moment, except);
  }

  /** To be called at {@link nextAtMs}: windows that are over become numbers. */
  look(moment: Moment): void {
    this.spread(this.repeats.due(moment), moment, null);
  }

  /** When {@link look} has something to say next; null: not before another alert. */
  nextAtMs(): number | null {
    return this.repeats.nextAtMs();
  }

  lane(channel: string): Lane {
    const lane = this.lanes.get(channel);
    if (lane === undefined) throw new Error(`the desk has no channel ${channel}: name it when the desk is made`);
    return lane;
  }

  /** Counts that wait for their window are told now; the process ends. */
  flush(moment: Moment): void {
    this.spread(this.repeats.flush(moment), moment, null);
  }

  private spread(notices: readonly Notice[], moment: Moment, except: string | null): void {
    for (const notice of notices) {
      for (const [name, lane] of this.lanes) if (name !== except) lane.offer(notice, moment);
    }
  }
}
