// Several streams as one, in the order their messages come. Ends with the first error, or when all have ended; leaving
// it leaves them all.

export async function* merge<T>(sources: readonly AsyncIterableIterator<T>[]): AsyncGenerator<T, void, undefined> {
  const pending = new Map<AsyncIterableIterator<T>, Promise<readonly [AsyncIterableIterator<T>, IteratorResult<T>]>>();
  const ask = (source: AsyncIterableIterator<T>): void =>
    void pending.set(
      source,
      source.next().then((step) => [source, step] as const),
    );
  for (const source of sources) ask(source);
  try {
    while (pending.size > 0) {
      const [source, step] = await Promise.race(pending.values());
      pending.delete(source);
      if (step.done === true) continue;
      ask(source);
      yield step.value;
    }
  } finally {
    await Promise.all(sources.map((source) => source.return?.()));
    // what was asked and not heard ends with its source
    await Promise.allSettled(pending.values());
  }
}
