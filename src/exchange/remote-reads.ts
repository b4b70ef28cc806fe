// What a remote port asks its connector. Each answer is the port's own, or throws; a list with a hole in it is no
// answer, since it would say that what is missing is not there.

import type { Instrument } from "../market/instrument.ts";
import { refusalOf } from "../rpc/refusal.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent } from "../trading/event.ts";
import type {
  AccountResult,
  CandlesResult,
  ExchangePort,
  FillsResult,
  FundingResult,
  LookupResult,
  OpenOrdersResult,
  Unstamped,
} from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { portAccount, portPayment } from "./wire/account-view.ts";
import { portCandle } from "./wire/market-view.ts";
import { portFill, portOrder } from "./wire/order-view.ts";
import { instrumentOf } from "./wire/symbol-info.ts";

export class RemoteReads {
  private readonly connection: RemoteConnection;
  private readonly instruments = new Map<string, Instrument>();

  constructor(connection: RemoteConnection) {
    this.connection = connection;
  }

  /** The instrument as it was last read; undefined before. */
  find(symbol: string): Instrument | undefined {
    return this.instruments.get(symbol);
  }

  keep(instrument: Instrument): void {
    this.instruments.set(instrument.symbol, instrument);
  }

  async instrument(symbol: string): Promise<Instrument> {
    const { client, exchange } = this.connection;
    const { info } = await client.getSymbolInfo({ exchange, symbol });
    if (info === undefined) throw new Error(`the connector does not describe ${symbol}`);
    const read = instrumentOf(info);
    if (!read.ok) throw new Error(read.error);
    this.instruments.set(symbol, read.value);
    return read.value;
  }

  private async known(symbol: string): Promise<Instrument> {
    return this.instruments.get(symbol) ?? (await this.instrument(symbol));
  }

  async lookup(symbol: string, clientOrderId: ClientOrderId): Promise<LookupResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    try {
      const { order } = await client.getOrder({ exchange, symbol, clientOrderId });
      const event = order === undefined ? null : portOrder(order, instrument, "lookup");
      if (event === null)
        return { result: "unavailable", text: `the connector's word about ${clientOrderId} is unreadable` };
      return { result: "found", order: event };
    } catch (error) {
      const refusal = refusalOf(error);
      // only the connector's own word is absence: a proxy's NOT_FOUND is not
      if (refusal.status === "NOT_FOUND" && refusal.reason === "ABSENT" && "asked_at_ms" in refusal.metadata) {
        return { result: "absent" };
      }
      throw refusal;
    }
  }

  async openOrders(symbol: string): Promise<OpenOrdersResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { orders } = await client.getOpenOrders({ exchange, symbol });
    const read = orders.map((order) => portOrder(order, instrument, "open-orders"));
    // a list with a hole says that what is missing is not there
    if (read.includes(null)) return { result: "unavailable", text: "an open order is unreadable" };
    return { result: "ok", orders: read.flatMap((order) => order ?? []) };
  }

  async fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
  ): Promise<FillsResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const cursor = since.cursor ?? "";
    const fromMs = cursor === "" ? Math.max(0, Math.floor(since.sinceMs)) : 0;
    const { fills, nextCursor } = await client.getFills({ exchange, symbol, cursor, fromMs });
    const read: Unstamped<FillEvent>[] = [];
    for (const fill of fills) {
      const event = portFill(fill, instrument);
      if (event === null) return { result: "unavailable", text: `fill ${fill.tradeId} is unreadable` };
      read.push(event);
    }
    return { result: "ok", fills: read, cursor: nextCursor };
  }

  async account(symbol: string): Promise<AccountResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { account } = await client.getAccount({ exchange });
    if (account === undefined) return { result: "unavailable", text: "the connector's answer names no account" };
    return portAccount(account, instrument);
  }

  async funding(symbol: string, sinceMs: number): Promise<FundingResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { payments } = await client.getFundingPayments({ exchange, fromMs: Math.max(0, Math.floor(sinceMs)) });
    const own = payments.filter((payment) => payment.symbol === symbol);
    return { result: "ok", settlements: own.map((payment) => portPayment(payment, instrument)) };
  }

  async candles(request: Parameters<ExchangePort["candles"]>[0]): Promise<CandlesResult> {
    const { client, exchange } = this.connection;
    const { symbol, interval, count } = request;
    const instrument = await this.known(symbol);
    const limit = Math.min(1_500, Math.max(1, count));
    const { candles } = await client.getHistoricalKlines({ exchange, symbol, interval, limit });
    const read = candles.map((candle) => portCandle(candle, instrument));
    if (read.includes(null)) return { result: "unavailable", text: "a candle is unreadable" };
    return { result: "ok", candles: read.flatMap((candle) => candle ?? []) };
  }
}
