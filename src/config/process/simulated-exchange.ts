// The section `simulated` of a process in the integers of the simulated exchange: one instrument for each entry, and
// the balances the account opens with.

import type { z } from "zod";
import { type Money, money } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import { DEFAULT_LEVERAGE, simulatedInstrument, symbolParts } from "../instruments.ts";
import type { simulatedExchange } from "../simulated-schema.ts";
import { moneyOf, simulatedConfig } from "../simulation.ts";
import type { SimulatedExchangeConfig, SimulatedInstrument } from "./exchange-shapes.ts";
import type { Judging } from "./judging.ts";

type Values = z.infer<typeof simulatedExchange>;
type Entry = Values["instruments"][number];

/** What is traded where nobody says. */
const DEFAULT_SYMBOL = "BTC/USDT:USDT";

/** Null when an instrument is wrong; the problems were said. */
export function simulatedExchangeConfig(values: Values, judging: Judging): SimulatedExchangeConfig | null {
  const entries: readonly Entry[] = values.instruments.length === 0 ? [{ symbol: DEFAULT_SYMBOL }] : values.instruments;
  if (values.fillModel.level === "L1" && values.fillModel.queue !== "front" && values.fillModel.queue !== "back") {
    judging.say("simulated.fillModel.queue", `${values.fillModel.queue} needs level L2; L1 knows front and back`);
  }
  if (values.market === "live") return followingConfig(values, entries, judging);
  if (values.follow !== undefined) judging.say("simulated.follow", "is for market live; give market: live");
  const instruments: SimulatedInstrument[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const at = `simulated.instruments.${index}`;
    if (seen.has(entry.symbol))
      judging.say(`${at}.symbol`, `${entry.symbol} is given twice; list each instrument once`);
    seen.add(entry.symbol);
    const read = simulatedInstrument(entry.symbol, entry);
    if (!read.ok) {
      for (const { field, text } of read.error) judging.say(`${at}.${field ?? "symbol"}`, text);
      continue;
    }
    instruments.push(marketOf(values, { entry, at, only: entries.length === 1, instrument: read.value }, judging));
  }
  const first = instruments[0];
  if (first === undefined) return null;
  const { speed, seed, margin, latency, fill } = simulatedConfig(values, first.instrument);
  const balances = balancesOf(
    values,
    instruments.map((one) => one.instrument),
  );
  return { instruments, follow: null, speed, seed, margin, latency, fill, balances };
}

/** Whose market is followed knows its instruments best; here only their names are judged. */
function followingConfig(values: Values, entries: readonly Entry[], judging: Judging): SimulatedExchangeConfig | null {
  const { follow } = values;
  if (follow === undefined)
    judging.say("simulated.follow", "nothing is not allowed with market live; name an exchange");
  if (values.data !== undefined) judging.say("simulated.data", "is not for market live, which is followed");
  if (values.speed !== 1) judging.say("simulated.speed", "is not for market live, which goes by itself");
  const symbols = [...new Set(entries.map(({ symbol }) => symbol))];
  const parts = symbols.flatMap((symbol) => {
    const named = symbolParts(symbol);
    if (!named.ok) judging.say("simulated.instruments", named.error);
    return named.ok ? [named.value] : [];
  });
  const kinds = new Set(parts.map(({ kind }) => kind));
  if (kinds.size > 1) judging.say("simulated.instruments", "of spot and of perpetuals do not go together with live");
  const [first] = parts;
  if (follow === undefined || first === undefined) return null;
  const { speed, seed, margin, latency, fill } = simulatedConfig(values, NO_FEES);
  const leverage = entries.find((entry) => entry.leverage !== undefined)?.leverage ?? DEFAULT_LEVERAGE;
  const endpoints = values.endpoints ?? null;
  const followed = { exchange: follow, market: first.kind, symbols, endpoints, leverage };
  return { instruments: [], follow: followed, speed, seed, margin, latency, fill, balances: balancesOf(values, parts) };
}

interface Place {
  readonly entry: Entry;
  readonly at: string;
  readonly only: boolean;
  readonly instrument: Instrument;
}

/** `data` and `startPrice` of the section are for an exchange of one instrument. */
function marketOf(values: Values, place: Place, judging: Judging): SimulatedInstrument {
  const { entry, only, instrument } = place;
  const data = entry.data ?? (only ? values.data : undefined) ?? null;
  const startPrice = entry.startPrice ?? (only ? values.startPrice : undefined) ?? null;
  if (!only && values.data !== undefined) judging.say("simulated.data", FOR_ONE);
  if (!only && values.startPrice !== undefined) judging.say("simulated.startPrice", FOR_ONE);
  if (values.market === "recorded" && data === null) {
    const text = `nothing is not allowed with market recorded; give the path of a recording of ${entry.symbol}`;
    judging.say(only ? "simulated.data" : `${place.at}.data`, text);
  }
  const { fees } = simulatedConfig(values, instrument);
  return { instrument, data, startPrice, fees };
}

/** Whose instruments tell the fees. */
const NO_FEES = { makerPpm: 0, takerPpm: 0 };

const FOR_ONE = "is for an exchange of one instrument; give it to each of simulated.instruments";

function balancesOf(
  values: Values,
  instruments: readonly Pick<Instrument, "kind" | "base" | "quote">[],
): ReadonlyMap<string, Money> {
  const balances = new Map<string, Money>();
  for (const instrument of instruments) balances.set(instrument.quote, moneyOf(values.balance));
  const base = moneyOf(values.baseBalance);
  if (base === money(0n)) return balances;
  for (const instrument of instruments) {
    if (instrument.kind === "spot" && !balances.has(instrument.base)) balances.set(instrument.base, base);
  }
  return balances;
}
