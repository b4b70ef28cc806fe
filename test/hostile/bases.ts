// Requests that are right, so that one field can be made wrong: the fields each call cannot do without. A call that
// is not here is right when it is empty.

import type { Value } from "./requests.ts";

export interface Places {
  /** An instrument of the server that is asked. */
  readonly symbol: string;
  /** A bot that runs. */
  readonly bot: string;
}

type Fields = { readonly [name: string]: Value };

const WHY = { reason: "because" };

const ACTION = { bot_id: "bot", effect_id: "e1" };

const ORDER = {
  side: 1,
  type: 1,
  time_in_force: 1,
  quantity: { value: "0.005" },
  price: { value: "59999.0" },
  client_order_id: "o1a2b3",
  bot_id: "bot",
};

/** Names are `Service/Method`. */
export function baseOf(name: string, { symbol, bot }: Places): Fields {
  const of = { symbol };
  const command = { bot_id: bot, ...WHY };
  const table: Readonly<Record<string, Fields>> = {
    "BotService/GetBot": { bot_id: bot },
    "BotService/CreateBot": { bot_id: "fresh", config: "id: fresh", ...WHY },
    "BotService/UpdateBot": { ...command, config: "id: run", revision: 1n },
    "BotService/DeleteBot": command,
    "BotService/StartBot": command,
    "BotService/PauseBot": command,
    "BotService/ResumeBot": command,
    "BotService/StopBot": command,
    "BotService/FlattenBot": command,
    "BotService/SendCommand": { ...command, name: "relattice" },
    "BotService/GetStateAt": { bot_id: bot },
    "BotService/PreviewBot": { bot_id: bot },
    "BotService/GetSlots": { bot_id: bot },
    "BotService/SubscribeSlots": { bot_id: bot },
    "BotService/SubscribeEvents": { bot_id: bot },
    "ExchangeService/PlaceOrder": { ...of, ...ORDER },
    "ExchangeService/CancelOrder": { ...of, client_order_id: "o1" },
    "ExchangeService/BatchCancelOrders": of,
    "ExchangeService/CancelAllOrders": { tag: "o1" },
    "ExchangeService/EmergencyCancel": { tag: "o1" },
    "ExchangeService/GetOrder": { ...of, client_order_id: "o1" },
    "ExchangeService/GetHistoricalKlines": { ...of, interval: "1m" },
    "ExchangeService/SubscribeKlines": { symbols: [symbol], interval: "1m" },
    "ExchangeService/SetLeverage": { ...of, ...ACTION, leverage: { value: "3" } },
    "ExchangeService/SetMarginMode": { ...of, ...ACTION, margin_mode: 4 },
    "ExchangeService/ArmDeadMan": { bot_id: "bot", ttl_ms: 0n },
    "ExchangeService/ShareAccount": { engine: "sqlite://host/store", share_bps: 1 },
    "PositionService/GetPosition": of,
    "PositionService/GetOrder": { client_order_id: "o1" },
    "PositionService/GetPositionHistory": of,
    "RiskService/UpdatePositionLimits": { ...of, max_leverage: { value: "1" }, ...WHY },
    "RiskService/TriggerReconciliation": WHY,
    "RiskService/AcceptReconciliation": { reconciliation_id: "1", ...WHY },
    "RiskService/OpenCircuitBreaker": { scope: 2, id: bot, ...WHY },
    "RiskService/CloseCircuitBreaker": { name: "manual", ...WHY },
    "RiskService/TriggerKillSwitch": { scope: 2, id: bot, ...WHY },
    "RiskService/ResetKillSwitch": { scope: 2, id: bot, ...WHY },
  };
  const named = table[name];
  if (named !== undefined) return named;
  return /^ExchangeService\/Get(?:Fills|LatestPrice|OpenInterest|Book|SymbolInfo|Fees|FundingRate|HistoricalFundingRates)$/.test(
    name,
  )
    ? of
    : {};
}
