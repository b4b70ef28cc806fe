// One bot on an exchange in another process, wired as a fleet wires each of its own: journal, host, watch. Starts it,
// and tells how it ended.

import { mkdirSync, statfsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/base/clock.ts";
import type { LoadedConfig } from "../../src/config/load.ts";
import { release } from "../../src/config/release.ts";
import type { ExchangePort } from "../../src/exchange/port.ts";
import type { HostAlert } from "../../src/host/context.ts";
import { coreHash } from "../../src/host/core-hash.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import type { RecoveryProgress } from "../../src/host/recovery.ts";
import type { SnapshotCadence } from "../../src/host/snapshots.ts";
import { WALL_CLOCK } from "../../src/host/wall-clock.ts";
import { Watch } from "../../src/host/watch.ts";
import { releaseReserve } from "../../src/journal/reserve.ts";
import type { SqliteJournal } from "../../src/journal/sqlite.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";

/** Shortest time between two books the bot sees, ms. */
const BOOK_INTERVAL_MS = 100;

/** The exchange the bot is on. */
export interface BotMarket {
  readonly clock: Clock;
  /** Folder of everything the bot keeps. */
  readonly folder: string;
  connect(): ExchangePort;
  stop(): void;
}

export interface OneBotHooks {
  readonly onAlert: (alert: HostAlert) => void;
  readonly onProgress: (progress: RecoveryProgress) => void;
  readonly onWarning: (text: string) => void;
  /** How often a snapshot is taken; the host's own cadence when absent. */
  readonly snapshots?: SnapshotCadence;
}

export interface OneBot {
  readonly host: BotHost;
  readonly journal: SqliteJournal;
  readonly folder: string;
  /** Resolves when the host has ended and everything it held is closed. */
  readonly ended: Promise<HostEnd>;
}

/** Opens the journal, recovers and starts. Errors: JournalError (lock held, damage, cannot write), HostError. */
export async function startOneBot(config: LoadedConfig, market: BotMarket, hooks: OneBotHooks): Promise<OneBot> {
  const { bot } = config;
  const folder = join(market.folder, "bots", bot.id);
  mkdirSync(folder, { recursive: true });
  const holder = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
  const { sync } = config.journal;
  const journal = openSqliteJournal(folder, { bot: bot.id, tag: bot.tag, sync, holder, warn: hooks.onWarning });
  const parts: { watch: Watch | null } = { watch: null };
  let finish: (end: HostEnd) => void = () => undefined;
  const ended = new Promise<HostEnd>((resolve) => {
    finish = resolve;
  });
  const host = makeHost({ config, market, journal, folder, hooks }, (end) => {
    parts.watch?.stop();
    market.stop();
    finish(end);
  });
  parts.watch = new Watch(host, { clock: WALL_CLOCK, freeBytes: () => freeBytes(folder) });
  parts.watch.start();
  host.start();
  return { host, journal, folder, ended };
}

interface Wiring {
  readonly config: LoadedConfig;
  readonly market: BotMarket;
  readonly journal: SqliteJournal;
  readonly folder: string;
  readonly hooks: OneBotHooks;
}

function makeHost({ config, market, journal, folder, hooks }: Wiring, onEnd: (end: HostEnd) => void): BotHost {
  const { bot } = config;
  return new BotHost({
    identity: { bot: bot.id, tag: bot.tag, lineage: journal.meta.lineage },
    symbol: bot.instrument.symbol,
    engine: productionEngine,
    clock: market.clock,
    machine: WALL_CLOCK,
    port: market.connect(),
    journal,
    configuration: { revision: 1, hash: config.hash, by: "file", config: bot.data, text: config.text },
    conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
    subscription: { candleInterval: bot.grid.candleInterval, bookIntervalMs: BOOK_INTERVAL_MS },
    turns: "scheduled",
    host: hostname(),
    release: release(),
    coreHash: coreHash(),
    freeReserve: () => releaseReserve(join(folder, "reserve")),
    // all but the newest three snapshots is archived as it goes, so that kills meet it
    retention: { keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER },
    ...hooks,
    onEnd,
  });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
