// A deliberately naive client, kept as a fixture (EMU-29): it takes silence for an answer, retries blindly, believes
// the stream and only the stream, and never looks again. It does everything right as long as nothing goes wrong.

import { createHmac } from "node:crypto";
import { WebSocket } from "ws";
import type { ClientBelief, ClientMaker, ClientPlace, ClientUnderTest, WantedOrder } from "./fault-scenario.ts";

/** `hasty` takes silence for a refusal and sends again; `trusting` takes it for a yes. */
export type Temper = "hasty" | "trusting";

export interface NaiveHabits {
  readonly temper?: Temper;
  /** Sends again with the same client id. */
  readonly sameId?: boolean;
}

const DEADLINE_MS = 5_000;
const ATTEMPTS = 12;
const DIALS_MAX = 40;
const START_BALANCE = 1_000_000;

interface OrderUpdate {
  readonly c: string;
  readonly x: string;
  readonly X: string;
  readonly S: string;
  readonly l: string;
  readonly n?: string;
  readonly rp?: string;
}

export const naive =
  (habits: NaiveHabits = {}): ClientMaker =>
  (place) =>
    new NaiveClient(place, habits);

class NaiveClient implements ClientUnderTest {
  sent = 0;
  heard = 0;
  private readonly place: ClientPlace;
  private readonly habits: NaiveHabits;
  private readonly sockets = new Set<WebSocket>();
  private readonly ids = new Map<string, string[]>();
  private readonly open = new Set<string>();
  private readonly bids = new Map<string, string>();
  private readonly asks = new Map<string, string>();
  private lots = 0;
  private balance = START_BALANCE;
  private dials = 0;
  private closed = false;
  private broken: unknown = null;

  constructor(place: ClientPlace, habits: NaiveHabits) {
    this.place = place;
    this.habits = habits;
  }

  async start(): Promise<void> {
    const { listenKey } = JSON.parse((await this.ask("POST", "/fapi/v1/listenKey")).body) as { listenKey: string };
    await this.dial(`/private/ws?listenKey=${listenKey}`, (frame) => this.told(frame));
    await this.dial("/public/ws/btcusdt@depth@100ms", (frame) => this.shown(frame));
    const depth = await this.ask("GET", "/fapi/v1/depth", { symbol: "BTCUSDT", limit: "50" });
    this.shown(JSON.parse(depth.body) as Record<string, unknown>);
  }

  async want(order: WantedOrder): Promise<void> {
    const { temper = "hasty", sameId = false } = this.habits;
    const ids: string[] = [];
    this.ids.set(order.name, ids);
    let timeInForce = order.postOnly === true ? "GTX" : "GTC";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const id = sameId ? order.name : `${order.name}_${attempt}`;
      if (!ids.includes(id)) ids.push(id);
      this.open.add(id);
      const answer = await this.tryPlace(order, id, timeInForce);
      if (answer === "yes" || temper === "trusting") return;
      if (!sameId) this.open.delete(id);
      // somebody has to take the price
      if (answer === "would take") timeInForce = "GTC";
    }
  }

  async drop(name: string): Promise<void> {
    for (const id of this.idsOf(name)) {
      // a cancel always works
      if (!this.open.delete(id)) continue;
      await this.ask("DELETE", "/fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: id }).catch(() => null);
    }
  }

  async stop(): Promise<void> {
    for (const name of this.ids.keys()) await this.drop(name);
  }

  settle(): Promise<void> {
    if (this.broken !== null) return Promise.reject(this.broken as Error);
    return Promise.resolve();
  }

  async restart(): Promise<void> {
    const trades = await this.ask("GET", "/fapi/v1/userTrades", { symbol: "BTCUSDT", limit: "1000" });
    this.lots = 0;
    for (const { side, qty } of JSON.parse(trades.body) as { side: string; qty: string }[]) {
      this.lots += side === "BUY" ? lotsOf(qty) : -lotsOf(qty);
    }
  }

  belief(): ClientBelief {
    const sorted = (side: Map<string, string>, sign: number): (readonly [string, string])[] =>
      [...side].filter(([, quantity]) => Number(quantity) > 0).sort(([a], [b]) => sign * (Number(a) - Number(b)));
    return {
      position: (this.lots / 1_000).toFixed(3),
      openOrders: [...this.open],
      balance: this.balance.toFixed(8),
      book: { bids: sorted(this.bids, -1), asks: sorted(this.asks, 1) },
    };
  }

  idsOf(name: string): readonly string[] {
    return this.ids.get(name) ?? [];
  }

  async close(): Promise<void> {
    this.closed = true;
    const closing = [...this.sockets].filter(({ readyState }) => readyState !== WebSocket.CLOSED);
    const gone = closing.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const socket of closing) socket.terminate();
    await Promise.all(gone);
  }

  private async tryPlace(order: WantedOrder, id: string, timeInForce: string): Promise<"yes" | "no" | "would take"> {
    try {
      const { status, body } = await this.ask("POST", "/fapi/v1/order", {
        newClientOrderId: id,
        symbol: "BTCUSDT",
        side: order.side === "buy" ? "BUY" : "SELL",
        type: "LIMIT",
        timeInForce,
        price: order.price,
        quantity: order.quantity,
        ...(order.reduceOnly === true ? { reduceOnly: "true" } : {}),
      });
      const { code } = JSON.parse(body) as { code?: number };
      if (code === -5022) return "would take";
      return status === 200 ? "yes" : "no";
    } catch {
      return "no";
    }
  }

  private async ask(
    method: string,
    path: string,
    parameters: Record<string, string> = {},
  ): Promise<{ readonly status: number; readonly body: string }> {
    const query = new URLSearchParams({ ...parameters, timestamp: String(this.place.nowMs()) }).toString();
    const signature = createHmac("sha256", "demo-secret").update(query).digest("hex");
    const url = `${this.place.rest}${path}?${query}&signature=${signature}`;
    this.sent += 1;
    const headers = { "x-mbx-apikey": "demo-key" };
    const response = await fetch(url, { method, headers, signal: this.place.deadline(DEADLINE_MS) });
    return { status: response.status, body: await response.text() };
  }

  /** Opens it, and opens it again as soon as it is gone. */
  private async dial(path: string, hear: (frame: Record<string, unknown>) => void): Promise<void> {
    this.dials += 1;
    if (this.closed || this.dials > DIALS_MAX) return;
    const socket = new WebSocket(this.place.websocket + path);
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      this.heard += 1;
      try {
        hear(JSON.parse(data.toString()) as Record<string, unknown>);
      } catch (error) {
        this.broken = error;
      }
    });
    const opened = new Promise<void>((resolve) => {
      socket.once("open", resolve);
      socket.once("close", () => {
        this.sockets.delete(socket);
        resolve();
        if (!this.closed) void this.dial(path, hear);
      });
    });
    await opened;
  }

  private told({ e, o }: Record<string, unknown>): void {
    if (e !== "ORDER_TRADE_UPDATE") return;
    const { c, x, X, S, l, n = "0", rp = "0" } = o as OrderUpdate;
    const mine = [...this.ids.values()].some((ids) => ids.includes(c));
    if (!mine) return;
    if (x === "NEW") this.open.add(c);
    if (!this.open.has(c)) return;
    if (x === "TRADE") {
      this.lots += S === "BUY" ? lotsOf(l) : -lotsOf(l);
      this.balance += Number(rp) - Number(n);
    }
    if (X === "FILLED" || X === "CANCELED" || X === "EXPIRED") this.open.delete(c);
  }

  private shown({ b, a, bids = b, asks = a }: Record<string, unknown>): void {
    for (const [price, quantity] of (bids as [string, string][] | undefined) ?? []) this.bids.set(price, quantity);
    for (const [price, quantity] of (asks as [string, string][] | undefined) ?? []) this.asks.set(price, quantity);
  }
}

/** Three decimals, always: what could go wrong? */
function lotsOf(text: string): number {
  const lots = Number(text.replace(".", ""));
  if (Number.isNaN(lots)) throw new TypeError(`${text} is no number`);
  return lots;
}
