// The thread that owns the connections to Postgres: one for what is asked, one of its own for the leases. The main
// thread sleeps until it answers, so every answer comes within its time, and none is an exception.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { append } from "./append.ts";
import { Connection, failureOf, isRefusal, PostgresFailure } from "./connection.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { Answer, Asked, Request, Row, Statement, Told, WorkerStart } from "./protocol.ts";

const { start, port } = workerData as { readonly start: WorkerStart; readonly port: MessagePort };
const bell = new Int32Array(start.bell);
const connection = new Connection(start);
const leases = new LeaseKeeper(start, { beforeRenew });

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
    const told: Told = { id: asked.id, answer: await answerTo(asked.request, performance.now() + asked.budgetMs) };
    port.postMessage(told);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
});

async function answerTo(request: Request, untilMs: number): Promise<Answer> {
  try {
    return await answer(request, untilMs);
  } catch (error) {
    return { kind: "failed", failure: failureOf(error).failure };
  }
}

async function answer(request: Request, untilMs: number): Promise<Answer> {
  switch (request.kind) {
    case "query":
      return { kind: "rows", rows: await connection.query(request.statement, untilMs) };
    case "transaction":
      return { kind: "results", results: await transaction(request, untilMs) };
    case "append":
      return append(connection, request, untilMs);
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

type Transaction = Extract<Request, { readonly kind: "transaction" }>;

async function transaction(asked: Transaction, untilMs: number): Promise<readonly (readonly Row[])[]> {
  // ends when the time is over, at the latest
  for (;;) {
    try {
      return await once(asked.statements, untilMs);
    } catch (error) {
      const lost = error instanceof PostgresFailure && !isRefusal(error);
      if (!(lost && asked.twice) || performance.now() >= untilMs) throw error;
    }
  }
}

async function once(statements: readonly Statement[], untilMs: number): Promise<readonly (readonly Row[])[]> {
  const results: (readonly Row[])[] = [];
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
