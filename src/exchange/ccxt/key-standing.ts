// Whether the exchange takes the API key while the connection lives (EXCH-39): refused once, nothing is placed with it
// and the account's streams are not believed, until a signed read works again or the key is another one.

import type { Clock } from "../../base/clock.ts";
import type { UpstreamHealth } from "../port.ts";

export interface KeyStandingOptions {
  readonly clock: Clock;
  /** Name of the exchange. */
  readonly exchange: string;
  readonly health: (health: UpstreamHealth) => void;
  /** Told when the key is refused: what the account's streams say is not everything any more. */
  readonly refused: (text: string) => void;
}

/** A key that reads and may not trade: reads prove nothing of it, and it is tried again so often. */
const TRADE_AGAIN_MS = 60_000;

export class KeyStanding {
  private readonly options: KeyStandingOptions;
  private why: string | null = null;
  /** Reads prove nothing before. */
  private untilMs = 0;

  constructor(options: KeyStandingOptions) {
    this.options = options;
  }

  /** Why no order may leave; null: the key is good, as far as is known. */
  objection(): string | null {
    return this.why;
  }

  /** The exchange refused a signed request because of its key, an order or a read; said once. */
  refuse(text: string, ofOrder: boolean): void {
    const { clock, exchange, health, refused } = this.options;
    if (ofOrder) this.untilMs = clock.nowMs() + TRADE_AGAIN_MS;
    if (this.why !== null) return;
    this.why = `${exchange} refuses the API key (${text}): check it there, or put another in its place and reload`;
    health({ subject: "credentials", state: "down", text: this.why });
    refused(this.why);
  }

  /** A signed read worked. */
  works(): void {
    const { clock, health } = this.options;
    if (this.why === null || clock.nowMs() < this.untilMs) return;
    this.why = null;
    health({ subject: "credentials", state: "live", text: "the exchange takes the API key again" });
  }

  /** Another key, or the same one read again. */
  replaced(): void {
    this.why = null;
    this.untilMs = 0;
    this.options.health({ subject: "credentials", state: "live", text: "the API key was read again" });
  }
}
