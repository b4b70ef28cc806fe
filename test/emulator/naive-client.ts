// A deliberately naive client, kept as a fixture (EMU-29): it takes silence for an answer, retries blindly, believes
// the stream and only the stream, and never looks again. It does everything right as long as nothing goes wrong.

import { createHmac } from "node:crypto";
import { WebSocket } from "ws";
import type { ClientBelief, ClientMaker, ClientPlace, ClientUnderTest, WantedOrder } from "./fault-clients.ts";
import { type Dialect, type Heard, type NaiveFill, SPOT_WORDS, USDM_WORDS } from "./naive-words.ts";

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

export const naive =
  (habits: NaiveHabits = {}, market: "usdm" | "spot" = "usdm"): ClientMaker =>
  (place) =>
    new NaiveClient(place, habits, market === "spot" ? SPOT_WORDS : USDM_WORDS);

interface Line {
  readonly path: string;
  readonly hear: (frame: Record<string, unknown>) => void;
  /** Said first. */
  readonly greeting?: () => string;
}

class NaiveClient implements ClientUnderTest {
  sent = 0;
  heard = 0;
  private readonly place: ClientPlace;
  private readonly habits: NaiveHabits;
  private readonly words: Dialect;
  private readonly sockets = new Set<WebSocket>();
  private readonly ids = new Map<string, string[]>();
  private readonly open = new Set<string>();
  private readonly bids = new Map<string, string>();
  private readonly asks = new Map<string, string>();
  /** Smallest units of a quantity. */
  private lots = 0;
  private balance = START_BALANCE;
  private dials = 0;
  private closed = false;
  private broken: unknown = null;

  constructor(place: ClientPlace, habits: NaiveHabits, words: Dialect) {
    this.place = place;
    this.habits = habits;
    this.words = words;
  }

  async start(): Promise<void> {
    const hear = (frame: Record<string, unknown>): void => this.told(this.words.report(frame));
    const { key } = this.words;
    if (key === null) {
      const greeting = (): string => this.words.greeting(this.place.nowMs(), signed);
      await this.dial({ path: "/ws-api/v3", hear, greeting });
    } else {
      const { listenKey } = JSON.parse((await this.ask("POST", key)).body) as { listenKey: string };
      await this.dial({ path: `/private/ws?listenKey=${listenKey}`, hear });
    }
    await this.dial({ path: this.words.book, hear: (frame) => this.shown(frame) });
    const depth = await this.ask("GET", this.words.depth, { symbol: "BTCUSDT", limit: "50" });
    this.shown(JSON.parse(depth.body) as Record<string, unknown>);
  }

  async want(order: WantedOrder): Promise<void> {
    const { temper = "hasty", sameId = false } = this.habits;
    const ids: string[] = [];
    this.ids.set(order.name, ids);
    let { postOnly = false } = order;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const id = sameId ? order.name : `${order.name}_${attempt}`;
      if (!ids.includes(id)) ids.push(id);
      this.open.add(id);
      const answer = await this.tryPlace({ ...order, postOnly }, id);
      if (answer === "yes" || temper === "trusting") return;
      if (!sameId) this.open.delete(id);
      // somebody has to take the price
      if (answer === "would take") postOnly = false;
    }
  }

  async drop(name: string): Promise<void> {
    for (const id of this.idsOf(name)) {
      // a cancel always works
      if (!this.open.delete(id)) continue;
      await this.ask("DELETE", this.words.order, { symbol: "BTCUSDT", origClientOrderId: id }).catch(() => null);
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
    const trades = await this.ask("GET", this.words.trades, { symbol: "BTCUSDT", limit: "1000" });
    this.lots = 0;
    for (const fill of this.words.fills(JSON.parse(trades.body))) this.count(fill);
  }

  belief(): ClientBelief {
    const sorted = (side: Map<string, string>, sign: number): (readonly [string, string])[] =>
      [...side].filter(([, quantity]) => Number(quantity) > 0).sort(([a], [b]) => sign * (Number(a) - Number(b)));
    const { digits } = this.words;
    return {
      position: (this.lots / 10 ** digits).toFixed(digits),
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

  private async tryPlace(order: WantedOrder, id: string): Promise<"yes" | "no" | "would take"> {
    try {
      const { status, body } = await this.ask("POST", this.words.order, {
        newClientOrderId: id,
        symbol: "BTCUSDT",
        side: order.side === "buy" ? "BUY" : "SELL",
        price: order.price,
        quantity: order.quantity,
        ...(order.postOnly === true ? this.words.postOnly : { type: "LIMIT", timeInForce: "GTC" }),
        ...(order.reduceOnly === true ? this.words.reduceOnly : {}),
      });
      const { code } = JSON.parse(body) as { code?: number };
      if (order.postOnly === true && code === this.words.wouldTake) return "would take";
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
    // what everybody may know is asked without a signature
    const open = path === this.words.depth;
    const timed = open ? parameters : { ...parameters, timestamp: String(this.place.nowMs()) };
    const query = new URLSearchParams(timed).toString();
    const url = `${this.place.rest}${path}?${query}${open ? "" : `&signature=${signed(query)}`}`;
    this.sent += 1;
    const headers = { "x-mbx-apikey": "demo-key" };
    const response = await fetch(url, { method, headers, signal: this.place.deadline(DEADLINE_MS) });
    return { status: response.status, body: await response.text() };
  }

  /** Opens it, and opens it again as soon as it is gone. */
  private async dial(line: Line): Promise<void> {
    this.dials += 1;
    if (this.closed || this.dials > DIALS_MAX) return;
    const socket = new WebSocket(this.place.websocket + line.path);
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => {
      socket.once("open", () => {
        if (line.greeting === undefined) resolve();
        else socket.send(line.greeting());
      });
      socket.on("message", (data: Buffer) => {
        this.heard += 1;
        resolve();
        this.hear(line, data.toString());
      });
      socket.once("close", () => {
        this.sockets.delete(socket);
        resolve();
        if (!this.closed) void this.dial(line);
      });
    });
  }

  private hear(line: Line, text: string): void {
    try {
      line.hear(JSON.parse(text) as Record<string, unknown>);
    } catch (error) {
      this.broken = error;
    }
  }

  private told(report: Heard | null): void {
    if (report === null) return;
    const { id, fill, status } = report;
    const mine = [...this.ids.values()].some((ids) => ids.includes(id));
    if (!mine) return;
    if (status === "NEW" && fill === null) this.open.add(id);
    if (!this.open.has(id)) return;
    if (fill !== null) this.count(fill);
    if (status === "FILLED" || status === "CANCELED" || status === "EXPIRED") this.open.delete(id);
  }

  private count({ sign, quantity, taken, money }: NaiveFill): void {
    this.lots += sign * this.lotsOf(quantity) - (taken === null ? 0 : this.lotsOf(taken));
    this.balance += money;
  }

  private shown({ b, a, bids = b, asks = a }: Record<string, unknown>): void {
    for (const [price, quantity] of (bids as [string, string][] | undefined) ?? []) this.bids.set(price, quantity);
    for (const [price, quantity] of (asks as [string, string][] | undefined) ?? []) this.asks.set(price, quantity);
  }

  /** As many decimals as ever: what could go wrong? */
  private lotsOf(text: string): number {
    const lots = Number(text.replace(".", ""));
    if (Number.isNaN(lots)) throw new TypeError(`${text} is no number`);
    return lots;
  }
}

const signed = (text: string): string => createHmac("sha256", "demo-secret").update(text).digest("hex");
