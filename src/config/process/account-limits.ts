// Limits over all bots of one account (RISK-09…11, RISK-18, OPS-21): the market-maker's `risk:` section, and what it
// becomes. A bot's own limits stand with the bot.

import { z } from "zod";
import { formatDecimal } from "../../base/decimal.ts";
import { MONEY_SCALE, type Money, money } from "../../market/amounts.ts";
import { parseMoney } from "../../market/instrument.ts";
import type { AccountLimits } from "../../trading/account-event.ts";
import { decimal, grouped, whole } from "../key.ts";
import type { BotDraft } from "./bot-draft.ts";
import type { Judging } from "./judging.ts";

const amount = (fallback: string, min: string, meaning: string) =>
  decimal(fallback, { min, max: "1000000000", unit: "quote", meaning });

export const accountRisk = () =>
  z
    .strictObject({
      exposureGrossMax: amount("20000", "1", "exposure of all bots in sum, shared out as grants"),
      exposureNetMax: amount("10000", "0", "net exposure of one base asset, and of all together; 0 is off"),
      drawdownTotalBpsMax: whole(1500, {
        min: 0,
        max: 10_000,
        unit: "bps",
        meaning: "fall of all bots' capital from its peak, at which positions are closed; 0 is off",
      }),
      dailyLossMax: amount("0", "0", "loss of all bots since midnight UTC, at which no more is opened; 0 is off"),
      openOrdersMax: whole(0, {
        min: 0,
        max: 100_000,
        unit: "orders",
        meaning: "open orders of all bots, above which none is opened; 0 is off",
      }),
      latencyP99MsMax: whole(2000, {
        min: 0,
        max: 60_000,
        unit: "ms",
        meaning: "what 99 of 100 orders of the account may take; 0 is off",
      }),
      retryRatioBpsMax: whole(5000, {
        min: 0,
        max: 10_000,
        unit: "bps",
        meaning: "part of the account's requests that may be repeats; 0 is off",
      }),
      marginRatioWarnBps: whole(3000, {
        min: 1,
        max: 9500,
        unit: "bps",
        meaning: "maintenance margin by equity that warns",
      }),
      marginRatioTripBps: whole(5000, {
        min: 1,
        max: 9500,
        unit: "bps",
        meaning: "maintenance margin by equity at which no bot opens any more",
      }),
      accountShareBps: whole(10_000, {
        min: 1,
        max: 10_000,
        unit: "bps",
        meaning: "this process's part of every amount above; of all processes on one account at most 10,000 together",
      }),
    })
    .prefault({});

export type AccountRiskValues = z.infer<ReturnType<typeof accountRisk>>;

/** The limits in the units of the core; every problem is said. */
export function accountLimits(values: AccountRiskValues, drafts: readonly BotDraft[], judging: Judging): AccountLimits {
  const cash = (key: "exposureGrossMax" | "exposureNetMax" | "dailyLossMax"): Money => {
    const read = parseMoney(values[key]);
    if (read.ok) return read.value;
    judging.say(`risk.${key}`, `${values[key]} is not allowed: ${read.error}`);
    return money(0n);
  };
  const limits: AccountLimits = {
    ...values,
    exposureGrossMax: cash("exposureGrossMax"),
    exposureNetMax: cash("exposureNetMax"),
    dailyLossMax: cash("dailyLossMax"),
  };
  if (limits.marginRatioWarnBps >= limits.marginRatioTripBps) {
    const below = `must be below marginRatioTripBps ${limits.marginRatioTripBps}`;
    judging.say("risk.marginRatioWarnBps", `marginRatioWarnBps ${limits.marginRatioWarnBps} ${below}`);
  }
  judgeBudgets(limits.exposureGrossMax, drafts, judging);
  return limits;
}

/** Budgets that nobody could ever use in full are a mistake of whoever wrote them (RISK-50). */
function judgeBudgets(limit: Money, drafts: readonly BotDraft[], judging: Judging): void {
  let sum = 0n;
  for (const { values } of drafts) {
    const read = parseMoney(values.budget ?? "0");
    if (read.ok) sum += read.value;
  }
  if (sum <= limit) return;
  const text = (value: bigint): string => grouped(formatDecimal(value, MONEY_SCALE));
  const [quote = ""] = drafts.flatMap(({ symbol }) => symbol.split("/")[1]?.split(":")[0] ?? []);
  judging.say("risk.exposureGrossMax", `budgets add up to ${text(sum)} ${quote}, account limit is ${text(limit)}`);
}

/** Shares of several processes on one account (RISK-11): the sentence when they are too many, else null. */
export function sharesProblem(shares: readonly { readonly file: string; readonly bps: number }[]): string | null {
  const sum = shares.reduce((all, { bps }) => all + bps, 0);
  if (sum <= 10_000) return null;
  const each = shares.map(({ file, bps }) => `${file} ${grouped(String(bps))}`).join(", ");
  return `accountShareBps add up to ${grouped(String(sum))} of 10,000: ${each}`;
}
