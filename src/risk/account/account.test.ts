// What the account machine decides, case by case: net exposure, drawdown, loss, orders, margin, requests, outside
// exposure, shares, the kill over all bots and the drift of budgets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../../market/amounts.ts";
import type { AccountFigures, AccountLimits, BotFigures, RequestFigures } from "../../trading/account-event.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { type AccountState, initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";

const DAY_MS = 86_400_000;
const usdt = (n: number): ReturnType<typeof money> => money(BigInt(Math.round(n * 100)) * 10n ** 16n);

const LIMITS: AccountLimits = {
  exposureGrossMax: usdt(20_000),
  exposureNetMax: usdt(10_000),
  drawdownTotalBpsMax: 1_500,
  dailyLossMax: usdt(0),
  openOrdersMax: 0,
  latencyP99MsMax: 2_000,
  retryRatioBpsMax: 5_000,
  marginRatioWarnBps: 3_000,
  marginRatioTripBps: 5_000,
  accountShareBps: 10_000,
};

type Given = Partial<Omit<BotFigures, "bot">>;

/** The machine with bots a (BTC) and b (ETH), which acknowledge at once. */
class Account {
  readonly state: AccountState = initialAccountState();
  effects: Effect[] = [];
  atMs = 100 * DAY_MS;

  constructor(limits: Partial<AccountLimits> = {}, bots: readonly string[] = ["a", "b"]) {
    this.tell({ kind: "account-configured", atMs: 0, limits: { ...LIMITS, ...limits }, by: "test" });
    for (const bot of bots) this.join(bot);
    this.effects = [];
  }

  join(bot: string): void {
    const base = bot === "a" ? "BTC" : "ETH";
    this.tell({ kind: "bot-joined", atMs: 0, bot, base, wanted: usdt(20_000) });
  }

  tell(event: EngineEvent, afterMs = 0): void {
    this.atMs += afterMs;
    const effects = accountStep(this.state, { ...event, atMs: this.atMs });
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind !== "grant") continue;
      const exposure = this.state.bots.get(effect.bot)?.figures?.exposure ?? usdt(0);
      this.tell({ kind: "grant-acknowledged", atMs: 0, bot: effect.bot, id: effect.id, exposure });
    }
  }

  figures(
    bots: { readonly [bot: string]: Given },
    more: Partial<Omit<AccountFigures, "kind" | "atMs" | "bots">> = {},
    afterMs = 1_000,
  ): void {
    const all = Object.entries(bots).map(([bot, given]): BotFigures => {
      const nothing = { exposure: null, net: null, profit: null, budget: null, cash: null, orders: 0 };
      return { bot, ...nothing, ...given };
    });
    const rest = { equity: null, outside: null, requests: [], ...more };
    this.tell({ kind: "account-figures", atMs: 0, bots: all, ...rest }, afterMs);
  }

  timer(): void {
    const [[name, atMs] = ["", 0]] = [...this.state.timers];
    this.tell({ kind: "timer", atMs: 0, name, missed: 0 }, Math.max(0, atMs - this.atMs));
  }

  command(command: Extract<EngineEvent, { kind: "command" }>["command"], reason = "because"): void {
    this.tell({ kind: "command", atMs: 0, command, by: "ann", reason });
  }

  open(name: string): boolean {
    return this.state.breakers.get(name)?.phase === "open";
  }

  /** Codes and severities of alerts since the last call. */
  alerts(): string[] {
    const told = this.effects.flatMap((effect) =>
      effect.kind === "alert" ? [`${effect.code} ${effect.severity}`] : [],
    );
    this.effects = [];
    return told;
  }

  /** What bots were told of a breaker since the last `alerts()`. */
  told(breaker: string): string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === "bot-breaker" && effect.breaker === breaker
        ? [`${effect.bot} ${effect.phase} ${effect.action}`]
        : [],
    );
  }

  grants(): (readonly [bot: string, gross: bigint])[] {
    return [...this.state.bots].map(([bot, { grant }]) => [bot, grant?.gross ?? -1n] as const);
  }
}

test("RISK-10 RISK-18 net exposure of one base asset above its limit for 5 s opens the breaker at every bot", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(10_001) }, b: { net: usdt(-9_000) } });
  assert.equal(account.open("net-exposure"), false);
  account.figures({ a: { net: usdt(10_000) } }, {}, 4_900);
  account.figures({ a: { net: usdt(10_001) } }, {}, 4_900);
  assert.equal(account.open("net-exposure"), false, "it fell to the limit between");
  account.timer();
  assert.equal(account.open("net-exposure"), true);
  assert.deepEqual(account.told("net-exposure"), ["a open O", "b open O"]);
  assert.deepEqual(account.alerts(), ["breaker-opened error"]);
});

test("RISK-10 what nets to nothing in each asset and too much in total is above the limit too", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(6_000) }, b: { net: usdt(6_000) } });
  account.timer();
  assert.equal(account.open("net-exposure"), true);
});

test("RISK-18 a net-exposure breaker cools down, is on probation, and opens for twice as long when it trips there", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(11_000) } });
  account.timer();
  account.figures({ a: { net: usdt(5_000) } });
  account.timer();
  assert.equal(account.state.breakers.get("net-exposure")?.phase, "probation");
  assert.deepEqual(account.told("net-exposure").at(-1), "b probation O");
  account.figures({ a: { net: usdt(11_000) } });
  account.timer();
  assert.equal(account.state.breakers.get("net-exposure")?.cooldownMs, 120_000);
  account.figures({ a: { net: usdt(0) } });
  account.timer();
  account.timer();
  assert.equal(account.state.breakers.has("net-exposure"), false);
});

test("RISK-18 the fall of all bots' capital from its peak closes positions, and only an operator begins anew", () => {
  const account = new Account();
  const budget = usdt(500);
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(0), budget } });
  account.figures({ a: { profit: usdt(50) } });
  // peak 1,050; 15 % of it is 157.5
  account.figures({ a: { profit: usdt(-57.49), budget }, b: { profit: usdt(-50), budget } });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-57.5), budget }, b: { profit: usdt(-50), budget } });
  assert.deepEqual(account.told("drawdown-total"), ["a open F", "b open F"]);
  account.command({ name: "breakerClose", breaker: "drawdown-total", force: false });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-58), budget }, b: { profit: usdt(-50), budget } });
  assert.equal(account.open("drawdown-total"), false, "the peak is where it was closed");
});

test("RISK-18 a bot that joins with a loss of before is no drawdown of the account", () => {
  const account = new Account();
  const budget = usdt(500);
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(-400), budget } });
  assert.equal(account.open("drawdown-total"), false);
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: true });
  account.figures({ a: { profit: usdt(0), budget } });
  assert.equal(account.open("drawdown-total"), false);
});

test("OPS-21 the day's loss over all bots stops opening until midnight UTC", () => {
  const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
  account.figures({ a: { profit: usdt(10) }, b: { profit: usdt(5) } });
  account.figures({ a: { profit: usdt(-60) }, b: { profit: usdt(-24) } });
  assert.equal(account.open("daily-loss"), false);
  account.figures({ a: { profit: usdt(-61) }, b: { profit: usdt(-24) } });
  assert.deepEqual(account.told("daily-loss"), ["a open O", "b open O"]);
  account.figures({ a: { profit: usdt(10) } });
  assert.equal(account.open("daily-loss"), true, "what came back today reopens nothing");
  account.figures({ a: { profit: usdt(10) } }, {}, DAY_MS);
  assert.equal(account.open("daily-loss"), false);
});

test("OPS-21 open orders over all bots above the limit pause them until there are fewer", () => {
  const account = new Account({ openOrdersMax: 10 });
  account.figures({ a: { orders: 6 }, b: { orders: 5 } });
  assert.deepEqual(account.told("open-orders"), ["a open P", "b open P"]);
  account.figures({ a: { orders: 5 }, b: { orders: 5 } });
  assert.equal(account.open("open-orders"), false);
});

test("RISK-18 RISK-52 margin 700 of equity 2,000 warns once; half of it stops opening in every bot", () => {
  const account = new Account();
  const at = (maintenance: number): Partial<AccountFigures> => ({
    equity: { equity: usdt(2_000), maintenance: usdt(maintenance), atMs: account.atMs },
  });
  account.figures({}, at(700));
  account.figures({}, at(701));
  assert.deepEqual(account.alerts(), ["margin warning"]);
  account.figures({}, at(1_000));
  assert.deepEqual(account.told("margin-ratio"), ["a open O", "b open O"]);
});

test("RISK-18 three slow judgements of the account's orders open latency; repeats open retries", () => {
  const requests = (tookMs: number, tries = 1): RequestFigures[] =>
    Array.from({ length: 20 }, () => ({ tries, tookMs, failed: false }));
  const slow = new Account();
  for (let n = 0; n < 3; n += 1) slow.figures({}, { requests: requests(2_001) }, 5_000);
  assert.equal(slow.open("latency"), true);
  const repeated = new Account();
  repeated.figures({}, { requests: requests(10, 3) });
  assert.equal(repeated.open("retries"), true);
});

test("RISK-12 what others hold in the account is nobody's to grant, and nothing of it is ever sold", () => {
  const account = new Account();
  account.figures({}, { outside: { gross: usdt(4_950), net: [{ base: "BTC", net: usdt(4_950) }] } });
  assert.deepEqual(account.grants(), [
    ["a", usdt(7_500)],
    ["b", usdt(7_500)],
  ]);
  account.figures(
    { a: { net: usdt(5_051) } },
    { outside: { gross: usdt(4_950), net: [{ base: "BTC", net: usdt(4_950) }] } },
  );
  account.timer();
  assert.equal(account.open("net-exposure"), true, "it counts in the net exposure of its asset");
  assert.equal(
    account.effects.some(({ kind }) => kind === "bot-command" || kind === "place"),
    false,
  );
  account.figures({}, { outside: { gross: usdt(30_000), net: [] } });
  assert.deepEqual(account.grants(), [
    ["a", 0n],
    ["b", 0n],
  ]);
});

test("RISK-11 a process has its share of every limit of the account, and no more", () => {
  const account = new Account({ accountShareBps: 2_500 });
  assert.deepEqual(account.grants(), [
    ["a", usdt(2_500)],
    ["b", usdt(2_500)],
  ]);
  account.figures({ a: { net: usdt(2_501) } });
  account.timer();
  assert.equal(account.open("net-exposure"), true);
});

test("RISK-22 the kill of the account is told to every bot and to each that joins, and fails where one cannot prove it", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: true }, "news");
  const commands = (): string[] =>
    account.effects.flatMap((effect) =>
      effect.kind === "bot-command" ? [`${effect.bot} ${effect.command.name}`] : [],
    );
  assert.deepEqual(commands(), ["a kill", "b kill"]);
  account.join("c");
  assert.deepEqual(commands(), ["a kill", "b kill", "c kill"]);
  const report = { kind: "bot-kill-reported", atMs: 0, proved: true, ordersLeft: 0, flat: true } as const;
  for (const bot of ["a", "b"]) account.tell({ ...report, bot });
  assert.equal(account.state.kill?.reported, false);
  account.timer();
  assert.deepEqual(account.alerts(), ["kill critical", "kill-failed critical"]);
  account.command({ name: "killReset" }, "over");
  assert.deepEqual(commands(), ["a killReset", "b killReset", "c killReset"]);
  assert.equal(account.state.kill, null);
});

test("RISK-22 a bot that did not run when the kill was reset has its latch lifted when it is back", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: false });
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: null, removed: false });
  account.command({ name: "killReset" });
  account.effects = [];
  account.join("b");
  assert.deepEqual(
    account.effects.flatMap((effect) => (effect.kind === "bot-command" ? [effect.command.name] : [])),
    ["killReset"],
  );
});

test("RISK-17 the budgets' books against the exchange's total: told above 1 and 10 USDT with both values, never corrected", () => {
  const account = new Account();
  const budget = usdt(500);
  const balance = (total: number): void =>
    account.tell({
      kind: "account-balance",
      atMs: 0,
      asset: "USDT",
      total: usdt(total),
      openOrders: 3,
      postings: ["p1"],
    });
  account.figures({ a: { budget, cash: usdt(500) }, b: { budget, cash: usdt(500) } });
  balance(1_700);
  assert.equal(account.state.unallocated, usdt(700), "the first look says what is nobody's");
  balance(1_701);
  assert.deepEqual(account.alerts(), []);
  balance(1_701.01);
  const [warning] = account.effects.flatMap((effect) => (effect.kind === "alert" ? [effect] : []));
  assert.equal(warning?.severity, "warning");
  assert.deepEqual(
    [warning?.facts["books"], warning?.facts["exchange"], warning?.facts["openOrders"], warning?.facts["postings"]],
    ["1700", "1701.01", 3, "p1"],
  );
  balance(1_689.99);
  assert.deepEqual(account.alerts(), ["budget-drift warning", "budget-drift critical"]);
  assert.equal(account.state.unallocated, usdt(700), "nothing is corrected");
  // a fill that costs and a budget that grows are no drift
  account.figures({ a: { budget: usdt(600), cash: usdt(550) }, b: { budget, cash: usdt(500) } });
  balance(1_650);
  assert.deepEqual(account.alerts(), ["budget-drift-over info"]);
});

test("RISK-21 a breaker of the account whose cause holds is closed by force alone", () => {
  const account = new Account({ openOrdersMax: 10 });
  account.figures({ a: { orders: 11 } });
  account.alerts();
  account.command({ name: "breakerClose", breaker: "open-orders", force: false });
  assert.equal(account.open("open-orders"), true);
  assert.deepEqual(account.alerts(), ["breaker-refused warning"]);
  account.command({ name: "breakerClose", breaker: "open-orders", force: true });
  account.figures({ a: { orders: 12 } });
  assert.equal(account.open("open-orders"), false, "forced, it waits until its cause was gone once");
  account.figures({ a: { orders: 9 } });
  account.figures({ a: { orders: 11 } });
  assert.equal(account.open("open-orders"), true);
});
