// One connection of the thread that talks to Postgres: made when it is needed, thrown away when it fails, with an
// answer to every question within its time. Knows no table.

import { Socket } from "node:net";
import pg from "pg";
import type { Failure, Row, Statement } from "./protocol.ts";

/** Between tries to reach a server that is not there. */
const RETRY_MS = 100;
/** Of the server's messages: it is going down or coming up, or the connection broke. Nothing about the statement. */
const GONE = /^(?:08|57P0[1-5]|58|XX)/;

/**
 * What each session is told first: a host that is gone is noticed within 12 s and its locks are free, and a statement
 * nobody waits for any more ends. No time of the server's ends one: a commit it broke off as it waited for a standby
 * would be told as done.
 */
const SESSION = `SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 4;
  SET tcp_user_timeout = 12000; SET idle_in_transaction_session_timeout = 12000; SET client_min_messages = error;
  SET statement_timeout = 0;`;

export interface ConnectionOptions {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  /** Told of each answer, and of each connection that broke or was taken for broken. */
  readonly pulse: { heard(): void; lost(): void };
}

/** The server's own word about a statement, or a connection that failed (`state` null). */
export class PostgresFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

/** True when the statement itself was refused, on a connection that lives on. */
export const isRefusal = ({ failure }: PostgresFailure): boolean => failure.state !== null && !GONE.test(failure.state);

export class Connection {
  private readonly options: ConnectionOptions;
  private client: pg.Client | null = null;
  private socket: Socket | null = null;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  get isOpen(): boolean {
    return this.client !== null;
  }

  /** Asks once. Errors: PostgresFailure; after one that is no refusal the connection is gone. */
  async query(statement: Statement, untilMs: number): Promise<readonly Row[]> {
    const client = this.client ?? (await this.connect(untilMs));
    const { sql, values, name } = statement;
    const config = { text: sql, values: values.map(cellOf), rowMode: "array" as const };
    const asked = client.query<unknown[]>(name === undefined ? config : { ...config, name });
    try {
      const { rows } = await within(asked, untilMs);
      this.options.pulse.heard();
      return rows;
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Connects, and tries again until the time is over. Errors: PostgresFailure. */
  async connect(untilMs: number): Promise<pg.Client> {
    let last: PostgresFailure | null = null;
    do {
      try {
        return await this.connectOnce(untilMs);
      } catch (error) {
        last = failureOf(error);
        // a wrong password or an unknown database does not get better by itself
        if (last.failure.state !== null && /^(?:28|3D|42)/.test(last.failure.state)) break;
        await pause(Math.min(RETRY_MS, untilMs - performance.now()));
      }
    } while (performance.now() < untilMs);
    throw last;
  }

  /** Breaks it without a word: what was under way is of unknown outcome. */
  drop(): void {
    const { client } = this;
    this.client = null;
    if (client === null) return;
    client.on("error", () => {});
    this.socket?.destroy();
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async connectOnce(untilMs: number): Promise<pg.Client> {
    const socket = new Socket();
    const client = new pg.Client({
      stream: () => socket,
      connectionString: this.options.url,
      application_name: this.options.name,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      types: { getTypeParser: parserOf },
    });
    // an idle connection that breaks is noticed here, and made anew when it is needed
    client.on("error", () => {
      if (this.client === client) this.client = null;
    });
    client.on("end", () => {
      if (this.client === client) this.client = null;
    });
    try {
      await within(client.connect(), untilMs);
      await within(
        client.query(`${SESSION} SET search_path TO ${client.escapeIdentifier(this.options.schema)}`),
        untilMs,
      );
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.client = client;
    this.socket = socket;
    return client;
  }

  private failed(error: unknown): PostgresFailure {
    const failure = failureOf(error);
    if (isRefusal(failure)) this.options.pulse.heard();
    else {
      this.options.pulse.lost();
      this.drop();
    }
    return failure;
  }
}

/** Of a number no row of ours has, −1: whoever reads it refuses it. */
function safeOf(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isSafeInteger(value) ? value : -1;
}

/** int8 as a number: positions, times and counts are safe integers, and are checked where they are read. */
const INT8 = 20;
const parserOf = ((oid: number, format?: "text" | "binary") =>
  oid === INT8 ? (text: string) => safeOf(text) : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

const cellOf = (cell: unknown): unknown =>
  cell instanceof Uint8Array ? Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength) : cell;

export function failureOf(error: unknown): PostgresFailure {
  if (error instanceof PostgresFailure) return error;
  if (error instanceof pg.DatabaseError) {
    const { message, code = null, constraint = null } = error;
    return new PostgresFailure({ text: message, state: code, constraint });
  }
  const text = error instanceof Error ? textOf(error) : String(error);
  return new PostgresFailure({ text, state: null, constraint: null });
}

/** Node says ECONNREFUSED in a code, and of several addresses in an aggregate without words. */
function textOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: unknown) => String(each)).join("; ");
  return error.message === "" ? error.name : error.message;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** The result, or a failure when the time is over: then nobody knows what became of it. */
async function within<T>(work: Promise<T>, untilMs: number): Promise<T> {
  const ms = Math.max(1, untilMs - performance.now());
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new PostgresFailure({ text: "no answer in time", state: null, constraint: null })),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
