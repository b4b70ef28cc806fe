// live-server and its browsers (live.md section 13): how long a fill takes from live-server's knowledge into the
// sockets of 100 and of 500 consoles, and what a client costs in memory.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { WebSocket } from "ws";
import { openConsole } from "./console-sockets.ts";
import type { BenchOptions } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const CHILD = join(import.meta.dirname, "live-child.ts");
const EVENTS = 200;
const EVERY_MS = 10;
const MB = 1_000_000;

const wallMs = (): number => performance.timeOrigin + performance.now();

interface Memory {
  readonly kept: number;
  readonly rss: number;
  readonly clients: number;
}

export async function benchLive({ quick }: BenchOptions): Promise<readonly Row[]> {
  const child = fork(CHILD, [], { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const sockets: WebSocket[] = [];
  const delaysMs: number[] = [];
  try {
    const { port } = (await next(child)) as { readonly port: number };
    const bare = await memoryOf(child);
    await joinConsoles(port, sockets, { count: 100, delaysMs });
    const hundred = await told(child, delaysMs, { sockets: 100, events: quick ? EVENTS / 4 : EVENTS });
    await joinConsoles(port, sockets, { count: 400, delaysMs });
    const many = await told(child, delaysMs, { sockets: 500, events: quick ? EVENTS / 4 : EVENTS });
    const full = await memoryOf(child);
    return [
      tellRow(100, hundred, 50),
      tellRow(500, many, null),
      {
        bench: "live",
        measure: "memory of live-server for each console that is connected",
        value: (full.kept - bare.kept) / full.clients / MB,
        unit: "MB",
        must: { most: 1 },
        want: { most: 0.1 },
        detail: detailOf(
          `${full.clients} consoles: ${numberText(full.kept / MB)} MB kept, ${numberText(full.rss / MB)} MB resident`,
          `before: ${numberText(bare.kept / MB)} MB kept, ${numberText(bare.rss / MB)} MB resident`,
        ),
      },
    ];
  } finally {
    for (const socket of sockets) socket.terminate();
    child.kill();
  }
}

function tellRow(sockets: number, delays: readonly number[], most: number | null): Row {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    bench: "live",
    measure: `p99 from a fill known to live-server until a console of ${sockets} has its message`,
    value: at(0.99),
    unit: "ms",
    must: most === null ? null : { most },
    want: most === null ? { most: 50 } : { most: most / 5 },
    detail: detailOf(
      `p50 ${numberText(at(0.5))} ms, most ${numberText(at(1))} ms over ${numberText(sorted.length)} messages`,
      `every ${EVERY_MS} ms; all clients in one process of this machine, their time included`,
    ),
  };
}

async function next(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, "message")) as unknown[];
  return message;
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  await wait(500);
  const answer = next(child);
  child.send("memory");
  return (await answer) as Memory;
}

/** Opens `count` more consoles, which note how late each fill comes. */
async function joinConsoles(
  port: number,
  sockets: WebSocket[],
  { count, delaysMs }: { readonly count: number; readonly delaysMs: number[] },
): Promise<void> {
  const heard = (text: string): void => {
    const receivedMs = wallMs();
    const sent = text.startsWith('{"type":"fills"') ? /"id":"at ([\d.]+)"/.exec(text)?.[1] : undefined;
    if (sent !== undefined && !text.includes('"all":')) delaysMs.push(receivedMs - Number.parseFloat(sent));
  };
  const opening = Array.from({ length: count }, (_, index) =>
    openConsole({ port, index: sockets.length + index, heard }),
  );
  sockets.push(...(await Promise.all(opening)));
}

/** Delays of `events` fills in every socket, while the demonstration goes on beside them. */
async function told(
  child: ChildProcess,
  delaysMs: number[],
  { sockets, events }: { readonly sockets: number; readonly events: number },
): Promise<readonly number[]> {
  delaysMs.length = 0;
  for (let event = 0; event < events; event += 1) {
    child.send("event");
    if (event % 25 === 0) child.send("tick");
    await wait(EVERY_MS);
  }
  const untilMs = performance.now() + 10_000;
  while (delaysMs.length < events * sockets && performance.now() < untilMs) await wait(20);
  if (delaysMs.length < events * sockets) throw new Error(`${delaysMs.length} of ${events * sockets} messages came`);
  return [...delaysMs];
}
