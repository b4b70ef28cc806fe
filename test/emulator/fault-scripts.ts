// The ways a script puts a client through a fault: placing under it, being filled under it, holding a position,
// cancelling. Orders are the same at both markets.

import type { WantedOrder } from "./fault-clients.ts";
import type { FaultScript, FaultStage } from "./fault-scenario.ts";
import type { InjectedFault } from "./faults-wire.ts";

export const RESTING: WantedOrder = { name: "buy", side: "buy", price: "59000.0", quantity: "0.010" };
export const TAKING: WantedOrder = { ...RESTING, name: "take", price: "60500.0" };
export const POST_ONLY: WantedOrder = { ...RESTING, name: "maker", postOnly: true };
export const CLOSING: WantedOrder = { ...RESTING, name: "close", side: "sell", price: "61000.0", reduceOnly: true };

export const begun =
  (then: (stage: FaultStage) => Promise<void>): FaultScript =>
  async (stage) => {
    await stage.act(stage.client.start(), "start");
    await then(stage);
  };

/** The fault meets a resting order on its way. */
export const placing = (fault: InjectedFault, order: WantedOrder = RESTING): FaultScript =>
  begun(async (stage) => {
    stage.inject(fault);
    await stage.want(order);
    await stage.pass(10_000);
  });

/** An order rests when the fault comes, and is filled under it. */
export const fillingUnder = (fault: InjectedFault): FaultScript =>
  begun(async (stage) => {
    await stage.want(RESTING);
    stage.inject(fault);
    await stage.fill("buy");
  });

/** A position is open when the fault comes. */
export const holding = (fault: InjectedFault): FaultScript =>
  begun(async (stage) => {
    await stage.want(TAKING);
    await stage.quiet();
    stage.inject(fault);
    await stage.pass(1_000);
  });

/** An order rests when the fault comes, and is to be cancelled under it. */
export const cancelling = (fault: InjectedFault): FaultScript =>
  begun(async (stage) => {
    await stage.want(RESTING);
    stage.inject(fault);
    await stage.act(stage.client.drop("buy"), "drop");
  });

/** Nothing goes wrong here: whoever fails this fails without a fault. */
export const FAIR_WEATHER: FaultScript = begun(async (stage) => {
  await stage.want(RESTING);
  await stage.want(TAKING);
  await stage.want(POST_ONLY);
  await stage.level("buy", stage.market.near, 3);
  await stage.fill("buy");
  await stage.act(stage.client.drop("maker"), "drop");
  await stage.want({ ...CLOSING, quantity: "0.005" });
  await stage.act(stage.client.restart(), "restart");
});
