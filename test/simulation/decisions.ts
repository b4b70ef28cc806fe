// What chance decided in a run, said explicitly: when the harness struck with what, and which of the exchange's own
// questions "does this fault strike now?" were answered yes. A run by decisions draws none of it (TEST-18).

import type { SimulatedExchange } from "../../src/sim/exchange.ts";
import { FAULTS, type FaultName } from "../../src/sim/fault-plan.ts";
import type { HarnessFault } from "./faults.ts";

/** One strike of the harness. `dice` names where what it draws itself comes from. */
export interface Strike {
  readonly atUs: number;
  readonly kind: HarnessFault;
  readonly dice: string;
}

/** The nth time the exchange asked itself about this fault, it struck. */
export interface Hit {
  readonly fault: FaultName;
  readonly nth: number;
}

export interface Decisions {
  readonly strikes: readonly Strike[];
  readonly hits: readonly Hit[];
}

/** Writes down each hit of the exchange's plan, or answers from `given`; what strikes by the hour is told beside. */
export function decideExchange(
  { faults }: SimulatedExchange,
  given: Decisions | null,
  heard: {
    readonly onHit: (hit: Hit) => void;
    readonly onStruck: (fault: FaultName) => void;
    /** A fault that is to strike now whatever the dice say. */
    readonly wanted: (fault: FaultName) => boolean;
  },
): void {
  const counted = faults.count.bind(faults);
  faults.count = (fault) => {
    counted(fault);
    if (FAULTS[fault] === "hour") heard.onStruck(fault);
  };
  const asked = new Map<FaultName, number>();
  const wanted = given === null ? null : new Set(given.hits.map(({ fault, nth }) => `${fault} ${nth}`));
  const drawn = faults.hit.bind(faults);
  faults.hit = (fault) => {
    const nth = (asked.get(fault) ?? 0) + 1;
    asked.set(fault, nth);
    if (wanted === null && drawn(fault)) {
      heard.onHit({ fault, nth });
      return true;
    }
    const strikes = wanted === null ? heard.wanted(fault) : wanted.has(`${fault} ${nth}`);
    if (!strikes) return false;
    faults.count(fault);
    heard.onHit({ fault, nth });
    return true;
  };
}
