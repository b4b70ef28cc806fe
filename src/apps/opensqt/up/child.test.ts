// A supervised process with real processes and real signals.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { type ChildEvents, type ChildLine, SupervisedChild } from "./child.ts";
import type { AfterDeath } from "./restart-rule.ts";

/** A process that answers /ready on the port it is given; "deaf" ignores SIGTERM, "refuses" ends with code 3. */
const PROGRAM = `
const { createServer } = require("node:http");
const [port, mode] = process.argv.slice(1);
if (mode === "refuses") { console.error("opensqt: the port is no port"); process.exit(3); }
let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  response.statusCode = asked > 1 ? 200 : 503;
  response.end(JSON.stringify({ waiting: asked > 1 ? [] : [{ name: "exchange", text: "not connected" }] }));
});
const line = (code) => console.error(JSON.stringify({ at: new Date().toISOString(), level: "info", process: "p", msg: code, code }));
server.on("error", () => { console.error("opensqt: port " + port + " is in use by another"); process.exit(3); });
server.listen(Number(port), "127.0.0.1", () => line("http-listens"));
process.on("SIGTERM", () => { if (mode !== "deaf") process.exit(0); });
process.stdin.on("end", () => process.exit(0)).resume();
line("start");
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface Seen extends ChildEvents {
  readonly said: string[];
  readonly lines: ChildLine[];
  next(word: string): Promise<string>;
}

function watcher(): Seen {
  const said: string[] = [];
  const lines: ChildLine[] = [];
  const waiting = new Set<() => void>();
  const say = (text: string): void => {
    said.push(text);
    for (const look of waiting) look();
  };
  return {
    said,
    lines,
    line: (line) => lines.push(line),
    waiting: (text) => say(`waiting ${text}`),
    ready: () => say("ready"),
    died: (end, after: AfterDeath) => say(`died ${end.code} ${end.signal} ${after.kind} ${end.lastWords}`),
    next: (word) =>
      new Promise((resolve) => {
        const from = said.length;
        const look = (): void => {
          const found = said.slice(from).find((text) => text.startsWith(word));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
      }),
  };
}

async function childOf(mode: string, seen: Seen, stopMsMax = 5_000): Promise<SupervisedChild> {
  const port = await freePort();
  const command = [process.execPath, "-e", PROGRAM, String(port), mode] as const;
  const url = `http://127.0.0.1:${port}`;
  return new SupervisedChild(
    { name: "p", command: [...command], environment: {}, url, patienceMs: 0, stopMsMax },
    seen,
  );
}

test("a child is waited for until ready, started again when it is killed, and stopped in order", async () => {
  const seen = watcher();
  const child = await childOf("plain", seen);
  const ready = seen.next("ready");
  child.start();
  await ready;
  assert.deepEqual(seen.said, ["waiting exchange: not connected", "ready"]);
  assert.equal(seen.lines[0]?.code, "start");
  const first = child.pid;
  assert.ok(first !== null && child.ready);
  const died = seen.next("died");
  const again = seen.next("ready");
  process.kill(first, "SIGKILL");
  assert.equal(await died, "died null SIGKILL again ");
  await again;
  assert.notEqual(child.pid, first);
  const end = await child.stop();
  assert.deepEqual([end.code, end.killed, child.pid], [0, false, null]);
});

test("a child whose port was taken while it was dead is started until the port is its own again", async () => {
  const seen = watcher();
  const child = await childOf("plain", seen);
  const ready = seen.next("ready");
  child.start();
  await ready;
  const first = child.pid;
  assert.ok(first !== null);
  const killed = seen.next("died null SIGKILL");
  process.kill(first, "SIGKILL");
  await killed;
  const thief = createServer().listen(Number(new URL(child.plan.url).port), "127.0.0.1");
  await once(thief, "listening");
  assert.match(await seen.next("died 3"), /^died 3 null again opensqt: port \d+ is in use/);
  const again = seen.next("ready");
  thief.close();
  await again;
  await child.stop();
});

test("a child that refuses stays down, and its last words are kept", async () => {
  const seen = watcher();
  const child = await childOf("refuses", seen);
  const died = seen.next("died");
  child.start();
  assert.equal(await died, "died 3 null final opensqt: the port is no port");
  await child.stop();
});

test("OPS-55 a child that does not stop in its time is killed, and that is said", async () => {
  const seen = watcher();
  const child = await childOf("deaf", seen, 100);
  const ready = seen.next("ready");
  child.start();
  await ready;
  const end = await child.stop();
  assert.deepEqual([end.signal, end.killed], ["SIGKILL", true]);
});
