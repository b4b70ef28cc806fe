// Whether the engine notices who watches (TEST-38, LIVE section 13): the 99th percentile of its turns with a hundred
// consoles open on a live-server that reads it, and with one. Three processes: engine, live-server, consoles.

import { setTimeout as wait } from "node:timers/promises";
import { type Child, openChild } from "./child.ts";
import { type BenchOptions, best, median, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const MANY = 100;
/** Of the market, so that some hundred turns a second come. */
const SPEED = "20";
/** Wall time that turns are watched for, of each crowd and round. */
const WATCHED_MS = 4_000;
/** Before that the crowd has its first pictures, and what was opened is paid for. */
const SETTLED_MS = 500;

interface Seen {
  readonly p99: number;
  readonly p50: number;
  readonly turns: number;
}

export async function benchConsoles(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const engine = await openChild<{ readonly address: string; readonly key: string }>("fleet-child.ts", dir, SPEED);
  const open: Child<unknown>[] = [engine];
  try {
    const { address, key } = engine.hosts;
    const server = await openChild<{ readonly port: number }>("console-child.ts", address, key);
    open.unshift(server);
    await until("the live-server reaches the engine", async () => (await server.ask("ready")) === 1);
    await until("the bots trade", async () => (await engine.ask("orders")) > 0);
    const crowd = await openChild("crowd-child.ts", String(server.hosts.port), String(MANY));
    open.unshift(crowd);
    const seen = { many: [] as Seen[], one: [] as Seen[] };
    for (let round = -1; round < roundsOf(options); round += 1) {
      for (const name of ["many", "one"] as const) {
        await crowd.ask(name);
        const watched = await turnsOf(engine);
        if (round >= 0) seen[name].push(watched);
      }
    }
    return [row(seen, (await crowd.ask("messages")) / MANY)];
  } finally {
    for (const child of open) await child.close();
  }
}

/** Errors: it does not come to that within half a minute. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 300; look += 1) {
    if (await isSo()) return;
    await wait(100);
  }
  throw new Error(`waited in vain: ${what}`);
}

async function turnsOf(engine: Child<unknown>): Promise<Seen> {
  await wait(SETTLED_MS);
  await engine.ask("begin");
  await wait(WATCHED_MS);
  return { p99: await engine.ask("p99"), p50: await engine.ask("p50"), turns: await engine.ask("turns") };
}

function row({ many, one }: { readonly many: readonly Seen[]; readonly one: readonly Seen[] }, each: number): Row {
  const of = (seen: readonly Seen[], name: keyof Seen): number[] => seen.map((round) => round[name]);
  const us = (values: readonly number[]): string =>
    `${numberText(median(values) * 1_000)} µs (best ${numberText(best(values) * 1_000)})`;
  return {
    bench: "consoles",
    measure: `p99 of the engine's turns with ${MANY} consoles / with 1`,
    value: median(many.map((round, i) => round.p99 / (one[i]?.p99 ?? Number.NaN))),
    unit: "×",
    must: { most: 1.05 },
    want: null,
    detail: detailOf(
      `${us(of(many, "p99"))} against ${us(of(one, "p99"))}, p50 ${us(of(many, "p50"))} against ${us(of(one, "p50"))}`,
      `${numberText(median(of(many, "turns")))} turns a round, ${numberText(each)} messages a console in all`,
      "the consoles in a process that gives way to the others: browsers are on other machines",
    ),
  };
}
