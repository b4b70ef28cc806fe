// What a connector measured and read of its key reaches whoever starts a bot over it, and nothing unknown looks good.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../test/contract/exchange-remote.ts";
import { ACCOUNT, makeWorld } from "../../test/contract/exchange-stage.ts";
import { FacetedPort } from "./connector/faceted.fixture.ts";
import type { ClockOffset, KeyRights, Unavailable } from "./port.ts";

const GOOD: KeyRights = { trade: true, withdraw: false, transfer: false, ipRestricted: true };

class KeyedPort extends FacetedPort {
  offset: ClockOffset | null = { offsetMs: -1_200, errorMs: 17 };
  rightsTold: KeyRights | Unavailable = GOOD;

  constructor(...made: ConstructorParameters<typeof FacetedPort>) {
    super(...made);
    this.settings.rights = (done) => {
      const { rightsTold: told } = this;
      queueMicrotask(() => done("result" in told ? told : { result: "ok", rights: told }));
    };
  }

  clockOffset(): ClockOffset | null {
    return this.offset;
  }
}

async function keyed(t: TestContext) {
  const world = makeWorld();
  const port = new KeyedPort(world.driver, { account: ACCOUNT, marks: true, trades: true });
  const stage = await RemoteStage.open(world, { port });
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  return { port, stage };
}

test("RISK-30 DUR-05 EXCH-24 the connector's measured offset and error are what a bot's start judges", async (t) => {
  const { port, stage } = await keyed(t);
  const { standing, machine } = await stage.connect();
  assert.deepEqual(standing.conditions, { clockOffsetMs: -1_200, clockErrorMs: 17, keyMayWithdraw: false });
  port.offset = { offsetMs: 3, errorMs: 640 };
  await standing.readClock(machine);
  assert.deepEqual([standing.conditions.clockOffsetMs, standing.conditions.clockErrorMs], [3, 640]);
  port.offset = null;
  await standing.readClock(machine);
  assert.ok(standing.conditions.clockErrorMs > 500, "a clock that was not measured is no good one");
});

test("RISK-30 EXCH-54 what the key may do reaches the engine, and what is not told is not known", async (t) => {
  const { port, stage } = await keyed(t);
  const { standing } = await stage.connect();
  const standings: [KeyRights | Unavailable, boolean, string | undefined][] = [
    [{ ...GOOD, withdraw: true }, true, undefined],
    [{ ...GOOD, withdraw: true, withdrawAllowed: true }, true, "withdraw-allowed"],
    [{ ...GOOD, trade: false }, false, "read-only"],
    [{ ...GOOD, withdraw: null }, false, "unread"],
    [{ result: "unavailable", text: "not in a demo" }, false, "unread"],
    [GOOD, false, undefined],
  ];
  for (const [told, keyMayWithdraw, keyRights] of standings) {
    port.rightsTold = told;
    await standing.askRights();
    const { conditions } = standing;
    assert.deepEqual([conditions.keyMayWithdraw, conditions.keyRights], [keyMayWithdraw, keyRights]);
  }
});

test("RISK-30 an exchange inside the connector has no clock to measure and no key to warn of", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const { standing } = await stage.connect();
  assert.deepEqual(standing.conditions, { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false });
});
