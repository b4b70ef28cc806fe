// The age of what a process shows: of the certificate its listeners got last, and of none without one.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Metrics } from "../../observe/metrics.ts";
import { certificatePem } from "../../rpc/certificate.ts";
import { certificateGauge } from "./certificate-gauge.ts";

const DAY_MS = 86_400_000;

function goodFor(days: number): { readonly cert: string; readonly key: string } {
  const signer = { name: "OpenSQT test", ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
  const { publicKey } = signer;
  const untilMs = Date.now() + days * DAY_MS;
  return {
    cert: certificatePem({ subject: "engine", names: ["localhost"], publicKey, fromMs: 0, untilMs }, signer),
    key: "",
  };
}

test("OPS-24 OPS-40 a process tells how long the certificate it shows is good, not one beside it", async () => {
  const metrics = new Metrics({ process: "connector", release: "0", own: false });
  const shown = certificateGauge(metrics, "connector");
  const days = async (): Promise<number | null> => {
    const [, text] = /^opensqt_certificate_expiry_seconds\{role="connector"\} (\S+)$/m.exec(await metrics.text()) ?? [];
    return text === undefined ? null : Math.round(JSON.parse(text) / 86_400);
  };
  assert.equal(shown(null), null);
  assert.equal(await days(), null);
  const first = goodFor(40);
  assert.equal(shown(first), first);
  goodFor(90);
  assert.equal(await days(), 40);
  shown(goodFor(6));
  assert.equal(await days(), 6);
  shown(goodFor(-3));
  assert.equal(await days(), -3);
});
