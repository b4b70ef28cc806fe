// The report folder: whole or absent, machine-readable by its schema, and a page that opens offline in a real browser.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { launchBrowser, skipWithoutBrowser } from "../../test/browser.ts";
import { type ExampleOptions, exampleIdentity, exampleRun } from "../../test/example-run.ts";
import { lots, money } from "../market/amounts.ts";
import { RunRecorder } from "./recorder.ts";
import { writeReport } from "./report.ts";
import { ReportError, ReportFolder } from "./report-folder.ts";
import { reportJsonSchema, reportSchema } from "./report-json.ts";

const FILES = [
  "config.yaml",
  "equity.csv",
  "fills.csv",
  "findings.json",
  "orders.csv",
  "report.html",
  "report.json",
  "where-the-backtest-lies.md",
];

const place = mkdtempSync(join(tmpdir(), "opensqt-report-"));
after(() => {
  rmSync(place, { recursive: true, force: true });
});

function reportAt(name: string, options: ExampleOptions = {}): string {
  const folder = new ReportFolder(join(place, name), { overwrite: false });
  writeReport(folder, exampleRun({ ...options, folder }));
  return folder.target;
}

test("BT-33 a report is a folder with the page, the document, the streams, the findings and the configuration", () => {
  const folder = reportAt("whole");
  assert.deepEqual(readdirSync(folder).sort(), FILES);
  const report = reportSchema.parse(JSON.parse(readFileSync(join(folder, "report.json"), "utf8")));
  const lines = (name: string): string[] => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  assert.equal(lines("fills.csv").length - 1, report.counts.fills);
  assert.equal(lines("orders.csv").length - 1, report.counts.ordersPlaced);
  assert.equal(lines("equity.csv").length - 1, 7200);
  assert.equal(lines("equity.csv").at(-1)?.split(",")[3], report.equityEnd);
  assert.ok(report.tiesOut, report.tieNote);
  assert.deepEqual(
    readdirSync(place).filter((name) => name.startsWith(".")),
    [],
  );
});

test("BT-33 the schema of report.json is written down, and its version with it", () => {
  const written = readFileSync(new URL("../../docs/report-v1.schema.json", import.meta.url), "utf8");
  assert.equal(written, reportJsonSchema(), "run: node tools/write-report-schema.ts");
});

test("BT-25 two equal runs write the same report, byte for byte", () => {
  const [a, b] = [reportAt("same-a"), reportAt("same-b")];
  for (const name of FILES)
    assert.equal(readFileSync(join(a, name), "utf8"), readFileSync(join(b, name), "utf8"), name);
});

test("BT-33 the header says level, model, latency, hashes, seed, code, and whole or partial", () => {
  const page = readFileSync(join(reportAt("header", { whole: false }), "report.html"), "utf8");
  for (const text of [
    "<title>Backtest: Grid on BTC/USDT:USDT, L2</title>",
    "queue power:3",
    "feed 5 ms, order entry 10 ms, response 10 ms",
    "3f".repeat(32),
    "c0".repeat(32),
    "5a".repeat(32),
    "seed 1",
    "Partial run: stopped by Ctrl-C",
    "Synthetic market",
    "Our orders never change the recorded market",
    "TradingView, Inc.",
    "Leon Sorokin",
  ]) {
    assert.ok(page.includes(text), `${text} is missing`);
  }
});

test("BT-33 text from outside is text on the page, never markup", () => {
  const page = readFileSync(join(reportAt("escaped"), "report.html"), "utf8");
  assert.ok(page.includes("&lt;b&gt;not markup&lt;/b&gt;"));
  assert.ok(!page.includes("<b>not markup"));
});

test("BT-33 a report in the way is not overwritten unasked, and is replaced whole when asked", () => {
  const target = reportAt("again");
  assert.throws(
    () => new ReportFolder(target, { overwrite: false }),
    (error) => error instanceof ReportError && error.code === "REPORT_EXISTS" && error.exitCode === 2,
  );
  const folder = new ReportFolder(target, { overwrite: true });
  assert.ok(existsSync(join(target, "report.json")), "the old one stands until the new one is whole");
  writeReport(folder, exampleRun({ folder, seed: "2" }));
  assert.equal(JSON.parse(readFileSync(join(target, "report.json"), "utf8")).header.seed, "2");
});

test("BT-33 what a killed run left behind is no report, and the next run clears it away", () => {
  const target = join(place, "killed");
  const left = `${join(place, ".killed")}.unfinished-999999999`;
  const folder = new ReportFolder(target, { overwrite: false });
  folder.write("report.json", "{");
  assert.equal(existsSync(target), false);
  folder.discard();
  rmSync(left, { force: true, recursive: true });
  writeFileSync(left, "");
  const next = new ReportFolder(target, { overwrite: false });
  assert.equal(existsSync(left), false);
  next.discard();
  assert.equal(existsSync(target), false);
});

test("BT-33 a place that cannot be written is said before the run, with exit code 13", () => {
  const file = join(place, "a-file");
  writeFileSync(file, "");
  assert.throws(
    () => new ReportFolder(join(file, "report"), { overwrite: false }),
    (error) => error instanceof ReportError && error.exitCode === 13 && error.message.includes("another --out"),
  );
});

test("BT-33 on a full disk the run ends with one clear error and leaves nothing", {
  skip: existsSync("/dev/full") ? false : "no /dev/full on this system",
}, () => {
  const folder = new ReportFolder(join(place, "full"), { overwrite: false });
  const hidden = readdirSync(place).find((name) => name.startsWith(".full.unfinished-")) ?? "";
  symlinkSync("/dev/full", join(place, hidden, "fills.csv"));
  const start = { startUs: 0, equity: money(10n ** 21n), position: lots(0) };
  const recorder = new RunRecorder({ identity: exampleIdentity({}), folder, ...start });
  const end = { atUs: 1, stateHash: "", whole: true, reason: "", ledgerEquity: null };
  assert.throws(
    () => recorder.finish(end),
    (error) => error instanceof ReportError && error.code === "DISK_FULL" && error.exitCode === 13,
  );
  recorder.abandon();
  assert.deepEqual(
    readdirSync(place).filter((name) => name.includes("full")),
    [],
  );
});

describe("the page in a browser", skipWithoutBrowser(), () => {
  let browser: Browser | null = null;
  let folder = "";
  before(async () => {
    folder = reportAt("browser");
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });

  for (const width of [390, 1440]) {
    for (const colorScheme of ["dark", "light"] as const) {
      test(`BT-33 BT-34 report.html draws price, fills, inventory, equity, drawdown and split offline at ${width} px, ${colorScheme}, without an error or a request`, async () => {
        assert.ok(browser !== null);
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("request", (request) => {
          if (!request.url().startsWith("file:")) complaints.push(`asked for ${request.url()}`);
        });
        await page.goto(pathToFileURL(join(folder, "report.html")).href);
        await page.waitForSelector("html[data-drawn]");
        await page.waitForFunction(`(${CHARTS_DRAWN})()`);
        assert.deepEqual(await page.evaluate(`(${WHAT_IS_WRONG})()`), []);
        assert.deepEqual(complaints, []);
        const shots = process.env["OPENSQT_SCREENSHOTS"];
        if (shots !== undefined) {
          await page.screenshot({ path: join(shots, `report-${width}-${colorScheme}.png`), fullPage: true });
        }
        await page.close();
      });
    }
  }
});

// in the page: every chart has a canvas with more than one colour on it
const CHARTS_DRAWN = `() => {
  const hosts = [...document.querySelectorAll(".chart")];
  return hosts.length === 5 && hosts.every((host) =>
    [...host.querySelectorAll("canvas")].some((canvas) => {
      if (canvas.width === 0 || canvas.height === 0) return false;
      const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
      return new Set(pixels).size > 3;
    }),
  );
}`;

// in the page: the basics a checker of accessibility looks for, and that nothing sticks out sideways
const WHAT_IS_WRONG = `() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.lang !== "en") wrong.push("no language");
  if (document.title === "") wrong.push("no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  if (document.querySelector("main") === null) wrong.push("no main");
  if (root.scrollWidth > window.innerWidth) wrong.push("wider than the screen: " + root.scrollWidth);
  for (const table of document.querySelectorAll("table.figures")) if (table.caption === null) wrong.push("table without caption");
  for (const image of document.querySelectorAll("[role=img]")) if (!image.getAttribute("aria-label")) wrong.push("chart without words");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id).filter((id) => id !== "");
  if (new Set(ids).size !== ids.length) wrong.push("an id twice");
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  for (const element of document.querySelectorAll("h1, h2, p, dt, dd, th, td, caption, li, a, summary, .note, .buy, .sell, .flag")) {
    const ink = luminance(getComputedStyle(element).color);
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (contrast < 4.5) wrong.push("contrast " + contrast.toFixed(2) + " of " + element.tagName + " " + element.className);
  }
  return [...new Set(wrong)];
}`;
