// Bots as texts: read alone, bound to an instrument of an exchange, and compared with what they were.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_PERPETUAL, ETH_PERPETUAL } from "../../../test/instruments.ts";
import { renderProblems } from "../problem.ts";
import { diffBotConfig } from "./bot-diff.ts";
import type { BotDraft } from "./bot-draft.ts";
import { bindBot, readBotText } from "./draft.ts";

const TEXT = `id: eth-grid
strategy: grid
instrument: "ETH/USDT:USDT"
budget: "5000"
grid: { interval: "2", orderQuote: "50" }
`;

function draft(text: string): BotDraft {
  const read = readBotText(text);
  if (!read.ok) assert.fail(renderProblems(read.error));
  return read.value;
}

function refused(text: string): string {
  const read = readBotText(text);
  return read.ok ? "accepted" : renderProblems(read.error);
}

test("one bot's text stands alone, under bot:, or in the form all strategies share", () => {
  const own = draft(TEXT);
  const wrapped = draft(`store: { sqlite: ./x }\nbot:\n${TEXT.replaceAll(/^/gm, "  ").trimEnd()}\n`);
  const shared = draft(
    TEXT.replace('instrument: "ETH/USDT:USDT"', 'instruments: ["ETH/USDT:USDT"]').replace("grid: {", "config: {"),
  );
  assert.deepEqual(wrapped.values, own.values);
  assert.deepEqual(shared.values, own.values);
  assert.deepEqual(wrapped.warnings, [
    "the bot's configuration store: belongs to the process, and is not looked at here",
  ]);
  assert.deepEqual(draft(own.text).values, own.values, "what the registry keeps reads the same");
});

test("a text from elsewhere reads no variable of this process", () => {
  assert.match(refused(TEXT.replace('"5000"', `"\${HOME}"`)), /:4 budget: the variable HOME is not set/);
});

test("all problems of one bot's text come with line and key", () => {
  assert.equal(
    refused(TEXT.replace("budget", "bugdet").replace('interval: "2"', "interval: 2").replace("eth-grid", "ETH")),
    `the bot's configuration:1 id: ETH is not allowed; give 1–32 of a-z, 0-9 and - (default none)
the bot's configuration:4 bugdet: is not a key; the nearest is budget
the bot's configuration:5 grid.interval: 2 is not allowed; give above 0 quote (default none), in quotes: "2"`,
  );
});

test("a draft is bound to the instrument its exchange told, or refused by it", () => {
  const bound = bindBot(draft(TEXT), ETH_PERPETUAL);
  assert.ok(bound.ok);
  assert.equal(bound.value.grid.interval, 200);
  assert.equal(bound.value.hash.length, 64);
  const fine = bindBot(draft(TEXT.replace('"2"', '"0.015"')), ETH_PERPETUAL);
  assert.ok(!fine.ok);
  assert.match(renderProblems(fine.error), /:5 grid\.interval: interval 0\.015 is not a multiple of the tick 0\.01/);
  const other = bindBot(draft(TEXT), BTC_PERPETUAL);
  assert.ok(!other.ok);
  assert.match(renderProblems(other.error), /:3 instrument: ETH\/USDT:USDT is not BTC\/USDT:USDT/);
});

test("OPS-09 a changed key is told with old, new and what the change may do", () => {
  const before = draft(TEXT).values;
  const after = draft(
    TEXT.replace('interval: "2"', 'interval: "3", entryLevels: 5, mode: neutral').replace(
      'budget: "5000"\n',
      'risk: { leverageMax: "2" }\n',
    ),
  ).values;
  assert.deepEqual(
    diffBotConfig(before, after).map((one) => `${one.key} ${one.old} → ${one.new} ${one.change}`),
    [
      "budget 5000 → null live",
      "grid.mode long → neutral flat",
      "grid.interval 2 → 3 drain",
      "grid.entryLevels 10 → 5 live",
      "risk.leverageMax 3 → 2 live",
    ],
  );
  assert.deepEqual(diffBotConfig(before, before), []);
});
