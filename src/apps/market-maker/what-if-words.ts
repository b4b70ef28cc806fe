// What an engine and the process of a what-if say to each other. Types and bounds only.

import type { WhatIfAsk } from "../../host/api/bot-what-if.ts";

/** The first and only message to it. */
export type JobAsk = Pick<WhatIfAsk, "journal" | "config" | "fromMs" | "toMs">;

/** What it says; the last one is no progress. */
export type JobWord =
  | { readonly kind: "progress"; readonly bps: number }
  /** `answer`: the JSON form of a GetWhatIfResponse. */
  | { readonly kind: "done"; readonly answer: unknown }
  | { readonly kind: "failed"; readonly text: string };

export const CURVE_POINTS_MAX = 1_000;
