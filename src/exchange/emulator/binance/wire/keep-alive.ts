// Keeps an eye on one socket by the emulator's clock: pings it from time to time, closes it when pongs stay away, when
// it talks too fast, and after a day, as Binance does.

import type { WireSocket } from "../../protocol.ts";
import type { EmulatorClock } from "../../world.ts";

export interface SocketLimits {
  readonly messagesPerSecond: number;
  readonly streamsMax: number;
  readonly pingEveryMs: number;
  readonly pongWithinMs: number;
}

const LIFE_MS = 86_400_000;

export class KeepAlive {
  private readonly socket: WireSocket;
  private readonly clock: EmulatorClock;
  private readonly limits: SocketLimits;
  private readonly openedAtMs: number;
  private pongAtMs: number;
  private secondMs = 0;
  private messages = 0;
  private cancel: () => void;

  constructor(socket: WireSocket, clock: EmulatorClock, limits: SocketLimits) {
    this.socket = socket;
    this.clock = clock;
    this.limits = limits;
    this.openedAtMs = clock.nowMs();
    this.pongAtMs = this.openedAtMs;
    this.cancel = this.next();
  }

  ponged(): void {
    this.pongAtMs = this.clock.nowMs();
  }

  /** Counts a message of the client; false where it was one too many and the socket was closed. */
  heard(): boolean {
    const secondMs = Math.floor(this.clock.nowMs() / 1000) * 1000;
    if (secondMs !== this.secondMs) {
      this.secondMs = secondMs;
      this.messages = 0;
    }
    this.messages += 1;
    if (this.messages <= this.limits.messagesPerSecond) return true;
    this.socket.close(1008, "Too many requests");
    return false;
  }

  end(): void {
    this.cancel();
  }

  private next(): () => void {
    return this.clock.at(this.clock.nowMs() + this.limits.pingEveryMs, () => this.look());
  }

  private look(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.openedAtMs >= LIFE_MS) this.socket.close(1000, "connection is a day old");
    else if (nowMs - this.pongAtMs >= this.limits.pongWithinMs) this.socket.close(1008, "no pong");
    else {
      this.socket.ping();
      this.cancel = this.next();
    }
  }
}
