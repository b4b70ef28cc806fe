// The exchange's view against ours, one read at a time: what is asked, told and corrected, and what a read proves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { AccountEvent, ExchangeStateEvent, OpenOrderSeen, PositionEvent } from "../trading/event.ts";
import { acceptDivergence, onAccount, onExchangeState, onPosition } from "./account.ts";
import { benchWith } from "./breakers.fixture.ts";
import { FOREIGN, OWN, quoting } from "./evidence.fixture.ts";
import { Bench, INSTRUMENT } from "./probe.fixture.ts";
import { handled, said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

const { symbol } = INSTRUMENT;

const seen = (bot: Bench, clientOrderId: ClientOrderId, cumulative = 0): OpenOrderSeen => {
  const order = bot.state.orders.get(clientOrderId)?.order ?? bot.state.ended.get(clientOrderId)?.order;
  const { side = "buy", price = ticks(299_900), quantity = lots(10) } = order ?? {};
  return { clientOrderId, exchangeOrderId: "x1", side, price, quantity, cumulative: lots(cumulative) };
};

/** A complete read that shows what we know, but for what is told here. */
function read(bot: Bench, change: Partial<ExchangeStateEvent> = {}) {
  const openOrders = [...bot.state.orders.keys()].map((id) => seen(bot, id, bot.state.orders.get(id)?.cumulative));
  const { position: positionLots } = bot.state.ledger;
  const usual = { kind: "exchange-state", symbol, askedAtSeq: bot.state.seq, openOrders, positionLots } as const;
  return handled<ExchangeStateEvent>(bot, onExchangeState, { ...usual, ...change });
}

/** A bot that holds a thousand lots, so that ten more are 99 bps. */
function holding(texts: Parameters<typeof benchWith>[0] = {}): Bench {
  const bot = benchWith({ positionNotionalMax: "100000", ...texts });
  bot.state.ledger.position = lots(1_000);
  bot.state.ledger.cost = 300_000_000n;
  return bot;
}

/** Two reads, one after the other, that show this position; what the second did. */
function shows(bot: Bench, position: number) {
  read(bot, { positionLots: lots(position) });
  return read(bot, { positionLots: lots(position) });
}

function accept(bot: Bench, by = "ann"): { readonly inputs: readonly unknown[]; readonly did: readonly string[] } {
  const turn = new Turn(bot.state);
  return { inputs: acceptDivergence(turn, by), did: said(bot, turn.effects) };
}

test("RISK-31 a read that shows what we know says nothing; one of another instrument is not ours", () => {
  const { bot } = quoting();
  assert.deepEqual([read(bot).inputs, read(bot).did, bot.state.suspicion], [[], [], null]);
  const elsewhere = { symbol: "BTC/USDT:USDT", openOrders: [], liquidation: milliTicks(5) };
  assert.deepEqual([read(bot, elsewhere).did, bot.state.liquidation], [[], null]);
  const unconfigured = new Bench();
  assert.deepEqual(read(unconfigured, { openOrders: [] }).inputs, []);
});

test("RISK-18 equity and liquidation price are kept with the time they were told", () => {
  const { bot } = quoting();
  const { nowMs: atMs } = bot.state;
  const account = { equity: money(5n), quoteAvailable: money(4n), maintenanceMargin: money(1n) };
  assert.deepEqual(handled<AccountEvent>(bot, onAccount, { kind: "account", ...account }).inputs, []);
  assert.deepEqual(bot.state.equity, { ...account, atMs });
  const price = milliTicks(200_000_000);
  const position = { kind: "position", symbol, lots: lots(0), askedAtSeq: 0, liquidation: price } as const;
  const told = (change: Partial<PositionEvent>) =>
    handled<PositionEvent>(bot, onPosition, { ...position, ...change }).inputs;
  assert.deepEqual(
    [told({ symbol: "BTC/USDT:USDT" }), told({ liquidation: null }), bot.state.liquidation],
    [[], [], null],
  );
  assert.deepEqual([told({}), bot.state.liquidation], [[], { price, atMs }]);
  assert.deepEqual(handled<PositionEvent>(new Bench(), onPosition, position).inputs, []);
  read(bot);
  assert.equal(bot.state.liquidation, null, "a complete read that names none knows of none");
  read(bot, { liquidation: price });
  assert.deepEqual(bot.state.liquidation, { price, atMs });
});

test("RISK-32 an order not shown, or shown otherwise, is looked up, unless it changed since it was asked", () => {
  const { bot, id } = quoting();
  const { seq } = bot.state;
  const [, other] = bot.placed();
  const openOrders = [seen(bot, other ?? assert.fail(), 1)];
  assert.deepEqual(read(bot, { openOrders }).did, [
    "look up 1, lookup.reconcile why=not-shown",
    "look up 2, lookup.reconcile why=differs",
  ]);
  assert.deepEqual(read(bot, { openOrders }).inputs, []);
  const order = bot.state.orders.get(id) ?? assert.fail();
  order.changedSeq = seq;
  for (const each of bot.state.orders.values()) if (each !== order) each.changedSeq = 0;
  assert.equal(read(bot, { openOrders: [], askedAtSeq: seq }).did.length, 2);
  assert.deepEqual(read(bot, { openOrders: [], askedAtSeq: seq - 1 }).did, [
    "look up 2, lookup.reconcile why=not-shown",
  ]);
});

test("GRID-40 an order of ours that a read shows and no journal knows is taken up with what it executed", () => {
  const { bot } = quoting();
  const openOrders = [...bot.placed().map((id) => seen(bot, id)), seen(bot, OWN, 4)];
  const { did, inputs } = read(bot, { openOrders });
  assert.deepEqual(did.slice(1), ["cancel another, cancel.orphan"]);
  const orphan = bot.state.orders.get(OWN);
  assert.deepEqual([orphan?.cumulative, orphan?.filled, bot.state.unbooked.size, inputs], [4, 4, 0, []]);
  openOrders.splice(2, 1, seen(bot, OWN, 6));
  read(bot, { openOrders });
  assert.deepEqual([orphan?.cumulative, orphan?.filled], [6, 6], "the same read brought its fills");
});

test("DUR-34 an order believed gone that a read shows is late evidence, unless the read is older than its end", () => {
  const after = (place: "withdrawn" | "acknowledged", changedSince: number): readonly string[] => {
    const { bot, id } = quoting();
    const order = bot.state.orders.get(id) ?? assert.fail();
    const openOrders = bot.placed().map((each) => seen(bot, each));
    const status = place === "acknowledged" ? "canceled" : null;
    bot.state.orders.delete(id);
    bot.state.ended.set(id, { ...order, place, status, changedSeq: bot.state.seq + changedSince });
    return read(bot, { openOrders }).did;
  };
  const late = "error late-order: an order believed gone is on the exchange; it is being cancelled";
  assert.deepEqual(after("withdrawn", 0), [late, "cancel 1, cancel.late"]);
  assert.deepEqual(after("withdrawn", 1), []);
  assert.deepEqual(after("acknowledged", 0), [], "the list is older than the end the exchange told");
});

test("RISK-32 orders of others are told of where the bot is to, and never touched", () => {
  const told = (foreignOrders: string): readonly string[] => {
    const bot = benchWith({ foreignOrders });
    return read(bot, { openOrders: [...bot.placed().map((id) => seen(bot, id)), seen(bot, FOREIGN)] }).did;
  };
  assert.deepEqual(told("alert"), ["warning foreign-orders: orders of others are open here count=1"]);
  assert.deepEqual(told("ignore"), []);
});

test("RISK-31 a difference counts when two reads in a row show the same one, and no fill came between", () => {
  const bot = holding();
  const again = ["read, reconcile.again attempt=0"];
  assert.deepEqual(read(bot, { positionLots: lots(1_010) }).did, again);
  assert.deepEqual(bot.state.suspicion, { local: 1_000, exchange: 1_010 });
  assert.deepEqual(read(bot, { positionLots: lots(1_011) }).did, again, "another difference");
  bot.state.ledger.position = lots(1_001);
  assert.deepEqual(read(bot, { positionLots: lots(1_011) }).did, again, "another position of ours");
  bot.state.fillSeq = bot.state.seq + 1;
  const asked = (attempt: number) => [`read, reconcile.again attempt=${attempt}`];
  assert.deepEqual(read(bot, { positionLots: lots(5) }).did, asked(1));
  assert.deepEqual(bot.state.suspicion, { local: 1_001, exchange: 1_011 }, "it proves nothing");
  assert.deepEqual([read(bot).did, read(bot).did], [asked(2), asked(3)]);
  const { did, inputs } = read(bot);
  assert.deepEqual(did, ["warning divergence: the position could not be compared: fills keep coming between"]);
  assert.deepEqual([inputs, bot.state.reconcileAttempt], [[], 0], "then it begins anew");
  bot.state.fillSeq = bot.state.seq;
  assert.deepEqual([read(bot).did, bot.state.suspicion], [[], null], "a fill of before the question is in the answer");
});

test("RISK-33 RISK-35 a small difference is corrected, told, and handed to the strategy as lots", () => {
  const bot = holding();
  const { inputs, did } = shows(bot, 1_010);
  assert.deepEqual(inputs, [{ kind: "correction", lots: 10 }]);
  const facts = "local=1000 exchange=1010 cause=unexplained";
  assert.deepEqual(did, [`error adjusted: the position was corrected to the exchange's ${facts}`]);
  assert.deepEqual([bot.state.ledger.position, bot.state.corrections.count], [1_010, 1]);
  const record = { atMs: bot.state.nowMs, local: 1_000, exchange: 1_010, action: "corrected", by: "" };
  assert.deepEqual(bot.state.divergences, [record]);
});

test("RISK-33 RISK-53 a large one waits for an operator, who takes exactly what was unexplained", () => {
  const bot = holding();
  const { did } = shows(bot, 1_500);
  const [alert] = did;
  assert.match(
    alert ?? "",
    /^critical divergence: position is 1\.000 ETH here and 1\.500 on sim .* local=1000 exchange=1500$/,
  );
  assert.equal(bot.state.blocks.get("divergence")?.reason.startsWith("position is 1.000 ETH here"), true);
  bot.state.ledger.position = lots(1_003);
  const accepted = accept(bot);
  assert.deepEqual(accepted.inputs, [{ kind: "correction", lots: 500 }]);
  assert.deepEqual(accepted.did[0], "warning reconcile-accepted: the exchange's position was accepted by ann");
  assert.deepEqual([bot.state.ledger.position, bot.state.blocks.size, bot.state.divergence], [1_503, 0, null]);
  assert.equal(bot.state.approvals, 0, "trust is earned by small ones");
  assert.deepEqual(
    bot.state.divergences.map(({ action, by }) => `${action} ${by}`),
    ["waits ", "accepted ann"],
  );
  assert.deepEqual(accept(bot), { inputs: [], did: [] }, "there is nothing to accept");
});

test("RISK-33 a difference that was explained while it waited leaves nothing to accept", () => {
  const bot = holding();
  shows(bot, 1_500);
  bot.state.ledger.position = lots(1_500);
  bot.state.ledger.cost = 450_000_000n;
  read(bot);
  assert.deepEqual(bot.state.divergence, { local: 1_500, exchange: 1_500 });
  const { inputs, did } = accept(bot);
  assert.deepEqual([inputs, did.length, bot.state.ledger.position], [[], 1, 1_500]);
  const never = holding();
  read(never);
  assert.equal(never.state.divergence, null);
});

test("DUR-27 after a journal lost its end the whole difference is taken once, when the bot has started", () => {
  const bot = holding();
  bot.state.tailLost = true;
  shows(bot, 1_500);
  assert.deepEqual([bot.state.ledger.position, bot.state.tailLost, bot.state.blocks.size], [1_500, undefined, 0]);
  const agreed = holding();
  agreed.state.tailLost = true;
  agreed.state.started = false;
  read(agreed);
  assert.equal(agreed.state.tailLost, true);
  shows(agreed, 1_500);
  assert.ok(agreed.state.blocks.has("divergence"), "before its first start there is nothing it could have lost");
  agreed.state.ledger.position = lots(1_500);
  agreed.state.started = true;
  read(agreed);
  assert.equal(agreed.state.tailLost, undefined, "the position was compared");
});

test("RISK-53 the newest fifty divergences are listed", () => {
  const bot = holding();
  const record = (at: number) =>
    ({ atMs: at, local: lots(0), exchange: lots(1), action: "corrected", by: "" }) as const;
  bot.state.divergences = Array.from({ length: 49 }, (_, at) => record(at));
  shows(bot, 1_010);
  assert.deepEqual([bot.state.divergences.length, bot.state.divergences[0]?.atMs], [50, 0]);
  shows(bot, 1_020);
  assert.deepEqual([bot.state.divergences.length, bot.state.divergences[0]?.atMs], [50, 1]);
});
