// Two engines on one connector over gRPC: together they never open more than the account allows (RISK-11).

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld } from "../../../test/contract/exchange-stage.ts";
import type { Clock } from "../../base/clock.ts";
import { openRemoteConnection, type RemoteConnection } from "../../exchange/remote-connection.ts";
import { RemoteShares } from "../../exchange/remote-shares.ts";
import { openJournalReader } from "../../journal/reader.ts";
import { accountLimits } from "../../risk/account/account.fixture.ts";
import { REAL_TIMERS, type Timers } from "../../rpc/timers.ts";
import { replayAny } from "../account/replay-any.ts";
import { MONOTONIC_CLOCK } from "../wall-clock.ts";
import { ANN, botOf, botText, done, type FleetProcess, trading, world } from "./fleet.fixture.ts";

/** The connector's machine, whose clock goes on at once when it is told to. */
class SkippingClock implements Clock {
  private skippedMs = 0;
  skip = (ms: number): void => {
    this.skippedMs += ms;
  };
  nowMs = (): number => MONOTONIC_CLOCK.nowMs() + this.skippedMs;
  monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs() + this.skippedMs;
  at = (atMs: number, wake: () => void): (() => void) => MONOTONIC_CLOCK.at(atMs - this.skippedMs, wake);
}

/** Two seconds between two words of an engine pass in a twentieth of that. */
const HURRIED: Timers = { ...REAL_TIMERS, after: (ms, wake) => REAL_TIMERS.after(ms / 20, wake) };

async function heard(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextRound();
}

interface Engine {
  readonly shares: RemoteShares;
  readonly connection: RemoteConnection;
}

async function engine(t: TestContext, stage: RemoteStage, name: string, shareBps: number): Promise<Engine> {
  const { address } = stage.server;
  const connection = await openRemoteConnection({
    address,
    key: stage.keys.trader,
    machine: MONOTONIC_CLOCK,
    timers: HURRIED,
  });
  const shares = await RemoteShares.open(connection, { engine: name, shareBps });
  t.after(async () => {
    await shares.close();
    await connection.close();
  });
  return { shares, connection };
}

const accountOf = ({ shares }: Engine, shareBps: number) => ({
  account: { limits: accountLimits({ accountShareBps: shareBps }), othersShares: () => shares.others },
});

const isHeld = (p: FleetProcess): boolean => botOf(p, "a").host?.state.blocks.has("account:account-share") === true;

test("RISK-11 two engines with 11,000 in sum open nothing, and go on once the sum is right", async (t) => {
  const exchange = makeWorld();
  const machine = new SkippingClock();
  const stage = await RemoteStage.open(exchange, { machine });
  t.after(async () => {
    await stage.close();
    exchange.driver.stop();
  });
  machine.skip(30_000);
  const one = world(t, 1);
  const two = world(t, 1);
  const first = await engine(t, stage, "sqlite://alpha/a", 6_000);
  const p = one.start(accountOf(first, 6_000));
  await trading(one, p, "a", 0);
  assert.equal(isHeld(p), false);

  const second = await engine(t, stage, "sqlite://beta/b", 5_000);
  const q = two.start(accountOf(second, 5_000));
  done(await two.until(q.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  done(await two.until(q.fleet.startBot("a", ANN)));
  await two.untilTrue(() => isHeld(q) && botOf(q, "a").host?.state.phase === "running");
  await two.run(5_000);
  assert.equal(two.open(0), 0, "the newcomer opens nothing");
  await heard(() => first.shares.others?.length === 1);
  await one.untilTrue(() => isHeld(p));
  assert.ok(one.open(0) >= 3, "what rests was approved within its own share");
  const told = p.alerts.filter(({ code }) => code === "account-share");
  assert.match(told[0]?.text ?? "", /6000 bps of the account, sqlite:\/\/beta\/b has 5000 bps: 11000 bps/);

  // the second dies without a word: it is forgotten when no order of it can rest any more
  two.kill(q);
  await second.connection.close();
  machine.skip(120_001);
  await heard(() => first.shares.others?.length === 0);
  await one.untilTrue(() => !isHeld(p));
  // and is back under its name with what is left
  const again = await engine(t, stage, "sqlite://beta/b", 4_000);
  const r = two.start(accountOf(again, 4_000));
  await two.untilTrue(() => two.open(0) >= 3);
  await heard(() => first.shares.others?.[0]?.shareBps === 4_000);
  await one.run(3_000);
  assert.equal(isHeld(p), false);
  // one that ends in order is not waited for
  await again.shares.close();
  await heard(() => first.shares.others?.length === 0);
  await two.until(r.fleet.close("test"));
  await one.until(p.fleet.close("test"));
  const reader = openJournalReader(join(one.folder, "account"));
  const { lastSeq } = replayAny(reader, { fromSeq: 1, toSeq: Number.MAX_SAFE_INTEGER });
  assert.equal(lastSeq, p.fleet.account?.host.state.seq, "the shares are journaled: a replay decides the same");
  reader.close();
});
