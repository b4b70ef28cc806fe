// The journals of the bots that run, in figures (live.md, System): asked of what is open already, and of the disk their
// sizes. It reads no record.

import type { JournalInfo } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";

export const journalInfos = (fleet: Fleet): JournalInfo[] =>
  fleet.bots().flatMap((bot) => journalInfo(bot, fleet.options.sync) ?? []);

function journalInfo({ id, store, host, journal }: FleetBot, sync: string): JournalInfo | null {
  if (host === null || journal === null) return null;
  const { commitP99Us, snapshot } = host.recording;
  return {
    botId: id,
    position: journal.position,
    sequence: journal.seq,
    bytes: store.bytesOf(id),
    commitP99Us,
    snapshotSequence: snapshot?.seq ?? 0,
    snapshotAgeMs: snapshot?.ageMs ?? -1,
    sync,
  };
}
