// What a connector keeps of the shares engines say they have of the account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld } from "../../../test/contract/exchange-stage.ts";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { heardOf } from "../remote-shares.ts";
import { AccountShares, SHARE_KEPT_MS, SHARES_GATHERED_MS } from "./account-shares.ts";

const after = (clock: VirtualClock, ms: number): void => clock.moveTo((clock.nowMs() + ms) * 1_000);

test("RISK-11 an engine replaces its own share, gives it back with 0, is forgotten after two minutes", () => {
  const clock = new VirtualClock(1_000);
  const shares = new AccountShares(clock);
  assert.deepEqual(shares.say("a", 6_000), {
    shares: [{ engine: "a", shareBps: 6_000 }],
    sumBps: 6_000,
    complete: false,
  });
  after(clock, SHARES_GATHERED_MS);
  assert.equal(shares.say("b", 5_000).sumBps, 11_000);
  assert.equal(shares.say("b", 4_000).sumBps, 10_000, "the same engine, started again");
  assert.equal(shares.say("c", 1).sumBps, 10_001);
  const { shares: told, sumBps, complete } = shares.say("c", 0);
  assert.deepEqual([told.map(({ engine }) => engine), sumBps, complete], [["a", "b"], 10_000, true]);
  after(clock, SHARE_KEPT_MS - SHARES_GATHERED_MS);
  assert.equal(shares.say("b", 4_000).sumBps, 10_000, "not yet");
  after(clock, 1);
  assert.equal(shares.say("b", 4_000).sumBps, 4_000);
});

test("RISK-11 the shares a connector keeps are bounded", () => {
  const shares = new AccountShares(new VirtualClock(1_000));
  for (let n = 0; n < 100; n += 1) shares.say(`engine-${n}`, 1);
  assert.equal(shares.say("engine-0", 2).sumBps, 101);
  assert.throws(() => shares.say("engine-100", 1), /100 engines share this account, which is the most/);
});

test("RISK-11 a connector that has just begun takes no known engine away", () => {
  const before = [{ engine: "b", shareBps: 5_000 }];
  const told = { shares: [{ engine: "a", shareBps: 6_000 }], complete: false };
  assert.deepEqual(heardOf(told, { engine: "a", before }), before);
  assert.deepEqual(heardOf({ ...told, complete: true }, { engine: "a", before }), []);
  const changed = { shares: [{ engine: "b", shareBps: 1 }], complete: false };
  assert.deepEqual(heardOf(changed, { engine: "a", before }), [{ engine: "b", shareBps: 1 }]);
});

test("RISK-11 API-10 a share without an engine, or of more than all, is refused by name", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const trader = stage.exchange("trader");
  const said = async (engine: string, shareBps: number): Promise<string> =>
    trader.shareAccount({ engine, shareBps }).then(
      () => "taken",
      (error: unknown) => refusalOf(error).message,
    );
  assert.match(await said("", 1), /engine: is missing/);
  assert.match(await said("../../etc/passwd", 1), /engine: must be the engine.s store/);
  assert.match(await said("sqlite://a/b", 10_001), /share_bps: must be 0 to 10,000, is 10001/);
  assert.match(await said("sqlite://a/b", -1), /share_bps: must be/);
  assert.equal(await said("sqlite://a/b", 10_000), "taken");
});
