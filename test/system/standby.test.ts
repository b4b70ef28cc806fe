// Two market-makers on one store: the second is refused, or stands by and takes over when the first is gone.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { stringify } from "yaml";
import { type Running, startOpensqt, withFolder } from "../cli/command-line.ts";
import { until } from "./system.ts";

const grid = { spacing: "geometric", spacingBps: "20", orderQuote: "130", entryLevels: 3, exitLevels: 3 };

/** A market-maker with the simulated exchange in itself, on the folder's store. */
function engine(folder: string, name: string, lock: "refuse" | "wait"): Running {
  const config = {
    exchange: "simulated",
    lock,
    simulated: { balance: "10000", seed: 1, instruments: [{ symbol: "BTC/USDT:USDT", startPrice: "60000" }] },
    store: { sqlite: join(folder, "store") },
    bots: [{ id: "one", strategy: "grid", instrument: "BTC/USDT:USDT", grid }],
    grpc: { bind: `unix:./${name}.sock` },
    http: { port: 0 },
  };
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, stringify(config));
  return startOpensqt(["market-maker", "--config", path], { cwd: folder, timeoutMs: 120_000 });
}

/** Where it listens now: a process that takes over listens anew. */
const urlOf = (running: Running): string =>
  [...running.said().matchAll(/"url":"(http[^"]+)"[^\n]*http listens/g)].at(-1)?.[1] ?? "";

async function readyOf(running: Running): Promise<{ status: number; waiting: { name: string; text: string }[] }> {
  const answer = await fetch(`${urlOf(running)}/ready`);
  const { waiting } = (await answer.json()) as { waiting: { name: string; text: string }[] };
  return { status: answer.status, waiting };
}

test("OPS-20 a second copy ends with 8; with lock: wait it stands by, not ready, and takes over", async () => {
  await withFolder(async (folder) => {
    const first = engine(folder, "first", "refuse");
    await first.seen(/recovery done/);
    await until("the first is ready", async () => (await readyOf(first)).status === 200);
    const refused = await engine(folder, "refused", "refuse").ended;
    assert.equal(refused.code, 8, refused.err);
    assert.match(refused.err, /LOCK_HELD/);
    const second = engine(folder, "second", "wait");
    try {
      await second.seen(/"code":"stand-by"/);
      await second.seen(/http listens/);
      const { status, waiting } = await readyOf(second);
      assert.equal(status, 503);
      assert.deepEqual(
        waiting.map(({ name }) => name),
        ["lock"],
      );
      assert.match(waiting[0]?.text ?? "", /^held by process \d+ on .+, since 20[\d:.TZ-]+$/);
      assert.equal((await fetch(`${urlOf(second)}/health`)).status, 200, "it lives");
      assert.ok(!second.said().includes("exchange done"), "it has not gone to the exchange");
      first.kill("SIGKILL");
      await first.ended;
      await second.seen(/recovery done/);
      await until("the second is ready", async () => (await readyOf(second)).status === 200);
      second.kill("SIGTERM");
      const { code, err } = await second.ended;
      assert.equal(code, 0, err);
      assert.match(err, /one: stopped/);
    } finally {
      first.kill("SIGKILL");
      second.kill("SIGKILL");
    }
  });
});

test("OPS-20 a process that stands by ends at once when it is told to, and leaves the owner alone", async () => {
  await withFolder(async (folder) => {
    const first = engine(folder, "first", "refuse");
    await first.seen(/recovery done/);
    const second = engine(folder, "second", "wait");
    try {
      await second.seen(/"code":"stand-by"[\s\S]*http listens/);
      second.kill("SIGTERM");
      const { code, err } = await second.ended;
      assert.equal(code, 0, err);
      await until("the first is ready", async () => (await readyOf(first)).status === 200);
    } finally {
      first.kill("SIGKILL");
      second.kill("SIGKILL");
      await Promise.all([first.ended, second.ended]);
    }
  });
});
