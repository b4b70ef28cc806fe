// A TCP proxy that does to a connection what networks do: cut it, refuse it, stall either direction, delay it. Bytes
// keep their order and none is made up; what a stall holds back arrives late, unless the connection is cut first.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** `up`: from the caller to the server. */
export type Direction = "up" | "down";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class FaultyWire {
  private readonly server: Server;
  private readonly pairs = new Set<Pair>();
  private readonly stalled = new Set<Direction>();
  private readonly delays = new Map<Direction, number>();
  private refusing = false;

  private constructor(target: string) {
    this.server = createServer((near) => this.join(near, target));
  }

  /** `target`: path of the unix socket that is served. */
  static async start(target: string): Promise<FaultyWire> {
    const proxy = new FaultyWire(target);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Every connection breaks; what was held back is lost. New ones are let in. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Every connection breaks, and new ones do until `heal`. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  stall(directions: readonly Direction[]): void {
    for (const direction of directions) this.stalled.add(direction);
    for (const pair of this.pairs) this.apply(pair);
  }

  /** Everything in this direction takes that much longer, ms. */
  delay(direction: Direction, ms: number): void {
    this.delays.set(direction, ms);
  }

  /** All is well again; what a stall held back arrives now. */
  heal(): void {
    this.refusing = false;
    this.stalled.clear();
    this.delays.clear();
    for (const pair of this.pairs) this.apply(pair);
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private join(near: Socket, target: string): void {
    if (this.refusing) {
      near.destroy();
      return;
    }
    const far = connect(target);
    const pair: Pair = { near, far };
    this.pairs.add(pair);
    this.pump(near, far, "up");
    this.pump(far, near, "down");
    for (const end of [near, far]) {
      end.on("error", () => undefined);
      end.on("close", () => {
        this.pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    this.apply(pair);
  }

  private pump(from: Socket, to: Socket, direction: Direction): void {
    const waiting: { readonly dueMs: number; readonly chunk: string | Buffer }[] = [];
    const flush = (): void => {
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        const leftMs = first.dueMs - performance.now();
        if (leftMs > 0) {
          setTimeout(flush, leftMs);
          return;
        }
        waiting.shift();
        if (to.writable) to.write(first.chunk);
      }
    };
    from.on("data", (chunk) => {
      waiting.push({ dueMs: performance.now() + (this.delays.get(direction) ?? 0), chunk });
      if (waiting.length === 1) flush();
    });
  }

  private apply({ near, far }: Pair): void {
    for (const [socket, direction] of [[near, "up"] as const, [far, "down"] as const]) {
      if (this.stalled.has(direction)) socket.pause();
      else socket.resume();
    }
  }
}
