// Silence and loss of one stream, on timers the test turns.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamMeta } from "../rpc/generated/opensqt/market_maker/v1/events.ts";
import { FeedState, StreamKind } from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { Timers } from "../rpc/timers.ts";
import { RemoteStream } from "./remote-stream.ts";

/** Timers the test turns: what is due is woken in order, and time stands still otherwise. */
class HandTimers implements Timers {
  private nowMs = 0;
  private waiting: { readonly atMs: number; readonly wake: () => void }[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  after(ms: number, wake: () => void): () => void {
    const entry = { atMs: this.nowMs + ms, wake };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((each) => each !== entry);
    };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.waiting.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.waiting = this.waiting.filter((each) => each !== next);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.nowMs = untilMs;
  }
}

interface Message {
  readonly meta: StreamMeta;
}

const meta = (kind: StreamKind, upstream: FeedState, resumeToken = ""): Message => ({
  meta: { kind, sequence: 1, resumeToken, sentAtMs: 0, conflated: 0, upstream, upstreamAtMs: 0 },
});

/** A stream the test speaks on. */
class Spoken {
  readonly tokens: string[] = [];
  private said: Partial<Message>[] = [];
  private wake: () => void = () => undefined;
  private ended = false;

  readonly open = (token: string, signal: AbortSignal): AsyncIterable<Partial<Message>> => {
    this.tokens.push(token);
    this.ended = false;
    this.said = [];
    signal.addEventListener("abort", () => this.end());
    return this.messages();
  };

  async say(message: Partial<Message>): Promise<void> {
    this.said.push(message);
    this.wake();
    await new Promise((resolve) => setImmediate(resolve));
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  private async *messages(): AsyncGenerator<Partial<Message>> {
    while (!this.ended) {
      const next = this.said.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }
}

test("API-17 RISK-20 five seconds of silence are stale, fifteen dead: subscribed again by token", async () => {
  const timers = new HandTimers();
  const stream = new Spoken();
  const story: string[] = [];
  const subject = new RemoteStream<Partial<Message>>({
    timers,
    open: stream.open,
    onItem: () => story.push("item"),
    onWhole: (again) => story.push(again ? "whole again" : "whole"),
    onState: (state) => story.push(state),
  });
  await timers.pass(0);
  await stream.say(meta(StreamKind.SNAPSHOT, FeedState.LIVE));
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.LIVE, "t1"));
  await timers.pass(4_500);
  await stream.say(meta(StreamKind.HEARTBEAT, FeedState.LIVE, "t2"));
  await timers.pass(4_500);
  assert.deepEqual(story, ["item", "whole"]);
  await timers.pass(1_000);
  assert.deepEqual(story, ["item", "whole", "stale"]);
  await timers.pass(15_000);
  assert.deepEqual(stream.tokens, ["", "t2"]);
  await stream.say(meta(StreamKind.UPDATE, FeedState.LIVE, "t3"));
  assert.deepEqual(story, ["item", "whole", "stale", "item", "fresh"]);
  const closing = subject.close();
  stream.end();
  await closing;
});

test("RISK-20 a stream that begins stale is silent of it, and fresh once it is whole and alive", async () => {
  const timers = new HandTimers();
  const stream = new Spoken();
  const story: string[] = [];
  const subject = new RemoteStream<Partial<Message>>({
    timers,
    open: stream.open,
    beginsStale: true,
    onItem: () => undefined,
    onState: (state) => story.push(state),
  });
  await timers.pass(0);
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.UNSPECIFIED, "t1"));
  await stream.say(meta(StreamKind.HEARTBEAT, FeedState.STALE, "t1"));
  assert.deepEqual([story, subject.isStale], [[], true]);
  await stream.say(meta(StreamKind.HEARTBEAT, FeedState.LIVE, "t1"));
  assert.deepEqual(story, ["fresh"]);
  const closing = subject.close();
  stream.end();
  await closing;
});

test("API-35 API-44 a connector that serves again is not kept waiting for by a ladder that has grown long", async () => {
  const timers = new HandTimers();
  let tries = 0;
  const subject = new RemoteStream<Partial<Message>>({
    timers,
    open: () => {
      tries += 1;
      throw new Error("nobody listens");
    },
    onItem: () => undefined,
    onState: () => undefined,
  });
  for (let second = 0; second < 120; second += 1) await timers.pass(1_000);
  const sofar = tries;
  subject.again();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(tries, sofar + 1);
  await subject.close();
});

test("API-20 a heartbeat that says DOWN is stale at once, and fresh only after a new snapshot", async () => {
  const timers = new HandTimers();
  const stream = new Spoken();
  const story: string[] = [];
  const subject = new RemoteStream<Partial<Message>>({
    timers,
    open: stream.open,
    onItem: () => undefined,
    onWhole: (again) => story.push(again ? "whole again" : "whole"),
    onState: (state) => story.push(state),
  });
  await timers.pass(0);
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.LIVE));
  await stream.say(meta(StreamKind.HEARTBEAT, FeedState.DOWN));
  await stream.say(meta(StreamKind.HEARTBEAT, FeedState.DOWN));
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.LIVE));
  assert.deepEqual(story, ["whole", "stale", "whole again", "fresh"]);
  const closing = subject.close();
  stream.end();
  await closing;
});

test("TEST-28 a message that cannot be read is not passed over: the stream is stale and begins again", async () => {
  const timers = new HandTimers();
  const stream = new Spoken();
  const story: string[] = [];
  const poison = { left: 1 };
  const subject = new RemoteStream<Partial<Message>>({
    timers,
    open: stream.open,
    onItem: () => {
      poison.left -= 1;
      if (poison.left === 0) throw new Error("a fee that is no decimal");
      story.push("item");
    },
    onWhole: (again) => story.push(again ? "whole again" : "whole"),
    onState: (state) => story.push(state),
    lostIsStale: true,
  });
  await timers.pass(0);
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.LIVE, "t1"));
  await stream.say(meta(StreamKind.UPDATE, FeedState.LIVE, "t2"));
  assert.deepEqual(story, ["whole", "stale"], "an item that throws");
  await timers.pass(2_000);
  assert.deepEqual(stream.tokens, ["", ""], "its token would lead past it");
  await stream.say(meta(StreamKind.SNAPSHOT, FeedState.LIVE));
  await stream.say(meta(StreamKind.SNAPSHOT_END, FeedState.LIVE, "t3"));
  assert.deepEqual(story.slice(2), ["item", "whole again", "fresh"]);
  await stream.say({});
  assert.deepEqual(story.slice(5), ["stale"], "a message without its frame");
  await timers.pass(2_000);
  assert.deepEqual(stream.tokens, ["", "", ""]);
  await subject.close();
});
