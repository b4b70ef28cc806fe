// The exchange of the system stage where it is the simulated one: a connector over gRPC whose exchange lives in its own
// process, which nobody kills. What it wrote down is what the test believes. Run by exchange.ts with options as JSON.

import { assert, present } from "../../../src/base/assert.ts";
import { PacedClock } from "../../../src/base/paced-clock.ts";
import { loadConfig, renderProblems } from "../../../src/config/load.ts";
import { openConnector } from "../../../src/exchange/connector/connector.ts";
import { SimulatedPort } from "../../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../../src/exchange/simulated-driver.ts";
import { recordTo } from "../../../src/exchange/simulated-file.ts";
import { MONOTONIC_CLOCK } from "../../../src/host/wall-clock.ts";
import { ExchangeServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RpcHealth } from "../../../src/rpc/health.ts";
import { sha256Of } from "../../../src/rpc/keyring.ts";
import { SILENT_RPC_LOG } from "../../../src/rpc/observer.ts";
import { startRpcServer } from "../../../src/rpc/server.ts";
import { SimulatedExchange } from "../../../src/sim/exchange.ts";
import { simulationOptions } from "../../../src/sim/options.ts";
import { MadeUpMarket } from "../../simulation/market.ts";
import type { Asked, EmulatorStart, Heard, ToldTruth } from "./emulator-process.ts";
import { ENGINE_KEY, simulatedText } from "./system-config.ts";

/** As Binance's: longer than the port stage's, so that an absent order is proven by a wait one can see. */
const REQUEST_EXPIRY_MS = 2_000;
const LOOKUP_LAG_MS = 1_000;
const ACCOUNT = "paper";
const START_TICKS = 600_000;
const RATE = { perSecond: 100_000, burst: 100_000 };

const start = JSON.parse(present(process.argv[2], "the options")) as EmulatorStart;
const loaded = loadConfig({ text: simulatedText(), file: "the crash test" }, { environment: {} });
assert(loaded.ok, () => (loaded.ok ? "" : renderProblems(loaded.error)));
const { instrument } = loaded.value.bot;
const { balance } = loaded.value.simulated;
const { symbol } = instrument;
const startMs = Date.now();
const constant = (us: number) => ({ kind: "constant", us }) as const;
const record = recordTo(start.record);
let fills = 0;
const market = new MadeUpMarket(
  { kind: "walk", start: START_TICKS, gap: 12_000, updateMs: 25, lots: 4, depth: "quotes", chunkMs: 50 },
  start.seed,
  startMs * 1000,
);
const exchange = new SimulatedExchange(
  simulationOptions({
    seed: start.seed,
    markets: [
      {
        instrument,
        source: market,
        fill: { level: "L1", queue: "front" },
        margin: { mode: "cross", liquidationFeePpm: 5000 },
      },
    ],
    accounts: [{ name: ACCOUNT, balances: new Map([[instrument.quote, balance]]) }],
    latency: { feed: constant(2_000), entry: constant(4_000), response: constant(4_000) },
    requestExpiryMs: REQUEST_EXPIRY_MS,
    lookupLagMs: LOOKUP_LAG_MS,
    ordersKept: 50_000,
    fillsKept: 50_000,
    record: (entry) => {
      if (entry.kind === "fill") fills += 1;
      record(entry);
    },
  }),
);
const clock = new PacedClock(MONOTONIC_CLOCK, startMs, 1);
const health = new RpcHealth([ExchangeServiceDefinition.fullName]);
const connector = await openConnector({
  port: new SimulatedPort(new SimulatedDriver(exchange, clock), { account: ACCOUNT, marks: true, trades: true }),
  symbols: [symbol],
  clock,
  ratePpm: 1_000_000,
  machine: MONOTONIC_CLOCK,
  release: "crash",
  health,
});
await startRpcServer({
  bind: "unix:./connector.sock",
  keys: [{ name: "engine", role: "trader", keySha256: sha256Of(ENGINE_KEY), san: null, bots: null }],
  services: [connector.service],
  health,
  log: SILENT_RPC_LOG,
  rate: RATE,
});

function truth(): ToldTruth {
  const account = exchange.clearing.account(ACCOUNT);
  return {
    position: exchange.clearing.holding(account, symbol).lots,
    coins: null,
    cashChange: String(exchange.clearing.balance(account, instrument.quote) - balance),
    open: [...exchange.desk.ledger.openOrders(ACCOUNT)].map(({ clientOrderId }) => clientOrderId),
    fills,
    recorded: exchange.recorded,
  };
}

const say = (heard: Heard): void => void process.send?.(heard);

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  const { ask } = message as Asked;
  if (ask === "truth") {
    say({ truth: truth() });
    return;
  }
  if (ask !== "cut") market.restsFromUs = ask === "rest" ? exchange.nowUs() : Number.POSITIVE_INFINITY;
  say({ done: true });
});
say({ ready: 0 });
