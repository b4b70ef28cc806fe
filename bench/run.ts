// `make bench`: every bench in turn, one table at the end (BT-32, TEST-38). Fails when a bound that must hold does not.
// Options by ARGS: `--only NAME[,NAME]`, `--quick` (fewer rounds), `--peers` (install other people's), `--json`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchCandles } from "./candles.ts";
import { benchCapture, benchFrames } from "./capture.ts";
import { benchCcxt } from "./ccxt.ts";
import { benchConnector } from "./connector.ts";
import { benchConsoles } from "./consoles.ts";
import { benchEmulator } from "./emulator.ts";
import { benchHalves } from "./halves.ts";
import { benchHistory } from "./history.ts";
import { benchInstruments } from "./instruments.ts";
import { benchLive } from "./live.ts";
import { machine, machineText } from "./machine.ts";
import { benchMemory } from "./memory.ts";
import { benchPeers } from "./peers.ts";
import { benchReconciliation } from "./reconciliation.ts";
import { benchRecovery } from "./recovery.ts";
import type { BenchOptions } from "./rounds.ts";
import { type Row, verdictOf } from "./row.ts";
import { benchSizes } from "./sizes.ts";
import { benchStep } from "./step.ts";
import { benchSubscribers } from "./subscribers.ts";
import { tableOf } from "./table.ts";
import { benchTurns } from "./turns.ts";

type Bench = (options: BenchOptions, dir: string) => Promise<readonly Row[]>;

const BENCHES: readonly (readonly [name: string, run: Bench])[] = [
  ["step", benchStep],
  ["instruments", benchInstruments],
  ["L2", benchCapture],
  ["L0", benchCandles],
  ["frames", benchFrames],
  ["turn", benchTurns],
  ["sizes", benchSizes],
  ["halves", benchHalves],
  ["history", benchHistory],
  ["reconciliation", benchReconciliation],
  ["recovery", benchRecovery],
  ["grpc", benchConnector],
  ["subscribers", benchSubscribers],
  ["live", benchLive],
  ["consoles", benchConsoles],
  ["emulator", benchEmulator],
  ["ccxt", benchCcxt],
  ["memory", benchMemory],
  ["peers", benchPeers],
];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const names = BENCHES.map(([name]) => name);
  const only = values.only === "" ? names : values.only.split(",");
  const stranger = only.find((name) => !names.includes(name));
  if (stranger !== undefined) {
    process.stderr.write(`--only ${stranger}: there is no such bench. There are ${names.join(", ")}\n`);
    return 2;
  }
  const about = machine();
  const rows: Row[] = [];
  for (const [name, run] of BENCHES) {
    if (only.includes(name)) rows.push(...(await oneBench(name, run, values)));
  }
  const told = rows.map((row) => ({ ...row, verdict: verdictOf(row) }));
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: about, rows: told }, null, 2)}\n`);
  else process.stdout.write(`\n${machineText(about)}\n\n${tableOf(rows)}\n`);
  return told.some(({ verdict }) => verdict === "BROKEN") ? 4 : 0;
}

async function oneBench(name: string, run: Bench, options: BenchOptions): Promise<readonly Row[]> {
  process.stderr.write(`bench ${name} …\n`);
  const dir = mkdtempSync(join(tmpdir(), "opensqt-bench-"));
  try {
    return await run(options, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
