// Who may call (API-25, API-26): API keys by their SHA-256, compared in constant time, and certificates by their exact
// subject alternative name. Keys themselves are never kept.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ROLES, type Role } from "./caller.ts";

/** A caller that is let in: by key, by certificate name, or either. */
export interface RpcClientEntry {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of its API key, 64 hex digits; null: it has none. */
  readonly keySha256: string | null;
  /** Exact subject alternative name of its certificate, without its type; null: it has none. */
  readonly san: string | null;
  /** Bots its orders may be for; null: any. */
  readonly bots: readonly string[] | null;
}

export type Identity = Pick<RpcClientEntry, "name" | "role" | "bots">;

/** A fresh API key, 256 random bits, in letters that survive a shell and a YAML file. */
export function newApiKey(): string {
  return randomBytes(32).toString("base64url");
}

export function sha256Of(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** What may stand for a refused key in a log (API-42). */
export function keyMark(key: string): string {
  return sha256Of(key).slice(0, 12);
}

export class Keyring {
  private readonly keys: readonly { readonly digest: Buffer; readonly entry: RpcClientEntry }[];
  private readonly certificates: readonly RpcClientEntry[];

  constructor(entries: readonly RpcClientEntry[]) {
    this.keys = entries.flatMap((entry) =>
      entry.keySha256 === null ? [] : [{ digest: Buffer.from(entry.keySha256, "hex"), entry }],
    );
    this.certificates = entries.filter(({ san }) => san !== null);
  }

  get wantsCertificates(): boolean {
    return this.certificates.length > 0;
  }

  /** Every key is compared, whether or not one matched: the time says nothing. */
  byKey(key: string): RpcClientEntry | null {
    const digest = createHash("sha256").update(key).digest();
    let found: RpcClientEntry | null = null;
    for (const each of this.keys) {
      if (each.digest.length === digest.length && timingSafeEqual(each.digest, digest)) found = each.entry;
    }
    return found;
  }

  /** The weakest of the entries whose name a verified certificate carries. */
  byCertificate(subjectAltName: string): RpcClientEntry | null {
    const names = namesIn(subjectAltName);
    const [weakest] = this.certificates
      .filter(({ san }) => san !== null && names.has(san))
      .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
    return weakest ?? null;
  }
}

/** With both, the weaker role counts, and only bots both may act for. */
export function weaker(key: RpcClientEntry, certificate: RpcClientEntry): Identity {
  const role = ROLES[Math.min(ROLES.indexOf(key.role), ROLES.indexOf(certificate.role))] ?? "reader";
  const name = key.name === certificate.name ? key.name : `${key.name}+${certificate.name}`;
  const { bots } = certificate;
  if (key.bots === null) return { name, role, bots };
  return { name, role, bots: bots === null ? key.bots : key.bots.filter((bot) => bots.includes(bot)) };
}

/** Node's text of a subject alternative name: `DNS:a, URI:"b, c"`; quoted parts are JSON strings. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, , quoted, plain] of text.matchAll(/(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))/g)) {
    if (quoted !== undefined) {
      const value: unknown = JSON.parse(quoted);
      if (typeof value === "string") names.add(value);
    } else if (plain !== undefined) names.add(plain);
  }
  return names;
}
