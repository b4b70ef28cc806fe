// Rare actions happen once an effect id: whoever asks again is told how the first one ended. What ended without a
// certain outcome may be asked again, since the action looks first.

import { RpcRefusal } from "../../rpc/refusal.ts";

/** Ids whose outcome is kept. */
const KEPT_MAX = 1_000;

interface Act<T> {
  readonly what: string;
  readonly outcome: Promise<T>;
}

export class Once<T> {
  private readonly acts = new Map<string, Act<T>>();

  /** Throws ALREADY_EXISTS where the id stood for something else. */
  act(effectId: string, what: string, work: () => Promise<T>): Promise<T> {
    const before = this.acts.get(effectId);
    if (before !== undefined) {
      if (before.what !== what) throw otherwise(effectId, before.what);
      return before.outcome;
    }
    const outcome = work();
    this.acts.set(effectId, { what, outcome });
    if (this.acts.size > KEPT_MAX) for (const oldest of this.acts.keys().take(1)) this.acts.delete(oldest);
    outcome.catch(() => this.acts.delete(effectId));
    return outcome;
  }
}

const otherwise = (effectId: string, what: string): RpcRefusal =>
  new RpcRefusal({
    status: "ALREADY_EXISTS",
    reason: "DUPLICATE_ID",
    message: `effect ${effectId} was "${what}" before: a new action needs a new id`,
    outcome: "not_sent",
  });
