// One connector a key on one machine (EXCH-50): two of them would spend one budget twice and fence each other's bots.
// Keys are known here by their hash alone.

import { chmodSync, mkdirSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import type { Secret } from "../../config/secret.ts";
import { JournalError } from "../../journal/errors.ts";
import { JournalLock } from "../../journal/lock.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError } from "../opensqt/output.ts";

/** Below it every key has a folder of its own; other users of the machine use it too. */
const FOLDER = join(tmpdir(), "opensqt-keys");

/** What of a connector's configuration says where its key counts. */
interface Used {
  readonly environment: string;
  readonly real: { readonly exchange: string; readonly endpoints: { readonly rest: string } | null };
}

/** Every emulator has accounts of its own: one key at two of them, as demos use it, is two keys. */
function placeOf(rest: string): string {
  const { hostname: host, host: place, port } = new URL(rest);
  return LOOPBACK.has(host) ? `this machine:${port}` : place;
}

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Keys this process uses. A key that was replaced stays its own until the end: its orders may still be open. */
export class KeyLocks {
  private readonly exchange: string;
  /** Of the emulator the key is used at; "" for an exchange, which is one wherever it is reached. */
  private readonly emulator: string;
  private readonly held = new Map<string, JournalLock>();

  constructor({ real, environment }: Used) {
    this.exchange = real.exchange;
    this.emulator = environment === "emulator" && real.endpoints !== null ? placeOf(real.endpoints.rest) : "";
  }

  /** Errors: CommandError 8 naming the process that uses the key. */
  take(apiKey: Secret): void {
    const key = apiKey.sha256();
    const name = (this.emulator === "" ? key : sha256(`${key} ${this.emulator}`)).slice(0, 32);
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
