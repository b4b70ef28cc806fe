// What the control API does to markets, orders and positions: bodies read into the operator's deeds. A deed that had
// nothing to do says why.

import type { EmulatorControl } from "../control.ts";
import type { Deed } from "../faults/hands.ts";
import type { Amount } from "../market-desk.ts";
import { Fields } from "./fields.ts";
import type { Reading } from "./readings.ts";

const SIDES = ["buy", "sell"] as const;
const STATUSES = ["trading", "cancel-only", "halted", "delisting"] as const;

type Doing = (control: EmulatorControl, reading: Reading) => Deed;

/** Decimal text in the exchange's units, or a whole number of ticks or lots. */
function amount(fields: Fields, field: string): Amount {
  const value = fields.raw(field);
  return typeof value === "number" ? fields.whole(field, { min: 0 }) : fields.decimal(field);
}

const MARKET = ["symbol", "trade", "level", "book", "mark", "index", "fundingRate", "status", "rules", "order"];

/** `POST /control/market`: one or more of trade, level, book, mark, index, funding rate, status, metadata, an order. */
export const doMarket: Doing = ({ operator }, { body, known }) => {
  const { market } = operator;
  const fields = new Fields(body, MARKET);
  const symbol = fields.word("symbol", known.instruments);
  if (MARKET.filter((field) => fields.has(field)).length < 2)
    throw fields.wrong("trade", `one of ${MARKET.slice(1).join(", ")}`);
  const deeds: (() => Deed)[] = [];
  if (fields.has("status")) {
    const status = fields.word("status", STATUSES);
    deeds.push(() => operator.status(symbol, status));
  }
  if (fields.has("rules")) {
    const rules = fields.part("rules", ["tickSize", "lotSize", "minNotional"]);
    const read: Record<string, string> = {};
    for (const name of ["tickSize", "lotSize", "minNotional"]) if (rules.has(name)) read[name] = rules.decimal(name);
    deeds.push(() => operator.change(symbol, read));
  }
  if (fields.has("book")) {
    const book = fields.part("book", ["bids", "asks"]);
    const sides = { bids: levels(book, "bids"), asks: levels(book, "asks") };
    deeds.push(() => market.book(symbol, sides));
  }
  for (const name of ["level", "trade"] as const) {
    if (!fields.has(name)) continue;
    const of = fields.part(name, ["side", "price", "quantity"]);
    const one = { side: of.word("side", SIDES), price: amount(of, "price"), quantity: amount(of, "quantity") };
    deeds.push(() => (name === "level" ? market.level(symbol, one) : market.trade(symbol, one)));
  }
  if (fields.has("order")) {
    const order = outside(fields.part("order", ["side", "lots", "price"]), symbol);
    deeds.push(() => operator.othersOrder(order));
  }
  for (const name of ["mark", "index", "fundingRate"] as const) {
    if (!fields.has(name)) continue;
    const value = fields.decimal(name);
    deeds.push(() => market[name](symbol, value));
  }
  return firstObjection(deeds);
};

function firstObjection(deeds: readonly (() => Deed)[]): Deed {
  for (const deed of deeds) {
    const objection = deed();
    if (objection !== null) return objection;
  }
  return null;
}

function levels(fields: Fields, side: string): readonly (readonly [Amount, Amount])[] {
  return fields.list(side).map((_level, index) => {
    const given = fields.raw(side);
    const level: unknown = Array.isArray(given) ? given[index] : null;
    const pair = Array.isArray(level) ? { price: level[0] as unknown, quantity: level[1] as unknown } : level;
    const read = new Fields(pair, ["price", "quantity"], `${side}[${index}]`);
    return [amount(read, "price"), amount(read, "quantity")] as const;
  });
}

const outside = (fields: Fields, symbol: string) => ({
  symbol,
  side: fields.word("side", SIDES),
  lots: amount(fields, "lots"),
  price: fields.has("price") ? amount(fields, "price") : null,
});

/** `POST /control/fill`: a resting order trades, all that is left of it unless told. */
export const doFill: Doing = ({ operator }, { body, known }) => {
  const fields = new Fields(body, ["account", "symbol", "clientOrderId", "quantity"]);
  const account = fields.word("account", known.accounts);
  const symbol = fields.word("symbol", known.instruments);
  const quantity = fields.has("quantity") ? amount(fields, "quantity") : null;
  return operator.fill(account, { symbol, clientOrderId: fields.text("clientOrderId"), quantity });
};

export const doSettleFunding: Doing = ({ operator }, { body, known }) => {
  const fields = new Fields(body, ["symbol", "rate", "intervalMs"]);
  const symbol = fields.word("symbol", known.instruments);
  const intervalMs = fields.wholeOr("intervalMs", null, { min: 60_000, max: 86_400_000 });
  return operator.settleFunding(symbol, fields.decimal("rate"), intervalMs);
};

export const doLiquidate: Doing = ({ operator }, { body, known }) => {
  const fields = new Fields(body, ["account", "symbol", "partPpm"]);
  const account = fields.word("account", known.accounts);
  const symbol = fields.word("symbol", known.instruments);
  return operator.liquidate(account, symbol, fields.wholeOr("partPpm", 1_000_000, { min: 1, max: 1_000_000 }));
};

export const doAdl: Doing = ({ operator }, { body, known }) => {
  const fields = new Fields(body, ["account", "symbol", "lots"]);
  const account = fields.word("account", known.accounts);
  const symbol = fields.word("symbol", known.instruments);
  return operator.adl(account, symbol, amount(fields, "lots"));
};
