// A value that came from the environment is never printed back, whatever is wrong with it (OPS-05).

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inserted, namingVariables } from "./from-environment.ts";
import { loadConfig, renderProblems } from "./load.ts";

const GOOD = `bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid:
    interval: "100"
    orderQuote: "200"
`;

function refused(text: string, environment: Record<string, string>): string {
  const config = loadConfig({ text, file: "a.yaml" }, { environment });
  return config.ok ? "accepted" : renderProblems(config.error);
}

test("OPS-05 OPS-06 a value of the environment is never repeated: its variable is named instead", () => {
  const key = "k9-Secret_of$ (the) exchange";
  for (const text of [
    GOOD.replace("id: btc-grid", `id: \${KEY}`),
    GOOD.replace("id: btc-grid", `id: "a \${KEY} b"`),
    `${GOOD}store: \${KEY}\n`,
    GOOD.replace(`"100"`, `\${KEY}`),
    `${GOOD}    heldSlotsMax: \${KEY}\n`,
    `${GOOD}    mode: \${KEY}\n`,
    `${GOOD}  risk: { positionQuantityMax: "\${KEY}" }\n`,
    `${GOOD}simulated: { market: "\${KEY}" }\n`,
  ]) {
    for (const value of [key, `${key}${"x".repeat(70)}`, `${key}\u0007`]) {
      const said = refused(text, { KEY: value });
      assert.ok(!said.includes("k9-Secret"), said);
      assert.match(said, /\$\{KEY\}/);
    }
  }
  const ids = { A: "7", B: "1234" };
  const short = refused(GOOD.replace("id: btc-grid", `id: "-\${A}\${B}"`), ids);
  assert.equal(short.split(" default")[0]?.split(";")[0], `a.yaml:2 bot.id: -\${A}\${B} is not allowed`);
});

test("OPS-05 a short value is looked for where it stood, four letters as a word, a long one anywhere", () => {
  const one = (value: string): Inserted => ({
    key: "a",
    written: `\${A}`,
    whole: value,
    variables: [{ name: "A", value }],
  });
  const name = `\${A}`;
  for (const [value, text, own, other] of [
    ["5", "5 is not one of 5", `${name} is not one of 5`, "5 is not one of 5"],
    ["1234", "1234 x1234 1234", `${name} x1234 ${name}`, `${name} x1234 ${name}`],
    ["12345678", "x12345678", `x${name}`, `x${name}`],
  ] as const) {
    assert.equal(
      namingVariables(text, [one(value)], () => true),
      own,
    );
    assert.equal(namingVariables(text, [one(value)]), other);
  }
});

test("OPS-05 a key of an older name hides its value as today's does", () => {
  const said = refused(GOOD.replace(`interval: "100"`, `price_interval: "\${STEP}"`), { STEP: "x" });
  assert.match(said, /bot\.grid\.interval: \$\{STEP\} is not allowed/);
});
