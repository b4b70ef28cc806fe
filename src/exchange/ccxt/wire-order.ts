// From an approved order to the text the exchange will read, or why it is not sent (EXCH-05, EXCH-30). ccxt rounds
// prices and cuts quantities: what it would send is compared with what was meant, and any difference refuses the
// order.

import { parseDecimal } from "../../base/decimal.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { NewOrder } from "../../trading/order.ts";
import type { WireOrder } from "./exchanges/exchange-table.ts";
import type { CcxtInstrument } from "./instruments.ts";

const CLIENT_ORDER_ID = /^[a-su-z][0-9A-Za-z]{0,27}$/;

/** What ccxt makes of a price and a quantity of this symbol; throws what ccxt throws. */
export interface Formats {
  readonly price: (symbol: string, text: string) => unknown;
  readonly amount: (symbol: string, text: string) => unknown;
}

/** Errors: why the order must not leave. */
export function wireOrder(
  order: NewOrder,
  clientOrderId: string,
  to: { readonly of: CcxtInstrument; readonly formats: Formats },
): Result<WireOrder, string> {
  const { of, formats } = to;
  const { instrument, steps } = of;
  if (!CLIENT_ORDER_ID.test(clientOrderId)) return fail(`"${clientOrderId}" is no id every exchange takes (EXCH-05)`);
  const objection = limitObjection(order, of);
  if (objection !== null) return fail(objection);
  const price = steps.priceText(order.price);
  const amount = steps.amountText(order.quantity);
  for (const [what, meant, format] of [
    ["price", price, formats.price],
    ["quantity", amount, formats.amount],
  ] as const) {
    const made = formatted(format, order.symbol, meant);
    if (!sameNumber(made, meant)) {
      return fail(
        `the ${what} ${meant} of ${instrument.symbol} would be sent as ${made}: it lies off the exchange's grid`,
      );
    }
  }
  return ok({
    symbol: order.symbol,
    wireName: of.wireName,
    clientOrderId,
    side: order.side,
    price,
    amount,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
  });
}

function limitObjection(order: NewOrder, { instrument, steps, priceMin, priceMax }: CcxtInstrument): string | null {
  const { minLots, maxLots, minNotional, minNotionalOnReduceOnly } = instrument;
  const text = `${steps.amountText(order.quantity)} at ${steps.priceText(order.price)}`;
  if (order.price <= 0 || order.quantity <= 0) return `${text}: price and quantity must be positive`;
  if (order.quantity < minLots) return `${text}: the quantity is below the least, ${steps.amountText(minLots)}`;
  if (order.quantity > maxLots) return `${text}: the quantity is above the most, ${steps.amountText(maxLots)}`;
  if (priceMin !== null && order.price < priceMin) return `${text}: the price is below ${steps.priceText(priceMin)}`;
  if (priceMax !== null && order.price > priceMax) return `${text}: the price is above ${steps.priceText(priceMax)}`;
  const bound = !order.reduceOnly || minNotionalOnReduceOnly;
  if (bound && BigInt(order.price) * BigInt(order.quantity) < BigInt(minNotional)) {
    return `${text}: the value is below the least the exchange takes`;
  }
  return null;
}

function formatted(format: Formats["price"], symbol: string, text: string): string {
  try {
    return String(format(symbol, text));
  } catch (error) {
    return error instanceof Error ? `nothing (${error.message})` : "nothing";
  }
}

function sameNumber(a: string, b: string): boolean {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (!left.ok || !right.ok) return false;
  return left.value.digits * 10n ** BigInt(right.value.scale) === right.value.digits * 10n ** BigInt(left.value.scale);
}
