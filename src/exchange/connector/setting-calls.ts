// The calls an account's owner makes beside orders: leverage, margin mode, keys, limits, open interest. Each answers
// from the port's facet and is UNIMPLEMENTED where the exchange has none of it; an action is done once an effect id.

import { parseDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { optionalBotId, requiredEnum, requiredPositive, requiredText } from "../../rpc/fields.ts";
import { MarginMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, refusalOf, unimplemented } from "../../rpc/refusal.ts";
import type { AccountSettings, SettingOutcome } from "../port.ts";
import { gridOf } from "../wire/grid.ts";
import { isShare } from "./account-shares.ts";
import { Once } from "./once.ts";
import { noAnswer, rejection, unknownOutcome } from "./refusals.ts";
import { checkExchange, type Part, type ServiceParts } from "./service-parts.ts";
import { answered } from "./upstream.ts";

type Done = { readonly done: boolean; readonly found: boolean };

const LEVERAGE_MAX = 125n;
/** A name of a machine and a path. */
const ENGINE_LENGTH_MAX = 500;
/** The store only one process can own, as an address. */
const ENGINE = /^(?:sqlite|postgres):\/\/[!-~]+$/;

export function settingCalls({
  core,
}: ServiceParts): Part<"setLeverage" | "setMarginMode" | "reloadCredentials" | "getKeyRights"> {
  const { upstream, instruments, exchange } = core;
  const once = new Once<Done>();
  const settings = (method: string): AccountSettings => {
    const found = upstream.port.settings;
    if (found === undefined) throw unimplemented(method);
    return found;
  };
  return {
    setLeverage: async (request) => {
      checkExchange(core, request);
      const { symbol } = instruments.traded("symbol", request.symbol);
      const leverage = wholeLeverage(requiredPositive("leverage", request.leverage));
      const effectId = effectIdOf(request);
      const asked = settings("SetLeverage");
      return once.act(effectId, `leverage ${symbol} ${leverage}`, async () =>
        doneOf(exchange, await new Promise((resolve) => asked.setLeverage(symbol, leverage, resolve))),
      );
    },
    setMarginMode: async (request) => {
      checkExchange(core, request);
      const { symbol } = instruments.traded("symbol", request.symbol);
      const mode = modeOf(request.marginMode);
      const effectId = effectIdOf(request);
      const asked = settings("SetMarginMode");
      return once.act(effectId, `margin mode ${symbol} ${mode}`, async () =>
        doneOf(exchange, await new Promise((resolve) => asked.setMarginMode(symbol, mode, resolve))),
      );
    },
    reloadCredentials: async (request) => {
      checkExchange(core, request);
      const asked = settings("ReloadCredentials");
      const keyFingerprint = await asked.reloadCredentials().catch((error: unknown): never => {
        throw noAnswer(exchange, refusalOf(error).message);
      });
      core.log.warn("credentials were read again", { key: keyFingerprint });
      const { withdrawAllowed: _, ...rights } = await rightsOf(asked, exchange);
      const permissions = Object.entries(rights).flatMap(([name, may]) => (may === true ? [name] : []));
      return { keyFingerprint, permissions: permissions.sort() };
    },
    getKeyRights: async (request) => {
      checkExchange(core, request);
      const rights = await rightsOf(settings("GetKeyRights"), exchange);
      const { trade, withdraw, transfer, ipRestricted, withdrawAllowed } = rights;
      return {
        trade: trade ?? undefined,
        withdraw: withdraw ?? undefined,
        transfer: transfer ?? undefined,
        ipRestricted: ipRestricted ?? undefined,
        withdrawAllowed,
      };
    },
  };
}

/** Engines tell each other their shares of the account through here (RISK-11). */
export const shareCalls = ({ core, shares }: ServiceParts): Part<"shareAccount"> => ({
  shareAccount: async (request) => {
    checkExchange(core, request);
    const engine = requiredText("engine", request.engine, ENGINE_LENGTH_MAX);
    if (!ENGINE.test(engine)) throw invalidField("engine", "must be the engine's store, as sqlite://host/folder");
    if (!isShare(request.shareBps)) throw invalidField("share_bps", `must be 0 to 10,000, is ${request.shareBps}`);
    const { shares: told, sumBps, complete } = shares.say(engine, request.shareBps);
    return { shares: [...told], sumBps, complete };
  },
});

/** Limits, open interest and fees: what the exchange counts. */
export function countCalls({ core }: ServiceParts): Part<"getRequestBudget" | "getOpenInterest" | "getFees"> {
  const { upstream, instruments, exchange } = core;
  return {
    getRequestBudget: async (request) => {
      checkExchange(core, request);
      const buckets = (upstream.port.budget?.() ?? []).map(({ name, used, limit, resetAtMs }) => {
        return { name, used, limit, resetMs: Math.ceil(resetAtMs) };
      });
      return { buckets: buckets.sort((a, b) => (a.name < b.name ? -1 : 1)) };
    },
    getOpenInterest: async (request) => {
      checkExchange(core, request);
      const instrument = instruments.named(request.symbol);
      const asked = upstream.openInterest(instrument.symbol);
      if (asked === null) throw unimplemented("GetOpenInterest");
      const { quantity, atMs } = answered(await asked, exchange);
      return { openInterest: { value: gridOf(instrument.lotSize).text(quantity) }, atMs };
    },
    getFees: async (request) => {
      checkExchange(core, request);
      const { symbol, makerPpm, takerPpm } = instruments.named(request.symbol);
      const { settings: asked } = upstream.port;
      const atMs = core.clock.nowMs();
      if (asked === undefined) return { makerPpm, takerPpm, atMs };
      const told = await upstream.told((done: Parameters<AccountSettings["feeTier"]>[1]) =>
        asked.feeTier(symbol, done),
      );
      const tier = answered(told, exchange);
      return { makerPpm: tier.makerPpm, takerPpm: tier.takerPpm, atMs };
    },
  };
}

const rightsOf = async (settings: AccountSettings, exchange: string) =>
  answered(
    await new Promise<Parameters<Parameters<AccountSettings["rights"]>[0]>[0]>((resolve) => settings.rights(resolve)),
    exchange,
  ).rights;

function doneOf(exchange: string, outcome: SettingOutcome): Done {
  switch (outcome.result) {
    case "accepted":
      return { done: true, found: false };
    case "unchanged":
      return { done: true, found: true };
    case "rejected":
      throw rejection(exchange, { reason: "OTHER", text: outcome.text });
    case "unknown":
      throw unknownOutcome(exchange, outcome.text);
  }
}

/** Both ids are judged before the exchange's settings are: a wrong one is refused by name whatever is connected. */
function effectIdOf({ botId, effectId }: { readonly botId: string; readonly effectId: string }): string {
  optionalBotId("bot_id", botId);
  return requiredText("effect_id", effectId);
}

function modeOf(mode: MarginMode): "cross" | "isolated" {
  const known = requiredEnum("margin_mode", mode, MarginMode);
  if (known === MarginMode.CROSS) return "cross";
  if (known === MarginMode.ISOLATED) return "isolated";
  throw invalidField("margin_mode", "must be CROSS or ISOLATED: the other modes are of a whole account");
}

function wholeLeverage(text: string): number {
  const read = parseDecimal(text);
  const whole = read.ok ? unitsOf(read.value, { digits: 1n, scale: 0 }, "exact") : read;
  if (whole.ok && whole.value >= 1n && whole.value <= LEVERAGE_MAX) return toSafe(whole.value);
  throw invalidField("leverage", `must be a whole number from 1 to ${LEVERAGE_MAX}, is ${text}`);
}
