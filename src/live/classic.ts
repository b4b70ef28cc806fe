// The classic protocol, byte for byte (section 5): six messages, keys in their order, nothing added. What does not have
// this shape does not leave the server (LIVE-13).

import type { ClassicKline, ClassicMessage, Decimal } from "./messages.ts";
import { isPlain } from "./plain.ts";

/** A message that would break the classic protocol: a bug of ours, told with the field and not sent. */
export class ClassicShapeError extends Error {
  readonly code = "CLASSIC_SHAPE";
}

function decimal(name: string, text: Decimal): Decimal {
  if (isPlain(text)) return text;
  throw new ClassicShapeError(`${name}: "${text.slice(0, 40)}" is no plain decimal; the message was not sent`);
}

function whole(name: string, value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new ClassicShapeError(`${name}: ${value} is no whole number of seconds; the message was not sent`);
}

const kline = ({ time, open, high, low, close, volume }: ClassicKline): ClassicKline => ({
  time: whole("kline.time", time),
  open: decimal("kline.open", open),
  high: decimal("kline.high", high),
  low: decimal("kline.low", low),
  close: decimal("kline.close", close),
  volume: decimal("kline.volume", volume),
});

function checked(message: ClassicMessage): ClassicMessage["data"] {
  switch (message.type) {
    case "kline":
      return kline(message.data);
    case "history":
      return message.data.map(kline);
    case "account": {
      const { asset, free, balance, marginBalance, symbol } = message.data;
      const money = (name: string, text: Decimal): Decimal => decimal(`account.${name}`, text);
      return {
        asset,
        free: money("free", free),
        balance: money("balance", balance),
        marginBalance: money("marginBalance", marginBalance),
        symbol,
      };
    }
    case "orders": {
      const one = (order: Extract<ClassicMessage["data"], { status: string }>) => {
        const { id, price, side, status, type, symbol } = order;
        return { id, price: decimal("orders.price", price), side, status, type, symbol };
      };
      const { data } = message;
      return "status" in data ? one(data) : data.map(one);
    }
    case "trade_event": {
      const { side, price, amount, symbol, time } = message.data;
      return {
        side,
        price: decimal("trade_event.price", price),
        amount: decimal("trade_event.amount", amount),
        symbol,
        time: whole("trade_event.time", time),
      };
    }
    case "position": {
      const { symbol, amount, entryPrice, unrealizedPnL } = message.data;
      return {
        symbol,
        amount: decimal("position.amount", amount),
        entryPrice: decimal("position.entryPrice", entryPrice),
        unrealizedPnL: decimal("position.unrealizedPnL", unrealizedPnL),
      };
    }
  }
}

/** The bytes of one classic message. Throws `ClassicShapeError` for anything else than the six shapes. */
export const encodeClassic = (message: ClassicMessage): string =>
  JSON.stringify({ type: message.type, data: checked(message) });
