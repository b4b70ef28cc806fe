// Whether nothing is under way between the bot and the exchange: the moment at which both must tell the same. What the
// exchange did just now may still be on the wire; what it did earlier is never waited for, since then it is lost.

import type { JournalSide, Tape } from "./evidence.ts";
import type { World } from "./world.ts";

/** No message of a healed network is later than 1.4 s: the tail of what `drawLatency` draws. */
const ON_THE_WIRE_US = 2_000_000;

/** Every request is answered, every order's fate is known, and what the exchange did last was heard. */
export function isQuiet({ journal, main, tape, clock }: World): boolean {
  if (main?.host?.inFlight !== 0) return false;
  const settled = [...journal.shadow.orders.values()].every(
    (order) => order.place === "acknowledged" && !order.cancelAsked,
  );
  return settled && !isOnTheWire(tape, journal, clock.nowUs());
}

/** Something of ours that the journal has not heard of, at true time. The exchange may be ahead, to the next wake. */
export function isOnTheWire(tape: Tape, { booked, shadow }: JournalSide, nowUs: number): boolean {
  const sinceUs = nowUs - ON_THE_WIRE_US;
  for (const [key, { atUs }] of tape.fills) if (atUs > sinceUs && !booked.has(key)) return true;
  for (const { atUs } of tape.funding) if (atUs > sinceUs && !booked.has(Math.floor(atUs / 1000))) return true;
  const known = new Set<string>(shadow.orders.keys());
  for (const { clientOrderId, endedUs } of tape.orders.values())
    if (endedUs !== null && endedUs > sinceUs && known.has(clientOrderId)) return true;
  return false;
}
