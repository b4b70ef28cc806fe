// Reads of ExchangeService. Each answers with what the exchange says now or refuses: never an empty list where the call
// failed.

import { formatDecimal } from "../../base/decimal.ts";
import type { Instrument } from "../../market/instrument.ts";
import {
  boundedCount,
  optionalText,
  optionalTime,
  requiredClientOrderId,
  requiredText,
  timeRange,
} from "../../rpc/fields.ts";
import type {
  ExchangeServiceGetFillsRequest,
  ExchangeServiceGetFillsResponse,
  ExchangeServiceGetOpenOrdersRequest,
  ExchangeServiceGetOrderRequest,
  ExchangeServiceGetOrderResponse,
  ExchangeServiceGetPositionsRequest,
  GetBalanceRequest,
  GetFundingPaymentsRequest,
  GetHistoricalKlinesRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type {
  Account,
  Balance,
  Candle,
  Fill,
  FundingPayment,
  Order,
  Position,
} from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { CandleInterval, OrderEvent } from "../../trading/event.ts";
import type { Unstamped } from "../port.ts";
import { wirePayment } from "../wire/account-view.ts";
import { CANDLE_INTERVALS, wireCandle } from "../wire/market-view.ts";
import { wireFill } from "../wire/order-view.ts";
import type { AccountDesk } from "./account-desk.ts";
import type { ConnectorCore } from "./core.ts";
import { noMargin } from "./order-form.ts";
import { noAnswer } from "./refusals.ts";
import { answered } from "./upstream.ts";

const FILLS_LOOKED_BACK_MS = 60_000;

export class Reads {
  private readonly core: ConnectorCore;
  private readonly accounts: AccountDesk;

  constructor(core: ConnectorCore, accounts: AccountDesk) {
    this.core = core;
    this.accounts = accounts;
  }

  async order(request: ExchangeServiceGetOrderRequest): Promise<ExchangeServiceGetOrderResponse> {
    if (request.useMargin) throw noMargin();
    const { upstream, exchange, orders, clock } = this.core;
    const instrument = this.core.instruments.named(request.symbol);
    const askedAtMs = clock.nowMs();
    const order = await this.find(request, instrument);
    if (order === null) throw absentOrder(request, askedAtMs);
    orders.told(order, clock.nowMs());
    const view = orders.view(order);
    if (view === null) throw noAnswer(exchange, `${order.symbol} is gone`);
    const since = { sinceMs: Math.max(0, view.createdAtMs - FILLS_LOOKED_BACK_MS), cursor: null };
    const fills = order.cumulative === 0 ? [] : answered(await upstream.fills(order.symbol, since), exchange).fills;
    const own = fills.filter((fill) => fill.exchangeOrderId === order.exchangeOrderId);
    return {
      order: view,
      fills: own.map((fill) => wireFill(fill, instrument, orders.botOf(fill.clientOrderId))),
      askedAtMs,
    };
  }

  private async find(
    request: ExchangeServiceGetOrderRequest,
    { symbol }: Instrument,
  ): Promise<Unstamped<OrderEvent> | null> {
    const { upstream, exchange } = this.core;
    if (request.clientOrderId !== "") {
      const id = foreignOrderId(requiredClientOrderId("client_order_id", request.clientOrderId));
      const result = answered(await upstream.lookup(symbol, id), exchange);
      return result.result === "found" ? result.order : null;
    }
    const id = requiredText("order_id", request.orderId, 64);
    const open = answered(await upstream.openOrders(symbol), exchange);
    return (
      open.orders.find((order) => order.exchangeOrderId === id) ?? this.core.orders.seenByExchangeId(symbol, id) ?? null
    );
  }

  async openOrders({ symbol, useMargin }: ExchangeServiceGetOpenOrdersRequest): Promise<Order[]> {
    if (useMargin) throw noMargin();
    const { upstream, exchange, orders, instruments, clock } = this.core;
    const symbols = symbol === "" ? instruments.symbols : [instruments.named(symbol).symbol];
    const read = await Promise.all(symbols.map((each) => upstream.openOrders(each)));
    const open = read.flatMap((each) => answered(each, exchange).orders);
    return open
      .flatMap((order) => {
        orders.told(order, clock.nowMs());
        return orders.view(order) ?? [];
      })
      .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.orderId < b.orderId ? -1 : 1));
  }

  async fills(request: ExchangeServiceGetFillsRequest): Promise<ExchangeServiceGetFillsResponse> {
    const { upstream, exchange, orders, instruments } = this.core;
    const instrument = instruments.named(request.symbol);
    const sinceMs = optionalTime("from_ms", request.fromMs);
    const cursor = readCursor(request.cursor);
    const read = answered(await upstream.fills(instrument.symbol, { sinceMs, cursor }), exchange);
    const fills: Fill[] = read.fills.map((fill) => wireFill(fill, instrument, orders.botOf(fill.clientOrderId)));
    return { fills, nextCursor: read.cursor };
  }

  account(): Promise<Account> {
    return this.accounts.read();
  }

  async positions({ symbol }: ExchangeServiceGetPositionsRequest): Promise<Position[]> {
    if (symbol !== "") this.core.instruments.named(symbol);
    const { positions } = await this.accounts.read();
    const chosen = positions.filter((each) => (symbol === "" ? isOpen(each) : each.symbol === symbol));
    return chosen.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  async balance({ asset }: GetBalanceRequest): Promise<Balance> {
    requiredText("asset", asset, 20);
    if (!/^[0-9A-Za-z]+$/.test(asset)) throw invalidField("asset", "must be letters and digits, as USDT");
    const { balances } = await this.accounts.read();
    const held = balances.find((balance) => balance.asset === asset);
    const nothing = { value: formatDecimal(0n, 0) };
    return held ?? { asset, total: nothing, available: nothing, borrowed: nothing, interest: nothing };
  }

  async candles(request: GetHistoricalKlinesRequest): Promise<Candle[]> {
    const { upstream, exchange, instruments } = this.core;
    const instrument = instruments.named(request.symbol);
    const interval = readInterval(request.interval);
    const limit = boundedCount("limit", request.limit, { fallback: 500, max: 1_500 });
    const { fromMs, toMs } = timeRange(request);
    // the port answers the newest ones; a range further back needs more of them
    const count = fromMs === 0 && toMs === 0 ? limit : 1_500;
    const read = answered(await upstream.candles({ symbol: instrument.symbol, interval, count }), exchange);
    const inside = read.candles.filter(({ openAtMs }) => openAtMs >= fromMs && (toMs === 0 || openAtMs < toMs));
    const chosen = fromMs === 0 ? inside.slice(-limit) : inside.slice(0, limit);
    return chosen.map((candle) => wireCandle(candle, instrument));
  }

  async fundingPayments({ fromMs }: GetFundingPaymentsRequest): Promise<FundingPayment[]> {
    const { upstream, exchange, instruments } = this.core;
    const sinceMs = optionalTime("from_ms", fromMs);
    const found = await Promise.all(
      instruments.all.map(async (instrument) => {
        const asked = upstream.funding(instrument.symbol, sinceMs);
        if (asked === null || instrument.kind === "spot") return [];
        return answered(await asked, exchange).settlements.map((settled) => wirePayment(settled, instrument));
      }),
    );
    return found.flat().sort((a, b) => a.atMs - b.atMs || (a.symbol < b.symbol ? -1 : 1));
  }
}

export function readInterval(text: string): CandleInterval {
  const interval = CANDLE_INTERVALS.find((each) => each === text);
  if (interval !== undefined) return interval;
  throw invalidField("interval", `must be one of ${CANDLE_INTERVALS.join(", ")}`);
}

/** Cursors are the exchange's own: opaque, but never longer than any we gave. */
function readCursor(text: string): string | null {
  if (text === "") return null;
  optionalText("cursor", text, 64);
  if (!/^[0-9A-Za-z._:|=/+-]+$/.test(text)) throw invalidField("cursor", "is none that this connector gave");
  return text;
}

const isOpen = ({ size }: Position): boolean => size !== undefined && /[1-9]/.test(size.value);

function absentOrder(request: ExchangeServiceGetOrderRequest, askedAtMs: number): RpcRefusal {
  const id = request.clientOrderId === "" ? request.orderId : request.clientOrderId;
  return new RpcRefusal({
    status: "NOT_FOUND",
    reason: "ABSENT",
    message: `order ${id} is absent as of ${askedAtMs}`,
    metadata: { asked_at_ms: String(askedAtMs) },
  });
}
