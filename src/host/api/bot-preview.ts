// PreviewBot: what a configuration would place now, on the bot's own book and account or, for one that does not run, on
// the exchange's of this moment. Changes nothing.

import { lots, type Ticks } from "../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity } from "../../market/instrument.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import { notNow } from "../../rpc/fields.ts";
import type { PreviewBotRequest, PreviewBotResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { OrderSide, Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import { type PreviewReport, preview } from "../../strategy/grid/preview.ts";
import type { BoundBot } from "../fleet/binder.ts";
import { previewOn } from "../fleet/bot-change.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { configOf } from "./bot-changes.ts";
import { legMessage } from "./bot-messages.ts";
import { granted, refusalOfFleet, requiredBot } from "./bot-refusals.ts";

/** How long a book is waited for. */
const BOOK_WAIT_MS = 3_000;

export async function previewBot(
  fleet: Fleet,
  { botId, config }: PreviewBotRequest,
): Promise<Partial<PreviewBotResponse>> {
  if (botId === "" && config === "") throw invalidField("config", "is missing: give bot_id or config");
  const bot = botId === "" ? null : requiredBot(fleet, botId);
  const text = config === "" ? (bot?.record.config ?? "") : configOf(config);
  const read = fleet.options.binder.read(text);
  if (!read.ok) throw refusalOfFleet({ code: "CONFIG", text: "the configuration is refused", problems: read.error });
  const bound = granted(await fleet.bind(text, read.value.symbol));
  const state = bot?.host?.state ?? null;
  const own = state === null ? null : previewOn(state, bound);
  return responseOf(own ?? (await previewOnExchange(fleet, bound)), bound);
}

async function previewOnExchange(fleet: Fleet, bound: BoundBot): Promise<PreviewReport> {
  const grid = asGridConfig(bound.data.strategyConfig);
  if (grid === null) throw notNow("UNSUPPORTED", `strategy ${bound.strategy} has no preview`);
  const [book, account] = await Promise.all([bookNow(fleet, bound), accountNow(fleet, bound)]);
  const held = account.positions.find(({ symbol }) => symbol === bound.instrument.symbol);
  const { priceBandBps, priceBandFarBps, openOrdersMax } = bound.data.risk as RiskLimits;
  return preview(grid, bound.instrument, {
    book,
    account: {
      quoteAvailable: account.quoteAvailable,
      leverage: bound.instrument.leverage,
      position: held?.lots ?? lots(0),
      positionEntry: held?.entry ?? null,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit: openOrdersMax,
    },
  });
}

/** The first book that comes. Throws FAILED_PRECONDITION when none does. */
function bookNow({ options }: Fleet, { instrument }: BoundBot): Promise<{ readonly bid: Ticks; readonly ask: Ticks }> {
  const { port, clock } = options;
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly bid: Ticks; readonly ask: Ticks }>();
  const { symbol } = instrument;
  const cancelWait = clock.at(clock.nowMs() + BOOK_WAIT_MS, () => {
    reject(notNow("STALE_BOOK", `no book of ${symbol} came within ${BOOK_WAIT_MS / 1000} s`));
  });
  const unsubscribe = port.subscribe({ symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => {
    if (message.kind !== "book") return;
    const [bid, ask] = [message.bids[0]?.[0], message.asks[0]?.[0]];
    if (bid !== undefined && ask !== undefined) resolve({ bid, ask });
  });
  return promise.finally(() => {
    cancelWait();
    unsubscribe();
  });
}

type AccountNow = Extract<Parameters<Parameters<Fleet["options"]["port"]["account"]>[1]>[0], { result: "ok" }>;

function accountNow({ options }: Fleet, { instrument }: BoundBot): Promise<AccountNow> {
  return new Promise((resolve, reject) => {
    options.port.account(instrument.symbol, (answer) => {
      if (answer.result === "ok") resolve(answer);
      else reject(notNow("UNAVAILABLE", `the exchange does not tell the account: ${answer.text}`));
    });
  });
}

function responseOf(report: PreviewReport, { instrument }: BoundBot): Partial<PreviewBotResponse> {
  const price = (value: Ticks) => toDecimal(formatPrice(instrument, value));
  const { totals } = report;
  return {
    orders: report.orders
      .map((order) => ({
        leg: legMessage(order.leg),
        slot: order.level,
        side: order.side === "buy" ? OrderSide.BUY : OrderSide.SELL,
        price: price(order.price),
        quantity: toDecimal(formatQuantity(instrument, order.quantity)),
        value: toDecimal(formatMoney(order.value)),
        exitPrice: price(order.exitPrice),
        netProfit: toDecimal(formatMoney(order.profit)),
        at: order.price,
      }))
      .sort((a, b) => b.at - a.at)
      .map(({ at: _at, ...order }) => order),
    skipped: report.skipped.map(({ level, reason }) => ({ level, reason })),
    totals:
      totals === null
        ? undefined
        : {
            windowValue: toDecimal(formatMoney(totals.windowValue)),
            capitalFull: toDecimal(formatMoney(totals.capital)),
            breakEvenTicks: totals.breakEven.gap,
            gapTicks: totals.breakEven.actual,
            worstLoss: toDecimal(formatMoney(totals.worst.total)),
            stressPrice: price(totals.worst.stressPrice),
          },
    findings: [
      ...report.refusals.map((text) => finding("start-refused", Severity.ERROR, text)),
      ...report.warnings.map((text) => finding("start-warning", Severity.WARNING, text)),
    ],
  };
}

const finding = (code: string, severity: Severity, text: string) => ({
  code,
  severity,
  passed: severity !== Severity.ERROR,
  text,
  fix: "",
});
