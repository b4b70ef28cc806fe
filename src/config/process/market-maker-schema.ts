// The configuration file of `opensqt market-maker` as a zod schema (OPS-01, OPS-03).

import { z } from "zod";
import { bot } from "../bot-schema.ts";
import { choice, list, whole, yesNo } from "../key.ts";
import { KnownKeys } from "../schema-walk.ts";
import { simulatedExchange } from "../simulated-schema.ts";
import { accountRisk } from "./account-limits.ts";
import { alerts } from "./alerts-schema.ts";
import { journal } from "./journal-config.ts";
import { environment, grpc, httpWithOrigins, log, peer, store, tls } from "./sections.ts";

const limits = () =>
  z
    .strictObject({
      botsMax: whole(100, { min: 1, max: 1000, unit: "bots", meaning: "bots this process hosts" }),
      stepMsMax: whole(100, {
        min: 1,
        max: 10_000,
        unit: "ms",
        meaning: "what 99 of 100 steps of a bot may take; a minute above it warns, the next pauses its entries",
      }),
      journalMibPerHourMax: whole(4096, {
        min: 1,
        max: 1_000_000,
        unit: "MiB/h",
        meaning: "what a bot's journal may grow by; it warns at 80 %, and above it the bot's entries pause",
      }),
      memoryMibMax: whole(4096, {
        min: 128,
        max: 1_000_000,
        unit: "MiB",
        meaning: "memory above which the process says that it is not ready",
      }),
    })
    .prefault({});

const deadMan = () =>
  z
    .strictObject({
      timeoutMs: whole(60_000, {
        min: 10_000,
        max: 120_000,
        unit: "ms",
        meaning: "silence of this process after which the connector cancels its bots' orders",
      }),
    })
    .prefault({});

export const bots = () => list(bot, { min: 0, max: 1000, meaning: "bots it starts with; each has its own id" });

/** Sections of the market-maker that stand under `market-maker:` in a file for `opensqt up` too. */
export const MARKET_MAKER_SECTIONS = {
  isolation: choice(
    "shared",
    ["shared", "worker"],
    "shared: all bots in one thread, watched; worker: a thread each, so that a loop without end ends that bot alone",
  ),
  limits: limits(),
  risk: accountRisk(),
  deadMan: deadMan(),
  grpc: grpc("127.0.0.1:50052"),
  operatorDoor: yesNo(true, "whether the HTTP listener takes an operator's commands from the console"),
  http: httpWithOrigins(8080, {
    fallback: ["http://127.0.0.1:8081", "http://localhost:8081"],
    meaning: "pages whose scripts may use the operator door",
  }).prefault({}),
  log: log(),
} as const;

export const MARKET_MAKER_SCHEMA = z.strictObject({
  store: store(),
  journal: journal(),
  lock: choice(
    "refuse",
    ["refuse", "wait"],
    "where another process has the store: refuse ends with exit code 8, wait stands by and takes over when it ends",
  ),
  exchange: choice(
    "remote",
    ["remote", "native", "simulated"],
    "remote: through a connector; native and simulated: the simulated exchange inside this process",
  ),
  environment: environment(),
  allowNativeLive: yesNo(false, "native with real money, which takes keys and request budget into this process"),
  connector: peer("127.0.0.1:50051"),
  simulated: simulatedExchange,
  bots: bots(),
  ...MARKET_MAKER_SECTIONS,
  alerts: alerts(),
  tls: tls(),
});

export type MarketMakerValues = z.infer<typeof MARKET_MAKER_SCHEMA>;

export const MARKET_MAKER_KEYS = new KnownKeys(MARKET_MAKER_SCHEMA);
