// Who may have how much exposure (RISK-09), with bots that hear late, hold too much or are gone.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Money } from "../../market/amounts.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { Account, LIMITS, usdt } from "./account.fixture.ts";
import { grantable, heldInSum, release } from "./grants.ts";
import { initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";

/** An account of 20,000 USDT whose bots acknowledge nothing by themselves. */
class Deaf {
  readonly state = initialAccountState();
  /** `bot gross`, in the order told, since the last look. */
  private told: string[] = [];

  constructor() {
    this.tell({ kind: "account-configured", atMs: 1, limits: LIMITS, by: "test" });
  }

  tell(event: EngineEvent): readonly Effect[] {
    const effects = accountStep(this.state, event);
    for (const effect of effects) {
      if (effect.kind === "grant") this.told.push(`${effect.bot} ${effect.gross / 10n ** 18n}`);
    }
    return effects;
  }

  join(bot: string, wanted = 20_000): void {
    this.tell({ kind: "bot-joined", atMs: 1, bot, base: bot, wanted: usdt(wanted) });
  }

  hear(bot: string, exposure: number | null): void {
    const id = this.state.bots.get(bot)?.grant?.id ?? 0;
    this.tell({ kind: "grant-acknowledged", atMs: 1, bot, id, exposure: exposure === null ? null : usdt(exposure) });
  }

  outside(gross: number): void {
    const outside = { gross: usdt(gross), net: [] };
    this.tell({ kind: "account-figures", atMs: 1, bots: [], equity: null, outside, requests: [] });
  }

  leave(bot: string, exposure: number | null): void {
    this.tell({ kind: "bot-left", atMs: 1, bot, exposure: exposure === null ? null : usdt(exposure), removed: false });
  }

  held(bot: string): Money | undefined {
    return this.state.bots.get(bot)?.held;
  }

  grants(): string[] {
    const told = this.told;
    this.told = [];
    return told;
  }
}

test("RISK-09 a grant shrinks in two moves: nobody gets what another may still have", () => {
  const account = new Deaf();
  account.join("a");
  account.join("b");
  assert.deepEqual(account.grants(), ["a 20000", "a 10000", "b 0"]);
  assert.equal(heldInSum(account.state), usdt(20_000));
  account.hear("a", null);
  assert.deepEqual(account.grants(), [], "what it has is not known: nothing is free");
  account.hear("a", 15_000);
  assert.deepEqual([account.grants(), account.held("a"), account.held("b")], [["b 5000"], usdt(15_000), usdt(5_000)]);
  account.hear("a", 9_000);
  assert.deepEqual([account.grants(), account.held("a"), account.held("b")], [["b 10000"], usdt(10_000), usdt(10_000)]);
});

test("RISK-09 each grant has a number of its own, and only the newest is acknowledged", () => {
  const account = new Deaf();
  account.join("a");
  const effects = account.tell({ kind: "bot-joined", atMs: 1, bot: "b", base: "b", wanted: usdt(20_000) });
  assert.deepEqual(
    effects.flatMap((effect) => (effect.kind === "grant" ? [effect.id] : [])),
    [2, 3],
  );
  account.tell({ kind: "grant-acknowledged", atMs: 1, bot: "a", id: 1, exposure: usdt(0) });
  assert.equal(account.held("a"), usdt(20_000), "it spoke of the one before");
  account.tell({ kind: "grant-acknowledged", atMs: 1, bot: "nobody", id: 2, exposure: usdt(0) });
  account.hear("a", 0);
  assert.equal(account.held("a"), usdt(10_000));
});

test("RISK-09 a position worth more than before is no reason to hold more: prices give nobody a grant", () => {
  const account = new Deaf();
  account.join("a", 10_000);
  account.hear("a", 25_000);
  assert.equal(account.held("a"), usdt(10_000));
  const bot = account.state.bots.get("a");
  assert.ok(bot !== undefined);
  release(bot, null);
  assert.equal(bot.held, usdt(10_000));
});

test("RISK-09 those that want less get it, the rest is shared equally, whoever joined first", () => {
  const wishes = { a: 20_000, b: 20_000, c: 3_000 };
  for (const order of ["abc", "cba", "bca"]) {
    const account = new Deaf();
    for (const bot of order) account.join(bot, wishes[bot as "a"]);
    for (let n = 0; n < 3; n += 1) for (const bot of order) account.hear(bot, 0);
    const gross = ["a", "b", "c"].map((bot) => account.state.bots.get(bot)?.grant?.gross);
    assert.deepEqual(gross, [usdt(8_500), usdt(8_500), usdt(3_000)], order);
  }
});

test("RISK-09 of equal wishes the last by name has what cannot be shared, whoever joined first", () => {
  const third = usdt(20_000) / 3n;
  for (const order of [
    ["a", "b", "c"],
    ["c", "b", "a"],
    ["b", "c", "a"],
  ]) {
    const account = new Deaf();
    for (const bot of order) account.join(bot);
    for (let n = 0; n < 3; n += 1) for (const bot of order) account.hear(bot, 0);
    const gross = ["a", "b", "c"].map((bot) => account.state.bots.get(bot)?.grant?.gross);
    assert.deepEqual(gross, [third, third + 1n, third + 1n], order.join(""));
  }
});

test("RISK-09 what a bot that is gone may still have is nobody else's, and it is told nothing", () => {
  const account = new Deaf();
  account.join("a");
  account.join("b");
  account.hear("a", 0);
  account.hear("b", 0);
  account.grants();
  account.leave("b", null);
  assert.deepEqual(account.grants(), [], "a keeps its half, b is not there to hear");
  account.join("c");
  assert.deepEqual(account.grants(), ["a 5000", "c 0"], "the other half is what the two share");
  account.hear("a", 0);
  assert.deepEqual(account.grants(), ["c 5000"]);
  account.outside(15_000);
  assert.deepEqual(account.grants(), ["a 0", "c 0"], "less than nothing is nothing");
  account.outside(0);
  account.leave("b", 4_000);
  assert.equal(account.held("b"), usdt(4_000));
  account.leave("b", 9_000);
  assert.equal(account.held("b"), usdt(4_000), "who left cannot have more than it had");
});

test("RISK-09 within what it may still have a grant rises at once, while another waits for what is too much", () => {
  const account = new Deaf();
  for (const bot of ["a", "b"]) account.join(bot);
  account.hear("a", 0);
  account.join("c");
  account.outside(14_000);
  account.grants();
  account.outside(6_200);
  // 13,800 in thirds; a and b may have 10,000 each as far as anybody knows, and c nothing
  assert.deepEqual(account.grants(), ["a 4600", "b 4600"]);
  assert.deepEqual([account.held("a"), account.held("b"), account.held("c")], [usdt(10_000), usdt(10_000), 0n]);
});

test("RISK-09 what is free is given once, however many wait for it", () => {
  const account = new Deaf();
  account.outside(8_000);
  account.join("a", 10_000);
  account.join("b", 2_000);
  account.join("c");
  account.grants();
  account.join("b", 20_000);
  account.grants();
  account.outside(2_000);
  // 18,000 in thirds; a may still have 10,000 and b 2,000, so 6,000 are free: 4,000 for b, 2,000 for c
  assert.deepEqual(account.grants(), ["a 6000", "b 6000", "c 2000"]);
  assert.equal(heldInSum(account.state), usdt(18_000));
});

test("RISK-12 what others hold is taken from what may be granted in steps of a hundredth, all of it at most", () => {
  const { state } = new Account();
  const left = (gross: number): Money => grantable({ ...state, outside: { gross: usdt(gross), net: [] } });
  assert.deepEqual([left(0), left(1), left(200), left(201)], [20_000, 19_800, 19_800, 19_600].map(usdt));
  assert.deepEqual([left(19_800), left(19_801), left(20_001), left(99_999)], [200, 0, 0, 0].map(usdt));
  assert.equal(grantable({ ...state, limits: null }), 0n);
});
