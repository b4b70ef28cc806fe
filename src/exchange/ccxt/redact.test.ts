import assert from "node:assert/strict";
import { test } from "node:test";
import { Redactor } from "./redact.ts";

test("EXCH-53 secrets are taken out of a text in plain, base64 and URL-encoded form", () => {
  const redactor = new Redactor();
  const secret = "s3cr3t+/key=";
  redactor.know([secret, "apikey-123456"]);
  const base64 = Buffer.from(secret).toString("base64");
  const forms = [secret, encodeURIComponent(secret), base64, encodeURIComponent(base64), "apikey-123456"];
  for (const form of forms) {
    const clean = redactor.text(`GET https://x/y?a=${form} failed`);
    assert.ok(!clean.includes(form), clean);
  }
});

test("EXCH-53 signatures and listen keys are taken out wherever they stand, known or not", () => {
  const redactor = new Redactor();
  const clean = redactor.text('GET /o?symbol=B&signature=abcdef0123 {"listenKey":"pqia91ma19a5s"} apiKey: k123');
  assert.equal(clean, 'GET /o?symbol=B&signature=[secret] {"listenKey":"[secret]"} apiKey: [secret]');
});

test("EXCH-53 keys that were replaced stay secret", () => {
  const redactor = new Redactor();
  redactor.know(["first-key"]);
  redactor.know(["second-key"]);
  assert.equal(redactor.text("first-key second-key"), "[secret] [secret]");
});
