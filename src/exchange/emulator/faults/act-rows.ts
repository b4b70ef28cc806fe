// Faults that are deeds: done once at a time, or when enough matching requests have passed. They change the sockets,
// the protocols' own memory, or the world.

import { actFault, type CatalogueRow, flag, type ParameterRule, whole } from "./row.ts";

const decimal = (means: string, unless?: string): ParameterRule =>
  unless === undefined ? { is: "decimal", means } : { is: "decimal", means, unless };
const lots = whole("lots", { min: 1, max: 1_000_000_000, unless: 1 });

export const ACT_ROWS = {
  closeStorm: actFault({
    parameters: {
      count: whole("rounds of closing", { min: 1, max: 1_000, unless: 3 }),
      everyMs: whole("time between rounds", { min: 1, unless: 500 }),
      codes: {
        is: "wholes",
        min: 0,
        max: 4_999,
        unless: [1006],
        means: "close codes in turn; 1006 cuts without a word, 0 leaves the socket half-open",
      },
      refusedDials: whole("dials refused from the first round on", { max: 10_000, unless: 0 }),
    },
    wire: "sockets are closed again and again, dials are refused, sockets stay half-open",
    correct: "back-off, no dial flood, nothing lost",
    naive: "dials without pause, and loses what happened in between",
  }),
  maintenance: actFault({
    parameters: {
      noticeMs: whole("time between the announcement and the first refusal", { unless: 0 }),
      seconds: whole("how long it lasts", { min: 1, max: 86_400, unless: 60 }),
      cancelOnly: flag("cancels are still served"),
      cancelOrders: flag("the exchange cancels every open order"),
    },
    wire: "a shutdown notice where the exchange has one, then its refusal for every request and dial, sockets closed",
    correct: "stops, waits, full reconciliation",
    naive: "believes its orders rest although they were cancelled, or drops them although they rest",
  }),
  listenKeyExpiry: actFault({
    parameters: { announced: flag("listenKeyExpired is sent", true) },
    wire: "the listen keys end before their time; then silence, and renewing is refused",
    correct: "new key and socket at once, gap recovered",
    naive: "renews the dead key and hears nothing: lost fills",
  }),
  loginLost: actFault({
    onlyOn: ["okx", "bybit", "gate", "bitget"],
    wire: "the private login is dropped, the socket stays (OKX, Bybit, Gate, Bitget)",
    correct: "logs in again, gap recovered",
    naive: "hears nothing: lost fills",
  }),
  clockSkew: actFault({
    parameters: {
      ms: whole("added to the exchange's time", { min: -3_600_000, max: 3_600_000, unless: 10_000 }),
      driftPerMinMs: whole("added each minute", { min: -60_000, max: 60_000, unless: 0 }),
    },
    wire: "the exchange's time runs apart; signed requests are refused for their timestamp",
    correct: "measures, corrects REST and logins, goes on",
    naive: "every order is refused, and it goes on as if they rested",
  }),
  serviceRestart: actFault({
    onlyOn: ["okx", "bybit", "gate", "bitget"],
    wire: "histories in memory are empty, sequence numbers start again",
    correct: "falls back to history, rebuilds",
    naive: "takes what is not found for what never was",
  }),
  filterChange: actFault({
    needs: ["instrument"],
    parameters: {
      tickSize: { is: "decimal", unless: null, means: "new tick" },
      lotSize: { is: "decimal", unless: null, means: "new lot" },
      minNotional: { is: "decimal", unless: null, means: "new least notional, in quote" },
    },
    wire: "the instrument's rules change while orders rest; later orders are judged by the new ones",
    correct: "refreshes, re-quotes on the grid",
    naive: "every order is refused, and it goes on as if they rested",
  }),
  halt: actFault({
    needs: ["instrument"],
    parameters: {
      seconds: whole("how long it lasts", { min: 1, max: 86_400, unless: 60 }),
      cancelOnly: flag("cancels are still served", true),
    },
    wire: "the instrument's status changes, places are refused",
    correct: "cancels still work, one alert",
    naive: "believes that its orders rest",
  }),
  fundingSettle: actFault({
    needs: ["instrument"],
    parameters: {
      rate: decimal("rate of the settlement", "0.0001"),
      lateMs: whole("the account hears of it this much later", { unless: 0 }),
      intervalH: whole("new interval in hours", { min: 1, max: 24, unless: null }),
    },
    wire: "a payment and its account event, late on wish; the interval may change",
    correct: "one ledger entry, new interval used",
    naive: "its balance is wrong by the payment",
  }),
  liquidate: actFault({
    needs: ["account", "instrument"],
    parameters: {
      partPpm: whole("part of the position, millionths", { min: 1, max: 1_000_000, unless: 1_000_000 }),
    },
    wire: "an autoclose order and its fills, position and balance change",
    correct: "fills of foreign origin, bot stops, money ties",
    naive: "knows only its own orders: wrong position",
  }),
  adl: actFault({
    needs: ["account", "instrument"],
    parameters: { lots },
    wire: "an adl_autoclose fill against the winning position",
    correct: "hedge leg rebalanced",
    naive: "knows only its own orders: wrong position",
  }),
  balanceDrift: actFault({
    needs: ["account"],
    parameters: {
      asset: { is: "text", unless: "USDT", means: "asset" },
      amount: decimal("what comes in; negative: goes out"),
    },
    wire: "a deposit, transfer or rebate from outside",
    correct: "posted as transfer, not as profit",
    naive: "its balance is wrong by the amount",
  }),
  foreignOrder: actFault({
    needs: ["account", "instrument"],
    parameters: {
      side: { is: "choice", among: ["buy", "sell"], unless: "buy", means: "side" },
      lots,
      price: { is: "decimal", unless: null, means: "price; where not given it takes what is there" },
    },
    wire: "an order the client did not send appears, and trades",
    correct: "shown, never cancelled",
    naive: "knows only its own orders: wrong position",
  }),
} as const satisfies Readonly<Record<string, CatalogueRow>>;
