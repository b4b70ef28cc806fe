// gRPC messages and metadata: every generated decoder, the details of refusals, callers' metadata, and our readers of
// messages into events. What is decoded encodes again to what it decodes from.

import { isDeepStrictEqual } from "node:util";
import { Metadata } from "@grpc/grpc-js";
import type { TsProtoServiceDefinition } from "nice-grpc";
import { BINANCE_USDM_BTCUSDT } from "../../../src/data/rules.ts";
import { portAccount, portMargin, portPayment, portPosition } from "../../../src/exchange/wire/account-view.ts";
import { portBook, portCandle, ratePptOf } from "../../../src/exchange/wire/market-view.ts";
import { portFill, portOrder, wireFill, wireOrder } from "../../../src/exchange/wire/order-view.ts";
import { instrumentOf, symbolInfoOf } from "../../../src/exchange/wire/symbol-info.ts";
import { lots, money, ticks } from "../../../src/market/amounts.ts";
import type { Instrument } from "../../../src/market/instrument.ts";
import { requestIdOf } from "../../../src/rpc/doorkeeper.ts";
import { BotServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { PortfolioServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/portfolio.ts";
import { PositionServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import {
  Account,
  Book,
  Candle,
  Fill,
  FundingPayment,
  Order,
  Position,
  SymbolInfo,
} from "../../../src/rpc/generated/opensqt/market_maker/v1/resources.ts";
import { RiskServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { RpcRefusal } from "../../../src/rpc/refusal.ts";
import { fromWire, toWire } from "../../../src/rpc/refusal-wire.ts";
import { foreignOrderId } from "../../../src/trading/client-order-id.ts";
import { BrokenLaw, type FuzzTarget, nothingThrown, textOf } from "../target.ts";

const SERVICES = {
  bot: BotServiceDefinition,
  exchange: ExchangeServiceDefinition,
  portfolio: PortfolioServiceDefinition,
  position: PositionServiceDefinition,
  risk: RiskServiceDefinition,
} as const;

interface MessageType {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): { finish(): Uint8Array };
  fromPartial(partial: unknown): unknown;
}

const isType = (value: unknown): value is MessageType =>
  typeof value === "object" && value !== null && "decode" in value && "encode" in value && "fromPartial" in value;

function typesOf(service: TsProtoServiceDefinition): readonly MessageType[] {
  const types: unknown[] = Object.values(service.methods).flatMap(({ requestType, responseType }) => [
    requestType,
    responseType,
  ]);
  return [...new Set(types)].filter(isType);
}

/** The decoders of protobufjs say what is wrong as Error and RangeError: the server makes a refusal of either. */
const isWireError = (error: unknown): boolean =>
  error instanceof RangeError ||
  (error instanceof Error && !(error instanceof TypeError) && !(error instanceof ReferenceError));

/** First byte: which message type; the rest: its bytes. */
function generated(name: string, service: TsProtoServiceDefinition): FuzzTarget {
  const types = typesOf(service);
  const filled = types.map((type, at) =>
    Buffer.concat([Uint8Array.of(at), type.encode(type.fromPartial(FILLED)).finish()]),
  );
  return {
    name: `rpc-${name}`,
    corpus: filled,
    isTyped: isWireError,
    open: () => ({
      read: (bytes) => {
        const type = types[(bytes[0] ?? 0) % types.length];
        if (type === undefined) throw new BrokenLaw("a service without messages");
        const value = type.decode(bytes.subarray(1));
        const again = Buffer.from(type.encode(value).finish());
        const third = Buffer.from(type.encode(type.decode(again)).finish());
        if (!isDeepStrictEqual(type.decode(again), value))
          throw new BrokenLaw("what was encoded decodes to something else");
        if (!again.equals(third)) throw new BrokenLaw("what was decoded encodes otherwise the second time");
        return value;
      },
    }),
  };
}

/** Fields many messages have; a type takes those it knows. */
const FILLED = {
  exchange: "binance",
  symbol: "BTC/USDT:USDT",
  symbols: ["BTC/USDT:USDT"],
  botId: "grid",
  name: "grid",
  clientOrderId: "o1abc",
  price: { value: "60000.1" },
  quantity: { value: "0.010" },
  requestId: "r1",
  reason: "why",
  atMs: 1_700_000_000_000,
  epoch: 3,
  resumeToken: "t",
  pageSize: 10,
};

const INSTRUMENT: Instrument = BINANCE_USDM_BTCUSDT;
const AT_MS = 1_700_000_000_000;

const ORDER = wireOrder(
  {
    kind: "order",
    symbol: INSTRUMENT.symbol,
    clientOrderId: foreignOrderId("o1abc"),
    exchangeOrderId: "1",
    side: "buy",
    price: ticks(600_001),
    quantity: lots(10),
    status: "open",
    cumulative: lots(0),
    reason: null,
    source: "stream",
  },
  INSTRUMENT,
  null,
);
const FILL = wireFill(
  {
    kind: "fill",
    symbol: INSTRUMENT.symbol,
    tradeId: "7",
    clientOrderId: foreignOrderId("o1abc"),
    exchangeOrderId: "1",
    side: "sell",
    price: ticks(600_001),
    quantity: lots(10),
    feeAsset: "USDT",
    fee: money(12n * 10n ** 16n),
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: AT_MS,
  },
  INSTRUMENT,
  "grid",
);

/** A reader of one message: JSON of the message in, an event or null out. */
function reader<T>(
  name: string,
  type: {
    fromJSON(object: unknown): T;
    toJSON(message: T): unknown;
    encode(message: T): { finish(): Uint8Array };
    decode(bytes: Uint8Array): T;
  },
  example: T,
  read: (message: T) => unknown,
): FuzzTarget {
  return {
    name: `read-${name}`,
    corpus: [JSON.stringify(type.toJSON(example))],
    isTyped: (error) => error instanceof RpcRefusal,
    open: () => ({
      read: (bytes) => {
        let message: T;
        try {
          message = type.decode(type.encode(type.fromJSON(JSON.parse(textOf(bytes)))).finish());
        } catch {
          return null; // no such message can come over the wire
        }
        return read(message);
      },
    }),
  };
}

const d = (value: string): { readonly value: string } => ({ value });

const READERS: readonly FuzzTarget[] = [
  reader("order", Order, ORDER, (order) => portOrder(order, INSTRUMENT, "stream")),
  reader("fill", Fill, FILL, (fill) => portFill(fill, INSTRUMENT)),
  reader(
    "book",
    Book,
    Book.fromPartial({
      symbol: INSTRUMENT.symbol,
      bids: [{ price: d("60000.0"), quantity: d("0.5") }],
      asks: [{ price: d("60000.1"), quantity: d("1") }],
    }),
    (book) => portBook(book, INSTRUMENT, 0),
  ),
  reader(
    "candle",
    Candle,
    Candle.fromPartial({
      symbol: INSTRUMENT.symbol,
      interval: "1m",
      openTimeMs: AT_MS,
      open: d("1"),
      high: d("2"),
      low: d("1"),
      close: d("1.5"),
      volume: d("3"),
      isClosed: true,
    }),
    (candle) => portCandle(candle, INSTRUMENT),
  ),
  reader(
    "account",
    Account,
    Account.fromPartial({
      exchange: "binance",
      quoteAsset: "USDT",
      totalWalletBalance: d("5"),
      totalMarginBalance: d("6"),
      availableBalance: d("4"),
    }),
    (account) => [portAccount(account, INSTRUMENT), portMargin(account, INSTRUMENT)],
  ),
  reader(
    "position",
    Position,
    Position.fromPartial({ symbol: INSTRUMENT.symbol, size: d("-0.5"), entryPrice: d("60000") }),
    (position) => portPosition(position, INSTRUMENT),
  ),
  reader(
    "payment",
    FundingPayment,
    FundingPayment.fromPartial({
      id: "1",
      symbol: INSTRUMENT.symbol,
      amount: d("-0.1"),
      rate: d("0.0001"),
      atMs: AT_MS,
    }),
    (payment) => [portPayment(payment, INSTRUMENT), ratePptOf(payment.rate)],
  ),
  reader("symbol", SymbolInfo, symbolInfoOf(INSTRUMENT, AT_MS), (info) => instrumentOf(info)),
];

const DETAILS = "grpc-status-details-bin";

const refusalBytes = (): Uint8Array => {
  const refusal = new RpcRefusal({
    status: "INVALID_ARGUMENT",
    reason: "INVALID",
    message: "price is off the grid",
    outcome: "not_sent",
    violations: [{ field: "price", description: "must be a multiple of 0.1" }],
    retryAfterMs: 1500,
  });
  const [bytes] = toWire(refusal).metadata.get(DETAILS);
  if (!(bytes instanceof Uint8Array)) throw new Error("a refusal has no details");
  return bytes;
};

const METADATA: readonly FuzzTarget[] = [
  {
    name: "rpc-refusal",
    corpus: [refusalBytes()],
    isTyped: nothingThrown,
    open: () => ({
      read: (bytes) => {
        const metadata = new Metadata();
        metadata.set(DETAILS, Buffer.from(bytes));
        const { status, reason, outcome, retryAfterMs, violations } = fromWire({ code: 3, details: "", metadata });
        return { status, reason, outcome, retryAfterMs, violations };
      },
    }),
  },
  {
    name: "rpc-metadata",
    corpus: ["request-1", "01890b2e-6b6a-7d2c-8b8a-2f0f6c1d9e11"],
    isTyped: nothingThrown,
    open: () => ({
      read: (bytes) => {
        const metadata = new Metadata();
        try {
          metadata.set("x-request-id", textOf(bytes));
        } catch {
          return null; // HTTP/2 carries no such header
        }
        const id = requestIdOf(metadata);
        if (id === "" || id.length > 200) throw new BrokenLaw(`a request is called "${id.slice(0, 40)}"`);
        return null;
      },
    }),
  },
];

export const RPC: readonly FuzzTarget[] = [
  ...Object.entries(SERVICES).map(([name, service]) => generated(name, service)),
  ...READERS,
  ...METADATA,
];
