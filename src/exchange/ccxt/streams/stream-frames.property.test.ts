// Nonsense on a socket is no news, and never an exception.

import { test } from "node:test";
import fc from "fast-check";
import { recordOf } from "../raw.ts";
import { streamTableOf } from "./ccxt-streams.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const WORDS = ["e", "s", "o", "a", "b", "x", "X", "data", "result", "arg", "event", "topic", "channel", "op", "status"];
const VALUES = [
  "trade",
  "kline",
  "depthUpdate",
  "ORDER_TRADE_UPDATE",
  "orders",
  "order",
  "books",
  "update",
  "subscribe",
];

const ODD = fc.anything({ maxDepth: 1, maxKeys: 3 });
const LEAF = fc.oneof(fc.constantFrom(...VALUES), ODD);
const INNER = fc.dictionary(fc.constantFrom(...WORDS), LEAF, { maxKeys: 8 });
const VALUE = fc.oneof(LEAF, INNER, fc.array(INNER, { maxLength: 3 }), fc.array(LEAF, { maxLength: 3 }));
const FRAME = fc.dictionary(fc.constantFrom(...WORDS), VALUE, { maxKeys: 8 });

for (const name of ["binance", "okx", "bybit", "gate", "bitget"]) {
  for (const market of ["spot", "perpetual"] as const) {
    test(`EXCH-37 ${name} ${market}: frames without sense are read without an exception`, () => {
      const streams = streamTableOf({ name, market });
      fc.assert(
        fc.property(fc.oneof(FRAME, ODD), (said) => {
          streams?.passes(said);
          streams?.readPublic(recordOf(said));
          streams?.own?.read(recordOf(said));
        }),
        { numRuns },
      );
    });
  }
}
