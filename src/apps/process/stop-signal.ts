// What tells a process to stop: SIGTERM, SIGINT, SIGHUP of a closed terminal, or the end of the supervisor that started
// it (its end of stdin closes). The first asks for an orderly stop, a second signal ends at once.

import { signalCode } from "../opensqt/exit-codes.ts";

/** Set by `opensqt up` for its children: stdin lives as long as the supervisor does. */
export const SUPERVISED = "OPENSQT_SUPERVISED";

export interface StopSignal {
  /** Resolves with who asked: "SIGTERM", "the end of opensqt up". */
  readonly asked: Promise<string>;
  /** True once asked. */
  readonly stopping: boolean;
  /** Asks from inside the process. */
  ask(by: string): void;
  close(): void;
}

export function stopSignal(environment: NodeJS.ProcessEnv): StopSignal {
  const { promise: asked, resolve } = Promise.withResolvers<string>();
  let stopping = false;
  const ask = (by: string): void => {
    stopping = true;
    resolve(by);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signalCode(signal));
    ask(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const onParentEnd = (): void => ask("the end of opensqt up");
  const supervised = environment[SUPERVISED] === "1";
  if (supervised) process.stdin.on("end", onParentEnd).on("error", onParentEnd).resume();
  return {
    asked,
    get stopping() {
      return stopping;
    },
    ask,
    close: () => {
      for (const signal of signals) process.off(signal, onSignal);
      if (supervised) process.stdin.off("end", onParentEnd).pause().unref();
    },
  };
}
