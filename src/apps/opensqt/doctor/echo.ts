// `doctor --active`: one smallest post-only order far below the market, seen on the stream of own orders and
// cancelled. The only thing the doctor does to an account, and only when it is asked to.

import { randomBytes } from "node:crypto";
import { floorDiv } from "../../../base/integer.ts";
import { lots, type Ticks, ticks } from "../../../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument, parsePrice } from "../../../market/instrument.ts";
import { openRpcClient, type RpcClientOf } from "../../../rpc/client.ts";
import { readDecimal, toDecimal } from "../../../rpc/decimal.ts";
import { ExchangeServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import {
  OrderSide,
  OrderStatus,
  OrderType,
  StreamKind,
  TimeInForce,
} from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { type Check, type Finding, fine, type Patient, skipped, stop } from "./check.ts";

const TIMEOUT_MS = 20_000;
/** Ids of the doctor begin with it: nobody takes them for a bot's. */
const TAG = "doctor";
/** How far below the price: 15 %. */
const FAR_PCT = 85;

export const ECHO_CHECK: Check = { area: "streams", name: "echo", timeoutMs: TIMEOUT_MS, run: echo };

type Exchange = RpcClientOf<typeof ExchangeServiceDefinition>;

async function echo({ active, running, simulated }: Patient): Promise<readonly Finding[]> {
  if (!active) return [skipped("only with --active: it places a far order and cancels it")];
  if (running === null) return [skipped("nothing runs here; start it with opensqt up and ask again")];
  const instrument = simulated?.instruments[0]?.instrument;
  if (instrument === undefined) return [skipped("this process has no instruments")];
  const rpc = openRpcClient({ address: running.connector.grpc, key: running.operatorKey, tls: null });
  try {
    return [await echoOf(rpc.client(ExchangeServiceDefinition), instrument)];
  } finally {
    rpc.close();
  }
}

async function echoOf(exchange: Exchange, instrument: Instrument): Promise<Finding> {
  const { symbol } = instrument;
  const clientOrderId = `${TAG}${randomBytes(8).toString("hex")}`;
  const seen = new Set<OrderStatus>();
  const abort = AbortSignal.timeout(TIMEOUT_MS - 2000);
  const startMs = performance.now();
  try {
    for await (const { meta, update } of exchange.subscribeOrders({ symbols: [symbol], tag: TAG }, { signal: abort })) {
      if (meta?.kind === StreamKind.SNAPSHOT_END) await place(exchange, instrument, clientOrderId);
      if (update?.order?.clientOrderId !== clientOrderId) continue;
      const { status } = update.order;
      if (status === OrderStatus.NEW && !seen.has(status)) await exchange.cancelOrder({ symbol, clientOrderId });
      seen.add(status);
      if (status === OrderStatus.CANCELED) break;
      if (status === OrderStatus.REJECTED) return stop(`${symbol}: the exchange rejected it: ${update.cause}`, ADVICE);
    }
  } finally {
    // whatever went wrong, nothing of the doctor's stays on the exchange
    if (!seen.has(OrderStatus.CANCELED)) await exchange.cancelOrder({ symbol, clientOrderId }).catch(() => undefined);
  }
  const tookMs = Math.round(performance.now() - startMs);
  if (!seen.has(OrderStatus.NEW)) return stop(`${symbol}: the order never came back on the stream`, ADVICE);
  return fine(`${symbol}: a far order came back on the stream of own orders and was cancelled, ${tookMs} ms in all`);
}

const ADVICE = "see the connector's log, and cancel what is left: opensqt orders";

async function place(exchange: Exchange, instrument: Instrument, clientOrderId: string): Promise<void> {
  const { book } = await exchange.getBook({ symbol: instrument.symbol, depth: 1 });
  const text = readDecimal(book?.bids[0]?.price);
  const now = text.ok && text.value !== null ? parsePrice(instrument, text.value, "nearest") : null;
  if (now === null || !now.ok) throw new Error(`the connector has no book of ${instrument.symbol}`);
  const far = ticks(Math.max(1, floorDiv(now.value * FAR_PCT, 100)));
  const { outcome } = await exchange.placeOrder({
    symbol: instrument.symbol,
    side: OrderSide.BUY,
    type: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantity: toDecimal(leastQuantity(instrument, far)),
    price: toDecimal(formatPrice(instrument, far)),
    postOnly: true,
    clientOrderId,
    botId: TAG,
  });
  if (outcome?.error !== undefined) throw new Error(`the order was refused: ${outcome.error.reason}`);
}

/** Smallest quantity whose value the exchange takes at this price. */
function leastQuantity(instrument: Instrument, price: Ticks): string {
  const forValue = Math.ceil(instrument.minNotional / price);
  return formatQuantity(instrument, lots(Math.max(instrument.minLots, forValue)));
}
