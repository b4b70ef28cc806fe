// opensqt demo plays a whole life: trades, a kill, a recovery, a report. opensqt export is tried on what it leaves,
// while it trades and afterwards: what leaves a journal is exact and adds up.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isAlive } from "../../src/apps/opensqt/run-file.ts";
import { formatDecimal, parseDecimal } from "../../src/base/decimal.ts";
import { assertRefused, opensqt, type Said, startOpensqt } from "./command-line.ts";

interface Line {
  readonly [column: string]: string;
}

interface Report {
  readonly ok: boolean;
  readonly data: {
    readonly fills: number;
    readonly pnl: { readonly gross: string; readonly fees: string };
    readonly replayedEvents: number;
    readonly stoppedInOrder: boolean;
    readonly problems: readonly string[];
  };
}

const SCALE = 18;

/** Exact, as units of 10⁻¹⁸. */
function units(text: string): bigint {
  const parsed = parseDecimal(text);
  assert.ok(parsed.ok, text);
  return parsed.value.digits * 10n ** BigInt(SCALE - parsed.value.scale);
}

const sum = (lines: readonly Line[], column: string): string =>
  formatDecimal(
    lines.reduce((all, line) => all + units(line[column] ?? "0"), 0n),
    SCALE,
  );

function assertTied(ledger: readonly Line[]): void {
  const perCause = Map.groupBy(ledger, ({ cause_id: id, asset }) => `${id} ${asset}`);
  assert.ok(perCause.size >= 4);
  for (const [cause, lines] of perCause) assert.equal(sum(lines, "amount"), "0", cause);
}

describe("opensqt demo and what it leaves", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-cli-"));
  const kept = join(folder, "kept");
  const data = ["--data-dir", join(kept, "data")];
  let said: Said;
  let live: readonly Line[];
  let pids: readonly number[];

  const linesOf = (what: string): readonly Line[] => {
    const { code, out, err } = opensqt(["export", what, "--format", "jsonl", ...data]);
    assert.equal(code, 0, err);
    return out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  };

  before(async () => {
    const demo = startOpensqt(["demo", "--json", "--keep", kept], { timeoutMs: 120_000 });
    await demo.seen(/5\. Trade on/);
    live = linesOf("ledger");
    const run = JSON.parse(readFileSync(join(kept, "data", "run.json"), "utf8")) as Record<string, { pid?: number }>;
    pids = Object.values(run).flatMap(({ pid }) => pid ?? []);
    said = await demo.ended;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("OPS-11 demo trades, survives kill -9, proves that nothing was lost, and leaves no process", () => {
    assert.equal(said.code, 0, `${said.out}${said.err}`);
    const { ok, data: report } = JSON.parse(said.out) as Report;
    assert.deepEqual([ok, report.problems, report.stoppedInOrder], [true, [], true]);
    assert.ok(report.fills >= 12 && report.replayedEvents > 100);
    assert.match(said.err, /kill -9 \d+: the market-maker, in the middle of trading/);
    assert.equal(pids.length, 3);
    assert.deepEqual(pids.filter(isAlive), []);
    assertRefused(opensqt(["demo", "--keep", kept]), 3, "is there already");
    assertRefused(opensqt(["demo", "--seed", "x"]), 2, "whole number");
  });

  test("OPS-11 the ledger exported beside a trading bot adds up, and so it does afterwards", () => {
    assertTied(live);
    const ledger = linesOf("ledger");
    assertTied(ledger);
    assert.deepEqual(ledger.slice(0, live.length), live, "what was exported earlier stands");
  });

  test("OPS-11 fills and lots are exact: fees are the ledger's, and pieces add up to what the report says", () => {
    const { data: report } = JSON.parse(said.out) as Report;
    const fills = linesOf("fills");
    assert.ok(fills.length >= report.fills);
    const ledger = linesOf("ledger").filter(({ account }) => account === "fee");
    assert.equal(sum(fills, "fee"), sum(ledger, "amount"));
    const lots = linesOf("lots");
    for (const { open_price: from = "", close_price: to, quantity = "", realized = "", side } of lots) {
      if (to === undefined) continue;
      const gain = (units(to) - units(from)) * units(quantity) * (side === "long" ? 1n : -1n);
      assert.equal(units(realized), gain / 10n ** BigInt(SCALE));
    }
    const open = lots.filter((line) => !("close_price" in line));
    const signed = fills.map(({ side, quantity = "" }) => units(quantity) * (side === "buy" ? 1n : -1n));
    const position = signed.reduce((all, each) => all + each, 0n);
    const held = open.reduce(
      (all, { quantity = "", side }) => all + units(quantity) * (side === "long" ? 1n : -1n),
      0n,
    );
    assert.equal(held, position);
  });

  test("OPS-11 audit says who did what, CSV keeps commas inside their cell, and no file is overwritten", () => {
    const file = join(folder, "audit.csv");
    const { code, out, err } = opensqt(["export", "audit", "--out", file, "--json", ...data]);
    assert.equal(code, 0, err);
    const text = readFileSync(file, "utf8");
    assert.match(text, /^time,bot,what,by,reason,request_id,text,details,sequence\r\n/);
    assert.equal(text.match(/,run-started,[^,]*,,,release [^,]+,"\{""epoch"":\d+,""lineage"":1,/g)?.length, 2);
    assert.match(text, /,stop-requested,/);
    const rows = (JSON.parse(out) as { data: { rows: number } }).data.rows;
    assert.equal(rows, text.trimEnd().split("\r\n").length - 1);
    assertRefused(opensqt(["export", "audit", "--out", file, ...data]), 3, "is there already");
    assert.equal(existsSync(`${file}.half`), false);
  });

  test("OPS-11 export says what is wrong with what it was asked", () => {
    assertRefused(opensqt(["export", "orders", ...data]), 2, "give fills, lots, ledger, audit");
    assertRefused(opensqt(["export", "fills", "--bot", "nobody", ...data]), 3, "no journal of nobody");
    assert.equal(opensqt(["export", "fills", "--json", ...data]).code, 2);
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    assertRefused(opensqt(["export", "fills", "--out", join(file, "x.csv"), ...data]), 13, "cannot be written");
  });
});
