// What the naive client says and hears at each market: paths, and reports of orders read the shortest way.

/** A fill as the client counts it: quantities as they were told, money already added up. */
export interface NaiveFill {
  readonly sign: 1 | -1;
  readonly quantity: string;
  /** Taken off in base, as a fee; null where the fee is paid in quote. */
  readonly taken: string | null;
  /** Change of the quote balance. */
  readonly money: number;
}

export interface Heard {
  readonly id: string;
  readonly status: string;
  readonly fill: NaiveFill | null;
}

export interface Dialect {
  readonly order: string;
  readonly trades: string;
  readonly depth: string;
  readonly book: string;
  /** Where listen keys come from; null: the WebSocket API is greeted instead. */
  readonly key: string | null;
  greeting(nowMs: number, sign: (text: string) => string): string;
  /** Decimals of a quantity. */
  readonly digits: number;
  readonly postOnly: Readonly<Record<string, string>>;
  readonly reduceOnly: Readonly<Record<string, string>>;
  /** The code that refuses a post-only order which would take. */
  readonly wouldTake: number;
  /** Null: no report of an order. */
  report(frame: Record<string, unknown>): Heard | null;
  fills(body: unknown): readonly NaiveFill[];
}

type Texts = Readonly<Record<string, string>>;

const signOf = (side: string | undefined): 1 | -1 => (side === "BUY" ? 1 : -1);

export const USDM_WORDS: Dialect = {
  order: "/fapi/v1/order",
  trades: "/fapi/v1/userTrades",
  depth: "/fapi/v1/depth",
  book: "/public/ws/btcusdt@depth@100ms",
  key: "/fapi/v1/listenKey",
  greeting: () => "",
  digits: 3,
  postOnly: { type: "LIMIT", timeInForce: "GTX" },
  reduceOnly: { reduceOnly: "true" },
  wouldTake: -5022,
  report: ({ e, o }) => {
    if (e !== "ORDER_TRADE_UPDATE") return null;
    const { c = "", x, X = "", S, l = "", n = "0", rp = "0" } = o as Texts;
    const money = Number(rp) - Number(n);
    return { id: c, status: X, fill: x === "TRADE" ? { sign: signOf(S), quantity: l, taken: null, money } : null };
  },
  fills: (body) =>
    (body as Texts[]).map(({ side, qty = "" }) => ({ sign: signOf(side), quantity: qty, taken: null, money: 0 })),
};

export const SPOT_WORDS: Dialect = {
  order: "/api/v3/order",
  trades: "/api/v3/myTrades",
  depth: "/api/v3/depth",
  book: "/ws/btcusdt@depth@100ms",
  key: null,
  greeting: (nowMs, sign) => {
    const signature = sign(`apiKey=demo-key&timestamp=${nowMs}`);
    const params = { apiKey: "demo-key", timestamp: nowMs, signature };
    return JSON.stringify({ id: 1, method: "userDataStream.subscribe.signature", params });
  },
  digits: 8,
  postOnly: { type: "LIMIT_MAKER" },
  reduceOnly: {},
  wouldTake: -2010,
  report: ({ event }) => {
    const { e, c = "", C = "", x, X = "", S, l = "", L = "0", n = "0", N } = (event ?? {}) as Texts;
    if (e !== "executionReport") return null;
    const id = C === "" ? c : C;
    if (x !== "TRADE") return { id, status: X, fill: null };
    const taken = N === "BTC" ? n : null;
    const money = -signOf(S) * Number(L) * Number(l) - (taken === null ? Number(n) : 0);
    return { id, status: X, fill: { sign: signOf(S), quantity: l, taken, money } };
  },
  fills: (body) =>
    (body as (Texts & { isBuyer: boolean })[]).map(({ isBuyer, qty = "", commission = "0", commissionAsset }) => {
      const taken = commissionAsset === "BTC" ? commission : null;
      return { sign: isBuyer ? 1 : -1, quantity: qty, taken, money: 0 };
    }),
};
