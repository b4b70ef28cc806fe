// Random events of every kind, and what they are made of, for the laws of the codec and the chain.

import fc from "fast-check";
import type { Instrument } from "../../src/market/instrument.ts";
import type { Command } from "../../src/trading/command.ts";
import type { BotConfigData, EngineEvent, EventKind, Level, StartFacts } from "../../src/trading/event.ts";
import { ACCOUNT_EVENTS } from "./account.ts";
import { amount, atMs, clientOrderIds, flag, lot, milli, natural, plain, side, text, tick, whole } from "./values.ts";

const level = fc.tuple(tick, lot).map((pair): Level => pair);
const levels = fc.array(level, { maxLength: 5 });
const reason = fc.constantFrom("POST_ONLY_WOULD_TAKE", "INSUFFICIENT_FUNDS", "OFF_GRID", "OTHER", null);
const leg = fc.constantFrom("L", "S");
const stopPolicy = fc.constantFrom("all", "opening", "none");

const canonical = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    whole,
    text,
    flag,
    amount,
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z0-9]{1,6}$/), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc
      .uniqueArray(fc.tuple(text, tie("value")), { maxLength: 3, selector: ([key]) => key })
      .map((list) => new Map(list)),
  ),
})).value;

const config: fc.Arbitrary<BotConfigData> = plain({
  strategy: text,
  strategyConfig: canonical,
  risk: canonical,
  cancelOnExit: stopPolicy,
});

/** Half of them know all there is to know of the key. */
const withKeyRights = (model: Parameters<typeof plain<Omit<StartFacts, "keyRights">>>[0]): fc.Arbitrary<StartFacts> =>
  fc
    .tuple(
      plain(model),
      fc.constantFrom(undefined, "unread" as const, "read-only" as const, "withdraw-allowed" as const),
    )
    .map(([facts, keyRights]) => (keyRights === undefined ? facts : { ...facts, keyRights }));

const instrument: fc.Arbitrary<Instrument> = plain({
  exchange: text,
  symbol: text,
  kind: fc.constantFrom("spot", "perpetual"),
  base: text,
  quote: text,
  tickSize: fc.constantFrom("0.01", "1", "0.00001"),
  lotSize: fc.constantFrom("0.001", "1"),
  minLots: lot,
  maxLots: lot,
  minNotional: whole,
  minNotionalOnReduceOnly: flag,
  makerPpm: whole,
  takerPpm: whole,
  feeIn: fc.constantFrom("quote", "received"),
  status: fc.constantFrom("trading", "cancel-only", "halted", "delisting"),
  openOrdersMax: natural,
  fundingIntervalMs: natural,
  leverage: natural,
  maintenancePpm: natural,
  inverse: flag,
});

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom<Command>(
    { name: "start" },
    { name: "resume" },
    { name: "flatten" },
    { name: "killReset" },
    { name: "reconcileAccept" },
  ),
  plain({ name: fc.constant("pause"), cancelEntries: flag, leg: fc.constantFrom("L", "S", "both") }),
  plain({ name: fc.constant("stop"), cancelOnExit: fc.option(stopPolicy) }),
  plain({ name: fc.constant("adopt"), lots: lot, average: fc.option(milli) }),
  plain({ name: fc.constant("writeOff"), lots: lot, leg }),
  plain({ name: fc.constant("reanchor"), price: tick }),
  plain({ name: fc.constant("relattice"), config }),
  plain({ name: fc.constant("update"), config }),
  plain({ name: fc.constant("breakerOpen"), action: fc.constantFrom("P", "O", "A", "F") }),
  plain({ name: fc.constant("breakerClose"), breaker: fc.constantFrom("manual", "divergence"), force: flag }),
  plain({
    name: fc.constant("limits"),
    wanted: plain({
      positionQuantityMax: fc.option(lot),
      positionNotionalMax: fc.option(amount),
      orderQuantityMax: fc.option(lot),
      leverageMaxMilli: fc.option(natural),
    }),
  }),
  plain({ name: fc.constant("clearGate"), gate: text }),
  plain({ name: fc.constant("kill"), flatten: flag }),
);

type EventOf<K extends EventKind> = Extract<EngineEvent, { readonly kind: K }>;

/** One arbitrary a kind: a new kind fails the compile. */
const SETTLED = ["kind", "atMs", "symbol", "settledAtMs", "ratePpt", "mark", "positionLots", "amount"] as const;

export const EVENTS: { readonly [K in EventKind]: fc.Arbitrary<EventOf<K>> } = {
  "run-started": plain({
    kind: fc.constant("run-started"),
    atMs,
    epoch: natural,
    lineage: natural,
    host: text,
    release: text,
    coreHash: text,
    configHash: text,
    clockOffsetMs: whole,
  }),
  configured: plain({
    kind: fc.constant("configured"),
    atMs,
    revision: natural,
    hash: text,
    by: text,
    instrument,
    config,
  }),
  "start-facts": withKeyRights({
    kind: fc.constant("start-facts" as const),
    atMs,
    positionLots: lot,
    positionEntry: fc.option(milli),
    quoteAvailable: amount,
    equity: amount,
    maintenanceMargin: amount,
    leverage: natural,
    oneWayMode: flag,
    foreignOrders: natural,
    clockOffsetMs: whole,
    clockErrorMs: natural,
    keyMayWithdraw: flag,
  }),
  book: plain({
    kind: fc.constant("book"),
    atMs,
    symbol: text,
    bids: levels,
    asks: levels,
    exchangeAtMs: natural,
    replaced: natural,
  }),
  trades: plain({
    kind: fc.constant("trades"),
    atMs,
    symbol: text,
    count: natural,
    volume: lot,
    last: tick,
    high: tick,
    low: tick,
  }),
  candle: plain({
    kind: fc.constant("candle"),
    atMs,
    symbol: text,
    interval: fc.constantFrom("1m", "3m", "5m", "15m", "1h"),
    openAtMs: natural,
    open: tick,
    high: tick,
    low: tick,
    close: tick,
    volume: lot,
    closed: flag,
  }),
  mark: plain({ kind: fc.constant("mark"), atMs, symbol: text, mark: milli }),
  "funding-rate": plain({
    kind: fc.constant("funding-rate"),
    atMs,
    symbol: text,
    ratePpt: whole,
    nextAtMs: natural,
  }),
  "funding-settled": fc.record(
    {
      kind: fc.constant("funding-settled"),
      atMs,
      symbol: text,
      settledAtMs: natural,
      ratePpt: whole,
      mark: milli,
      positionLots: lot,
      amount,
      asset: text,
    },
    { requiredKeys: [...SETTLED], noNullPrototype: true },
  ),
  order: plain({
    kind: fc.constant("order"),
    atMs,
    symbol: text,
    clientOrderId: clientOrderIds,
    exchangeOrderId: text,
    side,
    price: tick,
    quantity: lot,
    status: fc.constantFrom("open", "filled", "canceled", "expired"),
    cumulative: lot,
    reason,
    source: fc.constantFrom("stream", "lookup", "open-orders"),
  }),
  fill: plain({
    kind: fc.constant("fill"),
    atMs,
    symbol: text,
    tradeId: text,
    clientOrderId: fc.option(clientOrderIds),
    exchangeOrderId: text,
    side,
    price: tick,
    quantity: lot,
    feeAsset: text,
    fee: amount,
    liquidity: fc.constantFrom("maker", "taker"),
    origin: fc.constantFrom("order", "liquidation", "adl", "manual"),
    exchangeAtMs: natural,
  }),
  account: plain({
    kind: fc.constant("account"),
    atMs,
    equity: amount,
    quoteAvailable: amount,
    maintenanceMargin: amount,
  }),
  position: plain({
    kind: fc.constant("position"),
    atMs,
    symbol: text,
    lots: lot,
    askedAtSeq: natural,
    liquidation: fc.option(milli),
  }),
  outcome: plain({
    kind: fc.constant("outcome"),
    atMs,
    of: fc.constantFrom("place", "cancel"),
    clientOrderId: clientOrderIds,
    result: fc.constantFrom("accepted", "rejected", "unknown", "not-sent", "not-open"),
    exchangeOrderId: fc.option(text),
    reason,
    text,
    tookMs: natural,
    tries: natural,
  }),
  "exchange-state": plain({
    kind: fc.constant("exchange-state"),
    atMs,
    symbol: text,
    askedAtSeq: natural,
    positionLots: lot,
    liquidation: milli,
    openOrders: fc.array(
      plain({
        clientOrderId: clientOrderIds,
        exchangeOrderId: text,
        side,
        price: tick,
        quantity: lot,
        cumulative: lot,
      }),
      { maxLength: 4 },
    ),
  }),
  absent: plain({
    kind: fc.constant("absent"),
    atMs,
    clientOrderId: clientOrderIds,
    note: fc.constantFrom("not-found", "forgotten"),
  }),
  timer: plain({ kind: fc.constant("timer"), atMs, name: text, missed: natural }),
  command: plain({ kind: fc.constant("command"), atMs, command, by: text, reason: text }),
  feed: plain({
    kind: fc.constant("feed"),
    atMs,
    feed: fc.constantFrom("book", "orders", "candles", "account", "funding"),
    state: fc.constantFrom("stale", "fresh"),
  }),
  instrument: plain({ kind: fc.constant("instrument"), atMs, instrument }),
  recovered: plain({ kind: fc.constant("recovered"), atMs }),
  "stop-requested": plain({ kind: fc.constant("stop-requested"), atMs, by: text }),
  "host-condition": plain({
    kind: fc.constant("host-condition"),
    atMs,
    condition: fc.constantFrom("overload", "disk", "clock", "slow-steps", "journal-growth"),
    active: flag,
    text,
  }),
  ...ACCOUNT_EVENTS,
};

export const anyEvent: fc.Arbitrary<EngineEvent> = fc.oneof(...Object.values(EVENTS));
