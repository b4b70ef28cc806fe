// An exchange without a table of its own (EXCH-61), and instruments whose grid changes while they are traded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { Hands } from "../contract/exchange-stage.ts";
import { emulated, portOptions, portStage, USDM, until } from "./port-stage.ts";

test("EXCH-61 an exchange without a table gives market data only, and says why", async (context) => {
  const emulator = await emulated(context, USDM);
  const port = await openCcxtPort({ ...portOptions(emulator, USDM), exchange: "binanceusdm" });
  context.after(() => port.closed());
  assert.match(port.warnings.join(), /binanceusdm has no table of its own here.*no dead-man timer/);
  assert.deepEqual([port.capabilities.lookupByClientId, port.capabilities.deadMan], [false, "none"]);
  const hands = new Hands(port, USDM);
  const placed = await hands.place("buy 590000 x 10");
  assert.ok(placed.result === "not-sent");
  assert.match(placed.text, /market data only/);
  const book = await new Promise<{ readonly result: string }>((done) => port.publicMarket?.book(USDM.symbol, 5, done));
  assert.equal(book.result, "ok");
});

test("EXCH-61 where look-ups were seen to work orders are placed, and no reply means refused", async (context) => {
  const emulator = await emulated(context, USDM);
  const proven = { lookupByClientId: true, streams: [] };
  const port = await openCcxtPort({ ...portOptions(emulator, USDM), exchange: "binanceusdm", proven });
  context.after(() => port.closed());
  const hands = new Hands(port, USDM);
  const placed = await hands.place("buy 590000 x 10");
  assert.equal(placed.result, "accepted", JSON.stringify(placed));
  assert.equal((await hands.lookup(placed.id)).result, "found");
  const crossing = await hands.place("buy 600100 x 5");
  assert.equal(crossing.result, "unknown");
  assert.equal((await hands.lookup(crossing.id)).result, "absent");
});

test("EXCH-29 a changed grid stops placing and still cancels: prices count in the old ticks", async (context) => {
  const { hands, inject, port, health } = await portStage(context);
  const { id } = await hands.place("buy 590000 x 10");
  inject("filterChange", { filter: { instrument: USDM.symbol }, parameters: { tickSize: "0.5" } });
  // 59000.1 lies off the new grid: the refusal makes the port look again
  await hands.place("buy 590001 x 10");
  await until("the change was seen", () =>
    health.some(({ subject, state }) => subject === "instruments" && state === "down"),
  );
  const after = await hands.place("buy 590000 x 10");
  assert.ok(after.result === "not-sent");
  assert.match(after.text, /tick or lot .* has changed .* restart/);
  assert.deepEqual(await hands.cancel(id), { result: "accepted" });
  const status = await new Promise<string>((done) =>
    port.instrument(USDM.symbol, (read) => done(read.result === "ok" ? read.instrument.status : read.text)),
  );
  assert.equal(status, "cancel-only");
});
