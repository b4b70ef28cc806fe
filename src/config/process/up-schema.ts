// The configuration file of `opensqt up` as a zod schema: what the three processes share, and a section for each
// (OPS-01). `bot:` is one bot; `bots:` lists several.

import { z } from "zod";
import { bot } from "../bot-schema.ts";
import { CONFIG_SCHEMA } from "../schema.ts";
import { KnownKeys } from "../schema-walk.ts";
import { CONNECTOR_SECTIONS } from "./connector-schema.ts";
import { LIVE_SERVER_SECTIONS } from "./live-server-schema.ts";
import { bots, MARKET_MAKER_SECTIONS } from "./market-maker-schema.ts";

export const UP_SCHEMA = z.strictObject({
  ...CONFIG_SCHEMA.shape,
  bot: bot.optional(),
  bots: bots(),
  connector: z.strictObject(CONNECTOR_SECTIONS).prefault({}),
  "market-maker": z.strictObject(MARKET_MAKER_SECTIONS).prefault({}),
  "live-server": z.strictObject(LIVE_SERVER_SECTIONS).prefault({}),
});

export type UpValues = z.infer<typeof UP_SCHEMA>;

export const UP_KEYS = new KnownKeys(UP_SCHEMA);
