// Orders and fills by REST: look-ups, complete lists of open orders, fills page by page (EXCH-09, EXCH-36, EXCH-40). An
// answer that is not complete, or cannot be read exactly, is no answer.

import { fail, ok, type Result } from "../../base/result.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { FillEvent } from "../../trading/event.ts";
import type { FillsResult, LookupResult, OpenOrdersResult, Unavailable, Unstamped } from "../port.ts";
import type { Priority } from "./call.ts";
import type { Calls } from "./calls.ts";
import { clientOrderIdOf, decodeFill, decodeOrder } from "./decode.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import { cursorOf, fillPages, listed, PAGES_MAX } from "./fill-pages.ts";
import type { CcxtInstrument, Instruments } from "./instruments.ts";
import { isRecord, type Raw, recordOf, recordsOf, textOf } from "./raw.ts";
import type { SentIds } from "./sent-ids.ts";

export interface OrderReadsOptions {
  readonly table: ExchangeTable;
  readonly calls: Calls;
  readonly instruments: Instruments;
  readonly sent: SentIds;
  /** The exchange's time, Unix ms. */
  readonly exchangeNowMs: () => number;
}

export const unavailable = (text: string): Unavailable => ({ result: "unavailable", text });

export class OrderReads {
  private readonly options: OrderReadsOptions;

  constructor(options: OrderReadsOptions) {
    this.options = options;
  }

  async lookup(symbol: string, clientOrderId: ClientOrderId, priority: Priority): Promise<LookupResult> {
    const { table, calls, instruments, sent } = this.options;
    const of = instruments.get(symbol);
    if (of === null) return unavailable(`${symbol} is no instrument of this connection`);
    if (!table.lookupByClientId) return unavailable(`${table.name} finds no order by our id`);
    for (const call of table.lookups(symbol, clientOrderId)) {
      const reply = await calls.read(call, priority);
      if (!reply.ok) {
        if (calls.meaning(reply).means === "not-open") continue;
        return unavailable(reply.text);
      }
      const found = candidates(reply.value).find((each) => isOurs(textOf(each["clientOrderId"]), clientOrderId));
      if (found === undefined) {
        // a list without the order is an answer; a single record about another one is none
        if (Array.isArray(reply.value)) continue;
        return unavailable("the look-up was answered with another order");
      }
      const order = decodeOrder(found, of, { table, source: "lookup" });
      if (!order.ok) return unavailable(`the order cannot be read: ${order.error}`);
      sent.known(clientOrderId, order.value.exchangeOrderId);
      return { result: "found", order: { ...order.value, clientOrderId } };
    }
    return { result: "absent" };
  }

  async openOrders(symbol: string, priority: Priority): Promise<OpenOrdersResult> {
    const { table, instruments, sent } = this.options;
    const of = instruments.get(symbol);
    if (of === null) return unavailable(`${symbol} is no instrument of this connection`);
    const records = await this.openRecords(symbol, priority);
    if (!records.ok) return unavailable(records.error);
    const orders = [];
    for (const record of records.value) {
      const order = decodeOrder(record, of, { table, source: "open-orders" });
      if (!order.ok) return unavailable(`an open order cannot be read: ${order.error}`);
      sent.known(order.value.clientOrderId, order.value.exchangeOrderId);
      // what ended while the pages were read is open no more
      if (order.value.status === "open") orders.push(order.value);
    }
    return { result: "ok", orders };
  }

  async fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    priority: Priority,
  ): Promise<FillsResult> {
    const of = this.options.instruments.get(symbol);
    if (of === null) return unavailable(`${symbol} is no instrument of this connection`);
    const { table, calls, exchangeNowMs } = this.options;
    const records = await fillPages({ table, calls, exchangeNowMs, symbol, priority }, since);
    if (!records.ok) return unavailable(records.error);
    const fills: Unstamped<FillEvent>[] = [];
    for (const record of records.value) {
      const fill = await this.fill(record, of, priority);
      if (!fill.ok) return unavailable(`a fill cannot be read: ${fill.error}`);
      fills.push(fill.value);
    }
    return { result: "ok", fills, cursor: cursorOf(fills, since.cursor) };
  }

  private async openRecords(symbol: string, priority: Priority): Promise<Result<readonly Raw[], string>> {
    const { calls, table } = this.options;
    const pages = table.openOrdersPages;
    const byId = new Map<string, Raw>();
    let params: Raw = {};
    let read = 0;
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const args = [symbol, undefined, pages?.pageMax, params];
      const reply = await calls.read({ method: "fetchOpenOrders", args }, priority);
      if (!reply.ok) return fail(reply.text);
      const records = listed(reply);
      if (records === null) return fail("the list of open orders cannot be read");
      const before = byId.size;
      for (const record of records) byId.set(textOf(record["id"]) ?? "", record);
      read += records.length;
      const whole = pages === null || byId.size === before;
      const next = whole ? null : pages.after({ records, body: reply.body, pages: page, read });
      if (next === null) return ok([...byId.values()]);
      params = next;
    }
    return fail("the list of open orders has no end");
  }

  private async fill(
    record: Raw,
    of: CcxtInstrument,
    priority: Priority,
  ): Promise<Result<Unstamped<FillEvent>, string>> {
    const clientOrderId = await this.clientOrderId(record, of.instrument.symbol, priority);
    return clientOrderId.ok
      ? decodeFill(record, of, { table: this.options.table, clientOrderId: clientOrderId.value })
      : clientOrderId;
  }

  /** Fills of some exchanges name the order by the exchange's id only. Null: the exchange has forgotten the order. */
  private async clientOrderId(record: Raw, symbol: string, priority: Priority): Promise<Result<string | null, string>> {
    const { calls, sent, table } = this.options;
    const info = recordOf(record["info"]);
    const own = table.clientId === undefined ? null : table.clientId(info);
    const told = own ?? textOf(record["clientOrderId"]) ?? textOf(info["clientOrderId"]);
    const exchangeOrderId = textOf(record["order"]);
    if (told !== null || exchangeOrderId === null) return ok(told === "" ? null : told);
    const known = sent.clientOrderIdOf(exchangeOrderId);
    if (known !== null) return ok(known);
    const reply = await calls.read({ method: "fetchOrder", args: [exchangeOrderId, symbol] }, priority);
    if (!reply.ok) return calls.meaning(reply).means === "not-open" ? ok(null) : fail(reply.text);
    const id = clientOrderIdOf(recordOf(reply.value), table);
    if (id !== null) sent.known(id, exchangeOrderId);
    return ok(id);
  }
}

const candidates = (value: unknown): readonly Raw[] => (isRecord(value) ? [value] : recordsOf(value));

const isOurs = (told: string | null, ours: string): boolean => told === ours || told === `t-${ours}`;
