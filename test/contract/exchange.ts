// The contract of the exchange port (EXCH-51): what every implementation must do, played on the same simulated
// exchange. The numbers are those of the table in docs/spec/exchanges.md; an implementation that cannot do a case
// says why.

import { test } from "node:test";
import type { ExchangePort } from "../../src/exchange/port.ts";
import { ORDER_CASES } from "./exchange-order-cases.ts";
import { RULE_CASES } from "./exchange-rule-cases.ts";
import { Hands, makeWorld, type World } from "./exchange-stage.ts";

/** A way to reach the simulated exchange. */
export interface PortMaker {
  readonly name: string;
  /** Case number → why it cannot be asked of this implementation. */
  readonly skips: ReadonlyMap<number, string>;
  open(world: World): Promise<{ readonly port: ExchangePort; close(): Promise<void> }>;
}

/** Registers every case for one implementation. */
export function exchangeContract(maker: PortMaker): void {
  for (const { n, text, world: options, play } of [...ORDER_CASES, ...RULE_CASES]) {
    const reason = maker.skips.get(n);
    const skip = reason === undefined ? false : reason;
    test(`EXCH-51 ${maker.name} case ${n}: ${text}`, { skip, timeout: 30_000 }, async () => {
      const world = makeWorld(options);
      const opened = await maker.open(world);
      try {
        await play({ world, hands: new Hands(opened.port) });
      } finally {
        await opened.close();
        world.driver.stop();
      }
    });
  }
}
