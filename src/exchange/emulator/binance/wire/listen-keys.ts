// Listen keys: one a wallet, alive for an hour after each renewal, dead for good once it ended. Time is the emulator's.

import { createHash } from "node:crypto";
import type { EmulatorClock } from "../../world.ts";

const LIFE_MS = 3_600_000;

export interface ListenKey {
  readonly key: string;
  /** Name of the account. */
  readonly account: string;
  expiresAtMs: number;
}

export interface ListenKeyOptions {
  /** Keys of equal seeds are equal. */
  readonly seed: string;
  readonly clock: EmulatorClock;
  /** The key is dead; `announced`: who listens is told so. */
  readonly ended: (key: ListenKey, announced: boolean) => void;
}

export class ListenKeys {
  private readonly options: ListenKeyOptions;
  private readonly keys = new Map<string, ListenKey>();
  private readonly timers = new Map<string, () => void>();
  private made = 0;

  constructor(options: ListenKeyOptions) {
    this.options = options;
  }

  /** The account's living key, renewed; a new one where there is none. */
  start(account: string): ListenKey {
    const known = this.ofAccount(account);
    if (known !== null) {
      this.renew(known);
      return known;
    }
    this.made += 1;
    const [first, second] = ["a", "b"].map((half) =>
      createHash("sha256").update(`${this.options.seed}/${account}/${this.made}/${half}`).digest("base64url"),
    );
    const key = `${first}${second}`.replace(/[^A-Za-z0-9]/g, "x").slice(0, 64);
    const made = { key, account, expiresAtMs: 0 };
    this.keys.set(key, made);
    this.renew(made);
    return made;
  }

  find(key: string): ListenKey | null {
    return this.keys.get(key) ?? null;
  }

  ofAccount(account: string): ListenKey | null {
    for (const key of this.keys.values()) if (key.account === account) return key;
    return null;
  }

  all(): readonly ListenKey[] {
    return [...this.keys.values()];
  }

  renew(key: ListenKey): void {
    const { clock } = this.options;
    key.expiresAtMs = clock.nowMs() + LIFE_MS;
    this.timers.get(key.key)?.();
    this.timers.set(
      key.key,
      clock.at(key.expiresAtMs, () => this.end(key, true)),
    );
  }

  end(key: ListenKey, announced: boolean): void {
    if (!this.keys.delete(key.key)) return;
    this.timers.get(key.key)?.();
    this.timers.delete(key.key);
    this.options.ended(key, announced);
  }

  /** Takes all timers back; nobody is told anything. */
  close(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.keys.clear();
  }
}
