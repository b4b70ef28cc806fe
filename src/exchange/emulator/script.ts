// Exact scenarios (EMU-34): lines of JSON, each a call of the control API and when it is made, counted from the start
// of the world: {"atMs": 5000, "call": "market", "body": {"symbol": "BTC/USDT:USDT", "trade": {…}}}.

import { CONTROL_ROUTES, knownNames } from "./control/routes.ts";
import type { EmulatorControl } from "./control.ts";
import { EmulatorError } from "./error.ts";

export interface ScriptLine {
  readonly atMs: number;
  /** Path after `/control/` of a POST: `market`, `fill`, `faults`, `sockets/close`. */
  readonly call: string;
  readonly body: unknown;
}

/** What a script may call: all that happens at once. Moving time or making the world anew is not for it. */
const CALLS = ["market", "fill", "settleFunding", "liquidate", "adl", "faults", "accounts", "sockets/close"] as const;

/** Reads a script; empty lines and lines that begin with # are left out. Errors: {@link EmulatorError} SCRIPT. */
export function parseScript(text: string, file: string): readonly ScriptLine[] {
  const lines: ScriptLine[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    if (raw.trim() === "" || raw.startsWith("#")) continue;
    const line = lineOf(raw);
    if (typeof line === "string") throw new EmulatorError("SCRIPT", `${file}:${i + 1}: ${line}`);
    lines.push(line);
  }
  return lines.toSorted((a, b) => a.atMs - b.atMs);
}

function lineOf(raw: string): ScriptLine | string {
  const given = jsonOf(raw);
  if (typeof given !== "object" || given === null) return "this is no JSON object";
  const { atMs, call, body } = given as { atMs?: unknown; call?: unknown; body?: unknown };
  if (typeof atMs !== "number" || !Number.isSafeInteger(atMs) || atMs < 0) {
    return "atMs must be a whole number of milliseconds since the start";
  }
  if (typeof call !== "string" || !CALLS.some((each) => each === call)) {
    return `call is ${JSON.stringify(call)}; a script may call ${CALLS.join(", ")}`;
  }
  return { atMs, call, body: body ?? {} };
}

function jsonOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

/** Makes the call. Text: why it came to nothing. */
export function performLine(control: EmulatorControl, { call, body }: ScriptLine): string | null {
  const route = CONTROL_ROUTES.find(({ method, path }) => method === "POST" && path === `/control/${call}`);
  if (route === undefined) return `there is no call ${call}`;
  try {
    route.run({ control, ports: {}, known: knownNames(control), body, query: {}, named: "" });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
