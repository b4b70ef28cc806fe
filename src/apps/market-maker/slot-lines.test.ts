// The log when everything is cancelled at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotLines } from "./slot-lines.ts";

test("RISK-49 a cancel of everything is one line of the log with the number of orders, not one a slot", () => {
  const written: string[] = [];
  const moments: (() => void)[] = [];
  const lines = new SlotLines(
    (bot, { text, facts }) => written.push(`${bot} ${text} ${JSON.stringify(facts)}`),
    (_, act) => {
      moments.push(act);
      return () => undefined;
    },
  );
  const tell = (bot: string, code: string, slot: number): void => {
    const text = `entry of slot ${slot}: canceled`;
    lines.take(bot, { id: `${bot}/${slot}`, code, severity: "warning", text, facts: { slot } });
  };
  tell("btc", "breaker-opened", 0);
  assert.deepEqual(
    written.splice(0),
    ['btc entry of slot 0: canceled {"slot":0}'],
    "what is no slot's waits for nothing",
  );
  for (let slot = 1; slot <= 10; slot += 1) tell("btc", "order-canceled", slot);
  tell("eth", "order-canceled", 7);
  assert.deepEqual(written, []);
  for (const moment of moments.splice(0)) moment();
  assert.deepEqual(written.splice(0), [
    'btc 10 orders in a moment, from "entry of slot 1: canceled" to "entry of slot 10: canceled" {"orders":10}',
    'eth entry of slot 7: canceled {"slot":7}',
  ]);
  tell("btc", "order-canceled", 3);
  lines.close();
  assert.deepEqual(written, ['btc entry of slot 3: canceled {"slot":3}'], "nothing is kept back at the end");
});
