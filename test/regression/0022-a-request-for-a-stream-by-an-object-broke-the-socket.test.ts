// Found by the fuzzer: words of a client were made text by String(), and an object whose `toString` is null has none.
// The emulator's socket, its list of markets and its memory threw instead of refusing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCanonical } from "../../src/base/canonical.ts";
import { BINANCE_USDM_BTCUSDT } from "../../src/data/rules.ts";
import { Bench } from "../../src/exchange/emulator/binance/usdm/usdm.fixture.ts";
import { portFill } from "../../src/exchange/wire/order-view.ts";
import { Fill } from "../../src/rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderSide } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";

test("TEST-05 EMU-11 a method that is an object without a text is refused like any unknown one", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.socket("/public/ws");
  socket.say('{"method":{"toString":null},"id":1}');
  assert.deepEqual(socket.frames, [{ error: { code: 2, msg: "Invalid request: unknown variant ``" }, id: 1 }]);
});

test("TEST-05 API-04 a fill whose fee is no decimal cannot be held, and is said to be none", () => {
  const fill = Fill.fromPartial({
    tradeId: "7",
    side: OrderSide.SELL,
    price: { value: "60000.1" },
    quantity: { value: "0.010" },
    fee: { value: "1e400" },
  });
  assert.equal(portFill(fill, BINANCE_USDM_BTCUSDT), null);
});

test("TEST-05 DUR-20 text that is nested without end is a SyntaxError and not the end of the stack", () => {
  assert.throws(() => decodeCanonical("[".repeat(8_000) + "]".repeat(8_000)), SyntaxError);
});
