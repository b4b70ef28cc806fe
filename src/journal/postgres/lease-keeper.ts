// Leases of this process (DUR-56): on a connection of their own, a session lock each and a row each that says who and
// until when by the database's clock. Renewed here, so a long turn loses none. What it says about time is monotonic.

import { randomUUID } from "node:crypto";
import { Connection, type ConnectionOptions, isRefusal, PostgresFailure, pause } from "./connection.ts";
import type { Answer, LeaseHolder, LeaseRefusal, Request, Row, WorkerStart } from "./protocol.ts";

type Acquire = Extract<Request, { readonly kind: "acquire" }>;

interface Held {
  readonly slot: number;
  readonly holder: LeaseHolder;
}

const KEY = "hashtextextended(current_schema() || '/' || $1, 0)";
const TRY_LOCK = `SELECT pg_try_advisory_lock(${KEY})`;
const UNLOCK = `SELECT pg_advisory_unlock(${KEY})`;
/** Sessions of others that hold the lock: those of a process that sleeps, since its lease has ended. */
const END_SLEEPER = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
  AND granted AND pid <> pg_backend_pid() AND (classid::int8 << 32) | objid::int8 = ${KEY}
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
const READ = `SELECT token, holder, (extract(epoch FROM expiresAt - clock_timestamp()) * 1000)::int8
  FROM lease WHERE name = $1`;
const TAKE = `INSERT INTO lease (name, token, holder, expiresAt)
  VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms')
  ON CONFLICT (name) DO UPDATE SET token = excluded.token, holder = excluded.holder, expiresAt = excluded.expiresAt
  RETURNING set_config('synchronous_commit', 'on', true)`;
/** Where the lock is still this session's, or can be again: then nobody else took it. */
const RENEW = `UPDATE lease SET expiresAt = clock_timestamp() + $2 * interval '1 ms' WHERE token = $1 RETURNING name`;
const HELD_LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted";
const FREE = "DELETE FROM lease WHERE name = $1 AND token = $2";

/** What a server process is given to end. */
const ENDING_MS = 50;
/** Connections a renewal may try. */
const TRIES = 3;

export class LeaseKeeper {
  private readonly start: WorkerStart;
  private readonly connection: Connection;
  private readonly renewals: BigInt64Array;
  private readonly beforeRenew: () => Promise<void>;
  /** One for all leases of this process. */
  private readonly token = randomUUID();
  private readonly leases = new Map<string, Held>();
  private slotsUsed = 0;
  private timer: NodeJS.Timeout | null = null;
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    start: WorkerStart,
    given: { readonly beforeRenew: () => Promise<void>; readonly pulse: ConnectionOptions["pulse"] },
  ) {
    this.start = start;
    this.connection = new Connection({ ...start, name: `${start.name} lease`, pulse: given.pulse });
    this.renewals = new BigInt64Array(start.renewals);
    this.beforeRenew = given.beforeRenew;
  }

  /** Errors: PostgresFailure. */
  async acquire({ name, holder }: Acquire, untilMs: number): Promise<Answer> {
    await this.renewing;
    const own = this.leases.get(name);
    if (own !== undefined) return { kind: "held", refusal: { holder: own.holder, freeInMs: null } };
    const began = process.hrtime.bigint();
    const [before] = await this.ask(READ, [name], untilMs);
    const locked = await this.lock(name, this.hasEnded(before), untilMs);
    // with the lock held it is nobody else's to change
    const [row] = await this.ask(READ, [name], untilMs);
    const refusal = this.refusalOf(row, locked, holder.host);
    if (refusal !== null) {
      if (locked) await this.ask(UNLOCK, [name], untilMs);
      return { kind: "held", refusal };
    }
    await this.ask(TAKE, [name, this.token, JSON.stringify(holder), this.start.lease.ttlMs], untilMs);
    const slot = this.slotsUsed;
    this.slotsUsed += 1;
    this.leases.set(name, { slot, holder });
    // all of a process end together, the first it took not before the last: who waited for that one has waited for all
    await this.renewAll(began, untilMs);
    this.timer ??= setInterval(() => {
      this.renewing = this.renewing.then(() => this.renew());
    }, this.start.lease.renewMs);
    return { kind: "acquired", slot };
  }

  /** Given back: the next one takes it at once. */
  async release(name: string, untilMs: number): Promise<void> {
    await this.renewing;
    if (!this.leases.has(name)) return;
    this.lose(name);
    await this.ask(FREE, [name, this.token], untilMs);
    await this.ask(UNLOCK, [name], untilMs);
  }

  async close(untilMs: number): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    for (const name of this.leases.keys()) await this.release(name, untilMs).catch(() => undefined);
    await this.connection.close();
  }

  /**
   * Tries the lock. `hasEnded`: the lease it goes with has, so whoever still holds it is asleep: its session is ended.
   */
  private async lock(name: string, hasEnded: boolean, untilMs: number): Promise<boolean> {
    const tried = async (): Promise<boolean> => (await this.ask(TRY_LOCK, [name], untilMs))[0]?.[0] === true;
    if (await tried()) return true;
    if (!hasEnded) return false;
    await this.ask(END_SLEEPER, [name], untilMs);
    await pause(ENDING_MS); // its server process ends a moment after it was told to
    return tried();
  }

  /** True where a lease was given and its life and the grace after it are over. */
  private hasEnded(row: Row | undefined): boolean {
    return row !== undefined && row[0] !== this.token && this.freeInMs(row) <= 0;
  }

  private freeInMs(row: Row): number {
    return (typeof row[2] === "number" ? row[2] : 0) + this.start.lease.graceMs;
  }

  /** Null: nobody has it, or nobody any more. */
  private refusalOf(row: Row | undefined, locked: boolean, host: string): LeaseRefusal | null {
    const holder = row === undefined ? NOBODY : holderOf(row[1]);
    if (!locked) return { holder, freeInMs: null };
    if (row === undefined || row[0] === this.token) return null;
    const freeInMs = this.freeInMs(row);
    if (freeInMs <= 0 || (holder.host === host && isGone(holder, this.start.machine))) return null;
    return { holder, freeInMs };
  }

  private async renew(): Promise<void> {
    if (this.leases.size === 0) return;
    await this.beforeRenew();
    const { renewMs, stopMs } = this.start.lease;
    const untilMs = performance.now() + Math.min(renewMs, stopMs);
    // a connection that says nothing is left for another while there is time
    while (performance.now() < untilMs) {
      if (await this.renewedBy(Math.min(untilMs, performance.now() + renewMs / TRIES))) return;
    }
  }

  /** False where nothing was heard: the holder notices by its own clock, and stops in time. */
  private async renewedBy(untilMs: number): Promise<boolean> {
    const began = process.hrtime.bigint();
    try {
      await this.lockAgain(untilMs);
      await this.renewAll(began, untilMs);
      return true;
    } catch (error) {
      if (!(error instanceof PostgresFailure)) throw error;
      return isRefusal(error);
    }
  }

  private async renewAll(began: bigint, untilMs: number): Promise<void> {
    const rows = await this.ask(RENEW, [this.token, this.start.lease.ttlMs], untilMs);
    const renewed = new Set(rows.map(([name]) => String(name)));
    for (const [name, { slot }] of this.leases) {
      if (renewed.has(name)) Atomics.store(this.renewals, slot, began);
      else this.lose(name);
    }
  }

  /** A connection that was lost took the locks with it. One that somebody else has by now is lost for good. */
  private async lockAgain(untilMs: number): Promise<void> {
    const held = (await this.ask(HELD_LOCKS, [], untilMs))[0]?.[0];
    if (held === this.leases.size) return;
    await this.ask("SELECT pg_advisory_unlock_all()", [], untilMs);
    for (const name of this.leases.keys()) {
      const locked = (await this.ask(TRY_LOCK, [name], untilMs))[0]?.[0] === true;
      if (!locked) this.lose(name);
    }
  }

  private lose(name: string): void {
    const held = this.leases.get(name);
    this.leases.delete(name);
    if (held !== undefined) Atomics.store(this.renewals, held.slot, 0n);
  }

  private ask(sql: string, values: readonly (string | number)[], untilMs: number): Promise<readonly Row[]> {
    return this.connection.query({ sql, values }, untilMs);
  }
}

const NOBODY: LeaseHolder = { host: "?", pid: 0, sinceMs: 0, machine: "" };

function holderOf(text: unknown): LeaseHolder {
  try {
    const { host, pid, sinceMs, machine } = JSON.parse(String(text)) as Partial<Record<keyof LeaseHolder, unknown>>;
    const known = typeof host === "string" && typeof pid === "number" && typeof sinceMs === "number";
    return known ? { host, pid, sinceMs, machine: typeof machine === "string" ? machine : "" } : NOBODY;
  } catch {
    return NOBODY;
  }
}

/** A process of this very machine that is not there any more needs no waiting for: it sends nothing. */
function isGone(holder: LeaseHolder, machine: string): boolean {
  if (machine === "" || holder.machine !== machine || holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
