// What can be asked about orders, trades and payments of a wallet. Lists are cut as Binance cuts them: from an id or a
// time on where one is given, otherwise the newest.

import { fail, ok, type Result } from "../../../../base/result.ts";
import type { EmulatedAccount } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import type { UsdmCore } from "./core.ts";
import { isOpen, type UsdmOrder } from "./order-memory.ts";
import { lookedUpBody, moneyText, tradeBody } from "./shapes.ts";

const LIMIT = 500;
const LIMIT_MAX = 1_000;

interface Page {
  readonly fromId: number | null;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly limit: number;
}

export class OrderReads {
  private readonly core: UsdmCore;

  constructor(core: UsdmCore) {
    this.core = core;
  }

  order(call: Call): Answer {
    const found = this.find(call.parameters, accountOf(call));
    return found.ok ? ok(lookedUpBody(found.value)) : found;
  }

  openOrder(call: Call): Answer {
    const found = this.find(call.parameters, accountOf(call));
    if (!found.ok) return found;
    return isOpen(found.value) ? ok(lookedUpBody(found.value)) : fail(refusals.orderUnknown());
  }

  openOrders(call: Call): Answer {
    const symbol = call.parameters.text("symbol");
    if (symbol !== null && this.core.named(symbol) === null) return fail(refusals.symbol());
    const orders = this.core.desk(accountOf(call)).memory.openOrders();
    return ok(orders.filter((order) => symbol === null || order.wireName === symbol).map(lookedUpBody));
  }

  allOrders(call: Call): Answer {
    const symbol = this.listed(call.parameters);
    if (!symbol.ok) return symbol;
    const page = this.page(call, "orderId");
    if (!page.ok) return page;
    const orders = this.core.desk(accountOf(call)).memory.all(symbol.value, call.nowMs);
    const facts = (order: UsdmOrder) => ({ id: order.orderId, atMs: order.timeMs });
    return ok(paged(orders, page.value, facts).map(lookedUpBody));
  }

  userTrades(call: Call): Answer {
    const symbol = this.listed(call.parameters);
    if (!symbol.ok) return symbol;
    const page = this.page(call, "fromId");
    if (!page.ok) return page;
    const orderId = call.parameters.integer("orderId");
    if (!orderId.ok) return orderId;
    const { memory } = this.core.desk(accountOf(call));
    if (!memory.reaches(page.value)) return fail(refusals.searchWindow());
    const trades = memory.tradesOf(symbol.value);
    const wanted = trades.filter(({ order }) => orderId.value === null || order.orderId === orderId.value);
    return ok(paged(wanted, page.value, ({ id, atMs }) => ({ id, atMs })).map(tradeBody));
  }

  forceOrders(call: Call): Answer {
    const page = this.page(call, "fromId");
    if (!page.ok) return page;
    const symbol = call.parameters.text("symbol");
    const type = call.parameters.text("autoCloseType");
    const orders = this.core
      .desk(accountOf(call))
      .memory.ofType("LIQUIDATION")
      .filter((order) => symbol === null || order.wireName === symbol)
      .filter((order) => type === null || (order.clientOrderId === "adl_autoclose") === (type === "ADL"));
    return ok(paged(orders, page.value, ({ orderId, timeMs }) => ({ id: orderId, atMs: timeMs })).map(lookedUpBody));
  }

  /** Funding, realized profit and commissions, oldest first (EMU-13 asks for `FUNDING_FEE`). */
  income(call: Call): Answer {
    const page = this.page(call, "fromId");
    if (!page.ok) return page;
    const account = accountOf(call);
    const symbol = call.parameters.text("symbol");
    const type = call.parameters.text("incomeType");
    const rows = [...this.fundingIncome(account), ...this.tradeIncome(account)]
      .filter((row) => (symbol === null || row.symbol === symbol) && (type === null || row.incomeType === type))
      .sort((a, b) => a.time - b.time || a.tranId - b.tranId);
    return ok(paged(rows, page.value, (row) => ({ id: row.tranId, atMs: row.time })));
  }

  private fundingIncome(account: EmulatedAccount): IncomeRow[] {
    const { wallet } = this.core.desk(account);
    return this.core.world.exchange.margin.settlements.flatMap((settled): IncomeRow[] => {
      const instrument = this.core.ofSymbol(settled.symbol);
      if (settled.account !== wallet || instrument === null) return [];
      return [
        {
          symbol: instrument.wireName,
          incomeType: "FUNDING_FEE",
          income: moneyText(settled.amount),
          asset: instrument.instrument.quote,
          time: settled.settledAtMs,
          info: "FUNDING_FEE",
          tranId: settled.settledAtMs * 100 + this.core.instruments().indexOf(instrument),
          tradeId: "",
        },
      ];
    });
  }

  private tradeIncome(account: EmulatedAccount): IncomeRow[] {
    const { memory } = this.core.desk(account);
    return this.core.instruments().flatMap(({ wireName }) =>
      memory.tradesOf(wireName).flatMap(({ id, fill, realized, atMs }): IncomeRow[] => {
        const of = { symbol: wireName, time: atMs, info: String(id), tradeId: String(id) };
        const fee = { ...of, incomeType: "COMMISSION", income: moneyText(-fill.fee), asset: fill.feeAsset, tranId: id };
        if (realized === 0n) return [fee];
        return [fee, { ...of, incomeType: "REALIZED_PNL", income: moneyText(realized), asset: "USDT", tranId: id }];
      }),
    );
  }

  private find(from: Parameters, account: EmulatedAccount): Result<UsdmOrder, Refusal> {
    const symbol = this.listed(from);
    if (!symbol.ok) return symbol;
    const orderId = from.integer("orderId");
    if (!orderId.ok) return orderId;
    const clientOrderId = from.text("origClientOrderId");
    if (orderId.value === null && clientOrderId === null) return fail(refusals.oneOf("orderId", "origClientOrderId"));
    const { memory } = this.core.desk(account);
    const order = memory.find({ orderId: orderId.value, clientOrderId }, this.core.world.clock.nowMs());
    return order === null || order.wireName !== symbol.value ? fail(refusals.orderUnknown()) : ok(order);
  }

  private listed(from: Parameters): Result<string, Refusal> {
    const symbol = from.required("symbol");
    if (!symbol.ok) return symbol;
    return this.core.named(symbol.value) === null ? fail(refusals.symbol()) : symbol;
  }

  private page(call: Call, idName: string): Result<Page, Refusal> {
    const [fromId, startMs, endMs, limit] = [idName, "startTime", "endTime", "limit"].map((name) =>
      call.parameters.integer(name),
    );
    for (const each of [fromId, startMs, endMs, limit]) if (each?.ok === false) return each;
    const value = (of: Result<number | null, Refusal> | undefined): number | null =>
      of?.ok === true ? of.value : null;
    const asked = Math.min(Math.max(value(limit) ?? LIMIT, 1), LIMIT_MAX);
    const small = this.core.world.strike("pageLimit", call.traits)?.["size"];
    return ok({
      fromId: value(fromId),
      startMs: value(startMs),
      endMs: value(endMs),
      limit: small === undefined ? asked : Math.min(asked, small),
    });
  }
}

interface IncomeRow {
  readonly symbol: string;
  readonly incomeType: string;
  readonly income: string;
  readonly asset: string;
  readonly time: number;
  readonly info: string;
  readonly tranId: number;
  readonly tradeId: string;
}

function paged<T>(
  rows: readonly T[],
  page: Page,
  factsOf: (row: T) => { readonly id: number; readonly atMs: number },
): readonly T[] {
  const { fromId, startMs, endMs, limit } = page;
  const wanted = rows.filter((row) => {
    const { id, atMs } = factsOf(row);
    return (
      (fromId === null || id >= fromId) && (startMs === null || atMs >= startMs) && (endMs === null || atMs <= endMs)
    );
  });
  return fromId === null && startMs === null ? wanted.slice(-limit) : wanted.slice(0, limit);
}
