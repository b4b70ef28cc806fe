// What the desk lets through, tells as a number, and says is over.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Notice } from "./alert.ts";
import { causeOf } from "./alert.ts";
import { AlertDesk } from "./alert-desk.ts";
import { alertOf, at } from "./desk.fixture.ts";
import { BURST, DIGEST_MS, FRESH_MS, type LaneRules, QUEUE_MAX } from "./lane.ts";
import { noticeWords } from "./notice-words.ts";
import { REPEAT_WINDOW_MS } from "./repeats.ts";

const ALL: LaneRules = { minSeverity: "info", bots: null };

function deskWith(rules: Partial<LaneRules> = {}) {
  const dropped: string[] = [];
  const channels = new Map([["slack", { ...ALL, ...rules }]]);
  const desk = new AlertDesk({ channels, onDropped: (_channel, severity) => dropped.push(severity) });
  const all = (nowMs: number, quiet = false): string[] => {
    const told: string[] = [];
    const next = (): Notice | null => desk.lane("slack").next(at(nowMs, quiet));
    for (let one = next(); one !== null; one = next()) told.push(noticeWords(one, "market-maker").headline);
    return told;
  };
  const take = (given: Parameters<typeof alertOf>[0], nowMs: number, quiet = false): void =>
    desk.take(alertOf(given), { moment: at(nowMs, quiet) });
  return { desk, all, take, dropped };
}

test("RISK-41 a cause is told once in ten minutes, then how often it came", () => {
  const { desk, all, take } = deskWith();
  for (let i = 0; i < 42; i += 1) take({}, i * 1000);
  assert.deepEqual(all(60_000), ["ERROR: Order outcome unknown"]);
  assert.equal(desk.nextAtMs(), REPEAT_WINDOW_MS);
  desk.look({ ...at(REPEAT_WINDOW_MS) });
  assert.deepEqual(all(REPEAT_WINDOW_MS), ["ERROR: Order outcome unknown, and 41 more"]);
  assert.equal(desk.nextAtMs(), null);
  take({}, REPEAT_WINDOW_MS + 1);
  assert.deepEqual(all(REPEAT_WINDOW_MS + 1), ["ERROR: Order outcome unknown"]);
});

test("RISK-41 another bot, instrument or code is another cause; another breaker or feed of one bot is too", () => {
  const { all, take } = deskWith();
  take({}, 0);
  take({ bot: "other" }, 0);
  take({ instrument: "ETH/USDT:USDT" }, 0);
  take({ code: "breaker-opened", title: "Breaker opened", facts: { breaker: "latency" } }, 0);
  take({ code: "breaker-opened", title: "Breaker opened", facts: { breaker: "drawdown-total" } }, 0);
  assert.equal(all(0).length, 5);
});

test("RISK-40 the same effect told twice is one alert; a disk all bots share is one too", () => {
  const { desk, all } = deskWith();
  const alert = alertOf();
  for (const nowMs of [0, REPEAT_WINDOW_MS * 3]) desk.take(alert, { moment: at(nowMs) });
  for (const bot of ["a", "b", "c"]) {
    desk.take(alertOf({ code: "disk-low", title: "Disk is nearly full", bot }), { moment: at(0) });
  }
  assert.equal(all(0).length, 2);
});

test("RISK-41 a graver alert of the same cause is told at once", () => {
  const { all, take } = deskWith();
  take({ severity: "warning" }, 0);
  take({ severity: "critical" }, 1);
  assert.deepEqual(all(1), ["CRITICAL: Order outcome unknown", "WARNING: Order outcome unknown"]);
});

test("RISK-40 a channel hears from its severity on, and of its bots; what is about the process it always hears", () => {
  const { all, take } = deskWith({ minSeverity: "error", bots: ["grid"] });
  take({ severity: "warning" }, 0);
  take({ bot: "other" }, 0);
  take({ bot: "grid", title: "Mine" }, 0);
  take({ bot: "", code: "exchange-lost", title: "Exchange is not reachable" }, 0);
  assert.deepEqual(all(0), ["ERROR: Mine", "ERROR: Exchange is not reachable"]);
});

test("RISK-41 beyond five at once and twenty a minute the rest is a digest, and a critical one goes at once", () => {
  const { all, take } = deskWith();
  for (let i = 0; i < 30; i += 1) take({ code: `code-${i % 3}`, bot: `bot-${i}`, severity: "warning" }, 0);
  take({ code: "kill", severity: "critical", title: "Kill switch pulled" }, 0);
  const told = all(0);
  assert.equal(told[0], "CRITICAL: Kill switch pulled");
  assert.equal(told.length, BURST + 1);
  assert.deepEqual(all(DIGEST_MS - 1), []);
  assert.deepEqual(all(DIGEST_MS), ["WARNING: 25 more alerts"]);
});

test("RISK-41 the queue holds a thousand: the least severe gives way, a critical one never", () => {
  const { desk, all, take, dropped } = deskWith();
  // a channel that takes nothing: one is admitted every three seconds
  for (let i = 0; i < QUEUE_MAX; i += 1) take({ bot: `bot-${i}`, severity: "warning" }, i * 3000);
  assert.equal(desk.lane("slack").size, QUEUE_MAX);
  take({ bot: "last", severity: "error", title: "Graver" }, QUEUE_MAX * 3000);
  take({ bot: "less", severity: "info" }, QUEUE_MAX * 3000 + 3000);
  assert.deepEqual(dropped, ["warning", "info"]);
  const now = QUEUE_MAX * 3000 + 4000;
  for (let i = 0; i < QUEUE_MAX + 5; i += 1) take({ bot: `bot-${i}`, code: "kill", severity: "critical" }, now);
  assert.equal(desk.lane("slack").size, QUEUE_MAX);
  const told = all(now);
  assert.equal(told.filter((line) => line.startsWith("CRITICAL")).length, QUEUE_MAX);
  assert.deepEqual(all(now + DIGEST_MS), ["CRITICAL: 5 more alerts"]);
  assert.ok(!dropped.includes("critical"));
});

test("OPS-28 resolved follows the alert, once, and only where somebody was told of it", () => {
  const { desk, all, take } = deskWith({ minSeverity: "warning" });
  const feed = { code: "feed-stale", severity: "warning", title: "A feed is stale", facts: { feed: "book" } } as const;
  const cause = causeOf(alertOf(feed));
  const end = (nowMs: number): void => desk.end(cause, "The book feed is fresh", { moment: at(nowMs) });
  end(0);
  take(feed, 1000);
  end(5000);
  end(6000);
  assert.deepEqual(all(6000), ["WARNING: A feed is stale", "RESOLVED: A feed is stale"]);
});

test("OPS-28 a cause that comes and goes ends with the word of how it stands", () => {
  const { desk, all, take } = deskWith();
  const feed = { code: "feed-stale", severity: "warning", title: "A feed is stale", facts: { feed: "book" } } as const;
  const cause = causeOf(alertOf(feed));
  for (let i = 0; i < 20; i += 1) {
    take(feed, i * 10_000);
    if (i < 19) desk.end(cause, "", { moment: at(i * 10_000 + 5000) });
  }
  const told = all(200_000);
  assert.deepEqual(told.filter((line) => line.startsWith("WARNING")).length, 3);
  desk.look(at(REPEAT_WINDOW_MS));
  const next = desk.lane("slack").next(at(REPEAT_WINDOW_MS));
  assert.ok(next?.kind === "repeats" && next.times === 17 && !next.over, "it still holds");
  desk.end(cause, "", { moment: at(REPEAT_WINDOW_MS + 1) });
  assert.deepEqual(all(REPEAT_WINDOW_MS + 1), ["RESOLVED: A feed is stale"]);
});

test("OPS-28 quiet hours hold everything but a critical alert, and tell the rest in the morning", () => {
  const { all, take } = deskWith();
  take({ severity: "error" }, 0, true);
  take({ code: "kill", severity: "critical", title: "Kill switch pulled" }, 0, true);
  assert.deepEqual(all(0, true), ["CRITICAL: Kill switch pulled"]);
  assert.deepEqual(all(3_600_000, true), []);
  assert.deepEqual(all(3_600_001), ["ERROR: 1 more alert"]);
});

test("RISK-41 what waited for a dead channel too long is told as a number, a critical one as it is", () => {
  const { all, take } = deskWith();
  take({ severity: "error" }, 0);
  take({ code: "kill", severity: "critical", title: "Kill switch pulled" }, 0);
  const later = FRESH_MS + 1;
  assert.deepEqual(all(later), ["CRITICAL: Kill switch pulled"]);
  assert.deepEqual(all(later + DIGEST_MS), ["ERROR: 1 more alert"]);
});
