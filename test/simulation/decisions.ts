// What chance decided in a run, said explicitly: when the harness struck with what, and which of the exchange's own
// questions "does this fault strike now?" were answered yes. A run by decisions draws none of it (TEST-18).

import type { PrngState } from "../../src/base/prng.ts";
import type { SimulatedExchange } from "../../src/sim/exchange.ts";
import { FAULTS, type FaultName } from "../../src/sim/fault-plan.ts";
import { restorePrng } from "../../src/sim/latency.ts";
import type { HarnessFault } from "./faults.ts";

/**
 * One strike of the harness, after so many wakes of its microsecond; `alone`: by a wake of its own, not by that of the
 * dice. `dice` names where what it draws itself comes from.
 */
export interface Strike {
  readonly atUs: number;
  readonly after: number;
  readonly alone: boolean;
  readonly kind: HarnessFault;
  readonly dice: string;
}

/**
 * The nth time the exchange asked itself about this fault, it struck; of one that strikes by the hour, the nth strike.
 * `dice`: what the exchange drew from then on, as how long it lasts.
 */
export interface Hit {
  readonly fault: FaultName;
  readonly nth: number;
  readonly dice: PrngState;
}

export interface Decisions {
  readonly strikes: readonly Strike[];
  readonly hits: readonly Hit[];
  /** Strikes by the hour: when they come is the scenario's, how long they last is theirs. */
  readonly hours: readonly Hit[];
}

interface Heard {
  readonly onHit: (hit: Hit) => void;
  readonly onHour: (hit: Hit) => void;
  /** A fault that is to strike now whatever the dice say. */
  readonly wanted: (fault: FaultName) => boolean;
}

/** Writes down each hit of the exchange's plan, or answers from `given`; what strikes by the hour is told beside. */
export function decideExchange(
  { faults }: Pick<SimulatedExchange, "faults">,
  given: Decisions | null,
  heard: Heard,
): void {
  const hits = byName(given?.hits);
  const hours = byName(given?.hours);
  const counted = faults.count.bind(faults);
  const struck = new Map<FaultName, number>();
  faults.count = (fault) => {
    counted(fault);
    if (FAULTS[fault] !== "hour") return;
    const known = hours.get(nthOf(struck, fault));
    if (known !== undefined) restorePrng(faults.prng, known.dice);
    heard.onHour({ fault, nth: struck.get(fault) ?? 0, dice: [...faults.prng.state] });
  };
  const asked = new Map<FaultName, number>();
  const drawn = faults.hit.bind(faults);
  faults.hit = (fault) => {
    const known = hits.get(nthOf(asked, fault));
    if (given !== null) {
      if (known === undefined) return false;
      restorePrng(faults.prng, known.dice);
      faults.count(fault);
    } else if (!drawn(fault)) {
      if (!heard.wanted(fault)) return false;
      faults.count(fault);
    }
    heard.onHit({ fault, nth: asked.get(fault) ?? 0, dice: [...faults.prng.state] });
    return true;
  };
}

const byName = (hits: readonly Hit[] = []): ReadonlyMap<string, Hit> =>
  new Map(hits.map((hit) => [`${hit.fault} ${hit.nth}`, hit]));

/** Counts one more of a fault, and names it. */
function nthOf(counts: Map<FaultName, number>, fault: FaultName): string {
  const nth = (counts.get(fault) ?? 0) + 1;
  counts.set(fault, nth);
  return `${fault} ${nth}`;
}
