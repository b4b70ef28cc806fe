// The exchange of a market-maker: through a connector over gRPC, or the simulated one in this process. Either way a
// port, the exchange's clock, and whether it can be used now.

import type { Clock } from "../../base/clock.ts";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import type { FeedsTold } from "../../exchange/remote-feeds.ts";
import type { ConnectorHealth, PortUser } from "../../host/fleet/fleet-options.ts";
import type { ThreadOptions } from "../../host/fleet/worker/thread-options.ts";
import type { StartConditions } from "../../host/recovery.ts";
import type { Verdict } from "../../observe/liveness.ts";
import type { EngineShare } from "../../trading/account-event.ts";
import { openPaper } from "../process/paper.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import { engineOf } from "./open-store.ts";
import { openRemoteLink } from "./remote-link.ts";

export interface ExchangeLink {
  readonly port: ExchangePort;
  readonly portOf?: (user: PortUser) => ExchangePort;
  /** The exchange's time. */
  readonly clock: Clock;
  readonly conditions: () => StartConditions;
  /** Absent where the exchange is in this process. */
  readonly connector?: ConnectorHealth;
  /** What the connector says of its streams and the bots' dead-man timers; absent as above. */
  readonly feeds?: () => Promise<FeedsTold | null>;
  /** Shares of the account's other engines, as the connector last told (RISK-11); absent as above. */
  readonly othersShares?: () => readonly EngineShare[] | null;
  /** How a thread of its own reaches the connector. */
  readonly threads?: ThreadOptions;
  /** The key shown to a connector from now on. */
  readonly newKey?: (key: string | null) => void;
  /** Whether it can be used now. */
  readonly serving: () => Verdict;
  /** True when a recording is over. */
  readonly over: () => boolean;
}

/** Errors: of the simulated exchange, or `unreachable` (exit 5) after the tenth attempt (API-34). */
export async function openExchangeLink(config: MarketMakerConfig, frame: ProcessFrame): Promise<ExchangeLink> {
  if (config.exchange === "remote") {
    const share = { engine: engineOf(config.store), shareBps: config.account.accountShareBps };
    return openRemoteLink(config.connector, share, frame);
  }
  const { simulated } = config;
  if (simulated === null) throw new Error("a configuration with the exchange in this process says nothing of it");
  let lost = "";
  const paper = await openPaper({
    config: simulated,
    folder: config.store.sqlite,
    log: frame.log,
    onLost: (error) => {
      lost = error instanceof Error ? error.message : String(error);
      frame.log.error(`the simulated exchange cannot keep its memory: ${lost}`, { code: "exchange-lost" });
      frame.stop.ask("the simulated exchange");
    },
  });
  frame.owners.add("simulated exchange", () => paper.stop());
  return {
    port: paper.connect(),
    clock: paper.clock,
    conditions: () => ({ clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false }),
    serving: () => ({ ok: lost === "", text: lost === "" ? paper.words : lost }),
    over: () => paper.ended(),
  };
}
