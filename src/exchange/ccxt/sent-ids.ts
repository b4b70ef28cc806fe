// Ids this port has sent (EXCH-10): a client order id is no idempotency key on every exchange, so what was sent once is
// looked up before it may leave again. Bounded; the executor's own look-up stands behind what is forgotten.

const KEPT_MAX = 20_000;

/** `known`: the exchange has told of it. `asked`: it was sent and nobody has told yet. */
export type SentState = "known" | "asked";

interface Sent {
  readonly state: SentState;
  /** When its newest sending was asked for. */
  readonly askedAtMs: number;
  /** It was sent a second time: never a third. */
  readonly again: boolean;
}

export class SentIds {
  private readonly states = new Map<string, Sent>();
  private readonly byExchangeId = new Map<string, string>();

  state(clientOrderId: string): SentState | null {
    return this.states.get(clientOrderId)?.state ?? null;
  }

  asked(clientOrderId: string, askedAtMs: number): void {
    const before = this.states.get(clientOrderId);
    if (before?.state === "known") return;
    keep(this.states, clientOrderId, { state: "asked", askedAtMs, again: before !== undefined });
  }

  /** When a sending nobody has told of was asked for; null: it was the second one. */
  unansweredSinceMs(clientOrderId: string): number | null {
    const sent = this.states.get(clientOrderId);
    return sent === undefined || sent.again ? null : sent.askedAtMs;
  }

  known(clientOrderId: string, exchangeOrderId: string): void {
    const before = this.states.get(clientOrderId);
    const askedAtMs = before?.askedAtMs ?? 0;
    if (clientOrderId !== "") keep(this.states, clientOrderId, { state: "known", askedAtMs, again: false });
    if (exchangeOrderId !== "") keep(this.byExchangeId, exchangeOrderId, clientOrderId);
  }

  /** It certainly does not exist: the id is free again. */
  refused(clientOrderId: string): void {
    if (this.state(clientOrderId) === "asked") this.states.delete(clientOrderId);
  }

  /** Its second sending did not leave: it stands as it did before. */
  notSentAgain(clientOrderId: string, askedAtMs: number): void {
    if (this.state(clientOrderId) !== "asked") return;
    keep(this.states, clientOrderId, { state: "asked", askedAtMs, again: false });
  }

  clientOrderIdOf(exchangeOrderId: string): string | null {
    return this.byExchangeId.get(exchangeOrderId) ?? null;
  }
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > KEPT_MAX ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}
