import assert from "node:assert/strict";
import { test } from "node:test";
import { tapeOf, tryMarket } from "../../test/try-market.ts";

test("EMU-19 an open order can be given another client id, which then is the only one it has", () => {
  const trial = tryMarket(tapeOf("0 book 599990x80 / 600001x40\n900 diff 599000x1"));
  trial.goTo(100);
  const [id, other] = [trial.order("buy 599990 x 10"), trial.order("buy 599980 x 10")];
  trial.goTo(200);
  const { desk } = trial.exchange;
  assert.equal(desk.rename("me", id, other), false, "an open order has that id");
  assert.equal(desk.rename("me", "nobody", "fresh"), false, "no such order is open");
  assert.equal(desk.rename("me", id, "fresh"), true);
  assert.equal(desk.ledger.openOrder("me", id), undefined);
  assert.equal(desk.ledger.openOrder("me", "fresh")?.quantity, 10);
  trial.cancel("fresh");
  trial.goTo(300);
  assert.equal(desk.ledger.find("me", "fresh")?.status, "canceled");
});
