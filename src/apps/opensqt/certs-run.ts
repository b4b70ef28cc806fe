// What `opensqt certs …` does: makes an authority, signs leaves with it, replaces them, and tells how long they last
// (OPS-40). Private keys are written for their owner alone, and shown to nobody.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { makeFolder } from "../../config/make-folder.ts";
import { certificatePem, type Signer } from "../../rpc/certificate.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson, usageError } from "./output.ts";

export interface ShowFlags {
  readonly out: string;
  readonly json?: true;
}
export interface NewCertsFlags extends ShowFlags {
  readonly days: string;
}
export type IssueFlags = NewCertsFlags;
export interface RenewFlags extends NewCertsFlags {
  readonly newKeys?: true;
}

interface Leaf {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Who there is in a system of ours; callers are known by `NAME.opensqt` (API-25). */
const FIRST_LEAVES = ["connector", "engine", "view", "operator"];
const ALWAYS = ["localhost", "127.0.0.1", "::1"];
const CA_NAME = "OpenSQT private authority";
const CA_DAYS = 3_650;
const DAYS_MAX = 825;
const DAY_MS = 86_400_000;
/** Clocks of other machines may be behind ours. */
const EARLIER_MS = 300_000;
/** From here on a leaf should be renewed. */
const SOON_MS = 30 * DAY_MS;
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const HOST =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?)*$/;

const caPath = (folder: string): string => join(folder, "ca.pem");
const caKeyPath = (folder: string): string => join(folder, "authority", "ca.key");
const certPath = (folder: string, name: string): string => join(folder, `${name}.pem`);
const keyPath = (folder: string, name: string): string => join(folder, `${name}.key`);

/** Errors: CommandError 2 for a host or days, 3 where an authority is already, 13 where nothing can be written. */
export function initCerts(hosts: readonly string[], { out, days, json }: NewCertsFlags): void {
  const answersTo = checkedHosts(hosts);
  const lasting = daysOf(days);
  if (existsSync(caPath(out)) || existsSync(caKeyPath(out))) {
    const hint =
      "certs renew replaces its leaves, certs issue adds one; another folder with --out is another authority.";
    throw new CommandError(EXIT_CODES.refused, `${out} holds an authority already`, hint);
  }
  const signer = writing(out, () => newAuthority(out));
  const leaves = writing(out, () =>
    FIRST_LEAVES.map((name) => writeLeaf(out, signer, { name, hosts: answersTo, days: lasting })),
  );
  if (json === true) {
    printJson({ folder: out, leaves: leaves.map(plain) });
    return;
  }
  print(`${caPath(out)} is an authority of your own, for ${CA_DAYS / 365} years. Its key is ${caKeyPath(out)}:`);
  print("keep that on another machine once the leaves are made; with it anybody could be let in.");
  for (const leaf of leaves) print(leafLine(leaf));
  print(`\nThe examples use them: OPENSQT_CERTS=${out} opensqt connector --config examples/configs/connector-tls.yaml`);
}

/** Errors: CommandError 2 for a name or host, 3 without an authority or where the leaf is there, 13. */
export function issueCert(name: string, hosts: readonly string[], { out, days, json }: IssueFlags): void {
  if (!NAME.test(name))
    throw usageError(`${name} is not allowed; give small letters, digits and hyphens, such as engine-2`);
  const answersTo = checkedHosts(hosts);
  const lasting = daysOf(days);
  const signer = authorityOf(out);
  if (existsSync(certPath(out, name)) || existsSync(keyPath(out, name))) {
    const hint = `opensqt certs renew ${name} replaces it.`;
    throw new CommandError(EXIT_CODES.refused, `${certPath(out, name)} is there already`, hint);
  }
  const leaf = writing(out, () => writeLeaf(out, signer, { name, hosts: answersTo, days: lasting }));
  if (json === true) printJson({ folder: out, leaves: [plain(leaf)] });
  else print(leafLine(leaf));
}

/** Errors: CommandError 3 without an authority or such a leaf, 13. */
export function renewCerts(names: readonly string[], { out, days, newKeys, json }: RenewFlags): void {
  const lasting = daysOf(days);
  const signer = authorityOf(out);
  const known = leavesOf(out);
  const missing = names.find((name) => !known.some((leaf) => leaf.name === name));
  if (missing !== undefined) {
    const there = known.map(({ name }) => name).join(", ");
    throw new CommandError(EXIT_CODES.refused, `${out} has no leaf ${missing}; there are ${there}`);
  }
  const renewed = writing(out, () =>
    known
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .map(({ name, hosts }) =>
        writeLeaf(out, signer, { name, hosts, days: lasting, keepKey: newKeys !== true, exactly: true }),
      ),
  );
  if (json === true) printJson({ folder: out, leaves: renewed.map(plain) });
  else for (const leaf of renewed) print(leafLine(leaf));
}

/** Errors: CommandError 3 without certificates; 4 after the list when one has ended. */
export function showCerts({ out, json }: ShowFlags): void {
  const ca = certificateAt(caPath(out));
  const leaves = leavesOf(out);
  const authority = { name: "ca", hosts: [], fromMs: Date.parse(ca.validFrom), untilMs: Date.parse(ca.validTo) };
  const ended = [authority, ...leaves].filter(({ untilMs }) => untilMs <= Date.now());
  if (json === true) {
    printJson({ folder: out, authority: plain(authority), leaves: leaves.map(plain) }, ended.length === 0);
  } else for (const leaf of [authority, ...leaves]) print(leafLine(leaf));
  if (ended.length > 0) process.exitCode = EXIT_CODES.checkFailed;
}

function newAuthority(folder: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer: Signer = { name: CA_NAME, publicKey, privateKey };
  const fromMs = Date.now() - EARLIER_MS;
  const parts = { subject: CA_NAME, names: null, publicKey, fromMs, untilMs: fromMs + CA_DAYS * DAY_MS };
  makeFolder(join(folder, "authority"), 0o700);
  replace(caKeyPath(folder), keyText(privateKey), 0o600);
  replace(caPath(folder), certificatePem(parts, signer), 0o644);
  return signer;
}

/** The authority, ready to sign. Errors: CommandError 3 when its key is not here. */
function authorityOf(folder: string): Signer {
  const { publicKey, subject } = certificateAt(caPath(folder));
  const path = caKeyPath(folder);
  if (!existsSync(path)) {
    const hint = "Bring it back from where it is kept, for as long as this takes.";
    throw new CommandError(EXIT_CODES.refused, `the authority's key is not at ${path}`, hint);
  }
  return { name: subject.replace(/^CN=/, ""), publicKey, privateKey: createPrivateKey(readFileSync(path)) };
}

interface NewLeaf {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly days: number;
  readonly keepKey?: boolean;
  /** `hosts` are all it answers to. */
  readonly exactly?: boolean;
}

function writeLeaf(folder: string, signer: Signer, { name, hosts, days, keepKey, exactly }: NewLeaf): Leaf {
  const all = exactly === true ? hosts : [...new Set([`${name}.opensqt`, ...hosts, ...ALWAYS])];
  const path = keyPath(folder, name);
  const kept = keepKey === true && existsSync(path) ? createPrivateKey(readFileSync(path)) : null;
  const privateKey = kept ?? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const fromMs = Date.now() - EARLIER_MS;
  const untilMs = Math.floor((Date.now() + days * DAY_MS) / 1_000) * 1_000;
  const publicKey = createPublicKey(privateKey);
  const pem = certificatePem({ subject: name, names: all, publicKey, fromMs, untilMs }, signer);
  // with the key kept, one rename changes everything: no process ever reads a pair that does not fit
  if (kept === null) replace(path, keyText(privateKey), 0o600);
  replace(certPath(folder, name), pem, 0o644);
  return { name, hosts: all, fromMs, untilMs };
}

const keyText = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** Whole or not at all: a reader sees the old file or the new one. */
function replace(path: string, text: string, mode: number): void {
  const half = `${path}.half`;
  rmSync(half, { force: true });
  writeFileSync(half, text, { mode, flag: "wx" });
  renameSync(half, path);
}

function writing<T>(folder: string, work: () => T): T {
  try {
    makeFolder(folder);
    return work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
    throw new CommandError(EXIT_CODES.cannotWrite, `${folder} cannot be written: ${String(error.code)}`);
  }
}

/** Errors: CommandError 3 where there is none that can be read. */
function certificateAt(path: string): X509Certificate {
  if (!existsSync(path)) {
    throw new CommandError(
      EXIT_CODES.refused,
      `there is no ${path}`,
      "opensqt certs init makes an authority and leaves.",
    );
  }
  try {
    return new X509Certificate(readFileSync(path));
  } catch {
    throw new CommandError(EXIT_CODES.refused, `${path} is no certificate`);
  }
}

function leavesOf(folder: string): readonly Leaf[] {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files
    .filter((file) => file.endsWith(".pem") && file !== "ca.pem")
    .map((file) => {
      const { subjectAltName, validFrom, validTo } = certificateAt(join(folder, file));
      const hosts = (subjectAltName ?? "").split(", ").map((entry) => entry.slice(entry.indexOf(":") + 1));
      const name = file.slice(0, -".pem".length);
      return { name, hosts, fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
    });
}

const plain = ({ name, hosts, fromMs, untilMs }: Leaf) => ({ name, hosts, fromMs, untilMs });

function leafLine({ name, hosts, untilMs }: Leaf): string {
  const leftMs = untilMs - Date.now();
  const day = new Date(untilMs).toISOString().slice(0, 10);
  const days = Math.round(leftMs / DAY_MS);
  const left = leftMs <= 0 ? "ENDED" : leftMs < SOON_MS ? `only ${days} days left: renew it` : `${days} days left`;
  return `${name.padEnd(12)} until ${day}, ${left}${hosts.length === 0 ? "" : `; ${hosts.join(", ")}`}`;
}

function checkedHosts(hosts: readonly string[]): readonly string[] {
  const wrong = hosts.find((host) => isIP(host) === 0 && !HOST.test(host));
  if (wrong !== undefined) throw usageError(`${wrong} is no host; give a name such as trade.example.org or an address`);
  return hosts;
}

function daysOf(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (days >= 1 && days <= DAYS_MAX) return days;
  throw usageError(`--days ${text} is not allowed; give a whole number from 1 to ${DAYS_MAX}`);
}
