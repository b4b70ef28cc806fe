// market-maker: bots over one exchange, commanded over gRPC and the operator door. A wiring diagram: what each part
// does is in host/, rpc/ and observe/.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { configSource, renderProblems } from "../../config/load.ts";
import { loadMarketMaker } from "../../config/process/load-process.ts";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import { coreHash } from "../../host/core-hash.ts";
import { configBinder } from "../../host/fleet/config-binder.ts";
import { type Fleet, openFleet } from "../../host/fleet/fleet.ts";
import type { FleetOptions } from "../../host/fleet/fleet-options.ts";
import type { OpenRunner } from "../../host/flows/flow.ts";
import type { HostEnd } from "../../host/host-error.ts";
import { botTimings } from "../../host/metrics/bot-timings.ts";
import { WALL_CLOCK } from "../../host/wall-clock.ts";
import { readStuck, startWatchdog } from "../../host/watchdog.ts";
import type { Registry } from "../../journal/registry.ts";
import type { JournalStore } from "../../journal/store.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, note } from "../opensqt/output.ts";
import { openAlerts } from "../process/alerts.ts";
import { watchOwnStrain } from "../process/own-alerts.ts";
import { openFrame, type ProcessFrame } from "../process/process-frame.ts";
import { Reloader, takeEnvironment } from "../process/reloader.ts";
import { type AlertTeller, alertTeller, watchExchange } from "./bot-alerts.ts";
import { fleetEnd } from "./bot-checks.ts";
import { sayBotEnd } from "./bot-end.ts";
import { type ExchangeLink, openExchangeLink } from "./exchange-link.ts";
import { flowRunner } from "./flow-runner.ts";
import { startNightly } from "./nightly.ts";
import { endWithRegistry, holderOf, isStoreLost, openStore } from "./open-store.ts";
import { serve } from "./serve.ts";
import { ownedRegistry } from "./stand-by.ts";

/** Shortest time between two books a bot sees, ms. */
const BOOK_INTERVAL_MS = 100;
const RECORDING_LOOK_MS = 1_000;
/** A loop that stands still for so long does not come back: the process is ended, and recovers (OPS-17). */
const LOOP_SILENT_MS = 30_000;

/**
 * Runs until it is told to stop; sets the exit code. Errors: those of each phase of the start, with their exit codes.
 */
export async function marketMaker(flags: { readonly config?: string }): Promise<void> {
  const environment = takeEnvironment();
  const source = configSource(flags.config, environment);
  const read = () => loadMarketMaker(source, { environment });
  const loaded = read();
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const config = loaded.value;
  for (const warning of config.warnings) note(warning);
  const frame = openFrame({ name: "market-maker", level: config.log.level, environment, secrets: config.secrets });
  const reloader = new Reloader({ first: config, read, source }, frame);
  const alerts = openAlerts(config, frame);
  watchOwnStrain(alerts, frame);
  const teller = alertTeller(alerts, frame.log);
  let exitCode: number = EXIT_CODES.done;
  try {
    const started: { bots: Bots | null } = { bots: null };
    const by = await frame.untilStopped(async () => {
      const store = openStore(config.store, frame);
      const registry = await frame.phase("lock", () => ownedRegistry(config, store, frame));
      endWithRegistry(registry, frame);
      const link = await frame.phase("exchange", () => openExchangeLink(config, frame));
      const core = coreHash();
      const flows = await flowRunner(config.store, core, frame);
      const opened = await frame.phase("bots", () =>
        bots(config, { link, store, registry, teller, core, flows }, frame),
      );
      started.bots = opened;
      watchExchange(alerts, link, { teller, log: frame.log });
      const nightly = startNightly(config, { fleet: opened.fleet, store, teller }, frame);
      await frame.phase("services", () => serve(config, { link, reloader, alerts, teller, nightly, ...opened }, frame));
      await frame.phase("recovery", () => opened.fleet.start());
      if (config.exchange !== "remote") stopWithRecording(link, frame);
    });
    if (started.bots !== null) exitCode = await stopped(started.bots, by);
  } finally {
    await frame.close();
  }
  process.exitCode = exitCode;
}

/** Every bot stops in order; the code says how. */
async function stopped({ fleet, storeLost }: Bots, by: string): Promise<number> {
  const cause = fleetEnd(fleet);
  await fleet.close(by);
  // whoever started this process starts it again, until the database is back
  if (storeLost()) return EXIT_CODES.unreachable;
  return cause ?? endOf(fleet);
}

/** With the exchange in this process: its recording's end is the end. */
function stopWithRecording(link: ExchangeLink, { stop, owners }: ProcessFrame): void {
  const watch = setInterval(() => {
    if (link.over()) stop.ask("the end of the recording");
  }, RECORDING_LOOK_MS);
  owners.add("end of the recording", () => clearInterval(watch));
}

interface Bots {
  readonly fleet: Fleet;
  /** The database of the journals did not answer in time, so a bot ended. */
  readonly storeLost: () => boolean;
}

interface Needed {
  readonly link: ExchangeLink;
  readonly store: JournalStore;
  readonly registry: Registry;
  readonly teller: AlertTeller;
  readonly core: string;
  readonly flows: OpenRunner;
}

function bots(
  config: MarketMakerConfig,
  { link, store, registry, teller, core, flows }: Needed,
  { log, release, stop, owners, metrics }: ProcessFrame,
): Bots {
  const { stepMsMax, journalMibPerHourMax } = config.limits;
  const stuckFile = join(config.store.sqlite, "stuck.json");
  const stuck = readStuck(stuckFile);
  const watchdog = startWatchdog({ silentMs: LOOP_SILENT_MS, stuckFile });
  owners.add("watchdog", () => watchdog.close());
  let lost = false;
  const options: FleetOptions = {
    folder: config.store.sqlite,
    store,
    sync: config.journal.sync,
    retention: { keepMs: config.journal.retainMs, bytesMax: config.journal.retainBytes },
    port: link.port,
    ...(link.portOf === undefined ? {} : { portOf: link.portOf }),
    ...(link.connector === undefined ? {} : { connector: link.connector }),
    ...(config.isolation === "worker" && link.threads !== undefined ? { threads: link.threads } : {}),
    clock: link.clock,
    machine: WALL_CLOCK,
    conditions: link.conditions,
    binder: configBinder,
    seeds: config.bots.map(({ text }) => text),
    bookIntervalMs: BOOK_INTERVAL_MS,
    host: holderOf(config.store).host,
    pid: process.pid,
    release,
    coreHash: core,
    botsMax: config.limits.botsMax,
    account: { limits: config.account, flows },
    bounds: { stepMsMax, journalMibPerHourMax },
    timings: botTimings(metrics),
    deadManMs: config.deadMan.timeoutMs,
    watchdog,
    stuck,
    forgetStuck: () => rmSync(stuckFile, { force: true }),
    onAlert: (bot, alert) => teller.alert(bot, alert),
    onOver: (bot, over) => teller.over(bot, over),
    onWarning: (bot, text) => log.warn(text, { code: "bot-warning", bot }),
    onEnd: (bot, end: HostEnd) => {
      if (isStoreLost(end)) {
        lost = true;
        stop.ask("the loss of the journals' database");
      }
      sayBotEnd(fleet, bot, { end, log });
      const code = fleetEnd(fleet);
      if (code !== null) stop.ask(`no bot can run: ${end.text}`);
    },
  };
  const fleet: Fleet = openFleet(options, registry);
  teller.know(fleet);
  return { fleet, storeLost: () => lost };
}

/** Own orders left behind by any bot (12), or what else a bot's end said. */
function endOf(fleet: Fleet): number {
  const codes = fleet.bots().map(({ end }) => end?.exitCode ?? EXIT_CODES.done);
  if (codes.includes(EXIT_CODES.ordersRemain)) return EXIT_CODES.ordersRemain;
  return codes.find((code) => code !== EXIT_CODES.done) ?? EXIT_CODES.done;
}
