// A certificate authority of a few lines, for tests: P-256, X.509 v3 in DER by hand (RFC 5280), written as PEM files
// into a folder that goes with the test. Nothing here is fit for anything else.

import { createHash, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly folder: string;
  readonly ca: string;
  /** Writes a leaf under `file`; the same name again replaces it. */
  issue(file: string, names: readonly string[]): CertificateFiles;
}

const ECDSA_SHA256 = "06082a8648ce3d040302";
const COMMON_NAME = "0603550403";
const BASIC_CONSTRAINTS = "0603551d13";
const SUBJECT_ALT_NAME = "0603551d11";
const NOT_BEFORE = "200101000000Z";
const NOT_AFTER = "491231235959Z";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value));
const nameOf = (name: string): Buffer => sequence(der(0x31, sequence(hex(COMMON_NAME), text(0x0c, name))));
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  /** Null: an authority. */
  readonly names: readonly string[] | null;
}

function pemOf({ subject, issuer, publicKey, signer, names }: Certificate): string {
  const algorithm = sequence(hex(ECDSA_SHA256));
  const serial = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 8);
  const extension =
    names === null
      ? sequence(hex(BASIC_CONSTRAINTS), der(0x01, hex("ff")), der(0x04, sequence(der(0x01, hex("ff")))))
      : sequence(hex(SUBJECT_ALT_NAME), der(0x04, sequence(...names.map(altName))));
  const body = sequence(
    der(0xa0, der(0x02, hex("02"))),
    der(0x02, Buffer.concat([hex("01"), serial])),
    algorithm,
    nameOf(issuer),
    sequence(text(0x17, NOT_BEFORE), text(0x17, NOT_AFTER)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = createSign("sha256").update(body).sign(signer);
  const base64 = sequence(body, algorithm, bits(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** `127.0.0.1` becomes an address, `spiffe://…` a URI, anything else a DNS name. */
function altName(name: string): Buffer {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name))
    return der(0x87, Buffer.from(name.split(".").map((part) => Number.parseInt(part, 10))));
  return name.includes("://") ? text(0x86, name) : text(0x82, name);
}

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

export function makeAuthority(t: TestContext, name = "test authority"): Authority {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-certificates-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = pair();
  const ca = join(folder, "ca.pem");
  const own = { subject: name, issuer: name, publicKey: root.publicKey, signer: root.privateKey, names: null };
  writeFileSync(ca, pemOf(own));
  return {
    folder,
    ca,
    issue: (file, names) => {
      const leaf = pair();
      const files = { cert: join(folder, `${file}.pem`), key: join(folder, `${file}.key`) };
      const signed = { subject: file, issuer: name, publicKey: leaf.publicKey, signer: root.privateKey, names };
      writeFileSync(files.cert, pemOf(signed));
      writeFileSync(files.key, leaf.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
      return files;
    },
  };
}
