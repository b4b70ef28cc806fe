// One scenario: an emulator, a client under test, a fault, and the emulator's own word on what became of it (EMU-29,
// EMU-41). The naive client and our port play the same scripts; what differs is the list of failures at the end.

import { Prng } from "../../src/base/prng.ts";
import type { EmulatorControl } from "../../src/exchange/emulator/control.ts";
import type { Emulator, EmulatorOptions } from "../../src/exchange/emulator/emulator.ts";
import { commitNumber } from "../commit-number.ts";
import {
  type ClientBelief,
  type ClientMaker,
  type ClientUnderTest,
  type ScenarioMarket,
  USDM,
  type WantedOrder,
} from "./fault-clients.ts";
import { type FaultWire, type InjectedFault, overWire } from "./faults-wire.ts";

/** What the demo account has of BTC on spot before it trades. */
const OPENING_BTC = 10;

/** More requests for one order than anybody who backs off would send. */
const REQUESTS_MAX = 8;
/** Emulated time given to a client for one thing. */
const PATIENCE_MS = 120_000;
/** What a client that lives by the clock is given at once, by seed. */
const STEP_MS = { from: 30, to: 150 };
/** How often the market moves by itself for such a client, and at which price, far from what anybody looks at. */
const STIR_MS = 500;
const FAR = "50000.0";
/** So many turns of the event loop in which nothing happened: nothing is under way. */
const STILL_TURNS = 8;

export class FaultStage {
  readonly wire: FaultWire;
  readonly client: ClientUnderTest;
  readonly market: ScenarioMarket;
  readonly failures = new Set<string>();
  private readonly wanted: WantedOrder[] = [];
  private readonly unanswered = new Set<number>();
  private frames = 0;
  private happened = 0;
  private stirred = 0;
  private readonly random: Prng;
  private readonly injected: string[] = [];
  /** Frames may have been on their way to a socket that closed. */
  private lossy = false;

  constructor(wire: FaultWire, make: ClientMaker, market: ScenarioMarket) {
    this.wire = wire;
    this.market = market;
    this.random = new Prng(`${this.control.universe.world.seed}/steps`);
    const { port } = wire;
    const { clock } = wire.emulator.world;
    this.client = make({
      rest: `http://127.0.0.1:${port}`,
      websocket: `ws://127.0.0.1:${port}`,
      nowMs: () => clock.nowMs(),
      clock: { nowMs: () => clock.nowMs(), monotonicMs: () => clock.nowMs(), at: (atMs, wake) => clock.at(atMs, wake) },
      deadline: (ms) => {
        const giveUp = new AbortController();
        clock.at(clock.nowMs() + ms, () => giveUp.abort());
        return giveUp.signal;
      },
    });
    this.control.universe.record.watch((entry) => {
      if (entry.kind !== "control") this.happened += 1;
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
    const id = this.wire.inject(fault);
    this.injected.push(id);
    return id;
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
      if (this.client.livesByClock === true) {
        await this.still(() => over);
        if (!over) await this.step();
        continue;
      }
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
    if (this.client.livesByClock === true) {
      const untilMs = this.wire.nowMs + ms;
      while (this.wire.nowMs < untilMs) {
        await this.step(untilMs - this.wire.nowMs);
        await this.still();
      }
      return;
    }
    await this.wire.advance(ms);
    await this.quiet();
  }

  /** Everything sent was heard, or is lost for good. */
  async quiet(): Promise<void> {
    if (this.client.livesByClock === true) {
      await this.still();
      return;
    }
    const turnsMax = this.lossy ? 60 : 3_000;
    for (let turns = 0; this.client.heard + this.wire.heard < this.frames && turns < turnsMax; turns += 1) await turn();
    await turn();
  }

  /** Time moves on, and the market with it: a book that stands still is rightly called stale. */
  private async step(atMost = Number.POSITIVE_INFINITY): Promise<void> {
    const { nowMs } = this.wire;
    const ms = Math.min(atMost, this.random.integer(STEP_MS.from, STEP_MS.to));
    if (Math.floor((nowMs + ms) / STIR_MS) > Math.floor(nowMs / STIR_MS)) {
      this.stirred += 1;
      const level = { side: "buy", price: FAR, quantity: 3 + (this.stirred % 2) } as const;
      this.control.operator.market.level(this.market.symbol, level);
    }
    await this.wire.advance(ms);
  }

  /** Nothing is on its way any more, or `over`. */
  private async still(over: () => boolean = () => false): Promise<void> {
    let before = -1;
    for (let turns = 0; turns < STILL_TURNS && !over(); turns += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const now = this.happened + this.client.sent;
      if (now !== before) turns = 0;
      before = now;
    }
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
    for (const id of this.injected) if (this.wire.fired(id) === 0) this.failures.add("the fault never struck");
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

/** EMU-41: each fault at each market under so many seeds. */
const SEEDS_OF_ALL = 20;

/**
 * Seeds of a run: a few of the twenty, other ones with each commit, or as many as are asked for (`make faults SEEDS=20`
 * plays them all).
 */
export function faultSeeds(few: number): readonly string[] {
  const asked = process.env["OPENSQT_FAULT_SEEDS"];
  if (asked !== undefined) return Array.from({ length: Number.parseInt(asked, 10) }, (_, n) => String(n + 1));
  const first = commitNumber() * few;
  return Array.from({ length: few }, (_, n) => String(((first + n) % SEEDS_OF_ALL) + 1));
}

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
