// The shape of the catalogue's rows: what a fault does, its parameters, and how clients fare. Data only: validation,
// the gates and docs/emulator-faults.md read it.

import type { SocketKind } from "./fault.ts";

/** `unless` is what holds when the parameter is not given; null: nothing is; absent: it must be given. */
export type ParameterRule =
  | {
      readonly is: "whole";
      readonly min: number;
      readonly max: number;
      readonly unless?: number | null;
      /** Only these; everything within the bounds where not given. */
      readonly among?: readonly number[];
      readonly means: string;
    }
  | { readonly is: "flag"; readonly unless: boolean; readonly means: string }
  | { readonly is: "text"; readonly unless?: string | null; readonly means: string }
  | { readonly is: "choice"; readonly among: readonly string[]; readonly unless?: string; readonly means: string }
  | {
      readonly is: "wholes";
      readonly min: number;
      readonly max: number;
      readonly unless: readonly number[];
      readonly means: string;
    }
  | { readonly is: "decimal"; readonly unless?: string | null; readonly means: string };

/**
 * `request`: around a request and its reply. `frame`: on what a socket sends. `inside`: asked by the protocol while it
 * answers. `act`: done once, at a time or after matching requests.
 */
export type StrikesAt = "request" | "frame" | "inside" | "act";

export interface CatalogueRow {
  readonly strikes: StrikesAt;
  readonly parameters: Readonly<Record<string, ParameterRule>>;
  /** Requests meant when the filter names no route; null: all. */
  readonly kinds: readonly ("place" | "cancel" | "amend" | "read" | "login" | "stream")[] | null;
  /** Sockets meant when the filter names none; null: all. */
  readonly sockets: readonly SocketKind[] | null;
  /** Strikes when `times` is not given; null: without end. */
  readonly times: number | null;
  /** Filter fields that must be given. */
  readonly needs: readonly ("account" | "instrument")[];
  /** Exchanges that can have it; null: all. */
  readonly onlyOn: readonly string[] | null;
  /** What is seen on the wire. */
  readonly wire: string;
  readonly correct: string;
  /** How a client that trusts every reply and every silence fails. */
  readonly naive: string;
}

type Given = Pick<CatalogueRow, "wire" | "correct" | "naive"> & Partial<CatalogueRow>;

const row =
  (strikes: StrikesAt, unless: Pick<CatalogueRow, "kinds" | "times">) =>
  (given: Given): CatalogueRow => ({
    strikes,
    parameters: {},
    needs: [],
    sockets: null,
    onlyOn: null,
    ...unless,
    ...given,
  });

/** Strikes what changes orders, unless a route says otherwise. */
export const mutationFault = row("request", { kinds: ["place", "cancel", "amend"], times: null });
export const requestFault = row("request", { kinds: null, times: null });
export const frameFault = row("frame", { kinds: null, times: null });
/** Strikes the account's own events, unless another socket is named. */
export const eventFault = (given: Given): CatalogueRow => frameFault({ sockets: ["user"], ...given });
export const insideFault = row("inside", { kinds: null, times: null });
export const actFault = row("act", { kinds: null, times: 1 });

export const whole = (
  means: string,
  range: Partial<Omit<Extract<ParameterRule, { is: "whole" }>, "is" | "means">> = {},
): ParameterRule => ({ is: "whole", min: 0, max: 86_400_000, means, ...range });
export const flag = (means: string, unless = false): ParameterRule => ({ is: "flag", unless, means });
