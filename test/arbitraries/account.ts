// Random words of the account machine, for the laws of the codec.

import fc from "fast-check";
import { amount, atMs, flag, natural, plain, text } from "./values.ts";

const action = fc.constantFrom("P", "O", "A", "F");
const breaker = {
  breaker: text,
  phase: fc.constantFrom("open", "probation", "closed"),
  action,
  reason: text,
  value: text,
  limit: text,
} as const;
const orNull = fc.option(amount);
const flow = {
  flow: fc.constantFrom("leverage", "margin-mode", "bot-add", "bot-remove", "kill", "tie-out"),
  bot: text,
  facts: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !name.startsWith("$")),
    fc.oneof(text, natural, flag, fc.constant(null)),
    { maxKeys: 3, noNullPrototype: true },
  ),
  by: text,
  reason: text,
} as const;

export const ACCOUNT_EVENTS = {
  "account-configured": plain({
    kind: fc.constant("account-configured"),
    atMs,
    limits: plain({
      exposureGrossMax: amount,
      exposureNetMax: amount,
      drawdownTotalBpsMax: natural,
      dailyLossMax: amount,
      openOrdersMax: natural,
      latencyP99MsMax: natural,
      retryRatioBpsMax: natural,
      marginRatioWarnBps: natural,
      marginRatioTripBps: natural,
      accountShareBps: natural,
    }),
    by: text,
  }),
  "bot-joined": fc.record(
    {
      kind: fc.constant("bot-joined" as const),
      atMs,
      bot: text,
      base: text,
      wanted: amount,
      lineage: fc.nat(1295),
      remembers: fc.array(
        plain({
          breaker: text,
          phase: fc.constantFrom("open" as const, "probation" as const),
          action: fc.constantFrom("P" as const, "O" as const, "A" as const),
          reason: text,
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ["kind", "atMs", "bot", "base", "wanted"], noNullPrototype: true },
  ),
  "bot-left": plain({ kind: fc.constant("bot-left"), atMs, bot: text, exposure: orNull, removed: flag }),
  "grant-acknowledged": plain({
    kind: fc.constant("grant-acknowledged"),
    atMs,
    bot: text,
    id: natural,
    exposure: orNull,
  }),
  "account-figures": plain({
    kind: fc.constant("account-figures"),
    atMs,
    bots: fc.array(
      plain({
        bot: text,
        exposure: orNull,
        net: orNull,
        profit: orNull,
        budget: orNull,
        cash: orNull,
        orders: natural,
      }),
      { maxLength: 3 },
    ),
    equity: fc.option(plain({ equity: amount, maintenance: amount, atMs: natural })),
    outside: fc.option(plain({ gross: amount, net: fc.array(plain({ base: text, net: amount }), { maxLength: 3 }) })),
    requests: fc.array(plain({ tries: natural, tookMs: fc.option(natural), failed: flag }), { maxLength: 3 }),
    shares: fc.array(plain({ engine: text, shareBps: natural }), { maxLength: 3 }),
  }),
  "account-balance": plain({
    kind: fc.constant("account-balance"),
    atMs,
    asset: text,
    total: amount,
    openOrders: natural,
    postings: fc.array(text, { maxLength: 3 }),
  }),
  "bot-kill-reported": plain({
    kind: fc.constant("bot-kill-reported"),
    atMs,
    bot: text,
    proved: flag,
    ordersLeft: natural,
    flat: flag,
  }),
  "flow-asked": plain({ kind: fc.constant("flow-asked"), atMs, ...flow, lineage: natural }),
  "flow-ended": plain({
    kind: fc.constant("flow-ended"),
    atMs,
    id: text,
    result: fc.constantFrom("done", "refused", "absent", "unknown"),
    text,
  }),
  "account-breaker": plain({ kind: fc.constant("account-breaker"), atMs, ...breaker }),
  grant: plain({ kind: fc.constant("grant"), atMs, id: natural, gross: amount }),
} as const;

export const ACCOUNT_EFFECTS = {
  grant: plain({ kind: fc.constant("grant"), bot: text, id: natural, gross: amount }),
  "bot-breaker": plain({ kind: fc.constant("bot-breaker"), bot: text, ...breaker }),
  "bot-command": plain({
    kind: fc.constant("bot-command"),
    bot: text,
    command: fc.oneof(plain({ name: fc.constant("kill"), flatten: flag }), fc.constant({ name: "killReset" } as const)),
    by: text,
    reason: text,
  }),
  flow: plain({ kind: fc.constant("flow"), id: text, ...flow }),
} as const;
