// A grid is given lots somebody bought by hand: no more than are there, whoever asks and however often (GRID-46).

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../../market/amounts.ts";
import { callersApproval } from "../../risk/wire-approval.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import { ANN, botOf, type FleetWorld, refusal, symbolOf, trading, world } from "./fleet.fixture.ts";

/** Somebody buys on the bot's account, for no bot. */
async function buyByHand(w: FleetWorld, count: number): Promise<void> {
  const order = callersApproval({
    symbol: symbolOf(0),
    side: "buy",
    price: ticks(605_000),
    quantity: lots(count),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: false,
    slotKey: "",
  });
  const sent = new Promise((resolve) => w.port.place({ clientOrderId: foreignOrderId("by-hand-1"), order }, resolve));
  await w.until(sent);
  await w.run(1_000);
}

const held = (w: FleetWorld): Promise<number> =>
  w.until(
    new Promise<number>((resolve) =>
      w.port.account(symbolOf(0), (account) => {
        assert.ok(account.result === "ok");
        resolve(account.positions.find(({ symbol }) => symbol === symbolOf(0))?.lots ?? 0);
      }),
    ),
  );

test("GRID-46 RISK-31 lots bought by hand are adopted once; the books then agree with the exchange", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  await trading(w, p, "a", 0);
  const bot = botOf(p, "a");
  const ledger = () => bot.state?.ledger.position ?? 0;
  const tell = (count: number) => p.fleet.command("a", { name: "adopt", lots: lots(count), average: null }, ANN);

  const before = ledger();
  assert.match(
    refusal(await w.until(tell(5))),
    /^CONDITION: quantity 0\.005 C0 is not there: .* holds .* C0, .* C0 are in .* books; there is nothing to adopt$/,
  );
  assert.equal(ledger(), before);

  await buyByHand(w, 5);
  const results = await w.until(Promise.all([tell(5), tell(5)]));
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [true, false],
  );
  await w.run(2_000);
  assert.equal(ledger(), await held(w));
  // the purchase was seen as a divergence before: explained now, it leaves nothing to accept
  await w.until(p.fleet.command("a", { name: "reconcileAccept" }, ANN));
  assert.equal(ledger(), await held(w));
});
