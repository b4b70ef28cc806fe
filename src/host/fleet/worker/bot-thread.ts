// The thread of one bot (OPS-17): its journal, its host and its own connection to the connector, as one run has them in
// the process's thread. It tells what is on the disk, and does what it is told. Started by thread-run.ts alone.

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { RemotePort } from "../../../exchange/remote.ts";
import { openRemoteConnection, type RemoteConnection } from "../../../exchange/remote-connection.ts";
import type { BotRecord } from "../../../journal/registry.ts";
import { SqliteStore } from "../../../journal/sqlite-store.ts";
import type { Engine } from "../../context.ts";
import { productionEngine } from "../../engine.ts";
import { endOf, type HostEnd } from "../../host-error.ts";
import { MONOTONIC_CLOCK, WALL_CLOCK } from "../../wall-clock.ts";
import { BotRun } from "../bot-run.ts";
import type { RunOptions } from "../fleet-options.ts";
import { markedBy } from "../marked-engine.ts";
import { Poison } from "../poison.ts";
import type { Figures, FromThread, ThreadStart, ToThread } from "./messages.ts";
import { Pulse } from "./pulse.ts";

const BEAT_MS = 1_000;
const CONNECT_AGAIN_MS = 5_000;

if (parentPort === null) throw new Error("bot-thread.ts runs as a thread of its fleet, and not by itself");
const parent = parentPort;
const start = workerData as ThreadStart;
const tell = (message: FromThread): void => parent.postMessage(message);

class BotThread {
  private readonly pulse = new Pulse(start.pulse);
  private readonly poison = new Poison();
  private readonly beat: NodeJS.Timeout;
  private key = start.connector.key;
  private record: BotRecord = start.record;
  private run: BotRun | null = null;
  private connection: RemoteConnection | null = null;
  private recording: Figures["recording"] = { commitP99Us: 0, snapshot: null };
  private steps: number[] = [];
  private commits: number[] = [];

  constructor() {
    this.pulse.beat();
    this.beat = setInterval(() => this.beats(), BEAT_MS);
    parent.on("message", (message: ToThread) => this.heard(message));
  }

  async open(): Promise<void> {
    this.connection = await this.connect();
    tell({ kind: "waiting", text: "" });
    const engine = await engineOf(start.engineModule);
    const { bound, options } = start;
    const marked = markedBy(engine, this.pulse, bound.id);
    try {
      this.run = new BotRun({
        options: this.optionsOf(this.connection),
        store: new SqliteStore(options.folder),
        record: () => this.record,
        bound,
        engine: this.poison.watched(marked),
        onReplay: (percent) => tell({ kind: "waiting", text: `its journal is replayed: ${percent} %` }),
        onChanged: (turn) => {
          if (turn === null) this.tellFigures(true);
        },
        onEnd: (end) => this.ended(end),
      });
    } catch (error) {
      this.ended(endOf(error));
      return;
    }
    this.recording = this.run.host.recording;
    tell({ kind: "opened", state: engine.encode(this.run.host.state), figures: this.figures() });
  }

  /** Tries for as long as it takes: the bot waits, as it does for its instrument. */
  private async connect(): Promise<RemoteConnection> {
    const { address, tls } = start.connector;
    const warn = (text: string): void => tell({ kind: "warning", text });
    const log = { info: () => undefined, warn, error: warn };
    // ends with the connection, or with the thread
    for (;;) {
      try {
        return await openRemoteConnection({ address, tls, key: () => this.key, log, machine: MONOTONIC_CLOCK });
      } catch (error) {
        tell({ kind: "waiting", text: error instanceof Error ? error.message : String(error) });
        await sleep(CONNECT_AGAIN_MS);
      }
    }
  }

  private optionsOf(connection: RemoteConnection): RunOptions {
    const port = (user: { readonly bot: string; readonly tag: string; readonly epoch: number }): RemotePort =>
      new RemotePort(connection, { botId: user.bot, tag: user.tag, epoch: () => user.epoch });
    return {
      ...start.options,
      port: port({ bot: "", tag: "", epoch: 0 }),
      portOf: port,
      connector: {
        get serving() {
          return connection.health === "serving";
        },
        get text() {
          return connection.trouble;
        },
        subscribe: (listener) => connection.onHealth(() => listener()),
      },
      clock: connection.clock,
      machine: WALL_CLOCK,
      conditions: () => connection.standing.conditions,
      timings: {
        stepped: (_, ms) => void this.steps.push(ms),
        committed: (_, ms) => void this.commits.push(ms),
        journalFailed: (_, half) => tell({ kind: "journal-failed", half }),
        recovered: (_, tookMs) => tell({ kind: "recovered", tookMs }),
      },
      onAlert: (_, alert) => tell({ kind: "alert", alert }),
      onOver: (_, over) => tell({ kind: "over", over }),
      onWarning: (_, text) => tell({ kind: "warning", text }),
    };
  }

  private heard(message: ToThread): void {
    const { run } = this;
    if (message.kind === "key") this.key = message.key;
    else if (run !== null) this.do(message, run);
  }

  private do(message: Exclude<ToThread, { kind: "key" }>, run: BotRun): void {
    switch (message.kind) {
      case "start":
        this.record = message.record;
        this.begin(run);
        break;
      case "command": {
        const { id, command, who } = message;
        // after the turn that has it: whoever hears the answer finds it in the state
        const told = (result: Parameters<Parameters<typeof run.host.command>[2]>[0]): void =>
          queueMicrotask(() => tell({ kind: "told", id, result }));
        run.with((host) => host.command(command, who, told));
        break;
      }
      case "offer":
        run.with((host) => host.offer(message.event));
        break;
      case "stop":
        run.with((host) => host.requestStop(message.by));
        break;
      case "reconcile":
        run.with((host) => host.reconcile());
        break;
    }
  }

  private begin(run: BotRun): void {
    const { host } = run;
    host.onRead((read) => tell({ kind: "read", read }));
    host.observe(({ takenAtMs, ...turn }) => {
      const tookMs = host.clock.monotonicMs() - takenAtMs;
      const taken = { steps: this.steps, commits: this.commits };
      this.steps = [];
      this.commits = [];
      tell({ kind: "turn", turn: { ...turn, tookMs }, taken, figures: this.figures() });
    });
    this.connection?.onHealth((health, text) =>
      run.with((of) => (health === "serving" ? of.connectorBack() : of.connectorLost(text))),
    );
    run.start();
  }

  private ended(end: HostEnd): void {
    const { error: _error, ...told } = end;
    tell({ kind: "ended", ended: { end: told, thrownSeq: this.poison.thrownSeq } });
    void this.leave();
  }

  private async leave(): Promise<void> {
    // the run's end may come out of its own constructor: let it be over
    await Promise.resolve();
    await this.run?.left;
    await this.connection?.close();
    clearInterval(this.beat);
    tell({ kind: "left" });
    parent.close();
  }

  private beats(): void {
    this.pulse.beat();
    if (this.run === null) return;
    this.recording = this.run.host.recording;
    this.tellFigures(false);
  }

  private tellFigures(changed: boolean): void {
    if (this.run !== null) tell({ kind: "figures", figures: this.figures(), changed });
  }

  private figures(): Figures {
    const { run, recording } = this;
    if (run === null) throw new Error("figures are told of a run that is open");
    const { waiting, recoveryProgress: progress } = run.host;
    return { waiting, progress, recording, bytesWritten: run.journal.bytesWritten };
  }
}

/** A module of somebody's own gives its engine by the name `engine`. */
async function engineOf(module: string | null): Promise<Engine> {
  if (module === null) return productionEngine;
  const loaded: unknown = await import(module);
  if (typeof loaded === "object" && loaded !== null && "engine" in loaded) return loaded.engine as Engine;
  throw new Error(`${module} exports no engine`);
}

await new BotThread().open();
