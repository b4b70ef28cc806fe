// The other side of the gRPC benches, in a process of its own: a connector over the simulated exchange without
// latency, a connector over a port that speaks on demand, and a bare grpc-js echo to compare with. Ends when its
// input does.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { PacedClock } from "../src/base/paced-clock.ts";
import { openConnector } from "../src/exchange/connector/connector.ts";
import type { ExchangePort, StreamMessage } from "../src/exchange/port.ts";
import { SimulatedPort } from "../src/exchange/simulated.ts";
import { SimulatedDriver } from "../src/exchange/simulated-driver.ts";
import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { lots, money, ticks } from "../src/market/amounts.ts";
import { ExchangeServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RpcHealth } from "../src/rpc/health.ts";
import { newApiKey, sha256Of } from "../src/rpc/keyring.ts";
import { SILENT_RPC_LOG } from "../src/rpc/observer.ts";
import { startRpcServer } from "../src/rpc/server.ts";
import { SimulatedExchange } from "../src/sim/exchange.ts";
import { simulationOptions } from "../src/sim/options.ts";
import { CALM_BTC, SyntheticMarket } from "../src/sim/synthetic-market.ts";
import { foreignOrderId } from "../src/trading/client-order-id.ts";
import { serveParent } from "./child.ts";
import { BENCH_INSTRUMENT, BENCH_SYMBOL, ECHO_PATH, type Hosts, START_MS, wallMs } from "./connector-stage.ts";

const RATE = { perSecond: 1_000_000, burst: 1_000_000 };
const BALANCE = money(10n ** 18n * 1_000_000_000n);

function simulated(): { readonly port: ExchangePort; readonly clock: PacedClock } {
  const clock = new PacedClock(MONOTONIC_CLOCK, START_MS, 1);
  const source = new SyntheticMarket({ ...CALM_BTC, seed: "1", startUs: START_MS * 1000 });
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument: BENCH_INSTRUMENT, source, fill: { level: "L2", queue: "back" } }],
      accounts: [{ name: "bench", balances: new Map([["USDT", BALANCE]]) }],
    }),
  );
  const driver = new SimulatedDriver(exchange, clock);
  return { port: new SimulatedPort(driver, { account: "bench" }), clock };
}

/**
 * A port that says as many fills as an id ends with when an order of that id is cancelled: `burst2000`. Each tells in
 * its trade id when it was said.
 */
function speaking(port: ExchangePort): ExchangePort {
  const listeners = new Set<(message: StreamMessage) => void>();
  let tradeId = 0;
  const burst = (count: number): void => {
    const said = wallMs();
    for (let i = 0; i < count; i += 1) {
      tradeId += 1;
      const fill = { ...FILL, tradeId: `t${tradeId}@${said}` };
      for (const listener of listeners) listener(fill);
    }
  };
  const cancel: ExchangePort["cancel"] = (_symbol, id, done) => {
    const count = Number.parseInt(id.replace("burst", "").split("x")[0] ?? "0", 10);
    queueMicrotask(() => {
      done({ result: "accepted" });
      burst(count);
    });
  };
  const subscribe: ExchangePort["subscribe"] = (request, listener) => {
    listeners.add(listener);
    const end = port.subscribe(request, listener);
    return () => {
      listeners.delete(listener);
      end();
    };
  };
  return {
    name: port.name,
    capabilities: port.capabilities,
    requestExpiryMs: port.requestExpiryMs,
    lookupLagMs: port.lookupLagMs,
    instrument: (symbol, done) => port.instrument(symbol, done),
    place: (request, done) => port.place(request, done),
    cancel,
    lookup: (symbol, id, done) => port.lookup(symbol, id, done),
    openOrders: (symbol, done) => port.openOrders(symbol, done),
    fills: (symbol, since, done) => port.fills(symbol, since, done),
    account: (symbol, done) => port.account(symbol, done),
    candles: (request, done) => port.candles(request, done),
    subscribe,
    close: () => port.close(),
  };
}

const FILL = {
  kind: "fill",
  symbol: BENCH_SYMBOL,
  tradeId: "",
  clientOrderId: foreignOrderId("obench"),
  exchangeOrderId: "1",
  side: "buy",
  price: ticks(600_000),
  quantity: lots(5),
  feeAsset: "USDT",
  fee: money(60_000_000_000_000_000n),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: START_MS,
} as const;

async function serve(port: ExchangePort, clock: PacedClock, key: string): Promise<string> {
  const health = new RpcHealth([ExchangeServiceDefinition.fullName]);
  const connector = await openConnector({
    port,
    symbols: [BENCH_SYMBOL],
    clock,
    ratePpm: 1_000_000,
    machine: MONOTONIC_CLOCK,
    release: "bench",
    health,
  });
  const keys = [{ name: "bench", role: "operator" as const, keySha256: sha256Of(key), san: null, bots: null }];
  const services = [connector.service];
  const server = await startRpcServer({ bind: "127.0.0.1:0", keys, services, health, log: SILENT_RPC_LOG, rate: RATE });
  return server.address;
}

/** What grpc-js does by itself: bytes in, the same bytes out. */
function echo(): Promise<string> {
  const same = (bytes: Buffer): Buffer => bytes;
  const server = new Server();
  server.addService(
    {
      echo: {
        path: ECHO_PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { echo: (call: { request: Buffer }, reply: (error: null, bytes: Buffer) => void) => reply(null, call.request) },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${port}`);
      else reject(error);
    });
  });
}

const key = newApiKey();
const real = simulated();
const spoken = simulated();
const hosts: Hosts = {
  key,
  connector: await serve(real.port, real.clock, key),
  speaker: await serve(speaking(spoken.port), spoken.clock, key),
  echo: await echo(),
};
serveParent(hosts, async () => undefined);
