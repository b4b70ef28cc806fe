// The small parts: quiet hours by the clock of a place, conditions that must last, the documentation's own example.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { quietTeller } from "./quiet-hours.ts";
import { Standing } from "./standing.ts";
import { signatureOf } from "./webhook.ts";

test("OPS-28 quiet hours are those of their place, over midnight and over a change of the clock", () => {
  const quiet = quietTeller({ fromMinute: 22 * 60, toMinute: 7 * 60, zone: "Europe/Berlin" });
  const cases: readonly (readonly [string, boolean])[] = [
    ["2026-11-21T20:59:59Z", false],
    ["2026-11-21T21:00:00Z", true],
    ["2026-11-22T05:59:59Z", true],
    ["2026-11-22T06:00:00Z", false],
    ["2026-07-01T19:59:59Z", false],
    ["2026-07-01T20:00:00Z", true],
  ];
  for (const [time, expected] of cases) assert.equal(quiet(Date.parse(time)), expected, time);
  const noon = quietTeller({ fromMinute: 720, toMinute: 721, zone: "UTC" });
  assert.deepEqual(
    ["12:00", "12:01"].map((time) => noon(Date.parse(`2026-11-21T${time}:30Z`))),
    [true, false],
  );
});

test("RISK-42 an exchange that is away for a moment is nothing, and one that was told of comes back once", () => {
  const lost = new Standing(30_000);
  const looks = [true, true, false, true, true, true, false, false].map((holds, i) => lost.look(holds, i * 15_000));
  assert.deepEqual(looks, [null, null, null, null, null, "begins", "ends", null]);
});

test("OPS-28 the documentation's check takes our signature, and none of another time, body or secret", async () => {
  const doc = readFileSync(new URL("../../../docs/alerts.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(doc)?.[1] ?? "";
  const url = `data:text/javascript,${encodeURIComponent(`${code}\nexport { isOurs };`)}`;
  const { isOurs } = (await import(url)) as {
    readonly isOurs: (secret: string, headers: object, body: string) => boolean;
  };
  const secret = "a-secret-to-sign-with-0123456789";
  const body = '{"v":1,"text":"€"}';
  const headersAt = (seconds: number, signed = seconds) => ({
    "x-opensqt-time": String(seconds),
    "x-opensqt-signature": signatureOf(secret, String(signed), body),
  });
  const now = Math.floor(Date.now() / 1000);
  assert.equal(isOurs(secret, headersAt(now), body), true);
  assert.equal(isOurs(secret, headersAt(now), `${body} `), false);
  assert.equal(isOurs(secret, headersAt(now, now - 1), body), false);
  assert.equal(isOurs(secret, headersAt(now - 400), body), false);
  assert.equal(isOurs("another-secret-0123456789", headersAt(now), body), false);
  assert.equal(isOurs(secret, {}, body), false);
});
