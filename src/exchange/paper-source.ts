// Where the rows of a paper exchange's markets come from: made up for each instrument, or one recording for the one
// instrument it shows. It chooses and checks; it simulates nothing.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FillChoice } from "../config/loaded.ts";
import { assertAccepted } from "../data/finding.ts";
import { loadData } from "../data/open.ts";
import { type Instrument, parsePrice } from "../market/instrument.ts";
import type { Tape } from "../market/tape.ts";
import { calmMarket } from "../sim/calm-market.ts";
import { type MarketSource, tapeSource } from "../sim/market-source.ts";
import type { FillModel } from "../sim/options.ts";
import { SyntheticMarket } from "../sim/synthetic-market.ts";

/** What a paper exchange refuses at its start; `code` says which. */
export class PaperExchangeError extends Error {
  override readonly name = "PaperExchangeError";
  readonly code: "START_PRICE" | "STEPS_DIFFER" | "INSTRUMENTS_CHANGED" | "ONE_INSTRUMENT";
  /** What to do about it. */
  readonly advice: string;

  constructor(code: PaperExchangeError["code"], text: string, advice: string) {
    super(text);
    this.code = code;
    this.advice = advice;
  }
}

export interface PaperSource {
  readonly source: MarketSource;
  readonly fill: FillModel;
  /** Exchange time of its first row, µs. */
  readonly startUs: number;
}

/** First prices of made-up markets that are told none, by base asset; anything else begins at 100. */
const FIRST_PRICES: ReadonlyMap<string, string> = new Map([
  ["BTC", "60000"],
  ["ETH", "3000"],
  ["BNB", "600"],
  ["SOL", "150"],
  ["XRP", "2"],
  ["DOGE", "0.2"],
]);

/** Decimal text of the price a made-up market begins at. */
export const firstPriceOf = (instrument: Instrument, startPrice: string | null): string =>
  startPrice ?? FIRST_PRICES.get(instrument.base) ?? "100";

/** A made-up market of one instrument. Errors: {@link PaperExchangeError} START_PRICE. */
export function syntheticSource(
  instrument: Instrument,
  given: {
    readonly seed: string;
    readonly startPrice: string | null;
    readonly startUs: number;
    readonly fill: FillChoice;
  },
): PaperSource {
  const { startUs, fill } = given;
  const text = firstPriceOf(instrument, given.startPrice);
  const price = parsePrice(instrument, text, "nearest");
  const least = 1_000;
  if (!price.ok || price.value < least) {
    const why = price.ok ? `${text} is only ${price.value} ticks of ${instrument.tickSize}` : price.error;
    throw new PaperExchangeError(
      "START_PRICE",
      `simulated.startPrice: ${why}; a made-up market of ${instrument.symbol} needs ${least} ticks at least`,
      "Set simulated.startPrice to a price of this instrument.",
    );
  }
  const source = new SyntheticMarket(calmMarket({ instrument, price: price.value, seed: given.seed, startUs }));
  return { source, fill: { level: "L2", queue: fill.queue }, startUs };
}

/** A recording as the market of one instrument. Errors: DataError, {@link PaperExchangeError} STEPS_DIFFER. */
export async function recordedSource(
  path: string,
  instrument: Instrument,
  given: {
    readonly fill: FillChoice;
    readonly onProgress: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
  },
): Promise<PaperSource> {
  const loaded = await loadData([path], { symbol: instrument.symbol, onProgress: given.onProgress });
  assertAccepted(loaded.findings, []);
  const { tickSize, lotSize } = instrument;
  if (loaded.instrument.tickSize !== tickSize || loaded.instrument.lotSize !== lotSize) {
    const there = `tick ${loaded.instrument.tickSize}, lot ${loaded.instrument.lotSize}`;
    throw new PaperExchangeError(
      "STEPS_DIFFER",
      `${path} was read in steps of ${there}; the configuration has tick ${tickSize}, lot ${lotSize}`,
      "Make them equal.",
    );
  }
  return { source: tapeSource(loaded.tape), fill: fillFor(given.fill, loaded.kind), startUs: firstUs(loaded.tape) };
}

/** First twelve hex digits of the file's SHA-256: another recording is another exchange. */
export async function recordingDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex").slice(0, 12);
}

function fillFor(fill: FillChoice, kind: string): FillModel {
  if (kind === "candles") {
    const path = fill.path === "both" ? "nearest" : fill.path;
    return { level: "L0", path, rule: fill.rule, volumeShareMaxPpm: fill.volumeShareMaxPpm };
  }
  if (kind === "trades" || fill.level === "L1") {
    return { level: "L1", queue: fill.queue === "front" ? "front" : "back" };
  }
  return { level: "L2", queue: fill.queue };
}

/** Exchange time of the first row that has one. */
function firstUs(tape: Tape): number {
  for (const us of tape.exchangeUs) if (us > 0) return us;
  return 0;
}
