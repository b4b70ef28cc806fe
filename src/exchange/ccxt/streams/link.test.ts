// A supervised socket that is to be replaced while it dies: whatever fails in between, there is another one in the end.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { WebSocketServer } from "ws";
import { until } from "../../../../test/ccxt/stream-stage.ts";
import { PacedClock } from "../../../base/paced-clock.ts";
import { fail, ok, type Result } from "../../../base/result.ts";
import { MONOTONIC_CLOCK } from "../../../host/wall-clock.ts";
import { SILENT_LOG } from "../../../observe/log.ts";
import { RequestBudget } from "../budget/request-budget.ts";
import { CcxtInstance } from "../ccxt-instance.ts";
import { BINANCE_USDM } from "../exchanges/binance-usdm.ts";
import { Redactor } from "../redact.ts";
import { NodeTransport } from "../transport.ts";
import { DialGate } from "./dial-gate.ts";
import { Link } from "./link.ts";
import type { DialPlan } from "./stream-table.ts";
import { STREAM_TIMES } from "./times.ts";

const REDIAL_MS = 40;
const WAITS = { dialGapMs: 1, redialWaitsMs: [REDIAL_MS] } as const;
const TIMES = { ...STREAM_TIMES, ...WAITS };

async function staged(context: TestContext) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
  const table = BINANCE_USDM;
  const gate = new RequestBudget({ clock, table, health: () => undefined });
  const common = { table, credentials: null, environment: "live", urls: null, clock, gate } as const;
  const transport = new NodeTransport({ clock });
  const instance = await CcxtInstance.open({ ...common, transport, redactor: new Redactor() });
  const dials = new DialGate(clock, TIMES.dialGapMs);
  const plans: ((plan: Result<DialPlan, string>) => void)[] = [];
  const news: string[] = [];
  const link = new Link({
    name: "tested",
    instance,
    gate: dials,
    clock,
    log: SILENT_LOG,
    times: TIMES,
    plan: () => new Promise((resolve) => plans.push(resolve)),
    proof: "open",
    heard: () => undefined,
    passes: () => false,
    socketsEnd: false,
    up: (planned) => news.push(planned ? "replaced" : "up"),
    down: () => news.push("down"),
  });
  context.after(async () => {
    await link.close();
    dials.close();
    await instance.close();
    for (const each of server.clients) each.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const at = `ws://127.0.0.1:${address.port}`;
  let dialled = 0;
  /** The next plan that is asked for, given or refused. */
  const answer = async (plan: "good" | "refused" | Result<DialPlan, string>): Promise<void> => {
    await until("a plan is asked for", () => plans.length > 0);
    dialled += 1;
    const nowhere = ok({ url: `ws://127.0.0.1:1/${dialled}`, messages: [] });
    plans.shift()?.(
      plan === "good" ? ok({ url: `${at}/${dialled}`, messages: [] }) : plan === "refused" ? nowhere : plan,
    );
  };
  const kill = (): void => {
    for (const each of server.clients) each.terminate();
  };
  link.open();
  await answer("good");
  await until("it is up", () => news.at(-1) === "up");
  return { link, plans, news, answer, kill, clock };
}

test("EXCH-43 EXCH-42 a socket that dies while its successor logs in is dialled again though that login fails", async (context) => {
  const { link, news, answer, kill, plans, clock } = await staged(context);
  link.replace();
  await until("its login", () => plans.length === 1);
  kill();
  await until("it is down", () => news.at(-1) === "down");
  const endMs = clock.nowMs() + 3 * REDIAL_MS;
  await until("the redial's wait has passed", () => clock.nowMs() > endMs);
  await answer(fail("the exchange is closed for maintenance"));
  await answer("good");
  await until("it is up again", () => news.at(-1) === "up");
  assert.ok(link.isUp);
});

test("EXCH-43 EXCH-42 a socket that dies while its successor is refused is dialled again", async (context) => {
  const { link, news, answer, kill, plans } = await staged(context);
  link.replace();
  await until("its login", () => plans.length === 1);
  kill();
  await until("it is down", () => news.at(-1) === "down");
  await answer("refused");
  await answer("good");
  await until("it is up again", () => news.at(-1) === "up");
});

test("EXCH-43 one socket at a time: a successor that takes over from a dead one is no second one", async (context) => {
  const { link, news, answer, kill, plans, clock } = await staged(context);
  link.replace();
  await until("its login", () => plans.length === 1);
  kill();
  await until("it is down", () => news.at(-1) === "down");
  await answer("good");
  // something was missed: it is no planned replacement
  await until("it is up again", () => news.at(-1) === "up");
  const endMs = clock.nowMs() + 3 * REDIAL_MS;
  await until("the redial's wait has passed", () => clock.nowMs() > endMs);
  assert.deepEqual([plans.length, news], [0, ["up", "down", "up"]]);
});
