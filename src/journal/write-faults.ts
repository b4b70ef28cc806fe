// What a disk can refuse, and how the journal says so (DUR-61): nothing half-written, one message, exit code 13.

import { JournalError } from "./errors.ts";

/** `full` and `busy` may pass; `read-only`, `failed` and `lost` are final for this handle (DUR-16). */
export type DiskFault = "full" | "busy" | "read-only" | "failed" | "lost";

const SAYS: Readonly<Record<DiskFault, string>> = {
  full: "the disk is full. Nothing of this turn was written. Free some space and start the bot again; it goes on where it was",
  busy: "another program is writing to the file. Nothing of this turn was written. Close that program",
  "read-only":
    "the disk is read-only. Nothing was written. Mount it writable, or give the bot a data folder it may write, and start again",
  failed:
    "the disk failed. What was not acknowledged is not relied upon. Check the disk before starting again; " +
    "recovery settles the rest",
  lost:
    "the database did not answer in time. Whether this turn was written is not known, and nothing of it was sent. " +
    "Bring the database back and start the bot again; recovery settles the rest",
};

/** `where`: the file or folder, for a person. */
export const cannotWrite = (disk: DiskFault, where: string, cause?: unknown): JournalError =>
  new JournalError("CANNOT_WRITE", `CANNOT_WRITE ${where}: ${SAYS[disk]}.`, { disk, cause });

export const duplicatePlace = (clientOrderId: string): JournalError =>
  new JournalError("DUPLICATE", `client order id ${clientOrderId} was placed already: one id is one decision`);

export const duplicatePosting = (cause: string, causeId: string): JournalError =>
  new JournalError("DUPLICATE", `${cause} ${causeId} is booked already`);

/** True when the same handle may be used again after this (DUR-16, DUR-61). */
export const mayPass = (fault: DiskFault): boolean => fault === "full" || fault === "busy";
