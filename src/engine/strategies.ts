// The strategies the engine knows, by the name a configuration uses. A bench or test may add its own before it starts.

import { assert } from "../base/assert.ts";
import type { Strategy } from "../strategy/contract.ts";
import { gridStrategy } from "../strategy/grid/grid.ts";

/**
 * The engine passes a strategy only the configuration and state that strategy made, so their types meet again there.
 */
export type AnyStrategy = Strategy<unknown, unknown>;

const STRATEGIES = new Map<string, AnyStrategy>([["grid", gridStrategy as AnyStrategy]]);

/** Adds a strategy under its name; a name is given once. */
export function addStrategy<Config, State>(strategy: Strategy<Config, State>): void {
  const known = STRATEGIES.get(strategy.name);
  assert(known === undefined || known === (strategy as AnyStrategy), () => `strategy ${strategy.name} exists already`);
  STRATEGIES.set(strategy.name, strategy as AnyStrategy);
}

/** The strategy of a validated configuration; configuration refuses unknown names before the engine sees them. */
export function strategyOf(name: string): AnyStrategy {
  const strategy = STRATEGIES.get(name);
  assert(strategy !== undefined, () => `strategy ${name} is missing`);
  return strategy;
}
