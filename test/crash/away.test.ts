// What befalls the real processes beside being killed (TEST-23, TEST-49): the connector away while orders fill, no file
// descriptors left, a frozen market-maker, a second copy. One of them with every third commit, all
// of them with `make crash`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { commitNumber } from "../commit-number.ts";
import { App } from "./system/app.ts";
import { KEYS } from "./system/system-config.ts";
import { SystemOrdeals, type SystemRow } from "./system/system-ordeal.ts";
import { type SystemOptions, SystemStage } from "./system/system-stage.ts";
import { pass, until } from "./victim.ts";

const isFull = process.env["OPENSQT_CRASH_ALL"] === "1";
/** One of this file's tests with every third commit: they take long. */
const TURNS = 12;
const APART = 3;
const commit = commitNumber();
/** When the exchange's own timer fires: everything of ten minutes away has happened soon after it. */
const DEAD_MAN_MS = isFull ? 60_000 : 10_000;
const AWAY_MS = Number.parseInt(process.env["OPENSQT_CRASH_AWAY_MS"] ?? (isFull ? "75000" : "15000"), 10);
const FROZEN_MS = isFull ? 60_000 : 5_000;
const PATIENCE_MS = 180_000;

const isLinux = existsSync("/proc/self/fd") && existsSync("/usr/bin/prlimit");

/** False, with the reason told, when it is another test's turn. */
function isDue(t: TestContext, turn: number): boolean {
  if (isFull || commit % TURNS === turn * APART) return true;
  t.skip("another commit's turn; make crash runs it");
  return false;
}

async function onStage(
  given: Pick<SystemOptions, "mode" | "protocol">,
  act: (stage: SystemStage, ordeals: SystemOrdeals) => Promise<void>,
): Promise<void> {
  const stage = new SystemStage({
    ...given,
    seed: String(commit),
    store: "sqlite",
    server: null,
    deadManMs: DEAD_MAN_MS,
  });
  const rows: SystemRow[] = [];
  try {
    await stage.open();
    const ordeals = new SystemOrdeals(stage, rows);
    await ordeals.recovers({ point: "first start", victim: "market-maker", worse: "plain" });
    await act(stage, ordeals);
    await stage.recover();
    await stage.trade(2);
    await ordeals.judged({ point: "afterwards", victim: "both", worse: "plain", recoveryMs: 0 }, true);
  } finally {
    await stage.close();
  }
  assert.deepEqual(
    rows.flatMap(({ what, texts }) => texts.map((text) => `${what}: ${text}`)),
    [],
  );
}

test("TEST-49 RISK-38 EXCH-32 the connector away while orders fill: it is said, nothing is sent, the exchange's timer cancels, nothing is lost", async (t) => {
  if (!isDue(t, 0)) return;
  await onStage({ mode: "neutral", protocol: "binance-usdm" }, async (stage) => {
    const engine = stage.living("engine");
    await stage.living("connector").kill();
    const before = await stage.truth();
    const began = performance.now();
    await engine.seen(/connector-lost|connector.*(lost|gone|not reached|does not answer)/i, PATIENCE_MS);
    await until("orders fill meanwhile", PATIENCE_MS, async () =>
      (await stage.truth()).fills > before.fills ? true : undefined,
    );
    await until("the exchange's own timer has cancelled", PATIENCE_MS, async () =>
      (await stage.truth()).open.length === 0 ? true : undefined,
    );
    await pass(Math.max(0, AWAY_MS - (performance.now() - began)));
    const { open } = await stage.truth();
    assert.deepEqual(open, [], "nothing was sent meanwhile");
    assert.equal(engine.ended, null, "the market-maker lives");
    stage.look();
    assert.notDeepEqual(stage.standing().blocks, [], "and knows that it may not trade");
  });
});

/** No number is left for a new file, whatever closes meanwhile: the three standard ones stay open, as do all others. */
function exhaust(app: App): () => void {
  const limit = (soft: number): void => {
    execFileSync("prlimit", ["--pid", String(app.pid), `--nofile=${soft}:`]);
  };
  limit(STANDARD_FILES);
  return () => limit(1_024);
}

const STANDARD_FILES = 3;
const NO_FILES = /EMFILE|too many open files/i;

test("TEST-49 a connector without descriptors says why it refuses, and with them trades on as if nothing was", async (t) => {
  if (!isDue(t, 1)) return;
  if (!isLinux) {
    t.skip("limits of another process are set by prlimit of Linux");
    return;
  }
  await onStage({ mode: "neutral", protocol: "binance-usdm" }, async (stage) => {
    const connector = stage.living("connector");
    const release = exhaust(connector);
    await stage.cutStreams();
    await connector.seen(NO_FILES, PATIENCE_MS);
    await until("the market-maker blocks", PATIENCE_MS, () => {
      stage.look();
      return stage.standing().blocks.length > 0 ? true : undefined;
    });
    assert.equal(connector.ended, null, "the connector lives");
    release();
  });
});

test("TEST-49 a market-maker without descriptors says why it cannot reach its connector, and recovers with them", async (t) => {
  if (!isDue(t, 2)) return;
  if (!isLinux) {
    t.skip("limits of another process are set by prlimit of Linux");
    return;
  }
  await onStage({ mode: "neutral", protocol: "binance-usdm" }, async (stage) => {
    const engine = stage.living("engine");
    await stage.living("connector").kill();
    const release = exhaust(engine);
    await stage.startConnector();
    await engine.seen(NO_FILES, PATIENCE_MS);
    assert.equal(engine.ended, null, "the market-maker lives");
    release();
  });
});

test("TEST-23 DUR-57 DUR-61 a market-maker that was frozen, and one with a second copy beside it, goes on where it was", async (t) => {
  if (!isDue(t, 3)) return;
  await onStage({ mode: "neutral", protocol: "binance-usdm" }, async (stage, ordeals) => {
    const engine = stage.living("engine");
    engine.signal("SIGSTOP");
    await pass(FROZEN_MS);
    engine.signal("SIGCONT");
    await stage.trade(2);
    await ordeals.judged({ point: "frozen", victim: "market-maker", worse: "plain", recoveryMs: 0 });
    const words = ["market-maker", "--config", "market-maker.yaml"];
    const copy = new App({ words, folder: stage.folder, environment: KEYS });
    const { code } = await copy.gone("a second copy", PATIENCE_MS);
    assert.equal(code, 8, copy.said);
    assert.match(copy.said, new RegExp(`process ${engine.pid}\\b`));
  });
});
