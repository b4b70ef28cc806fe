// Places and amends orders: what was asked in one turn leaves as lists where the exchange takes them (decision 0027,
// EXCH-12, EXCH-13), every element ends alone, and nothing that may have been sent is ever called refused.

import { type ClientOrderId, foreignOrderId } from "../../trading/client-order-id.ts";
import type { PlaceRequest, SendOutcome } from "../port.ts";
import type { CallReply } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { CcxtReads } from "./ccxt-reads.ts";
import type { BatchElement, ExchangeTable, WireOrder } from "./exchanges/exchange-table.ts";
import type { Instruments } from "./instruments.ts";
import { isNotSent, judgeSend, meaningOf, type SendJudgement, sendJudgement } from "./outcome.ts";
import { recordOf, textOf } from "./raw.ts";
import type { Redactor } from "./redact.ts";
import type { SentIds } from "./sent-ids.ts";
import { bySymbol, chunksOf, Turn } from "./turn.ts";
import { type Formats, wireOrder } from "./wire-order.ts";

export interface PlaceDeskOptions {
  readonly table: ExchangeTable;
  readonly calls: Calls;
  readonly reads: Pick<CcxtReads, "lookup">;
  readonly instruments: Instruments;
  readonly formats: Formats;
  readonly sent: SentIds;
  readonly redactor: Redactor;
  readonly nowMs: () => number;
  /** After so long "not found" proves that an order was never accepted (EXCH-10). */
  readonly absenceProvenAfterMs: number;
  /** Why no order may be placed now; null: it may. */
  readonly objection: (symbol: string) => string | null;
  /** Told how each order ended that was sent. */
  readonly ended: (order: { readonly symbol: string; readonly clientOrderId: string }, outcome: SendOutcome) => void;
}

interface Asked {
  readonly symbol: string;
  readonly wire: WireOrder;
  readonly askedAtMs: number;
  /** Its id was sent before: a refusal of this sending does not free it. */
  readonly again: boolean;
  /** When its first sending was asked for, where this is the second. */
  readonly firstAskedAtMs?: number;
  readonly done: (outcome: SendOutcome) => void;
}

export class PlaceDesk {
  private readonly options: PlaceDeskOptions;
  private readonly turn = new Turn<Asked>((gathered) => this.flush(gathered));
  /** The last revision that was sent of each amended order. */
  private readonly revisions = new Map<string, number>();
  private readonly underWay = new Set<string>();

  constructor(options: PlaceDeskOptions) {
    this.options = options;
  }

  /** Ends through `done` exactly once, never inside this call. */
  place({ clientOrderId, order }: PlaceRequest, done: (outcome: SendOutcome) => void): void {
    const wire = this.wireOf(order, clientOrderId);
    if (typeof wire === "string") queueMicrotask(() => done({ result: "not-sent", text: wire }));
    else if (this.underWay.has(clientOrderId)) {
      queueMicrotask(() => done({ result: "unknown", text: "an order of this id is being sent" }));
    } else {
      this.underWay.add(clientOrderId);
      const again = this.options.sent.state(clientOrderId) !== null;
      this.turn.add({ symbol: order.symbol, wire, askedAtMs: this.options.nowMs(), again, done });
    }
  }

  amend(
    request: PlaceRequest & { readonly symbol: string; readonly revision: number },
    done: (outcome: SendOutcome) => void,
  ): void {
    const { clientOrderId, order, revision } = request;
    const refuse = (text: string): void => queueMicrotask(() => done({ result: "not-sent", text }));
    const wire = this.wireOf(order, clientOrderId);
    if (typeof wire === "string") {
      refuse(wire);
      return;
    }
    const call = this.options.table.amendCall(wire);
    if (call === null) refuse("not sent: this exchange changes no order under its own id");
    else if ((this.revisions.get(clientOrderId) ?? -1) >= revision) refuse("not sent: this revision was sent before");
    else {
      this.revisions.set(clientOrderId, revision);
      if (this.revisions.size > REVISIONS_MAX) this.revisions.delete(this.revisions.keys().next().value ?? "");
      const asked = { symbol: order.symbol, wire, askedAtMs: this.options.nowMs(), again: true, done };
      void this.options.calls
        .change(call, { priority: 2, askedAtMs: asked.askedAtMs })
        .then((reply) => done(this.amended(asked, reply)));
    }
  }

  private wireOf(order: PlaceRequest["order"], clientOrderId: ClientOrderId): WireOrder | string {
    const { instruments, formats, objection } = this.options;
    const against = objection(order.symbol);
    if (against !== null) return `not sent: ${against}`;
    const of = instruments.get(order.symbol);
    if (of === null) return `not sent: ${order.symbol} is no instrument of this connection`;
    const wire = wireOrder(order, clientOrderId, { of, formats });
    return wire.ok ? wire.value : `not sent: ${wire.error}`;
  }

  private flush(gathered: readonly Asked[]): void {
    const fresh: Asked[] = [];
    for (const asked of gathered) {
      const state = this.options.sent.state(asked.wire.clientOrderId);
      if (state === null) {
        this.options.sent.asked(asked.wire.clientOrderId, asked.askedAtMs);
        fresh.push(asked);
      } else void this.lookFirst(asked, state === "known");
    }
    const max = Math.max(1, this.options.table.placeBatchMax);
    for (const orders of bySymbol(fresh).values()) {
      for (const chunk of chunksOf(orders, max)) void this.send(chunk);
    }
  }

  /** The id was sent before: what the look-up finds is returned; sent again only where nothing is found (EXCH-10). */
  private async lookFirst(asked: Asked, known: boolean): Promise<void> {
    const { symbol, wire } = asked;
    const { sent, nowMs, absenceProvenAfterMs } = this.options;
    const sinceMs = sent.unansweredSinceMs(wire.clientOrderId);
    const isProof = sinceMs !== null && nowMs() - sinceMs >= absenceProvenAfterMs;
    const found = await this.options.reads.lookup(symbol, foreignOrderId(wire.clientOrderId), 1);
    if (found.result === "found") this.end(asked, { result: "accepted", exchangeOrderId: found.order.exchangeOrderId });
    else if (found.result === "unavailable") {
      this.end(asked, { result: "unknown", text: `its id was sent before, and could not be looked up: ${found.text}` });
    } else if (known) {
      const text = "its id was accepted before and cannot be found now: not sent again";
      this.end(asked, { result: "unknown", text });
    } else if (sinceMs === null) {
      this.end(asked, { result: "unknown", text: "its id was sent twice before and cannot be found: not sent again" });
    } else if (!isProof) {
      const text = `it may still be accepted: "not found" proves nothing before ${absenceProvenAfterMs} ms are over`;
      this.end(asked, { result: "unknown", text });
    } else {
      sent.asked(wire.clientOrderId, asked.askedAtMs);
      // the time it may be accepted runs since it was asked for, however long the look-up took (EXCH-08)
      await this.send([{ ...asked, firstAskedAtMs: sinceMs }]);
    }
  }

  private async send(chunk: readonly Asked[]): Promise<void> {
    const { table, calls } = this.options;
    const [first] = chunk;
    if (first === undefined) return;
    const alone = chunk.length === 1;
    const call = alone ? table.place(first.wire) : table.placeBatch(chunk.map(({ wire }) => wire));
    const askedAtMs = Math.min(...chunk.map((each) => each.askedAtMs));
    const reply = await calls.change(call, { priority: 2, askedAtMs });
    if (alone) await this.judged(first, this.single(first, reply));
    else await this.batch(chunk, reply);
  }

  private single(asked: Asked, reply: CallReply): SendJudgement {
    if (!reply.ok) return judgeSend(this.options.table, reply);
    const order = recordOf(reply.value);
    const exchangeOrderId = textOf(order["id"]);
    const clientOrderId = textOf(order["clientOrderId"]);
    if (exchangeOrderId === null) return { result: "unknown", text: "the reply names no order" };
    if (clientOrderId !== null && !isSameId(clientOrderId, asked.wire.clientOrderId)) {
      return { result: "unknown", text: `the reply is about ${clientOrderId}` };
    }
    return { result: "accepted", exchangeOrderId };
  }

  private async batch(chunk: readonly Asked[], reply: CallReply): Promise<void> {
    const { table, redactor } = this.options;
    const elements = reply.body === null ? null : table.batchElements(reply.body);
    await Promise.all(
      chunk.map((asked, n) => {
        const element =
          elements === null ? null : elementOf(elements, { asked, n, chunk, inOrder: table.batchInOrder });
        if (element !== null) return this.judged(asked, this.ofElement(element, reply.status, redactor));
        if (reply.ok || elements !== null) {
          return this.judged(asked, { result: "unknown", text: "the list's reply does not tell of this order" });
        }
        return this.judged(asked, judgeSend(table, reply));
      }),
    );
  }

  private ofElement({ word, exchangeOrderId }: BatchElement, status: number | null, redactor: Redactor): SendJudgement {
    if (word !== null) {
      const meaning = meaningOf(this.options.table, { status, word, ccxtClass: null });
      return sendJudgement(meaning, redactor.text(`${word.code} ${word.text}`));
    }
    if (exchangeOrderId === null) return { result: "unknown", text: "the reply names no order" };
    return { result: "accepted", exchangeOrderId };
  }

  private async judged(asked: Asked, judgement: SendJudgement): Promise<void> {
    if (judgement.result !== "duplicate") {
      this.end(asked, judgement);
      return;
    }
    // the id names an order that exists: that one is the answer (EXCH-11)
    const found = await this.options.reads.lookup(asked.symbol, foreignOrderId(asked.wire.clientOrderId), 1);
    if (found.result === "found") this.end(asked, { result: "accepted", exchangeOrderId: found.order.exchangeOrderId });
    else this.end(asked, { result: "unknown", text: `${judgement.text}; it could not be looked up` });
  }

  private end({ wire, again, firstAskedAtMs, done }: Asked, outcome: SendOutcome): void {
    const { sent, ended } = this.options;
    this.underWay.delete(wire.clientOrderId);
    if (outcome.result === "accepted") sent.known(wire.clientOrderId, outcome.exchangeOrderId);
    else if (outcome.result !== "unknown" && !again) sent.refused(wire.clientOrderId);
    else if (outcome.result === "not-sent" && firstAskedAtMs !== undefined) {
      sent.notSentAgain(wire.clientOrderId, firstAskedAtMs);
    }
    ended(wire, outcome);
    done(outcome);
  }

  private amended(asked: Asked, reply: CallReply): SendOutcome {
    const { table, ended } = this.options;
    if (reply.ok) {
      const order = recordOf(reply.value);
      const exchangeOrderId = textOf(order["id"] ?? order["orderId"]);
      return exchangeOrderId === null
        ? { result: "unknown", text: "the reply names no order" }
        : { result: "accepted", exchangeOrderId };
    }
    const notOpen = !isNotSent(reply) && meaningOf(table, reply).means === "not-open";
    const judged = judgeSend(table, reply);
    const outcome: SendOutcome = notOpen
      ? { result: "rejected", reason: "OTHER", text: reply.text }
      : judged.result === "duplicate"
        ? { result: "unknown", text: judged.text }
        : judged;
    ended(asked.wire, outcome);
    return outcome;
  }
}

const REVISIONS_MAX = 20_000;

/** Some exchanges put a prefix of their own before the id. */
const isSameId = (told: string, ours: string): boolean => told === ours || told === `t-${ours}`;

function elementOf(
  elements: readonly BatchElement[],
  of: { readonly asked: Asked; readonly n: number; readonly chunk: readonly Asked[]; readonly inOrder: boolean },
): BatchElement | null {
  const { asked, n, chunk, inOrder } = of;
  const named = elements.filter(
    ({ clientOrderId }) => clientOrderId !== null && isSameId(clientOrderId, asked.wire.clientOrderId),
  );
  if (named.length > 0) return named.length === 1 ? (named[0] ?? null) : null;
  if (!inOrder || elements.length !== chunk.length) return null;
  const there = elements[n];
  return there !== undefined && there.clientOrderId === null ? there : null;
}
