import assert from "node:assert/strict";
import { test } from "node:test";
import { WireRecord } from "./record.ts";

const frame = (text: string) =>
  ({ kind: "frame", socket: 1, traits: { kind: "public", event: "x", account: null, symbol: null }, text }) as const;

test("EMU-05 a record forgets its oldest entries above its size, and its hash still counts them", () => {
  const [long, twin] = [new WireRecord(() => 7), new WireRecord(() => 7)];
  const text = "x".repeat(1024 * 1024);
  for (let i = 0; i < 40; i += 1) {
    long.add(frame(text));
    twin.add(frame(text));
  }
  const { lines, forgotten } = long.since(0);
  assert.ok(forgotten > 0, "what was forgotten is told");
  assert.equal(lines.length + forgotten, 40);
  assert.equal(JSON.parse(lines[0] ?? "{}").n, forgotten + 1);
  assert.equal(long.hash(), twin.hash());
  twin.add(frame(""));
  assert.notEqual(long.hash(), twin.hash());
});

test("EMU-05 who watches a record hears each entry as it comes, until it stops", () => {
  const record = new WireRecord(() => 7);
  const heard: number[] = [];
  const end = record.watch(({ n }) => heard.push(n));
  record.add({ kind: "ping", socket: 1 });
  end();
  record.add({ kind: "pong", socket: 1 });
  assert.deepEqual(heard, [1]);
  assert.equal(record.length, 2);
});
