// The two steps of every flow (DUR-64). A step may run more than once: sending looks first and acts at most once for
// a record of this run; any other run settles by looking, and only what a look in our own records proves is done again.

import type { Clock } from "../../base/clock.ts";
import { crashPoint } from "../../base/crash-point.ts";
import type { FlowKind } from "../../trading/account-event.ts";
import { type Flow, type FlowEnd, type FlowSteps, PERHAPS_SENT } from "./flow.ts";

/** As DUR-46: the first look, then these, and the last one again and again. */
const LOOKS_MS = [500, 1_000, 2_000, 4_000, 5_000] as const;
const LAST_LOOK_MS = 5_000;

/** Whether it is so now. `unseen`: nobody could look. */
export type Look = { readonly is: "so" | "not-so" | "unseen"; readonly text: string };

/** How one kind of flow is done. Nothing here throws for what the market or the network does. */
export interface Deed {
  /** True: a look is in our own records, so that what it does not find did not happen, and may be done again. */
  readonly again: boolean;
  /** The look-up of the sending step, each time it runs. */
  look(flow: Flow): Promise<Look>;
  /** The one side effect of the sending step; `unknown` leaves it to settling. */
  act(flow: Flow): Promise<FlowEnd>;
  /** One look of the settling step, and its one side effect where it has one; null: not to be told yet. */
  settle(flow: Flow): Promise<FlowEnd | null>;
}

export type Deeds = { readonly [K in FlowKind]: Deed };

export interface WorkParts {
  readonly deeds: Deeds;
  readonly clock: Clock;
  /** Number of this run of the account's journal. */
  readonly epoch: () => number;
  /** The journal has no end of it yet. */
  readonly isOpen: (flow: Flow) => boolean;
  /** This process still holds its journals; what does not may do nothing any more. */
  readonly holds: () => boolean;
  /** The end as an event of the journal; on the disk when it returns. */
  readonly tell: (flow: Flow, end: FlowEnd) => void;
}

export class FlowWork implements FlowSteps {
  private readonly parts: WorkParts;
  /** Begun by this process: their sending steps ran, or were about to. */
  private readonly sent = new Set<string>();
  private closed = false;

  constructor(parts: WorkParts) {
    this.parts = parts;
  }

  begun(_flow: Flow): void {
    crashPoint("flow.after-start");
  }

  async send(flow: Flow): Promise<FlowEnd> {
    const { epoch, isOpen, deeds } = this.parts;
    await this.mayAct();
    if (!isOpen(flow)) return PERHAPS_SENT;
    const deed = deeds[flow.kind];
    const isFirst = flow.epoch === epoch() && !this.sent.has(flow.id);
    this.sent.add(flow.id);
    if (!isFirst && !deed.again) return PERHAPS_SENT;
    const end = await guarded(() => this.lookAndAct(flow, deed));
    await this.mayAct();
    crashPoint("flow.after-effect-before-result");
    return end;
  }

  async settle(flow: Flow, sent: FlowEnd): Promise<FlowEnd> {
    const deed = this.parts.deeds[flow.kind];
    let end = sent;
    for (let looks = 0; end.result === "unknown"; looks += 1) {
      await this.mayAct();
      if (!this.parts.isOpen(flow)) return end; // its end was told by an earlier run of this step
      const seen = await guarded(() => deed.settle(flow));
      if (seen !== null && seen.text !== THREW) {
        end = seen;
        break;
      }
      await this.wait(LOOKS_MS[looks] ?? LAST_LOOK_MS);
    }
    await this.mayAct();
    this.parts.tell(flow, end);
    return end;
  }

  /** Steps under way never end: whoever takes over goes on with them. */
  close(): void {
    this.closed = true;
  }

  private async lookAndAct(flow: Flow, deed: Deed): Promise<FlowEnd> {
    const { is, text } = await deed.look(flow);
    if (is === "so") return { result: "done", text };
    if (is === "unseen") return { result: "refused", text: `nothing was sent: ${text}` };
    await this.mayAct();
    return deed.act(flow);
  }

  private mayAct(): Promise<void> {
    if (!this.closed && this.parts.holds()) return Promise.resolve();
    return new Promise(() => undefined);
  }

  private wait(ms: number): Promise<void> {
    const { clock } = this.parts;
    return new Promise((resolve) => {
      clock.at(clock.nowMs() + ms, resolve);
    });
  }
}

const THREW = "an error of ours";

/** A mistake of ours is no reason to believe anything. */
async function guarded<T>(work: () => Promise<T>): Promise<T | FlowEnd> {
  try {
    return await work();
  } catch {
    return { result: "unknown", text: THREW };
  }
}
