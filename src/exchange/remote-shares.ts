// This engine's share of the account and those of the others (RISK-11), told and heard through the connector every two
// seconds. It decides nothing: what too much in sum means is the account machine's.

import { refusalOf } from "../rpc/refusal.ts";
import { pause } from "../rpc/timers.ts";
import type { EngineShare } from "../trading/account-event.ts";
import type { RemoteConnection } from "./remote-connection.ts";

/** As the bots' heartbeats (API-45). */
const SAID_EVERY_MS = 2_000;
const SAY_MS_MAX = 5_000;
/** A stop waits no longer: the connector forgets the share by itself. */
const LEAVE_MS_MAX = 1_000;

type Connection = Pick<RemoteConnection, "client" | "exchange" | "timers" | "log" | "health">;

export class RemoteShares {
  private readonly connection: Connection;
  private readonly own: EngineShare;
  private readonly abort = new AbortController();
  private saying: Promise<void> = Promise.resolve();
  private heard: readonly EngineShare[] | null = null;
  private trouble = "";

  private constructor(connection: Connection, own: EngineShare) {
    this.connection = connection;
    this.own = own;
  }

  /** Says the share once, then goes on saying it. A connector that does not answer is asked again. */
  static async open(connection: Connection, own: EngineShare): Promise<RemoteShares> {
    const shares = new RemoteShares(connection, own);
    await shares.say();
    shares.saying = shares.repeat();
    return shares;
  }

  /** Of every other engine; null while nothing was heard. Empty where the connector knows nothing of shares. */
  get others(): readonly EngineShare[] | null {
    return this.heard;
  }

  /** Gives the share back: who ends in order is not waited for. */
  async close(): Promise<void> {
    if (this.abort.signal.aborted) return;
    this.abort.abort();
    await this.saying;
    if (this.connection.health === "unknown") return;
    const { client, exchange, log } = this.connection;
    const told = { exchange, engine: this.own.engine, shareBps: 0 };
    await client.shareAccount(told, { deadlineMs: LEAVE_MS_MAX }).catch((error: unknown) => {
      log.warn("the share of the account was not given back", { why: refusalOf(error).message });
    });
  }

  private async repeat(): Promise<void> {
    const { signal } = this.abort;
    const { timers } = this.connection;
    while (!signal.aborted) {
      await pause(SAID_EVERY_MS, signal, timers);
      if (!signal.aborted && this.connection.health !== "unknown") await this.say();
    }
  }

  private async say(): Promise<void> {
    const { client, exchange, log } = this.connection;
    const { engine, shareBps } = this.own;
    try {
      const told = await client.shareAccount({ exchange, engine, shareBps }, { deadlineMs: SAY_MS_MAX });
      this.heard = heardOf(told, { engine, before: this.heard ?? [] });
      this.trouble = "";
    } catch (error) {
      const { status, message } = refusalOf(error);
      // one of before that says nothing of shares
      if (status === "UNIMPLEMENTED") this.heard = [];
      if (this.trouble !== status) log.warn("the share of the account was not told", { why: message });
      this.trouble = status;
    }
  }
}

/**
 * The others, by what a connector told. One that has just begun may not have heard all: whoever was known before and
 * is missing stays, since forgetting it would free what it still has.
 */
export function heardOf(
  told: { readonly shares: readonly EngineShare[]; readonly complete: boolean },
  { engine, before }: { readonly engine: string; readonly before: readonly EngineShare[] },
): readonly EngineShare[] {
  const others = told.shares.flatMap((each) =>
    each.engine === engine ? [] : [{ engine: each.engine, shareBps: each.shareBps }],
  );
  if (told.complete) return others;
  const known = new Set(others.map((each) => each.engine));
  return [...others, ...before.filter((each) => !known.has(each.engine))];
}
