// What stands between a protocol and what its sockets send: events dropped, doubled, late, out of order; book frames
// left out; sockets that are open and say nothing. It writes through the sockets it is given and keeps none that is
// closed.

import type { FrameTraits, ProtocolName } from "../protocol.ts";
import type { EmulatorClock } from "../world.ts";
import { type FaultDesk, flagOf, type Struck, wholeOf } from "./desk.ts";
import { type FaultMatter, frameMatter } from "./fault.ts";
import { HeldEvents } from "./held-events.ts";
import { Pace } from "./pace.ts";
import { FaultTimers } from "./timers.ts";

/** A socket as the gate sees it. Ids grow. */
export interface GatedSocket {
  readonly id: number;
  readonly protocol: ProtocolName;
  /** Sends the frame, if the socket is still open. */
  write(text: string): void;
}

interface Stall {
  readonly upTo: number;
  readonly answersPing: boolean;
  readonly streams: string;
  readonly sockets: Set<number>;
}

export class FrameGate {
  private readonly desk: FaultDesk;
  private readonly timers: FaultTimers;
  private readonly pace: Pace;
  private readonly held: HeldEvents;
  private readonly stalls = new Map<string, Stall>();
  private readonly halfOpen = new Set<number>();
  /** Book frames still to be left out, by socket and symbol. */
  private readonly skipping = new Map<string, number>();
  private newest = 0;

  constructor(desk: FaultDesk, clock: EmulatorClock) {
    this.desk = desk;
    this.timers = new FaultTimers(clock);
    this.pace = new Pace(clock, desk);
    this.held = new HeldEvents(this.timers);
  }

  opened(id: number): void {
    this.newest = Math.max(this.newest, id);
  }

  closed(id: number): void {
    this.halfOpen.delete(id);
    this.held.forget(id);
    this.pace.forget(String(id));
    for (const stall of this.stalls.values()) stall.sockets.delete(id);
    for (const key of this.skipping.keys()) if (key.startsWith(`${id} `)) this.skipping.delete(key);
  }

  /** One frame on its way out. */
  frame(socket: GatedSocket, text: string, traits: FrameTraits): void {
    if (this.desk.count === 0 && this.halfOpen.size === 0 && !this.pace.behind(String(socket.id))) {
      socket.write(text);
      return;
    }
    const matter = frameMatter(socket.protocol, traits);
    if (this.isSilent(socket.id, matter) || this.isGap(socket.id, matter)) return;
    if (traits.kind !== "user" && traits.kind !== "public") this.leave(socket, text, matter);
    else if (this.desk.strike("dropEvent", matter) === null) this.event(socket, text, matter);
  }

  /** Half-open: what the client sends is heard by nobody. */
  deaf(id: number): boolean {
    return this.halfOpen.has(id);
  }

  /** Whether a ping is answered, and sent. */
  pongs(id: number): boolean {
    if (this.halfOpen.has(id)) return false;
    for (const [fault, stall] of this.stalls) {
      if (!stall.answersPing && stall.sockets.has(id) && this.desk.lasts(fault)) return false;
    }
    return true;
  }

  leaveHalfOpen(id: number): void {
    this.halfOpen.add(id);
  }

  /** Ends what a fault began: what it held back is sent. */
  ended(fault: string): void {
    this.stalls.delete(fault);
    this.held.release(fault);
    this.pace.ended(fault);
  }

  close(): void {
    this.timers.cancel();
    this.pace.close();
    this.held.clear();
    this.stalls.clear();
    this.halfOpen.clear();
    this.skipping.clear();
  }

  private event(socket: GatedSocket, text: string, matter: FaultMatter): void {
    const { desk } = this;
    const late = desk.strike("lateEvent", matter);
    if (late !== null) {
      this.timers.after(wholeOf(late, "delayMs"), late.id, () => this.leave(socket, text, matter));
      return;
    }
    const send = (): void => this.leave(socket, text, matter);
    if (this.held.joins(socket.id, matter, desk)) {
      this.held.add(socket.id, send);
      return;
    }
    const swapped = desk.strike("reorderEvents", matter);
    if (swapped !== null) {
      this.held.begin(socket.id, swapped, send);
      return;
    }
    send();
    const again = desk.strike("duplicateEvent", matter);
    for (let copy = 1; again !== null && copy <= wholeOf(again, "copies"); copy += 1) {
      this.timers.after(copy * wholeOf(again, "gapMs"), again.id, send);
    }
  }

  /** The last step: as late as the line is slow, and never before what left earlier. */
  private leave(socket: GatedSocket, text: string, matter: FaultMatter): void {
    const parcel = { line: String(socket.id), bytes: text.length, send: () => socket.write(text) };
    const slow = this.desk.strike("slow", matter);
    if (slow !== null) this.pace.send(slow, parcel);
    else this.pace.follow(parcel);
  }

  private isSilent(id: number, matter: FaultMatter): boolean {
    if (this.halfOpen.has(id)) return true;
    for (const [fault, stall] of this.stalls) {
      if (!this.desk.lasts(fault)) this.stalls.delete(fault);
      else if (stall.sockets.has(id)) return true;
      else if (id <= stall.upTo && meantBy(stall.streams, matter) && this.desk.means(fault, matter)) {
        stall.sockets.add(id);
        return true;
      }
    }
    const struck = this.desk.strike("silentStall", matter, ({ parameters }) => meantBy(parameters["streams"], matter));
    if (struck !== null) this.stall(id, struck);
    return struck !== null;
  }

  private stall(id: number, struck: Struck): void {
    const streams = struck.parameters["streams"] === "user" ? "user" : String(struck.parameters["streams"]);
    this.stalls.set(struck.id, {
      upTo: this.newest,
      answersPing: flagOf(struck, "answersPing"),
      streams,
      sockets: new Set([id]),
    });
  }

  private isGap(id: number, matter: FaultMatter): boolean {
    if (matter.socket !== "public" || !/depth/i.test(matter.event ?? "")) return false;
    const key = `${id} ${matter.symbol}`;
    const left = this.skipping.get(key) ?? 0;
    if (left > 0) {
      if (left === 1) this.skipping.delete(key);
      else this.skipping.set(key, left - 1);
      return true;
    }
    const struck = this.desk.strike("sequenceGap", matter);
    if (struck === null) return false;
    const more = wholeOf(struck, "skip") - 1;
    if (more > 0) this.skipping.set(key, more);
    return true;
  }
}

const meantBy = (streams: unknown, { socket }: FaultMatter): boolean => streams === "all" || streams === socket;
