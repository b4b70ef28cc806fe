// What `opensqt up` is about to start: the configuration of each process with what the command line says laid over it,
// checked once more as a whole before anything runs. Ports and keys are chosen here.

import { join, resolve } from "node:path";
import { configOrExample } from "../../../config/default-config.ts";
import { type ConfigProblem, renderProblems } from "../../../config/problem.ts";
import { loadConnector, loadLiveServer, loadMarketMaker } from "../../../config/process/load-process.ts";
import { loadUp } from "../../../config/process/load-up.ts";
import { processText } from "../../../config/process/process-text.ts";
import type { UpConfig } from "../../../config/process/shapes.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";
import { type EmulatorPlan, planEmulator } from "./emulator-plan.ts";
import { marketFolder, marketOf } from "./market.ts";
import { type ChosenPort, choosePorts } from "./ports.ts";
import { freshKeys, joined, KEY_NAMES, LOOPBACK, type UpKeys, type UpPorts } from "./wiring.ts";

/** Options of `opensqt up` as given. */
export interface UpOptions {
  readonly config?: string;
  readonly data?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly exchange?: "simulated" | "emulator";
  /** An exchange whose public market is followed on paper. */
  readonly market?: string;
  readonly paper?: true;
  /** Real money may be used, and nobody is asked. */
  readonly live?: true;
  readonly yes?: true;
  readonly dataDir?: string;
  readonly quiet?: true;
  readonly json?: true;
}

export interface UpPlan {
  readonly config: UpConfig;
  /** Absolute; everything is kept below it. */
  readonly dataDir: string;
  readonly keys: UpKeys;
  readonly ports: UpPorts;
  readonly chosen: Readonly<Record<keyof UpPorts, ChosenPort>>;
  /** Null where orders go to no emulator. */
  readonly emulator: EmulatorPlan | null;
  /** Configuration text of each child. */
  readonly texts: { readonly connector: string; readonly marketMaker: string; readonly liveServer: string };
  /** "synthetic market, seed 1", "recorded market capture.gz, 10×". */
  readonly words: string;
}

/** The file, the environment or the built-in text, with the flags laid over. Errors: CommandError 3 and 2. */
export function readUp(options: UpOptions, environment: NodeJS.ProcessEnv): UpConfig {
  const { exchange } = options;
  return accepted(loadUp(configOrExample(options.config, environment), { environment, exchange }));
}

/** Errors: CommandError 3 for what does not go together, 2 for a flag, those of reading a recording. */
export async function planUp(config: UpConfig, options: UpOptions, environment: NodeJS.ProcessEnv): Promise<UpPlan> {
  const dataDir = dataDirOf(config, options);
  const market = marketOf(config, options);
  const chosen = await portsOf(config);
  const ports: UpPorts = {
    connectorGrpc: chosen.connectorGrpc.port,
    connectorHttp: chosen.connectorHttp.port,
    marketMakerGrpc: chosen.marketMakerGrpc.port,
    marketMakerHttp: chosen.marketMakerHttp.port,
    liveServerHttp: chosen.liveServerHttp.port,
  };
  const keys = freshKeys();
  const made = joined(config.processes, ports, keys);
  const folder = await marketFolder(market);
  const emulator = await planEmulator(config, market, join(dataDir, `emulator-${folder}`));
  const bots = join(dataDir, emulator === null ? folder : `emulator-${folder}`);
  const changes = emulator?.connector ?? (config.simulated === null ? {} : { simulated: market.changes });
  const texts = {
    connector: processText(made.connector, { ...changes, store: { folder: dataDir } }),
    marketMaker: processText(made.marketMaker, { store: { sqlite: bots } }),
    liveServer: processText(made.liveServer),
  };
  assertGood(config, texts, { ...environment, [KEY_NAMES.engine]: keys.engine, [KEY_NAMES.view]: keys.view });
  const words = emulator === null ? market.words : `${market.words}, through ccxt and the emulator's wire`;
  return { config, dataDir, keys, ports, chosen, emulator, texts, words };
}

export const dataDirOf = (config: UpConfig, { dataDir }: UpOptions): string => resolve(dataDir ?? config.store.sqlite);

async function portsOf({ connector, marketMaker, liveServer }: UpConfig): Promise<Record<keyof UpPorts, ChosenPort>> {
  return choosePorts(LOOPBACK, {
    connectorGrpc: portOf(connector.grpc.bind),
    connectorHttp: connector.http.port,
    marketMakerGrpc: portOf(marketMaker.grpc.bind),
    marketMakerHttp: marketMaker.http.port,
    liveServerHttp: liveServer.http.port,
  });
}

const portOf = (bind: string): number => Number.parseInt(/:(\d+)$/.exec(bind)?.[1] ?? "0", 10);

/** Whatever a flag or a port made of the file is refused here, not by a child half-way up. */
function assertGood(config: UpConfig, texts: UpPlan["texts"], environment: NodeJS.ProcessEnv): void {
  const source = (text: string, name: string) => ({ text, file: `${config.file} (${name})` });
  accepted(loadConnector(source(texts.connector, "connector"), { environment }));
  accepted(loadMarketMaker(source(texts.marketMaker, "market-maker"), { environment }));
  accepted(loadLiveServer(source(texts.liveServer, "live-server"), { environment }));
}

function accepted<T>(
  loaded: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: readonly ConfigProblem[] },
): T {
  if (loaded.ok) return loaded.value;
  throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error), "docs/configuration.md lists every key");
}
