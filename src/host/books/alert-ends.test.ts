// What a bot's own events and alerts say is over, told only where its alert was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../../market/amounts.ts";
import { causeOf } from "../../observe/alerts/alert.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import { endsOfAccount } from "../account/account-ends.ts";
import { type CauseEnd, endsOfAlert, endsOfEvent } from "./alert-ends.ts";
import { AlertRing, type KeptAlert } from "./alert-ring.ts";
import { BotBook } from "./bot-book.ts";

type Event = Parameters<typeof endsOfEvent>[0];

const about = { bot: "grid", instrument: "BTC/USDT:USDT" };
const said = (ends: readonly CauseEnd[]): string[] =>
  ends.map(({ cause: { code, bot, subject }, text }) => `${code} ${bot} ${subject}: ${text}`);
const byEvent = (event: Event): string[] => said(endsOfEvent(event, about, new Set()));
const byAlert = (code: string, facts: { readonly [name: string]: string } = {}): string[] =>
  said(endsOfAlert({ kind: "alert", code, severity: "warning", text: "well", facts }, about));

test("OPS-28 a fresh feed ends its own alert and the one about all feeds, and a stale one ends none", () => {
  const feed = { kind: "feed", atMs: 1, feed: "book" } as const;
  assert.deepEqual(byEvent({ ...feed, state: "fresh" }), [
    "feed-stale grid book: The book feed is fresh",
    "feed-stale grid : The book feed is fresh",
  ]);
  assert.deepEqual(byEvent({ ...feed, state: "stale" }), []);
  const [end] = endsOfEvent({ ...feed, state: "fresh" }, about, new Set());
  assert.deepEqual(end?.cause, causeOf({ ...about, code: "feed-stale", facts: { feed: "book" } }));
});

test("OPS-28 a condition of the machine ends for all bots where it is all bots', else for its own", () => {
  const condition = { kind: "host-condition", atMs: 1, active: false, text: "gone" } as const;
  assert.deepEqual(byEvent({ ...condition, condition: "disk" }), ["host-disk  : gone"]);
  assert.deepEqual(byEvent({ ...condition, condition: "overload" }), ["host-overload grid : gone"]);
});

test("OPS-28 a recovered bot ends what its earlier runs alerted of their ends, and a kill ends with its reset", () => {
  const ended = byEvent({ kind: "recovered", atMs: 1 });
  assert.ok(
    ended.includes("bot-crashed grid : The bot runs again") &&
      ended.includes("replay-differs grid : The bot runs again"),
    String(ended),
  );
  const reset = { kind: "command", command: { name: "killReset" }, by: "me", reason: "done", atMs: 1 } as const;
  assert.deepEqual(
    byEvent(reset).map((text) => text.split(" ")[0]),
    ["kill", "kill-proved", "kill-failed"],
  );
});

test("OPS-28 a start that is checked and refused or warned of nothing ends what an earlier one was", () => {
  const amount = money(0n);
  const facts = { positionLots: lots(0), positionEntry: null, quoteAvailable: amount, equity: amount, leverage: 1 };
  const clock = { oneWayMode: true, foreignOrders: 0, clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false };
  const start = { kind: "start-facts", atMs: 1, ...facts, ...clock } as const;
  const text = "A later start was checked and found nothing";
  assert.deepEqual(byEvent(start), [`start-refused grid : ${text}`, `start-warning grid : ${text}`]);
  assert.deepEqual(said(endsOfEvent(start, about, new Set(["start-warning"]))), [`start-refused grid : ${text}`]);
});

test("OPS-28 the account's breakers, kill and drift end by what its own machine says", () => {
  const ended = (code: string, facts = {}): string[] =>
    endsOfAccount({ code, text: "well", facts }).map((over) => `${over.code} ${JSON.stringify(over.facts)}`);
  const breaker = { breaker: "latency" };
  assert.deepEqual(ended("breaker-closed", breaker), [
    'breaker-opened {"breaker":"latency"}',
    'margin {"breaker":"latency"}',
    'account-share {"breaker":"latency"}',
  ]);
  assert.deepEqual(ended("kill-proved"), ["kill-failed {}"]);
  assert.deepEqual(ended("kill-reset"), ["kill {}", "kill-proved {}", "kill-failed {}"]);
  assert.deepEqual(ended("budget-drift-over"), ["budget-drift {}"]);
  assert.deepEqual(ended("kill"), []);
});

test("OPS-28 what the engine says is well again ends what it had alerted of", () => {
  const table: readonly (readonly [string, { readonly [name: string]: string }, readonly string[]])[] = [
    [
      "breaker-closed",
      { breaker: "manual" },
      ["breaker-opened grid manual: well", "margin grid manual: well", "liquidation grid manual: well"],
    ],
    ["kill-proved", {}, ["kill-failed grid : well"]],
    ["adjusted", {}, ["divergence grid : well"]],
    ["reconcile-accepted", {}, ["divergence grid : well"]],
    ["relattice", {}, ["relattice-refused grid : well", "instrument grid : well"]],
    ["config", {}, ["config-refused grid : well"]],
    ["order-rejected", {}, []],
  ];
  for (const [code, facts, ends] of table) assert.deepEqual(byAlert(code, facts), ends, code);
});

test("OPS-28 an alert that is over is told again with the time, once, and another of its code stays open", () => {
  const ring = new AlertRing();
  const told: string[] = [];
  ring.onAlert(({ id, resolvedAtMs }) => told.push(`${id} ${resolvedAtMs}`));
  const kept = (id: string, breaker: string): Omit<KeptAlert, "resolvedAtMs"> => ({
    id,
    code: "breaker-opened",
    severity: "critical",
    text: "",
    facts: { breaker },
    bot: "grid",
    symbol: "",
    atMs: 10,
  });
  ring.add(kept("a", "manual"));
  ring.add(kept("b", "divergence"));
  const effect = {
    kind: "alert",
    code: "breaker-closed",
    severity: "warning",
    text: "",
    facts: { breaker: "manual" },
  } as const;
  for (const _twice of [1, 2]) for (const end of endsOfAlert(effect, about)) ring.end(end, 20);
  assert.deepEqual(told, ["a 0", "b 0", "a 20"]);
  assert.deepEqual(
    ring.newest(10).map(({ id, resolvedAtMs }) => [id, resolvedAtMs]),
    [
      ["a", 20],
      ["b", 0],
    ],
  );
});

test("OPS-28 books that agree, orders of others that are gone and outcomes that are known end their alerts", () => {
  const ring = new AlertRing();
  const book = new BotBook("grid", ring);
  for (const code of ["foreign-orders", "divergence", "unknown-order"]) {
    ring.add({ id: code, code, severity: "error", text: "", facts: {}, bot: "grid", symbol: "", atMs: 1 });
  }
  const told = (event: Event): void => {
    const { kind, atMs } = event;
    book.fold({ seq: atMs, atMs, kind, event: () => event, effects: [], postings: [] });
  };
  const open = (): string[] => ring.newest(9).flatMap(({ id, resolvedAtMs }) => (resolvedAtMs === 0 ? [id] : []));
  told({ kind: "absent", clientOrderId: foreignOrderId("x"), note: "not-found", atMs: 2 });
  assert.deepEqual(open(), ["foreign-orders", "divergence"]);
  const state = { kind: "exchange-state", symbol: "BTC/USDT:USDT", askedAtSeq: 0, positionLots: lots(0) } as const;
  told({ ...state, openOrders: [], atMs: 3 });
  assert.deepEqual(open(), []);
});
