// One breakage, and the ways to put it between the parts: over the port, the journal, or the effects on their way out.

import type { VirtualClock } from "../../../src/base/virtual-clock.ts";
import type { ExchangePort } from "../../../src/exchange/port.ts";
import type { Engine } from "../../../src/host/context.ts";
import { JournalError } from "../../../src/journal/errors.ts";
import type { Journal } from "../../../src/journal/port.ts";
import type { Effect } from "../../../src/trading/effect.ts";
import type { FaultKind } from "../faults.ts";
import type { Wraps } from "../process.ts";

export interface Breakage {
  readonly name: string;
  /** The checker that must complain. */
  readonly caughtBy: string;
  readonly wraps: Wraps;
  /** Faults it needs to matter: kind and rate. */
  readonly faults: readonly (readonly [FaultKind, number])[];
}

/** The same object with some methods replaced; everything else is passed on. */
export function over<T extends object>(inner: T, changes: Partial<T>): T {
  return new Proxy(inner, {
    get(target, key) {
      const changed: unknown = Reflect.get(changes, key);
      if (changed !== undefined) return changed;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export const port = (change: (inner: ExchangePort, world: VirtualClock) => Partial<ExchangePort>): Wraps => ({
  port: (inner, world) => over(inner, change(inner, world)),
});

/** An engine whose effects are changed on their way out. */
export const effects = (change: (effect: Effect, engineSeq: number) => readonly Effect[]): Wraps => ({
  engine: (inner) =>
    over<Engine>(inner, {
      step: (state, event) => {
        const stepped = inner.step(state, event);
        return { postings: stepped.postings, effects: stepped.effects.flatMap((effect) => change(effect, state.seq)) };
      },
    }),
});

export const journal = (change: (inner: Journal, port: () => ExchangePort | null) => Partial<Journal>): Wraps => ({
  journal: (inner, wire) => over(inner, change(inner, wire)),
});

/** A journal that writes into nothing once another writer took over, as one without a fence would. */
export function unfenced(inner: Journal): Partial<Journal> {
  let stale = false;
  const pass = (append: () => void): void => {
    if (stale) return;
    try {
      append();
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== "FENCED") throw error;
      stale = true;
    }
  };
  return {
    appendEvents: (...given) => pass(() => inner.appendEvents(...given)),
    appendEffects: (turn) => pass(() => inner.appendEffects(turn)),
    writeSnapshot: (snapshot) => pass(() => inner.writeSnapshot(snapshot)),
  };
}
