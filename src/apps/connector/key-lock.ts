// One connector a key on one machine (EXCH-50): two of them would spend one budget twice and fence each other's bots.
// Keys are known here by their hash alone.

import { chmodSync, mkdirSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "../../config/secret.ts";
import { JournalError } from "../../journal/errors.ts";
import { JournalLock } from "../../journal/lock.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError } from "../opensqt/output.ts";

/** Below it every key has a folder of its own; other users of the machine use it too. */
const FOLDER = join(tmpdir(), "opensqt-keys");

/** Keys this process uses. A key that was replaced stays its own until the end: its orders may still be open. */
export class KeyLocks {
  private readonly exchange: string;
  private readonly held = new Map<string, JournalLock>();

  constructor(exchange: string) {
    this.exchange = exchange;
  }

  /** Errors: CommandError 8 naming the process that uses the key. */
  take(apiKey: Secret): void {
    const name = apiKey.sha256().slice(0, 32);
    if (this.held.has(name)) return;
    makeShared();
    try {
      const holder = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
      this.held.set(name, new JournalLock(join(FOLDER, name), this.exchange, holder));
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== "LOCK_HELD") throw error;
      const who = /held by (.*?)\. Stop/.exec(error.message)?.[1] ?? "another process";
      const text = `the API key of ${this.exchange} is in use by ${who}, and a key has one connector on a machine`;
      throw new CommandError(EXIT_CODES.leaseHeld, text, "Stop that one first, or give this one a key of its own.");
    }
  }

  release(): void {
    for (const lock of this.held.values()) lock.release();
    this.held.clear();
  }
}

/** Each user's connectors make folders in it, and none may remove another's. */
function makeShared(): void {
  mkdirSync(FOLDER, { recursive: true });
  try {
    chmodSync(FOLDER, 0o1777);
  } catch {
    // another user made it, and did this
  }
}
