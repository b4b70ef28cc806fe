// Cancels orders: lists where the exchange takes them, three tries, and never a word about fills (EXCH-14, EXCH-15). An
// empty list is never sent: on one exchange it would cancel everything.

import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { CancelOutcome } from "../port.ts";
import type { CallReply } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { BatchElement, ExchangeTable } from "./exchanges/exchange-table.ts";
import { cancelJudgement, judgeCancel, meaningOf } from "./outcome.ts";
import type { Redactor } from "./redact.ts";
import { bySymbol, chunksOf, Turn } from "./turn.ts";

export interface CancelDeskOptions {
  readonly table: ExchangeTable;
  readonly calls: Calls;
  readonly redactor: Redactor;
  readonly nowMs: () => number;
  /** Nobody else trades on the account: a bulk cancel may take everything. */
  readonly exclusive: boolean;
  /** Why nothing may be changed at all; null: it may. Cancels need less than places do. */
  readonly objection: () => string | null;
}

interface Asked {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly askedAtMs: number;
  readonly done: (outcome: CancelOutcome) => void;
}

const TRIES = 3;

export class CancelDesk {
  private readonly options: CancelDeskOptions;
  private readonly turn = new Turn<Asked>((gathered) => this.flush(gathered));

  constructor(options: CancelDeskOptions) {
    this.options = options;
  }

  cancel(symbol: string, clientOrderId: ClientOrderId, done: (outcome: CancelOutcome) => void): void {
    const against = this.options.objection();
    if (against !== null) queueMicrotask(() => done({ result: "not-sent", text: `not sent: ${against}` }));
    else this.turn.add({ symbol, clientOrderId, askedAtMs: this.options.nowMs(), done });
  }

  /** Every order of the instrument, foreign ones too. */
  everything(symbol: string, done: (outcome: CancelOutcome) => void): void {
    const call = this.options.table.cancelEverything(symbol);
    const against = call === null ? "there is no such call" : this.options.objection();
    if (call === null || against !== null) {
      queueMicrotask(() => done({ result: "not-sent", text: `not sent: ${against}` }));
      return;
    }
    const wish = { priority: 0, askedAtMs: this.options.nowMs(), bulkCancelOf: symbol } as const;
    void this.options.calls.change(call, wish).then((reply) => {
      done(reply.ok ? { result: "accepted" } : judgeCancel(this.options.table, reply));
    });
  }

  private flush(gathered: readonly Asked[]): void {
    const max = Math.max(1, this.options.table.cancelBatchMax);
    for (const [symbol, asked] of bySymbol(gathered)) {
      for (const chunk of chunksOf(asked, max)) void this.send(symbol, chunk, 1);
    }
  }

  private async send(symbol: string, chunk: readonly Asked[], tried: number): Promise<void> {
    const { table, calls, exclusive, nowMs } = this.options;
    const [first] = chunk;
    if (first === undefined) return;
    const alone = chunk.length === 1;
    const ids = chunk.map(({ clientOrderId }) => clientOrderId);
    const call = alone ? table.cancel(symbol, first.clientOrderId) : table.cancelBatch(symbol, ids);
    // on an account shared with others one batch of our own may leave while all else waits (EXCH-27)
    const bulk = !exclusive || table.cancelEverything(symbol) === null ? { bulkCancelOf: symbol } : {};
    const askedAtMs = tried === 1 ? Math.min(...chunk.map((each) => each.askedAtMs)) : nowMs();
    const reply = await calls.change(call, { priority: 0, askedAtMs, ...bulk });
    const again: Asked[] = [];
    const elements = alone || reply.body === null ? null : table.batchElements(reply.body);
    for (const [n, asked] of chunk.entries()) {
      const outcome = alone
        ? this.single(reply)
        : this.ofElement(elements === null ? null : found(elements, asked, { n, chunk, table }), reply);
      if (tried < TRIES && isRetried(outcome, reply)) again.push(asked);
      else asked.done(outcome);
    }
    if (again.length === 0) return;
    await calls.pause(calls.retryWaitMs(tried));
    await this.send(symbol, again, tried + 1);
  }

  private single(reply: CallReply): CancelOutcome {
    return reply.ok ? { result: "accepted" } : judgeCancel(this.options.table, reply);
  }

  private ofElement(element: BatchElement | null, reply: CallReply): CancelOutcome {
    const { table, redactor } = this.options;
    if (element === null) {
      return reply.ok || Array.isArray(reply.body)
        ? { result: "unknown", text: "the list's reply does not tell of this order" }
        : judgeCancel(table, reply);
    }
    if (element.word === null) return { result: "accepted" };
    const meaning = meaningOf(table, { status: reply.status, word: element.word, ccxtClass: null });
    return cancelJudgement(meaning, redactor.text(`${element.word.code} ${element.word.text}`));
  }
}

/** A cancel may be repeated at once; what the exchange or the budget said no to stays said. */
const isRetried = ({ result }: CancelOutcome, reply: CallReply): boolean =>
  result === "unknown" || (result === "not-sent" && !reply.ok && reply.cause === null);

function found(
  elements: readonly BatchElement[],
  asked: Asked,
  at: { readonly n: number; readonly chunk: readonly Asked[]; readonly table: ExchangeTable },
): BatchElement | null {
  const named = elements.find(({ clientOrderId }) => clientOrderId === asked.clientOrderId);
  if (named !== undefined) return named;
  if (!at.table.batchInOrder || elements.length !== at.chunk.length) return null;
  const there = elements[at.n];
  return there !== undefined && there.clientOrderId === null ? there : null;
}
