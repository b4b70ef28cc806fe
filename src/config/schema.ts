// The configuration file of `opensqt up`, `preview` and `backtest` as one zod schema (OPS-01…04), put together from its
// sections.

import { z } from "zod";
import { bot } from "./bot-schema.ts";
import { choice } from "./key.ts";
import { alerts } from "./process/alerts-schema.ts";
import { CONNECTOR_SECTIONS, UP_EXCHANGES } from "./process/connector-schema.ts";
import { journal } from "./process/journal-config.ts";
import { LIVE_SERVER_SECTIONS } from "./process/live-server-schema.ts";
import { MARKET_MAKER_SECTIONS } from "./process/market-maker-schema.ts";
import { environment, store } from "./process/sections.ts";
import { KnownKeys } from "./schema-walk.ts";
import { backtest, simulated } from "./simulated-schema.ts";

/** The whole file. Unknown keys are errors everywhere. */
export const CONFIG_SCHEMA = z.strictObject({
  bot,
  store: store(),
  journal: journal(),
  exchange: choice("simulated", UP_EXCHANGES, "where orders go; emulator: through ccxt and a local exchange's wire"),
  environment: environment(),
  simulated,
  backtest,
  alerts: alerts(),
  connector: z.strictObject(CONNECTOR_SECTIONS).optional(),
  "market-maker": z.strictObject(MARKET_MAKER_SECTIONS).optional(),
  "live-server": z.strictObject(LIVE_SERVER_SECTIONS).optional(),
});

/** The validated values, with defaults. */
export type ConfigValues = z.infer<typeof CONFIG_SCHEMA>;

/** What is known of every key of it. */
export const CONFIG_KEYS = new KnownKeys(CONFIG_SCHEMA);
