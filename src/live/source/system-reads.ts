// What a source says of itself as a process, and of its journals: asked now and then, since it has no stream.

import type { BotServiceGetProcessResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { ProcessInfo } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import type { JournalFigures, Process } from "../system-messages.ts";
import { withoutAddresses } from "./words.ts";

export const PROCESS_EVERY_MS = 2_000;
/** Of an engine that is not ready: how far its recovery is changes fast. */
export const RECOVERING_EVERY_MS = 500;

/** Null for a release that does not have the call; throws what else goes wrong. */
export async function readUnlessUnknown<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (refusalOf(error).status === "UNIMPLEMENTED") return null;
    throw error;
  }
}

export function toldOf(info: ProcessInfo | undefined): Process["told"] {
  if (info === undefined) return null;
  const { release, host, pid, uptimeMs, ready, checks } = info;
  const shown = checks.map(({ name, ok, text }) => ({ name, ok, text: withoutAddresses(text) }));
  return { release, host, pid, uptimeMs, ready, checks: shown };
}

export const journalsOf = ({ journals }: BotServiceGetProcessResponse): readonly JournalFigures[] =>
  journals.map(({ botId, position, sequence, bytes, commitP99Us, snapshotSequence, snapshotAgeMs, sync }) => {
    return { bot: botId, position, sequence, bytes, commitP99Us, snapshotSequence, snapshotAgeMs, sync };
  });
