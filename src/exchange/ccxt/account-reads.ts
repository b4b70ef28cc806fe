// The account by REST: balances, sums, positions. What the exchange does not tell is absent, never 0; asking for
// several instruments in one turn costs one request of each kind (EXCH-59).

import type { Clock } from "../../base/clock.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Lots, lots, type Money, money, ZERO_MONEY } from "../../market/amounts.ts";
import { notionalMoney } from "../../market/instrument.ts";
import type { AccountResult, PositionView } from "../port.ts";
import { moneyOf } from "./amount.ts";
import { ListOrSingle, type PollingHealth } from "./budget/polling.ts";
import type { CallReply, Priority } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import type { CcxtInstrument, Instruments } from "./instruments.ts";
import { unavailable } from "./order-reads.ts";
import { decimalOf, hasList, type Raw, recordOf, recordsOf } from "./raw.ts";
import { Turn } from "./turn.ts";

export interface AccountReadsOptions {
  readonly table: ExchangeTable;
  readonly calls: Calls;
  readonly instruments: Instruments;
  readonly clock: Clock;
  readonly polling: PollingHealth;
  /** Kind of account as the start found it; null: there is only one. */
  readonly kind: () => string | null;
}

interface Asked {
  readonly symbol: string;
  readonly priority: Priority;
  readonly done: (result: AccountResult) => void;
}

type Positions = Result<readonly Raw[], string>;

export class AccountReads {
  private readonly options: AccountReadsOptions;
  private readonly lists: ListOrSingle;
  private readonly turn = new Turn<Asked>((gathered) => void this.flush(gathered));

  constructor(options: AccountReadsOptions) {
    this.options = options;
    this.lists = new ListOrSingle(options.clock);
  }

  account(symbol: string, priority: Priority): Promise<AccountResult> {
    return new Promise((done) => this.turn.add({ symbol, priority, done }));
  }

  private async flush(gathered: readonly Asked[]): Promise<void> {
    const { calls, polling } = this.options;
    const priority = gathered.reduce<Priority>((least, each) => (each.priority < least ? each.priority : least), 4);
    const symbols = [...new Set(gathered.map(({ symbol }) => symbol))];
    const [balance, positions] = await Promise.all([
      calls.read({ method: "fetchBalance", args: [] }, priority),
      this.positionsOf(symbols, priority),
    ]);
    const results = new Map<string, AccountResult>();
    for (const symbol of symbols) {
      const result = await this.resultOf(symbol, { balance, positions: positions.get(symbol) ?? ok([]), priority });
      results.set(symbol, result);
      if (priority >= 3) polling.told(`account ${symbol}`, result.result === "ok");
    }
    for (const { symbol, done } of gathered) done(results.get(symbol) ?? unavailable("it was not read"));
  }

  private async positionsOf(symbols: readonly string[], priority: Priority): Promise<ReadonlyMap<string, Positions>> {
    if (this.options.table.market === "spot") return new Map();
    if (symbols.length > 1 && this.lists.mayList()) {
      const whole = await this.positions(symbols, priority);
      this.lists.told(whole.ok);
      if (whole.ok || this.lists.mayList()) return new Map(symbols.map((symbol) => [symbol, whole]));
    }
    const single = symbols.map(async (symbol) => [symbol, await this.positions([symbol], priority)] as const);
    return new Map(await Promise.all(single));
  }

  private async positions(symbols: readonly string[], priority: Priority): Promise<Positions> {
    const { table, calls } = this.options;
    const call = table.positions?.(symbols) ?? { method: "fetchPositions", args: [symbols] };
    const reply = await calls.read(call, priority);
    if (!reply.ok) return fail(reply.text);
    // ccxt makes an empty list of an answer that is none, and an empty list says that the account is flat
    const told = Array.isArray(reply.value) && hasList(reply.body);
    return told ? ok(recordsOf(reply.value)) : fail("the list of positions cannot be read");
  }

  private async resultOf(
    symbol: string,
    read: { readonly balance: CallReply; readonly positions: Positions; readonly priority: Priority },
  ): Promise<AccountResult> {
    const { table, instruments, kind } = this.options;
    const of = instruments.get(symbol);
    if (of === null) return unavailable(`${symbol} is no instrument of this connection`);
    if (!read.balance.ok) return unavailable(read.balance.text);
    if (!read.positions.ok) return unavailable(read.positions.error);
    const { base, quote } = of.instrument;
    const balance = recordOf(read.balance.value);
    const said = table.accountFrom === "body" ? read.balance.body : balance["info"];
    const told = table.account(said, quote, kind());
    const unified = (which: "free" | "total", asset: string): string | null =>
      decimalOf(recordOf(balance[which])[asset]);
    // an asset an exchange does not list is one the account does not hold
    const quoteTotal = moneyOf(told.total ?? unified("total", quote)) ?? ZERO_MONEY;
    const baseTotal = moneyOf(unified("total", base)) ?? ZERO_MONEY;
    const quoteAvailable = moneyOf(told.available ?? unified("free", quote)) ?? ZERO_MONEY;
    const positions = this.views(of, read.positions.value);
    if (!positions.ok) return unavailable(positions.error);
    const equity = await this.equity(of, {
      told: moneyOf(told.equity),
      quoteTotal,
      baseTotal,
      priority: read.priority,
    });
    if (equity === null) return unavailable("the account's equity is not told");
    const maintenance = moneyOf(told.maintenanceMargin);
    if (maintenance === null && table.market !== "spot") return unavailable("its maintenance margin is not told");
    return {
      result: "ok",
      quoteTotal,
      quoteAvailable,
      equity,
      maintenanceMargin: maintenance ?? ZERO_MONEY,
      baseTotal,
      positions: positions.value,
      // anything else was refused at the start (EXCH-38), and may have been switched since
      oneWayMode: !read.positions.value.some((each) => each["symbol"] === symbol && each["hedged"] === true),
    };
  }

  /** Told on derivatives; on spot the quote asset and the base asset at the last price. */
  private async equity(
    of: CcxtInstrument,
    sums: {
      readonly told: Money | null;
      readonly quoteTotal: Money;
      readonly baseTotal: Money;
      readonly priority: Priority;
    },
  ): Promise<Money | null> {
    if (sums.told !== null || of.instrument.kind !== "spot") return sums.told;
    if (sums.baseTotal === 0n) return sums.quoteTotal;
    const call = { method: "fetchTicker", args: [of.instrument.symbol] };
    const ticker = await this.options.calls.read(call, sums.priority);
    const last = ticker.ok ? of.steps.ticks(decimalOf(recordOf(ticker.value)["last"]) ?? "", "nearest") : null;
    const lot = moneyOf(of.instrument.lotSize);
    if (last === null || !last.ok || lot === null) return null;
    return money(sums.quoteTotal + (notionalMoney(of.instrument, last.value, lots(1)) * sums.baseTotal) / lot);
  }

  private views(of: CcxtInstrument, records: readonly Raw[]): Result<readonly PositionView[], string> {
    const { symbol } = of.instrument;
    if (of.instrument.kind === "spot") return ok([]);
    const views: PositionView[] = [];
    for (const record of records) {
      if (record["symbol"] !== symbol) continue;
      const held = positionLots(record, of);
      if (!held.ok) return held;
      if (held.value === 0) continue;
      const entry = priceOf(record["entryPrice"], of);
      const liquidation = priceOf(record["liquidationPrice"], of);
      views.push({ symbol, lots: held.value, entry, liquidation, leverage: of.instrument.leverage });
    }
    // in one-way mode there is one; a flat account has none, and that is a position of 0
    const flat = { symbol, lots: lots(0), entry: null, liquidation: null, leverage: of.instrument.leverage };
    return ok(views.length === 0 ? [flat] : views);
  }
}

/** Signed lots of one position as ccxt parsed it. */
export function positionLots(record: Raw, of: CcxtInstrument): Result<Lots, string> {
  const contracts = decimalOf(record["contracts"]);
  // what is not told is not flat
  if (contracts === null) return fail("a position without a size");
  const size = of.steps.lots(contracts);
  if (!size.ok) return fail(`a position that cannot be read: ${size.error}`);
  if (size.value === 0) return ok(lots(0));
  const sign = record["side"] === "long" ? 1 : record["side"] === "short" ? -1 : 0;
  return sign === 0 ? fail("a position without a side") : ok(lots(sign * Math.abs(size.value)));
}

/** A price that exchanges write as 0 when there is none. */
function priceOf(value: unknown, of: CcxtInstrument): PositionView["entry"] {
  const text = decimalOf(value);
  const read = text === null ? null : of.steps.milliTicks(text);
  return read?.ok === true && read.value > 0 ? read.value : null;
}
