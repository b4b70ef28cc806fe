// A recording through the emulator, alone in its process (EMU-43): in manual time, in steps its parent asks for. What
// clients hold is theirs: they are in the parent.

import { join } from "node:path";
import { FREE_PORTS, startEmulator } from "../src/exchange/emulator/emulator.ts";
import { loadRecordings } from "../src/exchange/emulator/market/capture.ts";
import { serveParent } from "./child.ts";

/** What a replay says once it can be listened to, and after each minute when it goes on by itself. */
export interface ReplayHosts {
  readonly port: number;
  readonly readyMs: number;
}

/** After so many emulated minutes: what it took, and what is held, in MB. */
export interface ReplayNews {
  readonly minute: number;
  readonly tookMs: number;
  readonly residentMb: number;
  readonly heapMb: number;
}

const CAPTURE = "../../shared/data/ticks/binance-usdm-btcusdt_20240808.gz";
const minutes = Number.parseInt(process.argv[2] ?? "6", 10);
const recordings = await loadRecordings([join(import.meta.dirname, CAPTURE)]);
const startedMs = performance.now();
const emulator = await startEmulator({
  protocols: ["binance-usdm"],
  ports: FREE_PORTS,
  controlPort: null,
  market: { kind: "capture", recordings, loop: true },
  clock: { mode: "manual" },
});
const hosts: ReplayHosts = { port: emulator.ports["binance-usdm"] ?? 0, readyMs: performance.now() - startedMs };
serveParent(hosts, () => emulator.close());
process.stdin.once("data", () => void replay());

async function replay(): Promise<void> {
  const start = performance.now();
  for (let minute = 1; minute <= minutes; minute += 1) {
    await emulator.control.clock({ advanceMs: 60_000 });
    const { rss, heapUsed } = process.memoryUsage();
    const tookMs = performance.now() - start;
    const news: ReplayNews = { minute, tookMs, residentMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 };
    process.stdout.write(`${JSON.stringify(news)}\n`);
  }
}
