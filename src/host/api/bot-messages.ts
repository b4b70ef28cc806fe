// Bots as the messages of the API. Renders; it decides nothing.

import type { ConfigProblem } from "../../config/problem.ts";
import type { JournalRecord } from "../../journal/port.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import type {
  Bot,
  ConfigChange,
  ConfigError,
  Gate,
  JournalRecord as RecordMessage,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { BotPhase, GateLevel, Leg } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { ConfigDifference } from "../fleet/binder.ts";
import { type BotView, botView, type GateView } from "../fleet/bot-view.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";

const LEGS = { L: Leg.LONG, S: Leg.SHORT, both: Leg.UNSPECIFIED } as const;

export const legMessage = (leg: keyof typeof LEGS): Leg => LEGS[leg];

export const gateMessage = ({ name, level, leg, reason, sinceMs }: GateView): Gate => ({
  name,
  level: GateLevel[level],
  leg: legMessage(leg),
  reason,
  sinceMs,
});

export function botMessage(bot: FleetBot, operatorUrl: string): Bot {
  return viewMessage(botView(bot), operatorUrl);
}

export function viewMessage(view: BotView, operatorUrl: string): Bot {
  return {
    botId: view.id,
    strategy: view.strategy,
    exchange: view.exchange,
    symbols: [...view.symbols],
    phase: BotPhase[view.phase],
    gates: view.gates.map(gateMessage),
    configHash: view.configHash,
    revision: view.revision,
    sequence: view.sequence,
    lagMs: view.lagMs,
    liveOrders: view.liveOrders,
    unknownOrders: view.unknownOrders,
    heldSlots: view.heldSlots,
    position: toDecimal(view.position),
    realizedNet: toDecimal(view.realizedNet),
    unrealized: toDecimal(view.unrealized),
    budget: toDecimal(view.budget),
    operatorUrl,
    startedAtMs: view.startedAtMs,
  };
}

export const changeMessage = ({ key, old, new: next, change }: ConfigDifference): ConfigChange => ({
  key,
  old,
  new: next,
  change,
});

export const problemMessage = ({ line, key, text }: ConfigProblem): ConfigError => ({ line, key, message: text });

/** Null for what is neither an event nor an effect: marks, anchors and seals are the journal's own. */
export function recordMessage({ type, seq, index, kind, atMs, body }: JournalRecord): RecordMessage | null {
  if (type !== "event" && type !== "effect") return null;
  const shown = type === "event" && kind === "outcome" ? "outcome" : type;
  return { sequence: seq, index: type === "event" ? 0 : index + 1, type: shown, kind, atMs, bodyJson: body };
}
