// Frames of the exchanges, as their documents and ccxt's recordings show them, read into news.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NaiveDepth } from "../../../market/depth.ts";
import type { Raw } from "../raw.ts";
import { bitgetFuturesStreams } from "./bitget-streams.ts";
import { BYBIT_LINEAR_STREAMS } from "./bybit-streams.ts";
import { DepthChain } from "./depth-chain.ts";
import { GATE_FUTURES_STREAMS, GATE_SPOT_STREAMS } from "./gate-streams.ts";
import { OKX_SWAP_STREAMS } from "./okx-streams.ts";
import type { PublicNews, StreamTable, Topic } from "./stream-table.ts";

type Depth = Extract<PublicNews, { kind: "depth" }>;

const whole = (rows: readonly unknown[]): readonly (readonly [number, number])[] =>
  rows
    .map((row) => (row as readonly string[]).map((text) => Math.round(Number.parseFloat(text) * 10)))
    .map(([p, s]) => [p ?? 0, s ?? 0]);

/** What a chain makes of frames, one word each. */
function played(streams: StreamTable, frames: readonly Raw[]): readonly string[] {
  const chain = new DepthChain(new NaiveDepth());
  return frames.flatMap((frame) =>
    streams.readPublic(frame).flatMap((news) => {
      if (news.kind !== "depth") return [];
      const { bids, asks, ...rest } = news as Depth;
      const change = { ...rest, bids: whole(bids), asks: whole(asks) };
      if (news.whole) return chain.begin(change) ? "snapshot" : "refused";
      return chain.change(change);
    }),
  );
}

test("EXCH-21 a Bybit book that skips a number is broken, and a snapshot that comes again builds it anew", () => {
  const frame = (type: string, u: number, bids: string[][] = []): Raw => ({
    topic: "orderbook.50.BTCUSDT",
    type,
    ts: 1_672_304_484_978,
    data: { s: "BTCUSDT", b: bids, a: [], u, seq: 7_961_638_724 },
  });
  const frames = [
    frame("snapshot", 18_521_288, [["16493.5", "0.6"]]),
    frame("delta", 18_521_289, [["16493.0", "1.1"]]),
    frame("delta", 18_521_291),
    frame("delta", 18_521_292),
    frame("snapshot", 1, [["16490.0", "2.0"]]),
    frame("delta", 2),
  ];
  assert.deepEqual(played(BYBIT_LINEAR_STREAMS, frames), [
    "snapshot",
    "applied",
    "broken",
    "kept",
    "snapshot",
    "applied",
  ]);
});

test("EXCH-21 a Gate spot book that skips a number is broken", () => {
  const frame = (U: number, u: number, full: boolean): Raw => ({
    channel: "spot.obu",
    event: "update",
    result: {
      t: 1_743_673_026_995,
      s: "ob.BTC_USDT.50",
      U,
      u,
      ...(full ? { full } : {}),
      b: [["84000.1", "3.2"]],
      a: [],
    },
  });
  const frames = [frame(1, 100, true), frame(101, 103, false), frame(105, 106, false)];
  assert.deepEqual(played(GATE_SPOT_STREAMS, frames), ["snapshot", "applied", "broken"]);
});

test("EXCH-21 an OKX book follows by the number before, whatever the number after", () => {
  const frame = (action: string, prevSeqId: number, seqId: number): Raw => ({
    arg: { channel: "books", instId: "BTC-USDT-SWAP" },
    action,
    data: [{ asks: [["8476.9", "4", "0", "1"]], bids: [], ts: "1597026383085", checksum: 1, prevSeqId, seqId }],
  });
  const frames = [frame("snapshot", -1, 10), frame("update", 10, 15), frame("update", 15, 15), frame("update", 15, 3)];
  const gone = [...frames, frame("update", 4, 9)];
  assert.deepEqual(played(OKX_SWAP_STREAMS, gone), ["snapshot", "applied", "applied", "applied", "broken"]);
});

test("EXCH-37 own events of OKX, Bybit, Gate and Bitget name their parser, and a fill comes before its order", () => {
  const kinds = (streams: StreamTable, frame: Raw): readonly string[] =>
    (streams.own?.read(frame) ?? []).map((news) => ("parser" in news ? `${news.kind} ${news.parser}` : news.kind));
  const okx = {
    instId: "BTC-USDT-SWAP",
    ordId: "1",
    clOrdId: "o1",
    tradeId: "9",
    fillPx: "1",
    fillSz: "2",
    state: "filled",
  };
  const rows: readonly (readonly [StreamTable, Raw, readonly string[]])[] = [
    [OKX_SWAP_STREAMS, { arg: { channel: "orders" }, data: [okx] }, ["fill parseTrade", "order parseOrder"]],
    [OKX_SWAP_STREAMS, { arg: { channel: "orders" }, data: [{ ...okx, tradeId: "" }] }, ["order parseOrder"]],
    [OKX_SWAP_STREAMS, { event: "login", code: "0" }, ["say"]],
    [OKX_SWAP_STREAMS, { event: "subscribe", arg: { channel: "orders" } }, ["ready"]],
    [OKX_SWAP_STREAMS, { event: "error", code: "60009", msg: "Login failed." }, ["over"]],
    [BYBIT_LINEAR_STREAMS, { op: "auth", success: true }, ["say"]],
    [BYBIT_LINEAR_STREAMS, { op: "subscribe", success: true }, ["ready"]],
    [BYBIT_LINEAR_STREAMS, { op: "auth", success: false, ret_msg: "invalid" }, ["over"]],
    [BYBIT_LINEAR_STREAMS, { topic: "order", data: [{ symbol: "BTCUSDT", category: "linear" }] }, ["order parseOrder"]],
    [BYBIT_LINEAR_STREAMS, { topic: "order", data: [{ symbol: "BTCUSDT", category: "spot" }] }, []],
    [BYBIT_LINEAR_STREAMS, { topic: "execution", data: [{ symbol: "X", execType: "Trade" }] }, ["fill parseTrade"]],
    [BYBIT_LINEAR_STREAMS, { topic: "execution", data: [{ symbol: "X", execType: "Funding" }] }, ["funding"]],
    [GATE_FUTURES_STREAMS, { channel: "futures.orders", event: "subscribe", error: null }, ["ready"]],
    [
      GATE_FUTURES_STREAMS,
      { channel: "futures.orders", event: "subscribe", error: { code: 2, message: "x" } },
      ["over"],
    ],
    [
      GATE_FUTURES_STREAMS,
      { channel: "futures.usertrades", event: "update", result: [{ contract: "BTC_USDT", text: "t-o1" }] },
      ["fill parseTrade"],
    ],
    [bitgetFuturesStreams(), { event: "login", code: 0 }, ["say"]],
    [bitgetFuturesStreams(), { arg: { channel: "orders" }, data: [{ instId: "BTCUSDT" }] }, ["order parseWsOrder"]],
    [bitgetFuturesStreams(), { arg: { channel: "fill" }, data: [{ symbol: "BTCUSDT" }] }, ["fill parseWsTrade"]],
  ];
  for (const [streams, frame, expected] of rows)
    assert.deepEqual(kinds(streams, frame), expected, JSON.stringify(frame));
});

test("EXCH-33 topics are asked for in lists where the exchange takes lists", () => {
  const topics: readonly Topic[] = [
    { kind: "book", symbol: "A", wireName: "BTC-USDT-SWAP", interval: null },
    { kind: "candle", symbol: "A", wireName: "BTC-USDT-SWAP", interval: "1h" },
  ];
  const about = { id: 1, nowMs: 1_700_000_000_000 };
  assert.deepEqual(OKX_SWAP_STREAMS.subscribe(topics, about), [
    {
      op: "subscribe",
      args: [
        { channel: "books", instId: "BTC-USDT-SWAP" },
        { channel: "candle1H", instId: "BTC-USDT-SWAP" },
      ],
    },
  ]);
  assert.equal(BYBIT_LINEAR_STREAMS.subscribe(topics, about).length, 1);
  assert.equal(GATE_FUTURES_STREAMS.subscribe(topics, about).length, 2);
});
