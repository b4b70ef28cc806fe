// What `opensqt up` does: reads the configuration, opens the paper exchange, starts the bot, shows it, and stops it in order
// when a signal or a key says so. Wiring only.

import { DEFAULT_CONFIG_TEXT } from "../../config/default-config.ts";
import { type ConfigSource, configSource, type LoadedConfig, loadConfig, renderProblems } from "../../config/load.ts";
import { ownedLots } from "../../engine/owned.ts";
import type { HostEnd } from "../../host/host-error.ts";
import { formatQuantity } from "../../market/instrument.ts";
import { startDashboard, terminalTaste } from "../../terminal/dashboard.ts";
import { DashboardFeed } from "./dashboard-feed.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note } from "./output.ts";
import { type PaperBot, startPaperBot } from "./paper-bot.ts";
import { openPaperMarket, type PaperMarket } from "./paper-market.ts";

/** Options of `opensqt up` as given. */
export interface UpOptions {
  readonly config?: string;
  readonly data?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly dataDir?: string;
  readonly quiet?: true;
}

/** Runs until the host has ended; sets the exit code. Errors: those of configuration, data, journal and host. */
export async function up(options: UpOptions): Promise<void> {
  const config = readConfig(options);
  for (const warning of config.warnings) note(warning);
  const lost: { error: string | null; stop: (() => void) | null } = { error: null, stop: null };
  const market = await openPaperMarket(config, {
    quiet: options.quiet === true,
    onLost: (error) => {
      lost.error = error instanceof Error ? error.message : String(error);
      lost.stop?.();
    },
  });
  const alerts: { feed: DashboardFeed | null } = { feed: null };
  const live = process.stdout.isTTY && options.quiet !== true;
  const bot = await startPaperBot(config, market, {
    onAlert: (alert) => {
      alerts.feed?.addAlert(alert);
      if (!live) note(`${alert.severity}: ${alert.text}`);
    },
    onProgress: () => undefined,
    onWarning: note,
  }).catch((error: unknown) => {
    market.stop();
    throw error;
  });
  const startedAtMs = market.clock.nowMs();
  const feed = new DashboardFeed({ host: bot.host, journal: bot.journal, source: market.source, startedAtMs });
  alerts.feed = feed;
  lost.stop = () => bot.host.requestStop("the paper exchange");
  if (lost.error !== null) lost.stop();
  const end = await runUntilEnd(bot, market, { feed, quiet: options.quiet === true });
  sayEnd(end, bot);
  if (lost.error === null) return;
  note(`the paper exchange could not write its memory: ${lost.error}. Free some space and start again.`);
  process.exitCode = EXIT_CODES.cannotWrite;
}

/** File, environment or built-in text; flags override what it says about the market. */
function readConfig(options: UpOptions): LoadedConfig {
  const loaded = loadConfig(sourceOf(options), { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const { simulated, store } = loaded.value;
  const speed = options.speed === undefined ? simulated.speed : numberOf("--speed", options.speed);
  return {
    ...loaded.value,
    store: { sqlite: options.dataDir ?? store.sqlite },
    simulated: { ...simulated, speed, data: options.data ?? simulated.data, seed: options.seed ?? simulated.seed },
  };
}

function sourceOf({ config }: UpOptions): ConfigSource {
  if (
    config === undefined &&
    process.env["OPENSQT_CONFIG"] === undefined &&
    process.env["OPENSQT_CONFIG_YAML"] === undefined
  ) {
    return { text: DEFAULT_CONFIG_TEXT, file: "built-in example" };
  }
  return configSource(config, process.env);
}

function numberOf(name: string, text: string): number {
  // tidy-ok: a speed is no amount
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (!(value >= 0))
    throw new CommandError(EXIT_CODES.usage, `${name} ${text} is not allowed; give a number from 0 to 999999`);
  return value;
}

interface Screen {
  readonly feed: DashboardFeed;
  readonly quiet: boolean;
}

/** Signals and keys ask the host to stop; a second signal ends at once (DUR-59). */
async function runUntilEnd(bot: PaperBot, market: PaperMarket, { feed, quiet }: Screen): Promise<HostEnd> {
  const { host } = bot;
  const operator = { by: process.env["USER"] ?? "operator", reason: "dashboard key" };
  const command = (name: Parameters<typeof host.command>[0]): void => host.command(name, operator, () => undefined);
  const dashboard = quiet
    ? null
    : startDashboard({
        model: feed,
        stdout: process.stdout,
        stdin: process.stdin,
        ...terminalTaste(process.env),
        actions: {
          stop: () => host.requestStop("operator"),
          abort: () => host.requestStop("operator", 130),
          pause: () => command({ name: "pause", cancelEntries: false, leg: "both" }),
          resume: () => command({ name: "resume" }),
          kill: (flatten) => command({ name: "kill", flatten }),
        },
      });
  const onSignal = (signal: NodeJS.Signals): void => host.requestStop(signal, signal === "SIGINT" ? 130 : 143);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const watch = setInterval(() => {
    if (market.ended()) host.requestStop("the end of the recording");
  }, 1000);
  try {
    return await bot.ended;
  } finally {
    clearInterval(watch);
    await dashboard?.close();
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

function sayEnd(end: HostEnd, bot: PaperBot): void {
  const { ledger } = bot.host.state;
  note(`${bot.host.state.identity.bot}: ${end.text}; ${ledger.fills} fills so far, position ${positionText(bot)}`);
  note(`journal ${bot.folder}; explain an order with: opensqt explain ORDER --journal ${bot.folder}`);
  process.exitCode = end.exitCode;
}

/** What the bot owns, in base units: on spot less what fees have eaten. */
function positionText({ host }: PaperBot): string {
  const { instrument } = host.state;
  return instrument === null ? "unknown" : `${formatQuantity(instrument, ownedLots(host.state))} ${instrument.base}`;
}
