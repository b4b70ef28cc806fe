// Flows between the account's journal, which says what is wanted and what came of it, and whoever runs them (DUR-63).
// It hands over what was recorded, asks again for what did not begin, and tells each end once.

import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../base/clock.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { OpenFlow } from "../../risk/account/state.ts";
import type { AccountEffect, FlowFacts, FlowKind, FlowResult } from "../../trading/account-event.ts";
import type { AccountHost } from "../account/account-host.ts";
import type { Commander } from "../command-desk.ts";
import type { HostAlert } from "../context.ts";
import type { Flow, FlowEnd, FlowRunner, OpenRunner } from "./flow.ts";
import { type Deeds, FlowWork } from "./work.ts";

/** How often what is open is handed to the runner again: it knows what it has. */
const LOOK_MS = 5_000;
const CLOSE_MS_MAX = 2_000;
const DAY_MS = 86_400_000;
/** When the nightly tie-out begins, after midnight UTC. */
const NIGHT_MS = 10 * 60_000;

export interface FlowDeskParts {
  readonly account: Pick<AccountHost, "state" | "journal" | "offer">;
  readonly deeds: Deeds;
  readonly open: OpenRunner;
  readonly clock: Clock;
  readonly onAlert: (alert: HostAlert) => void;
  readonly onWarning: (text: string) => void;
  /** What a flow took from its record to its end. */
  readonly onEnd?: (kind: FlowKind, result: FlowResult, ms: number) => void;
}

export interface AskedFlow {
  readonly flow: FlowKind;
  /** Empty where it is of no bot. */
  readonly bot: string;
  readonly facts: FlowFacts;
}

export class FlowDesk {
  private readonly parts: FlowDeskParts;
  private readonly work: FlowWork;
  private readonly runner: FlowRunner;
  private readonly waiting = new Map<string, ((end: FlowEnd) => void)[]>();
  private readonly stuck = new Set<string>();
  private ready: Promise<void> | null = null;
  private cancelLook: (() => void) | null = null;
  private cancelNight: (() => void) | null = null;
  private lastFailure = "";
  private closed = false;

  constructor(parts: FlowDeskParts) {
    this.parts = parts;
    const { account, deeds, clock, open } = parts;
    this.work = new FlowWork({
      deeds,
      clock,
      epoch: () => account.journal.meta.epoch,
      isOpen: ({ id }) => account.state.flows?.has(id) === true,
      holds: () => !this.closed && (account.journal.holds?.() ?? true),
      tell: (flow, end) => this.tell(flow, end),
    });
    const { journalId } = account.journal.meta;
    this.runner = open({ steps: this.work, journalId, onStuck: (flow, text) => this.tellStuck(flow, text) });
  }

  get runsOn(): FlowRunner["name"] {
    return this.runner.name;
  }

  /** What an earlier process left is gone on with. Once. */
  start(): void {
    this.ready = this.handed(() => this.runner.takeOver(this.open()));
    this.lookLater();
    this.tieOutAtNight();
  }

  /** Records it; it runs from then on, whatever becomes of this process. Refused while one of its kind is open. */
  ask({ flow, bot, facts }: AskedFlow, { by, reason }: Commander): Result<string, string> {
    const { account } = this.parts;
    const before = new Set(account.state.flows?.keys());
    const { lineage } = account.journal.meta;
    account.offer({ kind: "flow-asked", flow, bot, facts, lineage, by, reason });
    const id = [...(account.state.flows?.keys() ?? [])].find((one) => !before.has(one));
    return id === undefined ? fail(`${flow} is not begun: another one is not over`) : ok(id);
  }

  /** How it ends; never, when this process ends before. */
  whenOver(id: string): Promise<FlowEnd> {
    return new Promise((resolve) => {
      this.waiting.set(id, [...(this.waiting.get(id) ?? []), resolve]);
    });
  }

  /** A recorded flow, handed over after it is on the disk. */
  begin({ id }: Extract<AccountEffect, { readonly kind: "flow" }>): void {
    const open = this.parts.account.state.flows?.get(id);
    if (open !== undefined) void this.hand(flowOf(id, open));
  }

  /** What is under way stays as it is: the next process goes on with it. A store that is away is not waited for. */
  async close(): Promise<void> {
    this.closed = true;
    this.work.close();
    this.cancelLook?.();
    this.cancelNight?.();
    const ended = (this.ready ?? Promise.resolve()).then(() => this.runner.close());
    await Promise.race([ended.catch(() => undefined), wait(CLOSE_MS_MAX, undefined, { ref: false })]);
  }

  private open(): readonly Flow[] {
    return [...(this.parts.account.state.flows ?? [])].map(([id, flow]) => flowOf(id, flow));
  }

  private async hand(flow: Flow): Promise<void> {
    await this.ready;
    if (!this.closed) await this.handed(() => this.runner.start(flow));
  }

  private async handed(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.lastFailure = "";
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text === this.lastFailure || this.closed) return;
      this.lastFailure = text;
      this.parts.onWarning(`flows are not taken now, and are asked for again: ${text}`);
    }
  }

  private lookLater(): void {
    const { clock } = this.parts;
    this.cancelLook = clock.at(clock.nowMs() + LOOK_MS, () => {
      void this.look();
    });
  }

  private async look(): Promise<void> {
    for (const flow of this.open()) await this.hand(flow);
    if (!this.closed) this.lookLater();
  }

  private tieOutAtNight(): void {
    const { clock } = this.parts;
    const nowMs = clock.nowMs();
    const nextMs = Math.floor((nowMs - NIGHT_MS) / DAY_MS + 1) * DAY_MS + NIGHT_MS;
    this.cancelNight = clock.at(nextMs, () => {
      this.ask({ flow: "tie-out", bot: "", facts: {} }, { by: "clock", reason: "each night" });
      this.tieOutAtNight();
    });
  }

  private tell(flow: Flow, end: FlowEnd): void {
    const { account, clock, onEnd } = this.parts;
    if (account.state.flows?.has(flow.id) !== true) return;
    const text = end.text.slice(0, 500);
    account.offer({ kind: "flow-ended", id: flow.id, result: end.result, text });
    this.stuck.delete(flow.id);
    onEnd?.(flow.kind, end.result, Math.max(0, clock.nowMs() - flow.atMs));
    for (const done of this.waiting.get(flow.id) ?? []) done(end);
    this.waiting.delete(flow.id);
  }

  private tellStuck({ id, kind, bot }: Flow, why: string): void {
    if (this.stuck.has(id)) return;
    this.stuck.add(id);
    const text = `${kind}${bot === "" ? "" : ` of ${bot}`}: ${why}. It is settled by looking, and not tried again`;
    const facts = { flow: kind, bot, id };
    this.parts.onAlert({ id: `account/flow/${id}/stuck`, code: "flow-stuck", severity: "error", text, facts });
  }
}

const flowOf = (id: string, { flow, ...rest }: OpenFlow): Flow => ({ id, kind: flow, ...rest });
