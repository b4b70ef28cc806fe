// What a step said, as little texts: one line an effect, times as milliseconds from now. For tests.

import type { StrategyInput } from "../strategy/contract.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { Bench } from "./probe.fixture.ts";
import { Turn } from "./turn.ts";

/** Facts as they are read: names and values, client ids left out (each test knows whose it is). */
const factsOf = (facts: object): string =>
  Object.entries(facts)
    .filter(([name]) => name !== "clientOrderId" && name !== "code")
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join("");

/** `cancel 2, cancel.kill`: an order by its place among those placed so far, the code, the facts. */
export function said(bot: Bench, effects: readonly Effect[]): readonly string[] {
  const placed: readonly string[] = bot.placed();
  const name = (id: string): string => {
    const place = placed.indexOf(id);
    return place < 0 ? "another" : `${place + 1}`;
  };
  return effects.map((effect) => lineOf(effect, bot.state.nowMs, name));
}

function lineOf(effect: Effect, nowMs: number, name: (id: string) => string): string {
  switch (effect.kind) {
    case "place": {
      const { side, quantity, price, slotKey } = effect.order;
      return `place ${side} ${quantity} at ${price} for ${slotKey}, ${effect.because.code}${factsOf(effect.because)}`;
    }
    case "cancel":
      return `cancel ${name(effect.clientOrderId)}, ${effect.because.code}${factsOf(effect.because)}`;
    case "timer":
      return `timer ${effect.name} ${effect.atMs === null ? "off" : `in ${effect.atMs - nowMs}`}`;
    case "alert":
      return `${effect.severity} ${effect.code}: ${effect.text}${factsOf(effect.facts)}`;
    case "reconcile":
      return `read, ${effect.because.code}${factsOf(effect.because)}`;
    case "lookup":
      return `look up ${name(effect.clientOrderId)}, ${effect.because.code}${factsOf(effect.because)}`;
    case "reload-candles":
      return `reload ${effect.count} candles of ${effect.interval}`;
    case "stopped":
      return `stopped with ${effect.ordersLeft} orders`;
    case "flow":
    case "grant":
    case "bot-breaker":
    case "bot-command":
      return effect.kind; // the account machine's
  }
}

/** One handler alone, at the bot's own time: what it tells the strategy, and what it wants done. */
export function handled<E extends EngineEvent>(
  bot: Bench,
  handler: (turn: Turn, event: E) => readonly StrategyInput[],
  event: Omit<E, "atMs">,
): { readonly inputs: readonly StrategyInput[]; readonly did: readonly string[]; readonly turn: Turn } {
  const turn = new Turn(bot.state);
  const inputs = handler(turn, { ...event, atMs: bot.state.nowMs } as E);
  bot.effects.push(...turn.effects);
  return { inputs, did: said(bot, turn.effects), turn };
}
