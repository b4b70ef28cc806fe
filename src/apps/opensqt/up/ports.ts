// The ports of the processes that `opensqt up` starts: the usual ones, or the next free one where one is in use
// (OPS-63), chosen before anything starts, so that each process keeps its address when it is started again.

import { createServer } from "node:net";
import { portOwner } from "../../../observe/port-owner.ts";

export interface ChosenPort {
  readonly wanted: number;
  readonly port: number;
  /** Who has the wanted one, where it was not free and that can be told. */
  readonly takenBy: string | null;
}

const TRIES_MAX = 100;

/** One port for each name; none of them twice. 0 stays 0. Errors: none free among the next hundred. */
export async function choosePorts<Name extends string>(
  bind: string,
  wanted: Readonly<Record<Name, number>>,
): Promise<Record<Name, ChosenPort>> {
  const names = Object.keys(wanted) as Name[];
  const chosen = {} as Record<Name, ChosenPort>;
  const reserved = new Set<number>(names.map((name) => wanted[name]));
  for (const name of names) {
    const first = wanted[name];
    if (first === 0 || (await isFree(bind, first))) {
      chosen[name] = { wanted: first, port: first, takenBy: null };
      continue;
    }
    const port = await nextFree(bind, first, reserved);
    reserved.add(port);
    chosen[name] = { wanted: first, port, takenBy: portOwner(first) ?? "another process" };
  }
  return chosen;
}

async function nextFree(bind: string, after: number, reserved: ReadonlySet<number>): Promise<number> {
  for (let port = after + 1; port <= Math.min(65_535, after + TRIES_MAX); port += 1) {
    if (!reserved.has(port) && (await isFree(bind, port))) return port;
  }
  throw new Error(`no port is free on ${bind} from ${after} to ${after + TRIES_MAX}`);
}

function isFree(bind: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: bind, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
