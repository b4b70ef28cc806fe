// The judgements of doctor's checks on given readings, and that no check can hang or break the whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readBotText } from "../../../config/process/draft.ts";
import type { BotRecord } from "../../../journal/registry-rows.ts";
import { type Check, type Finding, fine, type Patient, runCheck, worstOf } from "./check.ts";
import { againstFile, commitFinding } from "./journals.ts";
import { diskFinding, handles, memory } from "./machine.ts";
import { certificateFinding, roundTripFinding } from "./running.ts";

const PATIENT: Patient = {
  kind: "up",
  config: null,
  dataDir: null,
  rehearsals: [],
  simulated: null,
  marketMaker: null,
  real: null,
  running: null,
  active: false,
};

const checkOf = (run: Check["run"], timeoutMs = 60_000): Check => ({ area: "machine", name: "probe", timeoutMs, run });
const shown = ({ outcome, text }: Finding): string => `${outcome}: ${text}`;

test("OPS-53 a check that never answers is a stop, and so is one that throws", async () => {
  const [late] = await runCheck(
    checkOf(() => new Promise(() => undefined), 1),
    PATIENT,
  );
  assert.deepEqual([late?.outcome, late?.text], ["stop", "did not answer within 0.001 s"]);
  const [broken] = await runCheck(
    checkOf(() => Promise.reject(new Error("the disk is gone"))),
    PATIENT,
  );
  assert.deepEqual([broken?.outcome, broken?.text], ["stop", "the disk is gone"]);
  const [good] = await runCheck(
    checkOf(() => [fine("well")]),
    PATIENT,
  );
  assert.equal(good?.outcome, "ok");
});

test("OPS-53 one stop outweighs everything, a warning everything but a stop", () => {
  const ok = fine("");
  const warned: Finding = { outcome: "warn", text: "", todo: "" };
  assert.equal(worstOf([ok, warned, { outcome: "stop", text: "", todo: "" }]), "stop");
  assert.equal(worstOf([ok, warned]), "warn");
  assert.equal(worstOf([ok, { outcome: "skipped", text: "", todo: null }]), "ok");
});

test("OPS-53 readings of the machine are judged by the limits of the alerts", () => {
  assert.deepEqual(
    [diskFinding(63, "/d"), diskFinding(1023, "/d"), diskFinding(1024, "/d"), memory(255), memory(256)].map(shown),
    [
      "stop: 63 MiB free at /d",
      "warn: 1,023 MiB free at /d",
      "ok: 1,024 MiB free at /d",
      "warn: 255 MiB of memory available",
      "ok: 256 MiB of memory available",
    ],
  );
  const limits = (soft: string): string =>
    `Max cpu time  unlimited\nMax open files            ${soft}    4096    files\n`;
  assert.deepEqual(
    [handles(limits("256")), handles(limits("1024")), handles(limits("unlimited")), handles("")].map(shown),
    [
      "warn: 256 open files allowed",
      "ok: 1024 open files allowed",
      "ok: unlimited open files allowed",
      "skipped: this system does not tell its limit of open files",
    ],
  );
});

test("OPS-53 slow commits, slow hops and old certificates warn", () => {
  const day = 86_400_000;
  assert.deepEqual(
    [
      commitFinding(50),
      commitFinding(50.1),
      roundTripFinding(1, 100),
      roundTripFinding(1, 100.1),
      certificateFinding("a.pem", 30 * day),
      certificateFinding("a.pem", 30 * day - 1),
      certificateFinding("a.pem", -day),
    ].map(({ outcome }) => outcome),
    ["ok", "warn", "ok", "warn", "ok", "warn", "stop"],
  );
});

test("OPS-18 a bot whose register and file differ is told key by key", () => {
  const text = (levels: number, id = "eth"): string =>
    `{ id: ${id}, strategy: grid, instrument: "ETH/USDT", grid: { interval: "2", orderQuote: "50", ` +
    `entryLevels: ${levels} } }`;
  const draft = readBotText(text(5));
  assert.ok(draft.ok);
  const kept: BotRecord = {
    change: 1,
    act: "seed",
    id: "eth",
    tag: draft.value.tag,
    strategy: "grid",
    instruments: ["ETH/USDT"],
    config: text(5),
    revision: 1,
    wanted: "running",
    pause: null,
    atMs: 0,
    by: "file",
    reason: "first start",
    requestId: "",
    address: "",
  };
  assert.deepEqual(againstFile([kept], [draft.value]).map(shown), [
    "ok: eth is registered as the file says, revision 1",
  ]);
  assert.deepEqual(againstFile([{ ...kept, config: text(6) }], [draft.value]).map(shown), [
    "warn: eth: file and register differ in grid.entryLevels",
  ]);
  assert.deepEqual(againstFile([{ ...kept, id: "old" }], [draft.value]).map(shown), [
    "warn: old is registered and not in the file",
    "ok: eth is new: its first start registers it",
  ]);
});
