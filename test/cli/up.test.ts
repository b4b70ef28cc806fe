// `opensqt up` as a user meets it: what it says, what it refuses, and that what dies is started again and told.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readRunFile } from "../../src/apps/opensqt/run-file.ts";
import { DEFAULT_CONFIG_TEXT } from "../../src/config/default-config.ts";
import { presentData, skipWithoutData } from "../data.ts";
import { until } from "../system/system.ts";
import { assertRefused, opensqt, type Running, startOpensqt, withFolder } from "./command-line.ts";
import { put } from "./market-files.ts";

const CAPTURE = "ticks/binance-usdm-btcusdt_20240808.gz";
const LIFE = { timeoutMs: 180_000 };

test("OPS-11 up refuses what it cannot start before anything runs, with one message and its exit code", () => {
  withFolder((folder) => {
    const here = ["up", "--data-dir", join(folder, "data")];
    const call = (...words: string[]) => opensqt([...here, ...words], { cwd: folder });
    assertRefused(call("--speed", "fast"), 2, "--speed fast is not allowed");
    assertRefused(call("--seed", "-1"), 2, "--seed -1 is not allowed");
    assertRefused(call("--data", "none.gz"), 3, "none.gz cannot be read: there is no such file");
    const bad = put(folder, "bad.yaml", DEFAULT_CONFIG_TEXT.replace("entryLevels: 6", "entryLevels: -6"));
    assertRefused(call("--config", bad), 3, "bad.yaml:", "entryLevels", "-6 is not allowed");
    assertRefused(call("--config", "absent.yaml"), 3, "absent.yaml", "there is no such file");
    const file = put(folder, "a-file", "");
    assertRefused(opensqt(["up", "--data-dir", join(file, "data")]), 13, "CANNOT_WRITE");
    assert.equal(existsSync(join(folder, "data", "run.json")), false);
  });
});

/** Kills one process of a running system, and waits until it is told that it is back. */
async function killed(up: Running, dataDir: string, name: "connector" | "marketMaker" | "liveServer"): Promise<void> {
  const words = { connector: "connector", marketMaker: "market-maker", liveServer: "live-server" }[name];
  const pid = readRunFile(dataDir)?.[name].pid;
  assert.ok(typeof pid === "number");
  const back = new RegExp(`${words} +was killed \\(SIGKILL\\); started again in [\\s\\S]*${words} +ready`);
  process.kill(pid, "SIGKILL");
  await up.seen(back);
  assert.notEqual(readRunFile(dataDir)?.[name].pid, pid);
}

test("OPS-64 OPS-13 a process that dies is started again and reported; the run file follows and goes with a clean stop", async () => {
  await withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const up = startOpensqt(["up", "--data-dir", dataDir, "--seed", "5"], { cwd: folder, ...LIFE });
    try {
      await up.seen(/Console {2}http:\/\/127\.0\.0\.1:\d+\//);
      for (const name of ["liveServer", "marketMaker", "connector"] as const) await killed(up, dataDir, name);
      const { operatorKey = "" } = readRunFile(dataDir) ?? {};
      for (const name of ["connector", "market-maker", "live-server"]) {
        const log = readFileSync(join(dataDir, "logs", `${name}.log`), "utf8");
        assert.ok(log.includes('"code":"start"') && !log.includes(operatorKey), name);
      }
    } finally {
      up.kill("SIGINT");
    }
    const said = await up.ended;
    assert.equal(said.code, 0, said.err);
    assert.match(said.err, /live-server +stopping[\s\S]*market-maker +stopping[\s\S]*connector +stopping/);
    assert.match(said.err, /btc-grid: stopped; \d+ fills so far, position/);
    assert.equal(readRunFile(dataDir), null);
  });
});

/** The process is gone, or only its exit is not collected yet. */
function isOver(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

test("OPS-11 DUR-59 a second Ctrl-C ends up and all its processes at once with 130", async () => {
  await withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const words = ["up", "--data-dir", dataDir, "--seed", "5"];
    const up = startOpensqt(words, { cwd: folder, ...LIFE });
    await up.seen(/Console {2}http/);
    const { connector, marketMaker, liveServer } = readRunFile(dataDir) ?? assert.fail("run.json is there");
    up.kill("SIGINT");
    await up.seen(/stopping: SIGINT/);
    up.kill("SIGINT");
    const { code, err } = await up.ended;
    assert.equal(code, 130, err);
    for (const { pid } of [connector, marketMaker, liveServer]) {
      await until(`process ${pid} is gone`, async () => isOver(pid ?? assert.fail("it had a process id")));
    }
    const next = startOpensqt([...words, "--quiet"], { cwd: folder, ...LIFE });
    await until("the next one trades", async () => {
      const { out } = opensqt(["status", "--data-dir", dataDir, "--json"]);
      return /"phase": "running"/.test(out);
    });
    next.kill("SIGINT");
    const again = await next.ended;
    assert.equal(again.code, 0, again.err);
    assert.equal(opensqt(["replay", join(dataDir, "synthetic-5", "bots", "btc-grid")]).code, 0);
  });
});

test("the end of a recording stops everything cleanly, with what the bot did", skipWithoutData(CAPTURE), async () => {
  await withFolder(async (folder) => {
    const words = ["up", "--data", presentData(CAPTURE), "--speed", "30", "--data-dir", join(folder, "data"), "--json"];
    const said = await startOpensqt(words, { cwd: folder, ...LIFE }).ended;
    assert.equal(said.code, 0, said.err);
    const { v, ok, data } = JSON.parse(said.out) as { v: number; ok: boolean; data: { console: string } };
    assert.deepEqual([v, ok], [1, true]);
    assert.match(data.console, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(said.err, /btc-grid: stopped; [1-9]\d* fills so far/);
  });
});

test("a full disk stops everything in order with exit 13", async (context) => {
  await withFolder(async (folder) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
    if (mounted.status !== 0) return context.skip("a small disk needs root and mount");
    try {
      const words = ["up", "--data-dir", disk, "--speed", "50", "--quiet"];
      const said = await startOpensqt(words, { cwd: folder, ...LIFE }).ended;
      assert.equal(said.code, 13, said.err);
      assert.match(said.err, /the disk is full|No space|ENOSPC/i);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});
