import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import type { UpstreamHealth } from "../../port.ts";
import type { CallWish, Priority } from "../call.ts";
import { SPOT_LIMITS, USDM_LIMITS } from "../exchanges/binance-limits.ts";
import type { LimitTable, RequestAbout } from "../exchanges/exchange-table.ts";
import { ListOrSingle, PollingHealth } from "./polling.ts";
import { RequestBudget } from "./request-budget.ts";

const START_MS = 1_000_000;

const ONE_BUCKET: LimitTable = {
  buckets: [{ name: "all", limit: 10, windowMs: 10_000 }],
  costs: ({ cost }) => [{ bucket: "all", cost }],
  used: (headers) =>
    headers["used"] === undefined ? [] : [{ bucket: "all", used: Number.parseInt(headers["used"], 10) }],
  told: () => [],
};

const about = (cost = 1, more: Partial<RequestAbout> = {}): RequestAbout => ({
  api: "private",
  method: "POST",
  path: "order",
  params: {},
  cost,
  ...more,
});

class Stage {
  timerRuns = true;
  readonly clock = new VirtualClock(START_MS);
  readonly health: UpstreamHealth[] = [];
  readonly left: string[] = [];
  readonly budget: RequestBudget;

  constructor(limits: LimitTable = ONE_BUCKET) {
    const table = { limits, rateStatuses: [429], banStatuses: [418] };
    this.budget = new RequestBudget({
      clock: this.clock,
      table,
      health: (news) => this.health.push(news),
      timerRuns: () => this.timerRuns,
    });
  }

  ask(name: string, priority: Priority, more: Partial<CallWish> & { readonly cost?: number } = {}): void {
    const { cost = 1, ...wish } = more;
    const waitUntilMs = this.clock.nowMs() + 600_000;
    const whole = { priority, waitUntilMs, deadlineMs: waitUntilMs, expiresAtMs: null, ...wish };
    this.budget.pass(about(cost), whole).then(
      () => this.left.push(name),
      (error: Error) => this.left.push(`${name} ${error.message.slice(0, 8)}`),
    );
  }

  /** Everything that left by this many milliseconds after the start, in order. */
  async by(ms: number): Promise<string[]> {
    while (this.clock.runNext((START_MS + ms) * 1000)) await Promise.resolve();
    this.clock.runUntil((START_MS + ms) * 1000);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    return this.left.splice(0);
  }
}

const fill = (stage: Stage, count: number, priority: Priority = 0): void => {
  for (let n = 0; n < count; n += 1) stage.ask(`fill${n}`, priority);
};

test("EXCH-26 a fifth of a bucket is for cancels and settling, its end for cancels, history stops at half", async () => {
  const stage = new Stage();
  fill(stage, 12, 4);
  assert.equal((await stage.by(0)).length, 5);
  fill(stage, 12, 2);
  assert.equal((await stage.by(0)).length, 3);
  stage.ask("lookup", 1);
  stage.ask("a storm of them", 1);
  stage.ask("cancel", 0);
  stage.ask("third", 0);
  assert.deepEqual(await stage.by(0), ["lookup", "cancel"]);
});

test("EXCH-26 what matters more leaves first, and within a priority the oldest", async () => {
  const stage = new Stage();
  fill(stage, 10);
  await stage.by(0);
  for (const [name, priority] of [
    ["poll", 3],
    ["place1", 2],
    ["cancel1", 0],
    ["place2", 2],
    ["lookup", 1],
    ["cancel2", 0],
  ] as const) {
    stage.ask(name, priority);
  }
  assert.deepEqual(await stage.by(10_249), []);
  assert.deepEqual(await stage.by(10_250), ["cancel1", "cancel2", "lookup", "place1", "place2", "poll"]);
});

test("EXCH-26 a request whose turn does not come before its time is not sent", async () => {
  const stage = new Stage();
  fill(stage, 10);
  await stage.by(0);
  stage.ask("late", 2, { waitUntilMs: START_MS + 1000 });
  assert.deepEqual(await stage.by(1000), []);
  assert.deepEqual(await stage.by(1001), ["late not sent"]);
});

test("EXCH-25 what the exchange has counted corrects what we counted, upward only", async () => {
  const stage = new Stage();
  stage.budget.replied(200, { used: "9" });
  stage.ask("place", 2);
  stage.ask("cancel", 0);
  assert.deepEqual(await stage.by(0), ["cancel"]);
  stage.budget.replied(200, { used: "2" });
  assert.equal(stage.budget.view()[0]?.used, 10);
});

test("EXCH-25 Binance's own answer sets the limits, and its headers are read by their interval", () => {
  const rules = USDM_LIMITS.told({
    rateLimits: [
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 2400 },
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: "300" },
      { rateLimitType: "NEW_KIND", interval: "MINUTE", intervalNum: 1, limit: 5 },
    ],
  });
  assert.deepEqual(rules, [
    { name: "weight-1m", limit: 2400, windowMs: 60_000 },
    { name: "orders-10s", limit: 300, windowMs: 10_000 },
  ]);
  const headers = { "x-mbx-used-weight-1m": "17", "x-mbx-order-count-10s": "3", "content-type": "x" };
  assert.deepEqual(USDM_LIMITS.used(headers, null), [
    { bucket: "weight-1m", used: 17 },
    { bucket: "orders-10s", used: 3 },
  ]);
});

test("EXCH-25 requests cost what the exchange counts: orders by the piece, cancels and reads by weight", () => {
  const cost = (
    limits: LimitTable,
    method: string,
    path: string,
    params: Readonly<Record<string, unknown>> = {},
  ): string =>
    limits
      .costs(about(1, { api: "fapiPrivate", method, path, params }))
      .map((each) => `${each.bucket} ${each.cost}`)
      .join(", ");
  assert.equal(cost(USDM_LIMITS, "POST", "order"), "orders-10s 1, orders-1m 1, orders-1d 1");
  assert.equal(cost(USDM_LIMITS, "DELETE", "order"), "weight-1m 1");
  const batchOrders = [{}, {}, {}];
  assert.equal(
    cost(USDM_LIMITS, "POST", "batchOrders", { batchOrders }),
    "weight-1m 5, orders-10s 3, orders-1m 3, orders-1d 3",
  );
  assert.equal(cost(USDM_LIMITS, "GET", "openOrders"), "weight-1m 40");
  assert.equal(cost(USDM_LIMITS, "GET", "openOrders", { symbol: "BTCUSDT" }), "weight-1m 1");
  assert.equal(cost(USDM_LIMITS, "GET", "depth", { limit: 20 }), "weight-1m 2");
  assert.equal(cost(SPOT_LIMITS, "GET", "myTrades"), "weight-1m 20");
});

test("EXCH-27 after a 429 everything waits as long as it says, but one bulk cancel of each instrument", async () => {
  const stage = new Stage();
  stage.budget.replied(429, { "retry-after": "5" });
  stage.ask("place", 2);
  stage.ask("cancel", 0);
  stage.ask("bulk BTC", 0, { bulkCancelOf: "BTC" });
  stage.ask("bulk BTC again", 0, { bulkCancelOf: "BTC" });
  stage.ask("bulk ETH", 0, { bulkCancelOf: "ETH" });
  assert.deepEqual(await stage.by(4999), ["bulk BTC", "bulk ETH"]);
  assert.deepEqual(await stage.by(5000), ["cancel"], "one goes ahead and sees");
  stage.budget.replied(200, {});
  assert.deepEqual(await stage.by(5000), ["bulk BTC again", "place"]);
  assert.deepEqual(
    stage.health.map(({ subject, state }) => `${subject} ${state}`),
    ["limits suspect", "limits live"],
  );
});

test("EXCH-27 what waited for the end of a pause does not leave all at once into the next one", async () => {
  const stage = new Stage();
  stage.budget.replied(429, { "retry-after": "2" });
  for (const name of ["one", "two", "three"]) stage.ask(name, 2, { waitUntilMs: START_MS + 20_000 });
  assert.deepEqual(await stage.by(2000), ["one"]);
  stage.budget.replied(429, { "retry-after": "2" });
  assert.deepEqual(await stage.by(3999), []);
  assert.deepEqual(await stage.by(4000), ["two"]);
  assert.deepEqual(await stage.by(4999), [], "its answer may never come");
  assert.deepEqual(await stage.by(5000), ["three"]);
});

test("EXCH-27 inside a ban nothing is sent at all, and the alert says that the dead-man timer runs out", async () => {
  const stage = new Stage();
  stage.budget.replied(418, { "retry-after": "120" });
  stage.ask("bulk", 0, { bulkCancelOf: "BTC" });
  stage.ask("place", 2, { waitUntilMs: START_MS + 3000 });
  assert.deepEqual(await stage.by(60_000), ["place not sent"]);
  stage.budget.replied(429, { "retry-after": "1" });
  assert.deepEqual(await stage.by(119_999), [], "a 429 does not shorten a ban");
  assert.deepEqual(await stage.by(120_000), ["bulk"]);
  assert.deepEqual(
    stage.health.map(({ subject, state }) => `${subject} ${state}`),
    ["limits down", "dead-man suspect", "limits live"],
  );
});

test("EXCH-27 a ban says nothing of a dead-man timer that is not armed: nobody would take it back", () => {
  const stage = new Stage();
  stage.timerRuns = false;
  stage.budget.replied(418, { "retry-after": "120" });
  assert.deepEqual(
    stage.health.map(({ subject }) => subject),
    ["limits"],
  );
});

test("EXCH-25 a request larger than its share leaves alone, and one larger than the limit never", async () => {
  const stage = new Stage();
  stage.ask("large", 2, { cost: 10 });
  stage.ask("impossible", 2, { cost: 11 });
  assert.deepEqual(await stage.by(0), ["large", "impossible not sent"]);
});

test("EXCH-04 a closed connection refuses what waits and what comes", async () => {
  const stage = new Stage();
  fill(stage, 10);
  await stage.by(0);
  stage.ask("waiting", 0);
  stage.budget.close();
  stage.ask("coming", 0);
  assert.deepEqual(await stage.by(0), ["waiting not sent", "coming not sent"]);
});

test("EXCH-59 a list that fails three times in a row gives way to single reads for a minute", async () => {
  const stage = new Stage();
  const lists = new ListOrSingle(stage.clock);
  lists.told(false);
  lists.told(false);
  lists.told(true);
  lists.told(false);
  lists.told(false);
  assert.equal(lists.mayList(), true);
  lists.told(false);
  assert.equal(lists.mayList(), false);
  await stage.by(60_000);
  assert.equal(lists.mayList(), true);
});

test("EXCH-59 when most of what is polled fails, polling and history rest and orders go on", async () => {
  const stage = new Stage();
  const rested: string[] = [];
  const polling = new PollingHealth(stage.clock, (forMs, text) => {
    rested.push(text);
    stage.budget.rest(forMs);
  });
  polling.told("a", true);
  for (const name of ["b", "c", "d"]) polling.told(name, false);
  assert.deepEqual(rested, [], "three of four are not more than 75 %");
  polling.told("e", false);
  assert.equal(rested.length, 1);
  stage.ask("poll", 3);
  stage.ask("history", 4);
  stage.ask("place", 2);
  stage.ask("cancel", 0);
  assert.deepEqual(await stage.by(59_999), ["place", "cancel"]);
  assert.deepEqual(await stage.by(60_000), ["poll", "history"]);
});

test("EXCH-26 a flood of patient requests keeps no cancel out", async () => {
  const stage = new Stage();
  const patient = { priority: 4, waitUntilMs: START_MS + 600_000, deadlineMs: 0, expiresAtMs: null } as const;
  const refusals: unknown[] = [];
  for (let i = 0; i < 2_100; i += 1) {
    stage.budget.pass(about(1), patient).catch((error: unknown) => refusals.push(error));
  }
  await Promise.resolve();
  await stage.budget.pass(about(1), { ...patient, priority: 0 });
  await Promise.resolve();
  assert.ok(refusals.length > 0 && refusals.length <= 100, `${refusals.length} were refused`);
  stage.budget.close();
});
