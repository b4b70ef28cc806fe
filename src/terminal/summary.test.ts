// What a terminal shows of a run: tables, the summary, progress.

import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { exampleRun } from "../../test/example-run.ts";
import { decimalText, durationText, numberText, percentText, signedNumber, signedText } from "../backtest/figures.ts";
import { reportDocument, reportSchema } from "../backtest/report-json.ts";
import { paceOf, progressLine, startProgress } from "./progress.ts";
import { renderSummary, summaryJson } from "./summary.ts";
import { cellText, cutText, displayWidth, renderTable } from "./table.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

test("BT-35 figures keep their sign and digits, and what does not exist prints n/a", () => {
  assert.equal(decimalText("1234567.8951", 2), "1,234,567.90");
  assert.equal(decimalText("-0.004", 2), "0.00");
  assert.equal(signedText("12.5", 2), "+12.50");
  assert.equal(signedText("-12.5", 2), "−12.50");
  assert.equal(signedText("0", 2), "0.00");
  assert.equal(decimalText(null, 2), "n/a");
  assert.equal(numberText(null, 2), "n/a");
  assert.equal(numberText(-0.0001, 2), "0.00");
  assert.equal(signedNumber(0.5, 1), "+0.5");
  assert.equal(percentText(0.0123), "1.23 %");
  assert.equal(percentText(null), "n/a");
  assert.equal(durationText(345_000_000), "5 min 45 s");
  assert.equal(durationText(90_061_000_000), "1 d 1 h");
  assert.equal(durationText(40_000), "40 ms");
  assert.equal(durationText(null), "n/a");
});

test("a table lines its columns up, figures to the right, and gives way to a narrow terminal", () => {
  const columns = [{ title: "finding" }, { title: "count", align: "right" as const }, { title: "effect" }];
  const rows = [
    ["clockSkew", "1", "exchange − local is 1,219.4 … 1,272.5 ms"],
    ["sequenceBreak", "1,204", "book invalid, no fills\nuntil the next snapshot"],
  ];
  assert.equal(
    renderTable(columns, rows),
    [
      "finding        count  effect",
      "─────────────  ─────  ──────────────────────────────────────────────",
      "clockSkew          1  exchange − local is 1,219.4 … 1,272.5 ms",
      "sequenceBreak  1,204  book invalid, no fills until the next snapshot",
    ].join("\n"),
  );
  const narrow = renderTable(columns, rows, { width: 40, ascii: true }).split("\n");
  assert.ok(narrow.every((line) => displayWidth(line) <= 40));
  assert.equal(narrow[2], "clockSkew          1  exchange − local…");
});

test("a cell is exactly as wide as it was asked to be, whatever the text", () => {
  const property = fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
    assert.ok(displayWidth(cutText(text, width)) <= width);
    assert.equal(displayWidth(cellText(text, width, "right")), width);
  });
  fc.assert(property, { numRuns: RUNS, seed: 7 });
});

test("a table prints no control character that a data file smuggled in", () => {
  assert.ok(!renderTable([{ title: "a" }], [["x\u001b[2Jy\u0007"]]).includes("\u001b"));
});

test("BT-33 the terminal summary says what the page says, within the width of the terminal", () => {
  const report = reportDocument(exampleRun({ whole: false }));
  for (const width of [80, 120]) {
    const text = renderSummary(report, { folder: "runs/a", width, color: false });
    for (const line of text.split("\n").slice(3, 30)) assert.ok(displayWidth(line) <= width, line);
    for (const word of ["grid on BTC/USDT:USDT", "L2", "PARTIAL: stopped by Ctrl-C", "synthetic market", "n/a"]) {
      assert.ok(text.includes(word), word);
    }
    assert.ok(text.includes(report.header.stateHash));
    assert.ok(text.includes("runs/a/report.html"));
    assert.ok(!text.includes("\u001b"));
  }
  assert.ok(renderSummary(report, { folder: null, width: 80, color: true }).includes("\u001b[1m"));
});

test("BT-47 --json prints one document with the whole report", () => {
  const text = summaryJson(reportDocument(exampleRun()), "runs/a");
  const parsed = JSON.parse(text);
  assert.equal(parsed.ok, true);
  assert.equal(text.trimEnd().split("\n").length, 1);
  reportSchema.parse(parsed.data.report);
});

class Sink extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  text = "";

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const AT = Date.UTC(2019, 4, 30, 12) * 1000;
const stateAt = (done: number) => ({ done, total: 1000, simulatedUs: AT, equity: "9871.2" });

test("BT-28 progress names the simulated date, percent, events/s, time left and equity", () => {
  const line = progressLine({ label: "backtest", unit: "events" }, stateAt(410), 1000);
  assert.equal(line, "backtest 41 %  2019-05-30 12:00  410 events/s  2.0 s left  equity 9,871.20");
  assert.deepEqual(paceOf(stateAt(0), 5000), { rate: "n/a", left: "n/a" });
});

test("BT-28 without a terminal there is a line each ten seconds and one at the end", () => {
  const stream = new Sink(false);
  let now = 0;
  const progress = startProgress({ label: "loading", unit: "rows", quiet: false, stream, nowMs: () => now });
  for (now = 0; now <= 25_000; now += 100) progress.update(stateAt(now / 100));
  progress.stop();
  const lines = stream.text.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[2] ?? "", /^loading 25 % {2}250 rows in 25\.\d s$/);
  assert.ok(!stream.text.includes("\u001b"));
});

test("BT-28 --quiet prints nothing", () => {
  const stream = new Sink(true);
  const progress = startProgress({ label: "x", unit: "rows", quiet: true, stream, nowMs: () => 0 });
  progress.update(stateAt(5));
  progress.stop();
  assert.equal(stream.text, "");
});

test("BT-28 on a terminal a bar is drawn and the cursor given back", () => {
  const stream = new Sink(true);
  let now = 0;
  const progress = startProgress({ label: "backtest", unit: "events", quiet: false, stream, nowMs: () => now });
  for (now = 0; now <= 1000; now += 50) progress.update(stateAt(now));
  progress.stop();
  assert.ok(stream.text.includes("━") && stream.text.includes("equity 9,871.20"));
  assert.ok(stream.text.lastIndexOf("\u001b[?25h") > stream.text.lastIndexOf("\u001b[?25l"));
});
