// The streams of the ccxt port on the emulated Binance: what a bot hears of its own orders and of the market.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMoney } from "../../src/market/instrument.ts";
import { isLive, kindOf, SPOT, type StreamStage, streamStage, USDM, until } from "./stream-stage.ts";

/** States of an order as told: `open 0`, `open 2`, `filled 5`. */
const statesOf = ({ told }: StreamStage, id: string, unit: number): string[] =>
  kindOf(told, "order")
    .filter((order) => order.clientOrderId === id)
    .map(({ status, cumulative }) => `${status} ${cumulative / unit}`);

for (const market of [USDM, SPOT]) {
  const { protocol, symbol, unit } = market;
  const fill = (stage: StreamStage, id: string, units: number): void => {
    assert.equal(stage.operator.fill("demo", { symbol, clientOrderId: id, quantity: `0.00${units}` }), null);
  };

  test(`EXCH-18 EXCH-19 EXCH-36 EXCH-37 ${protocol}: each state of an order and each fill is told in order, once`, {
    timeout: 30_000,
  }, async (context) => {
    const stage = await streamStage(context, { market });
    const { told, hands } = stage;
    await until("the private stream lives", () => isLive(stage));
    stage.inject("duplicateEvent", { parameters: { copies: 1, gapMs: 5 } });
    const placed = await hands.place(market === USDM ? "buy 599000 x 5" : "buy 5990000 x 5");
    assert.equal(placed.result, "accepted");
    await until("the acknowledgement", () => statesOf(stage, placed.id, unit).length === 1);
    fill(stage, placed.id, 2);
    await until("the partial fill", () => kindOf(told, "fill").length === 1);
    fill(stage, placed.id, 3);
    await until("the whole", () => statesOf(stage, placed.id, unit).length === 3);
    assert.deepEqual(statesOf(stage, placed.id, unit), ["open 0", "open 2", "filled 5"]);
    await until("the copies passed by", () => stage.struck("duplicateEvent") >= 3);
    const fills = kindOf(told, "fill");
    assert.deepEqual(
      fills.map((each) => [each.clientOrderId, each.quantity / unit, each.liquidity, each.origin]),
      [
        [placed.id, 2, "maker", "order"],
        [placed.id, 3, "maker", "order"],
      ],
    );
    const truth = stage.emulator.control.universe.exchange.desk.ledger.fillsSince(`demo@${protocol}`, symbol, {
      n: 0,
      sinceUs: 0,
    });
    assert.deepEqual(
      fills.map(({ fee, feeAsset, price }) => [formatMoney(fee), feeAsset, price]),
      truth.map(({ fill: { fee, feeAsset, price } }) => [formatMoney(fee), feeAsset, price]),
    );
    assert.deepEqual(statesOf(stage, placed.id, unit), ["open 0", "open 2", "filled 5"]);
  });

  test(`EXCH-21 ${protocol}: a book with a gap is stale first, then built again, then spoken of`, {
    timeout: 30_000,
  }, async (context) => {
    const stage = await streamStage(context, { market, times: { judgeMs: 20 } });
    const { told, operator } = stage;
    const best = (): string => {
      const book = kindOf(told, "book").at(-1);
      return `${book?.bids[0]?.[0]} ${book?.asks[0]?.[0]}`;
    };
    await until("a book", () => kindOf(told, "book").length > 0);
    const level = (price: string, quantity: string): void => {
      assert.equal(operator.market.level(symbol, { side: "buy", price, quantity }), null);
    };
    level("60000.00", "1");
    const top = market === USDM ? "600000 " : "6000000 ";
    await until("the change", () => best().startsWith(top));
    stage.inject("sequenceGap", { parameters: { skip: 1 }, times: 1 });
    level("60000.00", "2");
    await until("the gap", () => stage.struck("sequenceGap") > 0);
    level("60000.00", "3");
    const feeds = (): string[] => kindOf(told, "feed").flatMap(({ feed, state }) => (feed === "book" ? [state] : []));
    await until("stale and fresh again", () => feeds().join(" ") === "fresh stale fresh");
    level("60000.00", "4");
    const want = market === USDM ? 4_000 : 400_000;
    await until("the newest quantity", () => kindOf(told, "book").at(-1)?.bids[0]?.[1] === want);
    const stale = told.findIndex((each) => each.kind === "feed" && each.feed === "book" && each.state === "stale");
    const fresh = told.findLastIndex((each) => each.kind === "feed" && each.feed === "book" && each.state === "fresh");
    assert.deepEqual(kindOf(told.slice(stale, fresh), "book"), [], "nothing is said while it is stale");
  });
}
