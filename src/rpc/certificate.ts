// X.509 certificates of a private authority (OPS-40): ECDSA P-256, version 3, in DER by hand (RFC 5280), since node
// verifies certificates and makes none. Bytes only: it touches no file. docs/decisions tells why no library.

import { createHash, createSign, type KeyObject, randomBytes } from "node:crypto";
import { isIP } from "node:net";

export interface CertificateParts {
  /** Common name, for people; who is meant is told by `names`. */
  readonly subject: string;
  /** Hosts, addresses and URIs the holder answers to. Null: an authority, which signs others. */
  readonly names: readonly string[] | null;
  readonly publicKey: KeyObject;
  readonly fromMs: number;
  /** Unix ms; certificates know whole seconds. */
  readonly untilMs: number;
}

export interface Signer {
  /** Common name of the authority, exactly as its own certificate has it. */
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const OIDS = {
  ecdsaWithSha256: "06082a8648ce3d040302",
  commonName: "0603550403",
  subjectKeyId: "0603551d0e",
  keyUsage: "0603551d0f",
  subjectAltName: "0603551d11",
  basicConstraints: "0603551d13",
  authorityKeyId: "0603551d23",
  extendedKeyUsage: "0603551d25",
  serverAuth: "06082b06010505070301",
  clientAuth: "06082b06010505070302",
} as const;
/** From this year on a time is written with four digits of it (RFC 5280, 4.1.2.5). */
const GENERALIZED_FROM_YEAR = 2050;

const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** One value: tag, length in the shortest form, body. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const octets = (...parts: readonly Uint8Array[]): Buffer => der(0x04, ...parts);
const TRUE = der(0x01, hex("ff"));
const spkiOf = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
const keyId = (key: KeyObject): Buffer => createHash("sha256").update(spkiOf(key)).digest().subarray(0, 20);
const nameOf = (name: string): Buffer =>
  sequence(der(0x31, sequence(hex(OIDS.commonName), der(0x0c, Buffer.from(name)))));

function timeOf(ms: number): Buffer {
  const date = new Date(ms);
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return date.getUTCFullYear() < GENERALIZED_FROM_YEAR
    ? der(0x17, Buffer.from(text.slice(2)))
    : der(0x18, Buffer.from(text));
}

/** Positive and unpredictable: 16 random bytes whose first bit is not the sign. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return der(0x02, bytes);
}

const extension = (oid: string, value: Uint8Array, critical = false): Buffer =>
  sequence(hex(oid), ...(critical ? [TRUE] : []), octets(value));

function altName(name: string): Buffer {
  if (isIP(name) !== 0) return der(0x87, addressBytes(name));
  return name.includes("://") ? der(0x86, Buffer.from(name)) : der(0x82, Buffer.from(name));
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map((part) => Number.parseInt(part, 10)));
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [head = "", tail] = address.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return hex([...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join(""));
}

function extensionsOf({ names, publicKey }: CertificateParts, signer: Signer): readonly Buffer[] {
  const authority = names === null;
  const basics = authority ? sequence(TRUE, der(0x02, hex("00"))) : sequence();
  // an authority signs certificates and lists of revoked ones; a leaf signs handshakes
  const usage = authority ? der(0x03, hex("0106")) : der(0x03, hex("0780"));
  return [
    extension(OIDS.basicConstraints, basics, true),
    extension(OIDS.keyUsage, usage, true),
    extension(OIDS.subjectKeyId, octets(keyId(publicKey))),
    extension(OIDS.authorityKeyId, sequence(der(0x80, keyId(signer.publicKey)))),
    ...(names === null
      ? []
      : [
          extension(OIDS.extendedKeyUsage, sequence(hex(OIDS.serverAuth), hex(OIDS.clientAuth))),
          extension(OIDS.subjectAltName, sequence(...names.map(altName))),
        ]),
  ];
}

/** The certificate as PEM, signed by `signer`: an authority signs itself. */
export function certificatePem(parts: CertificateParts, signer: Signer): string {
  const algorithm = sequence(hex(OIDS.ecdsaWithSha256));
  const body = sequence(
    der(0xa0, der(0x02, hex("02"))),
    serial(),
    algorithm,
    nameOf(signer.name),
    sequence(timeOf(parts.fromMs), timeOf(parts.untilMs)),
    nameOf(parts.subject),
    spkiOf(parts.publicKey),
    der(0xa3, sequence(...extensionsOf(parts, signer))),
  );
  const signature = createSign("sha256").update(body).sign(signer.privateKey);
  const whole = sequence(body, algorithm, der(0x03, hex("00"), signature)).toString("base64");
  const lines = whole.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
