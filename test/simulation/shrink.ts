// Makes a failure smaller (TEST-18): cut after the violation, without kinds of faults, then without single ones (delta
// debugging), then without participants. The result is a scenario and explicit decisions, free of dice, and was run.

import type { Decisions } from "./decisions.ts";
import type { Scenario } from "./scenario.ts";
import { type Options, simulate, type Verdict } from "./simulate.ts";
import { START_MS, type Violation } from "./world.ts";

export interface Shrunk {
  /** False: its decisions alone do not show the failure, so nothing was left out; only the seed shows it. */
  readonly shown: boolean;
  readonly verdict: Verdict;
  readonly decisions: Decisions;
  readonly runs: number;
}

type Decision = Decisions["strikes"][number] | Decisions["hits"][number];

export interface Patience {
  readonly ms: number;
  readonly nowMs: () => number;
}

export class Shrinker {
  private readonly wanted: Violation | undefined;
  private readonly untilMs: number;
  private readonly nowMs: () => number;
  private best: { readonly verdict: Verdict; readonly decisions: Decisions };
  private runs = 0;
  private readonly options: Options;

  /** `options`: what the failing run was given beside its dice. */
  constructor(failure: Verdict, { ms, nowMs }: Patience, options: Options = {}) {
    this.options = options;
    [this.wanted] = failure.violations;
    this.untilMs = nowMs() + ms;
    this.nowMs = nowMs;
    this.best = { verdict: failure, decisions: failure.decisions };
  }

  shrink(): Shrunk {
    const shown = this.attempt({}, this.best.decisions);
    if (shown) {
      this.cut();
      this.withoutKinds();
      this.withoutSingles();
      this.withoutParticipants();
      this.cut();
    }
    const { verdict, decisions } = this.best;
    return { shown, verdict, decisions, runs: this.runs };
  }

  /** Keeps what is smaller when it fails in the same way. */
  private attempt(smaller: Partial<Scenario>, decisions: Decisions): boolean {
    if (this.nowMs() >= this.untilMs) return false;
    this.runs += 1;
    const verdict = simulate({ ...this.best.verdict.scenario, ...smaller }, { ...this.options, decisions });
    const [violation] = verdict.violations;
    if (violation === undefined || this.wanted === undefined || !isSame(violation, this.wanted)) return false;
    this.best = { verdict, decisions };
    return true;
  }

  /** Nothing after the violation; an end that is judged only after the healing comes sooner. */
  private cut(): void {
    const { verdict, decisions } = this.best;
    const atMs = (verdict.violations[0]?.atMs ?? 0) - START_MS;
    const { durationMs } = verdict.scenario;
    if (atMs > 0 && atMs < durationMs) {
      const atUs = (START_MS + atMs) * 1000;
      const strikes = decisions.strikes.filter((strike) => strike.atUs <= atUs);
      this.attempt({ durationMs: atMs + 1 }, { ...decisions, strikes });
      return;
    }
    for (const share of [8, 4, 2]) {
      if (this.attempt({ durationMs: Math.ceil(durationMs / share) }, decisions)) return;
    }
  }

  private withoutKinds(): void {
    const kinds = new Set<string>();
    for (const { kind } of this.best.decisions.strikes) kinds.add(kind);
    for (const { fault } of this.best.decisions.hits) kinds.add(fault);
    const all = [...kinds];
    for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < all.length; from += size) {
        const gone = new Set(all.slice(from, from + size));
        const { hours, strikes, hits } = this.best.decisions;
        const fewer = {
          hours,
          strikes: strikes.filter(({ kind }) => !gone.has(kind)),
          hits: hits.filter(({ fault }) => !gone.has(fault)),
        };
        if (fewer.strikes.length + fewer.hits.length < strikes.length + hits.length) this.attempt({}, fewer);
      }
    }
  }

  private withoutSingles(): void {
    const count = (): number => this.best.decisions.strikes.length + this.best.decisions.hits.length;
    for (let size = Math.ceil(count() / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < count(); from += size) {
        while (from < count() && this.attempt({}, without(this.best.decisions, from, size)));
      }
    }
  }

  private withoutParticipants(): void {
    const { decisions } = this.best;
    for (const smaller of [{ operatorMs: null }, { wire: false }, { funding: false }, { snapshotEvents: 5_000 }]) {
      this.attempt(smaller, decisions);
    }
  }
}

/** The same complaint in the same words, whatever the ids and figures in them. */
function isSame(one: Violation, other: Violation): boolean {
  return one.checker === other.checker && wordsOf(one.text) === wordsOf(other.text);
}

const wordsOf = (text: string): string => (text.split("\n")[0] ?? "").replaceAll(/[\w.]*\d[\w.]*/g, "#");

function without({ hours, strikes, hits }: Decisions, from: number, size: number): Decisions {
  const all: readonly Decision[] = [...strikes, ...hits];
  const left = all.filter((_, i) => i < from || i >= from + size);
  return {
    hours,
    strikes: left.flatMap((each) => ("kind" in each ? [each] : [])),
    hits: left.flatMap((each) => ("fault" in each ? [each] : [])),
  };
}
