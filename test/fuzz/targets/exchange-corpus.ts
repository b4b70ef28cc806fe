// Messages of the five exchanges as their documents show them, small ones: frames of public and private sockets, and
// bodies of lists and of errors.

type Name = "binance" | "okx" | "bybit" | "gate" | "bitget";
type Records = readonly unknown[];

interface Frames {
  readonly open: Records;
  /** Private frames, some of them around records that are given. */
  readonly own: (records: Records) => Records;
}

const MS = 1_795_233_000_000;

const BINANCE_ORDER = {
  s: "BTCUSDT",
  c: "ob1",
  S: "BUY",
  o: "LIMIT",
  f: "GTX",
  q: "0.010",
  p: "60000.0",
  ap: "60000",
  x: "TRADE",
  X: "PARTIALLY_FILLED",
  i: 8_886_774,
  l: "0.004",
  z: "0.004",
  L: "60000.0",
  N: "USDT",
  n: "0.012",
  T: MS,
  t: 91,
  m: true,
  R: false,
  ps: "BOTH",
  rp: "0",
};

const gateOrder = {
  id: 4_872_460,
  contract: "BTC_USDT",
  size: -5,
  left: -3,
  price: 60_001,
  text: "t-ob1",
  tif: "poc",
  status: "open",
  finish_as: "_update",
  create_time: 1_628_736_847,
  create_time_ms: 1_628_736_847_325,
};

const bitgetFill = {
  orderId: "1001",
  clientOid: "ob1",
  tradeId: "9001",
  symbol: "BTCUSDT",
  side: "buy",
  posMode: "one_way_mode",
  tradeScope: "maker",
  price: "59999",
  baseVolume: "0.002",
  tradeSide: "buy_single",
  feeDetail: [{ feeCoin: "USDT", deduction: "no", totalDeductionFee: "0", totalFee: "0.0012" }],
  cTime: "1703577336606",
  uTime: "1703577336606",
};

const okx = (channel: string, data: Records): unknown => ({ arg: { channel, instId: "BTC-USDT-SWAP" }, data });
const bitget = (channel: string, data: Records, instId = "BTCUSDT"): unknown => ({
  arg: { instType: "USDT-FUTURES", channel, instId },
  data,
});
const gate = (channel: string, result: unknown): unknown => ({
  channel: `futures.${channel}`,
  event: "update",
  result,
});

export const FRAMES: Readonly<Record<Name, Frames>> = {
  binance: {
    open: [
      {
        e: "depthUpdate",
        E: MS,
        T: MS,
        s: "BTCUSDT",
        U: 99,
        u: 101,
        pu: 98,
        b: [["60000.0", "1.5"]],
        a: [["60000.1", "0"]],
      },
      { e: "trade", E: MS, T: MS, s: "BTCUSDT", t: 7, p: "60000.10", q: "0.010", X: "MARKET", m: false },
      { e: "kline", E: MS, s: "BTCUSDT", k: { t: MS, i: "1m", o: "1", h: "2", l: "1", c: "1.5", v: "3", x: true } },
      { e: "markPriceUpdate", E: MS, s: "BTCUSDT", p: "60000.05", r: "0.0001", T: MS },
      { result: null, id: 1 },
    ],
    own: () => [
      { e: "ORDER_TRADE_UPDATE", E: MS, T: MS, o: BINANCE_ORDER },
      { e: "ORDER_TRADE_UPDATE", E: MS, T: MS, o: { ...BINANCE_ORDER, x: "NEW", X: "NEW", t: 0, l: "0", z: "0" } },
      {
        e: "ACCOUNT_UPDATE",
        E: MS,
        a: { m: "FUNDING_FEE", B: [{ a: "USDT", wb: "5", cw: "5" }], P: [{ s: "BTCUSDT", pa: "-0.5", ep: "60000" }] },
      },
      { e: "listenKeyExpired", E: MS, listenKey: "abc" },
    ],
  },
  okx: {
    open: [
      {
        arg: { channel: "books", instId: "BTC-USDT-SWAP" },
        action: "snapshot",
        data: [
          {
            asks: [["8476.9", "4", "0", "1"]],
            bids: [["8476.8", "2", "0", "1"]],
            ts: "1597026383085",
            prevSeqId: -1,
            seqId: 10,
          },
        ],
      },
      okx("trades", [
        { instId: "BTC-USDT-SWAP", tradeId: "130639474", px: "42219.9", sz: "12", side: "buy", ts: "1630048897897" },
      ]),
      okx("candle1m", [["1597026383085", "8533.0", "8553.7", "8527.1", "8548.2", "45247", "529.5", "0", "1"]]),
      okx("funding-rate", [{ fundingRate: "0.0001", fundingTime: "1795248000000", instId: "BTC-USDT-SWAP" }]),
      { event: "subscribe", arg: { channel: "books", instId: "BTC-USDT-SWAP" } },
    ],
    own: ([order]) => [
      okx("orders", [
        { ...asRecord(order), tradeId: "1", fillSz: "0.02", execType: "M", fillFee: "0.0012", fillFeeCcy: "USDT" },
      ]),
      okx("orders", [{ ...asRecord(order), tradeId: "", state: "live" }]),
      okx("positions", [{ instId: "BTC-USDT-SWAP", pos: "-0.5" }]),
      { event: "login", code: "0", msg: "" },
    ],
  },
  bybit: {
    open: [
      {
        topic: "orderbook.50.BTCUSDT",
        type: "snapshot",
        ts: MS,
        data: { s: "BTCUSDT", b: [["16493.5", "0.6"]], a: [["16494.0", "1"]], u: 18_521_288, seq: 7 },
      },
      {
        topic: "publicTrade.BTCUSDT",
        ts: MS,
        data: [{ T: MS, s: "BTCUSDT", S: "Buy", v: "0.001", p: "16578.50", i: "20f43950-d8dd" }],
      },
      {
        topic: "kline.1.BTCUSDT",
        ts: MS,
        data: [
          { start: MS, end: MS, interval: "1", open: "1", close: "2", high: "2", low: "1", volume: "3", confirm: true },
        ],
      },
      {
        topic: "tickers.BTCUSDT",
        ts: MS,
        data: { symbol: "BTCUSDT", markPrice: "17217.33", fundingRate: "-0.0002", nextFundingTime: "1673280000000" },
      },
    ],
    own: ([order, execution]) => [
      { topic: "order", data: [{ ...asRecord(order), category: "linear" }] },
      { topic: "execution", data: [{ ...asRecord(execution), category: "linear" }] },
      { topic: "position", data: [{ category: "linear", symbol: "BTCUSDT", side: "Sell", size: "0.003" }] },
      { topic: "wallet", data: [] },
      { op: "auth", success: true },
    ],
  },
  gate: {
    open: [
      gate("order_book_update", { t: MS, s: "BTC_USDT", U: 101, u: 103, b: [{ p: "84000.1", s: 3 }], a: [] }),
      gate("trades", [
        { size: -108, id: 27_753_479, create_time_ms: 1_545_136_464_123, price: "96.4", contract: "BTC_USDT" },
      ]),
      gate("candlesticks", [
        { t: 1_545_129_300, v: 27_525_555, c: "95.4", h: "96.9", l: "89.5", o: "94.3", n: "1m_BTC_USDT", w: true },
      ]),
      gate("tickers", [{ contract: "BTC_USDT", mark_price: "118.35", funding_rate: "-0.000114" }]),
    ],
    own: ([, trade]) => [
      gate("orders", [gateOrder]),
      gate("usertrades", [{ ...asRecord(trade), id: "3335259", create_time_ms: 1_628_736_848_321 }]),
      gate("positions", [{ contract: "BTC_USDT", size: -5 }]),
      gate("balances", []),
      { channel: "futures.orders", event: "subscribe", error: null, result: { status: "success" } },
    ],
  },
  bitget: {
    open: [
      {
        ...asRecord(
          bitget("books", [{ asks: [["60001", "1"]], bids: [["60000", "2"]], seq: 5, pseq: 4, ts: "1695716059516" }]),
        ),
        action: "update",
      },
      bitget("trade", [{ ts: "1695716760565", price: "27000.5", size: "0.001", side: "buy", tradeId: "1111" }]),
      bitget("candle1m", [["1695685500000", "27000", "27000.5", "27000", "27000.5", "0.057", "1539.0"]]),
      bitget("ticker", [
        { instId: "BTCUSDT", markPrice: "27000", fundingRate: "0.0001", nextFundingTime: "1695722400000" },
      ]),
    ],
    own: () => [
      bitget(
        "orders",
        [
          {
            instId: "BTCUSDT",
            orderId: "1001",
            clientOid: "ob1",
            side: "buy",
            posMode: "one_way_mode",
            price: "59999",
            size: "0.005",
            accBaseVolume: "0.002",
            force: "post_only",
            orderType: "limit",
            status: "partially_filled",
            feeDetail: [],
            cTime: "1695719197612",
            uTime: "1695719197612",
          },
        ],
        "default",
      ),
      bitget("fill", [bitgetFill], "default"),
      bitget("positions", [{ instId: "BTCUSDT", holdSide: "long", total: "0.005" }], "default"),
      { event: "login", code: 0 },
    ],
  },
};

/** Bodies of lists and refusals, in each exchange's envelope. */
export const BODIES: Readonly<Record<Name, (records: Records) => Records>> = {
  binance: () => [
    [
      {
        orderId: 1,
        symbol: "BTCUSDT",
        clientOrderId: "ob1",
        price: "60000.0",
        origQty: "0.010",
        executedQty: "0",
        status: "NEW",
        side: "BUY",
        type: "LIMIT",
        time: MS,
        updateTime: MS,
      },
    ],
    {
      orderId: 1,
      symbol: "BTCUSDT",
      clientOrderId: "ob1",
      price: "60000.0",
      origQty: "0.010",
      executedQty: "0.004",
      status: "PARTIALLY_FILLED",
      side: "BUY",
      type: "LIMIT",
      time: MS,
      updateTime: MS,
    },
    [
      {
        symbol: "BTCUSDT",
        id: 91,
        orderId: 1,
        side: "BUY",
        price: "60000.0",
        qty: "0.004",
        realizedPnl: "0",
        commission: "0.012",
        commissionAsset: "USDT",
        time: MS,
        maker: true,
      },
    ],
    {
      totalWalletBalance: "100",
      totalMarginBalance: "101",
      availableBalance: "90",
      totalMaintMargin: "1",
      assets: [{ asset: "USDT", walletBalance: "100", marginBalance: "101", availableBalance: "90" }],
      positions: [],
    },
    [
      {
        symbol: "BTCUSDT",
        positionAmt: "-0.5",
        entryPrice: "60000",
        markPrice: "60000",
        positionSide: "BOTH",
        leverage: "5",
        liquidationPrice: "0",
      },
    ],
    [[MS, "1", "2", "1", "1.5", "3", MS + 59_999, "0", 1, "0", "0", "0"]],
    { code: -2013, msg: "Order does not exist." },
  ],
  okx: (records) => [
    { code: "0", msg: "", data: records },
    { code: "0", msg: "", data: [] },
    { code: "51603", msg: "Order does not exist", data: [] },
  ],
  bybit: (records) => [
    { retCode: 0, retMsg: "OK", result: { category: "linear", list: records, nextPageCursor: "" }, time: MS },
    { retCode: 110_001, retMsg: "order not exists or too late to cancel", result: {}, time: MS },
  ],
  gate: (records) => [records, records[0], { label: "ORDER_NOT_FOUND", message: "Order not found" }],
  bitget: (records) => [
    { code: "00000", msg: "success", requestTime: MS, data: { entrustedList: records, fillList: records, endId: "1" } },
    { code: "40109", msg: "The data of the order cannot be found", requestTime: MS, data: null },
  ],
};

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
