// The instruments a connector serves, as the exchange last described them.

import { encodeCanonical } from "../../base/canonical.ts";
import type { Instrument } from "../../market/instrument.ts";
import { absent } from "../../rpc/fields.ts";
import type { SymbolInfo } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { invalidField } from "../../rpc/refusal.ts";
import { symbolInfoOf } from "../wire/symbol-info.ts";

interface Known {
  readonly instrument: Instrument;
  readonly info: SymbolInfo;
}

export class Instruments {
  private readonly known = new Map<string, Known>();

  /** Sorted. */
  get symbols(): readonly string[] {
    return [...this.known.keys()].sort();
  }

  get all(): readonly Instrument[] {
    return this.symbols.flatMap((symbol) => this.known.get(symbol)?.instrument ?? []);
  }

  find(symbol: string): Instrument | undefined {
    return this.known.get(symbol)?.instrument;
  }

  info(symbol: string): SymbolInfo | undefined {
    return this.known.get(symbol)?.info;
  }

  /** Takes the exchange's word; true when it differs from the one before. */
  set(instrument: Instrument, readAtMs: number): boolean {
    const before = this.known.get(instrument.symbol);
    this.known.set(instrument.symbol, { instrument, info: symbolInfoOf(instrument, readAtMs) });
    return before === undefined || encodeCanonical(before.instrument) !== encodeCanonical(instrument);
  }

  /** For orders: throws INVALID_ARGUMENT naming the field. */
  traded(field: string, symbol: string): Instrument {
    const known = this.known.get(symbol);
    if (known !== undefined) return known.instrument;
    throw invalidField(field, symbol === "" ? "is missing" : `"${printable(symbol)}" is not served: ${this.choices()}`);
  }

  /** For reads: throws INVALID_ARGUMENT when missing, NOT_FOUND when there is none of that name. */
  named(symbol: string): Instrument {
    const known = this.known.get(symbol);
    if (known !== undefined) return known.instrument;
    if (symbol === "") throw invalidField("symbol", `is missing: ${this.choices()}`);
    throw absent(`there is no instrument "${printable(symbol)}": ${this.choices()}`);
  }

  /** A list filter: empty means all (API-06). */
  chosen(field: string, symbols: readonly string[]): readonly Instrument[] {
    if (symbols.length === 0) return this.all;
    if (symbols.length > 1_000) throw invalidField(field, `has ${symbols.length} names, at most 1000`);
    return [...new Set(symbols)].map((symbol) => this.traded(field, symbol));
  }

  private choices(): string {
    const { symbols } = this;
    const shown = symbols.slice(0, 10).join(", ");
    return symbols.length > 10 ? `choose from ${shown} and ${symbols.length - 10} more` : `choose from ${shown}`;
  }
}

/** A name from outside as it may stand in an error. */
const printable = (text: string): string => text.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, "?");
