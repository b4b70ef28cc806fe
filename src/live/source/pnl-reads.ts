// A bot's results as the console shows them: sums of the engine's postings, its open result, and new points of its
// curve.

import type { RpcClientOf } from "../../rpc/client.ts";
import type { BotServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { PositionServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type { Bot, Ms, Pnl, PnlPoint } from "../messages.ts";
import { sum, told } from "./words.ts";

const CURVE_STEP_MS = 60_000;
const DAY_MS = 86_400_000;

interface Reading {
  readonly reading: {
    readonly positions: RpcClientOf<PositionServiceDefinition>;
    readonly bots: RpcClientOf<BotServiceDefinition>;
    readonly signal: AbortSignal;
  };
}

/** `fromMs`: points of the curve from there; 0 = all. "Today" is the UTC day of the newest point. */
export async function readPnl(
  { reading }: Reading,
  { bot, fromMs }: { readonly bot: Bot; readonly fromMs: Ms },
): Promise<{ readonly pnl: Omit<Pnl, "curve">; readonly points: readonly PnlPoint[] }> {
  const { positions, bots, signal } = reading;
  const botIds = [bot.id];
  const asked = { symbols: [], exchanges: [], botIds, toMs: 0, method: "average" };
  const [all, curve] = await Promise.all([
    positions.getRealizedPnL({ ...asked, fromMs: 0 }, { signal }),
    bots.getPnlCurve({ botIds, fromMs, toMs: 0, stepMs: CURVE_STEP_MS }, { signal }),
  ]);
  const last = curve.points.at(-1);
  const now = last?.atMs ?? 0;
  const today =
    now === 0 ? all : await positions.getRealizedPnL({ ...asked, fromMs: now - (now % DAY_MS) }, { signal });
  const { total, bySymbol, tie } = all;
  const net = sum(told(total?.net), bot.unrealized === "" ? "0" : bot.unrealized);
  const results = bySymbol[0];
  const points = curve.points.map(
    (point): PnlPoint => [
      point.atMs,
      told(point.realizedGross),
      told(point.fees),
      told(point.funding),
      told(point.unrealized),
      told(point.net),
    ],
  );
  return {
    pnl: {
      realizedGross: told(total?.gross),
      fees: told(total?.fees),
      funding: told(total?.funding),
      interest: told(total?.interest),
      rebates: told(total?.rebates),
      unrealized: bot.unrealized,
      net,
      equity: bot.budget === "" ? "" : sum(bot.budget, net),
      drawdown: told(last?.drawdown, ""),
      today: told(today.total?.net),
      cycles: bySymbol.reduce((count, { cycles }) => count + cycles, 0),
      winRate: results === undefined || results.cycles === 0 ? "" : shareOf(results.winRateBps),
      tiedAt: tie?.tiedAtMs ?? 0,
      tieDifference: told(tie?.difference, ""),
    },
    points,
  };
}

/** Basis points as a share: 5,000 is 0.5. */
function shareOf(bps: number): string {
  const text = String(Math.max(0, Math.min(10_000, Math.round(bps)))).padStart(5, "0");
  return `${text.slice(0, -4)}.${text.slice(-4)}`.replace(/\.?0+$/, "") || "0";
}
