// The orders the emulated exchanges accepted, by the client ids they went by: what the check against duplicates asks
// (`GET /control/orders`). Fed by the simulated exchange's own record. Open orders are never forgotten, ended ones only
// beyond a number that is told, and it says how many: an answer is never short in silence.

import type { RecordEntry } from "../../sim/record.ts";

/** One order's life. Prices in ticks, quantities in lots. */
export interface OrderLife {
  readonly account: string;
  readonly symbol: string;
  readonly exchangeOrderId: string;
  /** The one it came with first, then those it was given. */
  readonly clientOrderIds: readonly string[];
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly quantity: number;
  readonly filled: number;
  readonly fills: number;
  readonly status: "open" | "filled" | "canceled" | "expired";
  readonly why: string | null;
  readonly acceptedAtMs: number;
  readonly endedAtMs: number | null;
}

type Life = { -readonly [key in keyof OrderLife]: OrderLife[key] } & { clientOrderIds: string[] };

/** Ended orders kept; beyond them those that ended first are forgotten. */
export const ENDED_KEPT = 100_000;

/** Forgotten orders that are let go of at once. */
const LET_GO = 4_096;

export class OrderHistory {
  private readonly endedKept: number;
  private readonly byOrder = new Map<string, Life>();
  /** Nearly always one: an array only where an id came back. */
  private readonly byClientId = new Map<string, Life | Life[]>();
  /** In the order in which they ended; the first {@link gone} of them are forgotten already. */
  private readonly ended: Life[] = [];
  private gone = 0;
  private lost = 0;

  constructor(endedKept = ENDED_KEPT) {
    this.endedKept = endedKept;
  }

  readonly record = (entry: RecordEntry): void => {
    if (entry.kind === "accepted") this.accepted(entry);
    else if (entry.kind === "amended" || entry.kind === "fill" || entry.kind === "ended") this.changed(entry);
  };

  /** Oldest first; an order stands under each id it ever had. */
  withClientId(clientOrderId: string): readonly OrderLife[] {
    const found = this.byClientId.get(clientOrderId);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  /** Orders that were ever accepted. */
  get size(): number {
    return this.byOrder.size + this.lost;
  }

  /** Ended orders that are no longer known. */
  get forgotten(): number {
    return this.lost;
  }

  save(): readonly OrderLife[] {
    return [...this.byOrder.values()].map((life) => ({ ...life, clientOrderIds: [...life.clientOrderIds] }));
  }

  restore(lives: readonly OrderLife[], forgotten = 0): void {
    this.byOrder.clear();
    this.byClientId.clear();
    this.ended.length = 0;
    this.gone = 0;
    this.lost = forgotten;
    for (const life of lives) this.add({ ...life, clientOrderIds: [...life.clientOrderIds] });
    for (const life of [...this.byOrder.values()].sort((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0))) {
      if (life.endedAtMs !== null) this.end(life);
    }
  }

  private accepted(entry: Extract<RecordEntry, { kind: "accepted" }>): void {
    const { account, symbol, exchangeOrderId, clientOrderId, side, price, quantity } = entry;
    this.add({
      account,
      symbol,
      exchangeOrderId,
      clientOrderIds: [clientOrderId],
      side,
      price,
      quantity,
      filled: 0,
      fills: 0,
      status: "open",
      why: null,
      acceptedAtMs: Math.floor(entry.atUs / 1000),
      endedAtMs: null,
    });
  }

  private add(life: Life): void {
    this.byOrder.set(life.exchangeOrderId, life);
    for (const id of life.clientOrderIds) this.named(id, life);
  }

  private named(id: string, life: Life): void {
    const lives = this.byClientId.get(id);
    if (lives === undefined) this.byClientId.set(id, life);
    else if (Array.isArray(lives)) lives.push(life);
    else this.byClientId.set(id, [lives, life]);
  }

  private changed(entry: Extract<RecordEntry, { kind: "amended" | "fill" | "ended" }>): void {
    const life = this.byOrder.get(entry.exchangeOrderId);
    if (life === undefined) return;
    const id = entry.clientOrderId;
    if (id !== null && !life.clientOrderIds.includes(id)) {
      life.clientOrderIds.push(id);
      this.named(id, life);
    }
    if (entry.kind === "amended") {
      life.price = entry.price;
      life.quantity = entry.quantity;
    } else if (entry.kind === "fill") {
      life.filled += entry.quantity;
      life.fills += 1;
    } else {
      life.status = entry.status;
      life.why = entry.why;
      life.endedAtMs = Math.floor(entry.atUs / 1000);
      this.end(life);
    }
  }

  private end(life: Life): void {
    this.ended.push(life);
    const oldest = this.ended.length - this.gone > this.endedKept ? this.ended[this.gone] : undefined;
    if (oldest === undefined) return;
    this.byOrder.delete(oldest.exchangeOrderId);
    for (const id of oldest.clientOrderIds) this.unnamed(id, oldest);
    this.lost += 1;
    this.gone += 1;
    if (this.gone < LET_GO) return;
    this.ended.splice(0, this.gone);
    this.gone = 0;
  }

  private unnamed(id: string, life: Life): void {
    const lives = this.byClientId.get(id);
    const [left, ...more] = Array.isArray(lives) ? lives.filter((each) => each !== life) : [];
    if (left === undefined) this.byClientId.delete(id);
    else this.byClientId.set(id, more.length === 0 ? left : [left, ...more]);
  }
}
