// `opensqt kill --direct --flatten` closes with orders of the bot's own tag and of a lineage no journal has. At its next
// start the bot took their fills for those of a later journal, and refused with JOURNAL_BEHIND_EXCHANGE for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { killDirectly } from "../../src/host/account/direct-kill.ts";
import { botOf, symbolOf, trading, world } from "../../src/host/fleet/fleet.fixture.ts";
import { foreignOrderId, parseClientOrderId } from "../../src/trading/client-order-id.ts";

test("RISK-23 DUR-25 a bot that was killed and closed without its engine starts, and books what closed it", async (t) => {
  const w = world(t, 1);
  const first = w.start();
  await trading(w, first, "a", 0);
  await w.untilTrue(() => botOf(first, "a").host?.state.ledger.position !== 0, 3_600_000);
  const { tag } = botOf(first, "a").record;
  w.kill(first);
  const port = w.connect();
  const report = await w.until(
    killDirectly({
      bot: { id: "a", tag, symbol: symbolOf(0) },
      port,
      cancelTag: async (given) => {
        const left = [...w.exchange.desk.ledger.openOrders("bot")].map(({ clientOrderId }) => clientOrderId);
        const own = left.filter((id) => parseClientOrderId(id)?.tag === given);
        for (const id of own) port.cancel(symbolOf(0), foreignOrderId(id), () => undefined);
        return { cancelled: own.length, left: 0 };
      },
      flatten: true,
      clock: w.clock,
      pause: (ms) => new Promise((resolve) => void w.clock.at(w.clock.nowMs() + ms, resolve)),
      say: () => undefined,
    }),
  );
  port.close();
  assert.deepEqual([report.proven, report.flat], [true, true]);
  const second = w.start();
  await w.untilTrue(() => botOf(second, "a").host?.state.phase === "running" || second.ends.length > 0);
  assert.deepEqual(second.ends, []);
  const codes = second.alerts.map(({ code }) => code);
  assert.equal(botOf(second, "a").host?.state.divergence, null, codes.join(", "));
  assert.equal(codes.includes("divergence"), false);
  await w.until(second.fleet.close("test"));
});
