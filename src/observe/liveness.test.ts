// Health is measured or carries its age: each dependency broken in turn fails exactly its own check, and recovers.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Liveness } from "./liveness.ts";

const failing = (liveness: Liveness): string[] =>
  liveness
    .results()
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

test("OPS-23 each broken dependency fails exactly its check, with its age, and recovers", async () => {
  let nowMs = 0;
  const liveness = new Liveness(() => nowMs);
  let free = 10;
  liveness.reading("disk", () => ({ ok: free > 1, text: `${free} GiB free` }));
  const commit = liveness.beat("journal", 5_000);
  let up = true;
  let looks = 0;
  liveness.probe("exchange", {
    everyMs: 1,
    timeoutMs: 5_000,
    run: async () => {
      looks += 1;
      if (up) return { ok: true, text: "answered" };
      throw new Error("connection refused");
    },
  });
  const looked = async (): Promise<void> => {
    for (const from = looks; looks < from + 2; ) await turn();
  };
  try {
    assert.deepEqual(failing(liveness), ["journal", "exchange"], "nothing is believed before it was seen");
    commit("committed");
    await looked();
    assert.deepEqual(failing(liveness), []);
    free = 0;
    assert.deepEqual(failing(liveness), ["disk"]);
    free = 10;
    up = false;
    await looked();
    assert.deepEqual(failing(liveness), ["exchange"]);
    assert.equal(liveness.results()[2]?.text, "connection refused");
    up = true;
    await looked();
    nowMs = 5_001;
    await looked();
    assert.deepEqual(failing(liveness), ["journal"]);
    const [, journal] = liveness.results();
    assert.deepEqual([journal?.ageMs, journal?.text], [5_001, "nothing heard for 5001 ms"]);
    commit();
    assert.deepEqual(failing(liveness), []);
  } finally {
    await liveness.close();
  }
});

test("OPS-23 a dependency that never answers fails by the look's time-out; close does not wait for it", async (t) => {
  const held = new Set<{ destroy(): void }>();
  const server = createServer((socket) => held.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const liveness = new Liveness();
  t.after(async () => {
    await liveness.close();
    for (const socket of held) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  liveness.probe("silent", {
    everyMs: 1,
    timeoutMs: 20,
    run: async (signal) => {
      const socket = connect(address.port, "127.0.0.1");
      signal.addEventListener("abort", () => socket.destroy());
      await once(socket, "data", { signal });
      return { ok: true, text: "" };
    },
  });
  const said = (): string => liveness.results()[0]?.text ?? "";
  while (!/no answer within 20 ms|aborted/.test(said())) await turn();
  assert.deepEqual(failing(liveness), ["silent"]);
});

test("a reading that throws fails with its message, and a removed check is gone", async () => {
  const liveness = new Liveness();
  liveness.reading("bot x", () => {
    throw new Error("no such bot");
  });
  assert.deepEqual(liveness.results(), [{ name: "bot x", ok: false, text: "no such bot", ageMs: 0, limitMs: null }]);
  liveness.remove("bot x");
  assert.deepEqual(liveness.results(), []);
  await liveness.close();
});
