// Reads of a connector on 127.0.0.1, and every call of ExchangeService with hostile fields.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { INSTRUMENT, makeWorld, SYMBOL, type WorldOptions } from "../../../test/contract/exchange-stage.ts";
import { ExchangeServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { ExchangeType, PositionMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { instrumentOf } from "../wire/symbol-info.ts";
import { UNIMPLEMENTED } from "./unbuilt-calls.ts";

async function stageFor(t: TestContext, options: WorldOptions = {}) {
  const world = makeWorld(options);
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  return { world, stage, reader: stage.exchange("reader") };
}

test("API-06 who is served and what it can do; another exchange is refused with the choices", async (t) => {
  const { reader } = await stageFor(t);
  assert.deepEqual(await reader.getName({}), {
    name: "simulated",
    exchanges: ["simulated"],
    release: "test",
    environment: "",
  });
  const type = await reader.getType({ exchange: "simulated" });
  assert.deepEqual(
    [type.type, type.positionMode, type.capabilities],
    [ExchangeType.FUTURES, PositionMode.ONE_WAY, ["batch", "dead_man", "public_market", "reduce_only"]],
  );
  assert.deepEqual([type.requestExpiryMs, type.lookupLagMs, type.lookupReachMs], [2_000, 500, 0]);
  const refusal = await refusedBy(reader.getName({ exchange: "nasdaq" }));
  assert.equal(refusal.status, "INVALID_ARGUMENT");
  assert.match(refusal.message, /choose from simulated/);
});

test("API-04 an instrument crosses the wire in exact decimals and comes back the same", async (t) => {
  const { reader } = await stageFor(t);
  assert.deepEqual((await reader.getSymbols({})).symbols, [SYMBOL]);
  const { info } = await reader.getSymbolInfo({ symbol: SYMBOL });
  assert.ok(info !== undefined);
  assert.deepEqual(
    [info.tickSize?.value, info.lotSize?.value, info.minQuantity?.value, info.minNotional?.value, info.leverage?.value],
    ["0.1", "0.001", "0.001", "5", "10"],
  );
  assert.deepEqual(instrumentOf(info), { ok: true, value: INSTRUMENT });
  const fees = await reader.getFees({ symbol: SYMBOL });
  assert.deepEqual([fees.makerPpm, fees.takerPpm], [200, 500]);
  assert.equal((await refusedBy(reader.getSymbolInfo({ symbol: "NONE/USDT" }))).status, "NOT_FOUND");
});

test("API-05 the exchange's clock is told with its rate", async (t) => {
  const { world, reader } = await stageFor(t);
  const time = await reader.getServerTime({});
  assert.equal(time.ratePpm, 1_000_000);
  assert.ok(Math.abs(time.nowMs - world.clock.nowMs()) < 5_000);
});

test("API-24 account, positions, balances and market reads answer what the exchange says", async (t) => {
  const { reader } = await stageFor(t);
  const { account } = await reader.getAccount({});
  assert.deepEqual(
    [
      account?.quoteAsset,
      account?.totalWalletBalance?.value,
      account?.availableBalance?.value,
      account?.healthScore?.value,
    ],
    ["USDT", "1000000", "1000000", "1"],
  );
  assert.deepEqual((await reader.getPositions({})).positions, []);
  assert.equal((await reader.getPositions({ symbol: SYMBOL })).positions[0]?.size?.value, "0.000");
  assert.equal((await reader.getBalance({ asset: "USDT" })).balance?.total?.value, "1000000");
  assert.equal((await reader.getBalance({ asset: "XYZ" })).balance?.total?.value, "0");
  const { book } = await reader.getBook({ symbol: SYMBOL, depth: 2 });
  assert.deepEqual(
    book?.bids.map(({ price, quantity }) => `${price?.value} x ${quantity?.value}`),
    ["60000.0 x 0.050", "59999.0 x 0.080"],
  );
  const { tickers } = await reader.getTickers({});
  assert.deepEqual([tickers[0]?.bid?.value, tickers[0]?.ask?.value], ["60000.0", "60000.1"]);
  assert.equal(
    (await refusedBy(reader.getLatestPrice({ symbol: SYMBOL }))).status,
    "UNAVAILABLE",
    "nothing traded yet",
  );
  assert.deepEqual((await reader.getRequestBudget({})).buckets, []);
  assert.deepEqual((await reader.getFundingPayments({})).payments, []);
  assert.equal((await reader.getFundingRate({ symbol: SYMBOL })).rate?.intervalMs, INSTRUMENT.fundingIntervalMs);
  assert.equal((await reader.getFundingRates({})).rates.length, 1);
});

test("API-23 an exchange that does not answer is UNAVAILABLE, never an empty list", async (t) => {
  const { world, reader } = await stageFor(t);
  const hit = world.exchange.faults.hit.bind(world.exchange.faults);
  world.exchange.faults.hit = (name) => (name === "readUnavailable" ? true : hit(name));
  for (const call of [
    reader.getOpenOrders({ symbol: SYMBOL }),
    reader.getFills({ symbol: SYMBOL }),
    reader.getAccount({}),
    reader.getOrder({ symbol: SYMBOL, clientOrderId: "o1" }),
    reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m" }),
    reader.getFundingPayments({}),
  ]) {
    const refusal = await refusedBy(call);
    assert.deepEqual([refusal.status, refusal.reason], ["UNAVAILABLE", "UNAVAILABLE"]);
  }
});

test("API-22 an order that is not there is NOT_FOUND with the time it was asked for", async (t) => {
  const { reader } = await stageFor(t);
  const refusal = await refusedBy(reader.getOrder({ symbol: SYMBOL, clientOrderId: "onever" }));
  assert.deepEqual([refusal.status, refusal.reason], ["NOT_FOUND", "ABSENT"]);
  assert.match(refusal.metadata["asked_at_ms"] ?? "", /^\d{13}$/);
  assert.match(refusal.message, /absent as of/);
});

test("API-13 reads with hostile fields are refused by name", async (t) => {
  const { reader } = await stageFor(t);
  const calls: [status: string, call: Promise<unknown>][] = [
    ["NOT_FOUND", reader.getBook({ symbol: "NONE" })],
    ["INVALID_ARGUMENT", reader.getBook({})],
    ["INVALID_ARGUMENT", reader.getBook({ symbol: SYMBOL, depth: 1_001 })],
    ["INVALID_ARGUMENT", reader.getBook({ symbol: SYMBOL, depth: -5 })],
    ["INVALID_ARGUMENT", reader.getOrder({ symbol: SYMBOL })],
    ["INVALID_ARGUMENT", reader.getOrder({ symbol: SYMBOL, clientOrderId: "t" })],
    ["FAILED_PRECONDITION", reader.getOpenOrders({ useMargin: true })],
    ["INVALID_ARGUMENT", reader.getFills({ symbol: SYMBOL, fromMs: 1_750_000_000 })],
    ["INVALID_ARGUMENT", reader.getFills({ symbol: SYMBOL, cursor: "'; --" })],
    ["INVALID_ARGUMENT", reader.getFills({ symbol: SYMBOL, cursor: "9".repeat(100) })],
    ["INVALID_ARGUMENT", reader.getBalance({ asset: "../" })],
    ["INVALID_ARGUMENT", reader.getHistoricalKlines({ symbol: SYMBOL, interval: "" })],
    ["INVALID_ARGUMENT", reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m", limit: 1_501 })],
    ["INVALID_ARGUMENT", reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m", fromMs: 2e12, toMs: 1.9e12 })],
    ["INVALID_ARGUMENT", reader.getSymbols({ pageSize: 1_001 })],
    ["INVALID_ARGUMENT", reader.getSymbols({ pageToken: "nonsense" })],
    ["INVALID_ARGUMENT", reader.getTickers({ symbols: ["NONE"] })],
    ["INVALID_ARGUMENT", reader.getFundingPayments({ fromMs: -1 })],
    ["INVALID_ARGUMENT", reader.getHistoricalFundingRates({ symbol: SYMBOL, limit: 1_001 })],
    ["INVALID_ARGUMENT", reader.getHistoricalFundingRates({ symbol: SYMBOL, fromMs: 17 })],
    ["NOT_FOUND", reader.getHistoricalFundingRates({ symbol: "NONE" })],
    ["PERMISSION_DENIED", reader.fetchExchangeInfo({})],
  ];
  for (const [i, [status, call]] of calls.entries()) {
    const refusal = await refusedBy(call);
    assert.equal(refusal.status, status, `${i}: ${refusal.message}`);
  }
});

test("API-13 every call of ExchangeService answers garbage with a status, and lives on", async (t) => {
  const { world, stage } = await stageFor(t);
  const operator: unknown = stage.exchange("operator");
  const garbage = { exchange: "\u0001".repeat(2_000), symbol: "\u202e", symbols: ["\u0000"], tag: "*", asset: "$" };
  const allowed = new Set(["INVALID_ARGUMENT", "UNIMPLEMENTED", "NOT_FOUND"]);
  for (const [key, method] of Object.entries(ExchangeServiceDefinition.methods)) {
    const call: unknown = Reflect.get(operator as object, key);
    assert.ok(typeof call === "function");
    const answer: unknown = Reflect.apply(call, operator, [garbage]);
    const asked = method.responseStream
      ? (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next()
      : (answer as Promise<unknown>);
    const said = await asked.then(
      () => "OK",
      (error: unknown) => refusalOf(error).status,
    );
    assert.ok(allowed.has(said), `${method.name} answered ${said}`);
  }
  assert.equal(world.exchange.desk.orderCount, 0);
  assert.equal((await stage.exchange("reader").getName({})).name, "simulated");
});

test("API-07 what is not built says so: UNIMPLEMENTED, nothing sent", async (t) => {
  const { stage } = await stageFor(t);
  const operator: unknown = stage.exchange("operator");
  for (const name of UNIMPLEMENTED) {
    const call: unknown = Reflect.get(operator as object, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
    assert.ok(typeof call === "function");
    const refusal = await refusedBy(Reflect.apply(call, operator, [{}]) as Promise<unknown>);
    assert.deepEqual([refusal.status, refusal.outcome], ["UNIMPLEMENTED", "not_sent"], name);
  }
});
