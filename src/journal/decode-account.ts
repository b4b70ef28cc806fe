// Journal body → what the account machine hears and says, field by field.

import type {
  AccountLimits,
  BotFigures,
  BreakerPhase,
  FlowKind,
  FlowResult,
  OutsideFigures,
  RememberedBreaker,
} from "../trading/account-event.ts";
import type { BreakerAction } from "../trading/command.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { Body, Members } from "./body.ts";
import { command } from "./decode-configuration.ts";
import { facts } from "./decode-facts.ts";

type EventOf<K extends EngineEvent["kind"]> = Extract<EngineEvent, { readonly kind: K }>;
type EffectOf<K extends Effect["kind"]> = Extract<Effect, { readonly kind: K }>;

type Kind =
  | "account-configured"
  | "bot-joined"
  | "bot-left"
  | "grant-acknowledged"
  | "account-figures"
  | "account-balance"
  | "bot-kill-reported"
  | "flow-asked"
  | "flow-ended"
  | "grant"
  | "account-breaker";

const ACTIONS: Members<BreakerAction> = { P: true, O: true, A: true, F: true };
const FLOWS: Members<FlowKind> = {
  leverage: true,
  "margin-mode": true,
  "bot-add": true,
  "bot-remove": true,
  kill: true,
  "tie-out": true,
};
const FLOW_RESULTS: Members<FlowResult> = { done: true, refused: true, absent: true, unknown: true };
const REMEMBERED: Members<RememberedBreaker["phase"]> = { open: true, probation: true };
const PHASES: Members<BreakerPhase> = { open: true, probation: true, closed: true };

export const ACCOUNT_EVENT_DECODERS: { readonly [K in Kind]: (body: Body, atMs: number) => EventOf<K> } = {
  "account-configured": (b, atMs) => ({
    kind: "account-configured",
    atMs,
    limits: limits(b.object("limits")),
    by: b.text("by"),
  }),
  "bot-joined": (b, atMs) => {
    const lineage = b.integerIfGiven("lineage");
    const remembers = b.objectsIfGiven("remembers", (each) => ({
      breaker: each.text("breaker"),
      phase: each.oneOf("phase", REMEMBERED),
      action: each.oneOf("action", ACTIONS),
      reason: each.text("reason"),
    }));
    return {
      kind: "bot-joined",
      atMs,
      bot: b.text("bot"),
      base: b.text("base"),
      wanted: b.money("wanted"),
      ...(lineage === undefined ? {} : { lineage }),
      ...(remembers === undefined ? {} : { remembers }),
    };
  },
  "bot-left": (b, atMs) => ({
    kind: "bot-left",
    atMs,
    bot: b.text("bot"),
    exposure: b.moneyOrNull("exposure"),
    removed: b.flag("removed"),
  }),
  "grant-acknowledged": (b, atMs) => ({
    kind: "grant-acknowledged",
    atMs,
    bot: b.text("bot"),
    id: b.integer("id"),
    exposure: b.moneyOrNull("exposure"),
  }),
  "account-figures": (b, atMs) => {
    const shares = b.objectsIfGiven("shares", (s) => ({ engine: s.text("engine"), shareBps: s.integer("shareBps") }));
    return {
      kind: "account-figures",
      atMs,
      bots: b.objects("bots", botFigures),
      equity: b.objectOrNull("equity", (e) => ({
        equity: e.money("equity"),
        maintenance: e.money("maintenance"),
        atMs: e.integer("atMs"),
      })),
      outside: b.objectOrNull("outside", outside),
      requests: b.objects("requests", (r) => ({
        tries: r.integer("tries"),
        tookMs: r.integerOrNull("tookMs"),
        failed: r.flag("failed"),
      })),
      ...(shares === undefined ? {} : { shares }),
    };
  },
  "account-balance": (b, atMs) => ({
    kind: "account-balance",
    atMs,
    asset: b.text("asset"),
    total: b.money("total"),
    openOrders: b.integer("openOrders"),
    postings: b.texts("postings"),
  }),
  "bot-kill-reported": (b, atMs) => ({
    kind: "bot-kill-reported",
    atMs,
    bot: b.text("bot"),
    proved: b.flag("proved"),
    ordersLeft: b.integer("ordersLeft"),
    flat: b.flag("flat"),
  }),
  "flow-asked": (b, atMs) => ({
    kind: "flow-asked",
    atMs,
    ...flow(b),
    lineage: b.integer("lineage"),
  }),
  "flow-ended": (b, atMs) => ({
    kind: "flow-ended",
    atMs,
    id: b.text("id"),
    result: b.oneOf("result", FLOW_RESULTS),
    text: b.text("text"),
  }),
  grant: (b, atMs) => ({
    kind: "grant",
    atMs,
    id: b.integer("id"),
    gross: b.money("gross"),
  }),
  "account-breaker": (b, atMs) => ({ kind: "account-breaker", atMs, ...breaker(b) }),
};

export const ACCOUNT_EFFECT_DECODERS: {
  readonly [K in "grant" | "bot-breaker" | "bot-command" | "flow"]: (body: Body) => EffectOf<K>;
} = {
  grant: (b) => ({
    kind: "grant",
    bot: b.text("bot"),
    id: b.integer("id"),
    gross: b.money("gross"),
  }),
  "bot-breaker": (b) => ({ kind: "bot-breaker", bot: b.text("bot"), ...breaker(b) }),
  "bot-command": (b) => {
    const told = command(b.object("command"));
    const passed = told.name === "kill" || told.name === "killReset" ? told : b.refuse("command", "kill or killReset");
    return { kind: "bot-command", bot: b.text("bot"), command: passed, by: b.text("by"), reason: b.text("reason") };
  },
  flow: (b) => ({ kind: "flow", id: b.text("id"), ...flow(b) }),
};

const flow = (b: Body): Omit<EffectOf<"flow">, "kind" | "id"> => ({
  flow: b.oneOf("flow", FLOWS),
  bot: b.text("bot"),
  facts: facts(b.object("facts")),
  by: b.text("by"),
  reason: b.text("reason"),
});

const breaker = (b: Body): Omit<EffectOf<"bot-breaker">, "kind" | "bot"> => ({
  breaker: b.text("breaker"),
  phase: b.oneOf("phase", PHASES),
  action: b.oneOf("action", ACTIONS),
  reason: b.text("reason"),
  value: b.text("value"),
  limit: b.text("limit"),
});

const botFigures = (b: Body): BotFigures => ({
  bot: b.text("bot"),
  exposure: b.moneyOrNull("exposure"),
  net: b.moneyOrNull("net"),
  profit: b.moneyOrNull("profit"),
  budget: b.moneyOrNull("budget"),
  cash: b.moneyOrNull("cash"),
  orders: b.integer("orders"),
});

const outside = (b: Body): OutsideFigures => ({
  gross: b.money("gross"),
  net: b.objects("net", (n) => ({ base: n.text("base"), net: n.money("net") })),
});

function limits(b: Body): AccountLimits {
  const read: AccountLimits = {
    exposureGrossMax: b.money("exposureGrossMax"),
    exposureNetMax: b.money("exposureNetMax"),
    drawdownTotalBpsMax: b.integer("drawdownTotalBpsMax"),
    dailyLossMax: b.money("dailyLossMax"),
    openOrdersMax: b.integer("openOrdersMax"),
    latencyP99MsMax: b.integer("latencyP99MsMax"),
    retryRatioBpsMax: b.integer("retryRatioBpsMax"),
    marginRatioWarnBps: b.integer("marginRatioWarnBps"),
    marginRatioTripBps: b.integer("marginRatioTripBps"),
    accountShareBps: b.integer("accountShareBps"),
  };
  b.end();
  return read;
}
