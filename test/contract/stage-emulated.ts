// An emulated Binance on 127.0.0.1 as a stage, reached through ccxt over real HTTP and WebSockets, or through a
// connector that does. The market stands still until a case says what happens.

import { present } from "../../src/base/assert.ts";
import { PacedClock } from "../../src/base/paced-clock.ts";
import type { CallTimes } from "../../src/exchange/ccxt/calls.ts";
import { type CcxtPort, type CcxtPortOptions, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { STREAM_TIMES, type StreamTimes } from "../../src/exchange/ccxt/streams/times.ts";
import { DEMO_ACCOUNT } from "../../src/exchange/emulator/accounts.ts";
import { type Emulator, FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import type { Operator } from "../../src/exchange/emulator/operator.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import type { CaseSetup, Stage, StageFault, StageMaker } from "./exchange-case.ts";
import { RemoteStage } from "./exchange-remote.ts";
import { BOOK, Hands, payInBnb } from "./exchange-stage.ts";
import { redialLog } from "./redial-log.ts";

interface Protocol {
  readonly name: "binance-usdm" | "binance-spot";
  readonly market: "perpetual" | "spot";
  readonly symbol: string;
  /** The smallest order of a case must be worth 5 USDT. */
  readonly unit: number;
}

const USDM: Protocol = { name: "binance-usdm", market: "perpetual", symbol: "BTC/USDT:USDT", unit: 1 };
const SPOT: Protocol = { name: "binance-spot", market: "spot", symbol: "BTC/USDT", unit: 100 };

/** Routes of any kind; those by which orders are placed, cancelled and changed; the list of what is open. */
const ROUTES = { all: /^/, orders: / (?:POST|DELETE|PUT) \S*[oO]rders?$/, "open orders": / GET \S*openOrders$/ };

/** A mutation whose answer was lost is given up after two seconds instead of five; where none can be, in ten. */
const timesOf = ({ patient }: CaseSetup): Partial<CallTimes> =>
  patient === true ? { expiryMs: 6_000, changeMs: 10_000 } : { changeMs: 2_000 };

const FAULTS: ReadonlySet<StageFault> = new Set([
  "acceptThenTimeout",
  "timeoutNotAccepted",
  "acceptLate",
  "cutReply",
  "serverErrorAfterAccept",
  "serverErrorNotAccepted",
  "duplicateEvent",
  "reorderEvents",
  "dropEvent",
  "fillBeforeAck",
  "rateLimit",
  "ban",
  "silentStall",
  "sequenceGap",
  "listenKeyExpiry",
  "closeStorm",
]);

function startFor({ name }: Protocol, { balance, makerPpm }: CaseSetup): Promise<Emulator> {
  const { balances } = DEMO_ACCOUNT;
  const account = {
    ...DEMO_ACCOUNT,
    ...(balance === undefined ? {} : { balances: { ...balances, [name]: { USDT: balance } } }),
    ...(makerPpm === undefined ? {} : { fees: { makerPpm, takerPpm: 500 } }),
  };
  return startEmulator({
    protocols: [name],
    ports: FREE_PORTS,
    controlPort: null,
    market: { kind: "hand" },
    accounts: [account],
  });
}

/** The grace of a probe is as much shorter as its interval. */
function streamTimesOf({ redialWaitsMs, probeMs }: CaseSetup): Partial<StreamTimes> {
  const { probeGraceMs, ordersProbeMs } = STREAM_TIMES;
  return {
    ...(redialWaitsMs === undefined ? {} : { redialWaitsMs, dialGapMs: 1 }),
    ...(probeMs === undefined
      ? {}
      : { ordersProbeMs: probeMs, probeGraceMs: (probeGraceMs * probeMs) / ordersProbeMs }),
  };
}

function portTo(
  emulator: Emulator,
  { name, market, symbol }: Protocol,
  more: Pick<CcxtPortOptions, "clock" | "log" | "streamTimes" | "times">,
): Promise<CcxtPort> {
  const at = `127.0.0.1:${emulator.ports[name]}`;
  return openCcxtPort({
    exchange: "binance",
    market,
    symbols: [symbol],
    credentials: { apiKey: "demo-key", secret: "demo-secret" },
    environment: "emulator",
    endpoints: { rest: `http://${at}`, websocket: `ws://${at}` },
    exclusive: true,
    ...more,
  });
}

/** What happens on the market, in the words of the simulated one. */
function play(operator: Operator, { symbol, unit }: Protocol, line: string): string | null {
  const [what = "", ...rest] = line.split(/\s+/);
  const pair = (text: string): readonly [number, number] => {
    const [price = 0, quantity = 0] = text.split("x").map((each) => Number.parseInt(each, 10));
    return [price, quantity * unit];
  };
  const [price, quantity] = pair(rest[0] ?? "0x0");
  switch (what) {
    case "book": {
      const middle = rest.indexOf("/");
      return operator.market.book(symbol, {
        bids: rest.slice(0, middle).map(pair),
        asks: rest.slice(middle + 1).map(pair),
      });
    }
    case "sold":
      return operator.market.trade(symbol, { side: "sell", price, quantity });
    case "bought":
      return operator.market.trade(symbol, { side: "buy", price, quantity });
    default:
      return `this stage does not know "${line}"`;
  }
}

class EmulatedStage implements Stage {
  readonly port: Stage["port"];
  readonly remote: RemoteStage | null;
  readonly redials: Stage["redials"];
  readonly hands: Hands;
  readonly unit: number;
  readonly startMs: number;
  readonly fees: Stage["fees"];
  readonly truth: Stage["truth"];
  private readonly emulator: Emulator;
  private readonly protocol: Protocol;
  private readonly upstream: CcxtPort;
  private readonly injected: { readonly fault: StageFault; readonly id: string }[] = [];

  constructor(
    emulator: Emulator,
    protocol: Protocol,
    reached: {
      readonly port: Stage["port"];
      readonly upstream: CcxtPort;
      readonly remote: RemoteStage | null;
      readonly setup: CaseSetup;
      readonly redials: Stage["redials"];
    },
  ) {
    this.emulator = emulator;
    this.protocol = protocol;
    this.upstream = reached.upstream;
    this.port = reached.port;
    this.remote = reached.remote;
    this.redials = reached.redials;
    this.unit = protocol.unit;
    this.startMs = Math.floor(emulator.world.clock.nowMs()) - 1_000;
    this.hands = new Hands(reached.port, protocol);
    const { makerPpm, takerPpm } = this.instrument;
    const own = reached.setup.makerPpm;
    this.fees = own === undefined ? { makerPpm, takerPpm } : { makerPpm: own, takerPpm: 500 };
    const wallet = walletOf("demo", protocol.name);
    const { exchange } = emulator.control.universe;
    this.truth = {
      open: () => [...exchange.desk.ledger.openOrders(wallet)].map(({ clientOrderId }) => clientOrderId),
      position: () => {
        const fills = exchange.desk.ledger.fillsSince(wallet, protocol.symbol, { n: 0, sinceUs: 0 });
        const lots = fills.reduce((sum, { fill }) => sum + (fill.side === "buy" ? fill.quantity : -fill.quantity), 0);
        return lots / protocol.unit;
      },
      balance: (asset) => exchange.clearing.balance(exchange.clearing.account(wallet), asset),
      requests: (which) => {
        const counted = [...this.gate.counts.requests].filter(([route]) => ROUTES[which].test(route));
        return counted.reduce((sum, [, count]) => sum + count, 0);
      },
      sockets: () => this.sockets,
    };
    if (reached.setup.feesInBnb === true) payInBnb(exchange, wallet, this.fees);
  }

  get instrument(): Stage["instrument"] {
    return this.emulator.control.universe.exchange.market(this.protocol.symbol).instrument;
  }

  readonly say = (line: string): void => this.done(play(this.operator, this.protocol, line));

  readonly ready: Stage["ready"] = async (watch) => {
    await watch.first("book");
    await watch.first("feed", ({ feed, state }) => feed === "orders" && state === "fresh");
  };

  readonly inject: Stage["inject"] = (fault, { times, ...parameters } = {}) => {
    const held = fault === "fillBeforeAck";
    const names = { protocols: [this.protocol.name], accounts: ["demo"], instruments: [this.protocol.symbol] };
    const read = readFault(
      {
        name: held ? "reorderEvents" : fault,
        parameters: held ? { replyHoldMs: 300, window: 2, holdMs: 1, ...parameters } : parameters,
        ...(times === undefined ? {} : { times }),
      },
      names,
    );
    if (!read.ok) throw new Error(`${fault}: ${read.error.field}: expected ${read.error.expected}`);
    this.injected.push({ fault, id: this.gate.inject(read.value).id });
  };

  readonly heal = (): void => {
    for (const { id } of this.injected) this.gate.desk.remove(id);
  };

  readonly struck = (fault: StageFault): number =>
    this.injected.reduce(
      (sum, each) => sum + (each.fault === fault ? (this.gate.desk.view(each.id)?.fired ?? 0) : 0),
      0,
    );

  readonly status: Stage["status"] = (status) => this.done(this.operator.status(this.protocol.symbol, status));

  readonly settleFunding = (): void => {
    const { symbol } = this.protocol;
    this.done(this.operator.market.mark(symbol, "60000"));
    this.done(this.operator.settleFunding(symbol, "0.0001"));
  };

  readonly liquidate = (): void => this.done(this.operator.liquidate("demo", this.protocol.symbol));

  readonly foreign = (text: string, id: string): void => {
    const [side = "buy", price = "0", , quantity = "0"] = text.split(" ");
    const lots = Number.parseInt(quantity, 10) * this.unit;
    const order = { side: side === "buy" ? ("buy" as const) : ("sell" as const), lots, clientOrderId: id };
    const { symbol } = this.protocol;
    this.done(this.operator.foreignOrder("demo", { symbol, ...order, price: Number.parseInt(price, 10) }));
  };

  async close(): Promise<void> {
    await this.remote?.close();
    await this.upstream.closed();
    await this.emulator.close();
  }

  get sockets(): number {
    return this.emulator.control.sockets().length;
  }

  private get operator(): Operator {
    return this.emulator.control.universe.operator;
  }

  private get gate(): FaultGate {
    const { gate } = this.emulator.control.universe;
    return present(gate instanceof FaultGate ? gate : null, "the gate of faults");
  }

  private done(deed: string | null): void {
    if (deed !== null) throw new Error(deed);
  }
}

/** WebSockets the emulated exchange has open. */
export function socketsOf(stage: Stage): number {
  if (stage instanceof EmulatedStage) return stage.sockets;
  throw new Error("only an emulated exchange counts its sockets");
}

function maker(protocol: Protocol, remote: boolean): StageMaker {
  return {
    name: `${remote ? "remote over " : ""}ccxt × ${protocol.name}`,
    skips: new Map(),
    faults: FAULTS,
    open: async (setup) => {
      const emulator = await startFor(protocol, setup);
      const { operator } = emulator.control.universe;
      play(operator, protocol, `book ${BOOK}`);
      if (setup.skewMs !== undefined) operator.skew(null, setup.skewMs);
      const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
      const { log, redials } = redialLog();
      const upstream = await portTo(emulator, protocol, {
        clock,
        log,
        streamTimes: streamTimesOf(setup),
        times: timesOf(setup),
      });
      const common = { upstream, setup, redials };
      if (!remote) return new EmulatedStage(emulator, protocol, { ...common, port: upstream, remote: null });
      const over = await RemoteStage.over({ port: upstream, symbols: [protocol.symbol], clock }, undefined, {
        exclusive: true,
      });
      return new EmulatedStage(emulator, protocol, { ...common, port: await over.port(), remote: over });
    },
  };
}

export const CCXT_USDM = maker(USDM, false);
export const CCXT_SPOT = maker(SPOT, false);
export const REMOTE_CCXT_USDM = maker(USDM, true);
