import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC_SPOT } from "../../test/instruments.ts";
import { tapeOf } from "../../test/try-market.ts";
import { money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { SimulatedExchange } from "./exchange.ts";
import { tapeSource } from "./market-source.ts";
import { simulationOptions } from "./options.ts";
import type { MutationReply } from "./session.ts";

const spot = (quote: string): Instrument => ({ ...BTC_SPOT, symbol: `BTC/${quote}`, quote });

test("EMU-02 what is offered against one asset is not offered again against another", () => {
  const markets = ["USDT", "FDUSD"].map((quote) => ({
    instrument: spot(quote),
    source: tapeSource(tapeOf("0 book 599990x80 / 600001x40\n900 diff 599000x1")),
    fill: { level: "L2", queue: "back" } as const,
  }));
  const one = money(10n ** 18n);
  const accounts = [{ name: "me", balances: new Map([["BTC", one]]) }];
  const exchange = new SimulatedExchange(simulationOptions({ markets, accounts }));
  const session = exchange.connect("me");
  const replies: MutationReply["result"][] = [];
  const sell = (symbol: string, clientOrderId: string, quantity: number): void => {
    const order = { symbol, clientOrderId, side: "sell", price: 610_000, quantity } as const;
    session.place(
      exchange.nowUs(),
      { ...order, timeInForce: "GTC", postOnly: true, reduceOnly: false },
      ({ result }) => {
        replies.push(result);
      },
    );
    exchange.advance(exchange.nowUs() + 1_000);
    exchange.deliver(exchange.nowUs());
  };
  sell("BTC/USDT", "first", 60_000);
  sell("BTC/FDUSD", "second", 60_000);
  sell("BTC/FDUSD", "third", 40_000);
  assert.deepEqual(replies, ["accepted", "rejected", "accepted"]);
});
