// Topics under time by hand: what a subscriber hears, and when.

import assert from "node:assert/strict";
import test from "node:test";
import { FeedState } from "./generated/opensqt/market_maker/v1/types.ts";
import { subscribeAll } from "./merge.ts";
import { refusalOf } from "./refusal.ts";
import { byKey, drain, HandTimers, type Item, told, topicOf } from "./topic.fixture.ts";

const signal = (): AbortSignal => new AbortController().signal;
const a = (value: number): Item => ({ key: "a", value });
const b = (value: number): Item => ({ key: "b", value });

test("API-16 a stream begins with the newest state, says where it ends, and goes on with updates", async () => {
  const topic = topicOf(new HandTimers(), { conflate: byKey });
  topic.publish(a(1));
  topic.publish(a(2));
  topic.publish(b(5));
  const stream = topic.subscribe({ signal: signal() });
  topic.publish(a(3));
  const heard = await drain(stream);
  assert.deepEqual(told(heard), ["snapshot a=2", "snapshot b=5", "end", "update a=3"]);
  assert.deepEqual(
    heard.map(({ meta }) => meta.sequence),
    [3, 3, 3, 4],
  );
});

test("API-16 before the upstream was ever alive there is no snapshot that would say nothing is there", async () => {
  const timers = new HandTimers();
  const topic = topicOf(timers, { local: false, snapshot: () => [a(1)] });
  const stream = topic.subscribe({ signal: signal() });
  timers.pass(2_000);
  assert.deepEqual(told(await drain(stream)), ["beat"]);
  topic.setUpstream(FeedState.LIVE);
  assert.deepEqual(told(await drain(stream)), ["snapshot a=1", "end"]);
});

test("API-17 two seconds of silence are broken by a heartbeat that carries the upstream's state", async () => {
  const timers = new HandTimers();
  const topic = topicOf(timers);
  const stream = topic.subscribe({ signal: signal() });
  await drain(stream);
  timers.pass(1_999);
  assert.deepEqual(await drain(stream), []);
  timers.pass(1);
  const [beat] = await drain(stream);
  assert.equal(beat?.meta.upstream, FeedState.LIVE);
  topic.publish(a(1));
  await drain(stream);
  timers.pass(1_500);
  assert.deepEqual(await drain(stream), [], "a message is as good as a heartbeat");
  timers.pass(500);
  assert.deepEqual(told(await drain(stream)), ["beat"]);
});

test("API-18 a slow subscriber of a conflated topic finds each key's newest value, and what it missed", async () => {
  const topic = topicOf(new HandTimers(), { conflate: byKey });
  const slow = topic.subscribe({ signal: signal() });
  assert.equal((await slow.next()).value?.item, null);
  for (let value = 1; value <= 50_000; value += 1) topic.publish(value % 2 === 0 ? a(value) : b(value));
  assert.deepEqual(told(await drain(slow)), ["update b=49999 (24999)", "update a=50000 (24999)"]);
});

test("API-18 an overrun ends the slow subscriber alone", async () => {
  const overruns: string[] = [];
  const metrics = { conflated: () => undefined, overrun: (topic: string) => void overruns.push(topic) };
  const topic = topicOf(new HandTimers(), { bounds: { queueMax: 100 }, metrics });
  const slow = topic.subscribe({ signal: signal() });
  const quick = topic.subscribe({ signal: signal() });
  const heard: string[] = [];
  for (let value = 1; value <= 200; value += 1) {
    topic.publish(a(value));
    heard.push(...told(await drain(quick)));
  }
  assert.equal(heard.length, 201);
  const refusal = await slow.next().then(() => null, refusalOf);
  assert.deepEqual([refusal?.status, refusal?.reason], ["RESOURCE_EXHAUSTED", "OVERRUN"]);
  assert.deepEqual(overruns, ["test"]);
  assert.equal(topic.subscribers, 1);
});

test("API-18 an item that may not be dropped is not overtaken by what would replace something before it", async () => {
  const conflate = (item: Item): string | null => (item.key === "closed" ? null : item.key);
  const topic = topicOf(new HandTimers(), { conflate });
  const stream = topic.subscribe({ signal: signal() });
  await drain(stream);
  topic.publish(a(1));
  topic.publish({ key: "closed", value: 1 });
  topic.publish(a(2));
  topic.publish(a(3));
  assert.deepEqual(told(await drain(stream)), ["update a=1", "update closed=1", "update a=3 (1)"]);
});

test("API-19 a token continues after its message; an old, foreign or made up one is out of range", async () => {
  const timers = new HandTimers();
  const bounds = { keptMin: 10, keptMax: 20, keptMs: 60_000 };
  const topic = topicOf(timers, { bounds });
  const stream = topic.subscribe({ signal: signal() });
  topic.publish(a(1));
  topic.publish(a(2));
  const heard = await drain(stream);
  const token = heard.at(-2)?.meta.resumeToken ?? "";
  topic.publish(a(3));
  const resumed = topic.subscribe({ signal: signal(), resumeToken: token });
  assert.deepEqual(told(await drain(resumed)), ["update a=2", "update a=3"]);
  for (let value = 4; value < 100; value += 1) topic.publish(a(value));
  const foreign = topicOf(timers, { name: "other" }).tokenOf(0);
  for (const resumeToken of [token, foreign, "nonsense", topic.tokenOf(9_999), "AAAA"]) {
    assert.throws(
      () => topic.subscribe({ signal: signal(), resumeToken }),
      (error) => refusalOf(error).status === "OUT_OF_RANGE" && refusalOf(error).reason === "OVERRUN",
    );
  }
});

test("API-20 a lost upstream ends no stream: it is told at once, and recovery brings a fresh snapshot", async () => {
  const state = [a(1)];
  const topic = topicOf(new HandTimers(), { snapshot: () => state });
  const stream = topic.subscribe({ signal: signal() });
  await drain(stream);
  topic.setUpstream(FeedState.STALE);
  const [beat] = await drain(stream);
  assert.equal(beat?.meta.upstream, FeedState.STALE);
  topic.setUpstream(FeedState.DOWN);
  state.push(b(2));
  topic.setUpstream(FeedState.LIVE);
  assert.deepEqual(told(await drain(stream)), ["beat", "snapshot a=1", "snapshot b=2", "end"]);
});

test("API-20 a closing server ends its streams with SHUTDOWN", async () => {
  const topic = topicOf(new HandTimers());
  const stream = topic.subscribe({ signal: signal() });
  await drain(stream);
  topic.close();
  const refusal = await stream.next().then(() => null, refusalOf);
  assert.deepEqual([refusal?.status, refusal?.reason], ["UNAVAILABLE", "SHUTDOWN"]);
});

test("API-15 one upstream serves any number; it goes within a second of the last leaving, and not for a reload", () => {
  const timers = new HandTimers();
  const calls: string[] = [];
  const topic = topicOf(timers, { onFirst: () => void calls.push("take"), onIdle: () => void calls.push("free") });
  const leave = Array.from({ length: 5 }, () => {
    const abort = new AbortController();
    topic.subscribe({ signal: abort.signal });
    return abort;
  });
  assert.deepEqual(calls, ["take"]);
  for (const abort of leave) abort.abort();
  timers.pass(400);
  const again = new AbortController();
  topic.subscribe({ signal: again.signal });
  timers.pass(5_000);
  assert.deepEqual(calls, ["take"], "somebody came back in time");
  again.abort();
  timers.pass(999);
  assert.deepEqual(calls, ["take", "free"]);
});

test("API-21 a thousand rounds of joining and leaving leave no timer, no queue and no subscriber", async () => {
  const timers = new HandTimers();
  const topic = topicOf(timers, { conflate: byKey, intervalMs: 250 });
  topic.publish(a(0));
  for (let round = 0; round < 1_000; round += 1) {
    const abort = new AbortController();
    const stream = topic.subscribe({ signal: abort.signal });
    topic.publish(a(round));
    topic.publish(b(round));
    await stream.next();
    if (round % 2 === 0) abort.abort();
    else await stream.return?.();
  }
  timers.pass(1_000);
  assert.equal(topic.subscribers, 0);
  assert.equal(timers.pending, 0);
});

test("API-18 an interval paces each key, and never holds back what may not be dropped", async () => {
  const timers = new HandTimers();
  const conflate = (item: Item): string | null => (item.key === "fill" ? null : item.key);
  const topic = topicOf(timers, { conflate, intervalMs: 250 });
  const stream = topic.subscribe({ signal: signal() });
  await drain(stream);
  topic.publish(a(1));
  topic.publish(a(2));
  assert.deepEqual(told(await drain(stream)), []);
  timers.pass(250);
  assert.deepEqual(told(await drain(stream)), ["update a=2 (1)"]);
  topic.publish(a(3));
  assert.deepEqual(told(await drain(stream)), []);
  topic.publish({ key: "fill", value: 1 });
  assert.deepEqual(told(await drain(stream)), ["update a=3", "update fill=1"]);
});

test("API-16 several topics in one stream: one end of snapshots, then updates, and one token for all", async () => {
  const timers = new HandTimers();
  const [left, right] = [topicOf(timers, { name: "left" }), topicOf(timers, { name: "right" })];
  const abort = new AbortController();
  const stream = subscribeAll([left, right], { signal: abort.signal });
  assert.deepEqual(told(await drain(stream)), ["end"]);
  left.publish(a(1));
  right.publish(b(1));
  const heard = await drain(stream);
  assert.deepEqual(told(heard).sort(), ["update a=1", "update b=1"]);
  const resumeToken = heard.at(-1)?.meta.resumeToken ?? "";
  abort.abort();
  left.publish(a(2));
  right.publish(b(2));
  const resumed = subscribeAll([left, right], { signal: signal(), resumeToken });
  assert.deepEqual(told(await drain(resumed)).sort(), ["update a=2", "update b=2"]);
});
