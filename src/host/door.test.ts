// The operator door on a real socket, in a folder of its own.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Result } from "../base/result.ts";
import { fail } from "../base/result.ts";
import { World } from "./bench.fixture.ts";
import { type Door, openDoor } from "./door.ts";
import { callDoor } from "./door-client.ts";
import type { HostError } from "./host-error.ts";
import { botQueries } from "./status.ts";

interface House {
  readonly world: World;
  readonly path: string;
  readonly door: Door;
}

const open = (world: World, path: string): Promise<Result<Door, HostError>> =>
  new Promise((resolve) => {
    const { host } = world.process ?? assert.fail("no process");
    openDoor({ path, host, queries: botQueries(host), readConfig: () => fail("config: no such file") }, resolve);
  });

async function inHouse(visit: (house: House) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "door-"));
  const world = new World();
  const bot = world.running();
  const path = join(dir, "control.sock");
  const opened = await open(world, path);
  assert.ok(opened.ok);
  // commands are taken by the next turn; this world only turns when told to
  const offer = bot.host.offer.bind(bot.host);
  bot.host.offer = (event) => {
    offer(event);
    queueMicrotask(() => bot.host.drain());
  };
  try {
    await visit({ world, path, door: opened.value });
  } finally {
    opened.value.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const WHO = { by: "mika", reason: "test" };

test("GRID-46 a command is journaled with who and why before it is answered", async () => {
  await inHouse(async ({ world, path }) => {
    const answer = await callDoor(path, { command: "pause", ...WHO });
    assert.ok(answer.ok);
    const records = [...(world.process?.journal?.records(0) ?? [])].filter(({ kind }) => kind === "command");
    assert.equal(records.length, 1);
    assert.equal(records[0]?.seq, answer.seq);
    assert.match(records[0]?.body ?? "", /"by":"mika".*"reason":"test"/);
    assert.equal(world.process?.host.state.blocks.has("operator"), true);
  });
});

test("GRID-46 every command can be said, in decimals as people write them", async () => {
  await inHouse(async ({ path, world }) => {
    const said = [
      { command: "pause", cancelEntries: true, leg: "L" },
      { command: "resume" },
      { command: "clearGate", gate: "divergence" },
      { command: "adopt", quantity: "0.010", average: "3000.005" },
      { command: "writeOff", quantity: "0.010", leg: "L" },
      { command: "reanchor", price: "3000.00" },
      { command: "reconcileAccept" },
      { command: "kill", flatten: false },
      { command: "killReset" },
      { command: "start" },
      { command: "flatten" },
      { command: "stop", cancelOnExit: "all" },
    ];
    for (const request of said) {
      const answer = await callDoor(path, { ...request, ...WHO });
      assert.ok(answer.ok, `${request.command}: ${JSON.stringify(answer)}`);
    }
    const bodies = [...(world.process?.journal?.records(0) ?? [])].filter(({ kind }) => kind === "command");
    assert.equal(bodies.length, said.length);
    assert.match(bodies[3]?.body ?? "", /"average":300000500,"lots":10/);
  });
});

test("GRID-46 what is not exactly a command is refused with what is wrong, and changes nothing", async () => {
  await inHouse(async ({ path, world }) => {
    const before = world.process?.host.state.seq;
    const refused: readonly [Readonly<Record<string, unknown>>, RegExp][] = [
      [{ command: "pause" }, /by: /],
      [{ command: "pause", by: "a", reason: "" }, /reason: /],
      [{ command: "explode", ...WHO }, /command/],
      [{ command: "reanchor", price: "3000.001", ...WHO }, /price: 3000.001 is not a multiple of 0.01/],
      [{ command: "reanchor", price: 3000, ...WHO }, /price: /],
      [{ command: "adopt", quantity: "one", ...WHO }, /quantity: "one" is not a decimal number/],
      [{ command: "update", config: "x: 1", ...WHO }, /config: no such file/],
      [{ command: "resume", extra: 1, ...WHO }, /extra/],
      [{ query: "secrets" }, /no query is called "secrets"; there are status, orders, ladder/],
    ];
    for (const [request, why] of refused) {
      const answer = await callDoor(path, request);
      assert.ok(!answer.ok, JSON.stringify(request));
      assert.match(answer.error, why);
    }
    assert.equal(world.process?.host.state.seq, before);
  });
});

const raw = (path: string, text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = "";
    const socket = createConnection(path, () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      answer += part;
    });
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
  });

test("GRID-46 garbage and endless lines are refused politely, and the door stays open", async () => {
  await inHouse(async ({ path }) => {
    assert.match(await raw(path, "\u0000\u0001 hello\n"), /not JSON/);
    assert.match(await raw(path, "[]\n"), /"ok":false/);
    assert.match(await raw(path, `{"query":"${"x".repeat(300_000)}`), /at most/);
    const answer = await callDoor(path, { query: "status" });
    assert.ok(answer.ok);
  });
});

test("GRID-46 status, orders and ladder are told as plain JSON with decimals as text", async () => {
  await inHouse(async ({ path }) => {
    const status = await callDoor(path, { query: "status" });
    assert.ok(status.ok);
    assert.deepEqual(
      Object.entries(status.answer as object).filter(([key]) => ["phase", "position", "openOrders"].includes(key)),
      [
        ["phase", "running"],
        ["position", "0.000"],
        ["openOrders", 2],
      ],
    );
    const orders = await callDoor(path, { query: "orders" });
    assert.ok(orders.ok);
    const [order] = orders.answer as { price: string; quantity: string }[];
    assert.deepEqual([order?.price, order?.quantity], ["2998.99", "0.010"]);
    assert.ok((await callDoor(path, { query: "ladder" })).ok);
  });
});

test("DUR-57 a door that somebody answers is not taken; one whose owner was killed is", async () => {
  await inHouse(async ({ world, path, door }) => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = await open(world, path);
    assert.ok(!second.ok);
    assert.equal(second.error.code, "DOOR_TAKEN");
    door.close();
    writeFileSync(path, ""); // what a killed process leaves: a name nobody answers at
    const third = await open(world, path);
    assert.ok(third.ok);
    third.value.close();
    assert.match(JSON.stringify(await callDoor(path, { query: "status" })), /no bot is running here/);
    const long = await open(world, join(path, "x".repeat(120)));
    assert.ok(!long.ok);
    assert.match(long.error.message, /shorten the data folder/);
  });
});
