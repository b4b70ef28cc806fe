// Each fault of the catalogue as a script any client can be put through, and how the naive client fails in it. A fault
// nobody fails would be removed or made harder (EMU-29).

import type { WireFault } from "../../src/exchange/emulator/faults/catalogue.ts";
import type { ScenarioMarket } from "./fault-clients.ts";
import type { FaultScript } from "./fault-scenario.ts";
import {
  begun,
  CLOSING,
  cancelling,
  fillingUnder,
  holding,
  POST_ONLY,
  placing,
  RESTING,
  TAKING,
} from "./fault-scripts.ts";
import type { NaiveHabits } from "./naive-client.ts";

export interface FaultTrial {
  readonly script: FaultScript;
  readonly habits?: NaiveHabits;
  /** Failures of the naive client: these at least. */
  readonly fails: readonly string[];
}

const TRUSTING: NaiveHabits = { temper: "trusting" };

const DUPLICATE = ["duplicate order"];
const ENDLESS = ["asks without end"];
const POSITION = ["wrong position"];
const OPEN = ["wrong open orders"];
const BOOK = ["wrong book"];

/** Faults that Binance cannot have: no private login, no memory that a restart empties. */
export const NOT_ON_BINANCE: readonly WireFault[] = ["loginLost", "serviceRestart"];

/** Faults that need a position with margin. */
const OF_PERPETUALS: readonly WireFault[] = ["reduceOnlyConflict", "fundingSettle", "liquidate", "adl"];

export type Trials = { readonly [name in WireFault]?: FaultTrial };

/** Where the user events keep their numbers, the history has odd ones. */
const ODD_HISTORY: FaultTrial = {
  script: begun(async (stage) => {
    await stage.want(TAKING);
    await stage.quiet();
    stage.inject({ name: "oddNumbers" });
    await stage.act(stage.client.restart(), "restart");
  }),
  fails: ["crashed"],
};

/** Every fault the market can have. */
export function trialsAt(market: ScenarioMarket): Trials {
  const all = { ...requestTrials(), ...streamTrials(market), ...insideTrials(), ...deedTrials(market) };
  if (market.protocol === "binance-usdm") return all;
  const without = Object.entries(all).filter(([name]) => !OF_PERPETUALS.some((each) => each === name));
  return { ...Object.fromEntries(without), oddNumbers: ODD_HISTORY };
}

function requestTrials(): Trials {
  return {
    acceptThenTimeout: { script: placing({ name: "acceptThenTimeout", times: 1 }), fails: DUPLICATE },
    timeoutNotAccepted: {
      script: placing({ name: "timeoutNotAccepted", times: 1 }),
      habits: TRUSTING,
      fails: OPEN,
    },
    acceptLate: {
      script: placing({ name: "acceptLate", parameters: { delayMs: 4_000 }, times: 1 }),
      fails: DUPLICATE,
    },
    serverErrorAfterAccept: { script: placing({ name: "serverErrorAfterAccept", times: 1 }), fails: DUPLICATE },
    serverErrorNotAccepted: {
      script: placing({ name: "serverErrorNotAccepted", times: 1 }),
      habits: TRUSTING,
      fails: OPEN,
    },
    cutReply: { script: placing({ name: "cutReply", times: 1 }), fails: DUPLICATE },
    duplicateIdAccepted: {
      script: placing({ name: "duplicateIdAccepted", times: 1 }),
      habits: { sameId: true },
      fails: DUPLICATE,
    },
    rateLimit: { script: placing({ name: "rateLimit", times: 1 }), fails: ["banned"] },
    ban: {
      script: begun(async (stage) => {
        await stage.want(RESTING);
        stage.inject({ name: "ban", parameters: { seconds: 30 } });
        await stage.act(stage.client.stop(), "stop");
        await stage.pass(31_000);
      }),
      fails: OPEN,
    },
    slow: {
      script: placing({ name: "slow", parameters: { ms: 20_000 }, filter: { route: "POST *" } }),
      fails: DUPLICATE,
    },
  };
}

function streamTrials({ symbol, report }: ScenarioMarket): Trials {
  return {
    dropEvent: {
      script: fillingUnder({ name: "dropEvent", parameters: { kind: report }, times: 1 }),
      fails: POSITION,
    },
    duplicateEvent: {
      script: begun(async (stage) => {
        await stage.want(RESTING);
        stage.inject({ name: "duplicateEvent", parameters: { kind: report } });
        stage.control.operator.fill("demo", {
          symbol,
          clientOrderId: stage.client.idsOf("buy")[0] ?? "",
          quantity: "0.004",
        });
        await stage.pass(1_000);
      }),
      fails: POSITION,
    },
    reorderEvents: {
      script: begun(async (stage) => {
        stage.inject({ name: "reorderEvents", parameters: { kind: report } });
        await stage.want(TAKING);
        await stage.pass(2_000);
      }),
      fails: OPEN,
    },
    lateEvent: {
      script: begun(async (stage) => {
        await stage.want(RESTING);
        stage.inject({ name: "lateEvent", parameters: { delayMs: 30_000 } });
        await stage.fill("buy");
        await stage.act(stage.client.settle(), "settle");
        stage.check();
        await stage.pass(31_000);
      }),
      fails: POSITION,
    },
    silentStall: { script: fillingUnder({ name: "silentStall", parameters: { streams: "user" } }), fails: POSITION },
    sequenceGap: {
      script: begun(async (stage) => {
        await stage.level("buy", stage.market.near, 3);
        stage.inject({ name: "sequenceGap", times: 1 });
        await stage.level("buy", stage.market.near, 7);
        await stage.level("buy", "59000.0", 2);
      }),
      fails: BOOK,
    },
  };
}

function insideTrials(): Trials {
  return {
    wrongRouteSilent: {
      script: async (stage) => {
        stage.inject({ name: "wrongRouteSilent", filter: { route: "btcusdt@depth*" }, times: 1 });
        await stage.act(stage.client.start(), "start");
        await stage.level("buy", stage.market.near, 3);
      },
      fails: BOOK,
    },
    crossedBook: {
      script: begun(async (stage) => {
        stage.inject({ name: "crossedBook", times: 1 });
        // crossed by the next frame, and healed by the one after it
        await stage.level("buy", "59000.0", 2, 150);
        stage.check();
        await stage.pass(1_000);
      }),
      fails: BOOK,
    },
    staleSnapshot: {
      script: async (stage) => {
        // what a book was is remembered while somebody looks at it
        await stage.wire.open(stage.market.bookPath);
        await stage.level("buy", stage.market.near, 5);
        await stage.pass(5_000);
        await stage.level("buy", stage.market.near, 0);
        await stage.pass(1_000);
        stage.inject({ name: "staleSnapshot", parameters: { ageMs: 3_000 }, times: 1 });
        await stage.act(stage.client.start(), "start");
        await stage.level("buy", "59000.0", 3);
      },
      fails: BOOK,
    },
    postOnlyReject: { script: placing({ name: "postOnlyReject", times: 1 }, POST_ONLY), fails: ["taker order"] },
    partialThenCancelRace: {
      script: cancelling({ name: "partialThenCancelRace", parameters: { lots: 4 }, times: 1 }),
      fails: POSITION,
    },
    cancelLost: { script: cancelling({ name: "cancelLost", times: 1 }), fails: OPEN },
    insufficientMargin: { script: placing({ name: "insufficientMargin" }), fails: ENDLESS },
    reduceOnlyConflict: {
      script: begun(async (stage) => {
        await stage.want(TAKING);
        stage.inject({ name: "reduceOnlyConflict" });
        await stage.want(CLOSING);
      }),
      fails: ENDLESS,
    },
    pageLimit: {
      script: begun(async (stage) => {
        for (const name of ["one", "two", "three"]) await stage.want({ ...TAKING, name });
        await stage.quiet();
        stage.inject({ name: "pageLimit", parameters: { size: 2 } });
        await stage.act(stage.client.restart(), "restart");
      }),
      fails: POSITION,
    },
    oddNumbers: { script: fillingUnder({ name: "oddNumbers" }), fails: ["crashed"] },
  };
}

function deedTrials({ symbol }: ScenarioMarket): Trials {
  const whose = { account: "demo", instrument: symbol };
  return {
    listenKeyExpiry: { script: fillingUnder({ name: "listenKeyExpiry" }), fails: POSITION },
    clockSkew: { script: placing({ name: "clockSkew", parameters: { ms: 90_000 } }), fails: ENDLESS },
    filterChange: {
      script: placing(
        { name: "filterChange", filter: { instrument: symbol }, parameters: { tickSize: "1" } },
        { ...RESTING, price: "59000.1" },
      ),
      fails: ENDLESS,
    },
    maintenance: {
      script: begun(async (stage) => {
        await stage.want(RESTING);
        stage.inject({ name: "maintenance", parameters: { cancelOrders: true, seconds: 5 } });
        await stage.pass(6_000);
      }),
      fails: OPEN,
    },
    halt: { script: placing({ name: "halt", filter: { instrument: symbol } }), fails: ENDLESS },
    closeStorm: {
      script: fillingUnder({ name: "closeStorm", parameters: { count: 1, refusedDials: 5 } }),
      fails: POSITION,
    },
    fundingSettle: {
      script: holding({ name: "fundingSettle", filter: { instrument: symbol } }),
      fails: ["wrong balance"],
    },
    liquidate: { script: holding({ name: "liquidate", filter: whose }), fails: POSITION },
    adl: { script: holding({ name: "adl", filter: whose, parameters: { lots: 4 } }), fails: POSITION },
    balanceDrift: {
      script: holding({ name: "balanceDrift", filter: { account: "demo" }, parameters: { amount: "25" } }),
      fails: ["wrong balance"],
    },
    foreignOrder: {
      script: holding({ name: "foreignOrder", filter: whose, parameters: { lots: 500 } }),
      fails: POSITION,
    },
  };
}
