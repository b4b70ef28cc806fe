// No new risk on a slot whose order is unknown, and unknown ends by evidence alone: never by time, never by a false
// absence.

import { CLOSER_SLOT, ORPHAN_SLOT } from "../../../src/engine/names.ts";
import type { AbsentEvent, OutcomeEvent } from "../../../src/trading/event.ts";
import type { Checker, Evidence } from "./checker.ts";

/** Slots of the engine's own: several slices of the closer may be out at once. */
const ENGINE_SLOTS: ReadonlySet<string> = new Set(["", CLOSER_SLOT, ORPHAN_SLOT]);

interface Known {
  readonly slotKey: string;
  unknown: boolean;
  settled: boolean;
  absent: boolean;
}

export function unknownBlocks({ tape, journal, report }: Evidence): Checker {
  const name = "unknown-blocks";
  let orders = new Map<string, Known>();
  /** Those of them whose fate is not settled, by id. */
  let unsettled = new Map<string, Known>();
  const accepted = new Set<string>();

  const settle = (id: string | null): void => {
    const order = id === null ? undefined : orders.get(id);
    if (order === undefined) return;
    order.unknown = false;
    order.settled = true;
    unsettled.delete(id ?? "");
  };

  const outcome = ({ clientOrderId, result }: OutcomeEvent): void => {
    const order = orders.get(clientOrderId);
    if (order === undefined) return;
    if (result === "unknown" && !order.settled) order.unknown = true;
    else if (result === "accepted" || result === "rejected") settle(clientOrderId);
    else if (result === "not-sent" && !order.unknown) settle(clientOrderId);
  };

  const absent = ({ clientOrderId, note }: AbsentEvent): void => {
    const order = orders.get(clientOrderId);
    settle(clientOrderId);
    if (order === undefined || note !== "not-found") return;
    order.absent = true;
    if (accepted.has(clientOrderId)) report(name, `${clientOrderId} was declared absent; the exchange has it`);
  };

  /** Another order of the slot that is open on the exchange. */
  const openOn = (slotKey: string, but: string): string | undefined => {
    const others = tape.openOrders().filter(({ clientOrderId }) => clientOrderId !== but);
    return others.find(({ clientOrderId }) => journal.places.get(clientOrderId)?.order.slotKey === slotKey)
      ?.clientOrderId;
  };

  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "place") return;
      const { slotKey } = effect.order;
      for (const [id, order] of unsettled) {
        if (order.unknown && order.slotKey === slotKey && !effect.order.reduceOnly) {
          report(name, `${effect.clientOrderId} for ${slotKey} at event ${record.seq}, while ${id} there is unknown`);
        }
      }
      const order = { slotKey, unknown: false, settled: false, absent: false };
      orders.set(effect.clientOrderId, order);
      unsettled.set(effect.clientOrderId, order);
    },
    onEvent(_record, event) {
      if (event.kind === "run-started") {
        for (const order of unsettled.values()) order.unknown = true;
      } else if (event.kind === "order" || event.kind === "fill") settle(event.clientOrderId);
      else if (event.kind === "outcome" && event.of === "place") outcome(event);
      else if (event.kind === "absent") absent(event);
    },
    onTape(entry) {
      if (entry.kind !== "accepted" || !tape.isOwn(entry.clientOrderId)) return;
      accepted.add(entry.clientOrderId);
      const slotKey = journal.places.get(entry.clientOrderId)?.order.slotKey ?? "";
      const twin = ENGINE_SLOTS.has(slotKey) ? undefined : openOn(slotKey, entry.clientOrderId);
      if (twin !== undefined) report(name, `${entry.clientOrderId} and ${twin} are both open for slot ${slotKey}`);
      const order = orders.get(entry.clientOrderId);
      if (order?.absent === true) report(name, `${entry.clientOrderId} was accepted after it was declared absent`);
      // late acceptance of an order believed refused is the exchange contradicting itself
    },
    onCut() {
      orders = new Map();
      unsettled = new Map();
    },
    atEnd() {
      for (const [id, order] of unsettled)
        if (order.unknown && journal.places.has(id)) report(name, `${id} is still unknown`);
    },
  };
}
