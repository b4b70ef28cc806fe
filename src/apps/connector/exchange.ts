// The exchange behind a connector: a real one, or the simulated one, whose recording begins when somebody follows it.

import type { Clock } from "../../base/clock.ts";
import type { ConnectorConfig } from "../../config/process/shapes.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { RpcMetrics } from "../../rpc/observer.ts";
import { HeldClock } from "../process/held-clock.ts";
import { openPaper } from "../process/paper.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { ReadConnector } from "./real.ts";
import { recordOptions } from "./recording.ts";

/** What `opensqt up` and probes ask about beside health. */
export interface Memory {
  /** Why the simulated exchange cannot keep what it accepted; "" while it can. */
  lost: string;
}

/** What a connector is opened over. */
export interface Exchange {
  /** "simulated", "binance". */
  readonly name: string;
  readonly port: ExchangePort;
  readonly symbols: readonly string[];
  /** The exchange's own time, and how fast it runs in millionths of the machine's. */
  readonly clock: Clock;
  readonly ratePpm: number;
  /** How far its clock is from ours, ms; null: not measured. Absent where its clock is the one everybody has. */
  readonly clockOffsetMs?: () => number | null;
  /** What its numbers are worth, in words. */
  readonly words: string;
  /** True when a recording is over; a market that goes on never is. */
  ended(): boolean;
  /** Held until the first caller is there; null where the market goes on by itself. */
  readonly held: HeldClock | null;
}

/** Errors: those of the data, of the exchange's folder, LOCK_HELD; of a real exchange those of its start. */
export async function openExchange(
  config: ConnectorConfig,
  { memory, read }: { readonly memory: Memory; readonly read: ReadConnector },
  frame: ProcessFrame,
): Promise<Exchange> {
  if (config.exchange === "simulated") {
    return await openSimulated(config, memory, frame);
  }
  // ccxt is large: who does not need it does not load it
  return await (await import("./real.ts")).openReal(config, read, frame);
}

async function openSimulated(
  config: Extract<ConnectorConfig, { readonly real: null }>,
  memory: Memory,
  frame: ProcessFrame,
): Promise<Exchange> {
  const { log, owners, supervised } = frame;
  const { simulated } = config;
  const { folder } = config.store;
  const recorded = simulated.instruments.some(({ data }) => data !== null);
  // alone, nobody can say when somebody will come
  const held = recorded && supervised ? new HeldClock(MONOTONIC_CLOCK) : null;
  const followed =
    simulated.follow === null
      ? null
      : await (await import("./follow.ts")).openFollowed(simulated.follow, {
          log,
          record: recordOptions(config, frame),
        });
  const paper = await openPaper({
    config: simulated,
    folder,
    log,
    ...(followed === null ? {} : { followed }),
    ...(held === null ? {} : { machine: held }),
    onLost: (error) => {
      memory.lost = error instanceof Error ? error.message : String(error);
      log.error(`the simulated exchange cannot keep its memory: ${memory.lost}`, { code: "exchange-lost" });
    },
  });
  owners.add("simulated exchange", () => paper.stop());
  const { clock, ratePpm, words } = paper;
  const symbols = [...paper.exchange.markets.keys()];
  const port = paper.connect({ trades: true });
  return { name: "simulated", port, symbols, clock, ratePpm, words, ended: () => paper.ended(), held };
}

/** A recording stands until the first call or stream of anybody: the engine needs a moment to get here. */
export function heldForFirst(counted: RpcMetrics, { held }: Exchange, { log }: ProcessFrame): RpcMetrics {
  if (held === null) return counted;
  held.hold();
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    held.release();
    log.info("the recording begins", { code: "recording" });
  };
  return {
    ...counted,
    request: (call, seconds) => {
      begin();
      counted.request(call, seconds);
    },
    subscribers: (method, change) => {
      begin();
      counted.subscribers(method, change);
    },
  };
}
