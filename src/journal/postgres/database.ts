// A database of journals as the main thread uses it: questions that are waited for, each within its time, with failures
// as the journal's errors. One for a process: its thread holds one connection for all bots and one for the leases.

import { readFileSync, readlinkSync } from "node:fs";
import { JournalError } from "../errors.ts";
import { type Holder, lockHeld } from "../open-options.ts";
import { Channel } from "./channel.ts";
import { readingFailed, unreachable, writingFailed } from "./failures.ts";
import { placeOf, urlProblem } from "./place.ts";
import type { Answer, LeaseTimes, Request, Row, Statement } from "./protocol.ts";
import { APPLIED, applying, IS_MADE, MIGRATIONS, pending } from "./schema.ts";

/** DUR-56: 15 s, renewed each 5 s; its holder sends nothing from 12 s on, a taker waits 2 s more. */
export const LEASE_MS = 15_000;

/** The other times of a lease of this life. */
export const leaseTimes = (ttlMs: number): LeaseTimes => ({
  ttlMs,
  renewMs: Math.floor(ttlMs / 3),
  stopMs: Math.floor((ttlMs * 4) / 5),
  graceMs: Math.ceil((ttlMs * 2) / 15),
});
/** What a commit may take; a turn that takes longer stops its bot. */
const ANSWER_MS = 5_000;
/** After this part of it without a word the connection is taken for broken, and the next is tried. */
const TRY_PART = 0.3;
/** What an answer may take of a server that gave none the last time, and how long it is not asked again. */
const AWAY_MS = 500;
const AWAY_REST_MS = 1_000;
/** What a look whether the server is there may take: the main thread waits for it. */
const PROBE_MS = 250;
const PROBE: Statement = { sql: "SELECT 1", values: [] };
/** Names of tables and of what holds them. */
const SCHEMA = "opensqt";

export interface PostgresOptions {
  /** postgresql://user:password@host:port/database; a direct connection, no pooler of transactions. */
  readonly url: string;
  /** Postgres schema the tables are in. */
  readonly schema?: string;
  /** As the server's own list of sessions shows it. */
  readonly name?: string;
  readonly answerMs?: number;
  /** Life of a lease from its last renewal, ms. */
  readonly leaseMs?: number;
}

export interface DatabaseHealth {
  /** It answered what it was asked last, and lately. */
  readonly ok: boolean;
  readonly heardAgoMs: number | null;
  /** Answers that did not come in time and connections that broke, since the start; each was made good or told. */
  readonly lost: number;
  /** Longest wait for an answer since the start: so long the process did nothing else. */
  readonly longestMs: number;
}

/** A lease that is held. */
export interface Lease {
  /** Whether this process may still send and write: by its own clock it was renewed lately enough. */
  holds(): boolean;
  /** Somebody else has it, or it was given back: it does not come back by itself. */
  isGone(): boolean;
  release(): void;
}

export class PostgresDatabase {
  /** For people: host, port and database. */
  readonly where: string;
  /** The tables are in it. */
  readonly schema: string;
  private readonly channel: Channel;
  private readonly answerMs: number;
  private readonly lease: LeaseTimes;
  private readonly machine = machineName();
  /** Why nothing can be asked of this URL; null for a good one. */
  private readonly problem: string | null;
  private away = false;
  private restUntilMs = 0;
  private longestMs = 0;

  /** Connects when it is first asked. */
  constructor({ url, schema = SCHEMA, name = "opensqt", answerMs = ANSWER_MS, leaseMs = LEASE_MS }: PostgresOptions) {
    this.where = placeOf(url);
    this.problem = urlProblem(url);
    this.answerMs = answerMs;
    this.schema = schema;
    this.lease = leaseTimes(leaseMs);
    this.channel = new Channel({ url, schema, name, lease: this.lease, machine: this.machine });
  }

  /** Rows of a question. Errors: STORE_UNREACHABLE, JOURNAL_CORRUPT. */
  read(statement: Statement, goodTo = 0): readonly Row[] {
    const answer = this.ask({ kind: "query", statement, twice: true });
    if (answer.kind === "rows") return answer.rows;
    throw this.notRead(answer, goodTo);
  }

  /**
   * After an answer that did not come, others are not waited for as long, and in the next second not at all: each holds
   * up the main thread, and all bots with it.
   */
  ask(request: Request): Answer {
    if (this.problem !== null) return failed(this.problem);
    const beganMs = performance.now();
    if (beganMs < this.restUntilMs) return failed("it gave no answer a moment ago");
    const budgetMs = this.away ? Math.min(AWAY_MS, this.answerMs) : this.answerMs;
    const answer = this.channel.ask(request, budgetMs, Math.ceil(this.answerMs * TRY_PART));
    const nowMs = performance.now();
    const waitedMs = nowMs - beganMs;
    this.longestMs = Math.max(this.longestMs, waitedMs);
    this.away = answer.kind === "failed" && answer.failure.state === null;
    this.restUntilMs = this.away && waitedMs >= budgetMs ? nowMs + AWAY_REST_MS : 0;
    return answer;
  }

  /** What is known of the server without asking it (OPS-23). */
  health(): DatabaseHealth {
    const { heardAgoMs, lost } = this.channel.pulse();
    const ok = this.problem === null && !this.away && heardAgoMs !== null && heardAgoMs < this.lease.stopMs;
    return { ok, heardAgoMs, lost, longestMs: this.longestMs };
  }

  /** All or none. `twice`: it may be done again, where its answer was lost. Errors: CANNOT_WRITE, JOURNAL_CORRUPT. */
  write(
    statements: readonly Statement[],
    { goodTo = 0, twice = false }: { readonly goodTo?: number; readonly twice?: boolean } = {},
  ): readonly (readonly Row[])[] {
    const answer = this.ask({ kind: "transaction", statements, twice });
    if (answer.kind === "results") return answer.results;
    if (answer.kind === "failed") throw writingFailed(answer.failure, { where: this.where, goodTo });
    throw new Error(`an answer of ${answer.kind} to a transaction`);
  }

  /**
   * Makes the tables of an empty database; those of an older release are left to `migrate`. Errors: JOURNAL_TOO_NEW,
   * JOURNAL_OLD, JOURNAL_CORRUPT, STORE_UNREACHABLE, CANNOT_WRITE.
   */
  makeTables(): void {
    const waiting = this.waitingMigrations();
    if (waiting.length === 0) return;
    if (waiting.length < MIGRATIONS.length) {
      const names = waiting.map(({ name }) => name).join(", ");
      throw new JournalError(
        "JOURNAL_OLD",
        `JOURNAL_OLD: the tables of ${this.where} are of an older release (${names} is missing). Stop every process ` +
          "that uses them, back the database up, and run `opensqt journal migrate`.",
      );
    }
    this.migrate();
  }

  /** Names of what {@link migrate} would do. Errors: as {@link makeTables}. */
  waitingMigrations(): readonly (typeof MIGRATIONS)[number][] {
    const isMade = this.read(IS_MADE)[0]?.[0] === true;
    return pending(isMade ? this.read(APPLIED) : []);
  }

  /** Brings the tables up to date in one transaction (DUR-32). Errors: as {@link makeTables}. */
  migrate(migrations: readonly (typeof MIGRATIONS)[number][] = MIGRATIONS): readonly string[] {
    const isMade = this.read(IS_MADE)[0]?.[0] === true;
    const waiting = pending(isMade ? this.read(APPLIED) : [], migrations);
    if (waiting.length === 0) return [];
    try {
      this.write(applying(this.schema, waiting));
    } catch (error) {
      // another process made them at the same time
      if (this.waitingMigrations().length > 0) throw error;
    }
    return waiting.map(({ name }) => name);
  }

  /** Errors: LOCK_HELD with who holds it, STORE_UNREACHABLE. `label`: for people. */
  acquire(name: string, label: string, holder: Holder): Lease {
    const answer = this.ask({ kind: "acquire", name, holder: { ...holder, machine: this.machine } });
    if (answer.kind === "held") throw lockHeld(label, answer.refusal.holder, answer.refusal.freeInMs);
    if (answer.kind !== "acquired") throw this.notRead(answer, 0);
    const { slot } = answer;
    return {
      holds: () => {
        const ago = this.channel.renewedAgoMs(slot);
        return ago !== null && ago < this.lease.stopMs;
      },
      isGone: () => this.channel.renewedAgoMs(slot) === null,
      release: () => this.release(name),
    };
  }

  /** Whether the server answers at all, asked briefly. */
  isThere(): boolean {
    if (this.problem !== null) return false;
    this.away = this.channel.ask({ kind: "query", statement: PROBE, twice: false }, PROBE_MS).kind !== "rows";
    if (!this.away) this.restUntilMs = 0;
    return !this.away;
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  /** As a killed process leaves it. For tests. */
  abandon(): Promise<void> {
    return this.channel.abandon();
  }

  /** Not renewed any more, whether the server hears of it or not. */
  private release(name: string): void {
    const request: Request = { kind: "release", name };
    if (performance.now() < this.restUntilMs) this.channel.tell(request, AWAY_MS);
    else this.ask(request);
  }

  private notRead(answer: Answer, goodTo: number): JournalError {
    if (answer.kind !== "failed") return unreachable(this.where, `an answer of ${answer.kind}`);
    return readingFailed(answer.failure, { where: this.where, goodTo });
  }
}

const failed = (text: string): Answer => ({ kind: "failed", failure: { text, state: null, constraint: null } });

/** Kernel since its start and process namespace: the same on two processes only if one sees whether the other lives. */
function machineName(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return ""; // no Linux: the end of a lease is waited for
  }
}
