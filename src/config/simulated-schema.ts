// The sections `simulated` and `backtest` as zod schemas: the simulated exchange, its markets and how orders fill
// there.

import { z } from "zod";
import { SYMBOL } from "./instruments.ts";
import {
  choice,
  decimal,
  list,
  optionalDecimal,
  optionalText,
  optionalWhole,
  requiredText,
  text,
  whole,
} from "./key.ts";

const FEE_PPM = { min: -10_000, max: 10_000, unit: "millionths of the notional" } as const;
export const PATH = { pattern: /^[^\0]{1,1000}$/, range: "a path" } as const;
const MS = "\\d{1,6}(\\.\\d{1,3})?";
const LATENCY = new RegExp(`^(zero|(constant|recorded):${MS},${MS},${MS})$`);
const TIME_ZONE = /^(UTC|[+-]\d{2}:\d{2})$/;
const QUEUE = /^(front|back|log|power:([1-9]|10))$/;

const fillModel = () =>
  z
    .strictObject({
      level: choice(
        "auto",
        ["auto", "L0", "L1", "L2"],
        "fidelity: candles, best quotes, full depth; auto is what the data can tell",
      ),
      path: choice(
        "nearest",
        ["nearest", "olhc", "ohlc", "both"],
        "L0: way of the price through a candle; both runs two and shows the band",
      ),
      rule: choice(
        "through",
        ["through", "touch"],
        "L0: a resting order fills when the price goes beyond it, or touches it",
      ),
      volumeShareMax: decimal("0.1", {
        min: "0",
        max: "1",
        meaning: "L0: our largest share of a candle's volume; 0 is no limit",
      }),
      queue: text("back", {
        pattern: QUEUE,
        range: "front, back, log, power:1–10",
        meaning: "L1, L2: our place in the queue",
      }),
    })
    .prefault({});

const fees = () =>
  z
    .strictObject({
      makerPpm: optionalWhole({ ...FEE_PPM, meaning: "maker fee; the instrument's own unless given" }),
      takerPpm: optionalWhole({ ...FEE_PPM, meaning: "taker fee; the instrument's own unless given" }),
    })
    .prefault({});

const latency = () =>
  text("constant:5,10,10", {
    pattern: LATENCY,
    range: "zero, constant:FEED,ENTRY,RESPONSE or recorded:FLOOR,ENTRY,RESPONSE in ms",
    meaning: "delay of market data, of requests and of replies",
  });

const seed = () => whole(1, { min: 0, max: Number.MAX_SAFE_INTEGER, meaning: "equal seeds give equal runs" });

const rules = {
  tickSize: optionalDecimal({ min: "0", above: true, unit: "quote", meaning: "smallest price step" }),
  lotSize: optionalDecimal({ min: "0", above: true, unit: "base", meaning: "smallest quantity step" }),
  minQuantity: optionalDecimal({
    min: "0",
    above: true,
    unit: "base",
    meaning: "smallest order; one lot unless given",
  }),
  maxQuantity: optionalDecimal({ min: "0", above: true, unit: "base", meaning: "largest order" }),
  minNotional: optionalDecimal({ min: "0", unit: "quote", meaning: "smallest value of an order" }),
  makerPpm: optionalWhole({ ...FEE_PPM, meaning: "maker fee" }),
  takerPpm: optionalWhole({ ...FEE_PPM, meaning: "taker fee" }),
  openOrdersMax: optionalWhole({ min: 1, max: 10_000, unit: "orders", meaning: "open orders the exchange allows" }),
  leverage: optionalWhole({ min: 1, max: 125, unit: "times", meaning: "leverage set on the exchange; 1 on spot" }),
  maintenancePpm: optionalWhole({ min: 0, max: 500_000, unit: "millionths", meaning: "maintenance margin rate" }),
};

/** Addresses in place of an exchange's own hosts. */
export const endpoints = () =>
  z
    .strictObject({
      rest: requiredText({
        pattern: /^https?:\/\/\S{1,200}$/,
        range: "http://HOST:PORT",
        meaning: "where its REST listens",
      }),
      websocket: requiredText({
        pattern: /^wss?:\/\/\S{1,200}$/,
        range: "ws://HOST:PORT",
        meaning: "where its WebSockets listen",
      }),
    })
    .optional();

const instrument = () => z.strictObject(rules).prefault({});

const instruments = () =>
  list(
    z.strictObject({
      symbol: requiredText({
        pattern: SYMBOL,
        range: "BASE/QUOTE (spot) or BASE/QUOTE:QUOTE (perpetual)",
        meaning: "what is traded there",
      }),
      ...rules,
      data: optionalText({ ...PATH, meaning: "its recorded market: frames, candles or trades" }),
      startPrice: optionalDecimal({
        min: "0",
        above: true,
        unit: "quote",
        meaning: "where its synthetic market begins",
      }),
    }),
    { min: 0, max: 100, meaning: "instruments of the exchange, each with what differs from its usual rules" },
  );

/** The section of `opensqt up`: `instrument` is for the one instrument of one bot. */
export const simulated = z
  .strictObject({
    market: choice("synthetic", ["synthetic", "recorded", "live"], "a seeded market, a recorded or a followed one"),
    follow: optionalText({
      pattern: /^[a-z0-9]{2,40}$/,
      range: "binance, okx, bybit, gate, bitget, or another name of ccxt's list",
      meaning: "with market live: the exchange whose public market is followed; no order goes there",
    }),
    endpoints: endpoints(),
    data: optionalText({ ...PATH, meaning: "the recorded market: frames, candles or trades" }),
    speed: whole(1, {
      min: 0,
      max: 1_000_000,
      unit: "times",
      meaning: "seconds of the market in one second; 0 as fast as it can",
    }),
    seed: seed(),
    startPrice: optionalDecimal({ min: "0", above: true, unit: "quote", meaning: "where the synthetic market begins" }),
    balance: decimal("10000", { min: "0", unit: "quote", meaning: "quote the account opens with" }),
    baseBalance: decimal("0", { min: "0", unit: "base", meaning: "base the account opens with, on spot" }),
    margin: choice("cross", ["cross", "isolated"], "how a position is margined"),
    latency: latency(),
    fillModel: fillModel(),
    fees: fees(),
    instrument: instrument(),
    instruments: instruments(),
  })
  .prefault({});

/** The section of one process: instruments stand in the list. */
export const simulatedExchange = z.strictObject(simulated.unwrap().omit({ instrument: true }).shape).prefault({});

export const backtest = z
  .strictObject({
    data: optionalText({ ...PATH, meaning: "the recorded market to run over" }),
    fillModel: fillModel(),
    latency: latency(),
    fees: fees(),
    funding: optionalText({ ...PATH, meaning: "funding rates, CSV" }),
    fundingTimeZone: text("UTC", {
      pattern: TIME_ZONE,
      range: "UTC or an offset such as +03:00",
      meaning: "zone the dates of the funding file are written in",
    }),
    seed: seed(),
    report: text("./runs", { ...PATH, meaning: "folder the report is written into" }),
  })
  .prefault({});
