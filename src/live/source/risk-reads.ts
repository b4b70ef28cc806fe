// The state of risk a bot, from four reads that answer for all bots at once.

import type { RpcClientOf } from "../../rpc/client.ts";
import type { CircuitBreaker, RiskServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { Bot, Breaker, Risk } from "../messages.ts";
import { told } from "./words.ts";

const SCOPES: Readonly<Record<number, string>> = {
  [Scope.INSTRUMENT]: "INSTRUMENT",
  [Scope.BOT]: "BOT",
  [Scope.ACCOUNT]: "ACCOUNT",
  [Scope.ALL]: "ALL",
};

/** Risk of each bot, by its id. */
export async function readRisk(
  risk: RpcClientOf<RiskServiceDefinition>,
  bots: readonly Bot[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Risk>> {
  const [{ metrics }, { limits }, { breakers }, killed] = await Promise.all([
    risk.getRiskMetrics({ symbols: [] }, { signal }),
    risk.getPositionLimits({}, { signal }),
    risk.getCircuitBreakerStatus({}, { signal }),
    risk.getKillStatus({}, { signal }),
  ]);
  const { report, active } = killed;
  const left = (report?.ordersLeft.length ?? 0) + (report?.positionsLeft.length ?? 0);
  const thrown = { step: active ? (report?.step ?? "") : "", proven: report?.proven ?? false, left, since: 0 };
  const none = { step: "", proven: false, left: 0, since: 0 };
  return new Map(
    bots.map((bot) => {
      const own = metrics.filter(({ botId }) => botId === bot.id);
      const [metric] = own;
      const bounds = limits.filter(({ botId }) => botId === bot.id).flatMap((each) => each.limits);
      return [
        bot.id,
        {
          breakers: breakers.filter((breaker) => concerns(breaker, bot)).map(breakerOf),
          // the report is of the last kill, whoever it was for: it is shown where it holds
          kill: bot.phase === "KILLED" ? thrown : none,
          limits: bounds.map(({ name, used, current }) => ({ name, value: told(used, ""), limit: told(current, "") })),
          exposure: told(metric?.notionalValue, ""),
          leverage: told(metric?.leverage, ""),
          marginRatio: told(metric?.marginRatio, ""),
          liquidationDistance: told(metric?.liquidationDistance, ""),
          monitor: own.map(({ symbol, lastPrice }) => {
            return { symbol, price: told(lastPrice, ""), mean: "", volumeRatio: "", abnormal: false };
          }),
        },
      ];
    }),
  );
}

/** An instrument's or a bot's breaker is named by its id; the others hold for everybody. */
function concerns({ scope, id }: CircuitBreaker, bot: Bot): boolean {
  if (scope === Scope.BOT) return id === bot.id;
  return scope !== Scope.INSTRUMENT || id === bot.id || id.includes(bot.symbol);
}

const breakerOf = (wire: CircuitBreaker): Breaker => ({
  name: wire.name,
  scope: SCOPES[wire.scope] ?? "ALL",
  open: wire.open,
  phase: wire.phase,
  reason: wire.reason,
  value: wire.value,
  limit: wire.limit,
  since: wire.openedAtMs,
  closesAt: wire.closesAtMs,
  manual: wire.manual,
});
