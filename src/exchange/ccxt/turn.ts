// What is asked in one turn of the event loop is gathered, so that it can leave together (decision 0027).

/** Gathers what is asked until the turn is over, then hands all of it over at once. */
export class Turn<T> {
  private readonly flush: (gathered: readonly T[]) => void;
  private gathered: T[] = [];

  constructor(flush: (gathered: readonly T[]) => void) {
    this.flush = flush;
  }

  add(item: T): void {
    this.gathered.push(item);
    if (this.gathered.length === 1) setImmediate(() => this.flush(this.gathered.splice(0)));
  }
}

/** Lists of at most `max`, in order. */
export function chunksOf<T>(list: readonly T[], max: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let from = 0; from < list.length; from += max) chunks.push(list.slice(from, from + max));
  return chunks;
}

/** By symbol, in the order of their first. */
export function bySymbol<T extends { readonly symbol: string }>(list: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(list, ({ symbol }) => symbol);
}
