// One run of one bot in a thread of its own, seen from the process's thread (OPS-17): starts the thread, keeps the
// mirror of it, and ends it when it is silent. What becomes of the bot afterwards is decided elsewhere (fleet-bot.ts).

import { Worker } from "node:worker_threads";
import { assert } from "../../../base/assert.ts";
import type { StoredReader } from "../../../journal/store.ts";
import type { HostEnd } from "../../host-error.ts";
import { endOf, poisoned } from "../../host-error.ts";
import { MONOTONIC_CLOCK } from "../../wall-clock.ts";
import { type BotRunParts, machineOf } from "../bot-run.ts";
import { type Guard, guardedBy } from "../contain.ts";
import type { Run, RunJournal } from "../run.ts";
import { sweepBot } from "../sweep.ts";
import type { FromThread, ThreadStart, ToThread } from "./messages.ts";
import { Mirror } from "./mirror.ts";
import { newPulse, PulseWatch } from "./pulse.ts";
import { readBeside } from "./read-beside.ts";
import type { ThreadOptions } from "./thread-options.ts";

const LOOK_MS = 1_000;
const SILENT_MS = 5_000;
const OPENING_MS = 60_000;
/** A thread that said its last word has this long to be gone. */
const LEAVE_MS = 15_000;

export interface ThreadRunParts extends Omit<BotRunParts, "onEnd" | "onReplay"> {
  readonly threads: ThreadOptions;
  /** The journal is open and replayed; {@link ThreadRun.start} may be called. */
  readonly onOpened: () => void;
  readonly onWaiting: (text: string) => void;
  /** Called once. `thrownSeq`: the event a step threw at or did not end at; 0 where none did. */
  readonly onEnd: (end: HostEnd, thrownSeq: number) => void;
}

export class ThreadRun implements Run {
  readonly left: Promise<void>;
  private readonly parts: ThreadRunParts;
  private readonly worker: Worker;
  private readonly watch: PulseWatch;
  private readonly guard: Guard;
  private mirror: Mirror | null = null;
  private reader: (StoredReader & RunJournal) | null = null;
  private key: string | null;
  private ended = false;
  private cancelLook: () => void = () => undefined;
  /** The step it was ended at; 0: at none, null: it was not ended by us. */
  private silentSeq: number | null = null;
  private thrown: unknown = null;

  /** Starts the thread. */
  constructor(parts: ThreadRunParts) {
    this.parts = parts;
    this.guard = guardedBy((error) => this.broke(error));
    const { silentMs = SILENT_MS, key } = parts.threads;
    this.key = key();
    const pulse = newPulse();
    this.watch = new PulseWatch(pulse, { silentMs, openingMs: OPENING_MS }, MONOTONIC_CLOCK.monotonicMs());
    this.worker = new Worker(new URL("./bot-thread.ts", import.meta.url), {
      workerData: threadStart(parts, this.key, pulse),
      stdin: false,
      name: `bot ${parts.bound.id}`.slice(0, 15),
    });
    this.worker.on("message", (message: FromThread) => this.guard(() => this.heard(message)));
    this.worker.on("error", (error) => {
      this.thrown ??= error;
    });
    this.left = new Promise((resolve) => {
      this.worker.once("exit", () => {
        this.cancelLook();
        this.gone();
        resolve();
      });
    });
    this.lookLater();
  }

  get host(): Mirror {
    assert(this.mirror !== null, "a thread is looked at after it opened its journal");
    return this.mirror;
  }

  get journal(): RunJournal {
    assert(this.reader !== null, "a thread's journal is read after it was opened");
    return this.reader;
  }

  start(): void {
    this.send({ kind: "start", record: this.parts.record() });
  }

  with(work: (host: Mirror) => void): void {
    this.guard(() => work(this.host));
  }

  async discard(): Promise<void> {
    this.ended = true;
    this.close();
    await this.worker.terminate();
    await this.left;
  }

  private send(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private heard(message: FromThread): void {
    if (this.ended && message.kind !== "left") return;
    const { options, bound, onChanged } = this.parts;
    const { id } = bound;
    switch (message.kind) {
      case "opened":
        this.opened(message);
        break;
      case "waiting":
        this.parts.onWaiting(message.text);
        break;
      case "turn": {
        const { turn, taken, figures } = message;
        const { host } = this;
        host.figures = figures;
        for (const ms of taken.steps) options.timings?.stepped(id, ms);
        for (const ms of taken.commits) options.timings?.committed(id, ms);
        host.took(turn);
        break;
      }
      case "figures":
        this.host.figures = message.figures;
        if (message.changed) onChanged(null);
        break;
      case "read":
        this.host.read(message.read);
        break;
      case "told":
        this.host.told(message.id, message.result);
        break;
      case "alert":
        options.onAlert(id, message.alert);
        break;
      case "over":
        options.onOver?.(id, message.over);
        break;
      case "warning":
        options.onWarning(id, message.text);
        break;
      case "journal-failed":
        options.timings?.journalFailed?.(id, message.half);
        break;
      case "recovered":
        options.timings?.recovered(id, message.tookMs);
        break;
      case "ended": {
        const { end, thrownSeq } = message.ended;
        const error = end.exitCode === 0 ? null : new Error(end.text);
        const cancel = machineOf(options).at(machineOf(options).nowMs() + LEAVE_MS, () => void this.worker.terminate());
        void this.left.then(cancel);
        this.end({ ...end, error }, thrownSeq);
        break;
      }
      case "left":
        void this.worker.terminate();
        break;
    }
  }

  private opened({ state, figures }: Extract<FromThread, { kind: "opened" }>): void {
    const { options, bound, engine, store, onOpened } = this.parts;
    const clock = options.clock;
    const send = (message: ToThread): void => this.send(message);
    const { symbol } = bound.instrument;
    this.mirror = new Mirror({ engine, state, figures, symbol, clock, machine: machineOf(options), send });
    this.mirror.observe((turn) => this.parts.onChanged(turn));
    this.reader = readBeside(store.openReader(bound.id), () => this.host.figures.bytesWritten);
    onOpened();
  }

  private lookLater(): void {
    this.cancelLook = MONOTONIC_CLOCK.at(MONOTONIC_CLOCK.nowMs() + LOOK_MS, () => {
      this.look();
      this.lookLater();
    });
  }

  private look(): void {
    const key = this.parts.threads.key();
    if (key !== this.key) {
      this.key = key;
      this.send({ kind: "key", key });
    }
    if (this.silentSeq !== null) return;
    if (!this.watch.isSilent(MONOTONIC_CLOCK.monotonicMs(), this.mirror !== null)) return;
    this.silentSeq = this.watch.steppingSeq;
    void this.worker.terminate();
  }

  /** Something here threw at what the thread told: nothing of the mirror may be used any more. */
  private broke(error: unknown): void {
    this.thrown ??= error;
    void this.worker.terminate();
  }

  /** The thread is no more. Unless it said so before, it did not end by itself. */
  private gone(): void {
    if (this.ended) return;
    const seq = this.silentSeq ?? 0;
    const silent = `its thread was silent for ${(this.parts.threads.silentMs ?? SILENT_MS) / 1000} s, and was ended`;
    const error =
      this.silentSeq === null ? (this.thrown ?? new Error("its thread ended by itself")) : new Error(silent);
    const end = seq === 0 ? endOf(error) : { ...endOf(poisoned(error, seq)), atSeq: seq };
    this.alert("bot-crashed", end.text, { code: end.code });
    this.mirror?.close();
    this.sweep((ordersLeft) => this.end({ ...end, ordersLeft }, seq));
  }

  /** As a bot that throws has its orders cancelled (RISK-19), by the exchange's own list. */
  private sweep(done: (left: readonly string[]) => void): void {
    const { options, bound } = this.parts;
    const policy = bound.data.cancelOnExit ?? "all";
    const { port, clock } = options;
    sweepBot({ port, clock, symbol: bound.instrument.symbol, tag: bound.tag, policy }, done);
  }

  private alert(code: string, text: string, facts: Readonly<Record<string, string>>): void {
    const { options, bound } = this.parts;
    const id = `${bound.id}/thread/${machineOf(options).nowMs()}`;
    options.onAlert(bound.id, { id, code, severity: "critical", text, facts });
  }

  private end(end: HostEnd, thrownSeq: number): void {
    if (this.ended) return;
    this.ended = true;
    this.close();
    this.parts.onEnd(end, thrownSeq);
  }

  private close(): void {
    this.mirror?.close();
    this.reader?.close();
    this.reader = null;
  }
}

function threadStart(
  { options, bound, record, threads }: ThreadRunParts,
  key: string | null,
  pulse: SharedArrayBuffer,
) {
  const { folder, sync, bookIntervalMs, host, pid, release, coreHash } = options;
  const { deadManMs, bounds, mailboxCapacity, snapshots, retention, reserveBytes } = options;
  const start: ThreadStart = {
    options: {
      folder,
      sync,
      bookIntervalMs,
      host,
      pid,
      release,
      coreHash,
      ...(deadManMs === undefined ? {} : { deadManMs }),
      ...(bounds === undefined ? {} : { bounds }),
      ...(mailboxCapacity === undefined ? {} : { mailboxCapacity }),
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(retention === undefined ? {} : { retention }),
      ...(reserveBytes === undefined ? {} : { reserveBytes }),
    },
    bound,
    record: record(),
    connector: { address: threads.address, tls: threads.tls, key },
    pulse,
    engineModule: threads.engineModule?.(bound.id) ?? null,
  };
  return start;
}
