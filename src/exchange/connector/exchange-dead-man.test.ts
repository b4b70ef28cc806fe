// The exchange's own timer over hours of virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../base/virtual-clock.ts";
import type { SettingOutcome } from "../port.ts";
import { ExchangeGuard } from "./exchange-dead-man.ts";
import { SILENT_LOG } from "./observer.ts";

function guardOn(ttlMs?: number) {
  const clock = new VirtualClock(0);
  const told: string[] = [];
  const answers: { next: SettingOutcome } = { next: { result: "accepted" } };
  const guard = new ExchangeGuard({
    core: { machine: clock, log: SILENT_LOG },
    timer: {
      arm: (symbol, ttl, done) => {
        told.push(`${clock.nowMs()} ${symbol} ${ttl ?? "off"}`);
        const { next } = answers;
        clock.at(clock.nowMs(), () => done(next));
      },
    },
    onState: (symbol, state) => told.push(`${symbol} ${state}`),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  });
  const until = (ms: number): void => clock.runUntil(ms * 1000);
  return { guard, told, answers, until };
}

test("EXCH-32 the timer is armed for 60 s and renewed at a third of it", () => {
  const { guard, told, until } = guardOn();
  guard.keep("bot", ["BTC/USDT"]);
  until(45_000);
  assert.deepEqual(told, ["0 BTC/USDT 60000", "BTC/USDT armed", "20000 BTC/USDT 60000", "40000 BTC/USDT 60000"]);
});

test("EXCH-32 it ends with the last bot that leaves; a bot that fell silent lets it run out", () => {
  const { guard, told, until } = guardOn(30_000);
  guard.keep("one", ["A"]);
  guard.keep("two", ["A"]);
  until(1_000);
  guard.leave("one", ["A"]);
  until(11_000);
  guard.leave("two", ["A"]);
  until(60_000);
  assert.deepEqual(told, ["0 A 30000", "A armed", "10000 A 30000", "11000 A off", "A off"]);
  told.splice(0);
  guard.keep("one", ["A"]);
  until(61_000);
  guard.silent("one", ["A"]);
  until(200_000);
  assert.deepEqual(told, ["60000 A 30000", "A armed"]);
});

test("EXCH-32 a timer that could not be armed is said and tried again within seconds", () => {
  const { guard, told, answers, until } = guardOn(30_000);
  answers.next = { result: "unknown", text: "time-out" };
  guard.keep("one", ["A"]);
  until(1_000);
  answers.next = { result: "accepted" };
  until(2_500);
  assert.deepEqual(told, ["0 A 30000", "A failed", "2000 A 30000", "A armed"]);
  guard.close();
  until(100_000);
  assert.equal(told.length, 4);
});
