// The calls that change something on the exchange: placing, cancelling, sweeping, the dead-man timer.

import type { CallContext } from "nice-grpc-common";
import { timeLeft } from "../../rpc/call.ts";
import { requireBot, requireRole } from "../../rpc/caller.ts";
import { optionalBotId, requiredClientOrderId, requiredText } from "../../rpc/fields.ts";
import type { OrderOutcome } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import type {
  ArmDeadManRequest,
  ArmDeadManResponse,
  BatchCancelOrdersRequest,
  BatchPlaceOrdersRequest,
  BatchPlaceOrdersResponse,
  CancelAllOrdersRequest,
  CancelOrderRequest,
  CancelOrderResponse,
  EmergencyCancelRequest,
  PlaceOrderRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { invalidField, refusalOf } from "../../rpc/refusal.ts";
import { errorInfoOf } from "../../rpc/refusal-wire.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import { ofTag, readIds, readTag, type Sweep } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";
import { isTtl, TTL_WORDS } from "./dead-man.ts";
import { noMargin } from "./order-form.ts";
import { checkExchange, type Part, type ServiceParts } from "./service-parts.ts";

/** Elements of a batch (API section 4). */
const BATCH_MAX = 50;
/** A sweep leaves its caller time to hear how it ended. */
const SWEEP_MS_MAX = 55_000;
export function orderCalls(
  parts: ServiceParts,
): Part<
  | "placeOrder"
  | "batchPlaceOrders"
  | "cancelOrder"
  | "batchCancelOrders"
  | "cancelAllOrders"
  | "emergencyCancel"
  | "armDeadMan"
> {
  const { core } = parts;
  return {
    placeOrder: async (request, context) => {
      const { order, duplicate } = await placeOne(parts, request, { context, at: "" });
      return { outcome: { clientOrderId: request.clientOrderId, order, duplicate, error: undefined } };
    },
    batchPlaceOrders: (request, context) => placeBatch(parts, request, context),
    cancelOrder: (request, context) => cancelOne(parts, request, context),
    batchCancelOrders: async (request, context) => {
      checkExchange(core, request);
      return { results: await cancelBatch(parts, request, context) };
    },
    cancelAllOrders: async (request, context) => sweptOf(await cancelAll(parts, request, context)),
    emergencyCancel: async (request, context) => sweptOf(await emergency(parts, request, context)),
    armDeadMan: async (request, context) => armDeadMan(parts, request, context),
  };
}

async function placeOne(
  { core, orders, owners }: ServiceParts,
  request: PlaceOrderRequest,
  { context, at }: { readonly context: CallContext; readonly at: string },
) {
  checkExchange(core, request, at);
  const form = orders.read(request, (botId) => requireBot(context, botId), at);
  const placed = await orders.place(form);
  owners.placed(form.id, form.botId);
  return placed;
}

async function placeBatch(
  parts: ServiceParts,
  request: BatchPlaceOrdersRequest,
  context: CallContext,
): Promise<BatchPlaceOrdersResponse> {
  checkExchange(parts.core, request);
  if (request.orders.length > BATCH_MAX) {
    throw invalidField("orders", `has ${request.orders.length} orders, at most ${BATCH_MAX}`);
  }
  const outcomes = await Promise.all(
    request.orders.map(async (each, i): Promise<OrderOutcome> => {
      const { clientOrderId } = each;
      try {
        const placed = await placeOne(parts, each, { context, at: `orders[${i}].` });
        return { clientOrderId, ...placed, error: undefined };
      } catch (error) {
        return { clientOrderId, order: undefined, duplicate: false, error: errorInfoOf(refusalOf(error)) };
      }
    }),
  );
  return { outcomes, allSuccess: outcomes.every(({ error }) => error === undefined) };
}

async function cancelOne(
  { core, cancels, owners, reads }: ServiceParts,
  request: CancelOrderRequest,
  context: CallContext,
): Promise<CancelOrderResponse> {
  checkExchange(core, request);
  if (request.useMargin) throw noMargin();
  const { symbol } = core.instruments.named(request.symbol);
  if (request.orderId !== "" && request.clientOrderId !== "") {
    throw invalidField("order_id", "is given together with client_order_id: choose one");
  }
  let id = request.clientOrderId;
  if (id !== "") requiredClientOrderId("client_order_id", id);
  else {
    requiredText("client_order_id or order_id", request.orderId, 64);
    const found = await reads.order({
      exchange: "",
      symbol,
      clientOrderId: "",
      orderId: request.orderId,
      useMargin: false,
    });
    id = found.order?.clientOrderId ?? "";
  }
  owners.check(context, id);
  const done = await cancels.cancel(symbol, foreignOrderId(id));
  if (done.result === "accepted") return { result: "accepted", order: undefined };
  return { result: "not_open", order: done.order ?? undefined };
}

async function cancelBatch(
  { core, cancels, owners }: ServiceParts,
  request: BatchCancelOrdersRequest,
  context: CallContext,
) {
  const { symbol } = core.instruments.named(request.symbol);
  const ids = readIds(request.clientOrderIds, BATCH_MAX);
  for (const id of ids) owners.check(context, id);
  return cancels.cancelMany(symbol, ids);
}

function cancelAll(
  { core, cancels, owners }: ServiceParts,
  request: CancelAllOrdersRequest,
  context: CallContext,
): Promise<Sweep> {
  checkExchange(core, request);
  if (request.useMargin) throw noMargin();
  const symbols = request.symbol === "" ? core.instruments.symbols : [core.instruments.named(request.symbol).symbol];
  const deadlineMs = sweepDeadline(core, context);
  if (request.everything) {
    if (request.tag !== "") throw invalidField("tag", "is given together with everything: choose one");
    requireRole(context, "operator", "cancelling everything, foreign orders too,");
    core.log.warn("cancel all: everything", { symbols: symbols.join(" ") });
    return cancels.everything(symbols, deadlineMs);
  }
  const tag = readTag(request.tag);
  owners.check(context, tag);
  return cancels.sweep(symbols, ({ clientOrderId }) => ofTag(clientOrderId, tag), deadlineMs);
}

function emergency(
  { core, cancels, owners }: ServiceParts,
  request: EmergencyCancelRequest,
  context: CallContext,
): Promise<Sweep> {
  checkExchange(core, request);
  const tag = readTag(request.tag);
  owners.check(context, tag);
  core.log.error("emergency cancel", { tag, severity: "critical" });
  const meant = ({ clientOrderId }: { readonly clientOrderId: string }): boolean => ofTag(clientOrderId, tag);
  return cancels.sweep(core.instruments.symbols, meant, sweepDeadline(core, context));
}

const sweptOf = ({ cancelled, left, proven }: Sweep) => ({ cancelled, left: [...left], proven });

function sweepDeadline({ machine, unixMs }: ConnectorCore, context: CallContext): number {
  const leftMs = timeLeft(context, unixMs(), 500) ?? SWEEP_MS_MAX;
  return machine.monotonicMs() + Math.min(SWEEP_MS_MAX, leftMs);
}

function armDeadMan(
  { core, deadMan, owners, guarded }: ServiceParts,
  request: ArmDeadManRequest,
  context: CallContext,
): ArmDeadManResponse {
  checkExchange(core, request);
  const { botId, ttlMs, epoch } = request;
  optionalBotId("bot_id", requiredText("bot_id", botId));
  if (!isTtl(ttlMs)) throw invalidField("ttl_ms", `${TTL_WORDS}, is ${ttlMs}`);
  const symbol = request.symbol === "" ? "" : core.instruments.traded("symbol", request.symbol).symbol;
  const tag = request.tag === "" ? "" : readTag(request.tag);
  requireBot(context, botId);
  owners.check(context, tag);
  core.fence.passArming(botId, epoch);
  owners.learn(tag, botId);
  return {
    armedUntilMs: deadMan.arm({ botId, symbol, tag, ttlMs }),
    kind: guarded ? core.upstream.port.capabilities.deadMan : "connector",
  };
}
