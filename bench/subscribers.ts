// What nine more subscribers cost one (TEST-38): how long a fill takes from the exchange port of a connector until the
// last subscriber of its gRPC stream has it, with nine before it and alone.

import { setTimeout as wait } from "node:timers/promises";
import { type Child, openChild } from "./child.ts";
import { type Hosts, openStage } from "./connector-stage.ts";
import { type BenchOptions, median, p99, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";
import { subscribe } from "./subscription.ts";

const OTHERS = 9;
const MESSAGES = 1_000;
/** Within which each must have come. */
const PATIENCE_MS = 10_000;

export async function benchSubscribers(options: BenchOptions): Promise<readonly Row[]> {
  const stage = await openStage();
  const open: Child<unknown>[] = [stage];
  try {
    const { hosts } = stage;
    const others = await openChild("subscribers-child.ts", hosts.speaker, hosts.key, String(OTHERS));
    open.unshift(others);
    const seen = { many: [] as number[][], one: [] as number[][] };
    for (let round = -1; round < roundsOf(options); round += 1) {
      const before = await others.ask("join");
      const many = await delaysOf(hosts);
      await allHeard(others, before + OTHERS * MESSAGES);
      await others.ask("leave");
      const one = await delaysOf(hosts);
      if (round < 0) continue;
      seen.many.push(many);
      seen.one.push(one);
    }
    return [row(seen)];
  } finally {
    for (const child of open) await child.close();
  }
}

function row({ many, one }: { readonly many: readonly number[][]; readonly one: readonly number[][] }): Row {
  const ms = (rounds: readonly number[][], of: (values: readonly number[]) => number): string =>
    `${numberText(median(rounds.map(of)))} ms`;
  return {
    bench: "subscribers",
    measure: `a fill from the connector's port to its last gRPC subscriber, p99 of ${OTHERS + 1} / of 1`,
    value: median(many.map((each, i) => p99(each) / p99(one[i] ?? []))),
    unit: "×",
    must: { most: 2 },
    want: null,
    detail: detailOf(
      `p99 ${ms(many, p99)} against ${ms(one, p99)}, p50 ${ms(many, median)} against ${ms(one, median)}`,
      `${numberText(MESSAGES)} fills a round, one after the other`,
      "the other subscribers in a process that gives way to this one",
    ),
  };
}

/** Errors: the others did not hear what they should. */
async function allHeard(others: Child<unknown>, messages: number): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  let heard = 0;
  while (performance.now() < untilMs) {
    heard = await others.ask("heard");
    if (heard >= messages) return;
    await wait(20);
  }
  throw new Error(`the others heard ${heard} fills, not ${messages}`);
}

/** Delays of `MESSAGES` fills at a subscriber that comes after all others, ms. Errors: one did not come. */
async function delaysOf(hosts: Hosts): Promise<number[]> {
  const delaysMs: number[] = [];
  const heard = { wake: (): void => undefined };
  const subscription = await subscribe(hosts, (delayMs) => {
    delaysMs.push(delayMs);
    heard.wake();
  });
  for (let i = 1; i <= MESSAGES; i += 1) {
    const came = Promise.withResolvers<void>();
    heard.wake = came.resolve;
    const late = setTimeout(() => came.reject(new Error(`fill ${i} did not come`)), PATIENCE_MS);
    await Promise.all([subscription.speak(), came.promise]);
    clearTimeout(late);
  }
  await subscription.close();
  return delaysMs;
}
