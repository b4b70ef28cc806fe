// The exchange as a process of its own, which nobody kills: it goes on matching while the bot is dead, and its record
// is what the crash test believes. Run by stage.ts with one argument, its options as JSON.

import { createServer, type Socket } from "node:net";
import { assert, present } from "../../src/base/assert.ts";
import { loadConfig, renderProblems } from "../../src/config/load.ts";
import type { ExchangePort } from "../../src/exchange/port.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import { recordTo } from "../../src/exchange/simulated-file.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { type FundingSettlement, simulationOptions } from "../../src/sim/options.ts";
import { MadeUpMarket } from "../simulation/market.ts";
import { type ClockStart, sharedClock } from "./machine-clock.ts";
import { type Answer, type Hello, onLines, type Sent, send, type Truth } from "./wire.ts";

export interface ExchangeOptions extends ClockStart {
  readonly socket: string;
  readonly record: string;
  readonly seed: string;
  readonly config: string;
}

/** The profile of the crash test (DUR-71): windows short enough to recover in five seconds. */
const REQUEST_EXPIRY_MS = 500;
const LOOKUP_LAG_MS = 500;
const ACCOUNT = "paper";
const START_TICKS = 600_000;

const options = JSON.parse(present(process.argv[2], "the options")) as ExchangeOptions;
const loaded = loadConfig({ text: options.config, file: "the crash test" }, { environment: {} });
assert(loaded.ok, () => (loaded.ok ? "" : renderProblems(loaded.error)));
const { instrument } = loaded.value.bot;
const { balance } = loaded.value.simulated;
const constant = (us: number) => ({ kind: "constant", us }) as const;
/** More a day than a bot remembers do not exist. */
const SETTLEMENTS = 90;

/** Every few seconds a settlement, so that some come while nobody is there to hear of them. */
function settlements(): FundingSettlement[] {
  return Array.from({ length: SETTLEMENTS }, (_, i) => ({
    atUs: (options.startMs + (i + 1) * 3_000) * 1000,
    ratePpt: 50_000_000 * (i % 2 === 0 ? 1 : -2),
  }));
}

const record = recordTo(options.record);
let fills = 0;
const market = new MadeUpMarket(
  { kind: "walk", start: START_TICKS, gap: 12_000, updateMs: 15, lots: 4, depth: "quotes", chunkMs: 50 },
  options.seed,
  options.startMs * 1000,
);
const exchange = new SimulatedExchange(
  simulationOptions({
    seed: options.seed,
    markets: [
      {
        instrument,
        source: market,
        fill: { level: "L1", queue: "front" },
        margin: { mode: "cross", liquidationFeePpm: 5000 },
        funding: settlements(),
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
const clock = sharedClock(options);
const driver = new SimulatedDriver(exchange, clock);

function truth(): Truth {
  const account = exchange.clearing.account(ACCOUNT);
  return {
    position: exchange.clearing.holding(account, instrument.symbol).lots,
    cashChange: exchange.clearing.balance(account, instrument.quote) - balance,
    open: [...exchange.desk.ledger.openOrders(ACCOUNT)].map(({ clientOrderId }) => clientOrderId),
    fills,
    recorded: exchange.recorded,
  };
}

function hello(port: ExchangePort): Hello {
  const { name, requestExpiryMs, lookupLagMs } = port;
  const { startMs, machineMs, speed } = options;
  const clockStart = { startMs, machineUs: Math.round(machineMs * 1000), speedMilli: Math.round(speed * 1000) };
  return { name, requestExpiryMs, lookupLagMs, ...clockStart };
}

/** A request that lay in a buffer for too long is refused, as exchanges with a receive window do (EXCH-08). */
const isLate = (sentMs: number): boolean => clock.nowMs() - sentMs > REQUEST_EXPIRY_MS;
const LATE = { result: "rejected", reason: "OTHER", text: "the request came after its expiry" } as const;

function serve(socket: Socket): void {
  const port = new SimulatedPort(driver, { account: ACCOUNT, marks: true });
  const streams = new Map<number, () => void>();
  const answer = (value: Answer): void => send(socket, value);
  onLines(socket, (value) => {
    const sent = value as Sent;
    take(sent, (reply) => answer({ id: sent.id, value: reply }));
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => port.close());

  function take(call: Sent, done: (reply: unknown) => void): void {
    switch (call.call) {
      case "hello":
        done(hello(port));
        return;
      case "instrument":
        port.instrument(call.symbol, done);
        return;
      case "place":
        if (isLate(call.sentMs)) done(LATE);
        else port.place(call.request, done);
        return;
      case "cancel":
        if (isLate(call.sentMs)) done(LATE);
        else port.cancel(call.symbol, call.clientOrderId, done);
        return;
      case "lookup":
        port.lookup(call.symbol, call.clientOrderId, done);
        return;
      case "openOrders":
        port.openOrders(call.symbol, done);
        return;
      case "fills":
        port.fills(call.symbol, { sinceMs: call.sinceMs, cursor: call.cursor }, done);
        return;
      case "funding":
        port.funding(call.symbol, call.sinceMs, done);
        return;
      case "account":
        port.account(call.symbol, done);
        return;
      case "candles":
        port.candles(call.request, done);
        return;
      case "subscribe": {
        const message = (said: Parameters<Parameters<ExchangePort["subscribe"]>[1]>[0]): void =>
          answer({ subscription: call.id, message: said });
        streams.set(call.id, port.subscribe(call.request, message));
        return;
      }
      case "unsubscribe":
        streams.get(call.subscription)?.();
        streams.delete(call.subscription);
        return;
      case "market":
        market.restsFromUs = call.resting ? exchange.nowUs() : Number.POSITIVE_INFINITY;
        done(null);
        return;
      case "truth":
        done(truth());
        return;
    }
  }
}

createServer(serve).listen(options.socket, () => process.stdout.write("ready\n"));
