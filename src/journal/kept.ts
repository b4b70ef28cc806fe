// What stays in the journal when its records go to the archive (DUR-28): what an operator did, which configuration and
// code ran, and what was alerted, breakers among it. Each row carries the hash before it, so it proves itself; a chain
// over the rows is in every anchor, so none can be left out.

import { encodeCanonical } from "../base/canonical.ts";
import type { ArchiveRange } from "./archive.ts";
import { Body } from "./body.ts";
import { recordHash, sha256Hex } from "./chain.ts";
import { ANCHOR_KIND, SEAL_KIND } from "./codec.ts";
import { corrupt } from "./errors.ts";
import type { JournalRecord } from "./port.ts";

const KEPT: ReadonlySet<string> = new Set([
  "event/run-started",
  "event/configured",
  "event/account-configured",
  "event/instrument",
  "event/start-facts",
  "event/recovered",
  "event/command",
  "event/stop-requested",
  "event/host-condition",
  "effect/alert",
  "effect/stopped",
  `anchor/${ANCHOR_KIND}`,
  `seal/${SEAL_KIND}`,
]);

/** True for a record that is kept for ever. */
export const isKept = ({ type, kind }: Pick<JournalRecord, "type" | "kind">): boolean => KEPT.has(`${type}/${kind}`);

/** A kept record with the hash of the one before it, and the chain of the kept up to it. */
export interface KeptRecord {
  readonly record: JournalRecord;
  readonly previous: string;
  readonly chain: string;
}

/** Where the chain of the kept ends; it begins at the genesis with 0. */
export interface KeptEnd {
  readonly count: number;
  readonly chain: string;
}

export const keep = (end: KeptEnd, record: JournalRecord, previous: string): KeptRecord => ({
  record,
  previous,
  chain: sha256Hex(`${end.chain}[${end.count + 1}]${previous}${record.hash}`),
});

/** Checks the rows; returns the chain after each. Errors: JOURNAL_CORRUPT naming the first that is not what it was. */
export function checkKept(rows: Iterable<KeptRecord>, genesis: string): readonly string[] {
  const chains = [genesis];
  for (const { record, previous, chain } of rows) {
    const end = { count: chains.length - 1, chain: chains.at(-1) ?? genesis };
    const whole = recordHash(previous, record, record.body) === record.hash;
    if (!whole || keep(end, record, previous).chain !== chain) {
      throw corrupt(record.position, "what was kept of it is not what was written, or one before it is missing");
    }
    chains.push(chain);
  }
  return chains;
}

/**
 * The archives follow each other from the beginning, each is said by its anchor, and nothing kept is missing. Errors:
 * JOURNAL_CORRUPT.
 */
export function checkArchives(
  rows: readonly (ArchiveRange & { readonly anchor: number })[],
  found: {
    readonly kept: readonly KeptRecord[];
    /** Anchors that were read as records; those among the kept are known besides. */
    readonly anchors: ReadonlyMap<number, JournalRecord>;
    readonly genesis: string;
  },
): void {
  const chains = checkKept(found.kept, found.genesis);
  const anchors = new Map(found.anchors);
  for (const { record } of found.kept) if (record.type === "anchor") anchors.set(record.position, record);
  let last = { to: 0, hashAfter: found.genesis };
  for (const row of rows) {
    const record = anchors.get(row.anchor);
    const said = record === undefined ? null : decodeAnchor(record);
    const follows = row.from === last.to + 1 && row.hashBefore === last.hashAfter;
    const same = said !== null && said.from === row.from && said.to === row.to && said.hashAfter === row.hashAfter;
    if (!(follows && same && chains[said.kept.count] === said.kept.chain)) {
      throw corrupt(row.from, "its archive is not the one that the journal says was made, or a kept record is missing");
    }
    last = row;
  }
}

/** Body of an anchor: what went to which archive, and what was kept until then. */
export interface Anchor {
  readonly from: number;
  readonly to: number;
  readonly hashBefore: string;
  readonly hashAfter: string;
  readonly kept: KeptEnd;
}

export const anchorBody = (anchor: Anchor): string => encodeCanonical(anchor);

/** Errors: JOURNAL_CORRUPT. */
export function decodeAnchor({ position, body }: Pick<JournalRecord, "position" | "body">): Anchor {
  const fields = new Body(parsed(body, position), { position, what: ANCHOR_KIND });
  const kept = fields.object("kept");
  return {
    from: fields.integer("from"),
    to: fields.integer("to"),
    hashBefore: fields.text("hashBefore"),
    hashAfter: fields.text("hashAfter"),
    kept: { count: kept.integer("count"), chain: kept.text("chain") },
  };
}

function parsed(body: string, position: number): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw corrupt(position, "the body of an anchor is not JSON", cause);
  }
}
