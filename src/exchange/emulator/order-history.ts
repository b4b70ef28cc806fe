// Every order the emulated exchanges ever accepted, by the client ids it went by: what the check against duplicates
// asks (`GET /control/orders`). Fed by the simulated exchange's own record, it forgets nothing that matching remembers
// less of.

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

export class OrderHistory {
  private readonly byOrder = new Map<string, Life>();
  private readonly byClientId = new Map<string, Life[]>();

  readonly record = (entry: RecordEntry): void => {
    if (entry.kind === "accepted") this.accepted(entry);
    else if (entry.kind === "amended" || entry.kind === "fill" || entry.kind === "ended") this.changed(entry);
  };

  /** Oldest first; an order stands under each id it ever had. */
  withClientId(clientOrderId: string): readonly OrderLife[] {
    return this.byClientId.get(clientOrderId) ?? [];
  }

  get size(): number {
    return this.byOrder.size;
  }

  save(): readonly OrderLife[] {
    return [...this.byOrder.values()].map((life) => ({ ...life, clientOrderIds: [...life.clientOrderIds] }));
  }

  restore(lives: readonly OrderLife[]): void {
    this.byOrder.clear();
    this.byClientId.clear();
    for (const life of lives) this.add({ ...life, clientOrderIds: [...life.clientOrderIds] });
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
    if (lives === undefined) this.byClientId.set(id, [life]);
    else lives.push(life);
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
    }
  }
}
