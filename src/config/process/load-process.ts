// The configuration file of one process → one frozen value, or every problem of the file at once (OPS-01…06, RISK-50).
// Looks at nothing but the file, the environment it is given, and the secret and certificate files the file names.

import { fail, ok, type Result } from "../../base/result.ts";
import type { Environment } from "../expand.ts";
import { frozen } from "../frozen.ts";
import type { ConfigProblem } from "../problem.ts";
import { isSection } from "../problem-desk.ts";
import type { ConfigSource } from "../source.ts";
import { CONNECTOR_KEYS, CONNECTOR_SCHEMA } from "./connector-schema.ts";
import { judgeConnector } from "./judge-connector.ts";
import { judgeLiveServer } from "./judge-live-server.ts";
import { draftsOf, judgeBots, judgeMarketMaker } from "./judge-market-maker.ts";
import { Judging } from "./judging.ts";
import { LIVE_SERVER_KEYS, LIVE_SERVER_SCHEMA } from "./live-server-schema.ts";
import { MARKET_MAKER_KEYS, MARKET_MAKER_SCHEMA } from "./market-maker-schema.ts";
import { type ReadFile, readProcessFile } from "./reading.ts";
import type { ConfigOrigin, ConnectorConfig, LiveServerConfig, MarketMakerConfig } from "./shapes.ts";

export interface ProcessOptions {
  /** What `${VAR}` and `{ env: NAME }` read: `process.env` from a main. */
  readonly environment: Environment;
}

type Loaded<T> = Result<T, readonly ConfigProblem[]>;

export function loadConnector(source: ConfigSource | string, options: ProcessOptions): Loaded<ConnectorConfig> {
  const read = readProcessFile(source, options.environment, { schema: CONNECTOR_SCHEMA, keys: CONNECTOR_KEYS });
  if (!read.ok) return read;
  const judging = judgingOf(read.value, options, true);
  const { values } = read.value;
  if (values !== null && values.grpc.clients.length === 0) {
    judging.say("grpc.clients", "nobody could call this connector; name at least one caller: opensqt token new");
  }
  const config = values === null ? null : judgeConnector(values, judging);
  return finished(read.value, judging, config);
}

export function loadMarketMaker(source: ConfigSource | string, options: ProcessOptions): Loaded<MarketMakerConfig> {
  const kind = { schema: MARKET_MAKER_SCHEMA, keys: MARKET_MAKER_KEYS };
  const read = readProcessFile(source, options.environment, kind);
  if (!read.ok) return read;
  const { values, written, desk } = read.value;
  const judging = judgingOf(read.value, options, values?.environment === "emulator");
  if (values === null) return finished<MarketMakerConfig>(read.value, judging, null);
  const keyOf = (index: number): string => `bots.${index}`;
  const bots = draftsOf(values.bots, {
    written: isSection(written) ? written["bots"] : [],
    keyOf,
    problemAt: (key, text) => desk.problem(key, text),
  });
  judgeBots(bots, keyOf, judging);
  return finished(read.value, judging, judgeMarketMaker(values, bots, judging));
}

export function loadLiveServer(source: ConfigSource | string, options: ProcessOptions): Loaded<LiveServerConfig> {
  const kind = { schema: LIVE_SERVER_SCHEMA, keys: LIVE_SERVER_KEYS };
  const read = readProcessFile(source, options.environment, kind);
  if (!read.ok) return read;
  const judging = judgingOf(read.value, options, false);
  const { values } = read.value;
  return finished(read.value, judging, values === null ? null : judgeLiveServer(values, judging));
}

function judgingOf(read: ReadFile<unknown>, { environment }: ProcessOptions, literals: boolean): Judging {
  return new Judging({ environment, literals, say: (key, text) => read.desk.say(key, text) });
}

function finished<T extends ConfigOrigin>(
  read: ReadFile<unknown>,
  judging: Judging,
  config: Omit<T, keyof ConfigOrigin> | null,
): Loaded<T> {
  const { file, text, desk, warnings } = read;
  if (config === null || desk.problems.length > 0) return fail([...desk.problems].sort((a, b) => a.line - b.line));
  const { secrets, watchedFiles } = judging;
  const origin: ConfigOrigin = { file, text, warnings, secrets, watchedFiles };
  return ok(frozen({ ...origin, ...config } as T));
}
