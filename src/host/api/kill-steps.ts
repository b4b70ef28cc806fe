// The kill switch over one bot or many (RISK-22): latched in every journal first, then told step by step until each bot
// has proved it. Who stops listening does not stop the kill.

import { notNow } from "../../rpc/fields.ts";
import { type KillFigures, killOf, killsTogether } from "../books/kill-figures.ts";
import type { Commander } from "../command-desk.ts";
import {
  type CommandedAccount,
  type CommandedBot,
  type RiskOffice,
  type Sequences,
  told,
  toldAccount,
} from "./commanded.ts";

/** A step, and where each journal has the latch. */
export interface KillStep extends KillFigures {
  readonly sequences: Sequences;
}

/** Kills these bots; yields each step as it is reached, the last with `done` or `failed`. */
export async function* killSteps(
  office: RiskOffice,
  bots: readonly CommandedBot[],
  wish: {
    readonly flatten: boolean;
    readonly who: Commander;
    readonly signal: AbortSignal;
    /** Where the whole account is meant: it is latched there first, and tells its bots. */
    readonly account: CommandedAccount | null;
  },
): AsyncGenerator<KillStep> {
  const { account, flatten, who } = wish;
  const running = bots.filter(({ host }) => host !== null);
  if (running.length === 0) {
    // whoever starts afterwards finds it latched
    if (account !== null) await toldAccount(account, { name: "kill", flatten }, who);
    const left = bots.flatMap(({ state }) => [...(state?.orders.keys() ?? [])]);
    const hint = left.length === 0 ? "" : `, and ${left.length} of their orders may be open on the exchange`;
    throw notNow("NOT_RUNNING", `none of the bots that are meant runs${hint}`);
  }
  const steps = new Steps(office, bots, wish.signal);
  try {
    const sequences = await latched(running, { account, flatten, who });
    steps.look();
    while (!wish.signal.aborted) {
      const figures = await steps.next();
      if (figures === null) return;
      yield { ...figures, sequences };
      if (isOver(figures)) return;
    }
  } finally {
    steps.close();
  }
}

/**
 * The latch of all of them, before anything else. A bot that cannot take it does not keep the others from it, nor does
 * an account that cannot be recorded: then each bot is told by itself.
 */
async function latched(
  running: readonly CommandedBot[],
  { account, flatten, who }: { account: CommandedAccount | null; flatten: boolean; who: Commander },
): Promise<Sequences> {
  const sequences: Sequences = {};
  if (account !== null) {
    const answer = account.command({ name: "kill", flatten }, who);
    Object.assign(sequences, await answer.sequences);
  }
  const rest = running.filter(({ id }) => sequences[id] === undefined);
  const taken = await Promise.allSettled(rest.map((bot) => told(bot, { name: "kill", flatten }, who)));
  for (const [index, result] of taken.entries()) {
    const bot = rest[index]?.id ?? "";
    if (result.status === "fulfilled") sequences[bot] = result.value;
  }
  const refused = taken.find((result) => result.status === "rejected");
  if (refused !== undefined && Object.keys(sequences).length === 0) throw refused.reason;
  return sequences;
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

/** Each step as it is reached, however late somebody asks; within a step only the newest count. */
class Steps {
  private readonly bots: readonly CommandedBot[];
  private readonly queue: KillFigures[] = [];
  private newest = "";
  private newestStep = "";
  private wake: (() => void) | null = null;
  private readonly end: () => void;
  private readonly signal: AbortSignal;
  private readonly onAbort = (): void => this.wake?.();

  constructor(office: RiskOffice, bots: readonly CommandedBot[], signal: AbortSignal) {
    this.bots = bots;
    this.signal = signal;
    this.end = office.observe(() => this.look());
    signal.addEventListener("abort", this.onAbort, { once: true });
  }

  /** The next step; null when the caller left. */
  async next(): Promise<KillFigures | null> {
    while (!this.signal.aborted) {
      const first = this.queue.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return null;
  }

  /** Takes note of where the kills stand now. */
  look(): void {
    const now = killNow(this.bots);
    if (now === null) return;
    // that it is latched is a step of its own, whatever was done in the same moment
    const figures: KillFigures = this.newestStep === "" && !isOver(now) ? { ...now, step: "gate" } : now;
    const text = JSON.stringify([figures.step, figures.ordersLeft, figures.positionsLeft, figures.proven]);
    if (text === this.newest) return;
    if (figures.step === this.newestStep && this.queue.length > 0) this.queue.pop();
    this.newest = text;
    this.newestStep = figures.step;
    this.queue.push(figures);
    this.wake?.();
    this.wake = null;
  }

  close(): void {
    this.end();
    this.signal.removeEventListener("abort", this.onAbort);
  }
}
