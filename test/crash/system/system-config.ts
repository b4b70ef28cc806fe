// Configurations of the system stage's two processes: the real connector on the emulator's wire, the real market-maker
// over gRPC, its journal in SQLite or Postgres.

import { stringify } from "yaml";

export type StoreKind = "sqlite" | "postgres";
/** `simulated`: the simulated exchange over gRPC, in the process of its connector. */
export type Protocol = "binance-usdm" | "binance-spot" | "simulated";
export type Mode = "long" | "neutral";

export const BOT = "crash";
export const TAG = "crash1";
export const OPERATOR_KEY = "crash-operator".padEnd(43, "0");
export const ENGINE_KEY = "crash-engine".padEnd(43, "0");
/** Variable that carries the database's address. */
export const URL_VARIABLE = "OPENSQT_CRASH_URL";
/** Environment of the processes: keys and addresses. */
export const KEYS = { OPENSQT_CRASH_KEY: ENGINE_KEY } as const;

const clients = [
  { name: "engine", role: "trader", key: { env: "OPENSQT_CRASH_KEY" } },
  { name: "test", role: "operator", key: OPERATOR_KEY },
];

/** Answers are awaited as long as a test needs: nobody counts calls here. */
const grpc = (bind: string, callers: readonly unknown[]) => ({
  bind,
  requestsPerSecondMax: 100_000,
  requestsBurst: 100_000,
  clients: callers,
});

export const symbolOf = (protocol: Protocol): string => (protocol === "binance-spot" ? "BTC/USDT" : "BTC/USDT:USDT");

export function connectorConfig(
  protocol: Protocol,
  given: { readonly port: number; readonly key: { readonly apiKey: string; readonly secret: string } },
): string {
  const at = `127.0.0.1:${given.port}`;
  return stringify({
    exchange: "binance",
    environment: "emulator",
    market: protocol === "binance-spot" ? "spot" : "perpetual",
    instruments: [symbolOf(protocol)],
    credentials: given.key,
    endpoints: { rest: `http://${at}`, websocket: `ws://${at}` },
    account: { name: "crash", exclusive: true },
    store: { folder: "./connector" },
    grpc: grpc("unix:./connector.sock", clients),
    http: { port: 0 },
  });
}

/** In foul weather one answer in six is lost: the breakers of late and of repeated requests are proved elsewhere. */
const FOUL = { latencyP99MsMax: 0, retryRatioBpsMax: 0 };

/** A lively grid: many small levels, orders larger than most trades, so that they are filled in parts. */
function botOf(protocol: Protocol, mode: Mode, orderQuote: string) {
  return {
    id: BOT,
    tag: TAG,
    strategy: "grid",
    instrument: symbolOf(protocol),
    cancelOnExit: "all",
    grid: {
      mode,
      spacing: "geometric",
      spacingBps: protocol === "binance-spot" ? "25" : "6",
      orderQuote,
      entryLevels: 5,
      exitLevels: 5,
      heldSlotsMax: 60,
      openOrdersMax: 40,
    },
    risk: { positionNotionalMax: "200000", orderNotionalMax: "5000", exposureGrossMax: "400000", ...FOUL },
  };
}

export const botText = (...given: Parameters<typeof botOf>): string => stringify({ bot: botOf(...given) });

/** What names the instrument and the money of the simulated exchange. */
export const simulatedText = (): string =>
  stringify({ bot: botOf("simulated", "neutral", "600"), exchange: "simulated", simulated: { balance: "1000000" } });

export interface EngineGiven {
  readonly protocol: Protocol;
  readonly mode: Mode;
  readonly store: StoreKind;
  readonly schema: string;
  readonly deadManMs: number;
}

export function engineConfig({ protocol, mode, store, schema, deadManMs }: EngineGiven): string {
  const postgres = { url: { env: URL_VARIABLE }, schema, host: "crash-host" };
  return stringify({
    store: { sqlite: "./store", ...(store === "postgres" ? { postgres } : {}) },
    journal: { sync: "send" },
    exchange: "remote",
    connector: { address: "unix:./connector.sock", key: { env: "OPENSQT_CRASH_KEY" } },
    deadMan: { timeoutMs: deadManMs },
    risk: FOUL,
    http: { port: 0 },
    bots: [botOf(protocol, mode, "600")],
    grpc: grpc("unix:./engine.sock", clients.slice(1)),
  });
}
