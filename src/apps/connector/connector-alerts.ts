// What a connector alerts of by itself: its exchange is away for longer than half a minute, or the memory of the
// simulated one cannot be written. Its bots' matters are the engine's to tell.

import type { HostAlert } from "../../host/context.ts";
import type { Log } from "../../observe/log.ts";
import { EXCHANGE_LOST_MS, type ProcessAlerts } from "../process/alerts.ts";
import type { Memory } from "./exchange.ts";

export interface WatchedConnector {
  readonly exchange: { readonly serving: boolean; readonly reason: string };
  readonly memory: Memory;
  readonly log: Log;
}

export function watchConnector(alerts: ProcessAlerts, { exchange, memory, log }: WatchedConnector): void {
  const onBegin = ({ code, severity, text }: HostAlert): void => log.error(text, { code, severity });
  alerts.watch({
    code: "exchange-lost",
    severity: "error",
    afterMs: EXCHANGE_LOST_MS,
    read: () => ({ ok: exchange.serving, text: exchange.serving ? "It serves again" : exchange.reason }),
    onBegin,
    onEnd: () => log.info("the exchange serves again", { code: "exchange-back" }),
  });
  alerts.watch({
    code: "disk-full",
    severity: "critical",
    afterMs: 0,
    read: () => ({ ok: memory.lost === "", text: `the exchange's memory cannot be written: ${memory.lost}` }),
    onBegin,
    onEnd: () => undefined,
  });
}
