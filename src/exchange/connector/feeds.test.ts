// What the connector's log says of its streams: nothing before one has lived, then each loss and each return once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Feeds } from "./feeds.ts";

test("EXCH-22 a stream is missed in the log once it has lived, in a sentence, and its return is told", () => {
  const lines: string[] = [];
  const line = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const metrics = {
    call: () => undefined,
    message: () => undefined,
    connected: () => undefined,
    outcome: () => undefined,
  };
  const topicMetrics = { conflated: () => undefined, overrun: () => undefined };
  const feeds = new Feeds({ log, metrics, unixMs: () => 1 }, topicMetrics);
  const say = (state: FeedState, action = ""): void => feeds.say(FeedKind.ORDERS, "", { state, action });
  say(FeedState.STALE, "waiting for the exchange");
  say(FeedState.DOWN);
  assert.deepEqual(lines, [], "what never lived is not lost");
  say(FeedState.LIVE);
  say(FeedState.STALE, "waiting for the exchange");
  say(FeedState.DOWN);
  say(FeedState.LIVE);
  assert.deepEqual(lines, [
    "warn the stream of orders is stale: waiting for the exchange",
    "info the stream of orders lives again",
  ]);
});
