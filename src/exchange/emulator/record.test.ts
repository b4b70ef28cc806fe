import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

test("EMU-05 entries of every size and script come back as written, across blocks and from any number on", () => {
  const mebi = 1024 * 1024;
  const record = new WireRecord(() => 7, 16 * mebi);
  const texts = Array.from({ length: 3_000 }, (_, i) => `${i} ${"€😀é\n".repeat((i * 37) % 800)}`);
  texts[1_500] = "€".repeat(2 * mebi);
  const own = createHash("sha256");
  for (const [i, text] of texts.entries()) {
    record.add(frame(text));
    own.update(JSON.stringify({ n: i + 1, atMs: 7, ...frame(text) })).update("\n");
  }
  const { lines, forgotten } = record.since(0);
  assert.ok(forgotten > 0 && forgotten < 1_500);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).text),
    texts.slice(forgotten),
  );
  assert.deepEqual(record.since(2_990, 4).lines, lines.slice(2_990 - forgotten, 2_994 - forgotten));
  assert.equal(record.since(3_000).lines.length, 0);
  assert.equal(record.hash(), own.digest("hex"));
});
