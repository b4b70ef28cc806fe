// StartWhatIf, GetWhatIf and CancelWhatIf (DUR-70): one job at a time, in a process of its own that the application
// hands in as a runner. Here stand who may have which job, and what is kept of it; nothing here reads a journal.

import type { CallContext } from "nice-grpc-common";
import { renderProblems } from "../../config/problem.ts";
import type { JournalAddress } from "../../journal/verify-beside.ts";
import { requireBot } from "../../rpc/caller.ts";
import { absent, optionalBotId, optionalText, timeRange } from "../../rpc/fields.ts";
import {
  type BotServiceImplementation,
  GetWhatIfResponse,
  type StartWhatIfRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { WhatIfState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, RpcRefusal, unimplemented } from "../../rpc/refusal.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { configOf } from "./bot-changes.ts";
import { refusalOfFleet, requiredBot } from "./bot-refusals.ts";

/** What one job is about. Times in ms, 0 for open. */
export interface WhatIfAsk {
  readonly bot: string;
  readonly journal: JournalAddress;
  readonly config: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a job ended: with the figures and texts of the answer, or with a sentence for people. */
export type WhatIfEnd =
  | { readonly kind: "done"; readonly answer: GetWhatIfResponse }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "cancelled" };

export interface WhatIfRun {
  /** Never rejects; settles when nothing of the job lives any more. */
  readonly end: Promise<WhatIfEnd>;
  cancel(): void;
}

/** Plays one job beside this process. Whoever made it closes it, which cancels what runs. */
export interface WhatIfRunner {
  /** `onProgress` is told basis points. */
  run(ask: WhatIfAsk, onProgress: (bps: number) => void): WhatIfRun;
}

/** Ended jobs whose result is kept; each is below a few hundred KiB. */
const KEPT_MAX = 8;
const RUNNING = WhatIfState.RUNNING;

class Job {
  readonly bot: string;
  answer: GetWhatIfResponse;
  private readonly run: WhatIfRun;
  private readonly ended: Promise<void>;

  constructor(jobId: string, ask: WhatIfAsk, runner: WhatIfRunner) {
    const about = { jobId, botId: ask.bot };
    this.bot = ask.bot;
    this.answer = GetWhatIfResponse.fromPartial({ ...about, state: RUNNING });
    this.run = runner.run(ask, (bps) => {
      if (this.answer.state === RUNNING) this.answer = { ...this.answer, progressBps: Math.min(9_999, bps) };
    });
    this.ended = this.run.end.then((end) => {
      this.answer = { ...answerOf(end), ...about };
    });
  }

  /** Resolves when nothing of it lives; one that had ended stays as it was. */
  async cancel(): Promise<void> {
    this.run.cancel();
    await this.ended;
  }
}

export type WhatIfCalls = Pick<BotServiceImplementation, "startWhatIf" | "getWhatIf" | "cancelWhatIf">;

/** `runner` undefined: UNIMPLEMENTED, where a process plays none. */
export function whatIfCalls(fleet: Fleet, runner: WhatIfRunner | undefined): WhatIfCalls {
  const desk = runner === undefined ? null : new WhatIfDesk(fleet, runner);
  const there = (): WhatIfDesk => {
    if (desk === null) throw unimplemented("a what-if");
    return desk;
  };
  return {
    startWhatIf: async (request, context) => ({ jobId: there().start(request, context) }),
    getWhatIf: async ({ jobId, botId }) => there().find(jobId, botId).answer,
    cancelWhatIf: async ({ jobId }, context) => ({ state: await there().cancel(jobId, context) }),
  };
}

class WhatIfDesk {
  private readonly fleet: Fleet;
  private readonly runner: WhatIfRunner;
  /** Oldest first. */
  private readonly jobs = new Map<string, Job>();
  private count = 0;

  constructor(fleet: Fleet, runner: WhatIfRunner) {
    this.fleet = fleet;
    this.runner = runner;
  }

  start(request: StartWhatIfRequest, context: CallContext): string {
    const bot = requiredBot(this.fleet, request.botId);
    requireBot(context, bot.id);
    const range = timeRange(request);
    const config = configOf(request.config);
    const read = this.fleet.options.binder.read(config);
    if (!read.ok) {
      const file = "configuration";
      const text = renderProblems(read.error.map((one) => ({ ...one, file })));
      throw refusalOfFleet({ code: "CONFIG", text: `the configuration is refused\n${text}`, problems: read.error });
    }
    if (!bot.hasJournal) throw absent(`${bot.id} has no journal yet`);
    this.refuseWhileBusy();
    this.count += 1;
    const id = `${this.count}`;
    const ask = { bot: bot.id, journal: bot.store.addressOf(bot.id), config, ...range };
    this.keep(new Job(id, ask, this.runner));
    return id;
  }

  find(jobId: string, botId: string): Job {
    const id = optionalText("job_id", jobId, 20);
    const of = optionalBotId("bot_id", botId);
    if ((id === "") === (of === "")) throw invalidField("job_id", "give either job_id or bot_id");
    const job = id === "" ? [...this.jobs.values()].findLast(({ bot }) => bot === of) : this.jobs.get(id);
    if (job !== undefined) return job;
    if (id === "") throw absent(`nobody has asked a what-if of ${of} since the engine began`);
    throw absent(`there is no what-if ${id}: the newest ${KEPT_MAX} are kept until the engine ends; start it again`);
  }

  async cancel(jobId: string, context: CallContext): Promise<WhatIfState> {
    const job = this.find(jobId, "");
    requireBot(context, job.bot);
    await job.cancel();
    return job.answer.state;
  }

  private refuseWhileBusy(): void {
    const busy = [...this.jobs.values()].find(({ answer }) => answer.state === RUNNING);
    if (busy === undefined) return;
    const message = `a what-if of ${busy.bot} is running, job ${busy.answer.jobId}; one at a time: wait for it, or cancel it`;
    throw new RpcRefusal({
      status: "RESOURCE_EXHAUSTED",
      reason: "BUSY",
      message,
      outcome: "not_sent",
      retryAfterMs: 5_000,
    });
  }

  private keep(job: Job): void {
    this.jobs.set(job.answer.jobId, job);
    const [oldest] = this.jobs.keys();
    if (this.jobs.size > KEPT_MAX && oldest !== undefined) this.jobs.delete(oldest);
  }
}

function answerOf(end: WhatIfEnd): GetWhatIfResponse {
  switch (end.kind) {
    case "done":
      return { ...end.answer, state: WhatIfState.DONE, progressBps: 10_000 };
    case "failed":
      return GetWhatIfResponse.fromPartial({ state: WhatIfState.FAILED, error: end.text });
    case "cancelled":
      return GetWhatIfResponse.fromPartial({ state: WhatIfState.CANCELLED });
  }
}
