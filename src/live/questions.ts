// What a console may ask and the picture does not know: older candles, and why. Answered by the sources, in time or with
// the reason why not.

import type { Result } from "../base/result.ts";
import type { ClassicKline, Explain, Seconds } from "./messages.ts";
import type { CandleKey } from "./picture-writer.ts";

export interface CandleQuestion extends CandleKey {
  /** Open time before which candles are wanted, seconds; 0 = the newest. */
  readonly before: Seconds;
  readonly limit: number;
}

export type Explanation = Extract<Explain, { steps: unknown }>;

export interface Questions {
  /** Oldest first, prices padded to the tick; an error says what is missing, for a person. */
  candles(question: CandleQuestion): Promise<Result<readonly ClassicKline[], string>>;
  /** By order, client order, fill or refusal. */
  explain(id: string): Promise<Result<Omit<Explanation, "requestId">, string>>;
  /** Candles of an interval somebody looks at; returns what ends the wish. */
  want(of: CandleKey): () => void;
}
