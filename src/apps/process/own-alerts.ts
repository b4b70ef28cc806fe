// A process alerts of its own strain (RISK-42: fd-high, memory-growth, loop-lag), and says when it is over.

import { OwnStrain, ownReadings } from "../../observe/own-strain.ts";
import type { ProcessAlerts, WatchedCondition } from "./alerts.ts";
import type { ProcessFrame } from "./process-frame.ts";

export function watchOwnStrain(alerts: ProcessAlerts, { log, owners }: Pick<ProcessFrame, "log" | "owners">): void {
  const readings = ownReadings();
  owners.add("own strain", () => readings.close());
  const strain = new OwnStrain(readings);
  const watch = (code: string, read: WatchedCondition["read"]): void =>
    alerts.watch({
      code,
      severity: "warning",
      afterMs: 0,
      read,
      onBegin: ({ text }) => log.warn(text, { code }),
      onEnd: (text) => log.info(`over: ${text}`, { code }),
    });
  watch("fd-high", () => strain.files());
  watch("memory-growth", () => strain.growth());
  watch("loop-lag", () => strain.loop());
}
