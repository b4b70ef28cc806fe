// `opensqt connector verify ADDRESS`: the cases of the exchange port's contract that need no fault control, played on a
// running connector in whatever language (EXCH-57).

import { resolve } from "node:path";
import { openRemoteConnection, RemoteError } from "../../exchange/remote-connection.ts";
import { type VerifyRow, verifyConnector } from "../../exchange/verify/verify.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { keyOf } from "./engine/key-file.ts";
import { asCommandError } from "./engine/refusals.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson } from "./output.ts";

export interface VerifyFlags {
  readonly keyFile?: string;
  readonly ca?: string;
  readonly symbol?: string;
  readonly active?: true;
  readonly json?: true;
}

/** Exit code 4 when a case fails, 5 when nobody answers there. Errors: CommandError. */
export async function verify(address: string, flags: VerifyFlags): Promise<void> {
  const { keyFile, ca, symbol, active = false, json = false } = flags;
  const connection = await openRemoteConnection({
    address,
    key: keyFile === undefined ? null : keyOf(keyFile),
    tls: ca === undefined ? null : { ca: resolve(ca), cert: null, key: null, serverName: null },
    machine: MONOTONIC_CLOCK,
    attemptMs: 3_000,
    // a person waits: one attempt tells enough
    signal: AbortSignal.abort(),
  }).catch((error: unknown): never => {
    if (error instanceof RemoteError) throw new CommandError(EXIT_CODES.unreachable, error.message);
    throw asCommandError(error, address);
  });
  try {
    if (!json) print(`${connection.hello.name} ${connection.hello.release} at ${address}`);
    const rows = await verifyConnector({
      connection,
      active,
      ...(symbol === undefined ? {} : { symbol }),
      ...(json ? {} : { onRow: (row) => print(lineOf(row)) }),
    });
    const failed = rows.filter(({ result }) => result === "fail").length;
    if (json) printJson({ exchange: connection.hello.name, cases: rows }, failed === 0);
    else print(summaryOf(rows));
    if (failed > 0) process.exitCode = EXIT_CODES.checkFailed;
  } finally {
    await connection.close();
  }
}

const MARKS = { pass: "pass", fail: "FAIL", skip: "skip" } as const;

function lineOf({ n, text, result, why }: VerifyRow): string {
  return `${MARKS[result]}  ${String(n).padStart(2)}  ${text}${why === "" ? "" : `\n          ${why}`}`;
}

function summaryOf(rows: readonly VerifyRow[]): string {
  const count = (result: VerifyRow["result"]): number => rows.filter((row) => row.result === result).length;
  return `${count("pass")} pass, ${count("fail")} fail, ${count("skip")} left out`;
}
