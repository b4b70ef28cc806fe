// Found by reading: a resume token outlived the fresh snapshot that says "the exchange was not heard for a while". A
// connection that broke before, or in the middle of, that snapshot was continued as if nothing had been missed, and
// fills of the gap were found by the next reconciliation only. A token of before is refused now, and a snapshot's parts
// have none.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { RemoteStream } from "../../src/exchange/remote-stream.ts";
import type { StreamMeta } from "../../src/rpc/generated/opensqt/market_maker/v1/events.ts";
import { FeedState, StreamKind } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../src/rpc/refusal.ts";
import { REAL_TIMERS } from "../../src/rpc/timers.ts";
import { Topic } from "../../src/rpc/topic.ts";

interface Message {
  readonly meta: StreamMeta;
  readonly item: string | null;
}

const topicOf = (): Topic<string> => new Topic<string>({ name: "orders", snapshot: () => ["a", "b"], local: true });

/** The messages of a subscription up to the first of `kind`, and the token that one carries. */
async function tokenAt(topic: Topic<string>, kind: StreamKind): Promise<string> {
  const abort = new AbortController();
  for await (const { meta } of topic.subscribe({ signal: abort.signal })) {
    if (meta.kind === kind) return meta.resumeToken;
  }
  return assert.fail("the stream ended");
}

test("API-19 API-20 a token of before a fresh snapshot is out of range: who did not hear of the gap is told", async () => {
  const topic = topicOf();
  const token = await tokenAt(topic, StreamKind.SNAPSHOT_END);
  topic.subscribe({ signal: AbortSignal.abort(), resumeToken: token });
  topic.setUpstream(FeedState.STALE);
  topic.setUpstream(FeedState.LIVE);
  assert.throws(
    () => topic.subscribe({ signal: AbortSignal.abort(), resumeToken: token }),
    (error) => refusalOf(error).status === "OUT_OF_RANGE",
  );
});

test("API-16 API-19 parts of a snapshot carry no token: only its end can be continued from", async () => {
  assert.equal(await tokenAt(topicOf(), StreamKind.SNAPSHOT), "");
  assert.notEqual(await tokenAt(topicOf(), StreamKind.SNAPSHOT_END), "");
});

test("API-19 EXCH-18 a stream that breaks off within a snapshot is whole only after a complete one", async () => {
  const topic = topicOf();
  const events = new EventTarget();
  const tokens: string[] = [];
  let wholes = 0;
  const stream = new RemoteStream<Message>({
    timers: REAL_TIMERS,
    open: async function* (token, signal) {
      tokens.push(token);
      // the first connection lives for one message
      for await (const message of topic.subscribe({ signal, resumeToken: token })) {
        yield message;
        if (tokens.length === 1) throw new Error("connection lost");
      }
    },
    onItem: () => undefined,
    onState: () => undefined,
    onWhole: () => {
      wholes += 1;
      events.dispatchEvent(new Event("whole"));
    },
  });
  await once(events, "whole");
  await stream.close();
  assert.deepEqual([tokens, wholes], [["", ""], 1]);
  topic.close();
});
