// A stream of a connector as a test reads it: message by message, everything kept.

import assert from "node:assert/strict";
import type { StreamMeta } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import { StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";

/** A stream read message by message; left when the test ends. */
export class Heard<M extends { readonly meta?: StreamMeta | undefined }> {
  readonly all: M[] = [];
  private readonly abort = new AbortController();
  private readonly iterator: AsyncIterator<M>;

  constructor(open: (signal: AbortSignal) => AsyncIterable<M>) {
    this.iterator = open(this.abort.signal)[Symbol.asyncIterator]();
  }

  async until(matches: (message: M) => boolean): Promise<M> {
    for (;;) {
      const step = await this.iterator.next();
      assert.ok(step.done !== true, "the stream ended early");
      this.all.push(step.value);
      if (matches(step.value)) return step.value;
    }
  }

  kinds(): (StreamKind | undefined)[] {
    return this.all.map(({ meta }) => meta?.kind);
  }

  async leave(): Promise<void> {
    await this.iterator.return?.();
    this.abort.abort();
  }
}

export const isEnd = ({ meta }: { readonly meta?: StreamMeta | undefined }): boolean =>
  meta?.kind === StreamKind.SNAPSHOT_END;
