// The configuration file of `opensqt connector` as a zod schema (OPS-01, OPS-03).

import { z } from "zod";
import { choice, text } from "../key.ts";
import { KnownKeys } from "../schema-walk.ts";
import { PATH, simulatedExchange } from "../simulated-schema.ts";
import { environment, grpc, http, log, NAME, tls } from "./sections.ts";

/** Exchanges that are named in the design; only the simulated one exists so far. */
const EXCHANGES = ["simulated", "binance", "okx", "bybit", "gate", "bitget", "ccxt"] as const;

const account = () =>
  z
    .strictObject({
      name: text("main", { ...NAME, meaning: "name of the account on a simulated exchange" }),
    })
    .prefault({});

/** Sections of the connector that stand under `connector:` in a file for `opensqt up` too. */
export const CONNECTOR_SECTIONS = {
  account: account(),
  grpc: grpc("127.0.0.1:50051"),
  http: http(8083),
  log: log(),
} as const;

export const CONNECTOR_SCHEMA = z.strictObject({
  exchange: choice("simulated", EXCHANGES, "which exchange it is connected to; others than simulated come later"),
  environment: environment(),
  simulated: simulatedExchange,
  store: z
    .strictObject({
      folder: text("./data/exchange", { ...PATH, meaning: "folder of the simulated exchange's memory" }),
    })
    .prefault({}),
  ...CONNECTOR_SECTIONS,
  tls: tls(),
});

export type ConnectorValues = z.infer<typeof CONNECTOR_SCHEMA>;

export const CONNECTOR_KEYS = new KnownKeys(CONNECTOR_SCHEMA);
