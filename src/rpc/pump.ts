// Writes what an async iterable yields into a gRPC stream, honouring its flow control: there is one writer a stream,
// and it waits for `drain`. Ends at once when the signal aborts, even if the iterable never yields again.

interface Sink {
  write(message: unknown): boolean;
  once(event: "drain", listener: () => void): unknown;
}

/** Resolves when the iterable ends; rejects with its error, or with the signal's reason. */
export function pump(sink: Sink, source: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const iterator = source[Symbol.asyncIterator]();
  let over = false;
  const end = (settle: () => void): void => {
    if (over) return;
    over = true;
    signal.removeEventListener("abort", onAbort);
    settle();
  };
  const fail = (error: unknown): void => end(() => reject(error));
  const onAbort = (): void => {
    fail(signal.reason);
    // lets the source free what it holds; what it says then concerns nobody any more
    iterator.return?.().then(ignore, ignore);
  };
  const onStep = (step: IteratorResult<unknown>): void => {
    if (over) return;
    if (step.done === true) end(resolve);
    else if (sink.write(step.value)) next();
    else sink.once("drain", next);
  };
  const next = (): void => {
    if (!over) iterator.next().then(onStep, fail);
  };
  if (signal.aborted) onAbort();
  else {
    signal.addEventListener("abort", onAbort, { once: true });
    next();
  }
  return promise;
}

const ignore = (): void => undefined;
