// A small market for tests and examples: an instrument, hand-made rows, and an exchange with rich accounts on them.

import { type Money, money } from "../src/market/amounts.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../src/market/tape.ts";
import { SimulatedExchange } from "../src/sim/exchange.ts";
import { tapeSource } from "../src/sim/market-source.ts";
import { type MarketOptions, type SimulationOptions, simulationOptions } from "../src/sim/options.ts";
import type { OrderRequest } from "../src/sim/order-rules.ts";
import type { MutationReply, SessionMessage } from "../src/sim/session.ts";
import { BTC_PERPETUAL } from "./instruments.ts";

export const PERPETUAL = BTC_PERPETUAL;

export const usdt = (amount: number): Money => money(BigInt(Math.round(amount * 1000)) * 10n ** 15n);

/** Rows as a little text, one a line: `at ms`, then what happens. Prices in ticks, quantities in lots. */
export function tapeOf(text: string): Tape {
  const out = new TapeBuilder(64);
  let id = 0;
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const [at = "0", what = "", ...rest] = line.split(/\s+/);
    const us = Number.parseInt(at, 10) * 1000;
    id += 1;
    if (what === "book" || what === "diff") {
      if (what === "book") out.push(RowKind.snapshotStart, 0, us, us, 0, 0, id, id);
      let kind: RowKind = RowKind.bidLevel;
      for (const word of rest) {
        if (word === "/") {
          kind = RowKind.askLevel;
          continue;
        }
        const [price = "0", quantity = "0"] = word.split("x");
        out.push(kind, 0, us, us, Number.parseInt(price, 10), Number.parseInt(quantity, 10), id, id);
      }
      out.endFrame();
    } else if (what === "sold" || what === "bought") {
      const [price = "0", quantity = "0"] = (rest[0] ?? "").split("x");
      const flags = RowFlag.frameEnd | (what === "sold" ? RowFlag.sellerTook : 0);
      out.push(RowKind.trade, flags, us, us, Number.parseInt(price, 10), Number.parseInt(quantity, 10), id, id);
    } else if (what === "mark") {
      out.push(RowKind.mark, RowFlag.frameEnd, us, us, Number.parseInt(rest[0] ?? "0", 10) * 1000, 0, id, id);
    } else if (what === "funding") {
      out.push(RowKind.funding, RowFlag.frameEnd, us, us, Number.parseInt(rest[0] ?? "0", 10), 28_800_000, id, id);
    }
  }
  return out.finish();
}

export interface Trial {
  readonly exchange: SimulatedExchange;
  /** What the account heard, newest last. */
  readonly heard: SessionMessage[];
  /** Places as little text: `buy 100 x 5`, with words `ioc fok post reduce`; the reply goes to `replies`. */
  order(text: string, account?: string): string;
  readonly replies: Map<string, MutationReply>;
  cancel(id: string, account?: string): void;
  goTo(ms: number): void;
  /** Fills of the account as little text. */
  fills(account?: string): string[];
}

/** An exchange over a little tape, with accounts `me` and `you`. */
export function tryMarket(
  tape: Tape,
  market: Partial<MarketOptions> = {},
  options: Partial<SimulationOptions> = {},
): Trial {
  const instrument = market.instrument ?? PERPETUAL;
  const balances = new Map([
    ["USDT", usdt(1_000_000)],
    ["BTC", usdt(1_000)],
  ]);
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument, source: tapeSource(tape), fill: { level: "L2", queue: "back" }, ...market }],
      accounts: ["me", "you"].map((name) => ({ name, balances })),
      accountIntervalMs: 0,
      ...options,
    }),
  );
  const { symbol } = instrument;
  const sessions = { me: exchange.connect("me"), you: exchange.connect("you") };
  const heard: { me: SessionMessage[]; you: SessionMessage[] } = { me: [], you: [] };
  const wish = { bookIntervalUs: 0, candleInterval: "1m" as const, trades: true, marks: true };
  sessions.me.subscribe(symbol, wish, (message) => heard.me.push(message));
  sessions.you.subscribe(symbol, { ...wish, bookIntervalUs: 1e12 }, (message) => heard.you.push(message));
  const replies = new Map<string, MutationReply>();
  const who = (account: string): "me" | "you" => (account === "you" ? "you" : "me");
  let count = 0;
  return {
    exchange,
    heard: heard.me,
    replies,
    order: (text, account = "me") => {
      count += 1;
      const id = `o${count}`;
      sessions[who(account)].place(exchange.nowUs(), parseOrder(text, symbol, id), (reply) => replies.set(id, reply));
      return id;
    },
    cancel: (id, account = "me") => {
      sessions[who(account)].cancel(exchange.nowUs(), symbol, id, (reply) => replies.set(`cancel ${id}`, reply));
    },
    goTo: (ms) => {
      const us = ms * 1000;
      for (let due = exchange.advance(us); due <= us; due = exchange.advance(us)) exchange.deliver(due);
    },
    fills: (account = "me") =>
      heard[who(account)].flatMap((message) =>
        message.kind === "fill" ? [`${message.side} ${message.price} x ${message.quantity} ${message.liquidity}`] : [],
      ),
  };
}

function parseOrder(text: string, symbol: string, clientOrderId: string): OrderRequest {
  const [side = "buy", price = "0", , quantity = "0", ...words] = text.split(" ");
  return {
    symbol,
    clientOrderId,
    side: side === "sell" ? "sell" : "buy",
    price: Number.parseInt(price, 10),
    quantity: Number.parseInt(quantity, 10),
    timeInForce: words.includes("ioc") ? "IOC" : words.includes("fok") ? "FOK" : "GTC",
    postOnly: words.includes("post"),
    reduceOnly: words.includes("reduce"),
  };
}
