// Faults of requests and replies: what becomes of a call between the client and the exchange. The order is that in
// which the gate looks.

import { type CatalogueRow, flag, mutationFault, requestFault, whole } from "./row.ts";

const status = whole("HTTP status: 500, 502, 503 or 504", {
  min: 500,
  max: 504,
  unless: 503,
  among: [500, 502, 503, 504],
});

export const REQUEST_ROWS = {
  ban: requestFault({
    times: 1,
    parameters: { seconds: whole("how long it lasts", { min: 1, max: 604_800, unless: 120 }) },
    wire: "418 with Retry-After until the end, from the first request it meets; dials are refused meanwhile",
    correct: "silent until the end, alert",
    naive: "keeps asking: every call fails, its orders stay where they are",
  }),
  rateLimit: requestFault({
    parameters: {
      limit: whole("requests let pass in a minute", { unless: 0 }),
      retryAfterS: whole("what Retry-After says", { min: 1, max: 3600, unless: 5 }),
    },
    wire: "429 with Retry-After above the limit; who asks three times before then is banned (418, 120 s, doubling)",
    correct: "waits, one bulk cancel at most, no 418",
    naive: "asks again at once and is banned",
  }),
  timeoutNotAccepted: mutationFault({
    parameters: { reset: flag("the connection is reset instead of left silent") },
    wire: "the request is dropped before matching, no reply",
    correct: "waits out the expiry, finds nothing, re-sends once",
    naive: "hangs, or believes that an order rests which never was",
  }),
  serverErrorNotAccepted: mutationFault({
    parameters: { status, body: { is: "text", unless: null, means: "the body, instead of the exchange's own" } },
    wire: "a 5xx, and the request was not done",
    correct: "unknown, settles, no duplicate",
    naive: "takes it for placed, or gives up the slot",
  }),
  acceptLate: mutationFault({
    parameters: { delayMs: whole("how long the request lies before it is done", { unless: 3_000 }) },
    wire: "no reply; the request is done after the delay, unless its receive window has passed",
    correct: 'never concludes "absent" before the expiry',
    naive: "looks once, finds nothing, sends again: two orders",
  }),
  acceptThenTimeout: mutationFault({
    parameters: {
      delayMs: whole("the reply comes this late; never where it is not given", { unless: null }),
      reset: flag("the connection is reset after the request was done"),
    },
    wire: "the request is done; the reply is withheld, or the connection is reset",
    correct: "treats it as unknown, settles by stream or look-up, one order exists",
    naive: "sends again: two orders",
  }),
  serverErrorAfterAccept: mutationFault({
    parameters: { status, body: { is: "text", unless: null, means: "the body, instead of the exchange's own" } },
    wire: "the request is done, and answered by a 5xx",
    correct: "unknown, settles",
    naive: "sends again: two orders",
  }),
  duplicateIdAccepted: requestFault({
    kinds: ["place"],
    wire: "the order is accepted and filled at once, the connection is reset without a reply; its id is free again",
    correct: "never re-sends blindly",
    naive: "sends the same id again and opens a second order: twice the position",
  }),
  cutReply: mutationFault({
    parameters: { atByte: whole("bytes of the body that are sent; 0: an empty body", { unless: 0 }) },
    wire: "200, and the body ends early",
    correct: "unknown, settles",
    naive: "crashes on the body, or sends again: two orders",
  }),
  slow: requestFault({
    parameters: {
      ms: whole("delay of each reply and frame", { unless: 1_000 }),
      jitterMs: whole("up to this much more, by seed", { unless: 0 }),
      bytesPerS: whole("bandwidth, one thing after the other; 0: no limit", { max: 1_000_000_000, unless: 0 }),
    },
    wire: "slow replies and frames; with a bandwidth, each waits for the one before it",
    correct: "deadlines hold, budget not exceeded",
    naive: "waits without end, or piles up requests",
  }),
} as const satisfies Readonly<Record<string, CatalogueRow>>;
