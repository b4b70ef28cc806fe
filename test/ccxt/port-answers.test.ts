// Replies with a good status that are none: a page of a proxy, nothing at all, JSON about something else. Nothing may
// follow from them (EXCH-07): no order is gone, no timer armed, no account empty.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { NodeTransport, type Transport } from "../../src/exchange/ccxt/transport.ts";
import type { AccountResult, ExchangePort } from "../../src/exchange/port.ts";
import { Hands } from "../contract/exchange-stage.ts";
import { emulated, type Market, portOptions, SPOT, USDM } from "./port-stage.ts";

const STRANGE = ["<html><body>Please stand by</body></html>", "", "{}", '{"message":"Please stand by"}'];
/** Lists that are no answer of a call that is not answered with a list. */
const EMPTY = ["[]"];

async function answeredBy(context: TestContext, of: Market) {
  const emulator = await emulated(context, of);
  const base = portOptions(emulator, of);
  const inner = new NodeTransport({ clock: base.clock });
  const page: { text: string | null; of: RegExp } = { text: null, of: /./ };
  const transport: Transport = {
    send: (request, left) => {
      const { text } = page;
      if (text === null || !page.of.test(request.url)) return inner.send(request, left);
      left();
      return Promise.resolve({ status: 200, statusText: "OK", headers: {}, text });
    },
    close: () => inner.close(),
  };
  const port = await openCcxtPort({ ...base, transport, exclusive: true });
  context.after(() => port.closed());
  return { port, hands: new Hands(port, of), page };
}

const UNAVAILABLE = ["unavailable", "unavailable", "unavailable"];

type Result = { readonly result: string };

const ends = <T>(ask: (done: (result: T) => void) => void): Promise<T> => new Promise(ask);

/** On spot there is no timer. */
async function armed({ deadMan }: ExchangePort, symbol: string): Promise<Result> {
  return deadMan === undefined ? { result: "unknown" } : ends<Result>((done) => deadMan.arm(symbol, 9000, done));
}

async function reads(port: ExchangePort, symbol: string): Promise<readonly string[]> {
  const since = { sinceMs: Date.now() - 60_000, cursor: null };
  const answers = await Promise.all([
    ends<Result>((done) => port.openOrders(symbol, done)),
    ends<Result>((done) => port.fills(symbol, since, done)),
    ends<Result>((done) => port.account(symbol, done)),
  ]);
  return answers.map((each) => each.result);
}

for (const market of [USDM, SPOT]) {
  test(`EXCH-07 EXCH-09 from a strange reply with status 200 nothing follows: ${market.protocol}`, async (context) => {
    const { port, hands, page } = await answeredBy(context, market);
    const order = market === USDM ? "buy 590000 x 10" : "buy 5900000 x 1000";
    const lives = await hands.place(order);
    assert.equal(lives.result, "accepted");
    for (const text of [...STRANGE, ...EMPTY]) {
      page.text = text;
      const empty = EMPTY.includes(text);
      const found = empty ? UNAVAILABLE : await reads(port, market.symbol);
      const asked: readonly Promise<Result>[] = [
        hands.place(order),
        hands.cancel(lives.id),
        armed(port, market.symbol),
        hands.lookup(lives.id),
      ];
      const results = (await Promise.all(asked)).map(({ result }) => result);
      const after = `after ${JSON.stringify(text)}`;
      assert.deepEqual(found, UNAVAILABLE, after);
      assert.deepEqual(results, ["unknown", "unknown", "unknown", "unavailable"], after);
    }
    page.text = null;
    assert.equal((await hands.lookup(lives.id)).result, "found");
  });
}

const ORDER = { symbol: "BTCUSDT", orderId: 7, origQty: "0.010", price: "59000", side: "BUY", type: "LIMIT" };
const POSITION = {
  symbol: "BTCUSDT",
  positionAmt: "0.010",
  positionSide: "LONG",
  entryPrice: "59000",
  notional: "590",
};

test("EXCH-09 an ended order that does not say what of it was filled is no answer of a look-up", async (context) => {
  const { hands, page } = await answeredBy(context, USDM);
  const { id } = await hands.place("buy 590000 x 10");
  page.of = /v1.order\?/;
  page.text = JSON.stringify({ ...ORDER, clientOrderId: id, status: "CANCELED" });
  assert.equal((await hands.lookup(id)).result, "unavailable");
  page.text = JSON.stringify({ ...ORDER, clientOrderId: id, status: "CANCELED", executedQty: "0.004" });
  const found = await hands.lookup(id);
  assert.ok(found.result === "found" && found.order.cumulative === 4);
});

test("EXCH-38 an account switched to hedge mode while it is traded says so", async (context) => {
  const { port, page } = await answeredBy(context, USDM);
  page.of = /positionRisk/;
  const modes: unknown[] = [];
  for (const positionSide of ["BOTH", "LONG"]) {
    page.text = JSON.stringify([{ ...POSITION, positionSide }]);
    const account = await ends<AccountResult>((done) => port.account(USDM.symbol, done));
    modes.push(account.result === "ok" ? account.oneWayMode : account.text);
  }
  assert.deepEqual(modes, [true, false]);
});

test("EXCH-19 a list of fills one of which has no time is read again, never shortened", async (context) => {
  const { port, page } = await answeredBy(context, USDM);
  page.of = /userTrades/;
  const trade = { symbol: "BTCUSDT", id: 1, orderId: 7, side: "BUY", price: "59000", qty: "0.010", commission: "0" };
  page.text = JSON.stringify([
    { ...trade, time: 1_790_000_000_000 },
    { ...trade, id: 2 },
  ]);
  const since = { sinceMs: Date.now() - 60_000, cursor: null };
  const answer = await ends<Result>((done) => port.fills(USDM.symbol, since, done));
  assert.equal(answer.result, "unavailable");
});
