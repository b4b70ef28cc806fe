import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/arbitraries/values.ts";
import { FREE_PORTS, startEmulator } from "../emulator.ts";
import { EmulatorError } from "../error.ts";
import { FAULT_WORDS } from "../faults/catalogue.ts";
import { FieldError } from "./fields.ts";
import { CONTROL_ROUTES, knownNames } from "./routes.ts";

const WORDS = ["name", "symbol", "account", "filter", "parameters", "mark", "book", "bids", "level", "price", "code"];
const SAYS = [
  "demo",
  "BTC/USDT:USDT",
  "BTC/USDT",
  "binance-usdm",
  "buy",
  "1",
  "-0.5",
  "1e400",
  "halt",
  "closeStorm",
  "",
];

const key = fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 6 }));
const leaf = fc.oneof(
  fc.constantFrom(...SAYS),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const { body } = fc.letrec((tie) => ({
  body: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("body"), { maxLength: 4 }), fc.dictionary(key, tie("body"))),
}));

const amount = fc.oneof(
  fc.constantFrom(
    "0",
    "-1",
    "1",
    "60000.0",
    "59999.9",
    "0.001",
    "0.00001",
    "1e30",
    "1e-30",
    "9999999999999",
    "0.123456789",
  ),
  fc.constantFrom(0, 1, 50, 600_000, 2 ** 40, Number.MAX_SAFE_INTEGER),
);
const symbol = fc.constantFrom("BTC/USDT:USDT", "BTC/USDT", "LUNA/USDT:USDT", "SHIB/USDT:USDT");
const side = fc.constantFrom("buy", "sell");
const account = fc.constant("demo");
const some = (shape: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []): fc.Arbitrary<unknown> =>
  fc.record(shape, { requiredKeys });
const level = some({ side, price: amount, quantity: amount }, ["side", "price", "quantity"]);
const levels = fc.array(fc.tuple(amount, amount), { maxLength: 3 });

const MARKET: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  mark: amount,
  index: amount,
  fundingRate: amount,
  level,
  trade: level,
  book: some({ bids: levels, asks: levels }, ["bids", "asks"]),
  order: some({ side, lots: amount, price: amount }, ["side", "lots"]),
  status: fc.constantFrom("trading", "halted", "cancel-only"),
  rules: some({ tickSize: amount, lotSize: amount, minNotional: amount }),
};

/** Bodies that are nearly, or quite, what the route takes, with amounts no sane person would send. */
const NEARLY: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "/control/market": fc
    .constantFrom(...Object.entries(MARKET))
    .chain(([field, value]) => some({ symbol, [field]: value }, ["symbol", field])),
  "/control/fill": some({ account, symbol, clientOrderId: fc.constant("web_1"), quantity: amount }, [
    "account",
    "symbol",
  ]),
  "/control/settleFunding": some({ symbol, rate: amount, intervalMs: amount }, ["symbol", "rate"]),
  "/control/liquidate": some({ account, symbol, partPpm: amount }, ["account", "symbol"]),
  "/control/adl": some({ account, symbol, lots: amount }, ["account", "symbol", "lots"]),
  "/control/faults": fc
    .constantFrom(...FAULT_WORDS)
    .chain((name) =>
      some({ name: fc.constant(name), filter: some({ account, instrument: symbol }, ["account", "instrument"]) }, [
        "name",
      ]),
    ),
};

/** Routes that wait by the machine's clock are left out: a deadline may be long. */
const ASKED = CONTROL_ROUTES.filter(({ path }) => !/barrier|clock/.test(path));
const asked = fc
  .constantFrom(...ASKED)
  .chain((route) =>
    fc.tuple(fc.constant(route), fc.oneof(body, ...Array.from({ length: 4 }, () => NEARLY[route.path] ?? body))),
  );

test("EMU-35 whatever is sent to the control API is done or refused in words, and never breaks it", async () => {
  const emulator = await startEmulator({
    ports: FREE_PORTS,
    controlPort: null,
    market: { kind: "hand" },
    clock: { mode: "manual", startMs: 1_700_000_000_000 },
  });
  const { control } = emulator;
  try {
    const law = fc.asyncProperty(asked, async ([{ method, path, run }, given]) => {
      try {
        await run({ control, ports: {}, known: knownNames(control), body: given, query: {}, named: "demo" });
      } catch (error) {
        const known = error instanceof FieldError || error instanceof EmulatorError;
        assert.ok(known, `${String(error)} for ${method} ${path} ${JSON.stringify(given)}`);
      }
    });
    await fc.assert(law, runs(35, 5));
    assert.equal(control.state().seed.length > 0, true, "the world still tells what it holds");
  } finally {
    await emulator.close();
  }
});
