// The store a market-maker's configuration names, and what is watched of it while it is owned.

import { hostname } from "node:os";
import { resolve } from "node:path";
import type { StoreConfig } from "../../config/process/shapes.ts";
import type { HostEnd } from "../../host/host-error.ts";
import { JournalError } from "../../journal/errors.ts";
import type { Holder } from "../../journal/open-options.ts";
import { PostgresStore } from "../../journal/postgres/store.ts";
import type { Registry } from "../../journal/registry.ts";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import type { JournalStore } from "../../journal/store.ts";
import type { Verdict } from "../../observe/liveness.ts";
import type { ProcessFrame } from "../process/process-frame.ts";

const LOOK_MS = 500;
const LOOPBACK = /^(?:localhost|127\..*|\[::1\]|)$/;

/** Closed with the process, after everything that uses it. Nothing is asked of it yet. */
export function openStore({ sqlite, postgres }: StoreConfig, { owners, liveness }: ProcessFrame): JournalStore {
  if (postgres === null) return new SqliteStore(sqlite);
  const name = `opensqt market-maker ${process.pid}`;
  const { url, schema, leaseMs } = postgres;
  const from = /^env (\S+)$/.exec(url.source)?.[1] ?? "NAME";
  const store = new PostgresStore({ url: url.reveal(), schema, leaseMs, name }, `env:${from}/${schema}`);
  owners.add("database of the journals", () => store.close());
  liveness.reading("database", () => heardOf(store));
  return store;
}

/** Nothing is asked for it: each look would hold the process up when the answer is late. */
function heardOf({ database, where }: PostgresStore): Verdict {
  const { ok, heardAgoMs, lost, longestMs } = database.health();
  const heard = heardAgoMs === null ? "not heard yet" : `heard ${Math.round(heardAgoMs)} ms ago`;
  const missed = `answers or connections lost: ${lost}, longest wait ${Math.round(longestMs)} ms`;
  return { ok, text: `${where}: ${heard}; ${missed}${ok ? "" : "; check that it runs and can be reached"}` };
}

/** Who this is, as a refused second copy will say (DUR-57). */
export const holderOf = ({ postgres }: StoreConfig): Holder => ({
  host: postgres?.host ?? hostname(),
  pid: process.pid,
  sinceMs: Date.now(),
});

/**
 * Which engine this is to the others of its account (RISK-11): by the store that only one process can own, so that one
 * that is started again, or takes over from a lost host, is the same one.
 */
export function engineOf({ sqlite, postgres }: StoreConfig): string {
  if (postgres === null) return encodeURI(`sqlite://${hostname()}${resolve(sqlite)}`);
  const { host, hostname: name, pathname } = new URL(postgres.url.reveal());
  // the machine's own database is none of another machine's
  const server = LOOPBACK.test(name) ? `${hostname()}+${host}` : host;
  return encodeURI(`postgres://${server}${pathname}/${postgres.schema}`);
}

/** Another process has the bots: this one ends, and leaves everything to it. */
export function endWithRegistry(registry: Registry, { log, stop, owners }: ProcessFrame): void {
  const watch = setInterval(() => {
    const why = registry.lost();
    if (why === null) return;
    clearInterval(watch);
    log.error(why, { code: "lease-lost" });
    stop.ask(why);
  }, LOOK_MS);
  owners.add("watch of the registry", () => clearInterval(watch));
}

/** A bot ended because the database did not answer in time. The others would as well, and the account machine has. */
export const isStoreLost = ({ error }: HostEnd): boolean =>
  error instanceof JournalError && (error.facts.disk === "lost" || error.code === "STORE_UNREACHABLE");
