// What a check of `opensqt doctor` is and how it is run: each has a time-out, and ends as ok, warn, stop or skipped
// with the reason, and one line that says what to do (OPS-53).

import type { SimulatedExchangeConfig } from "../../../config/process/exchange-shapes.ts";
import type { ConfigKindName, LoadedKind } from "../../../config/process/kinds.ts";
import type { MarketMakerConfig } from "../../../config/process/shapes.ts";
import type { RealConnector } from "../../connector/real.ts";
import type { Rehearsal } from "../rehearsal.ts";
import type { RunFile } from "../run-file.ts";

export type Outcome = "ok" | "warn" | "stop" | "skipped";

export const AREAS = [
  "machine",
  "configuration",
  "store",
  "network",
  "account",
  "instruments",
  "capabilities",
  "strategy",
  "streams",
  "peers",
  "recovery",
] as const;
export type Area = (typeof AREAS)[number];

/** One line of the answer. `todo` is null where nothing needs doing. */
export interface Finding {
  readonly outcome: Outcome;
  readonly text: string;
  readonly todo: string | null;
}

export interface Reported extends Finding {
  readonly area: Area;
  readonly check: string;
}

/** What the checks look at. */
export interface Patient {
  readonly kind: ConfigKindName;
  /** Null: the file is refused, and only machine and configuration can be looked at. */
  readonly config: LoadedKind | null;
  /** Where everything is kept; null for a process that keeps nothing. */
  readonly dataDir: string | null;
  /** Bots on the simulated exchange of the configuration. */
  readonly rehearsals: readonly Rehearsal[];
  readonly simulated: SimulatedExchangeConfig | null;
  readonly marketMaker: MarketMakerConfig | null;
  /** The connector that talks to a real exchange; null where none does. */
  readonly real: RealConnector | null;
  /** The `opensqt up` that runs on `dataDir`, if one does. */
  readonly running: RunFile | null;
  /** A real order may be placed and cancelled. */
  readonly active: boolean;
}

export interface Check {
  readonly area: Area;
  readonly name: string;
  readonly timeoutMs: number;
  readonly run: (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;
}

export const fine = (text: string): Finding => ({ outcome: "ok", text, todo: null });
export const warn = (text: string, todo: string): Finding => ({ outcome: "warn", text, todo });
export const stop = (text: string, todo: string): Finding => ({ outcome: "stop", text, todo });
export const skipped = (reason: string): Finding => ({ outcome: "skipped", text: reason, todo: null });

/** Runs one check. A check that fails or does not end is a finding of its own, never an exception. */
export async function runCheck(check: Check, patient: Patient): Promise<readonly Reported[]> {
  const late = Promise.withResolvers<readonly Finding[]>();
  const seconds = check.timeoutMs / 1000;
  const timer = setTimeout(() => {
    late.resolve([stop(`did not answer within ${seconds} s`, "look at what it waits for, then ask again")]);
  }, check.timeoutMs);
  try {
    const findings = await Promise.race([late.promise, attempt(check, patient)]);
    return findings.map((finding) => ({ area: check.area, check: check.name, ...finding }));
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(check: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await check.run(patient);
  } catch (error) {
    return [stop(error instanceof Error ? error.message : String(error), "see the reason; then ask again")];
  }
}

/** A duration to two digits after the point. */
export const hundredths = (ms: number): string => String(Math.round(ms * 100) / 100);

/** The worst of them. */
export function worstOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ outcome }) => outcome === "stop")) return "stop";
  return findings.some(({ outcome }) => outcome === "warn") ? "warn" : "ok";
}
