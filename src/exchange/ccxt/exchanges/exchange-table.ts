// What one exchange does differently from the others, as data and small pure functions (exchanges.md sections 2 to 4).
// One table serves one market of one exchange; nothing in here sends, waits or keeps state.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { OrderStatus, RejectReason, TimeInForce } from "../../../trading/order.ts";
import type { KeyRights, PortCapabilities } from "../../port.ts";
import type { Raw } from "../raw.ts";
import type { LimitTable } from "./limit-table.ts";

export type { BucketCost, BucketRule, BucketUse, LimitTable, RequestAbout } from "./limit-table.ts";

/** A call of one ccxt method. */
export interface CcxtCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An order as the exchange is asked for it: decimal text in the exchange's own quantity unit. */
export interface WireOrder {
  readonly symbol: string;
  /** The exchange's own name of the instrument. */
  readonly wireName: string;
  readonly clientOrderId: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly amount: string;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

/** What a reply means (EXCH-39, EXCH-41). What no row names means nothing: the outcome is unknown (EXCH-07). */
export type Meaning =
  /** The order certainly does not exist because of this reply. */
  | { readonly means: "refused"; readonly reason: RejectReason }
  /** The id is taken: look it up and return that order (EXCH-11). */
  | { readonly means: "duplicate" }
  /** Of a cancel or a look-up: there is no such open order, or none at all. */
  | { readonly means: "not-open" }
  /** Of a setting: it was so before. */
  | { readonly means: "unchanged" }
  /** Our clock is wrong: definite, and the offset is measured again. */
  | { readonly means: "clock" }
  /** The key is wrong or may not: definite, and trading stops. */
  | { readonly means: "credentials" }
  /** Too fast: definite, and everything waits. */
  | { readonly means: "rate" }
  | { readonly means: "maintenance" }
  /** Listed so that nobody takes it for a refusal. */
  | { readonly means: "unknown" };

export interface CodeRow {
  /** The exchange's code, as text. */
  readonly code: string;
  /** HTTP statuses with which the code has this meaning; the table's own where not given. */
  readonly statuses?: readonly number[];
  /** Words the exchange's text must hold, in lower case; the first matching row decides. */
  readonly says?: string;
  readonly meaning: Meaning;
}

/** The exchange's own word in a reply. */
export interface ExchangeWord {
  readonly code: string;
  readonly text: string;
}

/** One element of a batch's reply: an order that was taken, or the word that refused it. */
export interface BatchElement {
  readonly clientOrderId: string | null;
  readonly exchangeOrderId: string | null;
  readonly word: ExchangeWord | null;
}

/** How a request is given an end by the exchange (EXCH-08). */
export type ExpiryForm =
  /** A parameter of the request: milliseconds it may take. */
  | { readonly form: "window-param"; readonly name: string }
  /** An option of ccxt which signs it into a header: milliseconds it may take. */
  | { readonly form: "window-option"; readonly name: string }
  /** A header with the moment, Unix ms. */
  | { readonly form: "moment-header"; readonly name: string }
  | { readonly form: "none" };

/** What was read of a list so far, for what continues it. */
export interface PageRead {
  /** Records of the last page as ccxt parsed them, oldest first. */
  readonly records: readonly Raw[];
  /** The last reply as parsed JSON. */
  readonly body: unknown;
  readonly pages: number;
  /** Records of all pages, those that came twice included. */
  readonly read: number;
}

/** How fills are read in pages, oldest first. */
export interface FillPaging {
  readonly pageMax: number;
  /** Parameters that continue after the trade of this id; null: only times continue. */
  afterId(tradeId: string): Raw | null;
  /** Longest span one request covers; null: any. */
  readonly spanMsMax: number | null;
  /** Parameters that begin with the very first trade; null: a history is only read by times. */
  readonly first: Raw | null;
  /** Pages come newest first: parameters that continue with what is older; absent: they come oldest first. */
  readonly older?: (page: PageRead) => Raw | null;
  /** Parameters of every page. */
  readonly always?: Raw;
  /** Whether a raw record is a fill; absent: every one is. */
  readonly isFill?: (info: Raw) => boolean;
}

export interface AccountKind {
  /** Word for people: `single-asset`, `unified`. */
  readonly kind: string;
  readonly supported: boolean;
  /** What to change where it is not supported. */
  readonly advice: string;
  /** Options the ccxt instance takes for it (EXCH-34). */
  readonly options: Raw;
}

/** A setting of the account that stands against one-way trading: what is wrong and what to change; null: all well. */
export type Objection = string | null;

export interface FeeRead {
  readonly asset: string;
  /** Decimal text, positive when paid, negative for a rebate (EXCH-36). */
  readonly amount: string;
}

/** One fill's origin beside our orders. */
export type FillOrigin = "order" | "liquidation" | "adl" | "manual";

export interface AccountRead {
  readonly equity: string | null;
  readonly maintenanceMargin: string | null;
  readonly available: string | null;
  readonly total: string | null;
}

export interface FundingPayment {
  readonly atMs: number;
  readonly asset: string;
  /** Positive: received. */
  readonly amount: string;
  readonly rate: string | null;
  readonly mark: string | null;
  readonly amountOfPosition: string | null;
}

export interface ExchangeTable {
  /** Word for people and files: `binance`. */
  readonly name: string;
  readonly ccxtId: string;
  readonly market: "spot" | "perpetual";
  /** Options of the ccxt instance beside those every exchange gets (EXCH-33). */
  readonly options: Raw;
  /** How the practice environment is switched on; null: there is none. */
  readonly demo: "demo-trading" | "sandbox" | null;
  /** One address of ccxt's list, moved onto the emulator (emulator.md section 1). */
  moved(url: string, to: { readonly rest: string; readonly websocket: string }): string;

  readonly streams: PortCapabilities["streams"];
  readonly amend: boolean;
  readonly reduceOnly: boolean;
  /** False: orders cannot be found by our id, so there is market data only (EXCH-61). */
  readonly lookupByClientId: boolean;
  /** Null: kept for ever. */
  readonly lookupReachMs: number | null;
  readonly lookupLagMs: number;
  readonly expiry: ExpiryForm;

  /** Orders in one request; 1: each alone. */
  readonly placeBatchMax: number;
  readonly cancelBatchMax: number;
  /** Whether a batch's reply stands in the order of the request where elements carry no id. */
  readonly batchInOrder: boolean;
  place(order: WireOrder): CcxtCall;
  placeBatch(orders: readonly WireOrder[]): CcxtCall;
  cancel(symbol: string, clientOrderId: string): CcxtCall;
  cancelBatch(symbol: string, clientOrderIds: readonly string[]): CcxtCall;
  /** Elements of a batch's reply as parsed JSON; null: it is no such reply, so all is unknown. */
  batchElements(body: unknown): readonly BatchElement[] | null;
  /** Every order of the instrument at once; null: there is no such call. */
  cancelEverything(symbol: string): CcxtCall | null;
  /** Null where an order cannot be changed under its own id. */
  amendCall(order: WireOrder): CcxtCall | null;
  /** Tried one after the other until one finds the order. */
  lookups(symbol: string, clientOrderId: string): readonly CcxtCall[];

  /** The exchange's word in a reply's JSON; null: it says none. */
  word(body: unknown): ExchangeWord | null;
  readonly codes: readonly CodeRow[];
  /** Statuses with which a code means what its row says, unless the row has its own. */
  readonly statuses: readonly number[];
  /** Meanings of ccxt's own classes, where no code decided; only what does no harm when ccxt is mistaken. */
  readonly classes: Readonly<Record<string, Meaning>>;
  /** Statuses that mean "too fast" and "banned" whatever the body says. */
  readonly rateStatuses: readonly number[];
  readonly banStatuses: readonly number[];

  readonly limits: LimitTable;

  /** Status of a market from its raw record. */
  status(info: Raw): InstrumentStatus;
  openOrdersMax(info: Raw): number | null;
  /** Whether the smallest notional binds reduce-only orders too. */
  readonly minNotionalOnReduceOnly: boolean;
  /** Why this market cannot be traded exactly through ccxt (EXCH-38); null: it can. */
  inexpressible(info: Raw): Objection;
  /** Hours between settlements where a market's record says so; null: see `fundingIntervals`. */
  fundingIntervalMs(info: Raw): number | null;
  /** The call that lists intervals, and what an absent one means; null: only the record says it. */
  readonly fundingIntervals: { readonly call: CcxtCall; readonly absentMs: number } | null;

  readonly fills: FillPaging;
  /** Open orders by pages, and the parameters that continue after a page. Null: all come at once. */
  readonly openOrdersPages: { readonly pageMax: number; after(page: PageRead): Raw | null } | null;
  /** Our id in a raw order or fill; "": it has none; null: it does not say. Absent: as ccxt reads it. */
  clientId?(info: Raw): string | null;
  /** How an order stands, from its raw record, where ccxt's words do not tell; null: by ccxt's word. */
  orderStatus?(info: Raw): OrderStatus | null;
  /** Filled quantity of an order so far, where ccxt reads that of the last fill; null: as ccxt reads it. */
  filled?(info: Raw): string | null;
  /** Where `account` reads: absent: what ccxt keeps of a balance's reply; `body`: the whole reply. */
  readonly accountFrom?: "body";
  /** The call for positions; absent: `fetchPositions` of these symbols. */
  positions?(symbols: readonly string[]): CcxtCall;
  /** Fees of the account, where ccxt reads another market's; absent: `fetchTradingFee`. */
  readonly feeTier?: {
    call(symbol: string, wireName: string): CcxtCall;
    read(reply: unknown): { readonly maker: string; readonly taker: string } | null;
  };
  /** Entries one page of a history of rates or payments may hold; absent: 1000. */
  readonly historyPageMax?: number;
  /** Fee of a raw fill, or of the record ccxt made of it; null: it does not say. */
  fee(info: Raw, record: Raw): FeeRead | null;
  origin(info: Raw, clientOrderId: string | null): FillOrigin;
  /** Why the exchange ended an order of its own will, from the order's raw record. */
  endReason(info: Raw): RejectReason | null;
  /** Account sums of a balance's raw reply in one asset, by account kind; null where they are not told. */
  account(reply: unknown, asset: string, kind: string | null): AccountRead;
  /** One entry of the funding history. */
  fundingPayment(entry: Raw): FundingPayment | null;

  /** What kind of account it is; null: there is only one kind. */
  readonly accountKind: {
    readonly call: CcxtCall;
    read(reply: unknown): AccountKind;
    /** The kind a refusal gives away; null: it could not be read. */
    refused?(word: ExchangeWord): AccountKind | null;
  } | null;
  /** Whether the account is in one-way mode; null: the exchange has no other. */
  readonly positionMode: { readonly call: CcxtCall; read(reply: unknown): boolean | null } | null;
  /** What the key may do; null: the exchange does not tell. */
  readonly rights: { readonly call: CcxtCall; read(reply: unknown): KeyRights } | null;
  /** Leverage and margin mode of one instrument; null: it has none (spot). */
  readonly marginSettings: {
    call(symbol: string, wireName: string): CcxtCall;
    read(
      reply: unknown,
      wireName: string,
    ): {
      readonly leverage: string | null;
      readonly marginMode: string | null;
      /** False: this instrument is in hedge mode, where the mode is each instrument's own. */
      readonly oneWay?: boolean;
    };
  } | null;
  /** The exchange's own dead-man timer (EXCH-32); null: there is none. */
  readonly deadMan: {
    readonly kind: "heartbeat" | "disconnect";
    readonly ttlMsMin: number;
    readonly ttlMsMax: number;
    call(wireName: string, ttlMs: number | null): CcxtCall;
  } | null;
}
