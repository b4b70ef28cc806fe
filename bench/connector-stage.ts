// The stage of the gRPC benches: the child process with its servers, and what both sides know.

import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import type { Instrument } from "../src/market/instrument.ts";
import { type Child, openChild } from "./child.ts";

export const BENCH_INSTRUMENT: Instrument = { ...BINANCE_USDM_BTCUSDT, openOrdersMax: 100_000 };
export const BENCH_SYMBOL = BENCH_INSTRUMENT.symbol;
export const ECHO_PATH = "/bench.Echo/Echo";
export const START_MS = 1_750_000_000_000;

/** Unix ms with fractions: the same clock in every process of the machine. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** Addresses of the child's servers. */
export interface Hosts {
  readonly key: string;
  readonly connector: string;
  readonly speaker: string;
  readonly echo: string;
}

export type Stage = Child<Hosts>;

/** Starts the child. Errors: it ended before it could serve. */
export const openStage = (): Promise<Stage> => openChild<Hosts>("connector-child.ts");

/**
 * Best of the rounds: how much of `work` a second. A process that waits for a busy machine is not slow: where the
 * processor time of the busier side is less than the wall time, it counts.
 */
export async function rateOf(rounds: number, stage: Stage, work: () => Promise<number>): Promise<number> {
  let rate = 0;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const own = process.cpuUsage();
    const theirs = await stage.cpuMs();
    const count = await work();
    const { user, system } = process.cpuUsage(own);
    const busiestMs = Math.max((user + system) / 1_000, (await stage.cpuMs()) - theirs);
    rate = Math.max(rate, (count * 1_000) / Math.min(performance.now() - start, busiestMs));
  }
  return rate;
}
