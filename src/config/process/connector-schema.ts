// The configuration file of `opensqt connector` as a zod schema (OPS-01, OPS-03).

import { z } from "zod";
import { SYMBOL } from "../instruments.ts";
import {
  choice,
  list,
  optionalChoice,
  optionalSecret,
  optionalText,
  optionalWhole,
  requiredText,
  text,
  whole,
  yesNo,
} from "../key.ts";
import { KnownKeys } from "../schema-walk.ts";
import { endpoints, PATH, simulatedExchange } from "../simulated-schema.ts";
import { alerts } from "./alerts-schema.ts";
import { environment, grpc, http, log, NAME, tls } from "./sections.ts";

const EXCHANGES = ["simulated", "binance", "okx", "bybit", "gate", "bitget", "ccxt"] as const;
/** Of `opensqt up`. */
export const UP_EXCHANGES = ["simulated", "emulator", "binance", "okx", "bybit", "gate", "bitget", "ccxt"] as const;

const account = () =>
  z
    .strictObject({
      name: text("main", { ...NAME, meaning: "name of the account, for people" }),
      exclusive: yesNo(false, "nothing else trades on it: its dead-man timer and bulk cancels may then be used"),
      leverage: optionalWhole({
        min: 1,
        max: 125,
        unit: "times",
        meaning: "what it must be set to; not checked unless given",
      }),
      marginMode: optionalChoice(["cross", "isolated"], "what it must be set to; not checked unless given"),
      allowWithdrawKeys: yesNo(false, "a key that may withdraw is taken all the same"),
    })
    .prefault({});

const credentials = () =>
  z
    .strictObject({
      apiKey: optionalSecret("API key"),
      secret: optionalSecret("its secret"),
      passphrase: optionalSecret("its passphrase, on OKX and Bitget"),
    })
    .optional();

const record = () =>
  z
    .strictObject({
      folder: requiredText({ ...PATH, meaning: "where frames of a real exchange are written down as they come" }),
      maxGiB: whole(10, { min: 1, max: 100_000, unit: "GiB", meaning: "all of it; the oldest files go first" }),
      private: yesNo(false, "own orders and fills are written down too, without secrets"),
    })
    .optional();

const symbols = () =>
  list(
    requiredText({
      pattern: SYMBOL,
      range: "BASE/QUOTE (spot) or BASE/QUOTE:QUOTE (perpetual)",
      meaning: "one of them",
    }),
    { min: 0, max: 100, meaning: "instruments of a real exchange that are served" },
  );

/** Sections of the connector that stand under `connector:` in a file for `opensqt up` too. */
export const CONNECTOR_SECTIONS = {
  account: account(),
  ccxtId: optionalText({
    pattern: /^[a-z0-9]{2,40}$/,
    range: "a name of ccxt's list",
    meaning: "which one, with exchange: ccxt",
  }),
  market: choice("perpetual", ["perpetual", "spot"], "which of a real exchange's markets"),
  instruments: symbols(),
  credentials: credentials(),
  endpoints: endpoints(),
  record: record(),
  grpc: grpc("127.0.0.1:50051"),
  http: http(8083),
  log: log(),
} as const;

export const CONNECTOR_SCHEMA = z.strictObject({
  exchange: choice("simulated", EXCHANGES, "which exchange it is connected to"),
  environment: environment(),
  simulated: simulatedExchange,
  store: z
    .strictObject({
      folder: text("./data/exchange", { ...PATH, meaning: "folder of the simulated exchange's memory" }),
    })
    .prefault({}),
  ...CONNECTOR_SECTIONS,
  alerts: alerts(),
  tls: tls(),
});

export type ConnectorValues = z.infer<typeof CONNECTOR_SCHEMA>;

export const CONNECTOR_KEYS = new KnownKeys(CONNECTOR_SCHEMA);
