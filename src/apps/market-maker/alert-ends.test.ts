// What a bot's own events say is over, told only where its alert was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf } from "../../observe/alerts/alert.ts";
import { endsOf } from "./alert-ends.ts";

type Turn = Parameters<typeof endsOf>[0];

const about = { bot: "grid", instrument: "BTC/USDT:USDT" };
const turnOf = (events: Turn["events"], effects: Turn["effects"] = []): Turn => ({ events, effects });
const said = (turn: Turn): string[] =>
  endsOf(turn, about).map(({ cause: { code, bot, subject }, text }) => `${code} ${bot} ${subject}: ${text}`);

test("OPS-28 a fresh feed ends its own alert, and a stale one ends none", () => {
  const feed = { kind: "feed", atMs: 1, feed: "book" } as const;
  assert.deepEqual(said(turnOf([{ ...feed, state: "fresh" }])), ["feed-stale grid book: The book feed is fresh"]);
  assert.deepEqual(said(turnOf([{ ...feed, state: "stale" }])), []);
  const [end] = endsOf(turnOf([{ ...feed, state: "fresh" }]), about);
  assert.deepEqual(end?.cause, causeOf({ ...about, code: "feed-stale", facts: { feed: "book" } }));
});

test("OPS-28 a condition of the machine ends for all bots where it is all bots', else for its own", () => {
  const condition = { kind: "host-condition", atMs: 1, active: false, text: "gone" } as const;
  const ends = said(
    turnOf([
      { ...condition, condition: "disk" },
      { ...condition, condition: "overload" },
    ]),
  );
  assert.deepEqual(ends, ["host-disk  : gone", "host-overload grid : gone"]);
});

test("OPS-28 a closed breaker ends the alert of that breaker alone", () => {
  const facts = { breaker: "manual", force: false };
  const effect = { kind: "alert", code: "breaker-closed", severity: "warning", text: "closed by me", facts } as const;
  const effects = [{ seq: 1, index: 0, atMs: 1, effect }];
  assert.deepEqual(said(turnOf([], effects)), ["breaker-opened grid manual: closed by me"]);
});
