// The files there are, one kind for each process and one for `opensqt up`: what they are called, which schema reads
// them and which function loads them. Documentation, JSON Schema and `opensqt config` go through this list.

import type { z } from "zod";
import type { Result } from "../../base/result.ts";
import type { ConfigProblem } from "../problem.ts";
import type { KnownKeys } from "../schema-walk.ts";
import type { ConfigSource } from "../source.ts";
import { CONNECTOR_KEYS, CONNECTOR_SCHEMA } from "./connector-schema.ts";
import { LIVE_SERVER_KEYS, LIVE_SERVER_SCHEMA } from "./live-server-schema.ts";
import { loadConnector, loadLiveServer, loadMarketMaker, type ProcessOptions } from "./load-process.ts";
import { loadUp } from "./load-up.ts";
import { MARKET_MAKER_KEYS, MARKET_MAKER_SCHEMA } from "./market-maker-schema.ts";
import type { ConfigOrigin, ConnectorConfig, LiveServerConfig, MarketMakerConfig, UpConfig } from "./shapes.ts";
import { UP_KEYS, UP_SCHEMA } from "./up-schema.ts";

export type ConfigKindName = "up" | "connector" | "market-maker" | "live-server";

export interface ConfigKind {
  readonly name: ConfigKindName;
  /** What the file is for, in a few words. */
  readonly title: string;
  readonly schema: z.ZodType;
  readonly keys: KnownKeys;
  readonly load: (
    source: ConfigSource | string,
    options: ProcessOptions,
  ) => Result<LoadedKind, readonly ConfigProblem[]>;
}

export type LoadedKind = ConfigOrigin & (UpConfig | ConnectorConfig | MarketMakerConfig | LiveServerConfig);

export const CONFIG_KINDS: readonly ConfigKind[] = [
  {
    name: "up",
    title: "all processes on one machine, and `preview`, `backtest`",
    schema: UP_SCHEMA,
    keys: UP_KEYS,
    load: loadUp,
  },
  {
    name: "connector",
    title: "the one process that talks to an exchange",
    schema: CONNECTOR_SCHEMA,
    keys: CONNECTOR_KEYS,
    load: loadConnector,
  },
  {
    name: "market-maker",
    title: "the process that hosts bots",
    schema: MARKET_MAKER_SCHEMA,
    keys: MARKET_MAKER_KEYS,
    load: loadMarketMaker,
  },
  {
    name: "live-server",
    title: "the read-only console",
    schema: LIVE_SERVER_SCHEMA,
    keys: LIVE_SERVER_KEYS,
    load: loadLiveServer,
  },
];

/** The kind a file is, by the sections it has: only `up` has sections of processes or one `bot:`. */
export function kindOf(name: string): ConfigKind | undefined {
  return CONFIG_KINDS.find((kind) => kind.name === name);
}
