// The names of gRPC's statuses. Code speaks of them by name; the number appears on the wire only.

import { Status } from "nice-grpc-common";

export type StatusName = keyof typeof Status;

/** Number of a status on the wire. */
export const statusNumber = (name: StatusName): number => Status[name];

/** Name of a number; UNKNOWN for one that is none. */
export function statusName(code: number): StatusName {
  for (const name of STATUS_NAMES) if (Status[name] === code) return name;
  return "UNKNOWN";
}

export const STATUS_NAMES: readonly StatusName[] = Object.keys(Status).filter((key): key is StatusName =>
  Number.isNaN(Number.parseInt(key, 10)),
);
