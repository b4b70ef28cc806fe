// The exchange behind a connector: the simulated one, whose recording begins when somebody follows it.

import type { ConnectorConfig } from "../../config/process/shapes.ts";
import type { PaperExchange } from "../../exchange/paper-exchange.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { RpcMetrics } from "../../rpc/observer.ts";
import { HeldClock } from "../process/held-clock.ts";
import { openPaper } from "../process/paper.ts";
import type { ProcessFrame } from "../process/process-frame.ts";

/** What `opensqt up` and probes ask about beside health. */
export interface Memory {
  /** Why the simulated exchange cannot keep what it accepted; "" while it can. */
  lost: string;
}

export interface Exchange {
  readonly paper: PaperExchange;
  /** Held until the first caller is there; null where the market goes on by itself. */
  readonly held: HeldClock | null;
}

/** Errors: those of the data, of the exchange's folder, LOCK_HELD. */
export async function openExchange(
  { simulated, store }: ConnectorConfig,
  memory: Memory,
  { log, owners, supervised }: ProcessFrame,
): Promise<Exchange> {
  const recorded = simulated.instruments.some(({ data }) => data !== null);
  // alone, nobody can say when somebody will come
  const held = recorded && supervised ? new HeldClock(MONOTONIC_CLOCK) : null;
  const paper = await openPaper({
    config: simulated,
    folder: store.folder,
    log,
    ...(held === null ? {} : { machine: held }),
    onLost: (error) => {
      memory.lost = error instanceof Error ? error.message : String(error);
      log.error(`the simulated exchange cannot keep its memory: ${memory.lost}`, { code: "exchange-lost" });
    },
  });
  owners.add("simulated exchange", () => paper.stop());
  return { paper, held };
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
