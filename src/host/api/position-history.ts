// Samples of one instrument's position, of one bot or of several added: each counts with its newest sample at or before
// the instant.

import { lots } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Sample } from "../books/samples.ts";
import type { Selected } from "./selection.ts";

export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** 0: as fine as `countMax` allows. */
  readonly stepMs: number;
  readonly countMax: number;
}

interface HistorySample {
  readonly instrument: Instrument;
  readonly sample: Sample;
}

/** Oldest first, at most `countMax`, the newest of them when a finer step was asked for. */
export function positionHistory(of: readonly Selected[], range: HistoryRange): readonly HistorySample[] {
  const [first] = of;
  if (first === undefined) return [];
  const { fromMs, toMs, countMax } = range;
  const all = of.map(({ book }) => book.samples.range(fromMs, toMs, 0));
  const begin = Math.min(...all.map((samples) => samples[0]?.atMs ?? Number.POSITIVE_INFINITY));
  const end = Math.max(...all.map((samples) => samples[samples.length - 1]?.atMs ?? 0));
  const stepMs = range.stepMs > 0 ? range.stepMs : Math.max(1, Math.ceil((end - begin + 1) / countMax));
  const found = of.map(({ book }) => book.samples.range(fromMs, toMs, stepMs));
  const samples = found.length === 1 ? (found[0] ?? []) : added(found);
  return samples.slice(-countMax).map((sample) => ({ instrument: first.instrument, sample }));
}

/** Linear in the samples: each list is walked once. */
function added(lists: readonly (readonly Sample[])[]): readonly Sample[] {
  const instants = [...new Set(lists.flatMap((list) => list.map(({ atMs }) => atMs)))].sort((a, b) => a - b);
  const next = lists.map(() => 0);
  return instants.map((atMs) => {
    const parts = lists.flatMap((list, i) => {
      let place = next[i] ?? 0;
      while ((list[place]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) place += 1;
      next[i] = place;
      return list[place - 1] ?? [];
    });
    return sumOfSamples(atMs, parts);
  });
}

function sumOfSamples(atMs: number, parts: readonly Sample[]): Sample {
  const sum = (of: (sample: Sample) => bigint): bigint => parts.reduce((total, each) => total + of(each), 0n);
  return {
    atMs,
    position: lots(parts.reduce((total, { position }) => total + position, 0)),
    cost: sum(({ cost }) => cost),
    mark: parts.findLast(({ mark }) => mark !== null)?.mark ?? null,
    gross: sum(({ gross }) => gross),
    fees: sum(({ fees }) => fees),
    rebates: sum(({ rebates }) => rebates),
    funding: sum(({ funding }) => funding),
    unrealized: sum(({ unrealized }) => unrealized),
    net: sum(({ net }) => net),
  };
}

/** Highest net so far at each instant of the bots' whole life, from 0 at their start. */
export function peaksOf(of: readonly Selected[]): ReadonlyMap<number, bigint> {
  const peaks = new Map<number, bigint>();
  let highest = 0n;
  for (const { atMs, net } of added(of.map(({ book }) => book.samples.all()))) {
    if (net > highest) highest = net;
    peaks.set(atMs, highest);
  }
  return peaks;
}
