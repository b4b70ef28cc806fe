// One world with all that lives in it: the simulated exchange and its pump, accounts, protocols, the gate and the
// record. It is made anew as a whole by a reset or a restore, and ended as a whole.

import type { Clock } from "../../base/clock.ts";
import { money } from "../../market/amounts.ts";
import { SimulatedExchange } from "../../sim/exchange.ts";
import { BINANCE_USDM, simulationOptions } from "../../sim/options.ts";
import type { RecordEntry } from "../../sim/record.ts";
import { SyntheticMarket } from "../../sim/synthetic-market.ts";
import { type AccountSpec, Accounts, openingBalances } from "./accounts.ts";
import { FundingClock } from "./funding-clock.ts";
import type { Gate, GateMaker, SocketView } from "./gates.ts";
import { fundingPath, type MarketChoice, sourceMaker } from "./market/choice.ts";
import { firstBook, HandFed } from "./market/hand-fed.ts";
import { pastMinutes } from "./market/past.ts";
import { Operator } from "./operator.ts";
import { OrderHistory } from "./order-history.ts";
import type { EmulatorParts } from "./parts.ts";
import type { Protocol, ProtocolName } from "./protocol.ts";
import { Pump } from "./pump.ts";
import { WireRecord } from "./record.ts";
import type { ProtocolEntry } from "./registry.ts";
import { restoreWorld, type SavedWorld, savedExchange, saveWorld } from "./saved-world.ts";
import { OTHERS, SimulatedWorld } from "./simulated-world.ts";
import { type ClockMode, EmulatorTime } from "./time.ts";
import { type ProtocolHabits, walletOf } from "./world.ts";

export interface UniverseOptions {
  readonly seed: string;
  readonly market: MarketChoice;
  /** `startMs` null: the machine's time of the moment. */
  readonly clock: { readonly mode: ClockMode; readonly speed: number; readonly startMs: number | null };
  readonly accounts: readonly AccountSpec[];
  readonly protocols: readonly ProtocolEntry[];
  readonly gate: GateMaker;
  readonly habits: ProtocolHabits;
  readonly machine: Clock;
  readonly sockets: () => readonly SocketView[];
  /** The world to go on with; null: a fresh one. */
  readonly saved: SavedWorld | null;
  /** Hears the exchange's own record, entry by entry. */
  readonly heard?: (entry: RecordEntry) => void;
}

/** Emulated time gone through at once when a world is taken up again. */
const CATCH_UP_US_MAX = 600_000_000;

/** What the others own of everything, so that their orders never fail for want of money. */
const PLENTY = money(10n ** 36n);

export class Universe {
  readonly options: UniverseOptions;
  readonly accounts = new Accounts();
  readonly exchange: SimulatedExchange;
  readonly time: EmulatorTime;
  readonly pump: Pump;
  readonly record: WireRecord;
  readonly world: SimulatedWorld;
  readonly gate: Gate;
  readonly protocols: ReadonlyMap<ProtocolName, Protocol>;
  readonly parts: EmulatorParts;
  readonly operator: Operator;
  readonly history = new OrderHistory();
  /** Unix ms at which its markets began. */
  readonly startMs: number;
  private readonly funding: FundingClock;

  constructor(options: UniverseOptions) {
    this.options = options;
    const { seed, machine, clock, protocols, accounts } = options;
    for (const account of accounts) this.accounts.add(account);
    const startMs = clock.startMs ?? machine.nowMs();
    const { saved } = options;
    this.startMs = saved?.startMs ?? startMs;
    this.exchange = exchangeOf(options, this.startMs * 1000, (entry) => {
      this.history.record(entry);
      options.heard?.(entry);
    });
    if (saved !== null) {
      this.exchange.restore(savedExchange(saved));
      // nobody watched for long: made-up markets leave that out
      if (startMs * 1000 - this.exchange.nowUs() > CATCH_UP_US_MAX) this.exchange.skipTo(startMs * 1000);
    }
    this.time = new EmulatorTime({ ...clock, startMs, machine });
    this.record = new WireRecord(() => this.time.nowMs());
    this.pump = new Pump(this.exchange, this.time);
    this.pump.settle();
    const made = new Map<ProtocolName, Protocol>();
    this.world = new SimulatedWorld({
      seed,
      habits: options.habits,
      exchange: this.exchange,
      time: this.time,
      pump: this.pump,
      accounts: this.accounts,
      protocols,
      strike: (fault, traits) => this.gate.strike(fault, traits),
    });
    if (saved === null) {
      this.begin();
      this.firstLeverages();
    } else restoreWorld(saved, this.world, this.history);
    const { world, time, exchange, record, pump } = this;
    this.protocols = made;
    const { sockets } = options;
    const settle = (): void => pump.settle();
    const { interventions } = world;
    this.funding = new FundingClock({ exchange, interventions, clock: time }, fundingPath(options.market));
    this.operator = new Operator({ world, protocols, funding: this.funding, record, settle });
    const { accounts: owners, operator } = this;
    this.parts = { seed, world, time, exchange, record, accounts: owners, operator, protocols: made, sockets, settle };
    this.gate = options.gate(this.parts);
    for (const { name, make } of protocols) made.set(name, make(world));
  }

  private firstLeverages(): void {
    const { accounts, protocols } = this.options;
    for (const { name: account, leverage } of accounts) {
      for (const { name } of leverage === undefined ? [] : protocols) {
        for (const { instrument } of this.world.instruments(name)) {
          if (instrument.kind === "spot" || leverage === undefined) continue;
          this.accounts.named(account)?.leverage.set(instrument.symbol, leverage);
          this.world.setLeverage(walletOf(account, name), instrument.symbol, leverage);
        }
      }
    }
  }

  save(): SavedWorld {
    return { ...saveWorld(this.world, this.history), market: this.options.market, startMs: this.startMs };
  }

  /** Hand-fed markets show something to begin with, made-up ones have a past. */
  private begin(): void {
    const { seed } = this.options;
    for (const market of this.exchange.markets.values()) {
      const { instrument, options, candles, symbol } = market;
      if (options.source instanceof HandFed) this.world.interventions.inject(symbol, [firstBook(instrument)]);
      else if (options.source instanceof SyntheticMarket) {
        const mid = Math.floor((market.best("buy") + market.best("sell")) / 2);
        const past = pastMinutes(`${seed}/${symbol}`, this.startMs, { mid, takers: options.source.takers() });
        candles.restore({ closed: past, open: candles.save().open });
      }
    }
    this.pump.settle();
  }

  /** Nothing moves any more. */
  end(): void {
    this.gate.close();
    this.funding.close();
    for (const protocol of this.protocols.values()) protocol.close();
    this.pump.stop();
  }
}

function exchangeOf(
  options: UniverseOptions,
  startUs: number,
  record: (entry: RecordEntry) => void,
): SimulatedExchange {
  const { seed, protocols, accounts, market } = options;
  const sourceOf = sourceMaker(market, { seed, startUs });
  const instruments = protocols.flatMap((entry) => entry.instruments);
  const assets = new Set(instruments.flatMap(({ base, quote }) => [base, quote]));
  return new SimulatedExchange(
    simulationOptions({
      seed,
      markets: protocols.flatMap((entry) =>
        entry.instruments.map((instrument) => ({
          instrument,
          ...sourceOf(instrument, entry.name),
          margin: { mode: "cross", liquidationFeePpm: 5_000 } as const,
        })),
      ),
      accounts: [
        ...accounts.flatMap((spec) =>
          protocols.map(({ name }) => ({
            name: walletOf(spec.name, name),
            balances: openingBalances(spec, name),
            ...(spec.fees === undefined ? {} : { fees: spec.fees }),
          })),
        ),
        { name: OTHERS, balances: new Map([...assets].map((asset) => [asset, PLENTY] as const)) },
      ],
      record,
      profile: { ...BINANCE_USDM, fokOnSpot: "expire" },
      ordersKept: 25_000,
      fillsKept: 50_000,
    }),
  );
}
