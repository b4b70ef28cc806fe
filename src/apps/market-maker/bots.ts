// The bots of a market-maker's process: what each is given, what is told of it, and the exit code their end makes.

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
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
import type { ProcessFrame } from "../process/process-frame.ts";
import type { AlertTeller } from "./bot-alerts.ts";
import { fleetEnd } from "./bot-checks.ts";
import { sayBotEnd } from "./bot-end.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import { holderOf, isStoreLost } from "./open-store.ts";

/** Shortest time between two books a bot sees, ms. */
const BOOK_INTERVAL_MS = 100;
/** A loop that stands still for so long does not come back: the process is ended, and recovers (OPS-17). */
const LOOP_SILENT_MS = 30_000;

export interface Bots {
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

/** The bots of this process, not yet started. */
export function openBots(
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
    account: {
      limits: config.account,
      flows,
      ...(link.othersShares === undefined ? {} : { othersShares: link.othersShares }),
    },
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

/** Every bot stops in order; the code says how. */
export async function stopped({ fleet, storeLost }: Bots, by: string): Promise<number> {
  const cause = fleetEnd(fleet);
  await fleet.close(by);
  // whoever started this process starts it again, until the database is back
  if (storeLost()) return EXIT_CODES.unreachable;
  return cause ?? endOf(fleet);
}

/** Own orders left behind by any bot (12), or what else a bot's end said. */
function endOf(fleet: Fleet): number {
  const codes = fleet.bots().map(({ end }) => end?.exitCode ?? EXIT_CODES.done);
  if (codes.includes(EXIT_CODES.ordersRemain)) return EXIT_CODES.ordersRemain;
  return codes.find((code) => code !== EXIT_CODES.done) ?? EXIT_CODES.done;
}
