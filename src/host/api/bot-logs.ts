// SubscribeLogs: the last lines of this process, masked where they were written, and every one from then on. A reader
// that falls behind the ring loses lines and is told how many.

import { randomUUID } from "node:crypto";
import { optionalEnum } from "../../rpc/fields.ts";
import type { SubscribeLogsRequest, SubscribeLogsResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { Severity, StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { RpcRefusal } from "../../rpc/refusal.ts";
import { Bell, follow, metaOf } from "./bot-cursor.ts";

/** One line as the log keeps it: `observe/`'s ring gives them. */
export interface LogLineKept {
  /** Grows by one per line of this process. */
  readonly sequence: number;
  readonly atMs: number;
  readonly level: string;
  readonly process: string;
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The ring of a log: its newest lines, oldest first, and each new one. */
export interface LogLines {
  lines(): readonly LogLineKept[];
  subscribe(listener: (line: LogLineKept) => void): () => void;
}

type Message = Partial<SubscribeLogsResponse>;

/** Tokens of another life of the process are out of range (API-19). */
const LIFE = randomUUID().slice(0, 8);

const LEVELS: Readonly<Record<string, Severity>> = {
  trace: Severity.INFO,
  debug: Severity.INFO,
  info: Severity.INFO,
  warn: Severity.WARNING,
  warning: Severity.WARNING,
  error: Severity.ERROR,
  fatal: Severity.CRITICAL,
  critical: Severity.CRITICAL,
};

export async function* subscribeLogs(
  log: LogLines,
  request: SubscribeLogsRequest,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const least = optionalEnum("level_min", request.levelMin, Severity);
  const bell = new Bell();
  const cursor = new LogCursor(log, { after: tokenOf(request.resumeToken, log), least });
  const stop = log.subscribe(() => bell.ring());
  try {
    yield* cursor.snapshot();
    yield* follow({ bell, ...cursor.kept() }, signal);
  } finally {
    stop();
  }
}

/** Number of the line after which to go on; null begins with what is kept. */
function tokenOf(token: string, log: LogLines): number | null {
  if (token === "") return null;
  const [life, text = ""] = Buffer.from(token, "base64url").toString().split(":");
  const after = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : -1;
  const newest = log.lines().at(-1)?.sequence ?? 0;
  if (life === LIFE && after >= 0 && after <= newest) return after;
  const message = "this token is of another life of the process; subscribe without one";
  throw new RpcRefusal({ status: "OUT_OF_RANGE", reason: "OVERRUN", message });
}

class LogCursor {
  private readonly log: LogLines;
  private readonly least: Severity;
  private readonly resumed: boolean;
  private after: number;
  private dropped = 0;

  constructor(log: LogLines, given: { readonly after: number | null; readonly least: Severity }) {
    this.log = log;
    this.least = given.least;
    this.resumed = given.after !== null;
    this.after = given.after ?? 0;
  }

  /** What is kept now; nothing for a stream that goes on after a token. */
  *snapshot(): Generator<Message> {
    if (this.resumed) return;
    for (const line of this.log.lines()) {
      this.dropped += line.sequence - this.after - 1;
      this.after = line.sequence;
      if (this.isWanted(line)) yield this.message(StreamKind.SNAPSHOT, line);
    }
  }

  kept() {
    return {
      begin: () => this.bare(StreamKind.SNAPSHOT_END),
      heartbeat: () => this.bare(StreamKind.HEARTBEAT),
      take: () => this.fresh(),
    };
  }

  private *fresh(): Generator<Message> {
    for (const line of this.log.lines()) {
      if (line.sequence <= this.after) continue;
      // the ring moved on before this reader did
      this.dropped += line.sequence - this.after - 1;
      this.after = line.sequence;
      if (this.isWanted(line)) yield this.message(StreamKind.UPDATE, line);
    }
  }

  private isWanted({ level }: LogLineKept): boolean {
    return (LEVELS[level] ?? Severity.INFO) >= this.least;
  }

  private message(kind: StreamKind, line: LogLineKept): Message {
    const { atMs, process, code, text, fields, level } = line;
    const meta = this.meta(kind, atMs);
    this.dropped = 0;
    return { meta, atMs, level: LEVELS[level] ?? Severity.INFO, process, code, text, fields: { ...fields } };
  }

  private bare(kind: StreamKind): Message {
    return { meta: this.meta(kind, 0) };
  }

  private meta(kind: StreamKind, atMs: number) {
    const resumeToken = Buffer.from(`${LIFE}:${this.after}`).toString("base64url");
    return metaOf({ kind, sequence: this.after, resumeToken, conflated: this.dropped, atMs });
  }
}
