// GetStateAt: the bot as it was, replayed from the nearest snapshot in slices; one question at a time, so that looking
// back never costs the bots that trade more than a slice.

import { toSafe } from "../../base/integer.ts";
import { ownedLots } from "../../engine/owned.ts";
import type { BotState } from "../../engine/state.ts";
import { markOf, profitOf } from "../../engine/view.ts";
import { decodeEvent } from "../../journal/codec.ts";
import type { JournalReader } from "../../journal/port.ts";
import { milliTicks } from "../../market/amounts.ts";
import { formatMark, formatMoney, formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import { absent, notNow, optionalTime } from "../../rpc/fields.ts";
import type { GetStateAtRequest, GetStateAtResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { Book, Position } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { MarginMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { Level } from "../../trading/event.ts";
import { averageEntry } from "../../trading/ledger.ts";
import { productionEngine } from "../engine.ts";
import { gatesOf } from "../fleet/bot-view.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { effectsOf, replayTo, seqAt } from "../fleet/sliced-replay.ts";
import { gateMessage, recordMessage } from "./bot-messages.ts";
import { requiredBot } from "./bot-refusals.ts";
import { slotsMessage } from "./bot-slots.ts";
import { orderMessage } from "./order-messages.ts";

/** Answers one question at a time; the next one is refused with RESOURCE_EXHAUSTED. */
export class StateAt {
  private readonly fleet: Fleet;
  private busy = false;

  constructor(fleet: Fleet) {
    this.fleet = fleet;
  }

  async answer(request: GetStateAtRequest, signal: AbortSignal): Promise<GetStateAtResponse> {
    const bot = requiredBot(this.fleet, request.botId);
    const { sequence } = request;
    const atMs = optionalTime("at_ms", request.atMs);
    if ((sequence === 0) === (atMs === 0)) throw invalidField("sequence", "give either sequence or at_ms");
    if (!Number.isSafeInteger(sequence) || sequence < 0) throw invalidField("sequence", "must be a journal number");
    if (!bot.hasJournal) throw absent(`${bot.id} has no journal yet`);
    if (this.busy) {
      const message = "another state is being replayed; one at a time, ask again";
      throw new RpcRefusal({ status: "RESOURCE_EXHAUSTED", reason: "BUSY", message, retryAfterMs: 1_000 });
    }
    const reader = bot.openReader();
    this.busy = true;
    try {
      const seq = sequence === 0 ? seqAt(reader, atMs) : sequence;
      const { poisonedSeq } = bot;
      if (poisonedSeq !== null && seq >= poisonedSeq) {
        throw notNow("CONDITION", `the step of event ${poisonedSeq} failed: ask for one before it`);
      }
      return await stateAt(reader, { seq, signal });
    } finally {
      reader.close();
      this.busy = false;
    }
  }
}

async function stateAt(
  reader: JournalReader,
  { seq, signal }: { readonly seq: number; readonly signal: AbortSignal },
): Promise<GetStateAtResponse> {
  const before = seq === 0 ? null : await replayTo(reader, productionEngine, { seq, signal });
  if (before === null) throw absent(`the journal of ${reader.meta.bot} has events 1 to ${reader.seq}, not ${seq}`);
  const { state, record } = before;
  productionEngine.step(state, decodeEvent(record));
  const { instrument } = state;
  const effects = effectsOf(reader, record).flatMap((effect) => recordMessage(effect) ?? []);
  return {
    sequence: seq,
    slots: slotsMessage(state).slots,
    orders: instrument === null ? [] : ordersOf(state, instrument),
    position: instrument === null ? undefined : positionOf(state, instrument),
    gates: gatesOf(state).map(gateMessage),
    book: instrument === null ? undefined : bookOf(state, instrument),
    event: recordMessage(record) ?? undefined,
    effects,
  };
}

/** Highest price first. */
function ordersOf(state: BotState, instrument: Instrument): GetStateAtResponse["orders"] {
  const orders = [...state.orders.values()].sort((a, b) => b.order.price - a.order.price);
  return orders.map((order) => orderMessage({ bot: state.identity.bot, instrument, order, known: undefined }));
}

function positionOf(state: BotState, instrument: Instrument): Position {
  const average = averageEntry(state.ledger);
  const mark = markOf(state);
  const profit = profitOf(state);
  return {
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    size: toDecimal(formatQuantity(instrument, ownedLots(state))),
    entryPrice: toDecimal(average === null ? null : formatMark(instrument, milliTicks(toSafe(average)))),
    markPrice: toDecimal(mark === null ? null : formatMark(instrument, mark)),
    unrealizedPnl: toDecimal(mark === null || profit === null ? null : formatMoney(profit.unrealised)),
    leverage: toDecimal(`${instrument.leverage}`),
    marginMode: MarginMode.UNSPECIFIED,
    isolatedMargin: undefined,
    liquidationPrice: undefined,
    maintenanceMargin: undefined,
    updatedAtMs: state.nowMs,
  };
}

function bookOf({ book }: BotState, instrument: Instrument): Book | undefined {
  if (book === null) return undefined;
  const level = ([price, quantity]: Level) => ({
    price: toDecimal(formatPrice(instrument, price)),
    quantity: toDecimal(formatQuantity(instrument, quantity)),
  });
  return {
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    bids: book.bids.map(level),
    asks: book.asks.map(level),
    sequence: 0,
    atMs: book.atMs,
    receivedAtMs: book.atMs,
  };
}
