// Writes docs/risk.md: what stops trading and how to let it go on, for who operates it. Its tables are the code's own;
// `node tools/write-risk-doc.ts` after a change of them, and a test beside holds the page to it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACCOUNT_ROWS } from "../src/risk/account/breakers.ts";
import { BREAKERS, type BreakerName, type BreakerRow, COOLDOWN_FACTOR_MAX } from "../src/risk/breaker/breaker.ts";
import { BREAKER_KEYS } from "../src/risk/breaker/keys.ts";
import type { RiskKey } from "../src/risk/key.ts";
import { MONITOR_KEYS } from "../src/risk/monitor/keys.ts";

export const RISK_PAGE = join(import.meta.dirname, "..", "docs/risk.md");

/** What opens each, in a person's words, and its keys below `bot.risk`. */
const OPENS: Readonly<Record<BreakerName, readonly [opens: string, ...keys: string[]]>> = {
  "consecutive-losses": ["so many closing orders in a row lost against what their slot paid", "lossesInRowMax"],
  "drawdown-window": ["the bot's capital fell from its peak of the window", "drawdownBpsMax", "drawdownWindowMs"],
  "drawdown-amount": ["the same, as an amount", "drawdownAmountMax"],
  "drawdown-total": ["capital of all bots fell from its peak"],
  latency: ["the slowest hundredth of orders takes too long, seen three times", "latencyP99MsMax"],
  "stale-feed": ["book, orders or account are not known to be fresh; over after 10 fresh seconds", "stalePolicy"],
  "margin-ratio": [
    "maintenance margin by equity; halves the position every 10 s until it is below the warning",
    "marginRatioTripBps",
  ],
  liquidation: ["the price of liquidation is near the mark", "liquidationTripBps"],
  retries: ["too many requests were repeats, or more than 50 failed in five minutes", "retryRatioBpsMax"],
  rejects: ["so many orders in a row were refused by the exchange", "rejectsInRowMax"],
  unknown: ["too many unsettled orders, or one unsettled for too long", "unknownOrdersMax", "unknownAgeMsMax"],
  divergence: [
    "the exchange shows another position and no fill explains it; `reconcile accept` ends it",
    "divergenceBpsMax",
  ],
  "net-exposure": ["net exposure of an asset, or of all together, was above its limit for 5 s"],
  manual: ["you; a dead-man switch that fired; a fill by liquidation or auto-deleveraging"],
};

/** Those of the account, with their keys below the market-maker's `risk`. */
const ACCOUNT_OPENS: Readonly<Record<string, readonly [opens: string, key: string]>> = {
  "drawdown-total": [OPENS["drawdown-total"][0], "drawdownTotalBpsMax"],
  "net-exposure": [OPENS["net-exposure"][0], "exposureNetMax"],
  latency: [OPENS.latency[0], "latencyP99MsMax"],
  retries: [OPENS.retries[0], "retryRatioBpsMax"],
  "margin-ratio": [
    "maintenance margin by equity; the bots that hold something halve it themselves",
    "marginRatioTripBps",
  ],
  "daily-loss": ["loss of all bots since midnight UTC", "dailyLossMax"],
  "open-orders": ["open orders of all bots", "openOrdersMax"],
  "account-share": ["the processes on this account have more than 10,000 in sum", "accountShareBps"],
  manual: ["you", ""],
};

/** Kept by the account machine alone. */
const OF_ACCOUNT: ReadonlySet<string> = new Set(["drawdown-total", "net-exposure"]);

const MINUTE_MS = 60_000;

function endsText({ ends }: BreakerRow): string {
  if (ends === "manual") return "you close it";
  return ends === "gone" ? "by itself, when its cause is gone" : `${ends / MINUTE_MS} min, then probation`;
}

const keysText = (keys: readonly string[]): string =>
  keys.map((key) => (key === "" ? "–" : `\`${key}\``)).join(", ") || "–";

const line = (name: string, row: BreakerRow, [opens, ...keys]: readonly [string, ...string[]]): string =>
  `| \`${name}\` | ${opens} | ${keysText(keys)} | ${row.action} | ${endsText(row)} |`;

function botTable(): string {
  return Object.entries(BREAKERS)
    .filter(([name]) => !OF_ACCOUNT.has(name))
    .map(([name, row]) => line(name, row, OPENS[name as BreakerName]))
    .join("\n");
}

function accountTable(): string {
  return Object.entries(ACCOUNT_ROWS)
    .flatMap(([name, row]) => (row === undefined ? [] : [line(name, row, ACCOUNT_OPENS[name] ?? ["", ""])]))
    .join("\n");
}

const keyLine = ({ key, default: fallback, meaning }: RiskKey): string =>
  `| \`${key}\` | ${fallback ?? "–"} | ${meaning} |`;

/** The whole page. */
export const riskPage = (): string => `# What stops trading, and how it goes on

This page is made by \`node tools/write-risk-doc.ts\`; do not edit it. All keys with their ranges:
[configuration.md](configuration.md#limits-and-risk-botrisk). Why it is so: [spec/risk.md](spec/risk.md).

\`\`\`
opensqt status                                            # each bot: phase, and what blocks it
opensqt breaker list                                      # what is open: reason, value, limit, when it may end
opensqt breaker open --bot btc-grid --reason "incident"   # by hand; without --bot over all bots
opensqt breaker close manual --bot btc-grid --reason "over"
opensqt kill --flatten --reason "news"                    # cancel all, prove it, close positions; latched
opensqt kill reset --reason "over"
\`\`\`

The strictest of what holds wins, cancels always pass, and all of it is journaled and survives \`kill -9\`: killed;
recovering; stopping; breaker; monitor; paused. An order that a limit refuses is never sent, and \`opensqt explain\`
shows the limit and the value.

## Breakers of a bot

| breaker | opens when | keys, \`bot.risk\` | does | ends |
|---|---|---|---|---|
${botTable()}

**P** opens nothing more · **O** also cancels what would open · **A** cancels all · **F** cancels all and closes the
position by reduce-only slices. \`breaker open --action pause | reduce | halt | flatten\` is P, O, A, F. After a
cool-down a breaker is on *probation* for as long again: limits of opening orders are halved, and another trip doubles
the cool-down, ${COOLDOWN_FACTOR_MAX} times at most. A cause that holds keeps it open. \`breaker close NAME --bot BOT
--reason …\` needs the cause gone, or \`--force\`: then it stays closed until the cause is gone. 0 switches a breaker
off where its key allows it; \`opensqt doctor\` and every start say so.

| key | default | meaning |
|---|---|---|
${BREAKER_KEYS.map(keyLine).join("\n")}

## Limits of the account

The market-maker's own section \`risk:\` holds over all its bots. \`exposureGrossMax\` is shared out as grants; a bot
refuses above its grant without asking anyone. Several market-makers on one account each get \`accountShareBps\` of it:
the connector tells them of each other, and while they have more than 10,000 together none opens anything new. These
breakers hold every bot; close them without \`--bot\`.

| breaker | opens when | key, \`risk\` | does | ends |
|---|---|---|---|---|
${accountTable()}

What others hold in the account counts against the limit and is never sold. Books and wallet that differ by more than
1 USDT are alerted, never corrected.

## The risk monitor

Watches candles of instruments you name, on the same exchange, and is off until you do. While they fall on high volume
a bot cancels what would open and opens nothing; it ends by itself when enough of them closed above their mean on
quiet volume. Without sight of half of them opening pauses (\`onBlind\`).

| key, \`bot.risk\` | default | meaning |
|---|---|---|
${MONITOR_KEYS.map(keyLine).join("\n")}

## The kill switch

\`opensqt kill\` latches first, then cancels, and then proves by two reads a second apart, over REST and over the
stream, that no order of ours is left; with \`--flatten\` it closes what is held. Its last line says \`proven\`;
without proof it exits with 12 and a critical alert lists what remains. \`opensqt kill status\` shows it again. Orders
and holdings that are not ours are never touched. Only \`kill reset\` ends it, and then each bot goes on as it was wanted:
one that is to stay still is paused first. A reset lifts what it names: without \`--bot\` that is everything, with bots that
were killed by themselves before.

\`opensqt kill --direct\` does the same through the connector when no engine answers. Nothing is latched then: a bot
that is started again trades. \`--flatten\` closes the instrument's whole perpetual position then, whoever opened it, and
no coins: whose those are only the journal knows.

## When the journal and the exchange differ

Fills are fetched first. What is left below \`divergenceBpsMax\` and \`autoCorrectNotionalMax\` is corrected with both
values in the audit (\`opensqt export audit\`); more opens \`divergence\` and changes nothing. \`opensqt reconcile
--reason …\` compares now, \`opensqt reconcile accept --reason …\` takes the exchange's word. \`autoCorrect: off\`
always asks you.

## When nobody is there

A bot whose heartbeat fails to reach the connector for \`deadMan.timeoutMs\` has its orders cancelled there. With
\`account.exclusive\` the exchange's own timer is armed too, where it has one: it cancels every order of its scope. A
bot whose orders vanished so opens \`manual\` and replaces nothing.`;

if (import.meta.main) writeFileSync(RISK_PAGE, riskPage());
