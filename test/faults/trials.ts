// Every fault of the catalogue that Binance can have, as the grid goes through it. Test code only.

import assert from "node:assert/strict";
import { present } from "../../src/base/assert.ts";
import type { WireFault } from "../../src/exchange/emulator/faults/catalogue.ts";
import { ACCOUNT, type GivenFault, type Town, until } from "./town.ts";
import { type TownMarket, USDM } from "./town-market.ts";
import { PATIENCE_MS, type Trial } from "./trial.ts";

type Rows = readonly (Omit<Trial, "name"> & { readonly as?: string })[];
type Group = { readonly [name in WireFault]?: Rows };

const one = (name: WireFault, more: Omit<GivenFault, "name"> = {}): GivenFault => ({ name, ...more });
/** The sockets are cut once: what was missed must be read, books must be built anew. */
const CUT = one("closeStorm", { parameters: { count: 1 } });

export const REQUESTS: Group = {
  acceptThenTimeout: [
    { faults: [one("acceptThenTimeout", { times: 3 })] },
    { as: "connection reset", faults: [one("acceptThenTimeout", { times: 3, parameters: { reset: true } })] },
  ],
  timeoutNotAccepted: [{ faults: [one("timeoutNotAccepted", { times: 3 })] }],
  acceptLate: [
    { as: "within its expiry", faults: [one("acceptLate", { times: 2, parameters: { delayMs: 1_500 } })] },
    { as: "after its expiry", faults: [one("acceptLate", { times: 2, parameters: { delayMs: 4_000 } })] },
  ],
  serverErrorAfterAccept: [{ faults: [one("serverErrorAfterAccept", { times: 3 })] }],
  serverErrorNotAccepted: [{ faults: [one("serverErrorNotAccepted", { times: 3 })] }],
  cutReply: [
    { faults: [one("cutReply", { times: 3 })] },
    { as: "in the middle", faults: [one("cutReply", { times: 3, parameters: { atByte: 25 } })] },
  ],
  duplicateIdAccepted: [{ faults: [one("duplicateIdAccepted", { times: 2 })] }],
  rateLimit: [{ faults: [one("rateLimit", { forMs: 3_000, parameters: { retryAfterS: 2 } })] }],
  ban: [{ faults: [one("ban", { times: 1, parameters: { seconds: 4 } })], tradeMs: 5_000 }],
  slow: [{ faults: [one("slow", { forMs: 4_000, parameters: { ms: 1_000, jitterMs: 500 } })] }],
};

export const streams = ({ orderEvent: kind }: TownMarket): Group => ({
  dropEvent: [
    { as: "of orders", faults: [one("dropEvent", { times: 3, parameters: { kind } })] },
    { as: "any", faults: [one("dropEvent", { forMs: 2_000 })] },
  ],
  duplicateEvent: [{ faults: [one("duplicateEvent", { forMs: 4_000, parameters: { copies: 2, gapMs: 200 } })] }],
  reorderEvents: [
    { faults: [one("reorderEvents", { forMs: 4_000 })] },
    { as: "fills before replies", faults: [one("reorderEvents", { forMs: 4_000, parameters: { replyHoldMs: 800 } })] },
  ],
  lateEvent: [{ faults: [one("lateEvent", { forMs: 3_000, parameters: { delayMs: 3_000 } })] }],
  silentStall: [
    { as: "own", faults: [one("silentStall", { parameters: { streams: "user" } })] },
    { as: "public", faults: [one("silentStall", { parameters: { streams: "public" } })] },
    { as: "all, pings unanswered", faults: [one("silentStall", { parameters: { answersPing: false } })] },
  ],
  sequenceGap: [{ faults: [one("sequenceGap", { times: 2 })] }],
});

export const INSIDE: Group = {
  wrongRouteSilent: [{ faults: [one("wrongRouteSilent", { times: 2 }), CUT], tradeMs: 8_000 }],
  crossedBook: [{ faults: [one("crossedBook", { times: 2 })] }],
  staleSnapshot: [{ faults: [one("staleSnapshot", { times: 2 }), CUT], tradeMs: 6_000 }],
  postOnlyReject: [
    { as: "refused", faults: [one("postOnlyReject", { times: 3 })] },
    { as: "then cancelled", faults: [one("postOnlyReject", { times: 3, parameters: { thenCancel: true } })] },
  ],
  partialThenCancelRace: [
    { faults: [one("partialThenCancelRace", { times: 2 })] },
    { as: "filled whole", faults: [one("partialThenCancelRace", { times: 2, parameters: { cancelLoses: true } })] },
  ],
  cancelLost: [{ faults: [one("cancelLost", { times: 2 })] }],
  insufficientMargin: [{ faults: [one("insufficientMargin", { forMs: 4_000 })] }],
  reduceOnlyConflict: [{ faults: [one("reduceOnlyConflict", { times: 2 })] }],
  pageLimit: [{ faults: [one("pageLimit", { forMs: 8_000 }), CUT] }],
  oddNumbers: [{ faults: [one("oddNumbers", { forMs: 6_000 }), CUT] }],
};

const USDT = 10n ** 18n;

export const deeds = ({ symbol }: TownMarket): Group => ({
  closeStorm: [
    { faults: [one("closeStorm", { parameters: { count: 4, everyMs: 700, codes: [1006, 1000, 1012] } })] },
    { as: "half-open", faults: [one("closeStorm", { parameters: { count: 1, codes: [0] } })] },
    { as: "dials refused", faults: [one("closeStorm", { parameters: { count: 1, refusedDials: 4 } })] },
  ],
  maintenance: [
    { as: "orders rest", faults: [one("maintenance", { parameters: { seconds: 4 } })], tradeMs: 5_000 },
    {
      as: "orders cancelled",
      faults: [one("maintenance", { parameters: { seconds: 4, cancelOrders: true } })],
      tradeMs: 5_000,
    },
  ],
  listenKeyExpiry: [
    { as: "announced", faults: [one("listenKeyExpiry")] },
    { as: "silent", faults: [one("listenKeyExpiry", { parameters: { announced: false } })] },
  ],
  clockSkew: [
    { as: "ahead", faults: [one("clockSkew", { parameters: { ms: 10_000 } })], stays: ["clock suspect"] },
    { as: "behind", faults: [one("clockSkew", { parameters: { ms: -10_000 } })], stays: ["clock suspect"] },
  ],
  fundingSettle: [
    { faults: [one("fundingSettle", { filter: { instrument: symbol }, parameters: { lateMs: 1_000 } })] },
  ],
  balanceDrift: [
    {
      faults: [one("balanceDrift", { filter: { account: ACCOUNT }, parameters: { amount: "500" } })],
      movedIn: 500n * USDT,
    },
  ],
});

/** The exchange has a position of the account, and the engine knows it. */
function holds({ emulator, host }: Town): boolean {
  const [wallet] = emulator.control.state().accounts[0]?.wallets ?? [];
  return (
    host.state.ledger.position !== 0 && wallet?.positions.some(({ quantity }) => !/^[0.]*$/.test(quantity)) === true
  );
}

/** What stops the bot, or shows it what is not its own: a safe state and a clear word, not a healing. */
export function outside({ symbol, thousandth }: TownMarket): Group {
  const where = { instrument: symbol };
  const whose = { account: ACCOUNT, instrument: symbol };
  return {
    halt: [
      {
        faults: [one("halt", { filter: where, parameters: { seconds: 4 } })],
        tradeMs: 18_000,
        stays: ["block"],
        stops: "instrument",
        afterwards: async (town) => {
          const config = present(town.host.state.config, "a configuration");
          const fills = town.host.state.ledger.fills;
          town.host.command({ name: "relattice", config }, { by: "test", reason: "it trades again" }, () => undefined);
          town.walk();
          await until("the grid trades again once the operator agreed", PATIENCE_MS, () => {
            return town.host.state.ledger.fills > fills;
          });
        },
      },
    ],
    filterChange: [
      {
        faults: [
          one("filterChange", { filter: where, parameters: { tickSize: symbol === USDM.symbol ? "0.7" : "0.07" } }),
        ],
        stays: ["block", "instruments down"],
        stops: "instrument",
      },
    ],
    liquidate: [
      {
        faults: [one("liquidate", { filter: whose })],
        first: (town) => until("there is a position", PATIENCE_MS, () => holds(town)),
        stays: ["block"],
        stops: "liquidation",
      },
    ],
    adl: [
      {
        faults: [one("adl", { filter: whose, parameters: { lots: 1 } })],
        first: (town) => until("there is a position", PATIENCE_MS, () => holds(town)),
        stays: ["block"],
        stops: "liquidation",
      },
    ],
    foreignOrder: [
      {
        as: "resting",
        faults: [one("foreignOrder", { filter: whose, parameters: { lots: 2 * thousandth, price: "55000" } })],
        town: { exclusive: false },
        afterwards: ({ emulator }) => {
          const open = emulator.control.state().accounts[0]?.wallets[0]?.openOrders ?? [];
          assert.ok(
            open.some(({ clientOrderId }) => clientOrderId.startsWith("web_")),
            "a foreign order is left alone",
          );
        },
      },
      {
        as: "taking",
        faults: [one("foreignOrder", { filter: whose, parameters: { lots: 2 * thousandth } })],
        stays: ["block"],
        stops: "divergence",
        differs: true,
      },
    ],
  };
}

/** Faults that need a position with margin. */
const OF_PERPETUALS: readonly string[] = ["reduceOnlyConflict", "fundingSettle", "liquidate", "adl"];

/** The trials of a group that the market can have, each under a name of its own. */
export function trialsOf(group: Group, { market }: TownMarket = USDM): readonly Trial[] {
  return Object.entries(group)
    .filter(([name]) => market === "perpetual" || !OF_PERPETUALS.includes(name))
    .flatMap(([name, rows]) =>
      rows.map(({ as, ...trial }) => ({ ...trial, name: as === undefined ? name : `${name}: ${as}` })),
    );
}

export const allTrials = (at: TownMarket): readonly Trial[] =>
  [REQUESTS, streams(at), INSIDE, deeds(at), outside(at)].flatMap((group) => trialsOf(group, at));
