// Hostile requests to RiskService, PositionService and PortfolioService: missing, oversized, wrong-unit and forged
// fields are refused with the right status, and nothing of them reaches a journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { type RpcRefusal, refusalOf } from "../../rpc/refusal.ts";
import { symbolOf } from "../fleet/fleet.fixture.ts";
import { type BooksTown, startTown } from "./books.fixture.ts";

const LONG = "x".repeat(5_000);
const WHY = "because";
const SYMBOL = symbolOf(0);

type Call = (town: BooksTown) => Promise<unknown> | AsyncIterable<unknown>;

/** Ends with a refusal, or null when it was answered. */
async function refusal(town: BooksTown, call: Call): Promise<RpcRefusal | null> {
  const run = async (): Promise<RpcRefusal | null> => {
    try {
      const answer = call(town);
      if (answer instanceof Promise) await answer;
      else for await (const _ of answer) break;
      return null;
    } catch (error) {
      return refusalOf(error);
    }
  };
  return town.world.until(run());
}

const commandCount = ({ process }: BooksTown): number =>
  process.fleet
    .bots()
    .reduce(
      (sum, { journal }) => sum + [...(journal?.records(0) ?? [])].filter(({ kind }) => kind === "command").length,
      0,
    );

const limits = (fields: Record<string, unknown>): Call => {
  return ({ risk }) => risk().updatePositionLimits({ symbol: SYMBOL, reason: WHY, ...fields });
};
const BAD_DECIMALS = [
  "",
  " 1",
  "1e3",
  "0x10",
  "NaN",
  "Infinity",
  "-1",
  "0",
  "1,5",
  "1.",
  ".5",
  "01",
  "9".repeat(39),
  "1_0",
];

const RISK: readonly (readonly [name: string, status: string, call: Call])[] = [
  ["metrics of a nameless symbol", "INVALID_ARGUMENT", ({ risk }) => risk().getRiskMetrics({ symbols: [""] })],
  ["metrics of an endless symbol", "INVALID_ARGUMENT", ({ risk }) => risk().getRiskMetrics({ symbols: [LONG] })],
  [
    "metrics of too many symbols",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().getRiskMetrics({ symbols: Array.from({ length: 201 }, () => "A/B") }),
  ],
  ["limits of another exchange", "INVALID_ARGUMENT", ({ risk }) => risk().getPositionLimits({ exchange: "mtgox" })],
  ["limits with a control character", "INVALID_ARGUMENT", ({ risk }) => risk().getPositionLimits({ symbol: "A\0B" })],
  ["no limit at all", "INVALID_ARGUMENT", limits({})],
  ["limits without a reason", "INVALID_ARGUMENT", limits({ maxLeverage: { value: "1" }, reason: " " })],
  ["limits with an endless reason", "INVALID_ARGUMENT", limits({ maxLeverage: { value: "1" }, reason: LONG })],
  ["limits of no instrument", "INVALID_ARGUMENT", limits({ maxLeverage: { value: "1" }, symbol: "" })],
  ["limits of an unknown instrument", "NOT_FOUND", limits({ maxLeverage: { value: "1" }, symbol: "NO/SUCH" })],
  ["limits of an unknown bot", "NOT_FOUND", limits({ maxLeverage: { value: "1" }, botId: "nobody" })],
  ["a leverage finer than thousandths", "INVALID_ARGUMENT", limits({ maxLeverage: { value: "1.0001" } })],
  ["an endless leverage", "INVALID_ARGUMENT", limits({ maxLeverage: { value: "1001" } })],
  ["a leverage above the configuration", "FAILED_PRECONDITION", limits({ maxLeverage: { value: "4" } })],
  ["a position finer than a lot", "INVALID_ARGUMENT", limits({ maxPositionSize: { value: "0.00000001" } })],
  ["a size beyond integers", "INVALID_ARGUMENT", limits({ maxOrderSize: { value: "9".repeat(30) } })],
  ["money finer than money", "INVALID_ARGUMENT", limits({ maxNotionalValue: { value: `0.${"0".repeat(18)}1` } })],
  ...BAD_DECIMALS.map((value): readonly [string, string, Call] => [
    `a value of "${value}"`,
    "INVALID_ARGUMENT",
    limits({ maxNotionalValue: { value } }),
  ]),
  ["alerts of no severity", "INVALID_ARGUMENT", ({ risk }) => risk().subscribeRiskAlerts({ severityMin: 99 as never })],
  ["alerts of a forged token", "OUT_OF_RANGE", ({ risk }) => risk().subscribeRiskAlerts({ resumeToken: "AAAA" })],
  ["alerts of an endless token", "INVALID_ARGUMENT", ({ risk }) => risk().subscribeRiskAlerts({ resumeToken: LONG })],
  ["a reconciliation without reason", "INVALID_ARGUMENT", ({ risk }) => risk().triggerReconciliation({})],
  [
    "a reconciliation elsewhere",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().triggerReconciliation({ exchange: "mtgox", reason: WHY }),
  ],
  [
    "a reconciliation of nothing",
    "FAILED_PRECONDITION",
    ({ risk }) => risk().triggerReconciliation({ symbol: "NO/SUCH", reason: WHY }),
  ],
  ["a run nobody made", "NOT_FOUND", ({ risk }) => risk().getReconciliationStatus({ reconciliationId: "rec-1-1" })],
  [
    "a run with an endless id",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().getReconciliationStatus({ reconciliationId: LONG }),
  ],
  ["accepting nothing", "INVALID_ARGUMENT", ({ risk }) => risk().acceptReconciliation({ reason: WHY })],
  [
    "accepting without reason",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().acceptReconciliation({ reconciliationId: "latest" }),
  ],
  ["breakers of no scope", "INVALID_ARGUMENT", ({ risk }) => risk().getCircuitBreakerStatus({ scope: 77 as never })],
  [
    "opening in no scope",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().openCircuitBreaker({ scope: Scope.UNSPECIFIED, id: "b0", reason: WHY }),
  ],
  [
    "opening of nobody",
    "NOT_FOUND",
    ({ risk }) => risk().openCircuitBreaker({ scope: Scope.BOT, id: "nobody", action: "halt", reason: WHY }),
  ],
  [
    "opening without an id",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().openCircuitBreaker({ scope: Scope.INSTRUMENT, action: "halt", reason: WHY }),
  ],
  [
    "opening by an action of Object",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().openCircuitBreaker({ scope: Scope.ALL, action: "constructor", reason: WHY }),
  ],
  ["closing a nameless breaker", "INVALID_ARGUMENT", ({ risk }) => risk().closeCircuitBreaker({ reason: WHY })],
  [
    "closing the operator's pause as a breaker",
    "NOT_FOUND",
    ({ risk }) => risk().closeCircuitBreaker({ name: "operator", reason: WHY }),
  ],
  ["a kill without reason", "INVALID_ARGUMENT", ({ risk }) => risk().triggerKillSwitch({ scope: Scope.ALL })],
  [
    "a kill of everything and of one",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().triggerKillSwitch({ scope: Scope.ALL, id: "b0", reason: WHY }),
  ],
  [
    "a kill in a scope that is none",
    "INVALID_ARGUMENT",
    ({ risk }) => risk().triggerKillSwitch({ scope: -5 as never, reason: WHY }),
  ],
  [
    "a kill of nobody",
    "NOT_FOUND",
    ({ risk }) => risk().triggerKillSwitch({ scope: Scope.ACCOUNT, id: "mtgox", reason: WHY }),
  ],
  ["a reset without reason", "INVALID_ARGUMENT", ({ risk }) => risk().resetKillSwitch({ scope: Scope.ALL })],
  ["a reset of nobody", "NOT_FOUND", ({ risk }) => risk().resetKillSwitch({ scope: Scope.BOT, id: "x", reason: WHY })],
  [
    "a kill by a trader",
    "PERMISSION_DENIED",
    ({ risk }) => risk("trader").triggerKillSwitch({ scope: Scope.ALL, reason: WHY }),
  ],
  [
    "a reconciliation by a reader",
    "PERMISSION_DENIED",
    ({ risk }) => risk("reader").triggerReconciliation({ reason: WHY }),
  ],
];

const POSITION: readonly (readonly [name: string, status: string, call: Call])[] = [
  [
    "positions of an endless exchange",
    "INVALID_ARGUMENT",
    ({ position }) => position.getPositions({ exchanges: [LONG] }),
  ],
  ["a position of nothing", "INVALID_ARGUMENT", ({ position }) => position.getPosition({})],
  ["a position nobody trades", "NOT_FOUND", ({ position }) => position.getPosition({ symbol: "NO/SUCH" })],
  [
    "a resumed stream of positions",
    "INVALID_ARGUMENT",
    ({ position }) => position.subscribePositions({ resumeToken: "A" }),
  ],
  [
    "a stream of a nameless symbol",
    "INVALID_ARGUMENT",
    ({ position }) => position.subscribePositions({ symbols: ["\n"] }),
  ],
  ["orders in a page too large", "INVALID_ARGUMENT", ({ position }) => position.getOpenOrders({ pageSize: 1_001 })],
  [
    "orders in a page of less than none",
    "INVALID_ARGUMENT",
    ({ position }) => position.getOpenOrders({ pageSize: -1 }),
  ],
  [
    "orders of a forged page",
    "INVALID_ARGUMENT",
    ({ position }) => position.getOpenOrders({ pageToken: "AAAAAAAAAAAAAAAAAAAAAA" }),
  ],
  [
    "an order by both ids",
    "INVALID_ARGUMENT",
    ({ position }) => position.getOrder({ orderId: "1", clientOrderId: "o1" }),
  ],
  ["an order by an endless id", "INVALID_ARGUMENT", ({ position }) => position.getOrder({ orderId: LONG })],
  ["history in seconds", "INVALID_ARGUMENT", ({ position }) => position.getOrderHistory({ fromMs: 1_700_000_000 })],
  ["history in microseconds", "INVALID_ARGUMENT", ({ position }) => position.getFills({ toMs: 1_700_000_000_000_000 })],
  ["history before time", "INVALID_ARGUMENT", ({ position }) => position.getFills({ fromMs: -1 })],
  [
    "history that ends before it begins",
    "INVALID_ARGUMENT",
    ({ position }) => position.getFills({ fromMs: 1_700_000_000_001, toMs: 1_700_000_000_000 }),
  ],
  ["samples of no instrument", "INVALID_ARGUMENT", ({ position }) => position.getPositionHistory({})],
  [
    "samples of a step backwards",
    "INVALID_ARGUMENT",
    ({ position }) => position.getPositionHistory({ symbol: SYMBOL, stepMs: -1 }),
  ],
  [
    "results by a method that is none",
    "INVALID_ARGUMENT",
    ({ position }) => position.getRealizedPnL({ method: "lifo" }),
  ],
  [
    "results of too many bots",
    "INVALID_ARGUMENT",
    ({ position }) => position.getRealizedPnL({ botIds: Array.from({ length: 201 }, () => "b") }),
  ],
  [
    "open results of a nameless symbol",
    "INVALID_ARGUMENT",
    ({ position }) => position.getUnrealizedPnL({ symbols: [""] }),
  ],
  ["margin elsewhere", "INVALID_ARGUMENT", ({ portfolio }) => portfolio.getRiskProfile({ exchange: LONG })],
  [
    "a what-if beyond integers",
    "INVALID_ARGUMENT",
    ({ portfolio }) => portfolio.simulateMargin({ proposals: [{ symbol: SYMBOL, change: { value: "9".repeat(36) } }] }),
  ],
];

test("API-04 API-05 API-11 hostile requests are refused rightly and leave no trace in a journal", async (t) => {
  const town = await startTown(t, 1, 30_000);
  const before = commandCount(town);
  for (const [name, status, call] of [...RISK, ...POSITION]) {
    const refused = await refusal(town, call);
    assert.equal(refused?.status, status, `${name}: ${refused?.message ?? "was answered"}`);
    assert.doesNotMatch(refused?.message ?? "", /\p{Cc}/u, name);
    assert.ok((refused?.message.length ?? 0) < 600, name);
  }
  assert.equal(commandCount(town), before);
});
