// Instruments whose own streams are lost, by the kind of stream: a kind is alive when none of them is lost.

import type { FeedKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";

export class LostStreams {
  private readonly lost = new Map<FeedKind, Set<string>>();

  /** One instrument's stream of the kind is lost, or back. */
  judge(kind: FeedKind, symbol: string, isLost: boolean): void {
    const symbols = this.lost.get(kind) ?? new Set();
    this.lost.set(kind, symbols);
    if (isLost) symbols.add(symbol);
    else symbols.delete(symbol);
  }

  /** The instrument's subscription ended: what it said of its streams is said anew by the next one. */
  forget(symbol: string): void {
    for (const symbols of this.lost.values()) symbols.delete(symbol);
  }

  /** Kinds of which a stream is lost. */
  kinds(): FeedKind[] {
    return [...this.lost].flatMap(([kind, symbols]) => (symbols.size > 0 ? [kind] : []));
  }
}
