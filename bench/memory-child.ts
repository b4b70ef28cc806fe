// One backtest over so many seconds of synthetic market, with its report files; tells how much memory it took. Run by
// memory.ts: `node bench/memory-child.ts SECONDS FOLDER`.

import { readFileSync } from "node:fs";
import { ReportFolder } from "../src/backtest/report-folder.ts";
import { runBacktest } from "../src/backtest/runner.ts";
import type { MarketSource } from "../src/sim/market-source.ts";
import { syntheticPlan } from "./plans.ts";

const [seconds = "60", folder = ""] = process.argv.slice(2);
const plan = syntheticPlan(Number.parseInt(seconds, 10));
let rows = 0;
const [market] = plan.simulation.markets;
if (market === undefined) throw new Error("the plan has no market");
const counted: MarketSource = {
  synthetic: true,
  next: () => {
    const tape = market.source.next();
    rows += tape?.length ?? 0;
    return tape;
  },
  save: () => market.source.save(),
  restore: (saved) => market.source.restore(saved),
};
const start = performance.now();
const report = new ReportFolder(folder, { overwrite: true });
const simulation = { ...plan.simulation, markets: [{ ...market, source: counted }] };
const { events } = await runBacktest({ ...plan, simulation, folder: report });
report.discard();
process.stdout.write(JSON.stringify({ peakBytes: peakBytes(), events, rows, ms: performance.now() - start }));

/** Most memory this program held. On Linux `maxRSS` would count what its parent held before it became this program. */
function peakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1_024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error("/proc/self/status has no VmHWM");
  return Number.parseInt(kilobytes, 10) * 1_024;
}
