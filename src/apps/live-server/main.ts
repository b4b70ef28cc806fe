// `opensqt live-server`: reads connectors and engines as a reader and shows them to browsers. It can change nothing,
// needs none of them to be there, and may be killed, restarted and run ten times over.

import { configSource, renderProblems } from "../../config/load.ts";
import { loadLiveServer } from "../../config/process/load-process.ts";
import type { LiveServerConfig } from "../../config/process/shapes.ts";
import { release } from "../../config/release.ts";
import { MONOTONIC_CLOCK, WALL_CLOCK } from "../../host/wall-clock.ts";
import { LiveError } from "../../live/live-error.ts";
import { startLiveServer } from "../../live/live-server.ts";
import { Picture } from "../../live/picture.ts";
import type { LiveSettings } from "../../live/settings.ts";
import { openSources } from "../../live/source/sources.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, usageError } from "../opensqt/output.ts";
import { certificateGauge } from "../process/certificate-gauge.ts";
import { httpTls } from "../process/http-tls.ts";
import { openFrame, type ProcessFrame } from "../process/process-frame.ts";
import { Reloader, takeEnvironment } from "../process/reloader.ts";
import { addressesOf, authOf, settingsOf } from "./settings.ts";

export interface LiveServerFlags {
  /** File of the configuration; else OPENSQT_CONFIG_YAML, OPENSQT_CONFIG, ./opensqt.yaml. */
  readonly config?: string;
  /** Instead of the file's; 0 takes any free one. */
  readonly port?: string;
}

/** Runs until it is asked to stop. Throws CommandError: a configuration that is refused (3). HttpError: the port. */
export async function liveServer(flags: LiveServerFlags): Promise<void> {
  const port = portOf(flags.port);
  const environment = takeEnvironment();
  const source = configSource(flags.config, environment);
  const read = () => loadLiveServer(source, { environment });
  const config = readOrRefused(read());
  const { log } = config;
  const frame = openFrame({ name: "live-server", level: log.level, environment, secrets: config.secrets });
  try {
    for (const warning of config.warnings) frame.log.warn(warning, { code: "config-old-name" });
    const reloader = new Reloader({ first: config, read, source }, frame);
    await serve(frame, { config, reloader }, port);
    const by = await frame.stop.asked;
    frame.log.info(`stopping: ${by}`, { code: "stopping" });
  } finally {
    await frame.close();
  }
}

interface Given {
  readonly config: LiveServerConfig;
  readonly reloader: Reloader<LiveServerConfig>;
}

async function serve(frame: ProcessFrame, { config, reloader }: Given, port: number | null): Promise<void> {
  const { log, metrics, owners } = frame;
  const settings = settingsOrRefusal(config, port);
  const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
  const wallMs = (): number => WALL_CLOCK.nowMs();
  const picture = new Picture({ monotonicMs, historyLimit: settings.historyLimit });
  // its own lines stand in the console's log too, as they were written: masked
  const unsubscribe = log.ring.subscribe(({ atMs, level, process: name, code, text, fields }) => {
    picture.log([{ at: atMs, level, process: name, code, text, fields }]);
  });
  owners.add("own log lines", unsubscribe);
  let newest = config;
  const sources = openSources({ addresses: addressesOf(() => newest), settings, picture, monotonicMs, wallMs, log });
  owners.add("sources", () => sources.close());
  const { questions, ready } = sources;
  const shown = certificateGauge(metrics, frame.name);
  shown(settings.tls);
  const parts = { settings, picture, questions, ready, clock: MONOTONIC_CLOCK, wallMs, log, metrics };
  const server = await frame.phase("listening", () => refusing(() => startLiveServer(parts)));
  owners.add("browsers", () => server.close());
  reloader.into((again) => {
    newest = again;
    server.reload(authOf(again.auth), shown(httpTls(again.tls)));
  });
}

function readOrRefused(read: ReturnType<typeof loadLiveServer>): LiveServerConfig {
  if (read.ok) return read.value;
  throw new CommandError(EXIT_CODES.refused, renderProblems(read.error), "docs/configuration.md lists every key");
}

function settingsOrRefusal(config: LiveServerConfig, port: number | null): LiveSettings {
  try {
    return settingsOf(config, release(), port);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT_CODES.refused, `tls: ${text}`);
  }
}

/** A setting that would open the server to strangers is a refused configuration. */
async function refusing<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof LiveError) throw new CommandError(EXIT_CODES.refused, error.message);
    throw error;
  }
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw usageError(`--port ${text} is not a port; give a whole number from 0 to 65535`);
}
