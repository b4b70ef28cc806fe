// The kill switch over one bot or many (RISK-22): latched in every journal first, then told step by step until each bot
// has proved it. Who stops listening does not stop the kill.

import { notNow } from "../../rpc/fields.ts";
import { type KillFigures, killOf, killsTogether } from "../books/kill-figures.ts";
import type { Commander } from "../command-desk.ts";
import { type CommandedBot, type RiskOffice, told } from "./commanded.ts";

/** Kills these bots; yields each step as it is reached, the last with `done` or `failed`. */
export async function* killSteps(
  office: RiskOffice,
  bots: readonly CommandedBot[],
  wish: { readonly flatten: boolean; readonly who: Commander; readonly signal: AbortSignal },
): AsyncGenerator<KillFigures> {
  const running = bots.filter(({ host }) => host !== null);
  if (running.length === 0) {
    const left = bots.flatMap(({ state }) => [...(state?.orders.keys() ?? [])]);
    const hint = left.length === 0 ? "" : `, and ${left.length} of their orders may be open on the exchange`;
    throw notNow("NOT_RUNNING", `none of the bots that are meant runs${hint}`);
  }
  const moved = new Moved(office, wish.signal);
  try {
    // the latch of all of them, before anything else: a bot that cannot take it does not keep the others from it
    const taken = await Promise.allSettled(
      running.map((bot) => told(bot, { name: "kill", flatten: wish.flatten }, wish.who)),
    );
    const refused = taken.find((result) => result.status === "rejected");
    if (refused !== undefined && taken.every(({ status }) => status === "rejected")) throw refused.reason;
    const first = killNow(bots);
    if (first === null) return;
    let last = "";
    let figures: KillFigures = { ...first, step: isOver(first) ? first.step : "gate" };
    while (!wish.signal.aborted) {
      const text = JSON.stringify([figures.step, figures.ordersLeft, figures.positionsLeft, figures.proven]);
      if (text !== last) yield figures;
      last = text;
      if (isOver(figures)) return;
      await moved.next();
      figures = killNow(bots) ?? figures;
    }
  } finally {
    moved.close();
  }
}

const isOver = ({ step }: KillFigures): boolean => step === "done" || step === "failed";

/** The kills of these bots as one; null where none is killed. */
export function killNow(bots: readonly CommandedBot[]): KillFigures | null {
  return killsTogether(bots.flatMap((bot) => killOfBot(bot) ?? []));
}

/** A bot that does not run cannot act any more: what its journal says it left is left. */
function killOfBot({ host, state }: CommandedBot): KillFigures | null {
  if (state === null) return null;
  const kill = killOf(state);
  if (host !== null || kill === null || isOver(kill)) return kill;
  return { ...kill, step: "failed" };
}

/** Waits for the next change of any bot, or for the caller to leave. */
class Moved {
  private wake: (() => void) | null = null;
  private pending = false;
  private readonly end: () => void;
  private readonly signal: AbortSignal;
  private readonly onAbort = (): void => this.moved();

  constructor(office: RiskOffice, signal: AbortSignal) {
    this.signal = signal;
    this.end = office.observe(() => this.moved());
    signal.addEventListener("abort", this.onAbort, { once: true });
  }

  async next(): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.pending = false;
  }

  close(): void {
    this.end();
    this.signal.removeEventListener("abort", this.onAbort);
  }

  private moved(): void {
    this.pending = true;
    this.wake?.();
    this.wake = null;
  }
}
