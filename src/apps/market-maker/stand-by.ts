// Who owns the store of a market-maker (OPS-20): this process, or it stands by until the other one is gone. While it
// stands by it answers that it lives and is not ready, and touches neither exchange nor journals.

import { setTimeout as wait } from "node:timers/promises";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import { JournalError } from "../../journal/errors.ts";
import type { Registry } from "../../journal/registry.ts";
import type { JournalStore } from "../../journal/store.ts";
import { startHttp } from "../../observe/http.ts";
import { httpTls } from "../process/http-tls.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import { holderOf } from "./open-store.ts";

/** How often it looks whether the store is free: the kernel frees a file the moment its owner dies, a lease ends. */
const LOOK_MS = 250;
const LEASE_LOOK_MS = 1_000;

/** The registry, owned. Errors: JournalError LOCK_HELD with `lock: refuse`, and whatever else opening it may find. */
export async function ownedRegistry(
  config: MarketMakerConfig,
  store: JournalStore,
  frame: ProcessFrame,
): Promise<Registry> {
  const first = taken(store, config);
  if (!(first instanceof JournalError)) return kept(first, frame);
  // whose holder is gone, only its lease has to end: that is waited for in any case
  if (config.lock === "refuse" && first.facts.freeInMs === undefined) throw first;
  return kept(await standBy(config, store, { first, frame }), frame);
}

async function standBy(
  config: MarketMakerConfig,
  store: JournalStore,
  { first, frame }: { readonly first: JournalError; readonly frame: ProcessFrame },
): Promise<Registry> {
  const { log, stop, liveness, metrics, release } = frame;
  const awaited = { name: "lock", ok: false, text: heldBy(first), ageMs: 0, limitMs: null };
  log.warn(`standing by: ${awaited.text}`, { code: "stand-by" });
  const http = await startHttp({
    bind: config.http.bind,
    port: config.http.port,
    tls: httpTls(config.tls),
    metrics,
    standsBy: true,
    log,
    health: () => ({ ok: true, body: { status: "standing by" } }),
    ready: () => [...liveness.results(), awaited],
    status: () => ({ overall: "starting", release, uptimeMs: frame.uptimeMs(), standingBy: awaited.text }),
  });
  try {
    while (!stop.stopping) {
      await Promise.race([wait(config.store.postgres === null ? LOOK_MS : LEASE_LOOK_MS), stop.asked]);
      const again = taken(store, config);
      if (!(again instanceof JournalError)) {
        log.warn("the store is free: taking over", { code: "take-over" });
        return again;
      }
      if (config.lock === "refuse" && again.code === "LOCK_HELD" && again.facts.freeInMs === undefined) throw again;
      awaited.text = heldBy(again);
    }
  } finally {
    await http.close();
  }
  throw first;
}

/** Who has it, without the advice for one that does not wait. */
const heldBy = ({ message }: JournalError): string => /held by .*?(?=\. )/.exec(message)?.[0] ?? message;

/** A database that is away is waited for as well: whoever has the store cannot trade either. */
function taken(store: JournalStore, config: MarketMakerConfig): Registry | JournalError {
  try {
    return store.openRegistry(holderOf(config.store));
  } catch (error) {
    if (error instanceof JournalError && WAITED_FOR.has(error.code)) return error;
    throw error;
  }
}

const WAITED_FOR: ReadonlySet<string> = new Set(["LOCK_HELD", "STORE_UNREACHABLE"]);

/** Given back at the end, whatever becomes of the start; a fleet that closes it before does no harm. */
function kept(registry: Registry, { owners }: ProcessFrame): Registry {
  owners.add("registry", () => registry.close());
  return registry;
}
