// Cancels (EXCH-14…16): one, several, all of a tag, everything. A cancel never concludes that nothing was filled: what
// is not open any more is looked up. A sweep reads open orders again until two complete reads show none.

import { optionalText, requiredClientOrderId } from "../../rpc/fields.ts";
import type { CancelResult } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { invalidField, type RpcRefusal, refusalOf } from "../../rpc/refusal.ts";
import { errorInfoOf } from "../../rpc/refusal-wire.ts";
import { type ClientOrderId, foreignOrderId } from "../../trading/client-order-id.ts";
import type { OrderEvent } from "../../trading/event.ts";
import type { CancelOutcome, Unstamped } from "../port.ts";
import type { ConnectorCore } from "./core.ts";
import { neverSent, noAnswer, rejection, unknownOutcome } from "./refusals.ts";

/** How a cancel ended. `notOpen` carries the order as a look-up showed it; null: the exchange knows none. */
export type Cancelled = { readonly result: "accepted" } | { readonly result: "not_open"; readonly order: Order | null };

export interface Sweep {
  readonly cancelled: number;
  readonly left: readonly Order[];
  readonly proven: boolean;
}

/** Which open orders a sweep means. */
export type Meant = (order: Unstamped<OrderEvent>) => boolean;

/** EXCH-15: tries of one cancel, and the first wait between them. */
const TRIES = 3;
const FIRST_WAIT_MS = 100;
/** Complete reads that must show none, one after the other. */
const CLEAN_READS = 2;
const BETWEEN_READS_MS = 50;
/** Orders cancelled in bulk that are looked up, to say how many were cancelled and not filled. */
const COUNTED_MAX = 100;

export class CancelDesk {
  private readonly core: ConnectorCore;

  constructor(core: ConnectorCore) {
    this.core = core;
  }

  /** One cancel. Throws refusals that say what is known. */
  async cancel(symbol: string, id: ClientOrderId): Promise<Cancelled> {
    const { upstream, exchange } = this.core;
    const outcome = await this.tried(symbol, id);
    if (outcome.result === "accepted") return { result: "accepted" };
    if (outcome.result !== "not-open") throw refusalOfCancel(exchange, outcome);
    const found = await upstream.lookup(symbol, id);
    if (found.result === "unavailable") throw unknownOutcome(exchange, `it is not open, and ${found.text}`);
    return { result: "not_open", order: found.result === "found" ? this.told(found.order) : null };
  }

  /** One result an id, in the order asked. Never throws. */
  cancelMany(symbol: string, ids: readonly ClientOrderId[]): Promise<CancelResult[]> {
    return Promise.all(
      ids.map(async (id): Promise<CancelResult> => {
        try {
          const done = await this.cancel(symbol, id);
          const order = done.result === "not_open" ? (done.order ?? undefined) : undefined;
          return { clientOrderId: id, result: done.result, order, error: undefined };
        } catch (error) {
          return { clientOrderId: id, result: "", order: undefined, error: errorInfoOf(refusalOf(error)) };
        }
      }),
    );
  }

  /** Every order of these instruments, foreign ones too, by the exchange's own call where it has one, with proof. */
  async everything(symbols: readonly string[], deadlineMs: number): Promise<Sweep> {
    const { upstream } = this.core;
    const before = await this.openMeant(symbols, () => true).catch((): Unstamped<OrderEvent>[] => []);
    const asked = await Promise.all(symbols.map(async (symbol) => upstream.cancelEverything(symbol)));
    const swept = await this.sweep(symbols, () => true, deadlineMs);
    const bulk = new Set(symbols.filter((_, i) => asked[i]?.result === "accepted"));
    const taken = before.filter(({ symbol }) => bulk.has(symbol)).slice(0, COUNTED_MAX);
    const ends = await Promise.all(taken.map(({ symbol, clientOrderId }) => upstream.lookup(symbol, clientOrderId)));
    const gone = ends.filter((end) => end.result === "found" && end.order.status === "canceled").length;
    return { ...swept, cancelled: Math.max(swept.cancelled, gone) };
  }

  /** Cancels what is `meant` on these instruments, and proves it, or says by the deadline what is left. */
  async sweep(symbols: readonly string[], meant: Meant, deadlineMs: number): Promise<Sweep> {
    const { machine } = this.core;
    const cancelled = new Set<string>();
    let clean = 0;
    let left: readonly Unstamped<OrderEvent>[] = [];
    let failed: RpcRefusal | null = null;
    // each pass reads everything; it ends by the proof or by the deadline
    while (machine.monotonicMs() < deadlineMs) {
      const read = await this.openMeant(symbols, meant).catch((error: unknown) => refusalOf(error));
      if (!Array.isArray(read)) {
        failed = read;
        clean = 0;
        await this.pause(FIRST_WAIT_MS);
        continue;
      }
      failed = null;
      left = read;
      clean = left.length === 0 ? clean + 1 : 0;
      if (clean === CLEAN_READS) return { cancelled: cancelled.size, left: [], proven: true };
      await Promise.all(left.map((order) => this.sweepOne(order, cancelled)));
      await this.pause(BETWEEN_READS_MS);
    }
    if (failed !== null && left.length === 0 && cancelled.size === 0) throw failed;
    return { cancelled: cancelled.size, left: left.flatMap((order) => this.told(order) ?? []), proven: false };
  }

  private async sweepOne(order: Unstamped<OrderEvent>, cancelled: Set<string>): Promise<void> {
    const outcome = await this.tried(order.symbol, order.clientOrderId);
    // what is not open was cancelled before or filled: the next read tells
    if (outcome.result === "accepted") cancelled.add(order.clientOrderId);
  }

  private async openMeant(symbols: readonly string[], meant: Meant): Promise<Unstamped<OrderEvent>[]> {
    const reads = await Promise.all(symbols.map((symbol) => this.core.upstream.openOrders(symbol)));
    return reads.flatMap((read) => {
      if (read.result === "unavailable") throw noAnswer(this.core.exchange, read.text);
      return read.orders.filter(meant);
    });
  }

  /** A cancel may be repeated at once (EXCH-15). What the exchange said ends it. */
  private async tried(symbol: string, id: ClientOrderId): Promise<CancelOutcome> {
    let waitMs = FIRST_WAIT_MS;
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.core.upstream.cancel(symbol, id);
      const again = outcome.result === "not-sent" || outcome.result === "unknown";
      if (!again || tries === TRIES) return outcome;
      await this.pause(waitMs);
      waitMs *= 2;
    }
  }

  private told(order: Unstamped<OrderEvent>): Order | null {
    const { orders, clock } = this.core;
    orders.told(order, clock.nowMs());
    return orders.view(order);
  }

  private pause(ms: number): Promise<void> {
    const { machine } = this.core;
    return new Promise((resolve) => void machine.at(machine.nowMs() + ms, resolve));
  }
}

function refusalOfCancel(exchange: string, outcome: CancelOutcome): RpcRefusal {
  switch (outcome.result) {
    case "rejected":
      return rejection(exchange, { reason: "OTHER", text: outcome.text });
    case "not-sent":
      return neverSent(exchange, outcome.text);
    case "unknown":
      return unknownOutcome(exchange, outcome.text);
    case "accepted":
    case "not-open":
      return unknownOutcome(exchange, "the cancel ended and was asked about again");
  }
}

/** API-13: a tag is what client order ids begin with after their first letter, or with it. */
export function readTag(tag: string): string {
  optionalText("tag", tag, 28);
  if (!/^[0-9A-Za-z]{1,27}$/.test(tag)) {
    throw invalidField("tag", "must be 1 to 27 letters and digits: what the bot's client order ids begin with");
  }
  return tag;
}

/** Whether an id belongs to a tag: `o` + tag, as the engine makes them (DUR-39), or plainly beginning with it. */
export const ofTag = (id: string, tag: string): boolean => id.startsWith(`o${tag}`) || id.startsWith(tag);

export function readIds(ids: readonly string[], most: number): ClientOrderId[] {
  if (ids.length > most) throw invalidField("client_order_ids", `has ${ids.length} ids, at most ${most}`);
  return ids.map((id, i) => foreignOrderId(requiredClientOrderId(`client_order_ids[${i}]`, id)));
}
