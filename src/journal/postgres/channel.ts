// A question to the thread that owns the connections, waited for: the turn of a bot is not interrupted (DUR-09), so the
// main thread sleeps until the answer is there, or its time is over. It knows nothing of what is asked.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { crashPoint } from "../../base/crash-point.ts";
import { toSafe } from "../../base/integer.ts";
import type { Answer, Asked, LeaseTimes, Request, Told, WorkerStart } from "./protocol.ts";
import { LEASES_MAX, PULSE } from "./protocol.ts";

/** Beyond the budget of an answer: the thread keeps to it, unless the machine is too busy to run it. */
const PATIENCE_MS = 1_000;

export interface ChannelOptions {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  readonly lease: LeaseTimes;
  readonly machine: string;
}

export class Channel {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly bell = new Int32Array(new SharedArrayBuffer(4));
  private readonly renewals = new BigInt64Array(new SharedArrayBuffer(8 * LEASES_MAX));
  private readonly beats = new BigInt64Array(new SharedArrayBuffer(16));
  private asked = 0;
  private closed = false;

  constructor(options: ChannelOptions) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const start: WorkerStart = {
      ...options,
      bell: this.bell.buffer,
      renewals: this.renewals.buffer,
      pulse: this.beats.buffer,
    };
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { start, port: port2 },
      transferList: [port2],
      stdin: false,
      name: "journal",
    });
    this.worker.unref();
    // asked before each renewal, so that a test can end the process exactly there
    this.worker.on("message", (message: unknown) => {
      if (message !== "renewing") return;
      crashPoint("lease.before-renew");
      this.worker.postMessage("renew");
    });
  }

  /** The answer; a failed one when there was none in time. Nothing else of this thread runs meanwhile. */
  ask(request: Request, budgetMs: number, tryMs = budgetMs): Answer {
    if (this.closed) return failed("the connection to the database is closed");
    const untilMs = performance.now() + budgetMs + PATIENCE_MS;
    let heard = Atomics.load(this.bell, 0);
    const asked = this.post(request, budgetMs, tryMs);
    // ends with the answer, or when its time is over
    for (;;) {
      const answer = this.answerTo(asked.id);
      if (answer !== null) return answer;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return failed(`no answer within ${budgetMs} ms`);
      Atomics.wait(this.bell, 0, heard, leftMs);
      heard = Atomics.load(this.bell, 0);
    }
  }

  /** As {@link ask}, and nobody waits for the answer. */
  tell(request: Request, budgetMs: number): void {
    if (!this.closed) this.post(request, budgetMs, budgetMs);
  }

  /** Monotonic ms since lease `slot` was renewed; null when it is not held any more. */
  renewedAgoMs(slot: number): number | null {
    const at = Atomics.load(this.renewals, slot);
    return at === 0n ? null : toSafe(process.hrtime.bigint() - at) / 1e6;
  }

  /** Ms since the server's last word, null before the first; answers and connections lost so far. */
  pulse(): { readonly heardAgoMs: number | null; readonly lost: number } {
    const heard = Atomics.load(this.beats, PULSE.heard);
    const heardAgoMs = heard === 0n ? null : toSafe(process.hrtime.bigint() - heard) / 1e6;
    return { heardAgoMs, lost: toSafe(Atomics.load(this.beats, PULSE.lost)) };
  }

  /** Ends the thread and its connections; what it still held is given back by the server. */
  async close(): Promise<void> {
    if (!this.closed) {
      this.ask({ kind: "close" }, 2_000);
      this.closed = true;
      this.port.close();
    }
    await this.worker.terminate();
  }

  /** As a killed process leaves them: connections break, nothing is given back. For tests. */
  async abandon(): Promise<void> {
    this.closed = true;
    this.port.close();
    await this.worker.terminate();
  }

  private post(request: Request, budgetMs: number, tryMs: number): Asked {
    this.asked += 1;
    const asked: Asked = { id: this.asked, request, budgetMs, tryMs };
    this.port.postMessage(asked);
    return asked;
  }

  private answerTo(id: number): Answer | null {
    // ends when nothing more was received
    for (;;) {
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) return null;
      const told = received.message as Told;
      // an answer that came too late was given up long ago
      if (told.id === id) return told.answer;
    }
  }
}

const failed = (text: string): Answer => ({ kind: "failed", failure: { text, state: null, constraint: null } });
