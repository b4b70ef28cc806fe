// Own fills, oldest first, at most 2,000, each once however many sources tell it (LIVE-04).

import type { Fill } from "./messages.ts";

export const FILLS_MAX = 2000;

export const fillKey = (fill: Fill): string => `${fill.exchange}|${fill.symbol}|${fill.id}`;

/** What two sources know of one fill: an engine knows bot and result (`realized` is empty where it is not known). */
function merged(known: Fill, told: Fill): Fill {
  const [rich, poor] = told.bot !== "" ? [told, known] : [known, told];
  return {
    ...rich,
    realized: rich.realized === "" ? poor.realized : rich.realized,
    cycle: rich.cycle || poor.cycle,
    fee: rich.feeAsset === "" ? poor.fee : rich.fee,
    feeAsset: rich.feeAsset === "" ? poor.feeAsset : rich.feeAsset,
    order: rich.order === "" ? poor.order : rich.order,
    clientOrder: rich.clientOrder === "" ? poor.clientOrder : rich.clientOrder,
  };
}

export class FillBook {
  private readonly list: Fill[] = [];
  private readonly byKey = new Map<string, Fill>();
  private droppedUntilMs = -1;

  /** `new` fills are news, `richer` ones say more about a known fill, `known` ones nothing. */
  put(told: Fill): { readonly result: "new" | "richer" | "known"; readonly fill: Fill } {
    const key = fillKey(told);
    const known = this.byKey.get(key);
    if (known !== undefined) {
      const fill = merged(known, told);
      if (JSON.stringify(fill) === JSON.stringify(known)) return { result: "known", fill: known };
      this.list[this.list.indexOf(known)] = fill;
      this.byKey.set(key, fill);
      return { result: "richer", fill };
    }
    // what fell out of the book before must not come back as news
    if (told.at <= this.droppedUntilMs) return { result: "known", fill: told };
    let index = this.list.length;
    while (index > 0 && (this.list[index - 1]?.at ?? 0) > told.at) index -= 1;
    this.list.splice(index, 0, told);
    this.byKey.set(key, told);
    if (this.list.length > FILLS_MAX) this.drop();
    return { result: "new", fill: told };
  }

  private drop(): void {
    const oldest = this.list.shift();
    if (oldest === undefined) return;
    this.byKey.delete(fillKey(oldest));
    this.droppedUntilMs = Math.max(this.droppedUntilMs, oldest.at);
  }

  /** The newest `count`, oldest first. */
  last(count: number): readonly Fill[] {
    return this.list.slice(Math.max(0, this.list.length - count));
  }
}
