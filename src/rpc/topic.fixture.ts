// Time by hand and a reader by hand, for the tests of topics.

import { setImmediate } from "node:timers/promises";
import { VirtualClock } from "../base/virtual-clock.ts";
import { StreamKind } from "./generated/opensqt/market_maker/v1/types.ts";
import type { Delivery } from "./subscription.ts";
import type { Timers } from "./timers.ts";
import { Topic, type TopicOptions } from "./topic.ts";

export interface Item {
  readonly key: string;
  readonly value: number;
}

export class HandTimers implements Timers {
  readonly clock = new VirtualClock(0);
  private waiting = 0;

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  after(ms: number, wake: () => void): () => void {
    this.waiting += 1;
    let open = true;
    const close = (): void => {
      if (open) this.waiting -= 1;
      open = false;
    };
    const cancel = this.clock.at(this.clock.monotonicMs() + ms, () => {
      close();
      wake();
    });
    return () => {
      close();
      cancel();
    };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.waiting;
  }

  pass(ms: number): void {
    const untilUs = this.clock.nowUs() + ms * 1000;
    while (this.clock.runNext(untilUs));
    this.clock.moveTo(untilUs);
  }
}

export function topicOf(timers: HandTimers, options: Partial<TopicOptions<Item>> = {}): Topic<Item> {
  return new Topic<Item>({ name: "test", local: true, timers, nowMs: () => timers.clock.nowMs(), ...options });
}

export const byKey = ({ key }: Item): string => key;

/** Everything a subscription has now, without waiting for more. */
export async function drain(stream: AsyncIterator<Delivery<Item>, undefined>): Promise<Delivery<Item>[]> {
  const found: Delivery<Item>[] = [];
  for (;;) {
    const step = await Promise.race([pendingOf(stream), setImmediate(null)]);
    if (step === null || step.done === true) return found;
    parked.delete(stream);
    found.push(step.value);
  }
}

/** A read that did not answer stays the subscription's newest, or its message would be lost. */
const parked = new WeakMap<object, Promise<IteratorResult<Delivery<Item>, undefined>>>();

function pendingOf(
  stream: AsyncIterator<Delivery<Item>, undefined>,
): Promise<IteratorResult<Delivery<Item>, undefined>> {
  const waiting = parked.get(stream) ?? stream.next();
  parked.set(stream, waiting);
  return waiting;
}

/** "snapshot a=1", "end", "update a=2 (1)", "beat": a stream as a little text. */
export function told(deliveries: readonly Delivery<Item>[]): string[] {
  return deliveries.map(({ meta, item }) => {
    const what = item === null ? "" : ` ${item.key}=${item.value}`;
    const replaced = meta.conflated === 0 ? "" : ` (${meta.conflated})`;
    return `${WORDS.get(meta.kind) ?? "?"}${what}${replaced}`;
  });
}

const WORDS: ReadonlyMap<StreamKind, string> = new Map([
  [StreamKind.SNAPSHOT, "snapshot"],
  [StreamKind.SNAPSHOT_END, "end"],
  [StreamKind.UPDATE, "update"],
  [StreamKind.HEARTBEAT, "beat"],
]);
