// The operator door: a Unix socket in the bot's folder, one line of JSON in, one line out. Only the owner of the folder
// may knock; commands are journaled with who and why before the answer. Garbage gets a polite refusal and changes
// nothing.

import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Result } from "../base/result.ts";
import type { BotConfigData } from "../trading/event.ts";
import type { CommandResult } from "./command-desk.ts";
import { readRequest } from "./door-commands.ts";
import type { BotHost } from "./host.ts";
import { HostError } from "./host-error.ts";

const LINE_BYTES_MAX = 256 * 1024;
const CONNECTIONS_MAX = 16;
/** A visitor who says nothing for this long is shown out; the answer to a command may take as long. */
const SILENCE_MS = 10_000;
/** Longest path of a Unix socket, the shorter of Linux's and macOS's. */
const PATH_BYTES_MAX = 103;

/** One line of answer. */
export type DoorAnswer =
  | { readonly ok: true; readonly seq?: number; readonly notes?: readonly string[]; readonly answer?: unknown }
  /** `unreachable`: nobody answered, rather than a bot that refused. */
  | { readonly ok: false; readonly error: string; readonly unreachable?: true };

export interface DoorOptions {
  readonly path: string;
  readonly host: Pick<BotHost, "command" | "state">;
  /** Answers by name of the query: plain JSON. */
  readonly queries: Readonly<Record<string, () => unknown>>;
  readonly readConfig: (text: string) => Result<BotConfigData, string>;
}

export interface Door {
  close(): void;
}

/** Opens the door. Errors (by `done`): DOOR_TAKEN when another process answers there, or the socket cannot be made. */
export function openDoor(options: DoorOptions, done: (result: Result<Door, HostError>) => void): void {
  if (Buffer.byteLength(options.path) > PATH_BYTES_MAX) {
    done({
      ok: false,
      error: taken(options.path, `the path is longer than ${PATH_BYTES_MAX} bytes: shorten the data folder`),
    });
    return;
  }
  someoneAnswers(options.path, (answers) => {
    if (answers) {
      done({ ok: false, error: taken(options.path, "another process answers there: the bot runs already") });
      return;
    }
    rmSync(options.path, { force: true });
    listen(options, done);
  });
}

/** A socket file whose process was killed answers nobody, and only then it is removed. */
function someoneAnswers(path: string, done: (answers: boolean) => void): void {
  const probe = createConnection(path);
  const settle = (answers: boolean): void => {
    probe.removeAllListeners();
    probe.on("error", () => {});
    probe.destroy();
    done(answers);
  };
  probe.once("connect", () => settle(true));
  probe.once("error", () => settle(false));
}

function listen(options: DoorOptions, done: (result: Result<Door, HostError>) => void): void {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => receive(socket, options));
  server.maxConnections = CONNECTIONS_MAX;
  server.once("error", (error) => done({ ok: false, error: taken(options.path, error.message) }));
  server.listen(options.path, () => {
    chmodSync(options.path, 0o600);
    server.unref(); // a door keeps nobody from leaving
    done({ ok: true, value: { close: () => server.close() } });
  });
}

const taken = (path: string, why: string): HostError =>
  new HostError("DOOR_TAKEN", `the operator door ${path} cannot be opened: ${why}`);

/** One visitor: one line, one answer. */
function receive(socket: Socket, options: DoorOptions): void {
  let text = "";
  let answered = false;
  const answer = (said: DoorAnswer): void => {
    if (answered) return;
    answered = true;
    socket.end(`${JSON.stringify(said)}\n`);
  };
  socket.setEncoding("utf8");
  socket.setTimeout(SILENCE_MS, () => {
    if (answered) socket.destroy();
    else answer({ ok: false, error: `nothing was said for ${SILENCE_MS / 1000} s` });
  });
  socket.on("error", () => socket.destroy());
  socket.on("data", (part: string) => {
    if (answered) return;
    text += part;
    const end = text.indexOf("\n");
    if (end >= 0) respond(text.slice(0, end), options, answer);
    else if (text.length > LINE_BYTES_MAX)
      answer({ ok: false, error: `a request has at most ${LINE_BYTES_MAX} bytes` });
  });
  socket.on("end", () => {
    if (!answered && text !== "") respond(text, options, answer);
  });
}

function respond(line: string, options: DoorOptions, answer: (said: DoorAnswer) => void): void {
  const { host, queries, readConfig } = options;
  const said = readRequest(line, { instrument: host.state.instrument, readConfig });
  if (!said.ok) {
    answer({ ok: false, error: said.error });
    return;
  }
  if (said.value.kind === "query") {
    const query = Object.hasOwn(queries, said.value.query) ? queries[said.value.query] : undefined;
    if (query !== undefined) answer({ ok: true, answer: query() });
    else
      answer({
        ok: false,
        error: `no query is called "${said.value.query}"; there are ${Object.keys(queries).join(", ")}`,
      });
    return;
  }
  const { command, by, reason } = said.value;
  host.command(command, { by, reason }, (result) => answer(answerOf(result)));
}

const answerOf = (result: CommandResult): DoorAnswer =>
  result.ok ? { ok: true, seq: result.seq, notes: result.notes } : { ok: false, error: result.text };
