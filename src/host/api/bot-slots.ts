// The ladder of a grid as the API shows it. Reads the state between turns; changes nothing.

import { toSafe } from "../../base/integer.ts";
import type { BotState } from "../../engine/state.ts";
import { strategyView } from "../../engine/view.ts";
import { lots, milliTicks, type Ticks, ticks } from "../../market/amounts.ts";
import { formatMark, formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import type { GetSlotsResponse, Slot } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { SlotState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { LadderRow } from "../../strategy/contract.ts";
import type { GridState } from "../../strategy/grid/state.ts";
import { averageEntry } from "../../trading/ledger.ts";
import { legMessage } from "./bot-messages.ts";
import { orderMessage } from "./order-messages.ts";

const STATES = ["EMPTY", "HELD", "SENT", "LIVE", "CANCEL", "UNKNOWN"] as const;

/** The strategy's state where it is a grid's. */
export function gridStateOf({ config, strategy }: BotState): GridState | null {
  return config?.strategy === "grid" && strategy !== null ? (strategy as GridState) : null;
}

/** The ladder; empty before there is one, and for other strategies. */
export function slotsMessage(state: BotState | null): GetSlotsResponse {
  const none: GetSlotsResponse = {
    slots: [],
    ref: undefined,
    anchor: undefined,
    windowLow: undefined,
    windowHigh: undefined,
    averageEntry: undefined,
    stray: undefined,
  };
  const instrument = state?.instrument ?? null;
  const view = state === null ? null : strategyView(state);
  if (state === null || instrument === null || view === null) return none;
  const grid = gridStateOf(state);
  const price = (value: Ticks | null): string | null => (value === null ? null : formatPrice(instrument, value));
  const average = averageEntry(state.ledger);
  const entries = entryPrices(grid);
  return {
    slots: view.ladder.map((row) => slotMessage(state, { row, grid, instrument })),
    ref: toDecimal(view.reference === null ? null : formatMark(instrument, view.reference)),
    anchor: toDecimal(price(grid?.lattice?.anchor ?? null)),
    windowLow: toDecimal(entries.length === 0 ? null : price(ticks(Math.min(...entries)))),
    windowHigh: toDecimal(entries.length === 0 ? null : price(ticks(Math.max(...entries)))),
    averageEntry: toDecimal(average === null ? null : formatMark(instrument, milliTicks(toSafe(average)))),
    stray: toDecimal(grid === null ? null : formatQuantity(instrument, lots(grid.stray))),
  };
}

function entryPrices(grid: GridState | null): number[] {
  const prices: number[] = [];
  for (const { order } of grid?.slots.values() ?? []) if (order?.purpose === "entry") prices.push(order.price);
  return prices;
}

interface Row {
  readonly row: LadderRow;
  readonly grid: GridState | null;
  readonly instrument: Instrument;
}

function slotMessage(state: BotState, { row, grid, instrument }: Row): Slot {
  const skipped = /^skip [LS](-?\d+)$/.exec(row.key);
  const index = Number.parseInt(skipped?.[1] ?? row.key.replace("slot ", ""), 10);
  const slot = skipped === null ? grid?.slots.get(index) : undefined;
  const order = row.clientOrderId === null ? undefined : state.orders.get(row.clientOrderId);
  const known = STATES.find((each) => each === row.state);
  const cooling = slot !== undefined && slot.coolUntilMs > state.nowMs ? slot.coolUntilMs : 0;
  return {
    slot: Number.isSafeInteger(index) ? index : 0,
    width: slot?.width ?? 1,
    leg: legMessage(row.leg),
    state: known === undefined ? SlotState.UNSPECIFIED : SlotState[known],
    entryPrice: toDecimal(formatPrice(instrument, row.price)),
    exitPrice: toDecimal(row.exitPrice === null ? null : formatPrice(instrument, row.exitPrice)),
    held: toDecimal(formatQuantity(instrument, row.held)),
    order:
      order === undefined ? undefined : orderMessage({ bot: state.identity.bot, instrument, order, known: undefined }),
    skipReason: order === undefined ? row.note.replace(/^skip\./, "") : "",
    cooldownUntilMs: cooling,
  };
}
