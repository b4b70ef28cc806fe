// What a console knows from the messages it got, by the rules of section 6 alone.

import assert from "node:assert/strict";
import type { ClassicTradeEvent, ConsoleMessage, ConsoleType, PnlPoint } from "./messages.ts";

type Known = Map<string, unknown>;

export class ConsoleModel {
  readonly candles = new Map<string, Map<number, unknown>>();
  readonly orders: Known = new Map();
  readonly fills: Known = new Map();
  readonly bots: Known = new Map();
  readonly alerts: Known = new Map();
  readonly latest = new Map<string, unknown>();
  readonly trades: ClassicTradeEvent[] = [];
  readonly curves = new Map<string, PnlPoint[]>();
  readonly logLines: unknown[] = [];
  readonly types: ConsoleType[] = [];
  private seq = 0;

  /** Throws where a message breaks a rule. */
  take(message: ConsoleMessage): void {
    this.seq += 1;
    assert.equal(message.seq, this.seq, "seq grows by one");
    this.types.push(message.type);
    const { of } = message;
    const candleKey = `${of.exchange}|${of.symbol}|${of.interval}`;
    switch (message.type) {
      case "history":
        this.candles.set(candleKey, new Map(message.data.map((candle) => [candle.time, candle])));
        return;
      case "kline": {
        const known = this.candles.get(candleKey) ?? new Map<number, unknown>();
        this.candles.set(candleKey, known.set(message.data.time, message.data));
        return;
      }
      case "orders":
        list(this.orders, message.data, "clientOrder");
        return;
      case "fills":
        list(this.fills, message.data, "id");
        return;
      case "bots":
        list(this.bots, message.data, "id");
        return;
      case "alerts":
        list(this.alerts, message.data, "id");
        return;
      case "trade_event":
        this.trades.push(message.data);
        return;
      case "log":
        this.logLines.push(...message.data.lines);
        return;
      case "pnl": {
        const { curve = [], ...pnl } = message.data;
        this.latest.set(`pnl|${of.bot}`, pnl);
        this.curves.set(of.bot ?? "", [...(this.curves.get(of.bot ?? "") ?? []), ...curve]);
        return;
      }
      case "account":
        this.latest.set(`account|${of.exchange}|${message.data.asset}`, message.data);
        return;
      case "position":
        this.latest.set(`position|${of.exchange}|${of.symbol}`, message.data);
        return;
      case "hello":
      case "slots":
      case "risk":
      case "feeds":
      case "system":
      case "explain":
      case "candles":
      case "config":
      case "preview":
      case "state":
      case "what_if":
      case "ready":
      case "bye":
      case "error":
        this.latest.set(`${message.type}|${of.bot ?? ""}`, message.data);
    }
  }
}

function list(known: Known, data: object, id: string): void {
  if ("all" in data && Array.isArray(data.all)) {
    known.clear();
    for (const item of data.all as Readonly<Record<string, unknown>>[]) known.set(String(item[id]), item);
    return;
  }
  const item = data as Readonly<Record<string, unknown>>;
  if (item["gone"] === true) known.delete(String(item[id]));
  else known.set(String(item[id]), item);
}
