// One scenario: an emulator, a client under test, a fault, and the emulator's own word on what became of it (EMU-29,
// EMU-41). The naive client and our port play the same scripts; what differs is the list of failures at the end.

import type { EmulatorControl } from "../../src/exchange/emulator/control.ts";
import type { Emulator, EmulatorOptions } from "../../src/exchange/emulator/emulator.ts";
import type { ProtocolName } from "../../src/exchange/emulator/protocol.ts";
import { type FaultWire, type InjectedFault, overWire, SYMBOL } from "./faults-wire.ts";

/** Where a scenario plays: BTC against USDT, as a perpetual or on spot. */
export interface ScenarioMarket {
  readonly protocol: ProtocolName;
  readonly symbol: string;
  /** Its book as a stream. */
  readonly bookPath: string;
  /** A price among the five best bids of the book at the start. */
  readonly near: string;
  /** The exchange's word for what becomes of an order. */
  readonly report: string;
  /** What a post-only order says of itself on the wire. */
  readonly postOnly: string;
}

export const USDM: ScenarioMarket = {
  protocol: "binance-usdm",
  symbol: SYMBOL,
  bookPath: "/public/ws/btcusdt@depth@100ms",
  near: "59999.5",
  report: "ORDER_TRADE_UPDATE",
  postOnly: "timeInForce=GTX",
};

export const SPOT: ScenarioMarket = {
  protocol: "binance-spot",
  symbol: "BTC/USDT",
  bookPath: "/ws/btcusdt@depth@100ms",
  near: "59999.95",
  report: "executionReport",
  postOnly: "type=LIMIT_MAKER",
};

/** What the demo account has of BTC on spot before it trades. */
const OPENING_BTC = 10;

/** An order a client is to bring into the book exactly once. Prices and quantities as text. */
export interface WantedOrder {
  readonly name: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
}

export interface ClientBelief {
  /** Signed quantity; on spot, what was gained or lost of BTC. */
  readonly position: string;
  readonly openOrders: readonly string[];
  /** Wallet balance; null: it does not know it. */
  readonly balance: string | null;
  /** Best levels first; null: it knows that it has no book it could trust. */
  readonly book: {
    readonly bids: readonly (readonly [string, string])[];
    readonly asks: readonly (readonly [string, string])[];
  } | null;
}

export interface ClientUnderTest {
  start(): Promise<void>;
  /** Ends when the client has made up its mind about the order. */
  want(order: WantedOrder): Promise<void>;
  /** Wants the order gone. */
  drop(name: string): Promise<void>;
  /** Wants every order gone. */
  stop(): Promise<void>;
  /** Time to look again: whoever reconciles does it here. */
  settle(): Promise<void>;
  /** Forgets what it has in memory and begins again, by what it can read. */
  restart(): Promise<void>;
  belief(): ClientBelief;
  /** Client order ids it used for one wanted order. */
  idsOf(name: string): readonly string[];
  /** Requests sent over HTTP: manual time stands still while one of them is on its way. */
  readonly sent: number;
  /** Frames heard. */
  readonly heard: number;
  close(): Promise<void>;
}

export interface ClientPlace {
  readonly rest: string;
  readonly websocket: string;
  readonly nowMs: () => number;
  /** Aborts when that much of the emulator's time has passed. */
  readonly deadline: (ms: number) => AbortSignal;
}

export type ClientMaker = (place: ClientPlace) => ClientUnderTest;

/** More requests for one order than anybody who backs off would send. */
const REQUESTS_MAX = 8;
/** Emulated time given to a client for one thing. */
const PATIENCE_MS = 120_000;

export class FaultStage {
  readonly wire: FaultWire;
  readonly client: ClientUnderTest;
  readonly market: ScenarioMarket;
  readonly failures = new Set<string>();
  private readonly wanted: WantedOrder[] = [];
  private readonly unanswered = new Set<number>();
  private frames = 0;
  /** Frames may have been on their way to a socket that closed. */
  private lossy = false;

  constructor(wire: FaultWire, make: ClientMaker, market: ScenarioMarket) {
    this.wire = wire;
    this.market = market;
    const { port } = wire;
    const { clock } = wire.emulator.world;
    this.client = make({
      rest: `http://127.0.0.1:${port}`,
      websocket: `ws://127.0.0.1:${port}`,
      nowMs: () => clock.nowMs(),
      deadline: (ms) => {
        const giveUp = new AbortController();
        clock.at(clock.nowMs() + ms, () => giveUp.abort());
        return giveUp.signal;
      },
    });
    this.control.universe.record.watch((entry) => {
      if (entry.kind === "request") this.unanswered.add(entry.exchange);
      if (entry.kind === "reply" || entry.kind === "reset") this.unanswered.delete(entry.exchange);
      if (entry.kind === "frame") this.frames += 1;
      if (entry.kind === "closed") this.lossy = true;
    });
  }

  get emulator(): Emulator {
    return this.wire.emulator;
  }

  get control(): EmulatorControl {
    return this.emulator.control;
  }

  inject(fault: InjectedFault): string {
    return this.wire.inject(fault);
  }

  /** The client does something; the emulator's time passes while it waits for an answer that does not come. */
  async act(doing: Promise<void>, what: string): Promise<void> {
    let over = false;
    const ended = doing.then(
      () => {
        over = true;
      },
      (error: unknown) => {
        over = true;
        this.failures.add("crashed");
        this.failures.add(`crashed: ${what}: ${String(error)}`);
      },
    );
    const untilMs = this.wire.nowMs + PATIENCE_MS;
    while (!over && this.wire.nowMs < untilMs) {
      await turn();
      if (!over && this.unanswered.size > 0 && this.client.sent === this.received()) await this.wire.advance(500);
    }
    if (over) await ended;
    else this.failures.add("hangs");
  }

  async want(order: WantedOrder): Promise<void> {
    this.wanted.push(order);
    await this.act(this.client.want(order), `want ${order.name}`);
  }

  /** What rests of a wanted order is filled by the market. */
  async fill(name: string, quantity: string | null = null): Promise<void> {
    for (const clientOrderId of this.client.idsOf(name)) {
      this.control.operator.fill("demo", { symbol: this.market.symbol, clientOrderId, quantity });
    }
    await this.quiet();
  }

  /** A level of the public book changes; so much time passes after it. */
  async level(side: "buy" | "sell", price: string, ...[quantity, passMs = 500]: [number, number?]): Promise<void> {
    this.control.operator.market.level(this.market.symbol, { side, price, quantity });
    await this.pass(passMs);
  }

  async pass(ms: number): Promise<void> {
    await this.wire.advance(ms);
    await this.quiet();
  }

  /** Everything sent was heard, or is lost for good. */
  async quiet(): Promise<void> {
    const turnsMax = this.lossy ? 60 : 3_000;
    for (let turns = 0; this.client.heard + this.wire.heard < this.frames && turns < turnsMax; turns += 1) await turn();
    await turn();
  }

  /** Compares what the client believes with the world, and what it did with what it was to do. */
  check(): void {
    const { position, openOrders, balance, book } = this.client.belief();
    const { protocol, symbol } = this.market;
    const spot = protocol === "binance-spot";
    const coins = spot ? { BTC: (OPENING_BTC + Number(position)).toFixed(8) } : {};
    const believed = this.control.compare({
      account: "demo",
      protocol,
      openOrders,
      ...(spot ? {} : { positions: { [symbol]: position } }),
      balances: { ...coins, ...(balance === null ? {} : { USDT: balance }) },
    });
    for (const { what } of believed) this.failures.add(WORDS.find(([start]) => what.startsWith(start))?.[1] ?? what);
    if (book !== null && !this.isShown(book)) this.failures.add("wrong book");
    for (const order of this.wanted) this.checkWanted(order);
    const { lines } = this.control.log();
    if (lines.some((line) => line.includes('"status":418'))) this.failures.add("banned");
  }

  private checkWanted({ name, postOnly = false }: WantedOrder): void {
    const ids = this.client.idsOf(name);
    const lives = new Set(ids.flatMap((id) => this.control.orders(id).map(({ exchangeOrderId }) => exchangeOrderId)));
    if (lives.size > 1) this.failures.add("duplicate order");
    const sent = this.control
      .log()
      .lines.filter((line) => line.includes('"kind":"request"') && line.includes('"method":"POST"'))
      .filter((line) => ids.some((id) => line.includes(`newClientOrderId=${id}&`)));
    if (sent.length > REQUESTS_MAX) this.failures.add("asks without end");
    if (postOnly && sent.some((line) => !line.includes(this.market.postOnly))) this.failures.add("taker order");
  }

  private isShown(book: NonNullable<ClientBelief["book"]>): boolean {
    const market = this.control.state().markets.find(({ symbol }) => symbol === this.market.symbol);
    const same = (shown: readonly (readonly [string, string])[], believed: typeof shown): boolean =>
      shown.every(([price, quantity], index) => {
        const [p, q] = believed[index] ?? ["", ""];
        return Number(p) === Number(price) && Number(q) === Number(quantity);
      });
    return market !== undefined && same(market.bids, book.bids) && same(market.asks, book.asks);
  }

  private received(): number {
    const { gate } = this.wire;
    return gate.counts.requestsOf((_protocol, route) => /^[A-Z]+ /.test(route));
  }
}

const WORDS: readonly (readonly [start: string, failure: string])[] = [
  ["position", "wrong position"],
  ["balance BTC", "wrong position"],
  ["open order", "wrong open orders"],
  ["balance", "wrong balance"],
];

export type FaultScript = (stage: FaultStage) => Promise<void>;

/**
 * Plays a script with a client over a fresh emulator and gives back its failures, none when it did everything right.
 * Time is moved by hand unless `options` say otherwise.
 */
export async function scenario(
  script: FaultScript,
  make: ClientMaker,
  { at = USDM, ...options }: EmulatorOptions & { readonly at?: ScenarioMarket } = {},
): Promise<readonly string[]> {
  let failures: readonly string[] = [];
  await overWire(
    async (wire) => {
      const stage = new FaultStage(wire, make, at);
      try {
        await script(stage);
        await stage.act(stage.client.settle(), "settle");
        await stage.quiet();
        stage.check();
        failures = [...stage.failures];
      } finally {
        await stage.client.close();
      }
    },
    { ...options, protocols: [at.protocol] },
  );
  return failures;
}

/** Sockets get their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
