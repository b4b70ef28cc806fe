// A flow: what spans steps, from its record in the account's journal to the one event that tells its end (DUR-63). Two
// steps, send and settle. Runners execute them; what is wanted and what came of it is decided in the journal.

import type { FlowFacts, FlowKind, FlowResult } from "../../trading/account-event.ts";

/** As the account's journal has it. Plain data: a runner may store it. */
export interface Flow {
  /** Of its effect: the same after every restart. */
  readonly id: string;
  readonly kind: FlowKind;
  /** Empty where it is of no bot. */
  readonly bot: string;
  readonly facts: FlowFacts;
  /** Run that recorded it. */
  readonly epoch: number;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

/** What a step came to. `unknown` after sending: evidence has to settle it. */
export interface FlowEnd {
  readonly result: FlowResult;
  readonly text: string;
}

/** Neither of them ever throws; once the process lets go of its bots, neither ever ends. */
export interface FlowSteps {
  /** Called when a runner has it and before its first step; a runner that stores its progress has stored that. */
  begun(flow: Flow): void;
  send(flow: Flow): Promise<FlowEnd>;
  settle(flow: Flow, sent: FlowEnd): Promise<FlowEnd>;
}

/** Who runs the steps: this process alone, or DBOS. */
export interface FlowRunner {
  readonly name: "local" | "dbos";
  /** Runs it, or goes on with it where an earlier process left it; twice is once. Rejects where it cannot now. */
  start(flow: Flow): Promise<void>;
  /** Once, before anything is started: takes over what is `open` by the journal, and closes whatever is not. */
  takeOver(open: readonly Flow[]): Promise<void>;
  /** Nothing is begun any more; what is under way stays as it is. */
  close(): Promise<void>;
}

/** What a runner is told of the process it is in. */
export interface RunnerParts {
  readonly steps: FlowSteps;
  /** Of the account's journal: begins the name of each of its flows outside of it. */
  readonly journalId: string;
  /** It was begun too often without coming to an end: a person has to look (DUR-66). */
  readonly onStuck: (flow: Flow, text: string) => void;
}

export type OpenRunner = (parts: RunnerParts) => FlowRunner;

export const PERHAPS_SENT: FlowEnd = { result: "unknown", text: "it may have been sent before" };
