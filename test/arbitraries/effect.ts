// Random effects of every kind, for the laws of the codec.

import fc from "fast-check";
import { recordedApproval } from "../../src/risk/recorded.ts";
import type { Because, Effect, EffectKind } from "../../src/trading/effect.ts";
import { ACCOUNT_EFFECTS } from "./account.ts";
import { clientOrderIds, flag, lot, natural, plain, side, text, tick, whole } from "./values.ts";

const factName = fc.stringMatching(/^[a-z][a-zA-Z]{0,7}$/);
const fact = fc.oneof(text, whole, flag, fc.constant(null));
const because: fc.Arbitrary<Because> = fc
  .tuple(
    text,
    fc.dictionary(factName, fc.oneof(fact, fc.array(text, { maxLength: 3 })), { maxKeys: 4, noNullPrototype: true }),
  )
  .map(([code, rest]) => ({ ...rest, code }));

const approved = plain({
  symbol: text,
  side,
  price: tick,
  quantity: lot,
  timeInForce: fc.constantFrom("GTC", "IOC", "FOK"),
  postOnly: flag,
  reduceOnly: flag,
  slotKey: text,
}).map(recordedApproval);

type EffectOf<K extends EffectKind> = Extract<Effect, { readonly kind: K }>;

/** One arbitrary a kind: a new kind fails the compile. */
export const EFFECTS: { readonly [K in EffectKind]: fc.Arbitrary<EffectOf<K>> } = {
  place: plain({ kind: fc.constant("place"), clientOrderId: clientOrderIds, order: approved, because }),
  cancel: plain({ kind: fc.constant("cancel"), clientOrderId: clientOrderIds, symbol: text, because }),
  timer: plain({ kind: fc.constant("timer"), name: text, atMs: fc.option(natural) }),
  alert: plain({
    kind: fc.constant("alert"),
    code: text,
    severity: fc.constantFrom("info", "warning", "error", "critical"),
    text,
    facts: fc.dictionary(factName, fact, { maxKeys: 4, noNullPrototype: true }),
  }),
  reconcile: plain({ kind: fc.constant("reconcile"), symbol: text, because }),
  lookup: plain({ kind: fc.constant("lookup"), symbol: text, clientOrderId: clientOrderIds, because }),
  "reload-candles": plain({ kind: fc.constant("reload-candles"), symbol: text, interval: text, count: natural }),
  stopped: plain({ kind: fc.constant("stopped"), ordersLeft: natural }),
  ...ACCOUNT_EFFECTS,
};

export const anyEffect: fc.Arbitrary<Effect> = fc.oneof(...Object.values(EFFECTS));
