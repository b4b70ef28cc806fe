// Whenever a subscriber joins, leaves and comes back, and however slowly it reads: nothing is lost, nothing comes
// twice, and what a newer value replaced is counted (API-16, -18, -19).

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { StreamKind } from "./generated/opensqt/market_maker/v1/types.ts";
import type { Delivery } from "./subscription.ts";
import { byKey, drain, HandTimers, type Item, topicOf } from "./topic.fixture.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

/** Publish one value of a key, read so many messages, leave and come back with the newest token, let time pass. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ publish: fc.constantFrom("a", "b", "c") }) },
  { weight: 3, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.constant({ rejoin: true as const }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 3_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const isUpdate = ({ meta }: Delivery<Item>): boolean => meta.kind === StreamKind.UPDATE;

async function read(stream: AsyncIterator<Delivery<Item>, undefined>, count: number): Promise<Delivery<Item>[]> {
  const found: Delivery<Item>[] = [];
  for (let at = 0; at < count; at += 1) {
    const answer = await stream.next();
    if (answer.done !== true) found.push(answer.value);
  }
  return found;
}

test("API-16 API-19 lossless: whenever one joins, however often one comes back, every message comes once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(20), async (steps, before) => {
      const timers = new HandTimers();
      const topic = topicOf(timers);
      for (let value = 0; value < before; value += 1) topic.publish({ key: "a", value });
      let abort = new AbortController();
      let stream = topic.subscribe({ signal: abort.signal });
      const [end] = await read(stream, 1);
      assert.equal(end?.meta.sequence, before);
      let token = end?.meta.resumeToken ?? "";
      let waiting = 0;
      let value = before;
      const heard: number[] = [];
      const take = (deliveries: readonly Delivery<Item>[]): void => {
        for (const delivery of deliveries) {
          token = delivery.meta.resumeToken;
          if (delivery.item !== null) heard.push(delivery.item.value);
        }
      };
      const play = async (each: Step): Promise<void> => {
        if ("publish" in each) {
          topic.publish({ key: each.publish, value });
          value += 1;
          waiting += 1;
        } else if ("read" in each) {
          const count = Math.min(each.read, waiting);
          waiting -= count;
          take(await read(stream, count));
        } else if ("rejoin" in each) {
          abort.abort();
          abort = new AbortController();
          stream = topic.subscribe({ signal: abort.signal, resumeToken: token });
        }
      };
      for (const each of steps) await play(each);
      take(await drain(stream));
      assert.deepEqual(
        heard,
        Array.from({ length: value - before }, (_, at) => before + at),
      );
    }),
    { numRuns },
  );
});

test("API-18 conflated: each key's newest value arrives, in order, and the replaced ones are counted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.nat(20), async (steps, before) => {
      const timers = new HandTimers();
      const topic = topicOf(timers, { conflate: byKey });
      for (let value = 0; value < before; value += 1) topic.publish({ key: "a", value });
      const stream = topic.subscribe({ signal: new AbortController().signal });
      const heard: Delivery<Item>[] = [];
      const newest = new Map<string, number>();
      let published = 0;
      for (const each of steps) {
        if ("publish" in each) {
          published += 1;
          newest.set(each.publish, before + published);
          topic.publish({ key: each.publish, value: before + published });
        } else if ("read" in each) heard.push(...(await drain(stream)));
        else if ("pass" in each) timers.pass(each.pass);
      }
      heard.push(...(await drain(stream)));
      const updates = heard.filter(isUpdate);
      assert.equal(
        updates.reduce((sum, { meta }) => sum + 1 + meta.conflated, 0),
        published,
      );
      const last = new Map<string, number>();
      for (const { meta, item } of updates) {
        assert.equal(item?.value, meta.sequence, "a message carries the number of its own value");
        if (item === null) continue;
        assert.ok((last.get(item.key) ?? 0) < item.value, "no key goes back");
        last.set(item.key, item.value);
      }
      assert.deepEqual(last, newest);
    }),
    { numRuns },
  );
});
