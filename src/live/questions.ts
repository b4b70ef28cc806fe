// What a console may ask and the picture does not know: older candles, why, a bot's configuration and what it would
// place, the bot as it was. Answered by the sources, in time or with the reason why not.

import type { Result } from "../base/result.ts";
import type { BotConfig, ClassicKline, Explain, Ms, Preview, Seconds, StateAt, WhatIfJob } from "./messages.ts";
import type { CandleKey } from "./picture-writer.ts";

export interface CandleQuestion extends CandleKey {
  /** Open time before which candles are wanted, seconds; 0 = the newest. */
  readonly before: Seconds;
  readonly limit: number;
}

export type Explanation = Extract<Explain, { steps: unknown }>;

export type ToldConfig = Omit<Extract<BotConfig, { text: unknown }>, "requestId">;
export type ToldPreview = Omit<Extract<Preview, { orders: unknown }>, "requestId">;
export type NoPreview = Omit<Extract<Preview, { error: unknown }>, "requestId">;
export type ToldState = Omit<Extract<StateAt, { slots: unknown }>, "requestId">;

export type ToldWhatIf = Omit<Extract<WhatIfJob, { job: unknown }>, "requestId">;

export interface StateQuestion {
  readonly bot: string;
  /** Journal number; or 0, and `at` counts. */
  readonly sequence: number;
  readonly at: Ms;
}

export interface Questions {
  /** Oldest first, prices padded to the tick; an error says what is missing, for a person. */
  candles(question: CandleQuestion): Promise<Result<readonly ClassicKline[], string>>;
  /** By order, client order, fill or refusal. */
  explain(id: string): Promise<Result<Omit<Explanation, "requestId">, string>>;
  /** A bot's configuration as text, secrets never in it. */
  config(bot: string): Promise<Result<ToldConfig, string>>;
  /** What a configuration would place on the bot as it stands; empty text = its own. Changes nothing. */
  preview(bot: string, config: string): Promise<Result<ToldPreview, NoPreview>>;
  /** The bot as it was after one event of its journal. */
  state(question: StateQuestion): Promise<Result<ToldState, string>>;
  /** How far the newest what-if of the bot is, and what came out. */
  whatIf(bot: string): Promise<Result<ToldWhatIf, string>>;
  /** Candles of an interval somebody looks at; returns what ends the wish. */
  want(of: CandleKey): () => void;
}
