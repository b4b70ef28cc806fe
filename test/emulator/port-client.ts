// Our own adapter as a client under test (EMU-41): the ccxt port in the emulator's time, and on top of it the least a
// caller of the port must do, which is to settle what is unknown before it acts again. It reads no fill by itself:
// what the streams left out, the port has to notice. Test code only.

import type { Result } from "../../src/base/result.ts";
import { type CcxtPort, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { NodeTransport, type Transport } from "../../src/exchange/ccxt/transport.ts";
import type {
  AccountResult,
  CancelOutcome,
  FillsResult,
  LookupResult,
  OpenOrdersResult,
  SendOutcome,
  StreamMessage,
  Unavailable,
  UpstreamHealth,
} from "../../src/exchange/port.ts";
import { money, signOf } from "../../src/market/amounts.ts";
import {
  baseMoney,
  formatMoney,
  formatPrice,
  formatQuantity,
  type Instrument,
  parsePrice,
  parseQuantity,
} from "../../src/market/instrument.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { type ClientOrderId, foreignOrderId } from "../../src/trading/client-order-id.ts";
import type { Level } from "../../src/trading/event.ts";
import type {
  ClientBelief,
  ClientMaker,
  ClientPlace,
  ClientUnderTest,
  ScenarioMarket,
  WantedOrder,
} from "./fault-clients.ts";

/** A wanted order is sent under so many ids at most, one after the other. */
const ATTEMPTS = 4;
const LOOKS = 60;
const LOOK_AGAIN_MS = 1_000;
/** Longer than the port may need to notice by itself what a stream did not tell (EXCH-51, case 9). */
const NOTICE_MS = 16_000;
/** How long it may take until every stream is well again. */
const WELL_MS = 90_000;

type InstrumentResult = Parameters<Parameters<CcxtPort["instrument"]>[1]>[0];
type Fill = Extract<StreamMessage, { kind: "fill" }>;

export const ourPort =
  (market: ScenarioMarket): ClientMaker =>
  (place) =>
    new PortClient(place, market);

class PortClient implements ClientUnderTest {
  sent = 0;
  readonly heard = Number.POSITIVE_INFINITY;
  readonly livesByClock = true;
  private readonly place: ClientPlace;
  private readonly market: ScenarioMarket;
  private readonly ids = new Map<string, ClientOrderId[]>();
  private readonly fills = new Map<string, Fill>();
  private readonly health = new Map<string, UpstreamHealth["state"]>();
  private readonly feeds = new Map<string, "fresh" | "stale">();
  private open = new Set<string>();
  /** What a stream said before a reply came is newer than it. */
  private readonly over = new Set<string>();
  private book: { readonly bids: readonly Level[]; readonly asks: readonly Level[] } | null = null;
  private balance: string | null = null;
  private port: CcxtPort | null = null;
  private instrument: Instrument | null = null;

  constructor(place: ClientPlace, market: ScenarioMarket) {
    this.place = place;
    this.market = market;
  }

  async start(): Promise<void> {
    const { clock, rest, websocket } = this.place;
    const { symbol, protocol } = this.market;
    const port = await openCcxtPort({
      exchange: "binance",
      market: protocol === "binance-spot" ? "spot" : "perpetual",
      symbols: [symbol],
      credentials: { apiKey: "demo-key", secret: "demo-secret" },
      environment: "emulator",
      endpoints: { rest, websocket },
      exclusive: true,
      clock,
      log: SILENT_LOG,
      transport: this.counted(new NodeTransport({ clock })),
    });
    this.port = port;
    port.watchHealth(({ subject, state }) => this.health.set(subject, state));
    port.subscribe({ symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => this.told(message));
    const { instrument } = await this.read<InstrumentResult>((done) => port.instrument(symbol, done));
    this.instrument = instrument;
    await this.until(() => this.isWell());
  }

  async want(order: WantedOrder): Promise<void> {
    const ids: ClientOrderId[] = [];
    this.ids.set(order.name, ids);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const id = foreignOrderId(`o${order.name}${attempt}`);
      ids.push(id);
      let outcome = await this.sendOnce(order, id);
      for (let again = 1; outcome.result === "not-sent" && again < ATTEMPTS; again += 1) {
        await this.pause(LOOK_AGAIN_MS);
        outcome = await this.sendOnce(order, id);
      }
      if (outcome.result === "accepted") {
        if (!this.over.has(id)) this.open.add(id);
        return;
      }
      if (outcome.result === "unknown" && (await this.settled(id)) !== "absent") return;
      // a price that would take is not forced
      if (outcome.result === "rejected" && outcome.reason === "POST_ONLY_WOULD_TAKE") return;
      await this.pause(LOOK_AGAIN_MS);
    }
  }

  async drop(name: string): Promise<void> {
    for (const id of this.idsOf(name)) {
      for (let look = 1; look <= LOOKS && this.open.has(id); look += 1) {
        await new Promise<CancelOutcome>((done) => this.given().cancel(this.market.symbol, foreignOrderId(id), done));
        if ((await this.settled(foreignOrderId(id))) !== "open") break;
        await this.pause(LOOK_AGAIN_MS);
      }
    }
  }

  async stop(): Promise<void> {
    for (const name of this.ids.keys()) await this.drop(name);
  }

  async settle(): Promise<void> {
    await this.pause(NOTICE_MS);
    await this.until(() => this.isWell());
    const port = this.given();
    const { symbol } = this.market;
    const account = await this.read<AccountResult>((done) => port.account(symbol, done));
    this.balance = formatMoney(account.quoteTotal);
    const { orders } = await this.read<OpenOrdersResult>((done) => port.openOrders(symbol, done));
    this.open = new Set(orders.map(({ clientOrderId }) => clientOrderId));
  }

  async restart(): Promise<void> {
    await this.port?.closed();
    this.fills.clear();
    this.open.clear();
    this.health.clear();
    this.feeds.clear();
    this.book = null;
    await this.start();
    const port = this.given();
    const since = { sinceMs: 0, cursor: null };
    const { fills } = await this.read<FillsResult>((done) => port.fills(this.market.symbol, since, done));
    for (const fill of fills) this.told(fill);
  }

  belief(): ClientBelief {
    const instrument = this.of();
    const shown = (levels: readonly Level[]): readonly (readonly [string, string])[] =>
      levels.map(([price, quantity]) => [formatPrice(instrument, price), formatQuantity(instrument, quantity)]);
    let position = 0n;
    for (const { side, quantity, fee, feeAsset } of this.fills.values()) {
      position += BigInt(signOf(side)) * baseMoney(instrument, quantity);
      if (feeAsset === instrument.base && instrument.kind === "spot") position -= fee;
    }
    return {
      position: formatMoney(money(position)),
      openOrders: [...this.open],
      balance: this.balance,
      book:
        this.book === null || this.feeds.get("book") === "stale"
          ? null
          : { bids: shown(this.book.bids), asks: shown(this.book.asks) },
    };
  }

  idsOf(name: string): readonly string[] {
    return this.ids.get(name) ?? [];
  }

  async close(): Promise<void> {
    await this.port?.closed();
  }

  /** Asks until it is answered. */
  private async read<R extends { readonly result: "ok" } | Unavailable>(
    ask: (done: (answer: R) => void) => void,
  ): Promise<Exclude<R, Unavailable>> {
    for (let look = 1; ; look += 1) {
      const answer = await new Promise<R>(ask);
      if (isOk(answer)) return answer;
      if (look === LOOKS) throw new Error("text" in answer ? answer.text : "no answer");
      await this.pause(LOOK_AGAIN_MS);
    }
  }

  private sendOnce({ side, price, quantity, postOnly, reduceOnly }: WantedOrder, id: ClientOrderId) {
    const instrument = this.of();
    const order = callersApproval({
      symbol: this.market.symbol,
      side,
      price: whole(parsePrice(instrument, price)),
      quantity: whole(parseQuantity(instrument, quantity)),
      timeInForce: "GTC",
      postOnly: postOnly === true,
      reduceOnly: reduceOnly === true,
      slotKey: "",
    });
    return new Promise<SendOutcome>((done) => this.given().place({ clientOrderId: id, order }, done));
  }

  /** What became of an order, once it can be said: not before the exchange may no longer accept it. */
  private async settled(id: ClientOrderId): Promise<"open" | "over" | "absent"> {
    const port = this.given();
    const certainMs = this.place.nowMs() + port.requestExpiryMs + port.lookupLagMs;
    for (let look = 1; look <= LOOKS; look += 1) {
      const found = await new Promise<LookupResult>((done) => port.lookup(this.market.symbol, id, done));
      if (found.result === "found") {
        const over = found.order.status !== "open";
        if (over) this.open.delete(id);
        else this.open.add(id);
        return over ? "over" : "open";
      }
      if (found.result === "absent" && this.place.nowMs() > certainMs) {
        this.open.delete(id);
        return "absent";
      }
      await this.pause(LOOK_AGAIN_MS);
    }
    throw new Error(`${id} could not be settled`);
  }

  private told(message: StreamMessage): void {
    if (message.kind === "fill") this.fills.set(`${message.tradeId} ${message.side}`, message);
    else if (message.kind === "book") this.book = message;
    else if (message.kind === "feed") this.feeds.set(message.feed, message.state);
    else if (message.kind === "order") {
      if (message.status === "open") this.open.add(message.clientOrderId);
      else {
        this.open.delete(message.clientOrderId);
        this.over.add(message.clientOrderId);
      }
    } else if (message.kind === "instrument") this.instrument = message.instrument;
  }

  private isWell(): boolean {
    const orders = this.health.get("orders") === "live";
    return orders && this.book !== null && this.feeds.get("book") !== "stale" && this.feeds.get("orders") !== "stale";
  }

  private counted(inner: Transport): Transport {
    return {
      send: (request, left) => {
        this.sent += 1;
        return inner.send(request, left);
      },
      close: () => inner.close(),
    };
  }

  private pause(ms: number): Promise<void> {
    const { clock } = this.place;
    return new Promise((resolve) => void clock.at(clock.nowMs() + ms, resolve));
  }

  private async until(holds: () => boolean): Promise<void> {
    const endMs = this.place.nowMs() + WELL_MS;
    while (!holds()) {
      if (this.place.nowMs() > endMs) throw new Error(`not well: ${JSON.stringify([...this.health, ...this.feeds])}`);
      await this.pause(100);
    }
  }

  private given(): CcxtPort {
    if (this.port === null) throw new Error("it was not started");
    return this.port;
  }

  private of(): Instrument {
    if (this.instrument === null) throw new Error("it was not started");
    return this.instrument;
  }
}

const isOk = <R extends { readonly result: string }>(answer: R): answer is Exclude<R, Unavailable> =>
  answer.result === "ok";

function whole<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
