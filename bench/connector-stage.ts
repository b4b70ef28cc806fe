// The stage of the gRPC benches: the child process with its servers, and what both sides know.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import type { Instrument } from "../src/market/instrument.ts";

export const BENCH_INSTRUMENT: Instrument = { ...BINANCE_USDM_BTCUSDT, openOrdersMax: 100_000 };
export const BENCH_SYMBOL = BENCH_INSTRUMENT.symbol;
export const ECHO_PATH = "/bench.Echo/Echo";
export const START_MS = 1_750_000_000_000;

/** Addresses of the child's servers. */
export interface Hosts {
  readonly key: string;
  readonly connector: string;
  readonly speaker: string;
  readonly echo: string;
}

export interface Stage {
  readonly hosts: Hosts;
  /** Processor time the child has used so far, ms. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the child. Errors: it ended before it could serve. */
export async function openStage(): Promise<Stage> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, "connector-child.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { stdout, stdin } = child;
  if (stdout === null || stdin === null) throw new Error("the child has no pipes");
  const lines = createInterface({ input: stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error("the connector of the bench ended before it could serve");
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => undefined);
  return {
    hosts: JSON.parse(line) as Hosts,
    cpuMs: async () => {
      stdin.write("cpu\n");
      const [text] = (await once(lines, "line")) as [string];
      return Number.parseFloat(text);
    },
    close: async () => {
      const exit = once(child, "exit");
      stdin.end();
      await exit;
      lines.close();
    },
  };
}
