// A marked secret, wherever it stands in what is said, appears in nothing that is written (TEST-P28): lines and ring of
// the log, texts of the exchange's errors, the configuration turned into text. The whole run with real keys is
// test/system/real-keys.test.ts, which looks through every file, answer and metric.

import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import fc from "fast-check";
import { loadConnector } from "../src/config/process/load-process.ts";
import { Secret } from "../src/config/secret.ts";
import { Redactor } from "../src/exchange/ccxt/redact.ts";
import { openLog } from "../src/observe/log.ts";
import { runs } from "./arbitraries/values.ts";

/** As exchanges and people make them, and worse: quotes, backslashes, other scripts. */
const secret = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]{16,64}$/),
  fc.stringMatching(/^[A-Za-z0-9+/]{20,40}={0,2}$/),
  fc
    .string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(...Array.from('aB3"\\/+=&% é字.$(){}[]*?^|')) })
    // one that is nothing but what stands around it is found everywhere
    .filter((text) => new Set(text).size > 4 && text.trim() === text),
);

const word = fc.stringMatching(/^[a-z]{1,8}$/);

/** Something said with the secret somewhere in it. */
const around = (inside: string): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(inside),
      fc.tuple(word, word).map(([before, after]) => `${before} ${inside} ${after}`),
      fc.tuple(word).map(([name]) => `https://x.test/?${name}=${inside}&b=1`),
      fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
      fc.dictionary(word, tie("value"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      fc.tuple(word).map(([text]) => new Error(`${text}: ${inside}`)),
    ),
  })).value;

const said = secret.chain((inside) =>
  fc.record({
    inside: fc.constant(inside),
    text: around(inside),
    fields: fc.dictionary(word, around(inside), { maxKeys: 3, noNullPrototype: true }),
  }),
);

/** In plain, and as a JSON text writes it. */
const holds = (text: string, inside: string): boolean =>
  text.includes(inside) || text.includes(JSON.stringify(inside).slice(1, -1));

test("TEST-P28 RISK-48 no line of a log and none of its ring holds a secret it was told of, wherever it stands", () => {
  const property = fc.property(
    said,
    fc.constantFrom("debug", "info", "warn", "error"),
    ({ inside, text, fields }, level) => {
      const lines: string[] = [];
      const log = openLog({ process: "connector", level: "debug", write: (line) => void lines.push(line) });
      log.conceal([inside]);
      for (const each of [log, log.child({ bot: "grid", ...fields })]) each[level](format(text), { ...fields, text });
      log.close();
      assert.ok(lines.length > 0);
      for (const line of lines) assert.ok(!holds(line, inside), line);
      for (const line of log.ring.lines()) assert.ok(!holds(inspect(line, { depth: 8 }), inside), inspect(line));
    },
  );
  fc.assert(property, runs(281));
});

test("TEST-P28 EXCH-53 no text of an exchange's failure holds a key, in plain, base64 or an address", () => {
  const property = fc.property(secret, word, word, (inside, before, after) => {
    const redactor = new Redactor();
    redactor.know([inside]);
    const base64 = Buffer.from(inside).toString("base64");
    for (const form of [inside, base64, encodeURIComponent(inside), encodeURIComponent(base64)]) {
      for (const text of [
        `${before} ${form} ${after}`,
        `{"${before}":"${form}"}`,
        `https://x/?${before}=${form}&${after}`,
      ]) {
        assert.ok(!redactor.text(text).includes(form), text);
      }
    }
  });
  fc.assert(property, runs(282));
});

test("TEST-P28 OPS-06 a secret of the configuration prints as none, however the configuration becomes text", () => {
  const property = fc.property(fc.stringMatching(/^[A-Za-z0-9]{16,64}$/), (inside) => {
    const marked = new Secret(inside, "env KEY");
    const held = { credentials: { apiKey: marked, list: [marked], map: new Map([["secret", marked]]) } };
    const texts = [
      "".concat(String(marked)),
      String(marked),
      JSON.stringify(held),
      inspect(held, { depth: 9, showHidden: true }),
      format("%o %j", held, held),
    ];
    for (const text of texts) assert.ok(!text.includes(inside), text);
    const yaml = `exchange: binance\ncredentials: { apiKey: { env: KEY }, secret: { env: KEY } }\nwrong: \${KEY}\n`;
    const read = loadConnector({ text: yaml, file: "x.yaml" }, { environment: { KEY: inside } });
    const problems = read.ok ? read.value : read.error;
    assert.ok(!inspect(problems, { depth: 9 }).includes(inside) && !JSON.stringify(problems).includes(inside));
  });
  fc.assert(property, runs(283));
});
