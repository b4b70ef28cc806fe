// opensqt export: what leaves a journal is exact, adds up, and comes out beside a bot that goes on trading.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { formatDecimal, parseDecimal } from "../../src/base/decimal.ts";
import { System, until } from "../system/system.ts";
import { assertRefused, opensqt } from "./command-line.ts";

const CONFIG = `
bots:
  - id: eth-grid
    strategy: grid
    instrument: "ETH/USDT:USDT"
    grid: { mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 5, exitLevels: 5, heldSlotsMax: 30, openOrdersMax: 40 }
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: 7, speed: 50 }
`;

interface Line {
  readonly [column: string]: string;
}

const SCALE = 18;

/** Exact, as units of 10⁻¹⁸. */
function units(text: string): bigint {
  const parsed = parseDecimal(text);
  assert.ok(parsed.ok, text);
  return parsed.value.digits * 10n ** BigInt(SCALE - parsed.value.scale);
}

const sum = (values: readonly string[]): string =>
  formatDecimal(
    values.reduce((all, value) => all + units(value), 0n),
    SCALE,
  );

describe("opensqt export", () => {
  let system: System;
  let dataDir: string;
  let data: readonly string[];
  before(async () => {
    system = await System.start({ config: CONFIG });
    await system.ready();
    dataDir = join(system.folder, "data");
    data = ["--data-dir", dataDir];
    await until("three fills closed something", async () => {
      const { fills } = await system.positions.getFills({ pageSize: 100 });
      return fills.filter(({ realizedPnl }) => realizedPnl !== undefined).length >= 3;
    });
  });
  after(() => system.close());

  const linesOf = (what: string): readonly Line[] => {
    const said = opensqt(["export", what, "--format", "jsonl", ...data]);
    assert.equal(said.code, 0, said.err);
    return said.out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  };

  test("OPS-11 fills, lots and ledger of a bot that trades on are exact and agree with each other", () => {
    const ledger = linesOf("ledger");
    const perCause = Map.groupBy(ledger, ({ cause_id: id, asset }) => `${id} ${asset}`);
    assert.ok(perCause.size > 4);
    for (const [cause, lines] of perCause) assert.equal(sum(lines.map(({ amount = "" }) => amount)), "0", cause);
    const fills = linesOf("fills");
    const lots = linesOf("lots");
    assert.ok(fills.length >= 6);
    const [first] = fills;
    assert.equal(first?.["bot"], "eth-grid");
    assert.match(first?.["fee"] ?? "", /^0\.\d+$/);
    const fees = ledger.filter(({ account }) => account === "fee").map(({ amount = "" }) => amount);
    const had = fills.slice(0, fees.length).map(({ fee = "" }) => fee);
    assert.equal(sum(had), sum(fees.slice(0, had.length)), "the fees of the fills are the ledger's");
    for (const { open_price: from, close_price: to, quantity, realized, side } of lots) {
      if (to === undefined) continue;
      const gain = (units(to) - units(from ?? "")) * units(quantity ?? "") * (side === "long" ? 1n : -1n);
      assert.equal(units(realized ?? ""), gain / 10n ** BigInt(SCALE));
    }
  });

  test("OPS-11 audit says who did what and why, and CSV keeps a comma inside its cell", () => {
    const paused = opensqt(["bot", "pause", "eth-grid", "--reason", 'lunch, "long"', ...data]);
    assert.equal(paused.code, 0, paused.err);
    const file = join(dataDir, "audit.csv");
    const said = opensqt(["export", "audit", "--out", file, "--json", ...data]);
    assert.equal(said.code, 0, said.err);
    const text = readFileSync(file, "utf8");
    assert.match(text, /^time,bot,what,by,reason,request_id,text,details,sequence\r\n/);
    assert.match(text, /,command pause,[^,]+,"lunch, ""long""",/);
    assert.match(text, /,run-started,/);
    assert.equal(
      (JSON.parse(said.out) as { data: { rows: number } }).data.rows,
      text.trimEnd().split("\r\n").length - 1,
    );
    assertRefused(opensqt(["export", "audit", "--out", file, ...data]), 3, "is there already");
    assert.equal(existsSync(`${file}.half`), false);
  });

  test("OPS-11 export says what is wrong with what it was asked", () => {
    assertRefused(opensqt(["export", "orders", ...data]), 2, "give fills, lots, ledger, audit");
    assertRefused(opensqt(["export", "fills", "--bot", "nobody", ...data]), 3, "no journal of nobody");
    assert.equal(opensqt(["export", "fills", "--json", ...data]).code, 2);
    const file = join(dataDir, "a-file");
    writeFileSync(file, "");
    assertRefused(opensqt(["export", "fills", "--out", join(file, "x.csv"), ...data]), 13, "cannot be written");
  });
});
