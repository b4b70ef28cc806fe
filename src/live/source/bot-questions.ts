// Setup and replay: a bot's configuration with its keys, what a text would place, and the bot as it was. Reads alone;
// the engine judges the text, nothing is decided here.

import { fail, ok, type Result } from "../../base/result.ts";
import type { KeyInfo } from "../../config/key.ts";
import { CONFIG_KEYS } from "../../config/schema.ts";
import type { RpcClientOf } from "../../rpc/client.ts";
import type {
  BotServiceDefinition,
  GetStateAtResponse,
  PreviewBotResponse,
  JournalRecord as WireRecord,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { BookLevel, Order as WireOrder } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderStatus } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import type { ConfigKey, JournalEntry, StateAt } from "../messages.ts";
import type { NoPreview, ToldConfig, ToldPreview, ToldState } from "../questions.ts";
import { gateOf, legOf, severityOf, sideOf, slotOf, statusOf, told } from "./words.ts";

export interface Reading {
  readonly bots: RpcClientOf<typeof BotServiceDefinition>;
  readonly signal: AbortSignal;
}

/** Who may wait for an answer at a time; more are told to ask again. */
const WAITING_MAX = 32;

/** Questions of a kind the engine answers one at a time, in the order they came. */
export class OneByOne {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  ask<T>(question: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
    if (this.waiting >= WAITING_MAX) return Promise.resolve(fail("many are looking back just now; ask again"));
    this.waiting += 1;
    const answer = this.last.then(question).finally(() => {
      this.waiting -= 1;
    });
    this.last = answer.catch(() => undefined);
    return answer;
  }
}

const keyOf = ([key, info]: readonly [string, KeyInfo]): ConfigKey => ({
  key: key.replace(/^bot\./, ""),
  type: info.type,
  range: info.unit === "" ? info.range : `${info.range} ${info.unit}`,
  default: info.default ?? "",
  meaning: info.meaning,
});

/** Every key a bot's text may have: the schema that judges it. */
const BOT_KEYS: readonly ConfigKey[] = [...CONFIG_KEYS.all].filter(([key]) => key.startsWith("bot.")).map(keyOf);

export async function askConfig({ bots, signal }: Reading, botId: string): Promise<Result<ToldConfig, string>> {
  try {
    const { bot, config } = await bots.getBot({ botId }, { signal });
    return ok({ bot: botId, revision: bot?.revision ?? 0, text: config, keys: BOT_KEYS });
  } catch (failure) {
    return fail(refusalOf(failure).message);
  }
}

export async function askPreview(
  { bots, signal }: Reading,
  { bot, config }: { readonly bot: string; readonly config: string },
): Promise<Result<ToldPreview, NoPreview>> {
  try {
    return ok(previewOf(bot, await bots.previewBot({ botId: bot, config }, { signal })));
  } catch (failure) {
    const { message, violations } = refusalOf(failure);
    return fail({
      error: message,
      problems: violations.map(({ field, description }) => ({ key: field, message: description })),
    });
  }
}

const previewOf = (bot: string, { orders, skipped, totals, findings }: PreviewBotResponse): ToldPreview => ({
  bot,
  orders: orders.map((order) => ({
    leg: legOf(order.leg),
    slot: String(order.slot),
    side: sideOf(order.side),
    price: told(order.price, ""),
    qty: told(order.quantity, ""),
    value: told(order.value, ""),
    exit: told(order.exitPrice, ""),
    profit: told(order.netProfit, ""),
  })),
  skipped: skipped.map(({ level, reason }) => ({ slot: String(level), reason })),
  totals:
    totals === undefined
      ? null
      : {
          windowValue: told(totals.windowValue, ""),
          capitalFull: told(totals.capitalFull, ""),
          breakEvenTicks: totals.breakEvenTicks,
          gapTicks: totals.gapTicks,
          worstLoss: told(totals.worstLoss, ""),
          stressPrice: told(totals.stressPrice, ""),
        },
  findings: findings.map(({ code, severity, passed, text, fix }) => {
    return { code, severity: severityOf(severity), passed, text, fix };
  }),
});

const entryOf = ({ sequence, index, kind, atMs, bodyJson }: WireRecord): JournalEntry => {
  return { sequence, index, kind, at: atMs, body: bodyJson };
};

const levelOf = ({ price, quantity }: BookLevel): readonly [string, string] => [told(price, ""), told(quantity, "")];

const orderThen = (order: WireOrder): Extract<StateAt, { orders: unknown }>["orders"][number] => ({
  clientOrder: order.clientOrderId,
  side: sideOf(order.side),
  price: told(order.price, ""),
  qty: told(order.quantity),
  filled: told(order.executedQty),
  status: statusOf(order),
  unknown: order.status === OrderStatus.UNKNOWN_OUTCOME,
});

/** Ages of its orders are told against the event's own time. */
export function stateAtOf(bot: string, answer: GetStateAtResponse, nowMs: number): ToldState {
  const { sequence, position, book, event } = answer;
  const atMs = event?.atMs ?? nowMs;
  return {
    bot,
    sequence,
    slots: answer.slots.map((slot) => slotOf(slot, atMs)),
    orders: answer.orders.map(orderThen),
    position:
      position === undefined
        ? null
        : {
            size: told(position.size),
            entry: told(position.entryPrice, ""),
            mark: told(position.markPrice, ""),
            unrealized: told(position.unrealizedPnl, ""),
          },
    gates: answer.gates.map(gateOf),
    book: book === undefined ? null : { bids: book.bids.map(levelOf), asks: book.asks.map(levelOf), at: book.atMs },
    event: event === undefined ? null : entryOf(event),
    effects: answer.effects.map(entryOf),
  };
}
