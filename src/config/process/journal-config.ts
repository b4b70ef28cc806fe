// Section `journal`: when the disk is forced, and how long a journal keeps every record (DUR-15, DUR-28).

import { z } from "zod";
import { optionalChoice, whole } from "../key.ts";

export interface JournalConfig {
  readonly sync: "kill" | "send" | "all";
  /** How long, and up to which size, a journal keeps every record (DUR-28). */
  readonly retainMs: number;
  readonly retainBytes: number;
  /** Hour of the day, UTC, at which each journal is verified whole (DUR-26); null: never. */
  readonly verifyHour: number | null;
}

export const journal = () =>
  z
    .strictObject({
      sync: optionalChoice(
        ["kill", "send", "all"],
        "what must be on the disk before an order leaves (none: send where the environment is live, else kill)",
      ),
      retainDays: whole(7, {
        min: 1,
        max: 36_500,
        unit: "days",
        meaning: "how long a journal keeps every record; older ones go to compressed archives beside it",
      }),
      retainMib: whole(4096, {
        min: 64,
        max: 100_000_000,
        unit: "MiB",
        meaning: "size from which the oldest records go to the archives sooner",
      }),
      verifyHour: whole(3, {
        min: 0,
        max: 24,
        unit: "o'clock UTC",
        meaning: "hour of the day at which every journal is verified whole, beside the bots; 24: never",
      }),
    })
    .prefault({});

/** Bounds and policy of the journals of one process (DUR-15, DUR-28). */
export const journalConfig = (values: z.infer<ReturnType<typeof journal>>, environment: string): JournalConfig => ({
  sync: values.sync ?? (environment === "live" ? "send" : "kill"),
  retainMs: values.retainDays * 86_400_000,
  retainBytes: values.retainMib * 1024 * 1024,
  verifyHour: values.verifyHour === 24 ? null : values.verifyHour,
});
