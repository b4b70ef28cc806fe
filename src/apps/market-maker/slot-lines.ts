// Alerts of slots' orders on their way into the log: when everything is cancelled at once every slot says so, and the
// log says it in one line with their number (RISK-49). Journal, console and channels have each of them.

import type { HostAlert } from "../../host/context.ts";
import type { Later } from "../../observe/repeats.ts";

/** What becomes of many orders in one moment is told by the exchange within this. */
const MOMENT_MS = 500;

interface Told {
  readonly alerts: HostAlert[];
  readonly cancel: () => void;
}

export class SlotLines {
  private readonly write: (bot: string, alert: HostAlert) => void;
  private readonly later: Later;
  /** By bot and code. */
  private readonly told = new Map<string, Told>();

  constructor(write: (bot: string, alert: HostAlert) => void, later: Later) {
    this.write = write;
    this.later = later;
  }

  take(bot: string, alert: HostAlert): void {
    if (!alert.code.startsWith("order-")) {
      this.write(bot, alert);
      return;
    }
    const key = `${bot} ${alert.code}`;
    const known = this.told.get(key);
    if (known !== undefined) known.alerts.push(alert);
    else this.told.set(key, { alerts: [alert], cancel: this.later(MOMENT_MS, () => this.say(bot, key)) });
  }

  /** Writes what still waits for others like it. */
  close(): void {
    for (const [key, { cancel }] of this.told) {
      cancel();
      this.say(key.slice(0, key.indexOf(" ")), key);
    }
  }

  private say(bot: string, key: string): void {
    const { alerts } = this.told.get(key) ?? { alerts: [] };
    this.told.delete(key);
    const [first, ...others] = alerts;
    const last = others.at(-1);
    if (first === undefined) return;
    if (last === undefined) {
      this.write(bot, first);
      return;
    }
    const text = `${alerts.length} orders in a moment, from "${first.text}" to "${last.text}"`;
    this.write(bot, { ...first, text, facts: { orders: alerts.length } });
  }
}
