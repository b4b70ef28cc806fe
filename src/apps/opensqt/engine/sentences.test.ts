import assert from "node:assert/strict";
import { test } from "node:test";
import { killText, tieText } from "./sentences.ts";

const report = { step: "done", ordersLeft: [], positionsLeft: [], proven: true, tookMs: 1_600 };

test("RISK-22 a kill that was not proved names the orders that may be left and what to do, and no time of 0 ms", () => {
  assert.equal(killText(report), "done: no order left, proven (1600 ms)");
  const under = { ...report, step: "cancel", ordersLeft: ["oa", "ob"], proven: false, tookMs: 40 };
  assert.equal(killText(under), "cancel: 2 left to cancel (40 ms)");
  const failed = { ...under, step: "failed", positionsLeft: ["BTC/USDT:USDT"], tookMs: 0 };
  assert.match(
    killText(failed),
    /^failed: 2 orders left: oa ob, positions: BTC\/USDT:USDT, NOT PROVEN\n.*kill --direct$/,
  );
  const many = Array.from({ length: 23 }, (_, i) => `o${i}`);
  assert.match(killText({ ...failed, ordersLeft: many }), /23 orders left: o0 .* o19 and 3 more/);
});

test("API-24 the tie is of cash, and says when it was compared", () => {
  assert.equal(tieText({ tiedAtMs: 0, difference: null }), "cash not yet compared with the exchange");
  assert.equal(
    tieText({ tiedAtMs: 1_795_322_839_033, difference: "-130" }),
    "cash compared with the exchange at 2026-11-22T04:47:19.033Z: it differs by -130",
  );
});
