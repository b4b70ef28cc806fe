// What sources tell the picture. Everything that reaches a browser passes through these calls, so that a test or a
// script can stand in the place of connectors and engines. Decimals are plain text (`plain.ts`); a source checks before
// it calls.

import type {
  Alert,
  Bot,
  ClassicAccount,
  ClassicKline,
  ClassicPosition,
  ConsoleOrder,
  Feed,
  FeedState,
  Feeds,
  Fill,
  Instrument,
  JournalFigures,
  LogLine,
  Ms,
  Pnl,
  PnlPoint,
  Process,
  Risk,
  Slots,
} from "./messages.ts";

export interface InstrumentKey {
  readonly exchange: string;
  /** Ours, `BTC/USDT:USDT`. */
  readonly symbol: string;
}

export interface CandleKey extends InstrumentKey {
  readonly interval: string;
}

export interface OrderKey extends InstrumentKey {
  readonly bot: string;
}

/** An order with the instrument it belongs to in our words; the order itself bears the exchange's name. */
export interface PlacedOrder {
  readonly of: OrderKey;
  readonly order: ConsoleOrder;
}

/**
 * When something was last received, ms of the local monotonic clock; null = never. A function is asked for each
 * telling.
 */
export type Received = number | null | (() => number | null);

export type FeedReport = Omit<Feed, "ageMs"> & { readonly receivedMs: Received };

export interface SourceReport {
  readonly name: string;
  readonly state: FeedState;
  /** Last receipt of anything. */
  readonly receivedMs: Received;
  /** Cause and next try, in words. */
  readonly lastAction: string;
}

export interface Measures {
  readonly budget?: Feeds["budget"];
  readonly clock?: Feeds["clock"];
  readonly deadMan?: Feeds["deadMan"];
  readonly journal?: Feeds["journal"];
}

/** A process behind a source; `told` null where it did not speak of itself now. */
export type ProcessReport = Pick<Process, "id" | "kind" | "address" | "told">;

export interface PictureWriter {
  /** Instruments of one source, all of them. Prices of klines, orders and fills are padded to their ticks. */
  instruments(source: string, list: readonly Instrument[]): void;
  /** History, oldest first, after a snapshot of the upstream; what is newer than the newest known is told as news. */
  candles(of: CandleKey, list: readonly ClassicKline[]): void;
  candle(of: CandleKey, candle: ClassicKline): void;
  /** The newest candles known, oldest first. */
  lastCandles(of: CandleKey, count: number): readonly ClassicKline[];
  /** All open orders of one exchange. Returns what the picture had and the list has not: its end is not known here. */
  orders(exchange: string, list: readonly PlacedOrder[]): readonly PlacedOrder[];
  /** One order; `gone: true` when it ended. */
  order(placed: PlacedOrder): void;
  /** One an asset of quote; `symbol` of it is written by the encoder. */
  account(exchange: string, account: Omit<ClassicAccount, "symbol">): void;
  /** Size 0 when closed. `symbol` of it is the exchange's name. */
  position(of: InstrumentKey, position: ClassicPosition): void;
  /** All positions of one exchange: what is not among them is closed. */
  positions(
    exchange: string,
    list: readonly { readonly of: InstrumentKey; readonly position: ClassicPosition }[],
  ): void;
  /** All bots of one engine. */
  bots(source: string, list: readonly Bot[]): void;
  bot(source: string, bot: Bot): void;
  botGone(source: string, id: string): void;
  /** Simulated money: the console says so, always. */
  demo(source: string, simulated: boolean): void;
  /** Operator doors one engine names. */
  doors(source: string, list: readonly { readonly bot: string; readonly url: string }[]): void;
  slots(of: OrderKey, slots: Slots): void;
  /** Fills found by looking (at start, after a gap), any order. What is new is told; `silent`: as a list only. */
  fills(list: readonly Fill[], options: { readonly silent: boolean }): void;
  /** A fill as it happened. Twice the same id (two sources, say) is one fill; the later one may say more. */
  fill(fill: Fill): void;
  pnl(bot: string, pnl: Omit<Pnl, "curve">): void;
  /** Points oldest first; those not newer than the newest known are left out. */
  curve(bot: string, points: readonly PnlPoint[]): void;
  /** Unix ms of the newest point known; 0 = none. */
  newestPoint(bot: string): Ms;
  risk(bot: string, risk: Risk): void;
  feeds(source: string, list: readonly FeedReport[]): void;
  feed(source: string, feed: FeedReport): void;
  source(report: SourceReport): void;
  measures(source: string, measures: Measures): void;
  process(report: ProcessReport): void;
  /** Journals of the bots of one engine, all of them. */
  journals(source: string, list: readonly JournalFigures[]): void;
  /** The last alerts of one source, all of them. */
  alerts(source: string, list: readonly Alert[]): void;
  alert(source: string, alert: Alert): void;
  log(lines: readonly LogLine[], dropped?: number): void;
}
