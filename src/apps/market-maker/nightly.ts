// The market-maker's nightly look at its journals, as its configuration asks for it.

import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import { ACCOUNT_NAME } from "../../host/account/account-engine.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import { NightlyVerify } from "../../host/nightly.ts";
import { WALL_CLOCK } from "../../host/wall-clock.ts";
import type { JournalStore } from "../../journal/store.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { AlertTeller } from "./bot-alerts.ts";

/** Null where it is switched off. Closed before the store is. */
export function startNightly(
  { journal: { verifyHour } }: MarketMakerConfig,
  parts: { readonly fleet: Fleet; readonly store: JournalStore; readonly teller: AlertTeller },
  { owners }: ProcessFrame,
): NightlyVerify | null {
  if (verifyHour === null) return null;
  const { fleet, store, teller } = parts;
  const nightly = new NightlyVerify({
    clock: WALL_CLOCK,
    hourUtc: verifyHour,
    journals: () => [
      ...(fleet.account === null ? [] : [{ name: ACCOUNT_NAME, at: store.addressOf(null) }]),
      ...fleet
        .bots()
        .filter(({ id }) => store.hasJournal(id))
        .map(({ id }) => ({ name: id, at: store.addressOf(id) })),
    ],
    onFound: (journal, alert) => teller.alert(fleet.bot(journal) === null ? "" : journal, alert),
    onOver: (journal, over) => teller.over(fleet.bot(journal) === null ? "" : journal, over),
  });
  owners.add("nightly verification", () => nightly.close());
  return nightly;
}
