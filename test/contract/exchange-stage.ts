// What the contract of the exchange port is played on: a simulated exchange in real time with a market played by
// hand, a port to judge, and the exchange's own word about what happened.

import { inspect } from "node:util";
import { present } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import { PacedClock } from "../../src/base/paced-clock.ts";
import type {
  AccountResult,
  CancelOutcome,
  ExchangePort,
  FillsResult,
  LookupResult,
  OpenOrdersResult,
  SendOutcome,
  StreamMessage,
} from "../../src/exchange/port.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { lots, type Side, ticks } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { type SimulationOptions, simulationOptions } from "../../src/sim/options.ts";
import { type ClientOrderId, foreignOrderId } from "../../src/trading/client-order-id.ts";
import type { NewOrder } from "../../src/trading/order.ts";
import { BTC_PERPETUAL } from "../instruments.ts";
import { usdt } from "../try-market.ts";
import { HandMarket } from "./hand-market.ts";

/** How long a case waits for a message: less than the minute it has, so that it can say what it heard. */
const PATIENCE_MS = 50_000;

export const ACCOUNT = "me";
export const INSTRUMENT: Instrument = BTC_PERPETUAL;
export const SYMBOL = INSTRUMENT.symbol;
export const BOOK = "600000x50 599990x80 599980x90 / 600001x40 600010x70 600020x90";

/** Exchange time at the beginning: any day after 2001 will do. */
const START_MS = 1_750_000_000_000;

export interface World {
  readonly exchange: SimulatedExchange;
  readonly driver: SimulatedDriver;
  readonly clock: Clock;
  readonly market: HandMarket;
}

export type WorldOptions = Partial<Omit<SimulationOptions, "markets" | "accounts">> & {
  readonly instrument?: Partial<Instrument>;
  readonly balance?: number;
  /** Exchange time at the beginning, ms. */
  readonly startMs?: number;
};

/** An exchange with one perpetual and a rich account, in real time. */
export function makeWorld({ instrument, balance, startMs, ...options }: WorldOptions = {}): World {
  const clock = new PacedClock(MONOTONIC_CLOCK, startMs ?? START_MS, 1);
  const market = new HandMarket(Math.ceil(clock.nowMs()) * 1000, BOOK);
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [
        {
          instrument: { ...INSTRUMENT, ...instrument },
          source: market,
          fill: { level: "L2", queue: "front" },
          margin: { mode: "cross", liquidationFeePpm: 5000 },
        },
      ],
      accounts: [{ name: ACCOUNT, balances: new Map([["USDT", usdt(balance ?? 1_000_000)]]) }],
      ...options,
    }),
  );
  return { exchange, driver: new SimulatedDriver(exchange, clock, { pollMs: 1 }), clock, market };
}

/** Which instrument is meant, and how many lots a test counts as one. */
export interface Meant {
  readonly symbol: string;
  readonly unit: number;
}

/** What a port can be told, as promises. */
export class Hands {
  readonly port: ExchangePort;
  readonly meant: Meant;
  private count = 0;

  constructor(port: ExchangePort, meant: Meant = { symbol: SYMBOL, unit: 1 }) {
    this.port = port;
    this.meant = meant;
  }

  /** `buy 599990 x 5`, with words `ioc`, `fok`, `taker` (not post-only), `reduce`. */
  place(text: string, id: ClientOrderId = this.nextId()): Promise<SendOutcome & { readonly id: ClientOrderId }> {
    const order = callersApproval(orderOf(text, this.meant));
    return new Promise((resolve) => {
      this.port.place({ clientOrderId: id, order }, (outcome) => resolve({ ...outcome, id }));
    });
  }

  cancel(id: ClientOrderId): Promise<CancelOutcome> {
    return new Promise((resolve) => this.port.cancel(this.meant.symbol, id, resolve));
  }

  lookup(id: ClientOrderId): Promise<LookupResult> {
    return new Promise((resolve) => this.port.lookup(this.meant.symbol, id, resolve));
  }

  openOrders(): Promise<OpenOrdersResult> {
    return new Promise((resolve) => this.port.openOrders(this.meant.symbol, resolve));
  }

  fills(since: { sinceMs: number; cursor: string | null }): Promise<FillsResult> {
    return new Promise((resolve) => this.port.fills(this.meant.symbol, since, resolve));
  }

  account(): Promise<AccountResult> {
    return new Promise((resolve) => this.port.account(this.meant.symbol, resolve));
  }

  watch(): Watcher {
    return new Watcher(this.port, this.meant.symbol);
  }

  nextId(): ClientOrderId {
    this.count += 1;
    return foreignOrderId(`o${String(this.count).padStart(6, "0")}`);
  }
}

export function orderOf(text: string, { symbol, unit }: Meant = { symbol: SYMBOL, unit: 1 }): NewOrder {
  const [side = "buy", price = "0", , quantity = "0", ...words] = text.split(" ");
  return {
    symbol,
    side: side as Side,
    price: ticks(Number.parseInt(price, 10)),
    quantity: lots(Number.parseInt(quantity, 10) * unit),
    timeInForce: words.includes("ioc") ? "IOC" : words.includes("fok") ? "FOK" : "GTC",
    postOnly: !words.some((word) => ["ioc", "fok", "taker"].includes(word)),
    reduceOnly: words.includes("reduce"),
    slotKey: "",
  };
}

/** Everything the streams of one subscription said, and a way to wait for what they will say. */
export class Watcher {
  readonly heard: StreamMessage[] = [];
  readonly close: () => void;
  private readonly waiting = new Set<() => void>();

  constructor(port: ExchangePort, symbol: string = SYMBOL) {
    this.close = port.subscribe({ symbol, candleInterval: "1m", bookIntervalMs: 10 }, (message) => {
      this.heard.push(message);
      for (const look of this.waiting) look();
    });
  }

  /** Resolves with the first answer that is not undefined, asked now and after each message. */
  until<T>(answer: (heard: readonly StreamMessage[]) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => {
        this.waiting.delete(look);
        const heard = this.heard.slice(-5).map((each) => inspect(each, { breakLength: Number.POSITIVE_INFINITY }));
        reject(new Error(`waited ${PATIENCE_MS / 1000} s in vain; last heard:\n  ${heard.join("\n  ")}`));
      }, PATIENCE_MS).unref();
      const look = (): void => {
        const found = answer(this.heard);
        if (found === undefined) return;
        clearTimeout(tooLate);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** The first message of a kind that `matches`. */
  first<K extends StreamMessage["kind"]>(
    kind: K,
    matches: (message: Extract<StreamMessage, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<StreamMessage, { kind: K }>> {
    const isKind = (message: StreamMessage): message is Extract<StreamMessage, { kind: K }> => message.kind === kind;
    return this.until((heard) => heard.filter(isKind).find(matches));
  }

  /** All fills so far, once `count` are there. */
  async fills(count: number): Promise<Extract<StreamMessage, { kind: "fill" }>[]> {
    const isFill = (message: StreamMessage): message is Extract<StreamMessage, { kind: "fill" }> =>
      message.kind === "fill";
    return this.until((heard) => {
      const fills = heard.filter(isFill);
      return fills.length >= count ? fills : undefined;
    });
  }

  /** Ended orders: the status of an id once it is final. */
  async ended(id: ClientOrderId): Promise<Extract<StreamMessage, { kind: "order" }>> {
    return this.first("order", (order) => order.clientOrderId === id && order.status !== "open");
  }
}

/** Orders of the account that are open on the exchange, by its own word. */
export const openOn = ({ exchange }: World): string[] =>
  [...exchange.desk.ledger.openOrders(ACCOUNT)].map(({ clientOrderId }) => clientOrderId);

/** Signed position on the exchange, lots. */
export const positionOn = ({ exchange }: World): number =>
  present(exchange.clearing.account(ACCOUNT).holdings.get(SYMBOL), "the holding").lots;

/** From now on the account's fees are taken in BNB, at 600 USDT each and 25 % off. */
export function payInBnb(
  { clearing }: SimulatedExchange,
  name: string,
  rates: Pick<Instrument, "makerPpm" | "takerPpm">,
): void {
  const account = clearing.account(name);
  const { makerPpm, takerPpm } = rates;
  account.balances.set("BNB", usdt(1));
  account.fees = { makerPpm, takerPpm, thirdAsset: { asset: "BNB", price: usdt(600), discountPpm: 250_000 } };
}

/** What the account owns of an asset on the exchange, to the last digit. */
export const balanceOn = ({ exchange }: World, asset: string): bigint =>
  exchange.clearing.balance(exchange.clearing.account(ACCOUNT), asset);
