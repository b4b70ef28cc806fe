// Many at the door at once (TEST-36, TEST-45): as many come in as there is room for, the rest is told so and counted,
// and those inside hear everything. How fast they hear it is a row of `make bench`. OPENSQT_HANDSHAKES=10000 knocks as
// often as TEST-45 asks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "./server.fixture.ts";
import { inHouse, metricOf } from "./server.fixture.ts";
import { defaultSettings } from "./settings.ts";
import { openStage } from "./stage.fixture.ts";

const HANDSHAKES = Number.parseInt(process.env["OPENSQT_HANDSHAKES"] ?? "500", 10);
/** A tenth of them fits. */
const ROOM = HANDSHAKES / 10;
const ADDRESSES = 250;
const AT_ONCE = 100;

const connections = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP") && !name.includes("Server")).length;

test("TEST-36 LIVE-02 of a hundred consoles one that reads no more is ended alone, the others miss nothing", () => {
  const stage = openStage();
  stage.feed.begin(1);
  const wires = Array.from({ length: 100 }, () => stage.wire());
  for (const wire of wires) stage.hub.joinConsole(wire);
  const [stuck, ...others] = wires;
  const before = others.map(({ texts }) => texts.length);
  stuck?.stopUp();
  for (let id = 0; id < 300; id += 1) {
    stage.picture.alert("demo", {
      id: `a${id}`,
      code: "news",
      severity: "INFO",
      bot: "",
      title: "t",
      text: "t",
      facts: {},
      done: "",
      todo: "",
      at: id,
      resolvedAt: 0,
    });
  }
  assert.deepEqual(stuck?.closed, { code: 1013, reason: "slow" });
  for (const [at, wire] of others.entries()) {
    assert.equal(wire.closed, null);
    const heard = wire.messages().slice(before[at]);
    assert.equal(heard.filter(({ type }) => type === "alerts").length, 300);
  }
});

/** Waits for what the server has to hear of first; the test's own time is the limit. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await turn();
}

const crowded =
  "TEST-45 of a crowd as many come in as fit and hear all, the rest is refused and counted, and all leave";
test(crowded, { timeout: 300_000 }, async () => {
  const limits = { ...defaultSettings().limits, clientsMax: ROOM };
  await inHouse({ settings: { limits } }, async ({ connect, metrics, feed }) => {
    const atFirst = connections();
    const crowd: Connection[] = [];
    for (let from = 0; from < HANDSHAKES; from += AT_ONCE) {
      const knocks = Array.from({ length: AT_ONCE }, (_, n) => (from + n) % ADDRESSES);
      crowd.push(
        ...(await Promise.all(
          knocks.map((n) => connect({ protocol: "opensqt.v2", localAddress: `127.0.2.${n + 1}` })),
        )),
      );
    }
    const inside = crowd.filter(({ status }) => status === 101);
    assert.equal(inside.length, ROOM);
    const refused = crowd.filter(({ status }) => status === 503 || status === 429);
    assert.equal(refused.length, HANDSHAKES - ROOM);
    assert.ok(refused.every(({ refusal }) => refusal?.text.includes('"hint"')));
    const told = [...(await metrics.text()).matchAll(/^websocket_rejected_total\{reason="\w+"\} (\d+)$/gm)];
    const counted = told.reduce((sum, [, count]) => sum + Number.parseInt(count ?? "", 10), 0);
    assert.equal(counted, HANDSHAKES - ROOM);
    const [flood, ...quiet] = inside;
    for (let count = 0; count < 400; count += 1) flood?.socket.send("{}");
    assert.equal((await flood?.closed)?.code, 1008);
    const before = quiet.map(({ texts }) => texts.length);
    feed.tick();
    await Promise.all(quiet.map(({ until, texts }, at) => until((text) => texts.indexOf(text) >= (before[at] ?? 0))));
    for (const { socket } of quiet) socket.close();
    await Promise.all(quiet.map(({ closed }) => closed));
    await until(async () => (await metricOf(metrics, "websocket_active_connections")) === 0);
    assert.equal((await connect({ localAddress: "127.0.3.1" })).status, 101, "there is room again");
    // the two ends of the last one
    await until(() => connections() <= atFirst + 2);
  });
});
