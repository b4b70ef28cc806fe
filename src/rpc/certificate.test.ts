// What our authority signs is what node, and so everybody, takes for a certificate.

import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { certificatePem, type Signer } from "./certificate.ts";

const DAY_MS = 86_400_000;
const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

test("OPS-40 a leaf is signed by its authority, carries every name it answers to, and ends to the second", () => {
  const signer: Signer = { name: "OpenSQT test", ...pair() };
  const fromMs = Date.UTC(2026, 0, 1);
  const span = { fromMs, untilMs: Date.UTC(2055, 5, 1) };
  const ca = new X509Certificate(
    certificatePem({ subject: signer.name, names: null, publicKey: signer.publicKey, ...span }, signer),
  );
  assert.ok(ca.ca && ca.verify(signer.publicKey) && ca.checkIssued(ca));
  assert.equal(Date.parse(ca.validTo), span.untilMs);
  const { publicKey, privateKey } = pair();
  const names = ["engine.opensqt", "10.0.0.5", "2001:db8::5", "spiffe://opensqt/engine"];
  const leafParts = { subject: "engine", names, publicKey, fromMs, untilMs: fromMs + 90 * DAY_MS };
  const leaf = new X509Certificate(certificatePem(leafParts, signer));
  assert.ok(!leaf.ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && leaf.checkPrivateKey(privateKey));
  assert.equal(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom), 90 * DAY_MS);
  assert.equal(leaf.checkHost("engine.opensqt"), "engine.opensqt");
  assert.equal(leaf.checkIP("10.0.0.5"), "10.0.0.5");
  assert.match(leaf.subjectAltName ?? "", /IP Address:2001:DB8:0:0:0:0:0:5, URI:spiffe:\/\/opensqt\/engine/);
  assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  const again = new X509Certificate(certificatePem(leafParts, signer));
  assert.notEqual(again.serialNumber, leaf.serialNumber);
});
