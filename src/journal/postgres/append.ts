// One append within its time, whatever the connection does (DUR-62): after a lost one it is looked up whether it was
// written before it is tried again, so nothing is written twice and nothing is taken for lost that is not.

import { type Connection, isRefusal, PostgresFailure } from "./connection.ts";
import type { Answer, HeadRow, Request, Row } from "./protocol.ts";
import { FORCE, HEAD } from "./statements.ts";

type Append = Extract<Request, { readonly kind: "append" }>;

/**
 * `tryMs`: after so long without a word another connection is tried. Errors: PostgresFailure: refused by the server, or
 * no answer in time and nobody knows.
 */
export async function append(
  connection: Connection,
  request: Append,
  { untilMs, tryMs }: { readonly untilMs: number; readonly tryMs: number },
): Promise<Answer> {
  const { statement, before, after } = request;
  let doubtful = false;
  // ends when the time is over, at the latest
  for (;;) {
    const nowMs = Math.min(untilMs, performance.now() + tryMs);
    try {
      if (doubtful) {
        const head = await headOf(connection, request.journal, nowMs);
        if (head !== null && same(head, after)) return await found(connection, request, nowMs);
        if (head === null || !same(head, before)) return { kind: "moved", head };
      }
      const [row] = await connection.query(statement, nowMs);
      if (row?.[0] === 1) return { kind: "appended" };
      const head = await headOf(connection, request.journal, nowMs);
      // a transaction that the lost connection left behind may have come through just now
      if (doubtful && head !== null && same(head, after)) return await found(connection, request, nowMs);
      return { kind: "moved", head };
    } catch (error) {
      if (!(error instanceof PostgresFailure) || performance.now() >= untilMs) throw error;
      // the same append, which the lost connection's transaction wrote after all, collides with itself
      if (isRefusal(error) && !doubtful) throw error;
      if (isRefusal(error) && !(await wasWritten(connection, request, untilMs))) throw error;
      doubtful = true;
    }
  }
}

/**
 * It was written. A commit that waited for the standby as its connection broke is seen here though the standby may not
 * have it: what is committed now waits for both.
 */
async function found(connection: Connection, { journal, after, synced }: Append, untilMs: number): Promise<Answer> {
  if (synced) await connection.query({ sql: FORCE, values: [journal, after.epoch] }, untilMs);
  return { kind: "appended" };
}

async function wasWritten(connection: Connection, { journal, after }: Append, untilMs: number): Promise<boolean> {
  const head = await headOf(connection, journal, untilMs);
  return head !== null && same(head, after);
}

async function headOf(connection: Connection, journal: number, untilMs: number): Promise<HeadRow | null> {
  const [row] = await connection.query({ sql: HEAD, values: [journal], name: "head" }, untilMs);
  return row === undefined ? null : headRow(row);
}

export function headRow([epoch, position, hash, posting, postingHash]: Row): HeadRow {
  const whole = (value: unknown): number => (typeof value === "number" ? value : -1);
  return {
    epoch: whole(epoch),
    position: whole(position),
    hash: String(hash),
    posting: whole(posting),
    postingHash: String(postingHash),
  };
}

const same = (a: HeadRow, b: HeadRow): boolean =>
  a.epoch === b.epoch &&
  a.position === b.position &&
  a.hash === b.hash &&
  a.posting === b.posting &&
  a.postingHash === b.postingHash;
