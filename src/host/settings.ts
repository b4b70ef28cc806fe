// What a running bot is set to, for the operator who is about to change it: configuration, instrument, best prices and
// what the account has. Canonical text, so that integers and money arrive as they are.

import { decodeCanonical, encodeCanonical } from "../base/canonical.ts";
import type { Lots, Money, Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { BotConfigData } from "../trading/event.ts";
import type { BotHost } from "./host.ts";

export interface BotSettings {
  readonly configHash: string;
  readonly config: BotConfigData | null;
  readonly instrument: Instrument | null;
  readonly bid: Ticks | null;
  readonly ask: Ticks | null;
  readonly position: Lots;
  readonly quoteAvailable: Money | null;
}

/** The answer to the query `settings`. */
export function settingsText(host: Pick<BotHost, "state">): string {
  const { configHash, config, instrument, book, ledger, equity } = host.state;
  const settings: BotSettings = {
    configHash,
    config,
    instrument,
    bid: book?.bids[0]?.[0] ?? null,
    ask: book?.asks[0]?.[0] ?? null,
    position: ledger.position,
    quoteAvailable: equity?.quoteAvailable ?? null,
  };
  return encodeCanonical(settings);
}

/** Reads what {@link settingsText} wrote; null for anything else. */
export function readSettings(text: unknown): BotSettings | null {
  if (typeof text !== "string") return null;
  const value: unknown = decodeCanonical(text);
  return typeof value === "object" && value !== null && "configHash" in value ? (value as BotSettings) : null;
}
