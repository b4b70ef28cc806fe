// Case 45: many orders in random conditions, and the money and positions that our fills say are the exchange's. 60
// orders unless OPENSQT_CONTRACT_ORDERS tells another number; OPENSQT_CONTRACT_SEED plays another sequence.

import assert from "node:assert/strict";
import { Prng } from "../../src/base/prng.ts";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";
import { type Case, feeOf, type Stage } from "./exchange-case.ts";
import { BOOK } from "./exchange-stage.ts";

const ORDERS = Number.parseInt(process.env["OPENSQT_CONTRACT_ORDERS"] ?? "60", 10);
const SEED = process.env["OPENSQT_CONTRACT_SEED"] ?? "1";
/** Orders sent together, and those left open before the oldest are cancelled. */
const AT_ONCE = 8;
const OPEN_MAX = 40;
const MIDDLE = 600_000;
/** An exchange's limit holds orders back: they are asked for again after this while. */
const AGAIN_MS = 100;
/** Where thousands are played, the limits of the exchange make it long. */
const TIMEOUT_MS = 60_000 + ORDERS * 200;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));

/** What was sent, and how each ended as the port told it. */
interface Sent {
  readonly open: Set<ClientOrderId>;
  readonly results: Map<string, number>;
  cancelled: number;
}

/** A new book whose middle wanders, or a trade through some of it: fills of a part, of all, of nothing. */
function happens(random: Prng, say: Stage["say"]): void {
  const middle = MIDDLE + random.integer(-12, 12);
  const size = (): number => random.integer(5, 60);
  switch (random.integer(0, 3)) {
    case 0:
      say(`book ${middle - 1}x${size()} ${middle - 9}x${size()} / ${middle + 1}x${size()} ${middle + 9}x${size()}`);
      break;
    case 1:
      say(`sold ${middle - random.integer(2, 25)}x${random.integer(1, 6)}`);
      break;
    case 2:
      say(`bought ${middle + random.integer(2, 25)}x${random.integer(1, 6)}`);
      break;
    default:
  }
}

/** Post-only orders that rest or are refused, takers for now or for good, either side of the middle. */
function wish(random: Prng): string {
  const side = random.pick(["buy", "sell"]);
  const behind = side === "buy" ? -1 : 1;
  const words = random.pick(["", "", "", "ioc", "taker", "fok"]);
  const away = words === "" ? random.integer(-2, 25) : random.integer(-20, 5);
  return `${side} ${MIDDLE + behind * away} x ${random.integer(1, 7)} ${words}`.trim();
}

async function placed({ hands }: Stage, text: string, sent: Sent): Promise<void> {
  const id = hands.nextId();
  for (;;) {
    const { result } = await hands.place(text, id);
    sent.results.set(result, (sent.results.get(result) ?? 0) + 1);
    if (result === "not-sent") {
      await pause();
      continue;
    }
    if (result !== "rejected") sent.open.add(id);
    return;
  }
}

async function cancelled({ hands }: Stage, id: ClientOrderId, sent: Sent): Promise<void> {
  for (;;) {
    const { result } = await hands.cancel(id);
    if (result === "accepted") sent.cancelled += 1;
    if (result === "accepted" || result === "not-open") break;
    await pause();
  }
  sent.open.delete(id);
}

/** Until the exchange says that nothing is open. */
async function swept(stage: Stage, sent: Sent): Promise<void> {
  for (;;) {
    for (const id of Array.from(sent.open)) await cancelled(stage, id, sent);
    const open = await stage.hands.openOrders();
    if (open.result === "ok" && open.orders.length === 0) break;
    if (open.result === "ok") for (const { clientOrderId } of open.orders) sent.open.add(clientOrderId);
    await pause();
  }
  assert.deepEqual(stage.truth.open(), []);
}

/** All fills by question, however many pages there are. */
async function asked({ hands, startMs }: Stage) {
  for (;;) {
    const told = await hands.fills({ sinceMs: startMs, cursor: null });
    if (told.result === "ok") return told.fills;
    await pause();
  }
}

type Fill = Awaited<ReturnType<typeof asked>>[number];

/** What the fills did to the account: lots, and each asset's money. */
function sumOf(stage: Stage, fills: readonly Fill[]) {
  const { instrument, unit } = stage;
  const money = new Map<string, bigint>([
    [instrument.base, 0n],
    [instrument.quote, 0n],
  ]);
  const add = (asset: string, amount: bigint): Map<string, bigint> =>
    money.set(asset, (money.get(asset) ?? 0n) + amount);
  let lots = 0;
  for (const { side, price, quantity, fee, feeAsset } of fills) {
    // a fee of a million millionths is the value itself
    const units = quantity / unit;
    const sign = side === "buy" ? 1n : -1n;
    const whole = { price, units, ppm: 1_000_000 } as const;
    lots += quantity * Number(sign);
    add(instrument.quote, -sign * feeOf(stage, { side: "sell", ...whole }).fee);
    if (instrument.kind === "spot") add(instrument.base, sign * feeOf(stage, { side: "buy", ...whole }).fee);
    add(feeAsset, -fee);
  }
  return { lots, money };
}

async function play(stage: Stage): Promise<void> {
  const { hands, truth, say, unit, instrument } = stage;
  const random = new Prng(SEED);
  const watch = hands.watch();
  await stage.ready(watch);
  const assets = [instrument.base, instrument.quote];
  const before = assets.map((asset) => truth.balance(asset));
  const sent: Sent = { open: new Set(), results: new Map(), cancelled: 0 };
  for (let n = 0; n < ORDERS; n += AT_ONCE) {
    const wishes = Array.from({ length: Math.min(AT_ONCE, ORDERS - n) }, () => placed(stage, wish(random), sent));
    // some of it happens while the orders are under way
    happens(random, say);
    await Promise.all(wishes);
    happens(random, say);
    const victims = [...sent.open].filter((_, i) => i < sent.open.size - OPEN_MAX || random.chance(0.1));
    const cancels = victims.map((id) => cancelled(stage, id, sent));
    happens(random, say);
    await Promise.all(cancels);
  }
  await swept(stage, sent);
  const fills = await asked(stage);
  assert.ok(fills.length > ORDERS / 10, `${fills.length} fills`);
  const heard = await watch.fills(fills.length);
  const idsOf = (all: readonly { readonly tradeId: string }[]): string[] => all.map(({ tradeId }) => tradeId).sort();
  assert.equal(heard.length, fills.length);
  assert.deepEqual(idsOf(heard), idsOf(fills), "the stream told what the exchange tells, each once");
  for (const told of [fills, heard]) {
    const sum = sumOf(stage, told);
    assert.equal(sum.lots, truth.position() * unit);
    const after = assets.map((asset, i) => (before[i] ?? 0n) + (sum.money.get(asset) ?? 0n));
    assert.deepEqual(
      after,
      assets.map((asset) => truth.balance(asset)),
    );
  }
  await closed(stage, sent);
  await agrees(stage, before);
  const kinds = [...sent.results].map(([result, count]) => `${result} ${count}`).join(", ");
  process.stdout.write(`  case 45: ${ORDERS} orders (${kinds}), ${sent.cancelled} cancelled, ${fills.length} fills\n`);
}

/** What is held is given back, so that a balance is nothing but money that moved. */
async function closed(stage: Stage, sent: Sent): Promise<void> {
  const { say, truth } = stage;
  const held = truth.position();
  if (held === 0) return;
  const depth = Math.abs(held) + 1;
  say(`book ${BOOK}`.replace("599990x80", `599990x${depth}`).replace("600010x70", `600010x${depth}`));
  for (;;) {
    const left = truth.position();
    if (left === 0) break;
    await placed(stage, left > 0 ? `sell 599980 x ${left} ioc` : `buy 600020 x ${-left} ioc`, sent);
    await pause();
  }
}

/** The account as the port reads it is what our fills make of what was there. */
async function agrees(stage: Stage, before: readonly bigint[]): Promise<void> {
  const { hands, instrument, truth } = stage;
  const { lots, money } = sumOf(stage, await asked(stage));
  const [base = 0n, quote = 0n] = before;
  assert.equal(lots, 0);
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.quoteTotal, account.positions.filter((each) => each.lots !== 0)],
    [quote + (money.get(instrument.quote) ?? 0n), []],
  );
  if (instrument.kind === "spot") assert.equal(account.baseTotal, base + (money.get(instrument.base) ?? 0n));
  assert.equal(truth.position(), 0);
}

export const RANDOM_CASE: Case = {
  n: 45,
  text: "after many orders in random conditions, positions and balances from our fills equal the exchange's",
  timeoutMs: TIMEOUT_MS,
  play,
};
