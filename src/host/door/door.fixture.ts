// The operator door on a real HTTP listener, with real bots behind it. Test code only.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { decodeEvent } from "../../journal/codec.ts";
import { startHttp } from "../../observe/http.ts";
import { SILENT_LOG } from "../../observe/log.ts";
import { Metrics } from "../../observe/metrics.ts";
import type { RateLimit } from "../../rpc/rate.ts";
import { type BooksTown, startTown } from "../api/books.fixture.ts";
import { TestLog } from "../api/bot-service.fixture.ts";
import { botService } from "../api/bot-service.ts";
import { operatorDoor } from "./operator-door.ts";

export const CONSOLE = "http://127.0.0.1:8081";

export interface Door extends BooksTown {
  readonly url: string;
  readonly port: number;
  readonly clock: { ms: number };
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; body: Record<string, unknown>; headers: Headers; text: string }>;
}

export async function openDoor(
  t: TestContext,
  bots = 1,
  rate: RateLimit = { perSecond: 100, burst: 200 },
): Promise<Door> {
  const town = await startTown(t, bots, 60_000);
  const { process, made, village } = town;
  const bot = botService({ fleet: process.fleet, books: made.books, log: new TestLog(), operatorUrl: "" });
  const clock = { ms: 0 };
  const door = operatorDoor({
    bot: bot.implementation,
    risk: made.risk,
    keys: village.entries,
    rate,
    origins: [CONSOLE],
    log: SILENT_LOG,
    monotonicMs: () => clock.ms,
  });
  const http = await startHttp({
    bind: "127.0.0.1",
    port: 0,
    health: () => ({ ok: true, body: {} }),
    ready: () => [],
    status: () => ({ overall: "ok" }),
    metrics: new Metrics({ process: "test", release: "1", own: false }),
    log: SILENT_LOG,
    routes: (app) => door.routes(app),
  });
  t.after(async () => {
    bot.close();
    await http.close();
  });
  const post: Door["post"] = async (path, body, headers = { authorization: `Bearer ${village.keys.operator}` }) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const sent = fetch(`${http.url}/operator/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: text,
    }).then(async (response) => ({ response, raw: await response.text() }));
    const { response, raw } = await town.world.until(sent);
    const lines = raw.split("\n").filter((line) => line !== "");
    const last: unknown = lines.length === 0 ? {} : JSON.parse(lines.at(-1) ?? "{}");
    return { status: response.status, body: last as Record<string, unknown>, headers: response.headers, text: raw };
  };
  return { ...town, url: http.url, port: http.port, clock, post };
}

/** Names of the commands in a bot's journal. */
export function journaled({ process }: BooksTown): readonly string[] {
  const journal = process.fleet.bot("b0")?.journal ?? assert.fail("no journal");
  return [...journal.records(0)].flatMap((record) => {
    const event = record.kind === "command" ? decodeEvent(record) : null;
    return event?.kind === "command" ? [`${event.command.name} by ${event.by}: ${event.reason}`] : [];
  });
}
