// What a reconciliation costs (TEST-38): the exchange read whole and judged while the bots of a process trade, and the
// judgement alone with ten times the orders.

import { step } from "../src/engine/step.ts";
import { lots } from "../src/market/amounts.ts";
import type { ExchangeStateEvent } from "../src/trading/event.ts";
import { openChild } from "./child.ts";
import { GridBot } from "./grid-bot.ts";
import { alternate, type BenchOptions, best, median, medianRatio, p99, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const READS = 400;
const WARM = 100;
const MANY_ORDERS = 100;
const FEW_ORDERS = 10;
const TIMES = 1_000;

export async function benchReconciliation(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  return [await readRow(options, dir), await judgedRow(options)];
}

async function readRow({ quick }: BenchOptions, dir: string): Promise<Row> {
  const engine = await openChild("fleet-child.ts", dir, "1");
  try {
    const ms: number[] = [];
    // the first ones are of bots that have just begun, and for the compiler
    for (let i = -WARM; i < (quick ? READS / 4 : READS); i += 1) {
      const took = await engine.ask("reconcile");
      if (i >= 0) ms.push(took);
    }
    return {
      bench: "reconciliation",
      measure: "a reconciliation, from the wish until the exchange is read whole and judged, median",
      value: median(ms),
      unit: "ms",
      must: { most: 10 },
      want: null,
      detail: detailOf(
        `p99 ${numberText(p99(ms))} ms, ${numberText(ms.length)} times`,
        `${numberText(await engine.ask("orders"))} orders open, on three bots that trade`,
        "the exchange is in the process and answers without delay",
      ),
    };
  } finally {
    await engine.close();
  }
}

async function judgedRow(options: BenchOptions): Promise<Row> {
  const [many, few] = [judging(MANY_ORDERS), judging(FEW_ORDERS)];
  const rounds = await alternate(roundsOf(options), many, few);
  const us = (values: readonly number[]): string => `${numberText((best(values) * 1_000) / TIMES)} µs`;
  return {
    bench: "reconciliation",
    measure: `the judgement alone (\`step\` on a whole read), ${MANY_ORDERS} orders / ${FEW_ORDERS}`,
    value: medianRatio(rounds),
    unit: "×",
    must: null,
    want: null,
    detail: `${us(rounds.a)} against ${us(rounds.b)}; both sides agree, as they nearly always do`,
  };
}

/** The exchange shows what the bot believes. */
function judging(orders: number): () => void {
  const { state } = new GridBot(orders);
  const openOrders = [...state.orders.values()].map(({ clientOrderId, exchangeOrderId, order, cumulative }) => {
    const { side, price, quantity } = order;
    return { clientOrderId, exchangeOrderId: exchangeOrderId ?? "", side, price, quantity, cumulative };
  });
  if (openOrders.length < orders) throw new Error(`${openOrders.length} orders are open, not ${orders}`);
  return () => {
    let effects = 0;
    for (let i = 0; i < TIMES; i += 1) {
      const event: ExchangeStateEvent = {
        kind: "exchange-state",
        symbol: state.instrument?.symbol ?? "",
        askedAtSeq: state.seq,
        openOrders,
        positionLots: lots(state.ledger.position),
        atMs: state.nowMs,
      };
      effects += step(state, event).effects.length;
    }
    if (effects > 0) throw new Error("the two sides do not agree: this is no bench of a quiet reconciliation any more");
  };
}
