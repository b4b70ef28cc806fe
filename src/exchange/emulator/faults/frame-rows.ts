// Faults of streams: what becomes of a frame between the exchange and the client.

import { type CatalogueRow, eventFault, flag, frameFault, type ParameterRule, whole } from "./row.ts";

const kind: ParameterRule = {
  is: "text",
  unless: null,
  means: "the exchange's event word; every event where not given",
};

export const FRAME_ROWS = {
  dropEvent: eventFault({
    parameters: { kind },
    wire: "a user event is never sent",
    correct: "REST reconciliation within 15 s",
    naive: "never hears of a fill: wrong position",
  }),
  duplicateEvent: eventFault({
    parameters: {
      kind,
      copies: whole("how many more are sent", { min: 1, max: 100, unless: 1 }),
      gapMs: whole("time between them", { unless: 0 }),
    },
    wire: "the same user event again, with the same ids",
    correct: "applies once",
    naive: "counts a fill twice: wrong position",
  }),
  reorderEvents: eventFault({
    parameters: {
      kind,
      window: whole("user events that change places", { min: 2, max: 100, unless: 2 }),
      holdMs: whole("what waits for the others no longer than this", { unless: 1_000 }),
      replyHoldMs: whole("replies to orders come this much later, so that fills are heard first", { unless: 0 }),
    },
    wire: "user events come in reverse within the window; fills before the reply to their order",
    correct: "final state right",
    naive: "the older event wins: an order that is filled counts as open",
  }),
  lateEvent: eventFault({
    parameters: { kind, delayMs: whole("how late", { unless: 3_000 }) },
    wire: "a user event comes seconds after the fact",
    correct: "no double counting when REST was first",
    naive: "acts on what it does not know yet: places again what is filled",
  }),
  silentStall: frameFault({
    times: 1,
    parameters: {
      streams: { is: "choice", among: ["user", "public", "all"], unless: "all", means: "which sockets" },
      answersPing: flag("pings are answered", true),
    },
    wire: "sockets that are open stay open and send nothing more; a new one works",
    correct: "stale within limits, quotes pulled, socket replaced",
    naive: "trades on without eyes: lost fills",
  }),
  sequenceGap: frameFault({
    sockets: ["public"],
    parameters: { skip: whole("book frames left out", { min: 1, max: 1_000, unless: 1 }) },
    wire: "book frames are left out, the chain is broken",
    correct: "stale, snapshot, rebuild",
    naive: "goes on with a book that has wrong levels",
  }),
} as const satisfies Readonly<Record<string, CatalogueRow>>;
