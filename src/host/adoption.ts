// Whether lots an operator wants a bot to take over are there (GRID-46): asked of the exchange before the command is
// journaled, since what is adopted wrongly is in the books of profit for ever.

import { adoptableLots } from "../engine/adoption.ts";
import { provenPosition } from "../engine/unbooked.ts";
import type { Lots } from "../market/amounts.ts";
import { formatQuantity, type Instrument } from "../market/instrument.ts";
import type { HostContext } from "./context.ts";
import { heldOn } from "./held-on.ts";
import { CONFIRM_MS, type Reconciler } from "./reconciler.ts";

/** By the machine; shorter than a call that changes something waits for its answer. */
const ANSWER_MS = 8_000;
/** The second look comes before the read that would judge the same difference as a divergence (RISK-31). */
const LOOK_AGAIN_MS = CONFIRM_MS / 2;
/** Looks that fills came between. */
const LOOKS_MAX = 3;

export interface AdoptionParts {
  readonly context: HostContext;
  readonly reconciler: Reconciler;
  /** Steps what was offered, now. */
  readonly drain: () => void;
}

/** What our own books say, to see whether they moved while the exchange was asked. */
interface Books {
  readonly position: Lots;
  readonly fillSeq: number;
}

export class AdoptionCheck {
  private readonly parts: AdoptionParts;

  constructor(parts: AdoptionParts) {
    this.parts = parts;
  }

  /** `done` hears once: why these lots cannot be adopted, or null when they can, in the same moment as it was seen. */
  ask(wanted: Lots, done: (problem: string | null) => void): void {
    const { machine, state } = this.parts.context;
    let waits = true;
    const answer = (problem: string | null): void => {
      if (!waits) return;
      waits = false;
      cancel();
      done(problem);
    };
    const quantity = state.instrument === null ? `${wanted} lots` : amount(state.instrument, wanted);
    const late = `quantity ${quantity} was not adopted: the exchange did not say in time what it holds; try again`;
    const cancel = machine.at(machine.nowMs() + ANSWER_MS, () => answer(late));
    this.look(wanted, { left: LOOKS_MAX, answer, waits: () => waits });
  }

  /** A complete read first, so that fills nobody told of are booked; then the account again: it must show the same. */
  private look(wanted: Lots, asking: Asking): void {
    const { context, reconciler } = this.parts;
    const { clock } = context;
    if (!asking.waits()) return;
    reconciler.request((read) => {
      // what the read told is stepped first; this may be within a turn of a port that answers at once
      clock.at(clock.nowMs(), () => {
        this.parts.drain();
        const seen = { held: heldOn(context, read.account), books: this.books() };
        clock.at(clock.nowMs() + LOOK_AGAIN_MS, () => this.lookAgain(wanted, seen, asking));
      });
    });
  }

  private lookAgain(wanted: Lots, seen: { readonly held: Lots; readonly books: Books }, asking: Asking): void {
    const { context, drain } = this.parts;
    const { clock, port, state } = context;
    if (!asking.waits()) return;
    port.account(context.symbol, (account) => {
      clock.at(clock.nowMs(), () => {
        if (!asking.waits()) return;
        drain();
        const books = this.books();
        const moved = books.position !== seen.books.position || books.fillSeq !== seen.books.fillSeq;
        if (account.result !== "ok" || moved || heldOn(context, account) !== seen.held) this.again(wanted, asking);
        else if (state.instrument === null) asking.answer("the bot has not begun yet; try again");
        else asking.answer(this.judge(state.instrument, wanted, seen.held));
      });
    });
  }

  private again(wanted: Lots, asking: Asking): void {
    if (asking.left > 1) this.look(wanted, { ...asking, left: asking.left - 1 });
    else asking.answer("nothing was adopted: the position moves while it is looked at; pause the bot, or try again");
  }

  private judge(instrument: Instrument, wanted: Lots, held: Lots): string | null {
    const { state } = this.parts.context;
    const most = adoptableLots(state, wanted, held);
    if (Math.abs(wanted) <= Math.abs(most)) return null;
    const there = `${instrument.exchange} holds ${amount(instrument, held)}`;
    const here = `${amount(instrument, provenPosition(state))} are in this bot's books`;
    const expected = most === 0 ? "there is nothing to adopt" : `expected at most ${amount(instrument, most)}`;
    return `quantity ${amount(instrument, wanted)} is not there: ${there}, ${here}; ${expected}`;
  }

  private books(): Books {
    const { state } = this.parts.context;
    return { position: provenPosition(state), fillSeq: state.fillSeq };
  }
}

interface Asking {
  /** Looks left, this one among them. */
  readonly left: number;
  readonly answer: (problem: string | null) => void;
  readonly waits: () => boolean;
}

const amount = (instrument: Instrument, quantity: Lots): string =>
  `${formatQuantity(instrument, quantity)} ${instrument.base}`;
