// The log of a process (RISK-47…49): one JSON object a line on stderr, secrets masked by name and by value, the last
// lines kept for those who subscribe. A log that cannot be written never stops anything.

import { type Logger, pino } from "pino";
import { concealed, MASK } from "./conceal.ts";
import { LineSink } from "./line-sink.ts";
import { LogRing } from "./log-ring.ts";
import { LATER, type Later, Repeats } from "./repeats.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What stands beside the text: plain JSON; ids under the names `bot`, `epoch`, `seq`, `clientOrderId`, `requestId`. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** A log whose every line carries `fields` too. */
  child(fields: LogFields): Log;
}

export interface ProcessLog extends Log {
  /** The newest lines, as they were written: masked. */
  readonly ring: LogRing;
  /**
   * Values that must never be written from now on, whole or in part of a text. Those under 6 characters are ignored.
   */
  conceal(secrets: readonly string[]): void;
  /** Writes out what waits. */
  close(): void;
}

export interface LogOptions {
  /** "connector", "market-maker", "live-server", "up". */
  readonly process: string;
  readonly level?: LogLevel;
  /** Where lines go; stderr unless given. */
  readonly write?: (line: string) => void;
  /** Timer of what was counted; the machine's own unless given. */
  readonly later?: Later;
}

const SECRET_NAMES = [
  "apiKey",
  "secret",
  "passphrase",
  "signature",
  "authorization",
  "cookie",
  "token",
  "query",
  "key",
  "password",
  '["x-api-key"]',
];
/** Shorter values would mask ordinary words. */
const SECRET_LENGTH_MIN = 6;
/** Bytes that may wait for a slow reader of stderr; beyond it lines are dropped, not kept. */
const WAITING_BYTES_MAX = 1 << 20;

export function openLog(options: LogOptions): ProcessLog {
  const ring = new LogRing();
  const secrets = new Set<string>();
  const sink = options.write === undefined ? stderr() : null;
  const masked = (line: string): string => (secrets.size === 0 ? line : concealed(line, secrets));
  const { write = (line: string): void => sink?.write(line) } = options;
  const put = (line: string): void => {
    ring.take(line);
    write(line);
  };
  const repeats = new Repeats({
    tell: (line, times) => put(withCount(line, times)),
    later: options.later ?? LATER,
  });
  const logger = pino(
    {
      level: options.level ?? "info",
      base: { process: options.process },
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: pathsOf(SECRET_NAMES), censor: MASK },
      hooks: {
        streamWrite: (line) => {
          const text = masked(line);
          return repeats.take(text.replace(AT, ""), text) ? text : "";
        },
      },
    },
    // a line that was counted comes as nothing
    { write: (line: string) => (line === "" ? undefined : put(line)) },
  );
  return {
    ...logOn(logger),
    ring,
    conceal: (values) => {
      for (const value of values)
        if (value.length >= SECRET_LENGTH_MIN) secrets.add(JSON.stringify(value).slice(1, -1));
    },
    close: () => {
      repeats.close();
      sink?.flushSync();
    },
  };
}

const AT = /"at":"[^"]*",?/;

/** The line as it was, with how often it came since. */
function withCount(line: string, times: number): string {
  const said = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const msg = `${String(said["msg"])} (repeated ${times} ${times === 1 ? "time" : "times"})`;
  return `${JSON.stringify({ ...said, repeated: times, msg })}\n`;
}

/** A log nobody reads: for tests, and for tools that speak to people. */
export const SILENT_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT_LOG,
};

function logOn(logger: Logger): Log {
  return {
    debug: (text, fields = {}) => logger.debug(fields, text),
    info: (text, fields = {}) => logger.info(fields, text),
    warn: (text, fields = {}) => logger.warn(fields, text),
    error: (text, fields = {}) => logger.error(fields, text),
    child: (fields) => logOn(logger.child(fields)),
  };
}

/** The names themselves, and one and two levels down. */
function pathsOf(names: readonly string[]): string[] {
  const below = (prefix: string): string[] =>
    names.map((name) => (name.startsWith("[") ? `${prefix}${name}` : prefix === "" ? name : `${prefix}.${name}`));
  return [...below(""), ...below("*"), ...below("*.*")];
}

/** Asynchronous, bounded, and deaf to a reader that went away: the engine never waits for its log. */
function stderr(): LineSink {
  const sink = new LineSink(2, WAITING_BYTES_MAX);
  process.on("exit", () => sink.flushSync());
  return sink;
}
