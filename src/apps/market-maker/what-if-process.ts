// The process of one what-if (DUR-70): told over its channel what to play, it answers how far it is and what came out,
// and ends. It only reads, so it may be killed at any instant; it ends by itself when its engine is gone.

import type { WhatIfSide as Played } from "../../backtest/what-if.ts";
import { formatDecimal } from "../../base/decimal.ts";
import { seqAt } from "../../host/fleet/sliced-replay.ts";
import { PostgresStore } from "../../journal/postgres/store.ts";
import { openJournalReader } from "../../journal/reader.ts";
import type { StoredReader } from "../../journal/store.ts";
import type { JournalAddress } from "../../journal/verify-beside.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import { GetWhatIfResponse, type PnlPoint, WhatIfDecision } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { type Changed, notesOf, playWhatIf, type Unchanged } from "../opensqt/what-if-play.ts";
import { CURVE_POINTS_MAX, type JobAsk, type JobWord } from "./what-if-words.ts";

const EQUITY = 3;
/** A curve is for drawing: micro-units of the quote are enough. */
const CURVE_DIGITS = 6;

process.once("message", (ask: JobAsk) => void answer(ask));
process.once("disconnect", () => process.exit(EXIT_CODES.done));

async function answer({ journal, config, fromMs, toMs }: JobAsk): Promise<void> {
  let told = 0;
  try {
    const { reader, close } = openAt(journal);
    try {
      const fromSeq = fromMs === 0 ? 1 : seqAt(reader, fromMs - 1) + 1;
      // the bot goes on writing: every pass ends where the journal ended when this began
      const toSeq = toMs === 0 ? reader.seq : seqAt(reader, toMs - 1);
      const played = await playWhatIf(reader, {
        range: { fromSeq, toSeq },
        text: config,
        file: "configuration",
        environment: {},
        onProgress: (part) => {
          const bps = Math.floor(part * 9_900);
          if (bps >= told + 50) send({ kind: "progress", bps });
          if (bps >= told + 50) told = bps;
          return false;
        },
      });
      if (played === null) throw new Error("it was ended before it was done");
      send({ kind: "done", answer: GetWhatIfResponse.toJSON(answerOf(played)) });
    } finally {
      close();
    }
  } catch (error) {
    send({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
  }
}

/** The channel stays open until the word is out, and is what keeps this process. */
function send(word: JobWord): void {
  process.send?.(word, () => {
    if (word.kind !== "progress" && process.connected) process.disconnect?.();
  });
}

function openAt(journal: JournalAddress): { readonly reader: StoredReader; readonly close: () => void } {
  if (journal.kind === "folder") {
    const reader = openJournalReader(journal.folder, { archives: true });
    return { reader, close: () => reader.close() };
  }
  const { kind: _kind, name, ...options } = journal;
  const store = new PostgresStore({ ...options, name: "opensqt what-if" });
  const reader = store.openReader(name, { archives: true });
  return {
    reader,
    close: () => {
      reader.close();
      void store.close();
    },
  };
}

function answerOf(played: Changed | Unchanged): GetWhatIfResponse {
  const { lived } = played;
  const { orders, fills, pnl } = lived;
  const recorded = { orders, fills, pnl: toDecimal(pnl), curve: [] };
  if (played.unchanged)
    return GetWhatIfResponse.fromPartial({ unchanged: true, recorded, notes: [replayWords(played)] });
  const { result, revisions } = played;
  const { before, after, first } = result;
  return GetWhatIfResponse.fromPartial({
    recorded,
    simulated: sideOf(before),
    changed: sideOf(after),
    ordersBoth: result.orders.both,
    ordersOnlySimulated: result.orders.onlyBefore,
    ordersOnlyChanged: result.orders.onlyAfter,
    first:
      first === null
        ? undefined
        : { index: first.index, simulated: decisionOf(first.before), changed: decisionOf(first.after) },
    parityPercent: toDecimal(lived.parityPercent === null ? null : `${lived.parityPercent}`),
    notes: [...notesOf(played)],
    revisions,
  });
}

const replayWords = ({ replay: { effects, postings, marks } }: Unchanged): string =>
  "the configuration is the one that ran, so this is a replay: " +
  `${effects} effects, ${postings} postings and ${marks} marks are the same, byte for byte`;

function sideOf({ configHash, orders, fills, lotsFilled, pnl, fees, funding, curve }: Played) {
  return {
    orders,
    fills,
    configHash,
    pnl: toDecimal(pnl),
    fees: toDecimal(fees),
    funding: toDecimal(funding),
    lotsFilled: toDecimal(lotsFilled),
    curve: pointsOf(curve.column(0), curve.column(EQUITY)),
  };
}

/** Result since the first sample, evenly thinned; the last one is always there. */
function pointsOf(timesUs: Float64Array, equity: Float64Array): PnlPoint[] {
  const last = timesUs.length - 1;
  const count = Math.min(timesUs.length, CURVE_POINTS_MAX);
  const [start = 0] = equity;
  return Array.from({ length: count }, (_, n) => {
    const at = count === 1 ? last : Math.round((n * last) / (count - 1));
    const micro = Math.round(((equity[at] ?? start) - start) * 10 ** CURVE_DIGITS);
    return {
      atMs: Math.floor((timesUs[at] ?? 0) / 1000),
      net: toDecimal(formatDecimal(BigInt(micro), CURVE_DIGITS)),
      realizedGross: undefined,
      fees: undefined,
      funding: undefined,
      interest: undefined,
      unrealized: undefined,
      drawdown: undefined,
    };
  });
}

function decisionOf(decided: NonNullable<Changed["result"]["first"]>["before"]): WhatIfDecision | undefined {
  if (decided === null) return undefined;
  const { atMs, text, because } = decided;
  return WhatIfDecision.fromPartial({ atMs, text, because });
}
