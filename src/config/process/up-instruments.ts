// Which instruments the simulated exchange of `opensqt up` has: those of its bots and those listed, each once, with the
// rules written for it. Remembers where each came from, so that a problem is said there.

import type { BotDraft } from "./bot-draft.ts";
import type { PlainSection } from "./shapes.ts";
import type { UpValues } from "./up-schema.ts";

export interface ListedInstruments {
  readonly entries: readonly PlainSection[];
  /** Rules for one instrument would have served two. */
  readonly sharedRules: boolean;
  /** `simulated.instruments.1.tickSize` of the list made here → the key a person wrote; null for other keys. */
  keyOf(key: string): string | null;
}

export function listedInstruments(
  simulated: UpValues["simulated"],
  bots: readonly BotDraft[],
  botKey: (index: number) => string,
): ListedInstruments {
  const entries: PlainSection[] = [...simulated.instruments];
  const places = simulated.instruments.map((_, index) => ({
    section: `simulated.instruments.${index}`,
    symbol: `simulated.instruments.${index}.symbol`,
  }));
  const listed = entries.length;
  for (const [index, { symbol }] of bots.entries()) {
    if (entries.some((one) => one["symbol"] === symbol)) continue;
    entries.push({ symbol, ...simulated.instrument });
    places.push({ section: "simulated.instrument", symbol: `${botKey(index)}.instrument` });
  }
  return {
    entries,
    sharedRules: Object.keys(simulated.instrument).length > 0 && entries.length > listed + 1,
    keyOf: (key) => {
      const [, index = "", field = ""] = /^simulated\.instruments\.(\d+)\.(.+)$/.exec(key) ?? [];
      const place = places[Number.parseInt(index, 10)];
      if (place === undefined) return key.startsWith("simulated.") ? key : null;
      return field === "symbol" ? place.symbol : `${place.section}.${field}`;
    },
  };
}
