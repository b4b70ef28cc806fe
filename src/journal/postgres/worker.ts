// The thread that owns the connections to Postgres: one for what is asked, one of its own for the leases. The main
// thread sleeps until it answers, so every answer comes within its time, and none is an exception.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { append } from "./append.ts";
import { Connection, failureOf, isRefusal, PostgresFailure } from "./connection.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import {
  type Answer,
  type Asked,
  PULSE,
  type Request,
  type Row,
  type Statement,
  type Told,
  type WorkerStart,
} from "./protocol.ts";

const { start, port } = workerData as { readonly start: WorkerStart; readonly port: MessagePort };
const bell = new Int32Array(start.bell);
const beats = new BigInt64Array(start.pulse);
const pulse = {
  heard: (): void => void Atomics.store(beats, PULSE.heard, process.hrtime.bigint()),
  lost: (): void => void Atomics.add(beats, PULSE.lost, 1n),
};
const connection = new Connection({ ...start, pulse });
const leases = new LeaseKeeper(start, { beforeRenew, pulse });

/** Until the main thread has said so, or is too busy to: a renewal does not wait for a long turn. */
const ASK_MS = 250;
let goOn: (() => void) | null = null;
parentPort?.on("message", () => goOn?.());

async function beforeRenew(): Promise<void> {
  parentPort?.postMessage("renewing");
  await new Promise<void>((resolve) => {
    goOn = resolve;
    setTimeout(resolve, ASK_MS);
  });
  goOn = null;
}

// one after the other, as they were asked
let before = Promise.resolve();
port.on("message", (asked: Asked) => {
  before = before.then(async () => {
    const time = { untilMs: performance.now() + asked.budgetMs, tryMs: asked.tryMs };
    const told: Told = { id: asked.id, answer: await answerTo(asked.request, time) };
    port.postMessage(told);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
});

interface Time {
  readonly untilMs: number;
  readonly tryMs: number;
}

async function answerTo(request: Request, time: Time): Promise<Answer> {
  try {
    return await answer(request, time);
  } catch (error) {
    return { kind: "failed", failure: failureOf(error).failure };
  }
}

async function answer(request: Request, time: Time): Promise<Answer> {
  const { untilMs } = time;
  switch (request.kind) {
    case "query": {
      const asked = (until: number) => connection.query(request.statement, until);
      return { kind: "rows", rows: request.twice ? await again(asked, time) : await asked(untilMs) };
    }
    case "transaction": {
      const asked = (until: number) => transaction(request.statements, until);
      return { kind: "results", results: request.twice ? await again(asked, time) : await asked(untilMs) };
    }
    case "append":
      return append(connection, request, time);
    case "acquire":
      return leases.acquire(request, untilMs);
    case "release":
      await leases.release(request.name, untilMs);
      return { kind: "done" };
    case "close":
      await leases.close(untilMs);
      await connection.close();
      return { kind: "done" };
  }
}

/** What may be done twice is, on a new connection, where no answer came; until the time is over. */
async function again<T>(work: (untilMs: number) => Promise<T>, { untilMs, tryMs }: Time): Promise<T> {
  // ends when the time is over, at the latest
  for (;;) {
    try {
      return await work(Math.min(untilMs, performance.now() + tryMs));
    } catch (error) {
      const lost = error instanceof PostgresFailure && !isRefusal(error);
      if (!lost || performance.now() >= untilMs) throw error;
    }
  }
}

/** One statement is a transaction by itself: no lock outlives it, should nobody be heard of again. */
async function transaction(statements: readonly Statement[], untilMs: number): Promise<readonly (readonly Row[])[]> {
  const results: (readonly Row[])[] = [];
  const [only] = statements;
  if (only !== undefined && statements.length === 1) return [await connection.query(only, untilMs)];
  await connection.query({ sql: "BEGIN", values: [] }, untilMs);
  try {
    for (const statement of statements) results.push(await connection.query(statement, untilMs));
    await connection.query({ sql: "COMMIT", values: [] }, untilMs);
    return results;
  } catch (error) {
    if (connection.isOpen)
      await connection.query({ sql: "ROLLBACK", values: [] }, untilMs).catch(() => connection.drop());
    throw error;
  }
}
