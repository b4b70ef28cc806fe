// A wire between a journal and its server that fails on command, in a thread of its own: whoever waits for an answer
// holds up the thread it waits in.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * `pass`: bytes flow. `lose-answer`: the next append reaches the server, its answer and the connection are lost.
 * `lose-request`: the next append is lost with its connection. `silent`: the server sees every connection end, the
 * journal hears nothing, and new connections hear nothing either: what the loss of a host looks like from both sides.
 * `swallow`: the next append reaches the server, and from then on nothing of that connection comes back, nor does it
 * end: what a middlebox that forgot it looks like.
 */
export type WireMode = "pass" | "lose-answer" | "lose-request" | "silent" | "swallow";

const MODES: readonly WireMode[] = ["pass", "lose-answer", "lose-request", "silent", "swallow"];

export interface PostgresWire {
  readonly url: string;
  set(mode: WireMode): void;
  /** Appends that were lost so far. */
  lost(): number;
  close(): Promise<void>;
}

export async function openWire(url: string): Promise<PostgresWire> {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const target = new URL(url);
  const worker = new Worker(WIRE, { eval: true, workerData: { shared, port: Number.parseInt(target.port, 10) } });
  const [port] = (await once(worker, "message")) as [number];
  target.port = String(port);
  return {
    url: target.href,
    set: (mode) => void Atomics.store(shared, 0, MODES.indexOf(mode)),
    lost: () => Atomics.load(shared, 1),
    close: async () => void (await worker.terminate()),
  };
}

const WIRE = `
const { connect, createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const { shared, port } = workerData;
const pairs = new Set();
setInterval(() => {
  if (Atomics.load(shared, 0) !== 3) return;
  for (const pair of pairs) pair.up.destroy();
}, 5);
createServer((down) => {
  if (Atomics.load(shared, 0) === 3) return;
  const up = connect(port, "127.0.0.1");
  const pair = { up };
  pairs.add(pair);
  let deaf = false;
  const end = () => { pairs.delete(pair); up.destroy(); if (Atomics.load(shared, 0) !== 3) down.destroy(); };
  down.on("error", end).on("close", end).on("data", (bytes) => {
    const mode = Atomics.load(shared, 0);
    if ((mode === 1 || mode === 2 || mode === 4) && bytes.includes("append")) {
      Atomics.store(shared, 0, 0);
      Atomics.add(shared, 1, 1);
      if (mode === 2) return end();
      deaf = true;
      if (mode !== 4) up.once("data", end);
    }
    up.write(bytes);
  });
  up.on("error", end).on("close", end).on("data", (bytes) => { if (!deaf) down.write(bytes); });
}).listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });
`;
