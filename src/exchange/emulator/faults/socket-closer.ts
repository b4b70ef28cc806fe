// Which sockets a filter means, and closing them: by code, without a word, or left half-open. Dials refused for a
// while are counted here too. It knows a socket's kind by its address and by what it was seen to carry.

import type { SocketView } from "../gates.ts";
import { type Struck, wholeOf } from "./desk.ts";
import type { FaultFilter, SocketKind } from "./fault.ts";
import type { FaultTimers } from "./timers.ts";

/** The exchange's own word for "gone without a close frame". */
export const CUT = 1006;

export class SocketCloser {
  private readonly sockets: () => readonly SocketView[];
  private readonly leaveHalfOpen: (id: number) => void;
  private readonly carried = new Map<number, { user: boolean; account: string | null }>();
  private refused: { readonly id: string; readonly protocol: string | null; left: number }[] = [];

  constructor(sockets: () => readonly SocketView[], leaveHalfOpen: (id: number) => void) {
    this.sockets = sockets;
    this.leaveHalfOpen = leaveHalfOpen;
  }

  /** What a socket carried says whose it is. */
  saw(id: number, traits: { readonly kind: string; readonly account: string | null }): void {
    if (traits.kind !== "user" && traits.account === null) return;
    const known = this.carried.get(id);
    if (known === undefined) this.carried.set(id, { user: traits.kind === "user", account: traits.account });
    else if (traits.kind === "user") known.user = true;
  }

  closed(id: number): void {
    this.carried.delete(id);
  }

  kindOf(socket: Pick<SocketView, "id" | "path" | "query">): SocketKind {
    if (/\/ws-f?api\//.test(socket.path)) return "api";
    if (this.carried.get(socket.id)?.user === true) return "user";
    return /\/private\b/.test(socket.path) || /(?:^|&)listenKey=/.test(socket.query) ? "user" : "public";
  }

  meant(filter: FaultFilter): readonly SocketView[] {
    return this.sockets().filter(
      (socket) =>
        (filter.protocol === undefined || filter.protocol === socket.protocol.name) &&
        (filter.socket === undefined || filter.socket === this.kindOf(socket)) &&
        (filter.account === undefined || filter.account === this.carried.get(socket.id)?.account),
    );
  }

  /** Closes what the filter means with this code; 1006 cuts, 0 leaves half-open. Returns how many. */
  close(filter: FaultFilter, code: number): number {
    const sockets = this.meant(filter);
    for (const socket of sockets) {
      if (code === 0) this.leaveHalfOpen(socket.id);
      else socket.close(code, code === CUT ? "" : "closed by a fault");
    }
    return sockets.length;
  }

  storm(struck: Struck, filter: FaultFilter, timers: FaultTimers): null {
    const { id, parameters } = struck;
    const codes = Array.isArray(parameters["codes"]) ? (parameters["codes"] as readonly number[]) : [CUT];
    const left = wholeOf(struck, "refusedDials");
    if (left > 0) this.refused.push({ id, protocol: filter.protocol ?? null, left });
    for (let round = 0; round < wholeOf(struck, "count"); round += 1) {
      const code = codes[round % codes.length] ?? CUT;
      timers.after(round * wholeOf(struck, "everyMs"), id, () => this.close(filter, code));
    }
    return null;
  }

  /** Whether this dial is one of those refused. */
  refusesDial(protocol: string): boolean {
    const found = this.refused.find((each) => each.left > 0 && (each.protocol ?? protocol) === protocol);
    if (found === undefined) return false;
    found.left -= 1;
    return true;
  }

  ended(id: string): void {
    this.refused = this.refused.filter((each) => each.id !== id);
  }
}
