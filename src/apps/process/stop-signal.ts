// What tells a process to stop: SIGTERM, SIGINT, SIGHUP of a closed terminal, or the end of the supervisor that started
// it (its end of stdin closes). The first asks for an orderly stop, a second signal ends at once. A SIGHUP that was
// sent while the terminal lives is the word to read keys again (API-30), for a process that can.

import { closeSync, openSync } from "node:fs";
import { signalCode } from "../opensqt/exit-codes.ts";

/** Set by `opensqt up` for its children: stdin lives as long as the supervisor does. */
export const SUPERVISED = "OPENSQT_SUPERVISED";

/** Who asks when the supervisor is gone. */
export const SUPERVISOR_GONE = "the end of opensqt up";

export interface StopSignal {
  /** Resolves with who asked: "SIGTERM", "the end of opensqt up". */
  readonly asked: Promise<string>;
  /** True once asked. */
  readonly stopping: boolean;
  /** Asks from inside the process. */
  ask(by: string): void;
  /** From now on SIGHUP calls this and stops nothing, unless the terminal is gone. */
  onHangup(reload: () => void): void;
  close(): void;
}

export function stopSignal(environment: NodeJS.ProcessEnv): StopSignal {
  const { promise: asked, resolve } = Promise.withResolvers<string>();
  let stopping = false;
  let reload: (() => void) | null = null;
  const startedOnTerminal = hasTerminal();
  const ask = (by: string): void => {
    stopping = true;
    resolve(by);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const terminalGone = startedOnTerminal && !hasTerminal();
    if (signal === "SIGHUP" && reload !== null && !terminalGone) reload();
    else if (stopping) process.exit(signalCode(signal));
    else ask(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const onParentEnd = (): void => ask(SUPERVISOR_GONE);
  const supervised = environment[SUPERVISED] === "1";
  if (supervised) process.stdin.on("end", onParentEnd).on("error", onParentEnd).resume();
  return {
    asked,
    get stopping() {
      return stopping;
    },
    ask,
    onHangup: (act) => {
      reload = act;
    },
    close: () => {
      for (const signal of signals) process.off(signal, onSignal);
      if (supervised) process.stdin.off("end", onParentEnd).pause().unref();
    },
  };
}

/** Whether a terminal controls this process; one that was closed does no longer. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
