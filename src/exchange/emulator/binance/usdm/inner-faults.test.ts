import assert from "node:assert/strict";
import { test } from "node:test";
import { openGate } from "../../gates.ts";
import type { InnerFault } from "../../world.ts";
import { Bench, BTC, type Frame } from "./usdm.fixture.ts";

/** A bench on which one fault strikes whenever it is asked for, until it is lifted. */
async function struck(
  context: Parameters<typeof Bench.open>[0],
  fault: InnerFault,
  parameters: Readonly<Record<string, number>> = {},
): Promise<{ readonly bench: Bench; readonly lift: () => void }> {
  let active = true;
  const bench = await Bench.open(
    context,
    {},
    {
      gate: (parts) => ({
        ...openGate(parts),
        strike: (asked) => (active && asked === fault ? parameters : null),
      }),
    },
  );
  return {
    bench,
    lift: () => {
      active = false;
    },
  };
}

const BY = { symbol: "BTCUSDT", origClientOrderId: "one" };

test("EMU-28 cancelLost: the cancel is acknowledged and the order stays", async (context) => {
  const { bench, lift } = await struck(context, "cancelLost");
  bench.place({ newClientOrderId: "one" });
  assert.equal(bench.ask("DELETE /fapi/v1/order", BY)["status"], "CANCELED");
  assert.equal(bench.ask("GET /fapi/v1/order", BY)["status"], "NEW");
  lift();
  assert.equal(bench.ask("DELETE /fapi/v1/order", BY)["status"], "CANCELED");
  assert.equal(bench.ask("GET /fapi/v1/order", BY)["status"], "CANCELED");
});

test("EMU-28 partialThenCancelRace: a fill comes between the cancel and its effect, or wins", async (context) => {
  const { bench } = await struck(context, "partialThenCancelRace", { lots: 3 });
  bench.place({ newClientOrderId: "one" });
  const cancelled = bench.ask("DELETE /fapi/v1/order", BY);
  assert.deepEqual([cancelled["status"], cancelled["executedQty"]], ["CANCELED", "0.003"]);
  const lost = await struck(context, "partialThenCancelRace", { lots: 1, cancelLoses: 1 });
  const socket = lost.bench.user();
  lost.bench.place({ newClientOrderId: "one" });
  assert.equal(lost.bench.code("DELETE /fapi/v1/order", BY), -2011);
  assert.equal(lost.bench.ask("GET /fapi/v1/order", BY)["status"], "FILLED");
  const told = socket.frames.filter(({ e }) => e === "ORDER_TRADE_UPDATE").map(({ o }) => (o as Frame)["X"]);
  assert.deepEqual(told, ["NEW", "FILLED"]);
});

test("EMU-28 postOnlyReject, insufficientMargin, reduceOnlyConflict answer in the exchange's c", async (context) => {
  const post = await struck(context, "postOnlyReject");
  assert.equal(post.bench.place({ timeInForce: "GTX" })["code"], -5022);
  assert.equal(post.bench.place()["status"], "NEW");
  const then = await struck(context, "postOnlyReject", { thenCancel: 1 });
  assert.equal(then.bench.place({ timeInForce: "GTX", newClientOrderId: "one" })["status"], "NEW");
  assert.equal(then.bench.ask("GET /fapi/v1/order", BY)["status"], "CANCELED");
  const margin = await struck(context, "insufficientMargin", { fromNotional: 1_000 });
  assert.equal(margin.bench.place({ quantity: "0.020" })["code"], -2019);
  assert.equal(margin.bench.place({ quantity: "0.010" })["status"], "NEW");
  const reduce = await struck(context, "reduceOnlyConflict");
  assert.equal(reduce.bench.place({ reduceOnly: "true" })["code"], -2022);
});

test("EMU-28 staleSnapshot and crossedBook break the book for a client that looks, and heal", async (context) => {
  const { bench, lift } = await struck(context, "staleSnapshot", { ageMs: 5_000 });
  const stream = bench.socket("/public/ws/btcusdt@depth@100ms");
  const depth = (): Frame => JSON.parse(bench.open("/fapi/v1/depth", { symbol: "BTCUSDT" }).body) as Frame;
  for (let i = 1; i <= 10; i += 1) {
    bench.operator.market.level(BTC, { side: "buy", price: "59990", quantity: String(i) });
    await bench.later(1_000);
  }
  const newest = Number(stream.frames[stream.frames.length - 1]?.["u"]);
  assert.ok(Number(depth()["lastUpdateId"]) < newest);
  lift();
  assert.equal(depth()["lastUpdateId"], newest);

  const crossed = await struck(context, "crossedBook");
  const book = crossed.bench.socket("/public/ws/btcusdt@depth@100ms");
  crossed.bench.operator.market.level(BTC, { side: "buy", price: "59990", quantity: "1" });
  await crossed.bench.later(120);
  crossed.lift();
  await crossed.bench.later(1_000);
  const bids = book.frames.map(({ b }) => b as (readonly [string, string])[]);
  const [above] = bids[0]?.filter(([price]) => Number(price) > 60_000) ?? [];
  assert.ok(above !== undefined, "a bid above the best ask");
  const back = bids[bids.length - 1]?.find(([price]) => price === above[0]);
  assert.equal(Number(back?.[1]), 0, "taken back, though the market stood still");
});

test("EMU-28 wrongRouteSilent, pageLimit and oddNumbers show where they strike", async (context) => {
  const silent = await struck(context, "wrongRouteSilent");
  const socket = silent.bench.socket("/public/ws/1");
  socket.say({ method: "SUBSCRIBE", params: ["btcusdt@trade"], id: 1 });
  silent.bench.operator.market.trade(BTC, { side: "buy", price: "60000.1", quantity: "0.001" });
  assert.deepEqual(socket.frames, [{ result: null, id: 1 }]);
  const pages = await struck(context, "pageLimit", { size: 1 });
  for (const name of ["one", "two"]) {
    pages.bench.place({ newClientOrderId: name });
    pages.bench.operator.fillWhole("demo", BTC, name);
  }
  assert.equal(pages.bench.list("GET /fapi/v1/userTrades", { symbol: "BTCUSDT" }).length, 1);
  const odd = await struck(context, "oddNumbers");
  const [plain, dressed] = [
    odd.bench.reply("GET /fapi/v1/premiumIndex", { symbol: "BTCUSDT" }),
    odd.bench.ask("GET /fapi/v1/premiumIndex", { symbol: "BTCUSDT" }),
  ];
  assert.match(plain.body, /E-1|000"|: ?60000\.0,/);
  assert.equal(Number(dressed["markPrice"]), 60_000);
});
