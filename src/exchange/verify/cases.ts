// The cases of the port's contract that need no fault control (EXCH-57), with the numbers of exchanges.md section 7.
// Those that place orders place the smallest the exchange takes, post-only, 2 % away from the best price, and cancel.

import { type Lots, lots, type Ticks, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { NewOrder } from "../../trading/order.ts";
import { type Asking, expect } from "./asking.ts";

export interface VerifyStage {
  readonly asking: Asking;
  readonly instrument: Instrument;
  /** Best prices of a moment ago. */
  readonly best: { readonly bid: Ticks; readonly ask: Ticks };
  readonly nowMs: () => number;
}

export interface VerifyCase {
  readonly n: number;
  readonly text: string;
  /** Places orders. */
  readonly active: boolean;
  /** Why it does not apply; null: it does. */
  readonly unless?: (stage: VerifyStage) => string | null;
  readonly play: (stage: VerifyStage) => Promise<void>;
}

const DAY_MS = 86_400_000;
const AWAY_PERCENT = 2;

/** The smallest order the rules allow at this price. */
function smallest({ instrument }: VerifyStage, price: number): Lots {
  return lots(Math.max(instrument.minLots, Math.ceil(instrument.minNotional / price)));
}

/** A buy that rests far from the market. */
function resting(stage: VerifyStage, more: Partial<NewOrder> = {}): NewOrder {
  const price = ticks(Math.floor((stage.best.bid * (100 - AWAY_PERCENT)) / 100));
  return {
    symbol: stage.instrument.symbol,
    side: "buy",
    price,
    quantity: smallest(stage, price),
    timeInForce: "GTC",
    postOnly: true,
    reduceOnly: false,
    slotKey: "",
    ...more,
  };
}

async function openIds({ asking }: VerifyStage): Promise<readonly string[]> {
  const open = await asking.openOrders();
  expect(open.result === "ok", `open orders were not told: ${"text" in open ? open.text : ""}`);
  return open.orders.map(({ clientOrderId }) => clientOrderId);
}

/** Accepted, used, and cancelled whatever happens. */
async function withOrder(
  stage: VerifyStage,
  use: (id: ClientOrderId, order: NewOrder) => Promise<void>,
): Promise<void> {
  const { asking } = stage;
  const id = asking.nextId();
  const order = resting(stage);
  try {
    const placed = await asking.place(order, id);
    expect(placed.result === "accepted", `the order was ${placed.result}: ${"text" in placed ? placed.text : ""}`);
    await use(id, order);
  } finally {
    await asking.cancel(id);
  }
}

const READING: readonly VerifyCase[] = [
  {
    n: 21,
    text: "an id never sent is absent",
    active: false,
    play: async ({ asking }) => {
      const found = await asking.lookup(asking.nextId());
      expect(found.result === "absent", `the look-up said ${found.result}; absence must be NOT_FOUND with asked_at_ms`);
    },
  },
  {
    n: 35,
    text: "the book on the stream is uncrossed, whole and on the grid",
    active: false,
    play: async ({ asking, instrument }) => {
      const book = await asking.heard("a book", (message) => (message.kind === "book" ? message : null));
      const [bid, ask] = [book.bids[0]?.[0] ?? 0, book.asks[0]?.[0] ?? 0];
      expect(bid > 0 && ask > bid, `best bid ${bid} and best ask ${ask} of ${instrument.symbol}, in ticks`);
    },
  },
  {
    n: 41,
    text: "open orders and fills are whole lists, and the cursor goes on after the last",
    active: false,
    play: async (stage) => {
      await openIds(stage);
      const first = await stage.asking.fills({ sinceMs: Math.max(0, stage.nowMs() - DAY_MS), cursor: null });
      expect(first.result === "ok", `fills were not told: ${"text" in first ? first.text : ""}`);
      const times = first.fills.map(({ exchangeAtMs }) => exchangeAtMs);
      expect(
        times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0)),
        "fills are not oldest first",
      );
      if (first.cursor === "") return;
      const rest = await stage.asking.fills({ sinceMs: 0, cursor: first.cursor });
      const known = new Set(first.fills.map(({ tradeId }) => tradeId));
      expect(rest.result === "ok", `fills after the cursor were not told: ${"text" in rest ? rest.text : ""}`);
      expect(
        rest.fills.every(({ tradeId }) => !known.has(tradeId)),
        "a fill came again after the cursor",
      );
    },
  },
  {
    n: 46,
    text: "candles come oldest first, the account is told, an unknown instrument is refused",
    active: false,
    play: async ({ asking }) => {
      const candles = await asking.candles();
      expect(candles.result === "ok", `candles were not told: ${"text" in candles ? candles.text : ""}`);
      const times = candles.candles.map(({ openAtMs }) => openAtMs);
      expect(
        times.every((at, i) => i === 0 || at > (times[i - 1] ?? 0)),
        "candles are not oldest first",
      );
      const account = await asking.account();
      expect(account.result === "ok", `the account was not told: ${"text" in account ? account.text : ""}`);
      expect(account.oneWayMode, "the account is in hedge mode; set it to one-way");
      const unknown = await asking.instrument("NONE/NOWHERE");
      expect(unknown.result === "unavailable", "an instrument that cannot exist was described");
    },
  },
];

const PLACING: readonly VerifyCase[] = [
  {
    n: 1,
    text: "a post-only order is acknowledged, in open orders, and on the stream under its client id",
    active: true,
    play: async (stage) => {
      const { asking } = stage;
      const id = asking.nextId();
      const said = { result: "" };
      try {
        const status = await asking.heard(
          "the order's update",
          (message) => (message.kind === "order" && message.clientOrderId === id ? message.status : null),
          () => void asking.place(resting(stage), id).then(({ result }) => Object.assign(said, { result })),
        );
        expect(status === "open", `its first update said ${status}`);
        const open = await openIds(stage);
        expect(open.includes(id), "it is not in the list of open orders");
        expect(said.result === "accepted" || said.result === "", `its outcome was ${said.result}`);
      } finally {
        await asking.cancel(id);
      }
    },
  },
  {
    n: 15,
    text: "the same id sent while open: the existing order is returned",
    active: true,
    play: (stage) =>
      withOrder(stage, async (id, order) => {
        const again = await stage.asking.place(order, id);
        expect(again.result === "accepted", `the second sending was ${again.result}`);
        const times = (await openIds(stage)).filter((each) => each === id).length;
        expect(times === 1, `${times} orders of that id are open`);
      }),
  },
  {
    n: 18,
    text: "cancel of an open order ends cancelled, with proof; a second cancel says not open",
    active: true,
    play: (stage) =>
      withOrder(stage, async (id) => {
        const { asking } = stage;
        const cancelled = await asking.cancel(id);
        expect(cancelled.result === "accepted", `the cancel was ${cancelled.result}`);
        const found = await asking.lookup(id);
        const status = found.result === "found" ? found.order.status : found.result;
        expect(status === "canceled", `the look-up after it said ${status}`);
        const again = await asking.cancel(id);
        expect(again.result === "not-open", `a second cancel was ${again.result}`);
      }),
  },
  {
    n: 22,
    text: "several orders at once with one too small among them: each answered under its own id",
    active: true,
    play: async (stage) => {
      const { asking } = stage;
      const ids = [asking.nextId(), asking.nextId(), asking.nextId()];
      const orders = [resting(stage), resting(stage, { quantity: lots(0) }), resting(stage)];
      try {
        const outcomes = await Promise.all(orders.map((order, i) => asking.place(order, ids[i] ?? asking.nextId())));
        const said = outcomes.map(({ result }) => (result === "accepted" ? "accepted" : "not"));
        expect(said.join(" ") === "accepted not accepted", `the outcomes were ${said.join(", ")}`);
      } finally {
        await Promise.all(ids.map((id) => asking.cancel(id)));
      }
    },
  },
  {
    n: 28,
    text: "a quantity of nothing is not accepted and leaves nothing",
    active: true,
    play: async (stage) => {
      const id = stage.asking.nextId();
      const placed = await stage.asking.place(resting(stage, { quantity: lots(0) }), id);
      expect(placed.result === "rejected" || placed.result === "not-sent", `it was ${placed.result}`);
      expect(!(await openIds(stage)).includes(id), "it is open");
    },
  },
];

export const VERIFY_CASES: readonly VerifyCase[] = [...PLACING, ...READING].sort((a, b) => a.n - b.n);
