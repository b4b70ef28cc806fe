// A journal replayed in slices, so that a question about the past does not hold up the bots that trade: the state
// before an event, from the nearest snapshot. Reads only.

import { setImmediate as nextRound } from "node:timers/promises";
import type { BotState } from "../../engine/state.ts";
import { decodeEvent } from "../../journal/codec.ts";
import type { JournalReader, JournalRecord } from "../../journal/port.ts";
import type { Engine } from "../context.ts";
import { baseFor } from "../replay-journal.ts";

/** Longest time others wait while it works. */
const SLICE_MS = 5;

export interface Before {
  /** As of just before the event. */
  readonly state: BotState;
  /** The event's own record. */
  readonly record: JournalRecord;
}

/** Gives way now and then; throws the signal's reason when nobody waits for the answer any more. */
export class Slices {
  private sinceMs = performance.now();
  private readonly signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  async breathe(): Promise<void> {
    if (performance.now() - this.sinceMs < SLICE_MS) return;
    await nextRound();
    this.signal?.throwIfAborted();
    this.sinceMs = performance.now();
  }
}

/** The state before event `seq`, and the event; null when the journal has no such event. */
export async function replayTo(
  reader: JournalReader,
  engine: Engine,
  { seq, signal }: { readonly seq: number; readonly signal?: AbortSignal },
): Promise<Before | null> {
  const slices = new Slices(signal);
  const { state, position } = baseFor(reader, engine, seq);
  for (const record of reader.records(position)) {
    if (record.type !== "event") continue;
    if (record.seq === seq) return { state, record };
    if (record.seq > seq) return null;
    engine.step(state, decodeEvent(record));
    await slices.breathe();
  }
  return null;
}

/** Number of the newest event at or before `atMs`; 0 when there is none. */
export function seqAt(reader: JournalReader, atMs: number): number {
  let low = 0;
  let high = reader.position;
  // engine time never goes back along the journal, so half of it can be left out each time
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const record = firstAfter(reader, middle - 1);
    if (record !== null && record.atMs <= atMs) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? 0 : (firstAfter(reader, low - 1)?.seq ?? 0);
}

function firstAfter(reader: JournalReader, position: number): JournalRecord | null {
  for (const record of reader.records(position)) return record;
  return null;
}

/** Effects an event caused, in their order. They stand after the events of their turn, before those of the next. */
export function effectsOf(reader: JournalReader, event: JournalRecord): readonly JournalRecord[] {
  const effects: JournalRecord[] = [];
  let inEffects = false;
  for (const record of reader.records(event.position)) {
    if (record.type === "event" && inEffects) break;
    if (record.type === "event" && record.atMs !== event.atMs) break;
    if (record.type === "effect") {
      inEffects = true;
      if (record.seq === event.seq) effects.push(record);
    }
  }
  return effects;
}
