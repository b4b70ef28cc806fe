// The margin breaker, one look alone: when it warns, opens, and takes the next half of the position.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import { closeByHand } from "./breakers.ts";
import { holding } from "./evidence.fixture.ts";
import { marginHolds, watchMargin } from "./margin-watch.ts";
import type { Bench } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

/** A look with this maintenance margin in bps of equity, read so many ms ago. */
function look(bot: Bench, bps: number | null, agoMs = 0): readonly string[] {
  const equity = money(10n ** 22n);
  const maintenanceMargin = bps === null ? null : money(BigInt(bps) * 10n ** 18n);
  bot.state.equity = { equity, quoteAvailable: equity, maintenanceMargin, atMs: bot.state.nowMs - agoMs };
  const turn = new Turn(bot.state);
  watchMargin(turn, bot.state.limits?.breakers ?? assert.fail());
  return said(bot, turn.effects);
}

const WARNING =
  "warning margin: maintenance margin is 3000 bps of equity; at 5000 bps the position is reduced" +
  " ratioBps=3000 limitBps=5000";

const target = (bot: Bench): number | undefined => bot.state.closer?.target;

test("RISK-18 margin is warned of once while it is short, and again after it was not", () => {
  const bot = holding(100);
  assert.deepEqual([look(bot, 2_999), look(bot, 3_000), look(bot, 3_000)], [[], [WARNING], []]);
  assert.deepEqual([look(bot, 2_999), look(bot, 3_000)], [[], [WARNING]]);
  assert.deepEqual([look(bot, null), bot.state.closer], [[], null], "an exchange that names none is not judged");
  bot.state.equity = null;
  const turn = new Turn(bot.state);
  watchMargin(turn, bot.state.limits?.breakers ?? assert.fail());
  assert.deepEqual(turn.effects, []);
});

test("RISK-18 whether margin holds a breaker open is asked of the last read, and of none it does not", () => {
  const bot = holding(100);
  look(bot, 3_000);
  assert.deepEqual([marginHolds(bot.state, 3_000), marginHolds(bot.state, 3_001)], [true, false]);
  look(bot, null);
  assert.equal(marginHolds(bot.state, 1), false);
  bot.state.equity = null;
  assert.equal(marginHolds(bot.state, 1), false);
});

test("RISK-18 at the limit the breaker opens with one alert and half of the position is to go", () => {
  const bot = holding(100);
  assert.deepEqual(look(bot, 5_000), [
    "critical margin: breaker margin-ratio opened: maintenance margin is 5000 bps of equity, limit 5000" +
      " breaker=margin-ratio action=F value=5000 bps limit=5000 bps",
  ]);
  assert.deepEqual([target(bot), bot.state.closer?.because], [50, "reduce.margin"]);
  const { nowMs } = bot.state;
  assert.deepEqual(bot.state.history.halving, { lastAtMs: nowMs, nextAtMs: nowMs + 10_000 });
});

test("RISK-18 the next half waits for the last one, for ten seconds, and for a read of the account since", () => {
  const bot = holding(100);
  look(bot, 5_000);
  bot.state.nowMs += 3_000;
  look(bot, 5_000);
  assert.equal(bot.state.history.halving?.lastAtMs, bot.state.nowMs, "what is read meanwhile tells of what was");
  bot.state.closer = null;
  bot.state.ledger.position = lots(50);
  bot.state.nowMs += 6_999;
  assert.deepEqual([look(bot, 4_000), bot.state.closer], [[], null]);
  bot.state.nowMs += 1;
  assert.deepEqual([look(bot, 4_000, 7_000), bot.state.closer], [["read, reconcile.margin"], null]);
  assert.deepEqual([look(bot, 4_000, 6_999), target(bot)], [[], 25]);
  bot.state.closer = null;
  bot.state.ledger.position = lots(0);
  bot.state.nowMs += 10_000;
  assert.deepEqual([look(bot, 4_000), bot.state.closer], [[], null], "nothing is left to take");
  look(bot, 2_999);
  assert.equal(bot.state.history.halving, null, "it is long enough again");
});

test("RISK-36 a close that is under way for another reason hurries when margin runs short", () => {
  const bot = holding(100);
  const { nowMs } = bot.state;
  bot.state.closer = { because: "flatten.manual", nextAtMs: nowMs + 900, startedAtMs: 5, target: lots(0) };
  look(bot, 5_000);
  const hurried = { because: "reduce.margin", nextAtMs: nowMs, startedAtMs: nowMs, target: 0 };
  assert.deepEqual(bot.state.closer, hurried);
});

test("RISK-18 margin that runs short a second time under the open breaker is told and halved anew", () => {
  const bot = holding(100);
  look(bot, 5_000);
  bot.state.closer = null;
  look(bot, 2_999);
  bot.state.nowMs += 60_000;
  assert.deepEqual(look(bot, 3_500), [], "its breaker is open: there is no warning of it");
  assert.deepEqual(look(bot, 6_000), [
    "critical margin: maintenance margin is 6000 bps of equity again, limit 5000 bps: the position is reduced" +
      " ratioBps=6000 limitBps=5000",
  ]);
  assert.equal(target(bot), 50);
});

test("RISK-21 forced closed, margin halves nothing until it was long enough once", () => {
  const bot = holding(100);
  look(bot, 5_000);
  bot.state.closer = null;
  closeByHand(new Turn(bot.state), "margin-ratio", { who: "ann", force: true });
  bot.state.nowMs += 60_000;
  look(bot, 6_000);
  assert.deepEqual([bot.state.closer, bot.state.history.halving], [null, null]);
});
