// Whatever bytes arrive as a request of whatever RPC, decoding them gives a request or a reason and never an exception,
// and what a client encodes the server reads back unchanged (API-10).

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition, PlaceOrderRequest } from "./generated/opensqt/market_maker/v1/exchange.ts";
import { PortfolioServiceDefinition } from "./generated/opensqt/market_maker/v1/portfolio.ts";
import { PositionServiceDefinition } from "./generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "./generated/opensqt/market_maker/v1/risk.ts";
import { methodsOf } from "./method.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const METHODS = [
  ExchangeServiceDefinition,
  RiskServiceDefinition,
  PositionServiceDefinition,
  PortfolioServiceDefinition,
  BotServiceDefinition,
].flatMap((definition) => methodsOf(definition));

test("API-10 no bytes make decoding throw, whatever the RPC", () => {
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), fc.uint8Array({ maxLength: 200 }), (method, bytes) => {
      const decoded = method.decode(Buffer.from(bytes));
      assert.ok("request" in decoded || decoded.error.length > 0);
    }),
    { numRuns: numRuns * 10 },
  );
});

test("API-10 a message that is cut anywhere gives a request or a reason", () => {
  const whole = PlaceOrderRequest.encode(
    PlaceOrderRequest.fromPartial({
      exchange: "binance",
      symbol: "BTC/USDT:USDT",
      side: 1,
      quantity: { value: "0.001" },
      price: { value: "60000.1" },
      clientOrderId: "o1a2b3c4",
      epoch: Number.MAX_SAFE_INTEGER,
      sendByMs: 1_700_000_000_000,
    }),
  ).finish();
  const method = METHODS.find(({ name }) => name === "PlaceOrder");
  assert.ok(method !== undefined);
  for (let length = 0; length <= whole.length; length += 1) {
    const decoded = method.decode(Buffer.from(whole.subarray(0, length)));
    assert.ok("request" in decoded || decoded.error.length > 0);
  }
  assert.deepEqual(method.decode(Buffer.from(whole)), { request: PlaceOrderRequest.decode(whole) });
});
