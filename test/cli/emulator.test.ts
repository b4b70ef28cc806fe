// `opensqt emulator` as a user meets it: what it prints, that clients are answered, what it remembers and refuses.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { assertRefused, opensqt, type Running, root, startOpensqt, withFolder } from "./command-line.ts";

const FREE = ["emulator", "--port", "0", "--control-port", "0"];

interface Told {
  readonly data: {
    readonly ports: Readonly<Record<string, number>>;
    readonly control: string;
    readonly market: string;
  };
}

async function started(words: readonly string[], use: (told: Told["data"], running: Running) => Promise<void>) {
  const running = startOpensqt([...FREE, "--json", ...words]);
  await running.seen(/"accounts"[\s\S]*\n}/);
  const { data } = JSON.parse(
    running
      .said()
      .replace(/^[^{]*/, "")
      .replace(/\n}\n[\s\S]*$/, "\n}"),
  ) as Told;
  try {
    await use(data, running);
  } finally {
    running.kill("SIGTERM");
    assert.equal((await running.ended).code, 0);
  }
}

const json = async (url: string, body?: unknown): Promise<unknown> =>
  (await fetch(url, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })).json();

test("EMU-03 EMU-35 the emulator starts on free ports, answers, and stops on a signal", async () => {
  await started(["--market", "frozen", "--clock", "manual"], async ({ ports, control, market }) => {
    assert.match(market, /synthetic market "frozen" \(nothing moves and nobody trades\), seed 1/);
    const before = (await json(`http://127.0.0.1:${ports["binance-usdm"]}/fapi/v1/time`)) as { serverTime: number };
    const { nowMs } = (await json(`${control}/control/clock`, { advanceMs: 5_000 })) as { nowMs: number };
    assert.equal(nowMs, before.serverTime + 5_000);
    const after = (await json(`http://127.0.0.1:${ports["binance-spot"]}/api/v3/time`)) as { serverTime: number };
    assert.equal(after.serverTime, nowMs);
    assert.equal((await fetch(`${control}/ready`)).status, 200);
  });
});

test("EMU-04 EMU-34 an emulator plays a script, remembers its world, and goes on with it", async () => {
  await withFolder(async (folder) => {
    const script = join(folder, "scenario.jsonl");
    const trade = { side: "buy", price: "61234.5", quantity: "0.001" };
    const line = { atMs: 1_000, call: "market", body: { symbol: "BTC/USDT:USDT", trade } };
    const order = { symbol: "BTC/USDT:USDT", level: { side: "buy", price: "50000.0", quantity: "7" } };
    writeFileSync(
      script,
      `# one trade\n${JSON.stringify(line)}\n${JSON.stringify({ ...line, atMs: 2_000, body: order })}\n`,
    );
    const memory = ["--memory", join(folder, "memory"), "--market", "hand", "--clock", "manual"];
    let hash = "";
    await started([...memory, "--script", script], async ({ control, ports }) => {
      await json(`${control}/control/clock`, { advanceMs: 3_000 });
      const trades = await json(`http://127.0.0.1:${ports["binance-usdm"]}/fapi/v1/trades?symbol=BTCUSDT`);
      assert.match(JSON.stringify(trades), /61234\.5/);
      hash = ((await json(`${control}/control/state`)) as { hash: string }).hash;
    });
    await started(memory, async ({ control, market }) => {
      assert.match(market, /going on/);
      assert.equal(((await json(`${control}/control/state`)) as { hash: string }).hash, hash);
    });
    assertRefused(opensqt([...FREE, "--memory", join(folder, "memory")]), 3, "is a world of the market hand");
  });
});

test("EMU-01 OPS-11 the emulator refuses what it cannot start with, in one message", () => {
  withFolder((folder) => {
    assertRefused(opensqt([...FREE, "--host", "0.0.0.0"]), 2, "0.0.0.0 is no loopback address", "--allow-remote");
    assertRefused(opensqt([...FREE, "--market", "stormy"]), 2, "stormy");
    const accounts = join(folder, "accounts.json");
    writeFileSync(accounts, '[{"name": "a", "colour": "red"}]');
    assertRefused(opensqt([...FREE, "--accounts", accounts]), 3, "colour");
    const script = join(folder, "script.jsonl");
    writeFileSync(script, '{"atMs": -1, "call": "market"}');
    assertRefused(opensqt([...FREE, "--script", script]), 3, "script.jsonl:1: atMs");
  });
});

test("EMU-35 every call that docs/emulator.md shows is answered by a running emulator", async () => {
  const document = readFileSync(join(root, "docs", "emulator.md"), "utf8");
  const calls = [...document.matchAll(/^curl -s "?\$C(\S+?)"?(?: -d '(.*)')?$/gm)];
  assert.ok(calls.length > 15, `${calls.length} calls`);
  await started([], async ({ control }) => {
    for (const [line, path = "", body] of calls) {
      const order = body === undefined ? {} : { method: "POST", body };
      const reply = await fetch(`${control}/control${path}`, order);
      assert.equal(reply.status, 200, `${line}: ${await reply.text()}`);
    }
  });
});
