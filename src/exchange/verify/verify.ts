// `opensqt connector verify`: whether a server of ExchangeService, in whatever language, is a connector our engines can
// stand upon (EXCH-57). It reads through the very port the engines use; without `active` it places nothing.

import { ticks } from "../../market/amounts.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { RemotePort } from "../remote.ts";
import type { RemoteConnection } from "../remote-connection.ts";
import { Asking, CaseFailure } from "./asking.ts";
import { VERIFY_CASES, type VerifyCase, type VerifyStage } from "./cases.ts";

export interface VerifyRow {
  readonly n: number;
  readonly text: string;
  readonly result: "pass" | "fail" | "skip";
  /** Why it failed or was left out; empty when it passed. */
  readonly why: string;
}

export interface VerifyOptions {
  readonly connection: RemoteConnection;
  /** The first one served unless given. */
  readonly symbol?: string;
  readonly active: boolean;
  /** Told each case as it ends. */
  readonly onRow?: (row: VerifyRow) => void;
}

/** Plays the cases in order. Never throws for what the connector does: that is a row. */
export async function verifyConnector(options: VerifyOptions): Promise<readonly VerifyRow[]> {
  const { connection, active, onRow } = options;
  const prefix = `vfy${Math.floor(connection.clock.nowMs()).toString(36)}`;
  const port = new RemotePort(connection, { botId: "verify", epoch: () => 0, tag: prefix });
  const rows: VerifyRow[] = [];
  const told = (row: VerifyRow): void => {
    rows.push(row);
    onRow?.(row);
  };
  try {
    const opened = await opening(port, options, prefix).catch((error: unknown) => wordsOf(error));
    if (typeof opened === "string") {
      told({ n: 0, text: OPENING, result: "fail", why: opened });
      return rows;
    }
    told({ n: 0, text: OPENING, result: "pass", why: "" });
    for (const each of VERIFY_CASES) told(await rowOf(each, opened, active));
    return rows;
  } finally {
    await port.closed();
  }
}

const OPENING = "an instrument is described exactly and has a book";

async function opening(port: RemotePort, options: VerifyOptions, prefix: string): Promise<VerifyStage> {
  const { connection } = options;
  const { exchange, client, clock } = connection;
  const symbol = options.symbol ?? (await client.getSymbols({ exchange, pageSize: 1 })).symbols[0];
  if (symbol === undefined) throw new CaseFailure("no instrument is served");
  const asking = new Asking(port, symbol, prefix);
  const told = await asking.instrument();
  if (told.result !== "ok") throw new CaseFailure(`${symbol} is not described: ${told.text}`);
  const best = await asking.heard("a book", (message) => {
    const [bid, ask] = message.kind === "book" ? [message.bids[0]?.[0], message.asks[0]?.[0]] : [];
    return bid === undefined || ask === undefined ? null : { bid: ticks(bid), ask: ticks(ask) };
  });
  return { asking, instrument: told.instrument, best, nowMs: () => clock.nowMs() };
}

async function rowOf(each: VerifyCase, stage: VerifyStage, active: boolean): Promise<VerifyRow> {
  const { n, text } = each;
  const why = each.active && !active ? "it places orders: --active" : (each.unless?.(stage) ?? null);
  if (why !== null) return { n, text, result: "skip", why };
  try {
    await each.play(stage);
    return { n, text, result: "pass", why: "" };
  } catch (error) {
    return { n, text, result: "fail", why: wordsOf(error) };
  }
}

const wordsOf = (error: unknown): string => (error instanceof CaseFailure ? error.message : refusalOf(error).message);
