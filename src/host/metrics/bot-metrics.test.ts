// A scripted session scraped: what the metrics of a fleet say is what its ledgers, states and journals say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { profitOf } from "../../engine/view.ts";
import { lots, money, ticks } from "../../market/amounts.ts";
import { formatMoney, formatQuantity } from "../../market/instrument.ts";
import { Metrics } from "../../observe/metrics.ts";
import { accountLimits } from "../../risk/account/account.fixture.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import { figuresOf } from "../account/figures.ts";
import { ANN, botOf, botText, done, symbolOf, world } from "../fleet/fleet.fixture.ts";
import { botCounters } from "./bot-counters.ts";
import { botGauges, numberOf } from "./bot-gauges.ts";
import { botTimings } from "./bot-timings.ts";
import { riskGauges } from "./risk-gauges.ts";

const UNIT = 10n ** 18n;
const ACCOUNT_LIMITS = accountLimits({
  exposureGrossMax: money(10_000n * UNIT),
  drawdownTotalBpsMax: 5_000,
  dailyLossMax: money(1_000n * UNIT),
});

/** `name{labels in order}` → value. */
async function scrape(metrics: Metrics): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  for (const line of (await metrics.text()).split("\n")) {
    const [, name = "", value = ""] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== "") values.set(name, numberOf(value) ?? Number.NaN);
  }
  return values;
}

test("RISK-45 RISK-46 OPS-24 a session's metrics say what ledger, state and journal say", async (t) => {
  const there = world(t, 1);
  const metrics = new Metrics({ process: "market-maker", release: "0", own: false });
  const process = there.start({
    account: { limits: ACCOUNT_LIMITS },
    seeds: [`${botText("a", 0)}budget: "5000"\n`],
    timings: botTimings(metrics),
  });
  const end = botCounters(process.fleet, metrics);
  botGauges(process.fleet, metrics);
  riskGauges(process.fleet, metrics);
  const bot = botOf(process, "a");
  const seen = { fills: 0, placed: 0, outcomes: 0 };
  process.fleet.observe((_, turn) => {
    for (const event of turn?.events ?? []) {
      if (event.kind === "fill") seen.fills += 1;
      if (event.kind === "outcome" && event.of === "place") seen.outcomes += 1;
    }
    for (const { effect } of turn?.effects ?? []) if (effect.kind === "place") seen.placed += 1;
  });
  await there.untilTrue(() => seen.fills >= 6, 1_200_000);
  const values = await scrape(metrics);
  const of = (name: string, labels = ""): number | undefined =>
    values.get(`${name}{bot="a",instrument="${symbolOf(0)}"${labels}}`);
  const both = (name: string): number => (of(name, ',side="buy"') ?? 0) + (of(name, ',side="sell"') ?? 0);
  assert.equal(both("market_maker_orders_filled_total"), seen.fills);
  assert.equal(both("market_maker_orders_placed_total"), seen.placed);
  assert.ok(both("market_maker_volume_total") > 0);
  const { state } = bot;
  assert.ok(state?.instrument);
  const profit = profitOf(state);
  assert.ok(profit);
  const net = formatMoney(money(profit.net - profit.unrealised));
  const gained =
    (of("market_maker_pnl_realized_total", ',sign="gain"') ?? 0) -
    (of("market_maker_pnl_realized_total", ',sign="loss"') ?? 0);
  assert.ok(Math.abs(gained - (numberOf(net) ?? 0)) < 1e-9, `${gained} is not the ledger's ${net}`);
  const held = numberOf(formatQuantity(state.instrument, state.ledger.position));
  assert.equal(of("market_maker_position_size"), held);
  assert.equal(of("market_maker_orders_active"), state.orders.size);
  assert.equal(of("market_maker_orders_unknown"), 0);
  assert.equal(of("market_maker_position_divergence_lots"), 0);
  assert.ok((of("market_maker_exposure_quote") ?? 0) > 0);
  assert.ok((of("position_total_slots") ?? 0) >= (of("position_active_slots") ?? 0));
  const exchange = state.instrument.exchange;
  assert.equal(values.get(`order_placements_total{exchange="${exchange}"}`), seen.outcomes);
  assert.equal(values.get('opensqt_bot_phase{bot="a",phase="RUNNING"}'), 1);
  assert.equal(values.get('market_maker_circuit_breaker_open{bot="a",breaker="manual"}'), 0);
  assert.ok((values.get('market_maker_journal_bytes{bot="a"}') ?? 0) > 0);
  for (const name of [
    "market_maker_journal_commit_seconds",
    "market_maker_recovery_seconds",
    "market_maker_latency_tick_to_trade_ms",
  ])
    assert.ok((values.get(`${name}_count{bot="a"}`) ?? 0) > 0, name);
  const mine = (name: string, labels = ""): number | undefined => values.get(`opensqt_${name}{bot="a"${labels}}`);
  assert.equal(mine("lots_open"), Math.abs(state.ledger.position));
  const { net: exposure } = figuresOf("a", state);
  assert.equal(
    mine("net_exposure_quote", `,asset="${state.instrument.base}"`),
    exposure === null ? undefined : numberOf(formatMoney(exposure)),
  );
  assert.ok((mine("drawdown_ratio") ?? -1) >= 0 && (mine("drawdown_ratio") ?? 2) < 1);
  const account = '{bot="account"}';
  assert.equal(values.get(`opensqt_budget_drift_quote${account}`), 0, "the books explain what the exchange holds");
  const lost = values.get(`opensqt_day_loss_ratio${account}`) ?? -1;
  assert.ok(lost >= 0 && lost < 1, `${lost} of the day's loss`);
  assert.ok((values.get(`opensqt_drawdown_ratio${account}`) ?? -1) >= 0);
  assert.ok(values.has(`opensqt_net_exposure_quote{bot="account",asset="${state.instrument.base}"}`));
  done(await there.until(process.fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN)));
  const paused = await scrape(metrics);
  assert.equal(paused.get('opensqt_bot_phase{bot="a",phase="PAUSED"}'), 1);
  assert.equal(paused.get('opensqt_entry_blocks_total{bot="a",reason="operator"}'), 1);
  end();
  there.kill(process);
});

test("OPS-25 RISK-45 fifty bots at rest expose fewer than 5,000 series, and a deleted bot none", async (t) => {
  const there = world(t, 1);
  const metrics = new Metrics({ process: "market-maker", release: "0" });
  const seeds = Array.from({ length: 50 }, (_, n) => botText(`bot-${n}`, n));
  const process = there.start({ seeds, timings: botTimings(metrics) });
  const end = botCounters(process.fleet, metrics);
  botGauges(process.fleet, metrics);
  riskGauges(process.fleet, metrics);
  await there.run(2_000);
  const { size } = await scrape(metrics);
  assert.ok(size > 500 && size < 5_000, `${size} series`);
  done(await there.until(process.fleet.stop({ id: "bot-9", cancelOnExit: null }, ANN)));
  await there.untilTrue(() => botOf(process, "bot-9").stage === "idle");
  done(await there.until(process.fleet.delete({ id: "bot-9", dryRun: false }, ANN)));
  const left = [...(await scrape(metrics)).keys()].filter((name) => name.includes('bot="bot-9"'));
  assert.deepEqual(left, []);
  end();
  metrics.close();
  there.kill(process);
});

test("RISK-45 fills of others do not count, an accepted difference once; the account shows its breakers", async (t) => {
  const there = world(t, 1);
  const metrics = new Metrics({ process: "market-maker", release: "0", own: false });
  const process = there.start({ account: { limits: ACCOUNT_LIMITS }, seeds: [botText("a", 0)] });
  const end = botCounters(process.fleet, metrics);
  botGauges(process.fleet, metrics);
  riskGauges(process.fleet, metrics);
  await there.untilTrue(() => botOf(process, "a").state?.phase === "running");
  const { host } = botOf(process, "a");
  assert.ok(host?.state.instrument);
  const labels = `{bot="a",instrument="${symbolOf(0)}"`;
  const counts = async (): Promise<readonly number[]> => {
    const values = await scrape(metrics);
    const corrections = ["auto", "manual"].map((action) => `position_corrections_total${labels},action="${action}"}`);
    const fills = ["buy", "sell"].map((side) => `orders_filled_total${labels},side="${side}"}`);
    return [...fills, ...corrections].map((name) => values.get(`market_maker_${name}`) ?? 0);
  };
  const before = await counts();
  const { symbol, quote } = host.state.instrument;
  const others = {
    symbol,
    tradeId: "x",
    clientOrderId: foreignOrderId("not-one-of-ours"),
    exchangeOrderId: "x",
  } as const;
  const executed = { side: "buy", price: ticks(1_000), quantity: lots(7), feeAsset: quote, fee: money(0n) } as const;
  const told = { liquidity: "maker", origin: "order", exchangeAtMs: 0 } as const;
  host.offer({ kind: "fill", ...others, ...executed, ...told });
  const accept = async (): Promise<void> =>
    void done(await there.until(process.fleet.command("a", { name: "reconcileAccept" }, ANN)));
  await accept();
  assert.deepEqual(await counts(), before, "and nothing waits to be accepted");
  host.state.divergence = { local: lots(0), exchange: lots(3) };
  await accept();
  assert.deepEqual(await counts(), [...before.slice(0, 3), (before[3] ?? 0) + 1], "by hand, and not by itself as well");
  const manual = 'market_maker_circuit_breaker_open{bot="account",breaker="manual"}';
  assert.equal((await scrape(metrics)).get(manual), 0);
  process.fleet.account?.command({ name: "breakerOpen", action: "P" }, ANN);
  assert.equal((await scrape(metrics)).get(manual), 1);
  const money0 = money(0n);
  host.state.equity = { equity: money0, quoteAvailable: money0, maintenanceMargin: money(1n), atMs: 0 };
  assert.match(await metrics.text(), /^market_maker_margin_ratio\{bot="a"\} \+Inf$/m, "no equity is the worst ratio");
  end();
  there.kill(process);
});
