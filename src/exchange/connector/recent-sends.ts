// Client order ids of the last ten minutes and what became of them (API-14): a repeat joins the running call or gets
// its answer. Ids older than that are known for longer, so that a late repeat is looked up before anything is sent.

/** A send and its end. `T` is what a success answers. */
export interface Send<T> {
  /** What was asked, as text: another one under the same id is another order. */
  readonly body: string;
  readonly startedMs: number;
  /** Never rejects. */
  readonly answer: Promise<Settled<T>>;
  /** Null while it runs. */
  settled: Settled<T> | null;
  /** How often an unknown outcome was answered by sending again. */
  again: number;
}

export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown; readonly outcome: "rejected" | "not_sent" | "unknown" };

const REMEMBERED_MS = 600_000;
const OLD_IDS_MAX = 500_000;
/** Sends remembered with their answers at most; beyond it the oldest are known by id alone. */
const ANSWERS_MAX = 200_000;

export class RecentSends<T> {
  private readonly sends = new Map<string, Send<T>>();
  private readonly old = new Set<string>();
  private readonly nowMs: () => number;

  /** `nowMs`: monotonic. */
  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  find(id: string): Send<T> | undefined {
    return this.sends.get(id);
  }

  /** True for an id that was sent more than ten minutes ago. */
  wasSentLongAgo(id: string): boolean {
    return this.old.has(id);
  }

  /** Remembers a send under way. One that ends `not_sent` is forgotten: it may be repeated blindly. */
  begin(id: string, body: string, work: () => Promise<Settled<T>>, again = 0): Send<T> {
    this.forgetOld();
    const answer = work();
    const send: Send<T> = { body, startedMs: this.nowMs(), answer, settled: null, again };
    this.sends.delete(id);
    this.sends.set(id, send);
    void answer.then((settled) => {
      send.settled = settled;
      if (!settled.ok && settled.outcome === "not_sent" && this.sends.get(id) === send) this.sends.delete(id);
    });
    return send;
  }

  private forgetOld(): void {
    const limitMs = this.nowMs() - REMEMBERED_MS;
    for (const [id, send] of this.sends) {
      if (send.startedMs > limitMs && this.sends.size < ANSWERS_MAX) break;
      if (send.settled === null) break;
      this.sends.delete(id);
      this.remember(id);
    }
  }

  private remember(id: string): void {
    this.old.add(id);
    if (this.old.size <= OLD_IDS_MAX) return;
    for (const oldest of this.old) {
      this.old.delete(oldest);
      return;
    }
  }
}
