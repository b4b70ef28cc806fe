// The other side of the operator door: one request, one answer.

import { createConnection } from "node:net";
import type { DoorAnswer } from "./door.ts";

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** Sends one request. Never rejects: that nobody answers is an answer too. `timeoutMs`: for all of it. */
export function callDoor(
  path: string,
  request: Readonly<Record<string, unknown>>,
  timeoutMs = 10_000,
): Promise<DoorAnswer> {
  return new Promise((resolve) => {
    let text = "";
    let settled = false;
    const socket = createConnection(path);
    const settle = (answer: DoorAnswer): void => {
      if (settled) return;
      settled = true;
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(timeoutMs, () =>
      settle({ ok: false, unreachable: true, error: `the bot did not answer within ${timeoutMs} ms` }),
    );
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("data", (part: string) => {
      text += part;
      if (text.length > ANSWER_BYTES_MAX) settle({ ok: false, error: "the answer is too long" });
    });
    socket.once("end", () => settle(read(text)));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      settle({ ok: false, unreachable: true, error: why(path, error) }),
    );
  });
}

function why(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return `no bot is running here (${path})`;
  if (error.code === "EACCES") return `${path} belongs to another user`;
  return `${path}: ${error.message}`;
}

function read(text: string): DoorAnswer {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "ok" in value) return value as DoorAnswer;
  } catch {
    // fall through: it is said below
  }
  return { ok: false, unreachable: true, error: "the bot broke off before it answered" };
}
