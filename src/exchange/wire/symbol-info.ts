// An instrument and its rules ↔ SymbolInfo of the API, exact in both directions.

import { parseDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { lots, MONEY_SCALE, money } from "../../market/amounts.ts";
import { formatMoney, type Instrument, type InstrumentStatus, unitMoney } from "../../market/instrument.ts";
import { exactDecimal } from "../../rpc/decimal.ts";
import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import { SymbolInfo } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { ExchangeType } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { gridOf } from "./grid.ts";

const STATUSES: readonly InstrumentStatus[] = ["trading", "cancel-only", "halted", "delisting"];
const BPS_MAX = 2_147_483_647;

/** What the API says of an instrument. `bandPpm`: how far through the mid a price may be; null where nobody says. */
export function symbolInfoOf(instrument: Instrument, readAtMs: number, bandPpm: number | null = null): SymbolInfo {
  const lot = gridOf(instrument.lotSize);
  const bandBps = bandPpm === null ? 0 : Math.min(BPS_MAX, Math.floor(bandPpm / 100));
  return SymbolInfo.fromPartial({
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    exchangeSymbol: instrument.symbol,
    type: instrument.kind === "spot" ? ExchangeType.SPOT : ExchangeType.FUTURES,
    baseAsset: instrument.base,
    quoteAsset: instrument.quote,
    settleAsset: instrument.kind === "spot" ? "" : instrument.quote,
    tickSize: { value: instrument.tickSize },
    lotSize: { value: instrument.lotSize },
    ...(instrument.kind === "spot" ? {} : { contractSize: { value: "1" } }),
    minQuantity: { value: lot.text(instrument.minLots) },
    maxQuantity: { value: lot.text(instrument.maxLots) },
    minNotional: { value: formatMoney(money(BigInt(instrument.minNotional) * unitMoney(instrument))) },
    minNotionalOnReduce: instrument.minNotionalOnReduceOnly,
    priceBandUpBps: bandBps,
    priceBandDownBps: bandBps,
    maxOpenOrders: instrument.openOrdersMax,
    makerFeePpm: instrument.makerPpm,
    takerFeePpm: instrument.takerPpm,
    status: instrument.status,
    fundingIntervalMs: instrument.fundingIntervalMs,
    readAtMs,
    leverage: { value: String(instrument.leverage) },
    maintenanceMarginPpm: instrument.maintenancePpm,
    feeIn: instrument.feeIn,
    inverse: instrument.inverse,
  });
}

/** The instrument of a connector's word. Errors: what is missing or cannot be held exactly. */
export function instrumentOf(info: SymbolInfo): Result<Instrument, string> {
  const tickSize = stepOf(info.tickSize);
  const lotSize = stepOf(info.lotSize);
  if (tickSize === null || lotSize === null) return fail(`${info.symbol}: tick_size and lot_size must be above 0`);
  if (info.type !== ExchangeType.SPOT && info.type !== ExchangeType.FUTURES) {
    return fail(`${info.symbol}: its type ${info.type} is not known to this release`);
  }
  const kind = info.type === ExchangeType.SPOT ? "spot" : "perpetual";
  const lot = gridOf(lotSize);
  const minLots = lot.units(info.minQuantity?.value ?? "0");
  const maxLots = lot.units(info.maxQuantity?.value ?? "0");
  if (!minLots.ok || !maxLots.ok) return fail(`${info.symbol}: its quantities are no multiples of ${lotSize}`);
  const minNotional = valueUnits({ tickSize, lotSize }, info.minNotional);
  const leverage = wholeOf(info.leverage);
  if (minNotional === null || leverage === null) {
    return fail(`${info.symbol}: min_notional or leverage cannot be held`);
  }
  return ok({
    exchange: info.exchange,
    symbol: info.symbol,
    kind,
    base: info.baseAsset,
    quote: info.quoteAsset,
    tickSize,
    lotSize,
    minLots: lots(Math.max(1, minLots.value)),
    // an exchange that names no most has none
    maxLots: lots(maxLots.value === 0 ? Number.MAX_SAFE_INTEGER : maxLots.value),
    minNotional,
    minNotionalOnReduceOnly: info.minNotionalOnReduce,
    makerPpm: info.makerFeePpm,
    takerPpm: info.takerFeePpm,
    feeIn: info.feeIn === "received" ? "received" : "quote",
    status: STATUSES.find((status) => status === info.status) ?? "halted",
    openOrdersMax: info.maxOpenOrders,
    fundingIntervalMs: info.fundingIntervalMs,
    leverage,
    maintenancePpm: info.maintenanceMarginPpm,
    inverse: info.inverse,
  });
}

function stepOf(decimal: Decimal | undefined): string | null {
  const parsed = parseDecimal(decimal?.value ?? "");
  return decimal !== undefined && parsed.ok && parsed.value.digits > 0n ? decimal.value : null;
}

/** Smallest notional in value units, rounded up: what is just enough stays enough. */
function valueUnits(steps: { tickSize: string; lotSize: string }, notional: Decimal | undefined): number | null {
  if (notional === undefined) return 0;
  const unit = { digits: unitMoney(steps), scale: MONEY_SCALE };
  const units = unitsOf(exactDecimal(notional.value), unit, "up");
  return units.ok && units.value <= BigInt(Number.MAX_SAFE_INTEGER) ? toSafe(units.value) : null;
}

/** A whole number, 1 where nothing is given. */
function wholeOf(decimal: Decimal | undefined): number | null {
  if (decimal === undefined) return 1;
  const units = gridOf("1").units(decimal.value);
  return units.ok && units.value > 0 ? units.value : null;
}
