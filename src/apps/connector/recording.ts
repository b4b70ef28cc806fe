// Frames a connector writes down (EXCH-60), as its configuration says, and how many the disk did not take.

import type { ConnectorConfig } from "../../config/process/shapes.ts";
import type { RecordOptions } from "../../exchange/ccxt/ccxt-port.ts";
import type { ProcessFrame } from "../process/process-frame.ts";

const GIB = 1024 ** 3;

/** Null: nothing is written down. */
export function recordOptions(
  { record }: Pick<ConnectorConfig, "record">,
  { metrics }: Pick<ProcessFrame, "metrics">,
): RecordOptions | null {
  if (record === null) return null;
  const lost = metrics.counter({
    name: "record_lost_total",
    help: "frames that were not written down: the disk was slow or full",
    labels: {},
  });
  return {
    folder: record.folder,
    bytesMax: record.maxGiB * GIB,
    private: record.private,
    lost: (lines) => lost.add({}, lines),
  };
}
