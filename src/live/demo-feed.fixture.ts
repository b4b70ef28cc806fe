// A picture fed by a random but consistent bot: one grid on one perpetual, its orders, fills, results, risk and
// feeds. For tests, and to look at the console without connectors and engines:
//
//   node src/live/demo-feed.fixture.ts [PORT]     serves http://127.0.0.1:8081 from it, until Ctrl-C
//
// Everything is drawn from a seed; each `tick` is one second of the market.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatDecimal } from "../base/decimal.ts";
import { Prng } from "../base/prng.ts";
import { fail, ok } from "../base/result.ts";
import { MONOTONIC_CLOCK } from "../host/wall-clock.ts";
import { openLog } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { demoSetup } from "./demo-setup.fixture.ts";
import { startLiveServer } from "./live-server.ts";
import type { Alert, Bot, ClassicKline, Fill, Instrument, Slot } from "./messages.ts";
import { Picture } from "./picture.ts";
import type { PictureWriter, PlacedOrder } from "./picture-writer.ts";
import type { CandleQuestion, Questions } from "./questions.ts";
import { defaultSettings } from "./settings.ts";

export const DEMO_OF = { bot: "btc-grid", exchange: "simulated", symbol: "BTC/USDT:USDT" } as const;
export const DEMO_INSTRUMENT: Instrument = {
  exchange: "simulated",
  symbol: "BTC/USDT:USDT",
  name: "BTCUSDT",
  tick: "0.10",
  lot: "0.001",
  kind: "perpetual",
};

const LEVELS = 10;
/** In ticks of 0.1. */
const GAP = 200;
const LOTS = 10;

const price = (ticks: number): string => formatDecimal(BigInt(ticks), 1, 1);
const lots = (count: number): string => formatDecimal(BigInt(count), 3);
/** Ticks × lots are units of 10⁻⁴ quote. */
const money = (units: number): string => formatDecimal(BigInt(units), 4);

interface Level {
  readonly slot: number;
  readonly entry: number;
  held: boolean;
  order: PlacedOrder | null;
}

export class DemoFeed {
  private readonly picture: PictureWriter;
  private readonly chance: Prng;
  private readonly monotonicMs: () => number;
  private nowMs: number;
  private ticks = 420_000;
  private readonly anchor = 420_000;
  private candle: ClassicKline | null = null;
  private readonly levels: Level[];
  private count = 0;
  private gross = 0;
  private fees = 0;
  private cycles = 0;

  constructor(options: {
    readonly picture: PictureWriter;
    readonly seed: number;
    readonly startMs: number;
    readonly monotonicMs: () => number;
  }) {
    this.picture = options.picture;
    this.chance = new Prng(options.seed);
    this.monotonicMs = options.monotonicMs;
    this.nowMs = options.startMs;
    this.levels = Array.from({ length: LEVELS * 2 }, (_, at) => ({
      slot: at - LEVELS,
      entry: this.anchor + (at - LEVELS) * GAP,
      held: false,
      order: null,
    }));
  }

  /** History of `candles` minutes, the instrument, and everything else as it stands. */
  begin(candles = 300): void {
    const { picture } = this;
    picture.source({ name: "demo", state: "LIVE", receivedMs: this.monotonicMs(), lastAction: "connected" });
    picture.instruments("demo", [DEMO_INSTRUMENT]);
    picture.demo("demo", true);
    const history: ClassicKline[] = [];
    this.nowMs -= candles * 60_000;
    for (let second = 0; second < candles * 60; second += 10) {
      this.walk();
      const closed = this.trade(10_000);
      if (closed !== null) history.push(closed);
    }
    picture.candles({ ...DEMO_OF, interval: "1m" }, history);
    picture.bots("demo", [this.bot()]);
    picture.alert("demo", this.alert("demo_start", "The demonstration began", "A random walk is shown, not a market."));
    this.quote();
    this.tellState();
  }

  /** One second of the market. */
  tick(): void {
    const { picture } = this;
    this.walk();
    const closed = this.trade(1000);
    if (closed !== null) picture.candle({ ...DEMO_OF, interval: "1m" }, closed);
    if (this.candle !== null) picture.candle({ ...DEMO_OF, interval: "1m" }, this.candle);
    this.match();
    this.quote();
    this.tellState();
    const fields = { price: price(this.ticks) };
    const line = { at: this.nowMs, level: "info", process: "demo", code: "tick", text: "the market moved", fields };
    picture.log([line]);
    if (this.count % 97 === 96) {
      picture.alert(
        "demo",
        this.alert("demo_pulse", "Still demonstrating", `${this.count} orders were placed so far.`),
      );
    }
  }

  private walk(): void {
    const pull = Math.round((this.anchor - this.ticks) / 400);
    this.ticks = Math.max(1000, this.ticks + pull + this.chance.integer(-80, 80));
  }

  /** Moves the candle on; returns the one that closed. */
  private trade(stepMs: number): ClassicKline | null {
    this.nowMs += stepMs;
    const time = Math.floor(this.nowMs / 60_000) * 60;
    const now = price(this.ticks);
    const { candle } = this;
    const of = (text: string): number => Number.parseInt(text.replace(".", ""), 10);
    if (candle === null || candle.time !== time) {
      const open = candle?.close ?? now;
      const [low, high] = of(open) < this.ticks ? [open, now] : [now, open];
      this.candle = { time, open, high, low, close: now, volume: "0.5" };
      return candle;
    }
    const high = of(candle.high) < this.ticks ? now : candle.high;
    const low = of(candle.low) > this.ticks ? now : candle.low;
    const volume = lots(of(candle.volume.padEnd(5, "0")) + this.chance.integer(0, 900));
    this.candle = { ...candle, high, low, close: now, volume };
    return null;
  }

  private quote(): void {
    for (const level of this.levels) {
      const side = level.held ? "SELL" : "BUY";
      const at = level.held ? level.entry + GAP : level.entry;
      const passive = side === "BUY" ? at < this.ticks : at > this.ticks;
      if (level.order !== null || !passive || Math.abs(at - this.ticks) > GAP * 6) continue;
      this.count += 1;
      level.order = {
        of: DEMO_OF,
        order: {
          id: `${7e6 + this.count}`,
          price: price(at),
          side,
          status: "NEW",
          type: "LIMIT",
          symbol: DEMO_INSTRUMENT.name,
          exchange: DEMO_OF.exchange,
          clientOrder: `b1demo${this.count}`,
          bot: DEMO_OF.bot,
          qty: lots(LOTS),
          filled: "0",
          slot: String(level.slot),
          foreign: false,
          unknown: false,
          reduceOnly: level.held,
          at: this.nowMs,
        },
      };
      this.picture.order(level.order);
    }
  }

  private match(): void {
    for (const level of this.levels) {
      const { order } = level;
      if (order === null) continue;
      const at = level.held ? level.entry + GAP : level.entry;
      if (order.order.side === "BUY" ? this.ticks > at : this.ticks < at) continue;
      this.fill(level, order, at);
    }
  }

  private fill(level: Level, { of, order }: PlacedOrder, at: number): void {
    const fee = Math.round((at * LOTS * 2) / 10_000);
    const isExit = level.held;
    const realized = isExit ? GAP * LOTS : 0;
    this.fees += fee;
    this.gross += realized;
    if (isExit) this.cycles += 1;
    level.held = !isExit;
    level.order = null;
    const { side, id, clientOrder, price: told, qty } = order;
    const fill: Fill = {
      id: `t${id}`,
      bot: of.bot,
      exchange: of.exchange,
      symbol: of.symbol,
      side,
      price: told,
      qty,
      quote: money(at * LOTS),
      fee: money(fee),
      feeAsset: "USDT",
      maker: true,
      realized: money(realized),
      order: id,
      clientOrder,
      cycle: isExit,
      at: this.nowMs,
    };
    this.picture.fill(fill);
    this.picture.order({ of, order: { ...order, status: "FILLED", filled: qty, gone: true } });
  }

  private held(): { readonly count: number; readonly cost: number } {
    const held = this.levels.filter((level) => level.held);
    return { count: held.length, cost: held.reduce((sum, { entry }) => sum + entry * LOTS, 0) };
  }

  private tellState(): void {
    const { picture } = this;
    const { count, cost } = this.held();
    const unrealized = this.ticks * LOTS * count - cost;
    const average = count === 0 ? "0" : price(Math.round(cost / (count * LOTS)));
    const net = this.gross - this.fees + unrealized;
    picture.bot("demo", this.bot());
    picture.position(DEMO_OF, {
      symbol: DEMO_INSTRUMENT.name,
      amount: lots(count * LOTS),
      entryPrice: average,
      unrealizedPnL: money(unrealized),
    });
    const [free, balance] = [money(100_000_000 + net - cost / 10), money(100_000_000 + this.gross - this.fees)];
    picture.account("simulated", { asset: "USDT", free, balance, marginBalance: money(100_000_000 + net) });
    picture.slots(DEMO_OF, {
      anchor: price(this.anchor),
      ref: price(this.ticks),
      averageEntry: average,
      stray: "0",
      dust: "0",
      windowLow: price(this.ticks - GAP * 6),
      windowHigh: price(this.ticks + GAP * 6),
      slots: this.levels.map((level) => this.slot(level)),
    });
    picture.pnl(DEMO_OF.bot, {
      realizedGross: money(this.gross),
      fees: money(this.fees),
      funding: "0",
      interest: "0",
      rebates: "0",
      unrealized: money(unrealized),
      net: money(net),
      equity: money(1e8 + net),
      drawdown: "0",
      today: money(net),
      cycles: this.cycles,
      winRate: "1",
      tiedAt: this.nowMs,
      tieDifference: "0",
    });
    const [gross, fees] = [money(this.gross), money(this.fees)];
    picture.curve(DEMO_OF.bot, [[this.nowMs, gross, fees, "0", money(unrealized), money(net)]]);
    this.tellRisk(count);
    const receivedMs = this.monotonicMs();
    picture.feeds("demo", [
      { ...this.feed("BOOK", 2000), receivedMs },
      { ...this.feed("ORDERS", 5000), receivedMs },
    ]);
    picture.measures("demo", {
      budget: [{ name: "orders 10s", used: this.count % 50, limit: 300 }],
      clock: { offset: 12, error: 4 },
      deadMan: { kind: "heartbeat", until: this.nowMs + 60_000 },
      journal: { commitP99: 2, bytes: 1_000_000 + this.count * 700 },
    });
  }

  private feed(kind: string, limitMs: number) {
    const id = `demo/${kind}/${DEMO_OF.symbol}`;
    return { id, source: "demo", kind, symbol: DEMO_OF.symbol, state: "LIVE", limitMs, lastAction: "" } as const;
  }

  private tellRisk(count: number): void {
    const limit = { name: "maxPosition", value: lots(count * LOTS), limit: lots(LEVELS * 2 * LOTS) };
    const quiet = { open: false, phase: "closed", reason: "", since: 0, closesAt: 0, manual: false };
    this.picture.risk(DEMO_OF.bot, {
      breakers: [
        {
          name: "volatility",
          scope: "INSTRUMENT",
          ...quiet,
          value: "1.2",
          limit: "4",
        },
      ],
      kill: {
        step: "",
        proven: false,
        left: 0,
        since: 0,
      },
      limits: [limit],
      exposure: money(this.ticks * LOTS * count),
      leverage: "0.1",
      marginRatio: "0.02",
      liquidationDistance: "0.91",
      monitor: [
        {
          symbol: DEMO_OF.symbol,
          price: price(this.ticks),
          mean: price(this.anchor),
          volumeRatio: "1.1",
          abnormal: false,
        },
      ],
    });
  }

  private bot(): Bot {
    const { count } = this.held();
    const live = this.levels.filter(({ order }) => order !== null).length;
    return {
      id: DEMO_OF.bot,
      strategy: "grid",
      exchange: DEMO_OF.exchange,
      symbol: DEMO_OF.symbol,
      phase: "RUNNING",
      gates: [],
      lag: 3,
      live,
      unknown: 0,
      held: count,
      position: lots(count * LOTS),
      realized: money(this.gross - this.fees),
      unrealized: "0",
      budget: "1000",
      uptime: this.count * 1e3,
      configHash: "a1b2c3d4",
      revision: 1,
      sequence: this.count * 3,
    };
  }

  private slot(level: Level): Slot {
    const { order } = level;
    return {
      slot: String(level.slot),
      width: lots(LOTS),
      leg: "LONG",
      held: level.held ? lots(LOTS) : "0",
      state: order !== null ? "LIVE" : level.held ? "HELD" : "EMPTY",
      entry: price(level.entry),
      exit: price(level.entry + GAP),
      cooldownUntil: 0,
      order:
        order === null
          ? null
          : {
              id: order.order.clientOrder,
              side: order.order.side,
              price: order.order.price,
              qty: order.order.qty,
              filled: "0",
              age: this.nowMs - order.order.at,
            },
      skip: order === null ? "outside the window" : "",
    };
  }

  private alert(code: string, title: string, text: string): Alert {
    return {
      id: `${code}-${this.count}`,
      code,
      severity: "INFO",
      bot: DEMO_OF.bot,
      title,
      text,
      facts: {},
      done: "nothing",
      todo: "nothing",
      at: this.nowMs,
      resolvedAt: 0,
    };
  }
}

/** Answers from the picture alone. */
export function demoQuestions(picture: Picture): Questions {
  return {
    candles: ({ exchange, symbol, interval, before, limit }: CandleQuestion) => {
      const book = picture.candleBooks.get(`${exchange}|${symbol}|${interval}`)?.book;
      if (book === undefined) return Promise.resolve(fail(`there are no candles of ${symbol} ${interval}`));
      return Promise.resolve(ok(book.last(limit, before)));
    },
    explain: (id) => {
      const fill = picture.fillBook.last(2000).find((each) => [each.id, each.order, each.clientOrder].includes(id));
      if (fill === undefined) return Promise.resolve(fail(`nothing is known of ${id}`));
      const step = { seq: 1, kind: "book", text: `The price came to ${fill.price}.`, facts: { price: fill.price } };
      const then = { seq: 2, kind: "fill", text: "The order was filled.", facts: { quantity: fill.qty } };
      return Promise.resolve(
        ok({
          steps: [step, then].map((each) => ({ at: fill.at, ...each })),
          risk: [{ code: "maxPosition", value: fill.qty, limit: "0.2", passed: true }],
          fills: [fill],
          configHash: "a1b2c3d4",
        }),
      );
    },
    ...demoSetup(picture),
    want: () => () => undefined,
  };
}

async function serve(port: number): Promise<void> {
  const log = openLog({ process: "live-server" });
  const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
  const settings = defaultSettings({
    port,
    release: "demo",
    builtIn: fileURLToPath(new URL("../../web/dist", import.meta.url)),
  });
  const picture = new Picture({ monotonicMs, historyLimit: settings.historyLimit });
  const feed = new DemoFeed({ picture, seed: 7, startMs: Date.now(), monotonicMs });
  feed.begin();
  const server = await startLiveServer({
    settings,
    picture,
    questions: demoQuestions(picture),
    ready: () => [],
    clock: MONOTONIC_CLOCK,
    wallMs: Date.now,
    log,
    metrics: new Metrics({
      process: "live-server",
      release: "demo",
    }),
  });
  const beat = setInterval(() => feed.tick(), 1000);
  process.stdout.write(`demo console: ${server.url}\n`);
  process.once("SIGINT", () => {
    clearInterval(beat);
    void server.close();
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await serve(Number.parseInt(process.argv[2] ?? "8081", 10));
}
