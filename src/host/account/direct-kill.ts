// The kill switch without an engine (RISK-23): cancel, prove, flatten and report through a connector alone. It knows a
// bot's tag and instrument and nothing of its journal; what others placed is left alone.

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { Asking } from "../../exchange/verify/asking.ts";
import { lots, type MilliTicks } from "../../market/amounts.ts";
import { formatQuantity, type Instrument } from "../../market/instrument.ts";
import { closeStep } from "../../risk/closer.ts";
import { KILL_LIMITS_MS } from "../../risk/kill.ts";
import { defaultRiskLimits } from "../../risk/limits.ts";
import { DIRECT_LINEAGE, makeClientOrderId, parseClientOrderId } from "../../trading/client-order-id.ts";
import type { Level } from "../../trading/event.ts";

/** Reads that may fail, or show an order, before the proof is given up. */
const READS_MAX = 10;

export interface DirectBot {
  readonly id: string;
  readonly tag: string;
  readonly symbol: string;
}

export interface DirectKill {
  readonly bot: DirectBot;
  /** The port as this bot uses it, with the number of its last run. */
  readonly port: ExchangePort;
  /** Cancels everything with the tag at once (API: EmergencyCancel). */
  readonly cancelTag: (tag: string) => Promise<{ readonly cancelled: number; readonly left: number }>;
  /** An error of it after which nothing else can work either; all others are tried through. */
  readonly isFinal?: (error: unknown) => boolean;
  readonly flatten: boolean;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** Each step as it is reached, for people. */
  readonly say: (text: string) => void;
}

/** What was found, with the times and sources it rests on. */
export interface DirectReport {
  readonly bot: string;
  readonly symbol: string;
  readonly cancelled: number;
  readonly ordersLeft: readonly string[];
  /** Own orders the stream showed open last; null where it said nothing. */
  readonly streamOpen: number | null;
  /** Unix ms of the complete reads that showed no own order; two are proof. */
  readonly cleanReadsAtMs: readonly number[];
  readonly proven: boolean;
  /** Signed, in the base asset, as the exchange has it; null where it could not be read. */
  readonly position: string | null;
  readonly flat: boolean;
  /** Why it was not closed; empty when it was, or nobody wanted it to be. */
  readonly note: string;
  readonly tookMs: number;
}

export async function killDirectly(given: DirectKill): Promise<DirectReport> {
  const { bot, port, clock, say } = given;
  const beganMs = clock.monotonicMs();
  const asking = new Asking(port, bot.symbol, bot.tag);
  const view = new StreamView(port, bot, clock);
  try {
    const first = await cancelAll(given);
    if (first !== null)
      say(`${bot.id}: ${first.cancelled} orders cancelled, ${first.left} left by the connector's word`);
    const { cancelledLater, ...proof } = await prove(given, asking, view);
    const cancelled = (first?.cancelled ?? 0) + cancelledLater;
    const reads = proof.cleanReadsAtMs.map((atMs) => new Date(atMs).toISOString()).join(" and ");
    say(`${bot.id}: ${proof.proven ? `no own order in two complete reads, at ${reads}` : "not proven"}`);
    const closed = await position(given, asking, view);
    return {
      bot: bot.id,
      symbol: bot.symbol,
      cancelled,
      ...proof,
      streamOpen: view.open,
      ...closed,
      tookMs: Math.round(clock.monotonicMs() - beganMs),
    };
  } finally {
    view.close();
  }
}

/** Null: it failed this time. An exchange that does not answer once is no reason to leave the rest as it is. */
async function cancelAll(given: DirectKill): Promise<Awaited<ReturnType<DirectKill["cancelTag"]>> | null> {
  const { bot, cancelTag, isFinal, say } = given;
  try {
    return await cancelTag(bot.tag);
  } catch (error) {
    if (isFinal?.(error) === true) throw error;
    say(`${bot.id}: the cancel of everything failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Two complete reads without own orders, a second apart; what shows up late is cancelled again. */
async function prove(
  given: DirectKill,
  asking: Asking,
  view: StreamView,
): Promise<Pick<DirectReport, "ordersLeft" | "cleanReadsAtMs" | "proven"> & { readonly cancelledLater: number }> {
  const { bot, clock, pause } = given;
  let cancelledLater = 0;
  let clean: number[] = [];
  let ordersLeft: readonly string[] = [];
  for (let read = 0; read < READS_MAX && clean.length < 2; read += 1) {
    if (read > 0) await pause(KILL_LIMITS_MS.betweenReads);
    const answer = await asking.openOrders();
    if (answer.result !== "ok") continue;
    ordersLeft = answer.orders.flatMap(({ clientOrderId: id }) => (isOf(bot, id) ? [id] : []));
    if (ordersLeft.length === 0 && (view.open ?? 0) === 0) clean.push(clock.nowMs());
    else {
      clean = [];
      cancelledLater += (await cancelAll(given))?.cancelled ?? 0;
    }
  }
  return { ordersLeft, cleanReadsAtMs: clean, proven: clean.length >= 2, cancelledLater };
}

const isOf = ({ tag }: DirectBot, clientOrderId: string): boolean => parseClientOrderId(clientOrderId)?.tag === tag;

type Closed = Pick<DirectReport, "position" | "flat" | "note">;

async function position(given: DirectKill, asking: Asking, view: StreamView): Promise<Closed> {
  const told = await asking.instrument();
  if (told.result !== "ok") return { position: null, flat: false, note: `the instrument is not told: ${told.text}` };
  const { instrument } = told;
  if (instrument.kind === "spot") {
    const note = "coins are not sold without the journal's word on whose they are: start the bot and flatten it";
    return { position: null, flat: false, note: given.flatten ? note : "" };
  }
  const held = async (): Promise<number | null> => {
    const account = await asking.account();
    if (account.result !== "ok") return null;
    return account.positions.find(({ symbol }) => symbol === given.bot.symbol)?.lots ?? 0;
  };
  return given.flatten ? flatten(given, { asking, view, instrument, held }) : shown(instrument, await held(), "");
}

function shown(instrument: Instrument, held: number | null, note: string): Closed {
  if (held === null) return { position: null, flat: false, note: "the position could not be read" };
  return { position: formatQuantity(instrument, lots(held)), flat: held === 0, note };
}

interface Closing {
  readonly asking: Asking;
  readonly view: StreamView;
  readonly instrument: Instrument;
  readonly held: () => Promise<number | null>;
}

/** Reduce-only slices, each after the position was read again: it can only get smaller (RISK-36). */
async function flatten(given: DirectKill, { asking, view, instrument, held }: Closing): Promise<Closed> {
  const { bot, clock, pause, say } = given;
  const limits = defaultRiskLimits(instrument);
  const startedAtMs = clock.nowMs();
  const untilMs = clock.monotonicMs() + KILL_LIMITS_MS.flatten;
  let seq = startedAtMs;
  while (clock.monotonicMs() < untilMs) {
    const now = await held();
    if (now === 0) return shown(instrument, 0, "");
    const live = { buys: 0, sells: 0, reduceBuys: 0, reduceSells: 0 };
    const seen = view.market(limits.bookAgeMsMax);
    const facts = { nowMs: clock.nowMs(), startedAtMs, instrument, live, ...seen, urgent: true };
    const decided = now === null ? null : closeStep(limits, { ...facts, position: now, slotKey: "closer" });
    if (decided?.kind === "done")
      return shown(instrument, now, `${decided.dust} lots are less than the exchange takes`);
    if (decided?.kind === "order") {
      const id = makeClientOrderId({ tag: bot.tag, lineage: DIRECT_LINEAGE, seq, index: 0 });
      seq += 1;
      const outcome = await asking.place(decided.order, id);
      const { side, quantity } = decided.order;
      say(`${bot.id}: reduce-only ${side} ${formatQuantity(instrument, quantity)}: ${outcome.result}`);
    }
    await pause(limits.sliceMs);
  }
  return shown(instrument, await held(), "60 s were not enough: close the rest on the exchange");
}

/** A book as the closer wants it. */
type Sides = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

/** Age beyond which a mark is none (risk.md section 2). */
const MARK_AGE_MS_MAX = 10_000;

/** What the connector's streams say meanwhile: own orders, the newest book, the newest mark. */
class StreamView {
  private readonly clock: Clock;
  private newestBook: (Sides & { readonly atMs: number }) | null = null;
  private newestMark: { readonly mark: MilliTicks; readonly atMs: number } | null = null;
  private readonly live = new Set<string>();
  private heard = false;
  private readonly end: () => void;

  constructor(port: ExchangePort, bot: DirectBot, clock: Clock) {
    this.clock = clock;
    this.end = port.subscribe({ symbol: bot.symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => {
      if (message.kind === "book") {
        const { bids, asks } = message;
        this.newestBook = { bids, asks, atMs: clock.nowMs() };
      } else if (message.kind === "mark") this.newestMark = { mark: message.mark, atMs: clock.nowMs() };
      else if (message.kind === "order" && isOf(bot, message.clientOrderId)) {
        this.heard = true;
        if (message.status === "open") this.live.add(message.clientOrderId);
        else this.live.delete(message.clientOrderId);
      }
    });
  }

  /**
   * The book; where it is stale, or none came, the mark alone (RISK-37). Without either the newest book is better than
   * waiting: a slice that takes what rests there cannot pay more than its limit.
   */
  market(bookAgeMsMax: number): Sides & { readonly mark: MilliTicks | null } {
    const { newestBook: book, newestMark } = this;
    const nowMs = this.clock.nowMs();
    const mark = newestMark === null || nowMs - newestMark.atMs >= MARK_AGE_MS_MAX ? null : newestMark.mark;
    const isFresh = book !== null && nowMs - book.atMs <= bookAgeMsMax;
    return book !== null && (isFresh || mark === null) ? { ...book, mark } : { bids: [], asks: [], mark };
  }

  /** Null where it has said nothing of our orders. */
  get open(): number | null {
    return this.heard ? this.live.size : null;
  }

  close(): void {
    this.end();
  }
}
