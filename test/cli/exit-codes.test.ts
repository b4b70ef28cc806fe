// Each exit code of the one table that a command line can produce, produced.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { assertRefused, opensqt, root, type Said, startOpensqt, withFolder } from "./command-line.ts";
import { candleLines, packed, put } from "./market-files.ts";

const SHORT = ["--synthetic", "2m", "--quiet"];
/** Both places are Linux's own. */
const NO_PROC = process.platform === "linux" ? false : "no /proc and no /dev/full";

test("exit 0: a backtest that went to its end, with the report it names", () => {
  withFolder((folder) => {
    const out = join(folder, "runs", "a");
    const said = opensqt(["backtest", "run", ...SHORT, "--out", out]);
    assert.equal(said.code, 0, said.err);
    assert.ok(said.out.includes(`report ${out}/report.html`), said.out);
    const files = [
      "config.yaml",
      "equity.csv",
      "fills.csv",
      "findings.json",
      "orders.csv",
      "report.html",
      "report.json",
    ];
    assert.deepEqual(
      readdirSync(out).filter((name) => files.includes(name)),
      files,
    );
    assert.deepEqual(readdirSync(join(folder, "runs")), ["a"]);
  });
});

test("OPS-11 --json prints the report as one document and nothing else", () => {
  withFolder((folder) => {
    const out = join(folder, "a");
    const said = opensqt(["backtest", "run", "--synthetic", "1m", "--out", out, "--json"]);
    const document = JSON.parse(said.out) as {
      v: number;
      ok: boolean;
      data: { folder: string; report: { kind: string } };
    };
    assert.deepEqual([document.v, document.ok, document.data.folder], [1, true, out]);
    assert.equal(document.data.report.kind, "opensqt.backtest");
    assert.equal(said.err, "");
  });
});

test("exit 2: a report or a journal that stands there is never overwritten unasked", () => {
  withFolder((folder) => {
    const out = join(folder, "a");
    const journal = join(folder, "j");
    const run = ["backtest", "run", ...SHORT, "--out", out];
    assert.equal(opensqt([...run, "--journal", journal]).code, 0);
    const before = readFileSync(join(out, "report.json"), "utf8");
    assertRefused(opensqt(run), 2, "exists already", "--overwrite");
    assert.equal(readFileSync(join(out, "report.json"), "utf8"), before);
    assertRefused(opensqt([...run, "--overwrite", "--journal", journal]), 2, "holds a journal already");
    assert.equal(opensqt([...run, "--overwrite"]).code, 0);
    assert.deepEqual(readdirSync(folder).sort(), ["a", "j"]);
  });
});

test("exit 4: a bot whose safety check says no does not run, and leaves nothing", () => {
  withFolder((folder) => {
    const file = put(
      folder,
      "brave.yaml",
      `bot: { id: b, strategy: grid, instrument: "BTC/USDT:USDT", grid: { interval: "100", orderQuote: "200" } }\nsimulated: { instrument: { leverage: 20 } }\n`,
    );
    const out = join(folder, "a");
    const said = opensqt(["backtest", "run", "--config", file, ...SHORT, "--out", out]);
    assertRefused(said, 4, "the bot did not start", "leverage is 20 on the exchange, config allows 3");
    assert.deepEqual(readdirSync(folder), ["brave.yaml"]);
  });
});

test("exit 5: no system runs there, or what is there does not answer", () => {
  withFolder((folder) => {
    const there = ["--data-dir", folder];
    for (const words of [["status"], ["bot", "list"], ["top"], ["stop"], ["health"], ["token", "pair"]]) {
      assertRefused(opensqt([...words, ...there]), 5, "no opensqt up is running in", "opensqt up");
    }
    assertRefused(opensqt(["kill", "--reason", "test", ...there]), 5, "no opensqt up is running in", "kill --direct");
    assertRefused(opensqt(["health", "--url", "there"]), 2, "--url there is not allowed", "http://127.0.0.1:8080");
    const key = put(folder, "key", "k".repeat(43));
    chmodSync(key, 0o600);
    const elsewhere = ["status", "--address", "127.0.0.1:1", "--key-file", key];
    assertRefused(opensqt(elsewhere), 5, "127.0.0.1:1 does not answer");
  });
});

test("exit 9: a key file that others may read is not used", () => {
  withFolder((folder) => {
    const key = put(folder, "key", "k".repeat(43));
    chmodSync(key, 0o644);
    const said = opensqt(["status", "--address", "127.0.0.1:1", "--key-file", key]);
    assertRefused(said, 9, "can be read by others", "chmod 600");
  });
});

test("exit 5: what left its run file and was killed is no running system", () => {
  withFolder((folder) => {
    const gone = { pid: 2 ** 22 + 1, grpc: "127.0.0.1:1", http: "http://127.0.0.1:1" };
    const run = {
      v: 1,
      release: "0",
      pid: gone.pid,
      startedAtMs: 0,
      console: "",
      operatorKey: "k",
      connector: gone,
      marketMaker: gone,
      liveServer: gone,
    };
    put(folder, "run.json", JSON.stringify(run));
    assertRefused(opensqt(["status", "--data-dir", folder]), 5, "no opensqt up is running in");
  });
});

test("OPS-63 exit 3: a process whose port is taken says which and by whom, and leaves nothing running", async () => {
  await withFolder(async (folder) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = `{ name: a, role: reader, sha256: "${"0".repeat(64)}" }`;
    const text = `grpc: { bind: "127.0.0.1:0", clients: [${client}] }\nhttp: { port: ${port} }\nstore: { folder: "${folder}/x" }\n`;
    const config = put(folder, "connector.yaml", `${text}simulated: { instruments: [{ symbol: "BTC/USDT:USDT" }] }\n`);
    const ended = startOpensqt(["connector", "--config", config]).ended;
    const said = await ended;
    server.close();
    assert.equal(said.code, 3, said.err);
    assert.match(said.err, new RegExp(`opensqt: port ${port} on 127\\.0\\.0\\.1 is in use by process ${process.pid}`));
  });
});

test("OPS-12 OPS-13 a start goes through named, timed phases, and stops at the one that fails, with its code", async () => {
  await withFolder(async (folder) => {
    put(folder, "a-file", "");
    const config = put(
      folder,
      "connector.yaml",
      `grpc: { bind: "127.0.0.1:0", clients: [{ name: a, role: reader, sha256: "${"0".repeat(64)}" }] }
http: { port: 0 }
store: { folder: "${folder}/x" }
simulated: { instruments: [{ symbol: "BTC/USDT:USDT" }] }
`,
    );
    const good = startOpensqt(["connector", "--config", config]);
    await good.seen(/http-listens/);
    good.kill("SIGTERM");
    const ended = await good.ended;
    assert.equal(ended.code, 0, ended.err);
    assert.match(ended.err, /"phase":"exchange","tookMs":\d+.*"phase":"services","tookMs":\d+/s);
    const broken = put(folder, "broken.yaml", readFileSync(config, "utf8").replace("/x", "/a-file/x"));
    const said = await startOpensqt(["connector", "--config", broken]).ended;
    assert.equal(said.code, 13, said.err);
    assert.match(said.err, /"phase-failed","phase":"exchange"/);
  });
});

test("exit 6: a journal with a flipped byte, or of a newer release, is refused where it is wrong", () => {
  withFolder((folder) => {
    const journal = join(folder, "j");
    assert.equal(opensqt(["backtest", "run", ...SHORT, "--out", join(folder, "a"), "--journal", journal]).code, 0);
    assert.equal(opensqt(["journal", "verify", journal]).code, 0);
    flipByte(join(journal, "journal.db"));
    assertRefused(opensqt(["journal", "verify", journal]), 6, /JOURNAL_CORRUPT at position \d+.*journal salvage/s);
    assertRefused(opensqt(["replay", journal]), 6, "JOURNAL_CORRUPT");
  });
});

test("exit 3: a journal that is not there", () => {
  withFolder((folder) => {
    assertRefused(opensqt(["replay", join(folder, "none")]), 3, "there is no journal at");
    assertRefused(opensqt(["explain", "oabc", "--journal", join(folder, "none")]), 3, "there is no journal at");
  });
});

test("exit 13: a folder that cannot be written is known before the run", () => {
  withFolder((folder) => {
    const file = put(folder, "a-file", "x");
    const said = opensqt(["backtest", "run", ...SHORT, "--out", join(file, "report")]);
    assertRefused(said, 13, "cannot write there", "--out");
    const candles = put(folder, "c.csv", candleLines());
    assertRefused(opensqt(["data", "prepare", candles, "--out", join(file, "c.osq"), "--quiet"]), 13);
    assert.deepEqual(readdirSync(folder).sort(), ["a-file", "c.csv"]);
  });
});

test("exit 13: a place that takes no folder, and an output that takes no more", { skip: NO_PROC }, () => {
  assertRefused(opensqt(["certs", "init", "--out", "/proc/opensqt"]), 13, "/proc/opensqt cannot be written");
  const { status, stderr } = spawnSync("sh", ["-c", `"${root}/bin/opensqt" --help > /dev/full`], { encoding: "utf8" });
  assert.equal(status, 13, stderr);
  assert.match(stderr, /^opensqt: the rest cannot be written: ENOSPC/);
});

test("BT-28 exit 130: Ctrl-C ends a run with a report marked partial", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "a");
    const run = startOpensqt(["backtest", "run", "--synthetic", "60d", "--out", out, "--journal", join(folder, "j")]);
    while (!existsSync(join(folder, "j", "journal.db"))) meanwhile();
    meanwhile();
    run.kill("SIGINT");
    const said = await run.ended;
    assert.equal(said.code, 130, said.err);
    assert.match(said.out, /PARTIAL: ended by the user/);
    const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as { header: { whole: boolean } };
    assert.equal(report.header.whole, false);
    assert.equal(opensqt(["replay", join(folder, "j")]).code, 0, "its journal is whole");
  });
});

test("exit 143: a SIGTERM while data are loaded writes nothing", async () => {
  await withFolder(async (folder) => {
    const file = put(folder, "long.csv.gz", packed(candleLines(300_000)));
    const out = join(folder, "a");
    const run = startOpensqt(["backtest", "run", "--data", file, "--out", out]);
    meanwhile();
    run.kill("SIGTERM");
    const said = await run.ended;
    assert.ok(said.code === 143 || said.code === null, `${said.code}: ${said.err}`);
    assert.equal(existsSync(out), false);
  });
});

test("a full disk under report or journal ends with exit 13 and leaves nothing half-written", (context) => {
  withFolder((folder) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", disk]);
    if (mounted.status !== 0) return context.skip("a small disk needs root and mount");
    try {
      const run = ["backtest", "run", "--synthetic", "6h", "--quiet", "--out"];
      assertRefused(opensqt([...run, join(disk, "a")]), 13, "the disk is full", "Nothing was left behind");
      assert.deepEqual(readdirSync(disk), []);
      const journaled = opensqt([...run, join(folder, "b"), "--journal", join(disk, "j")]);
      assert.equal(journaled.code, 13, journaled.err);
      assert.match(journaled.out, /PARTIAL/);
      const candles = put(folder, "c.csv", candleLines(20_000));
      assertRefused(
        opensqt(["data", "prepare", candles, "--out", join(disk, "c.osq"), "--quiet"]),
        13,
        "the disk is full",
      );
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});

/** Changes one byte of a recorded body where it lies in the database. */
function flipByte(path: string): void {
  copyFileSync(path, `${path}.before`);
  const db = new DatabaseSync(path);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%body%'").all();
  const [table] = tables.map((row) => String(row["name"]));
  const middle = db.prepare(`SELECT rowid AS at, body FROM ${table} ORDER BY rowid LIMIT 1 OFFSET 100`).get();
  const body = String(middle?.["body"]);
  const changed = body.replace(/\d/, (digit) => (digit === "1" ? "2" : "1"));
  db.prepare(`UPDATE ${table} SET body = ? WHERE rowid = ?`).run(changed, Number(middle?.["at"]));
  db.close();
}

/** Another process from start to end: as long as the one that is waited for needs to come so far. */
const meanwhile = (): Said => opensqt(["backtest", "run", "--help"]);
