// The simulated exchange in real time as a stage, reached in its own process or through a connector.

import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import type { CaseSetup, Stage, StageFault, StageMaker } from "./exchange-case.ts";
import { RemoteStage } from "./exchange-remote.ts";
import {
  ACCOUNT,
  balanceOn,
  Hands,
  INSTRUMENT,
  makeWorld,
  openOn,
  payInBnb,
  positionOn,
  SYMBOL,
  type World,
} from "./exchange-stage.ts";

const FAULTS: ReadonlySet<StageFault> = new Set([
  "acceptThenTimeout",
  "timeoutNotAccepted",
  "cutReply",
  "serverErrorAfterAccept",
  "serverErrorNotAccepted",
  "duplicateEvent",
  "reorderEvents",
  "fillBeforeAck",
  "rateLimit",
  "sequenceGap",
]);

/** Nobody waits long for an answer that was lost; a busy machine still sends in time. */
const EXPIRY_MS = 1_000;
/** Orders and fills of which it tells: all of a case. */
const KEPT = 100_000;

function worldOf({ balance, makerPpm, feesInBnb }: CaseSetup): World {
  const world = makeWorld({
    requestExpiryMs: EXPIRY_MS,
    ordersKept: KEPT,
    fillsKept: KEPT,
    ...(balance === undefined ? {} : { balance: Number.parseInt(balance, 10) }),
    ...(makerPpm === undefined ? {} : { instrument: { makerPpm } }),
  });
  if (feesInBnb === true) payInBnb(world.exchange, ACCOUNT, INSTRUMENT);
  return world;
}

function stageOf(
  world: World,
  reached: Pick<Stage, "port" | "remote"> & { readonly setup: CaseSetup; close(): Promise<void> },
): Stage {
  const hands = new Hands(reached.port);
  const others = new Hands(new SimulatedPort(world.driver, { account: ACCOUNT }));
  const rates: { [fault in StageFault]?: number } = {};
  const { faults } = world.exchange;
  return {
    port: reached.port,
    remote: reached.remote,
    hands,
    instrument: INSTRUMENT,
    unit: 1,
    startMs: Math.floor(world.clock.nowMs()) - 1_000,
    fees: { makerPpm: reached.setup.makerPpm ?? INSTRUMENT.makerPpm, takerPpm: INSTRUMENT.takerPpm },
    truth: {
      open: () => openOn(world),
      position: () => positionOn(world),
      balance: (asset) => balanceOn(world, asset),
      requests: () => null,
      sockets: () => null,
    },
    redials: () => new Map(),
    say: (line) => world.market.say(line),
    ready: async (watch) => {
      await watch.first("book");
      // a remote port says that its orders are fresh; the simulated exchange's own never are anything else
      if (reached.remote !== null)
        await watch.first("feed", ({ feed, state }) => feed === "orders" && state === "fresh");
    },
    inject: (fault) => {
      if (fault === "sequenceGap") world.market.say("broken");
      else faults.change(Object.assign(rates, { [fault]: 1 }));
    },
    heal: () => {
      for (const fault of Object.keys(rates) as StageFault[]) delete rates[fault];
      faults.change({});
    },
    struck: (fault) => [...faults.counts].find(([name]) => name === fault)?.[1] ?? 0,
    status: (status) => world.exchange.market(SYMBOL).setStatus(status),
    settleFunding: () => {
      world.market.say("mark 600000");
      world.market.say("funding 100000000");
    },
    liquidate: () => {
      world.market.say("book 450000x900 / 450001x900");
      world.market.say("mark 450000");
    },
    foreign: (text, id) => void others.place(text, foreignOrderId(id)),
    close: async () => {
      await reached.close();
      others.port.close();
      world.driver.stop();
    },
  };
}

const NO_SOCKET = "the simulated exchange is in this process: there is no socket, key or clock that could fail";
const NO_WIRE = new Map([
  [9, "the simulated exchange's streams are read again by the host, not by the port"],
  [17, "the simulated exchange delays by chance, and never beyond its expiry"],
  [32, "the simulated exchange bans nobody"],
  [33, NO_SOCKET],
  [34, NO_SOCKET],
  [36, NO_SOCKET],
  [37, NO_SOCKET],
]);

export const SIMULATED: StageMaker = {
  name: "simulated",
  skips: new Map([
    ...NO_WIRE,
    [7, "a stream's message is what the exchange sent; the host books a fill once"],
    [16, "the simulated exchange has Binance's habit of taking an id again when its first order has ended"],
  ]),
  faults: FAULTS,
  open: (setup) => {
    const world = worldOf(setup);
    const port = new SimulatedPort(world.driver, { account: ACCOUNT, marks: true });
    const close = (): Promise<void> => {
      port.close();
      return Promise.resolve();
    };
    return Promise.resolve(stageOf(world, { port, remote: null, setup, close }));
  },
};

export const REMOTE_SIMULATED: StageMaker = {
  name: "remote over simulated",
  skips: NO_WIRE,
  faults: FAULTS,
  open: async (setup) => {
    const world = worldOf(setup);
    const remote = await RemoteStage.open(world);
    return stageOf(world, { port: await remote.port(), remote, setup, close: () => remote.close() });
  },
};
