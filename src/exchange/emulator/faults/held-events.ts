// User events that wait for their successors, to be sent in reverse (`reorderEvents`): a window for each socket,
// closed when it is full, when it waited long enough, or when the fault is taken back.

import { type FaultDesk, type Struck, wholeOf } from "./desk.ts";
import type { FaultMatter } from "./fault.ts";
import type { FaultTimers } from "./timers.ts";

interface Window {
  readonly fault: string;
  readonly size: number;
  readonly sends: (() => void)[];
}

export class HeldEvents {
  private readonly timers: FaultTimers;
  private readonly windows = new Map<number, Window>();

  constructor(timers: FaultTimers) {
    this.timers = timers;
  }

  begin(socket: number, struck: Struck, send: () => void): void {
    const window: Window = { fault: struck.id, size: wholeOf(struck, "window"), sends: [send] };
    this.windows.set(socket, window);
    this.timers.after(wholeOf(struck, "holdMs"), struck.id, () => {
      if (this.windows.get(socket) === window) this.flush(socket);
    });
  }

  /** Whether a window of that socket is open for it. */
  joins(socket: number, matter: FaultMatter, desk: FaultDesk): boolean {
    const window = this.windows.get(socket);
    return window !== undefined && desk.means(window.fault, matter);
  }

  add(socket: number, send: () => void): void {
    const window = this.windows.get(socket);
    if (window === undefined) return;
    window.sends.push(send);
    if (window.sends.length >= window.size) this.flush(socket);
  }

  release(fault: string): void {
    for (const [socket, window] of this.windows) if (window.fault === fault) this.flush(socket);
  }

  forget(socket: number): void {
    this.windows.delete(socket);
  }

  clear(): void {
    this.windows.clear();
  }

  private flush(socket: number): void {
    const window = this.windows.get(socket);
    this.windows.delete(socket);
    for (const send of window?.sends.reverse() ?? []) send();
  }
}
