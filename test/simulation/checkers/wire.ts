// What leaves a process: only what was decided, recorded and synced before (journal-before-send), with the body that
// risk approved (approved-only), about own orders (foreign-untouched), by the newest epoch alone (fence).

import type { NewOrder } from "../../../src/trading/order.ts";
import type { Checker, Evidence } from "./checker.ts";

const flagsOf = ({ timeInForce, postOnly, reduceOnly }: NewOrder): string =>
  `${timeInForce}${postOnly ? " post-only" : ""}${reduceOnly ? " reduce-only" : ""}`;

const bodyOf = (order: NewOrder): string =>
  `${order.symbol} ${order.side} ${order.quantity} at ${order.price} ${flagsOf(order)}`;

export function journalBeforeSend({ journal, durablePosition, report }: Evidence): Checker {
  const name = "journal-before-send";
  return {
    name,
    onSent(sent) {
      if (sent.kind !== "place") return;
      const placed = journal.places.get(sent.clientOrderId);
      if (placed === undefined) report(name, `${sent.clientOrderId} left before its decision was recorded`);
      else if (placed.position > durablePosition()) report(name, `${sent.clientOrderId} left before the disk had it`);
      else if (bodyOf(placed.order) !== bodyOf(sent.order)) {
        report(name, `${sent.clientOrderId} left as ${bodyOf(sent.order)}, recorded is ${bodyOf(placed.order)}`);
      }
    },
  };
}

/** Every place the journal records is one that the production engine, risk included, decides from the same events. */
export function approvedOnly({ journal, tape, report }: Evidence): Checker {
  const name = "approved-only";
  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "place") return;
      const decided = journal.expected.find(
        (each) => each.effect.kind === "place" && each.effect.clientOrderId === effect.clientOrderId,
      );
      if (decided?.effect.kind !== "place") {
        report(name, `risk approved no order ${effect.clientOrderId} at event ${record.seq}`);
      } else if (bodyOf(decided.effect.order) !== bodyOf(effect.order)) {
        report(name, `recorded is ${bodyOf(effect.order)}, approved was ${bodyOf(decided.effect.order)}`);
      }
    },
    onTape(entry) {
      if (entry.kind !== "request" || entry.request !== "place" || !tape.isOwn(entry.clientOrderId)) return;
      const placed = journal.places.get(entry.clientOrderId);
      if (placed === undefined) return;
      const { order } = placed;
      const flags = flagsOf(order);
      if (entry.price === order.price && entry.quantity === order.quantity && entry.flags === flags) return;
      report(
        name,
        `${entry.clientOrderId} arrived as ${entry.quantity} at ${entry.price} ${entry.flags}, not as ${bodyOf(order)}`,
      );
    },
  };
}

export function foreignUntouched({ tape, report }: Evidence): Checker {
  const name = "foreign-untouched";
  return {
    name,
    onSent(sent) {
      if (!tape.isOwn(sent.clientOrderId))
        report(name, `a ${sent.kind} of ${sent.clientOrderId}, which is not the bot's`);
    },
  };
}

export function fence({ report }: Evidence): Checker {
  const name = "fence";
  let newest = 0;
  return {
    name,
    onEvent(record) {
      if (record.epoch < newest) report(name, `epoch ${record.epoch} wrote after epoch ${newest}`);
      newest = Math.max(newest, record.epoch);
    },
    onSent(sent, epoch) {
      // a cancel that was recorded before the take-over may be repeated until the next append says FENCED; to refuse
      // it is the connector's fence (DUR-53)
      if (sent.kind === "place" && epoch < newest)
        report(name, `epoch ${epoch} sent ${sent.kind} ${sent.clientOrderId} after epoch ${newest}`);
    },
    onCut() {
      newest = 0;
    },
  };
}
