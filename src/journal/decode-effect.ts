// Journal body → effect, field by field. A new kind of effect, or a new field, fails the compile here.

import { recordedApproval } from "../risk/recorded.ts";
import { type ClientOrderId, foreignOrderId } from "../trading/client-order-id.ts";
import type { AlertSeverity, Because, Effect, EffectKind } from "../trading/effect.ts";
import type { NewOrder, TimeInForce } from "../trading/order.ts";
import type { Body, Members } from "./body.ts";
import { ACCOUNT_EFFECT_DECODERS } from "./decode-account.ts";
import { SIDES } from "./decode-event.ts";
import { type Fact, facts, free, isFact, put } from "./decode-facts.ts";

type Of<K extends EffectKind> = Extract<Effect, { readonly kind: K }>;
/** `clientOrderId` is the record's column: the body does not repeat it. */
type Decoders = { readonly [K in EffectKind]: (body: Body, clientOrderId: string | null) => Of<K> };

const SEVERITIES: Members<AlertSeverity> = { info: true, warning: true, error: true, critical: true };
const TIMES_IN_FORCE: Members<TimeInForce> = { GTC: true, IOC: true, FOK: true };

export const EFFECT_DECODERS: Decoders = {
  place: (b, clientOrderId) => ({
    kind: "place",
    clientOrderId: required(b, clientOrderId),
    order: recordedApproval(newOrder(b.object("order"))),
    because: because(b.object("because")),
  }),
  cancel: (b, clientOrderId) => ({
    kind: "cancel",
    clientOrderId: required(b, clientOrderId),
    symbol: b.text("symbol"),
    because: because(b.object("because")),
  }),
  timer: (b) => ({ kind: "timer", name: b.text("name"), atMs: b.integerOrNull("atMs") }),
  alert: (b) => ({
    kind: "alert",
    code: b.text("code"),
    severity: b.oneOf("severity", SEVERITIES),
    text: b.text("text"),
    facts: facts(b.object("facts")),
  }),
  reconcile: (b) => ({ kind: "reconcile", symbol: b.text("symbol"), because: because(b.object("because")) }),
  lookup: (b, clientOrderId) => ({
    kind: "lookup",
    symbol: b.text("symbol"),
    clientOrderId: required(b, clientOrderId),
    because: because(b.object("because")),
  }),
  "reload-candles": (b) => ({
    kind: "reload-candles",
    symbol: b.text("symbol"),
    interval: b.text("interval"),
    count: b.integer("count"),
  }),
  stopped: (b) => ({ kind: "stopped", ordersLeft: b.integer("ordersLeft") }),
  ...ACCOUNT_EFFECT_DECODERS,
};

function required(b: Body, clientOrderId: string | null): ClientOrderId {
  return clientOrderId === null ? b.refuse("clientOrderId", "there") : foreignOrderId(clientOrderId);
}

function newOrder(b: Body): NewOrder {
  const result: NewOrder = {
    symbol: b.text("symbol"),
    side: b.oneOf("side", SIDES),
    price: b.ticks("price"),
    quantity: b.lots("quantity"),
    timeInForce: b.oneOf("timeInForce", TIMES_IN_FORCE),
    postOnly: b.flag("postOnly"),
    reduceOnly: b.flag("reduceOnly"),
    slotKey: b.text("slotKey"),
  };
  b.end();
  return result;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

function because(b: Body): Because {
  const result: { code: string; [name: string]: Fact | readonly string[] } = { code: b.text("code") };
  for (const [name, value] of b.entries()) {
    if (name !== "code") put(result, free(b, name), isFact(value) || isTexts(value) ? value : b.refuse(name, "a fact"));
  }
  return result;
}
