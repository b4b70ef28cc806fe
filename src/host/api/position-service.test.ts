// PositionService over real gRPC: what bots on the simulated exchange did, as anybody may ask for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { symbolOf } from "../fleet/fleet.fixture.ts";
import { collected, startTown } from "./books.fixture.ts";
import { pnlCurve } from "./bot-pnl.ts";

test("API-24 positions, results and fills add up, and tie to the exchange's wallet", async (t) => {
  const { position, process, world } = await startTown(t, 2, 600_000);
  const { positions, tie } = await position.getPositions({});
  assert.deepEqual(
    positions.map(({ symbol, botId }) => [symbol, botId]),
    [
      [symbolOf(0), "b0"],
      [symbolOf(1), "b1"],
    ],
  );
  assert.equal(tie?.difference?.value, "0");
  assert.ok((tie?.tiedAtMs ?? 0) > 0);
  const { fills } = await position.getFills({ pageSize: 1000 });
  assert.ok(fills.length > 4, `${fills.length} fills`);
  const atMs = fills.map((fill) => fill.atMs);
  assert.deepEqual(
    atMs,
    atMs.toSorted((a, b) => b - a),
    "newest first",
  );
  const all = await position.getRealizedPnL({});
  const fifo = await position.getRealizedPnL({ method: "fifo" });
  assert.equal(all.total?.fees?.value, fifo.total?.fees?.value);
  assert.equal(all.bySymbol.length, 2);
  const middle = fills[Math.floor(fills.length / 2)]?.atMs ?? 0;
  const early = await position.getRealizedPnL({ toMs: middle });
  const late = await position.getRealizedPnL({ fromMs: middle });
  const cycles = (from: typeof all): number => from.bySymbol.reduce((sum, each) => sum + each.cycles, 0);
  assert.equal(cycles(early) + cycles(late), cycles(all));
  const { total } = await position.getUnrealizedPnL({});
  const equity = process.fleet.bots().map(({ state }) => state?.equity?.equity ?? 0n);
  assert.ok(total?.value !== undefined && equity.length === 2);
  await world.run(1);
});

test("API-08 lists come in pages that neither repeat nor hide, and a made-up token is refused", async (t) => {
  const { position } = await startTown(t, 1, 600_000);
  const whole = await position.getFills({ pageSize: 1000 });
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await position.getFills({ pageSize: 2, pageToken });
    seen.push(...page.fills.map(({ tradeId }) => tradeId));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.deepEqual(
    seen,
    whole.fills.map(({ tradeId }) => tradeId),
  );
  const first = await position.getFills({ pageSize: 2 });
  for (const request of [
    { pageSize: 2, pageToken: "AAAA" },
    { pageSize: 2, pageToken: first.nextPageToken, symbols: ["other"] },
    { pageSize: -1 },
    { pageSize: 1001 },
  ]) {
    assert.equal((await refusedBy(position.getFills(request))).status, "INVALID_ARGUMENT");
  }
});

test("API-24 orders are known live and ended, each with its fills", async (t) => {
  const { position, process } = await startTown(t, 1, 600_000);
  const { orders } = await position.getOpenOrders({});
  assert.deepEqual(
    orders.map(({ clientOrderId }) => clientOrderId).sort(),
    [...(process.fleet.bots()[0]?.state?.orders.keys() ?? [])].map(String).sort(),
  );
  const history = await position.getOrderHistory({ pageSize: 1000 });
  assert.ok(history.orders.length >= orders.length);
  const filled = history.orders.find(({ executedQty, orderId }) => executedQty?.value !== "0.000" && orderId !== "");
  assert.ok(filled !== undefined);
  const byOurs = await position.getOrder({ clientOrderId: filled.clientOrderId });
  const byTheirs = await position.getOrder({ orderId: filled.orderId });
  assert.deepEqual(byOurs, byTheirs);
  assert.ok(byOurs.fills.length > 0);
  assert.equal((await refusedBy(position.getOrder({ clientOrderId: "onothing" }))).status, "NOT_FOUND");
  assert.equal((await refusedBy(position.getOrder({}))).status, "INVALID_ARGUMENT");
});

test("API-17 positions are streamed: all of them first, then each change with the fill that caused it", async (t) => {
  const { position, world } = await startTown(t, 1);
  const stream = position.subscribePositions({}, { signal: t.signal });
  const messages = await collected(world, stream, ({ updateType }) => updateType === "fill");
  assert.equal(messages[0]?.position?.botId, "b0");
  assert.equal(messages[0]?.meta?.kind, 1);
  assert.equal(messages[1]?.meta?.kind, 2, "the end of the snapshot");
  const last = messages.at(-1);
  assert.ok(last?.trigger !== undefined && last.trigger.botId === "b0");
});

test("API-09 a position's history is sampled, oldest first, within its range", async (t) => {
  const { position } = await startTown(t, 1, 300_000);
  const { snapshots } = await position.getPositionHistory({ symbol: symbolOf(0) });
  assert.ok(snapshots.length > 20);
  const times = snapshots.map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const [from = 0, to = 0] = [times[5], times[10]];
  const part = await position.getPositionHistory({ symbol: symbolOf(0), fromMs: from, toMs: to });
  assert.deepEqual(part.snapshots, snapshots.slice(5, 10));
  const minutes = await position.getPositionHistory({ symbol: symbolOf(0), stepMs: 60_000 });
  assert.ok(minutes.snapshots.length <= 6);
  assert.equal((await refusedBy(position.getPositionHistory({ symbol: "X/Y" }))).status, "NOT_FOUND");
  assert.equal((await refusedBy(position.getPosition({ symbol: "" }))).status, "INVALID_ARGUMENT");
});

test("API-24 a drawdown is measured from the highest of the whole life, whatever part is asked for", async (t) => {
  const { made } = await startTown(t, 2, 600_000);
  const range = { botIds: [], fromMs: 0, toMs: 0, stepMs: 5_000 };
  const whole = pnlCurve(made.books, range);
  const from = whole[Math.floor(whole.length / 2)]?.atMs ?? 0;
  const part = pnlCurve(made.books, { ...range, fromMs: from });
  assert.ok(whole.some(({ drawdown }) => drawdown?.value !== "0"));
  assert.deepEqual(
    part,
    whole.filter(({ atMs }) => atMs >= from),
  );
  const one = pnlCurve(made.books, { ...range, botIds: ["b0"] });
  const other = pnlCurve(made.books, { ...range, botIds: ["b1"] });
  const last = (points: typeof whole): number => Number.parseFloat(points.at(-1)?.realizedGross?.value ?? "");
  assert.ok(Math.abs(last(one) + last(other) - last(whole)) < 1e-9);
});
