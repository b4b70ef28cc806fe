// An account of a real exchange looked at before its first order (EXCH-55): what the start would refuse, and beside it
// one signed read of each family of endpoints and one round trip of each socket. It places, cancels and changes
// nothing, and goes on after a failure as far as that makes sense.

import { formatMoney } from "../../market/instrument.ts";
import { foreignOrderId, parseClientOrderId } from "../../trading/client-order-id.ts";
import type { CcxtPortOptions } from "./ccxt-port.ts";
import { tableOf } from "./exchanges/registry.ts";
import { bad, type ExchangeFinding, good, notLooked, sentence, whyNot } from "./finding.ts";
import { feesOf } from "./instrument-desk.ts";
import { Machine } from "./machine.ts";
import { CcxtPortError, loadMarkets, readKind, readOneWay, readRights, type StartParts } from "./open.ts";
import { examineSockets } from "./socket-round.ts";
import { judgeStart, type StartFacts, type StartWish } from "./start-checks.ts";

const NETWORK = { area: "network", check: "exchange" } as const;
const CLOCK = { area: "network", check: "clock" } as const;
const KEY = { area: "account", check: "key" } as const;
const OFFSET_MS_MAX = 1000;
const HOUR_MS = 3_600_000;
/** No order ever has it: the answer must be that there is none. */
const NEVER_SENT = foreignOrderId("doctor0never0sent");

/** Never throws for what the exchange or the network does. */
export async function examineExchange(options: CcxtPortOptions): Promise<readonly ExchangeFinding[]> {
  const found: ExchangeFinding[] = [];
  try {
    const { table } = tableOf(options.exchange, options.market, options.proven);
    const machine = await Machine.build(table, options);
    try {
      await examine(machine, options, found);
    } finally {
      await machine.close();
    }
  } catch (error) {
    found.push(trouble(error));
  }
  return found;
}

function trouble(error: unknown): ExchangeFinding {
  if (!(error instanceof CcxtPortError)) throw error;
  switch (error.code) {
    case "CREDENTIALS":
      return sentence(KEY, "stop", error.message);
    case "UNREACHABLE": {
      const advice =
        "see that the network works and the address is right: endpoints, or the exchange's own status page";
      return bad(NETWORK, "stop", [error.message, advice]);
    }
    case "REFUSED":
    case "UNSUPPORTED":
      return sentence(NETWORK, "stop", error.message);
  }
}

async function examine(machine: Machine, options: CcxtPortOptions, found: ExchangeFinding[]): Promise<void> {
  const { table, calls, budget, instance, desk } = machine;
  const { credentials, symbols } = options;
  budget.setRules(table.limits.told(await loadMarkets({ table, calls })));
  const where = options.endpoints?.rest ?? "its own address";
  found.push(good(NETWORK, `${table.name} ${table.market} answers at ${where}`));
  await machine.serverClock.measure();
  found.push(clockFinding(machine));
  const parts = { table, instance, calls, desk, symbols };
  // what the account says of an instrument cannot be read with a key that is refused
  const key = credentials === null ? "none" : await examineKey(parts, options, found);
  if (key === "none") found.push(notLooked(KEY, "no API key is configured: market data only"));
  if (key === "trades") await examineSettings(parts, options, found);
  const known = await examineInstruments(parts, found);
  if (key === "trades" || key === "reads") for (const symbol of known) await examineReads(machine, symbol, found);
  const [first] = known;
  if (first === undefined) return;
  found.push(...(await examineSockets(machine, { symbol: first, signed: key === "trades" || key === "reads" })));
}

function clockFinding({ serverClock, table }: Machine): ExchangeFinding {
  const measured = serverClock.offset;
  const advice = "keep the machine's clock by NTP: timedatectl set-ntp true";
  if (measured === null) return bad(CLOCK, "stop", [`${table.name} did not tell its time`, "ask again in a moment"]);
  const { offsetMs, errorMs } = measured;
  const objection = serverClock.objection();
  if (objection !== null) return bad(CLOCK, "stop", [objection, "use a better line to the exchange"]);
  const text = `the exchange's clock is ${offsetMs} ms from ours, ± ${errorMs} ms`;
  if (Math.abs(offsetMs) <= OFFSET_MS_MAX) return good(CLOCK, text);
  return bad(CLOCK, "warn", [`${text}; requests are corrected by it`, advice]);
}

const NOTHING_READ: Omit<StartFacts, "exchange"> = {
  rights: null,
  kind: null,
  oneWay: null,
  margin: new Map(),
  instruments: [],
};
const RIGHTS_READ = { trade: true, withdraw: false, transfer: false, ipRestricted: true } as const;

const wishOf = ({ expect, allowWithdrawKeys }: CcxtPortOptions): StartWish => ({
  leverage: expect?.leverage ?? null,
  marginMode: expect?.marginMode ?? null,
  allowWithdrawKeys: allowWithdrawKeys ?? false,
});

/** Sentences of the start's own judgement about some of the facts, or one good line. */
function judged(
  where: Pick<ExchangeFinding, "area" | "check">,
  { facts, wish, fine }: { readonly facts: StartFacts; readonly wish: StartWish; readonly fine: string },
): readonly ExchangeFinding[] {
  const { refusals, warnings } = judgeStart(facts, wish);
  const said = [
    ...refusals.map((text) => sentence(where, "stop", text)),
    ...warnings.map((text) => sentence(where, "warn", text)),
  ];
  return said.length > 0 ? said : [good(where, fine)];
}

async function examineKey(
  parts: StartParts,
  options: CcxtPortOptions,
  found: ExchangeFinding[],
): Promise<"trades" | "reads" | "refused"> {
  const exchange = parts.table.name;
  try {
    const rights = await readRights(parts);
    const fine = "the key may trade, and neither withdraw nor transfer";
    found.push(...judged(KEY, { facts: { ...NOTHING_READ, exchange, rights }, wish: wishOf(options), fine }));
    const balance = await parts.calls.read({ method: "fetchBalance", args: [] }, 3);
    const why = whyNot(balance);
    const advice = "check the API key, its secret and the addresses it is bound to";
    if (why !== null) found.push(bad(KEY, "stop", [`the account could not be read with the key: ${why}`, advice]));
    return why !== null ? "refused" : rights?.trade === false ? "reads" : "trades";
  } catch (error) {
    found.push(trouble(error));
    return "refused";
  }
}

async function examineSettings(parts: StartParts, options: CcxtPortOptions, found: ExchangeFinding[]): Promise<void> {
  const { table, desk, instance, symbols } = parts;
  const exchange = table.name;
  const wish = wishOf(options);
  const facts: StartFacts = { ...NOTHING_READ, exchange, rights: RIGHTS_READ };
  const kind = await readKind(parts);
  if (kind !== null && kind !== "unread") instance.setOptions(kind.options);
  const words = kind === null || kind === "unread" ? "of the only kind there is" : `of kind ${kind.kind}`;
  const kindAt = { area: "account", check: "account kind" } as const;
  found.push(...judged(kindAt, { facts: { ...facts, kind }, wish, fine: `the account is ${words}` }));
  const oneWay = await readOneWay(parts);
  const none = table.market === "spot" ? "there is only one" : "each instrument has its own, told with its margin";
  const oneWayText = oneWay === null ? none : "one-way";
  const modeAt = { area: "account", check: "position mode" } as const;
  found.push(...judged(modeAt, { facts: { ...facts, oneWay }, wish, fine: oneWayText }));
  if (table.marginSettings === null) return;
  for (const symbol of symbols) {
    if (instance.market(symbol) === null) continue;
    const setting = (await desk.marginSetting(symbol, 3)) ?? "unread";
    const fine =
      setting === "unread" ? "" : `${symbol}: leverage ${setting.leverage ?? "?"}, ${setting.marginMode ?? "?"} margin`;
    const marginAt = { area: "account", check: "leverage and margin" } as const;
    found.push(...judged(marginAt, { facts: { ...facts, margin: new Map([[symbol, setting]]) }, wish, fine }));
  }
}

/** Those that can be traded here. */
async function examineInstruments(
  { desk, symbols, table, instance }: StartParts,
  found: ExchangeFinding[],
): Promise<readonly string[]> {
  const where = { area: "instruments", check: "rules" } as const;
  const known: string[] = [];
  for (const symbol of symbols) {
    const why = await desk.open(symbol);
    if (why === null) {
      known.push(symbol);
      found.push(good(where, `${symbol} is ${String(instance.market(symbol)?.["id"])} of ${table.name}`));
    } else {
      found.push(bad(where, "stop", [why, "correct its name, or take it out of `instruments`"]));
    }
  }
  return known;
}

/** One signed read of each family: account, open orders, one order, fills, fees, funding payments. */
async function examineReads(
  { reads, marketReads, calls, table, instance }: Machine,
  symbol: string,
  found: ExchangeFinding[],
): Promise<void> {
  const at = (check: string) => ({ area: "account", check }) as const;
  const advice = "allow the API key to read the account, and ask again";
  const failed = (check: string, why: string): void => {
    found.push(bad(at(check), "stop", [`${symbol}: ${why}`, advice]));
  };
  if (table.feeTier !== undefined || instance.has("fetchTradingFee")) {
    const wireName = String(instance.market(symbol)?.["id"]);
    const call = table.feeTier?.call(symbol, wireName) ?? { method: "fetchTradingFee", args: [symbol] };
    const fees = await calls.read(call, 3);
    const rates = feesOf(fees, table);
    if (rates === null) failed("fee tier", whyNot(fees) ?? "the account's fees cannot be read");
    else
      found.push(good(at("fee tier"), `${symbol}: maker ${percent(rates.makerPpm)}, taker ${percent(rates.takerPpm)}`));
  }
  const account = await reads.account(symbol, 3);
  if (account.result !== "ok") failed("balances", account.text);
  else found.push(good(at("balances"), `${symbol}: ${formatMoney(account.quoteAvailable)} available`));
  const open = await reads.openOrders(symbol, 3);
  if (open.result !== "ok") failed("open orders", open.text);
  else
    found.push(
      ordersFinding(
        symbol,
        open.orders.map(({ clientOrderId }) => clientOrderId),
      ),
    );
  const fills = await reads.fills(symbol, { sinceMs: instance.nowMs() - HOUR_MS, cursor: null }, 3);
  if (fills.result !== "ok") failed("fills", fills.text);
  else found.push(good(at("fills"), `${symbol}: ${fills.fills.length} in the last hour`));
  const lookup = await reads.lookup(symbol, NEVER_SENT, 3);
  if (lookup.result === "unavailable") failed("look-up", lookup.text);
  else found.push(good(at("look-up"), `${symbol}: an order can be found by our own id`));
  if (table.market === "spot") return;
  const funding = await marketReads.funding(symbol, instance.nowMs() - HOUR_MS, 3);
  if (funding.result !== "ok") failed("funding payments", funding.text);
  else found.push(good(at("funding payments"), `${symbol}: can be read`));
}

function ordersFinding(symbol: string, ids: readonly string[]): ExchangeFinding {
  const where = { area: "account", check: "open orders" } as const;
  const foreign = ids.filter((id) => parseClientOrderId(id) === null);
  const text = `${symbol}: ${ids.length} open orders, ${foreign.length} of them not of any bot`;
  if (foreign.length === 0) return good(where, `${symbol}: ${ids.length} open orders`);
  return bad(where, "warn", [text, "they are shown, never cancelled; cancel them by hand if nobody needs them"]);
}

/** Millionths as a percentage. */
const percent = (ppm: number): string => `${ppm / 10_000} %`;
