// One bot on a paper exchange, wired: journal, host, watch. Starts it, and tells how it ended.

import { mkdirSync, statfsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { LoadedConfig } from "../../config/load.ts";
import { release } from "../../config/release.ts";
import type { HostAlert } from "../../host/context.ts";
import { coreHash } from "../../host/core-hash.ts";
import { productionEngine } from "../../host/engine.ts";
import { BotHost } from "../../host/host.ts";
import type { HostEnd } from "../../host/host-error.ts";
import type { RecoveryProgress } from "../../host/recovery.ts";
import type { SnapshotCadence } from "../../host/snapshots.ts";
import { WALL_CLOCK } from "../../host/wall-clock.ts";
import { Watch } from "../../host/watch.ts";
import { releaseReserve } from "../../journal/reserve.ts";
import type { SqliteJournal } from "../../journal/sqlite.ts";
import { openSqliteJournal } from "../../journal/sqlite-open.ts";
import type { PaperMarket } from "./paper-market.ts";

/** Shortest time between two books the bot sees, ms. */
const BOOK_INTERVAL_MS = 100;

export interface PaperBotHooks {
  readonly onAlert: (alert: HostAlert) => void;
  readonly onProgress: (progress: RecoveryProgress) => void;
  readonly onWarning: (text: string) => void;
  /** How often a snapshot is taken; the host's own cadence when absent. */
  readonly snapshots?: SnapshotCadence;
}

export interface PaperBot {
  readonly host: BotHost;
  readonly journal: SqliteJournal;
  readonly folder: string;
  /** Resolves when the host has ended and everything it held is closed. */
  readonly ended: Promise<HostEnd>;
}

/** Opens the journal, recovers and starts. Errors: JournalError (lock held, damage, cannot write), HostError. */
export async function startPaperBot(
  config: LoadedConfig,
  market: PaperMarket,
  hooks: PaperBotHooks,
): Promise<PaperBot> {
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
  market.resumeAt(host.state.nowMs);
  parts.watch = new Watch(host, { clock: WALL_CLOCK, freeBytes: () => freeBytes(folder) });
  parts.watch.start();
  host.start();
  return { host, journal, folder, ended };
}

interface Wiring {
  readonly config: LoadedConfig;
  readonly market: PaperMarket;
  readonly journal: SqliteJournal;
  readonly folder: string;
  readonly hooks: PaperBotHooks;
}

function makeHost({ config, market, journal, folder, hooks }: Wiring, onEnd: (end: HostEnd) => void): BotHost {
  const { bot } = config;
  return new BotHost({
    identity: { bot: bot.id, tag: bot.tag, lineage: journal.meta.lineage },
    symbol: bot.instrument.symbol,
    engine: productionEngine,
    clock: market.clock,
    machineMs: () => WALL_CLOCK.monotonicMs(),
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
    ...hooks,
    onEnd,
  });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
