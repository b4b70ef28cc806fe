// A stream that is held for ever: snapshot and updates, silence, refusals, and the return with the resume token.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamMeta } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import { FeedState, StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { RpcRefusal } from "../../rpc/refusal.ts";
import type { Timers } from "../../rpc/timers.ts";
import { follow } from "./follow.ts";

interface Said {
  readonly meta: StreamMeta;
  readonly text: string;
}

function said(kind: keyof typeof StreamKind, text = "", resumeToken = ""): Said {
  const meta = { kind: StreamKind[kind], sequence: 1, resumeToken, sentAtMs: 0, conflated: 0 };
  return { meta: { ...meta, upstream: FeedState.LIVE, upstreamAtMs: 0 }, text };
}

const refusal = (status: "OUT_OF_RANGE" | "UNIMPLEMENTED" | "UNAVAILABLE"): RpcRefusal =>
  new RpcRefusal({ status, reason: "OVERRUN", message: "refused" });

/** Timers that run out only when told to; what waits can be seen. */
class HandTimers implements Timers {
  readonly waiting = new Map<() => void, number>();
  monotonicMs(): number {
    return 0;
  }
  after(ms: number, wake: () => void): () => void {
    this.waiting.set(wake, ms);
    return () => this.waiting.delete(wake);
  }
  /** Lets the waits run out that fit. */
  out(fits: (ms: number) => boolean): void {
    for (const [wake, ms] of Array.from(this.waiting)) {
      if (!fits(ms)) continue;
      this.waiting.delete(wake);
      wake();
    }
  }
}

type Life = readonly (Said | RpcRefusal | "hang")[];

async function* playing(life: Life, signal: AbortSignal): AsyncGenerator<Said> {
  for (const each of life) {
    if (each instanceof Error) throw each;
    if (each !== "hang") {
      yield each;
      continue;
    }
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(refusal("UNAVAILABLE")), { once: true });
    await promise;
  }
}

async function followed(lives: readonly Life[], act: (timers: HandTimers, heard: readonly string[]) => Promise<void>) {
  const timers = new HandTimers();
  const ending = new AbortController();
  const heard: string[] = [];
  let count = 0;
  const running = follow<Said>({
    name: "orders",
    signal: ending.signal,
    timers,
    open: ({ resumeToken, signal }) => {
      heard.push(`open ${resumeToken}`.trim());
      const life = lives[count] ?? ["hang" as const];
      count += 1;
      return playing(life, signal);
    },
    snapshot: (items) => heard.push(`snapshot ${items.map(({ text }) => text).join(" ")}`),
    update: ({ text }) => heard.push(`update ${text}`),
    heard: () => undefined,
    lost: (cause, nextTryMs) => heard.push(`lost ${cause}, ${nextTryMs <= 300 ? "soon" : "later"}`),
    unsupported: (cause) => heard.push(`unsupported ${cause}`),
  });
  await act(timers, heard);
  ending.abort();
  await running;
  return heard;
}

const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

test("LIVE-02 API-35 a stream that ends is taken up again with its token; a token that is too old is dropped at once", async () => {
  const lives: Life[] = [
    [said("SNAPSHOT", "a"), said("SNAPSHOT", "b"), said("SNAPSHOT_END", "", "t1"), said("UPDATE", "c", "t2")],
    [refusal("OUT_OF_RANGE")],
    [said("SNAPSHOT", "d"), said("SNAPSHOT_END"), "hang"],
  ];
  const heard = await followed(lives, async (timers) => {
    await turns();
    timers.out((ms) => ms < 1000);
    await turns();
  });
  assert.deepEqual(heard, [
    "open",
    "snapshot a b",
    "update c",
    "lost the stream ended, soon",
    "open t2",
    "open",
    "snapshot d",
  ]);
});

test("API-17 a stream that says nothing for 15 s is dead and taken anew; heartbeats keep it alive", async () => {
  const lives: Life[] = [[said("SNAPSHOT_END", "", "t1"), said("HEARTBEAT"), "hang"]];
  const heard = await followed(lives, async (timers) => {
    await turns();
    assert.deepEqual([...timers.waiting.values()], [15_000]);
    timers.out((ms) => ms === 15_000);
    await turns();
    timers.out((ms) => ms < 1000);
    await turns();
  });
  assert.deepEqual(
    heard,
    ["open", "snapshot", "lost silent for 15 s, soon", "open t1"].map((text) => text.replace("snapshot", "snapshot ")),
  );
});

test("a topic the source does not have is not asked for again; other refusals are, ever later", async () => {
  assert.deepEqual(await followed([[refusal("UNIMPLEMENTED")]], () => turns()), [
    "open",
    "unsupported UNIMPLEMENTED refused",
  ]);
  const lives: Life[] = Array.from({ length: 6 }, () => [refusal("UNAVAILABLE")]);
  const heard = await followed(lives, async (timers) => {
    for (let round = 0; round < 5; round += 1) {
      await turns();
      timers.out((ms) => ms < 15_000);
    }
    await turns();
  });
  assert.equal(heard.filter((text) => text === "lost UNAVAILABLE refused, soon").length, 1);
  assert.ok(heard.filter((text) => text === "lost UNAVAILABLE refused, later").length >= 4);
});
