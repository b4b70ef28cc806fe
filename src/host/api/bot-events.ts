// SubscribeEvents: a bot's journal as it grows, lossless because it is read from the journal itself. A token is the
// journal's id and a position, so it is good after a restart of the process too (API-19).

import type { StoredReader } from "../../journal/store.ts";
import { notNow } from "../../rpc/fields.ts";
import type {
  SubscribeEventsRequest,
  SubscribeEventsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { Bell, follow, metaOf } from "./bot-cursor.ts";
import { recordMessage } from "./bot-messages.ts";
import { requiredBot } from "./bot-refusals.ts";

/** Records read before others get a turn. */
const SLICE = 500;
const KINDS_MAX = 50;
const KIND = /^[a-z][a-z-]{0,39}$/;

type Message = Partial<SubscribeEventsResponse>;

export async function* subscribeEvents(
  fleet: Fleet,
  request: SubscribeEventsRequest,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const bot = requiredBot(fleet, request.botId);
  const kinds = kindsOf(request.kinds);
  const { fromSequence, resumeToken } = request;
  if (!Number.isSafeInteger(fromSequence) || fromSequence < 0) {
    throw invalidField("from_sequence", "must be a journal number, or 0 for from now on");
  }
  if (fromSequence > 0 && resumeToken !== "")
    throw invalidField("resume_token", "must not be given beside from_sequence");
  if (!bot.hasJournal) throw notNow("CONDITION", `${bot.id} has no journal yet: start it first`);
  const reader = bot.openReader();
  const bell = new Bell();
  const stop = fleet.observe((which) => {
    if (which.id === bot.id) bell.ring();
  });
  try {
    const position = beginning(reader, { fromSequence, resumeToken });
    const cursor = new JournalCursor(reader, { position, kinds });
    yield* follow({ bell, ...cursor.kept() }, signal);
  } finally {
    stop();
    reader.close();
  }
}

function kindsOf(given: readonly string[]): ReadonlySet<string> {
  if (given.length > KINDS_MAX) throw invalidField("kinds", `has ${given.length} entries, at most ${KINDS_MAX}`);
  for (const [i, kind] of given.entries()) {
    if (!KIND.test(kind)) throw invalidField(`kinds[${i}]`, "must be the kind of an event or effect, as fill");
  }
  return new Set(given);
}

interface Beginning {
  readonly fromSequence: number;
  readonly resumeToken: string;
}

/** Position after which the stream begins. Throws OUT_OF_RANGE for a token of another journal, or of its future. */
function beginning(reader: StoredReader, { fromSequence, resumeToken }: Beginning): number {
  if (resumeToken !== "") {
    const [id, text = ""] = Buffer.from(resumeToken, "base64url").toString().split("/");
    const position = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : -1;
    if (id === reader.meta.journalId && position >= 0 && position <= reader.position) return position;
    const message = "this token is of another journal, or of a newer state of this one; subscribe with from_sequence";
    throw new RpcRefusal({ status: "OUT_OF_RANGE", reason: "OVERRUN", message });
  }
  if (fromSequence === 0) return reader.position;
  if (fromSequence > reader.seq + 1) {
    throw invalidField("from_sequence", `must be at most ${reader.seq + 1}, the next number of the journal`);
  }
  return positionBefore(reader, fromSequence);
}

/** Position of the record before event `seq`. Numbers of events never go back along the journal. */
function positionBefore(reader: StoredReader, seq: number): number {
  let low = 0;
  let high = reader.position;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // an effect carries the number of its cause, which may stand before a later event of the same turn
    const event = nextEventSeq(reader, middle);
    if (event !== null && event < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nextEventSeq(reader: StoredReader, after: number): number | null {
  for (const record of reader.records(after)) if (record.type === "event") return record.seq;
  return null;
}

class JournalCursor {
  private readonly reader: StoredReader;
  private readonly kinds: ReadonlySet<string>;
  private position: number;
  private atMs = 0;

  constructor(reader: StoredReader, given: { readonly position: number; readonly kinds: ReadonlySet<string> }) {
    this.reader = reader;
    this.position = given.position;
    this.kinds = given.kinds;
  }

  kept() {
    return {
      begin: () => this.bare(StreamKind.SNAPSHOT_END),
      heartbeat: () => this.bare(StreamKind.HEARTBEAT),
      take: () => this.slice(),
    };
  }

  private *slice(): Generator<Message> {
    const { kinds } = this;
    let read = 0;
    for (const record of this.reader.records(this.position)) {
      this.position = record.position;
      this.atMs = record.atMs;
      const message = kinds.size > 0 && !kinds.has(record.kind) ? null : recordMessage(record);
      if (message !== null) yield { meta: this.meta(StreamKind.UPDATE), record: message };
      read += 1;
      if (read === SLICE) return;
    }
  }

  private bare(kind: StreamKind): Message {
    return { meta: this.meta(kind) };
  }

  private meta(kind: StreamKind) {
    const { position, atMs, reader } = this;
    const resumeToken = Buffer.from(`${reader.meta.journalId}/${position}`).toString("base64url");
    return metaOf({ kind, sequence: position, resumeToken, atMs });
  }
}
