// Faults only the matching side can do: the protocol asks for them by name while it answers.

import { type CatalogueRow, flag, insideFault, whole } from "./row.ts";

export const INSIDE_ROWS = {
  wrongRouteSilent: insideFault({
    wire: "a subscription is acknowledged and never delivers",
    correct: "noticed as no first frame within 5 s",
    naive: "waits for ever",
  }),
  crossedBook: insideFault({
    wire: "bid at or above ask for one frame",
    correct: "frame rejected, rebuild",
    naive: "quotes at a price that is not there",
  }),
  staleSnapshot: insideFault({
    parameters: { ageMs: whole("how old it is", { unless: 5_000 }) },
    wire: "the REST depth is older than the stream",
    correct: "retries, no corrupt book",
    naive: "applies new differences to an old book: wrong levels",
  }),
  postOnlyReject: insideFault({
    kinds: ["place"],
    parameters: { thenCancel: flag("accepted first, and then cancelled") },
    wire: "a post-only order is refused as one that would take, or accepted and then cancelled",
    correct: "re-prices, never falls back to a taker order",
    naive: "sends it again as an order that may take",
  }),
  partialThenCancelRace: insideFault({
    kinds: ["cancel"],
    parameters: {
      lots: whole("lots filled between the request and its effect", { min: 1, max: 1_000_000, unless: 1 }),
      cancelLoses: flag("the order is filled whole and the cancel is refused as unknown order"),
    },
    wire: "a fill between the cancel request and its effect",
    correct: "keeps the fill, settles the rest",
    naive: "counts the order as cancelled without a fill: wrong position",
  }),
  cancelLost: insideFault({
    kinds: ["cancel"],
    wire: "the cancel is acknowledged, the order stays open",
    correct: "verifies, cancels again",
    naive: "forgets an order that rests",
  }),
  insufficientMargin: insideFault({
    kinds: ["place"],
    parameters: {
      fromNotional: whole("whole units of quote from which it strikes", { max: 1_000_000_000, unless: 0 }),
    },
    wire: "refused for lack of margin",
    correct: "rejected, backs off, closes still work",
    naive: "believes that the order rests, or asks again without end",
  }),
  reduceOnlyConflict: insideFault({
    kinds: ["place"],
    wire: "a reduce-only order is refused, or older reduce-only orders are cancelled",
    correct: "sees the cancellations, re-plans",
    naive: "believes that its position is being closed",
  }),
  pageLimit: insideFault({
    parameters: { size: whole("entries on a page", { min: 1, max: 1_000, unless: 2 }) },
    wire: "small pages, changing while they are read",
    correct: "reads all pages, tolerates moves",
    naive: "takes the first page for all: lost fills",
  }),
  oddNumbers: insideFault({
    wire: "numbers as strings, strings as numbers, exponents, trailing zeros",
    correct: "exact parsing",
    naive: "cuts the text as it always did: crashes, or a wrong position",
  }),
} as const satisfies Readonly<Record<string, CatalogueRow>>;
