// What a channel is: it sends one notice once, and says what came of it. Tries, waits and queues are the courier's.

import type { Notice } from "./alert.ts";

export type Delivery =
  /** `answer`: what the other side said, a few words, nothing secret. */
  | { readonly kind: "sent"; readonly answer: string }
  /** Another try may do better; not before `waitMs`, where the other side named a time. */
  | { readonly kind: "failed"; readonly text: string; readonly waitMs: number | null }
  /** Trying again changes nothing: the address or the token is wrong. */
  | { readonly kind: "refused"; readonly text: string };

export const CHANNEL_KINDS = ["slack", "telegram", "webhook"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export interface Channel {
  readonly kind: ChannelKind;
  /** Unique in the process: "slack", "telegram 2". */
  readonly name: string;
  /** One try; never rejects. Ends when the signal does. */
  send(notice: Notice, signal: AbortSignal): Promise<Delivery>;
}
