// live-server only reads (LIVE-03): its identity is refused every call that changes something, and its code has none.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { PortfolioServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/portfolio.ts";
import { PositionServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { methodsOf } from "../../src/rpc/method.ts";
import { ruleOf } from "../../src/rpc/roles.ts";
import { refusedBy, startVillage } from "../../src/rpc/village.fixture.ts";

const SERVICES = [
  ExchangeServiceDefinition,
  BotServiceDefinition,
  RiskServiceDefinition,
  PositionServiceDefinition,
  PortfolioServiceDefinition,
] as const;

test("LIVE-03 API-28 with live-server's identity every mutating call of the whole API is PERMISSION_DENIED", async (t) => {
  const reached: string[] = [];
  const offered = SERVICES.map((definition) => {
    const handlers = Object.keys(definition.methods).map((key) => [key, () => reached.push(key)] as const);
    return {
      fullName: definition.fullName,
      methods: methodsOf(definition),
      implementation: Object.fromEntries(handlers),
    };
  });
  const village = await startVillage(t, offered, { rate: { perSecond: 10_000, burst: 10_000 } });
  const client = village.dial("reader");
  let denied = 0;
  for (const definition of SERVICES) {
    const calls = Object.entries(client.client(definition)) as [string, (request: object) => unknown][];
    for (const { key, path } of methodsOf(definition)) {
      if (ruleOf(path)?.mutates === false) continue;
      const [, call = assert.fail(path)] = calls.find(([name]) => name === key) ?? [];
      const answer = call({});
      const ended = answer instanceof Promise ? answer : first(answer as AsyncIterable<unknown>);
      assert.equal((await refusedBy(ended)).status, "PERMISSION_DENIED", path);
      denied += 1;
    }
  }
  assert.ok(denied > 30, `${denied} calls change something`);
  assert.deepEqual(reached, []);
});

async function first(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const message of stream) return message;
  return null;
}

test("LIVE-03 the code of live-server calls nothing that changes anything, and writes no file", () => {
  const folder = "src/live";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const changing = SERVICES.flatMap((definition) => methodsOf(definition))
    .filter(({ path }) => ruleOf(path)?.mutates !== false)
    .map(({ key }) => key);
  for (const text of files) {
    for (const key of changing) assert.equal(new RegExp(`\\.${key}\\(`).test(text), false, key);
    assert.equal(/\b(?:writeFile|appendFile|createWriteStream|mkdir|openSync|DatabaseSync)\b/.test(text), false);
  }
});
