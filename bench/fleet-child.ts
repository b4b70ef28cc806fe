// The engine of bench/consoles.ts and bench/reconciliation.ts in a process of its own: bots on markets of the
// simulated exchange, their journals, and the services a live-server reads. Tells how long its turns and its
// reconciliations take.

import { whatIfChildren } from "../src/apps/market-maker/what-if-runner.ts";
import { PacedClock } from "../src/base/paced-clock.ts";
import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import { SimulatedPort } from "../src/exchange/simulated.ts";
import { SimulatedDriver } from "../src/exchange/simulated-driver.ts";
import { booksServices } from "../src/host/api/books-services.ts";
import { botService } from "../src/host/api/bot-service.ts";
import { configBinder } from "../src/host/fleet/config-binder.ts";
import { openFleet } from "../src/host/fleet/fleet.ts";
import { MONOTONIC_CLOCK, WALL_CLOCK } from "../src/host/wall-clock.ts";
import { money } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";
import { openLog } from "../src/observe/log.ts";
import { BotServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { RpcHealth } from "../src/rpc/health.ts";
import { newApiKey, sha256Of } from "../src/rpc/keyring.ts";
import { rpcService } from "../src/rpc/method.ts";
import { SILENT_RPC_LOG } from "../src/rpc/observer.ts";
import { startRpcServer } from "../src/rpc/server.ts";
import { SimulatedExchange } from "../src/sim/exchange.ts";
import { simulationOptions } from "../src/sim/options.ts";
import { CALM_BTC, SyntheticMarket } from "../src/sim/synthetic-market.ts";
import { serveParent } from "./child.ts";
import { median, p99 } from "./rounds.ts";

const START_MS = 1_750_000_000_000;
const BOTS = 3;
const RATE = { perSecond: 10_000, burst: 10_000 };
const BALANCE = money(10n ** 18n * 10_000_000n);

/** Where journals go, and how many times as fast as the wall clock the market runs. */
const [folder = "", speed = ""] = process.argv.slice(2);
const instruments = Array.from({ length: BOTS }, (_, n): Instrument => {
  return { ...BINANCE_USDM_BTCUSDT, symbol: `C${n}/USDT:USDT`, base: `C${n}`, leverage: 3 };
});
const clock = new PacedClock(MONOTONIC_CLOCK, START_MS, Number.parseInt(speed, 10));
const exchange = new SimulatedExchange(
  simulationOptions({
    markets: instruments.map((instrument) => {
      const source = new SyntheticMarket({ ...CALM_BTC, seed: instrument.base, startUs: START_MS * 1000 });
      return { instrument, source, fill: { level: "L2", queue: "power:3" } };
    }),
    accounts: [{ name: "bench", balances: new Map([["USDT", BALANCE]]) }],
  }),
);
const driver = new SimulatedDriver(exchange, clock);
let turnsMs: number[] = [];
const fleet = openFleet({
  folder,
  sync: "kill",
  port: new SimulatedPort(driver, { account: "bench" }),
  clock,
  machine: WALL_CLOCK,
  conditions: () => ({ clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false }),
  binder: configBinder,
  seeds: instruments.map(({ symbol }, n) =>
    [
      `id: bot-${n}`,
      "strategy: grid",
      `instrument: ${symbol}`,
      "grid:",
      '  interval: "30"',
      '  orderQuote: "200"',
      "  entryLevels: 10",
      "  exitLevels: 10",
      "",
    ].join("\n"),
  ),
  bookIntervalMs: 100,
  host: "bench",
  pid: process.pid,
  release: "bench",
  coreHash: "bench",
  reserveBytes: 0,
  timings: {
    stepped: () => undefined,
    committed: (_bot, ms) => void turnsMs.push(ms),
    recovered: () => undefined,
  },
  onAlert: (bot, { code, severity, text }) => {
    if (severity === "critical") throw new Error(`${bot}: ${code}: ${text}`);
  },
  onWarning: () => undefined,
  onEnd: (bot, end) => {
    throw new Error(`${bot} ended: ${end.text}`);
  },
});
const log = openLog({ process: "market-maker", write: () => undefined });
const whatIf = whatIfChildren();
const shown = booksServices({
  fleet,
  onFailed: (bot, error) => {
    throw new Error(`${bot}: ${String(error)}`);
  },
});
const service = botService({ fleet, books: shown.books, log: log.ring, operatorUrl: "", whatIf });
const services = [rpcService(BotServiceDefinition, service.implementation), ...shown.services];
const key = newApiKey();
const keys = [{ name: "bench", role: "reader" as const, keySha256: sha256Of(key), san: null, bots: null }];
const health = new RpcHealth(services.map(({ fullName }) => fullName));
const server = await startRpcServer({
  bind: "127.0.0.1:0",
  keys,
  services,
  health,
  log: SILENT_RPC_LOG,
  rate: RATE,
});
health.set(null, "serving");
fleet.start();
serveParent(
  { address: server.address, key },
  async () => {
    driver.stop();
    service.close();
    await whatIf.close();
    shown.close();
    await server.stop();
  },
  {
    // each of a turn since "begin"
    begin: () => {
      turnsMs = [];
      return 0;
    },
    turns: () => turnsMs.length,
    p99: () => p99(turnsMs),
    p50: () => median(turnsMs),
    orders: () => fleet.bots().reduce((sum, { state }) => sum + (state?.orders.size ?? 0), 0),
    reconcile: () => reconciled(),
  },
);

/** Milliseconds from the wish until the first bot has judged a whole read. Waits until it trades. */
function reconciled(): Promise<number> {
  return new Promise((resolve) => {
    const ask = (): void => {
      const host = fleet.bot("bot-0")?.host;
      if (host?.recovered !== true || host.state.orders.size === 0) {
        setTimeout(ask, 10);
        return;
      }
      const began = performance.now();
      const end = host.observe(({ events }) => {
        if (!events.some(({ kind }) => kind === "exchange-state")) return;
        end();
        resolve(performance.now() - began);
      });
      host.reconcile();
    };
    ask();
  });
}
