// Ids this port has sent (EXCH-10): a client order id is no idempotency key on every exchange, so what was sent once is
// looked up before it may leave again. Bounded; the executor's own look-up stands behind what is forgotten.

const KEPT_MAX = 20_000;

/** `known`: the exchange has told of it. `asked`: it was sent and nobody has told yet. */
export type SentState = "known" | "asked";

export class SentIds {
  private readonly states = new Map<string, SentState>();
  private readonly byExchangeId = new Map<string, string>();

  state(clientOrderId: string): SentState | null {
    return this.states.get(clientOrderId) ?? null;
  }

  asked(clientOrderId: string): void {
    if (this.states.get(clientOrderId) !== "known") keep(this.states, clientOrderId, "asked");
  }

  known(clientOrderId: string, exchangeOrderId: string): void {
    if (clientOrderId !== "") keep(this.states, clientOrderId, "known");
    if (exchangeOrderId !== "") keep(this.byExchangeId, exchangeOrderId, clientOrderId);
  }

  /** It certainly does not exist: the id is free again. */
  refused(clientOrderId: string): void {
    if (this.states.get(clientOrderId) === "asked") this.states.delete(clientOrderId);
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
