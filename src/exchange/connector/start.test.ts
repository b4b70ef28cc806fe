// The start of a connector: it serves what the exchange described, or stops and names what it did not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, makeWorld, SYMBOL } from "../../../test/contract/exchange-stage.ts";
import type { Clock } from "../../base/clock.ts";
import { ExchangeServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RpcHealth } from "../../rpc/health.ts";
import { SimulatedPort } from "../simulated.ts";
import { ConnectorStartError, openConnector } from "./connector.ts";

/** A machine on which every wait is over at once. */
class HastyMachine implements Clock {
  private passedMs = 0;

  nowMs(): number {
    return this.passedMs;
  }

  monotonicMs(): number {
    return this.passedMs;
  }

  at(atMs: number, wake: () => void): () => void {
    const immediate = setImmediate(() => {
      this.passedMs = Math.max(this.passedMs, atMs);
      wake();
    });
    return () => clearImmediate(immediate);
  }
}

test("API-32 a connector the exchange does not answer within 30 s stops, and names what was not answered", async (t) => {
  const world = makeWorld();
  const port = new SimulatedPort(world.driver, { account: ACCOUNT });
  t.after(() => {
    port.close();
    world.driver.stop();
  });
  const machine = new HastyMachine();
  const health = new RpcHealth([ExchangeServiceDefinition.fullName]);
  const options = { port, clock: world.clock, ratePpm: 1_000_000, machine, release: "test", health };
  await assert.rejects(openConnector({ ...options, symbols: [SYMBOL, "NONE/USDT"] }), (error) => {
    assert.ok(error instanceof ConnectorStartError && error.code === "EXCHANGE_SILENT");
    assert.match(error.message, /does not describe NONE\/USDT/);
    return true;
  });
  assert.ok(machine.monotonicMs() >= 30_000 && machine.monotonicMs() < 31_000);
  assert.equal(health.of("")?.health, "not-serving");
});
