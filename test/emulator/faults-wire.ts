// A client of the emulated Binance USDⓈ-M that trusts nothing and hides nothing: signed requests with fetch, sockets
// with `ws`. Tests look through it at what a fault does on the wire.

import { createHmac } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import {
  type Emulator,
  type EmulatorOptions,
  FREE_PORTS,
  startEmulator,
} from "../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";

export const START_MS = 1_700_000_000_000;
export const SYMBOL = "BTC/USDT:USDT";

/** How a request ended: with a reply, or without one. */
export type Ended =
  | { readonly status: number; readonly body: string; readonly headers: Headers }
  | { readonly failed: "no reply" | "reset" };

export interface Frames {
  readonly socket: WebSocket;
  readonly heard: Record<string, unknown>[];
  /** The first frame, from `after` on, that the test accepts. */
  next(accepts: (frame: Record<string, unknown>) => boolean, after?: number): Promise<Record<string, unknown>>;
}

export class FaultWire {
  readonly emulator: Emulator;
  /** Port of the first protocol there is. */
  readonly port: number;
  /** Frames heard on sockets of its own. */
  heard = 0;
  private readonly sockets: WebSocket[] = [];

  constructor(emulator: Emulator) {
    this.emulator = emulator;
    this.port = Object.values(emulator.ports)[0] ?? 0;
  }

  get gate(): FaultGate {
    const { gate } = this.emulator.control.universe;
    if (!(gate instanceof FaultGate)) throw new Error("this emulator has no faults");
    return gate;
  }

  get nowMs(): number {
    return this.emulator.world.clock.nowMs();
  }

  /** Puts a fault in force and returns its id. */
  inject(fault: InjectedFault): string {
    return this.gate.inject(injected(fault)).id;
  }

  async advance(ms: number): Promise<void> {
    await this.emulator.control.clock({ advanceMs: ms });
  }

  /** `signal` ends the wait for a reply that does not come. */
  async ask(route: string, parameters: Record<string, string> = {}, signal?: AbortSignal): Promise<Ended> {
    const [method = "GET", path = "/"] = route.split(" ");
    const query = new URLSearchParams({ timestamp: String(this.nowMs), recvWindow: "60000", ...parameters });
    const signature = createHmac("sha256", "demo-secret").update(query.toString()).digest("hex");
    const base = `http://127.0.0.1:${this.port}`;
    const url = `${base}${path}?${query.toString()}&signature=${signature}`;
    try {
      const headers = { "x-mbx-apikey": "demo-key" };
      const response = await fetch(url, { method, headers, ...(signal === undefined ? {} : { signal }) });
      const body = await response.text();
      return { status: response.status, body, headers: response.headers };
    } catch {
      return { failed: signal?.aborted === true ? "no reply" : "reset" };
    }
  }

  place(id: string, more: Record<string, string> = {}, signal?: AbortSignal): Promise<Ended> {
    const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.010" };
    return this.ask("POST /fapi/v1/order", { ...order, price: "59000", newClientOrderId: id, ...more }, signal);
  }

  cancel(id: string): Promise<Ended> {
    return this.ask("DELETE /fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: id });
  }

  /** Places and hears nothing: ends the wait as soon as `settled` says that the exchange did what it will do. */
  async placeUnheard(id: string, settled: () => boolean): Promise<Ended> {
    const giveUp = new AbortController();
    const asked = this.place(id, {}, giveUp.signal);
    await until(settled);
    giveUp.abort();
    return asked;
  }

  /** Whether the exchange holds an order of that id open. */
  isOpen(id: string): boolean {
    return this.emulator.world.exchange.desk.ledger.openOrder("demo@binance-usdm", id) !== undefined;
  }

  fired(id: string): number {
    return this.gate.desk.view(id)?.fired ?? 0;
  }

  async user(): Promise<Frames> {
    const key = await this.ask("POST /fapi/v1/listenKey");
    if ("failed" in key) throw new Error(`no listen key: ${key.failed}`);
    const { listenKey } = JSON.parse(key.body) as { listenKey: string };
    return this.open(`/private/ws?listenKey=${listenKey}`);
  }

  async open(path: string): Promise<Frames> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}`);
    this.sockets.push(socket);
    const heard: Record<string, unknown>[] = [];
    socket.on("message", (data: Buffer) => {
      this.heard += 1;
      heard.push(JSON.parse(data.toString()) as Record<string, unknown>);
    });
    socket.on("error", () => undefined);
    await once(socket, "open");
    const next: Frames["next"] = async (accepts, after = 0) => {
      for (;;) {
        const found = heard.slice(after).find(accepts);
        if (found !== undefined) return found;
        await once(socket, "message");
      }
    };
    return { socket, heard, next };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await this.emulator.close();
  }
}

/** A fault as the control API takes it; what is not said is as its row says. */
export interface InjectedFault {
  readonly name: string;
  readonly parameters?: Record<string, number | string | boolean | readonly number[] | null>;
  readonly filter?: Record<string, string>;
  readonly after?: number;
  readonly times?: number;
  readonly probability?: number;
}

function injected(fault: InjectedFault): Parameters<FaultGate["inject"]>[0] {
  const names = { protocols: ["binance-usdm", "binance-spot"], accounts: ["demo"], instruments: [SYMBOL, "BTC/USDT"] };
  const read = readFault(fault, names);
  if (!read.ok) throw new Error(`${read.error.field}: expected ${read.error.expected}`);
  return read.value;
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve));
}

export async function overWire(use: (wire: FaultWire) => Promise<void>, options: EmulatorOptions = {}): Promise<void> {
  const emulator = await startEmulator({
    protocols: ["binance-usdm"],
    ports: FREE_PORTS,
    controlPort: null,
    market: { kind: "hand" },
    clock: { mode: "manual", startMs: START_MS },
    ...options,
  });
  const wire = new FaultWire(emulator);
  try {
    await use(wire);
  } finally {
    await wire.close();
  }
}
