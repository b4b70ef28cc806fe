// What stands between a request and its protocol, and between its reply and the client: time-outs before and after
// the deed, errors, cut bodies, limits, slowness. HTTP and the exchange's WebSocket API pass the same gate. It opens
// no socket.

import type { ProtocolName, WireFailure, WireReply, WireTraits } from "../protocol.ts";
import type { EmulatorClock } from "../world.ts";
import type { FaultDesk, Struck } from "./desk.ts";
import { flagOf, wholeOf } from "./desk.ts";
import { type FaultMatter, requestMatter } from "./fault.ts";
import { Pace } from "./pace.ts";
import { FaultTimers } from "./timers.ts";
import type { RefusalWindows } from "./windows.ts";

/** One request at the gate: how it is done, and how its end of the connection is used. Of its end, one call at most. */
export interface PassingRequest {
  readonly protocol: ProtocolName;
  readonly socket: "http" | "api";
  readonly peer: string;
  readonly traits: WireTraits;
  /** Has the protocol do it; the reply may come later. */
  run(done: (reply: WireReply) => void): void;
  failure(failure: WireFailure): WireReply;
  reply(reply: WireReply): void;
  /** Sends the head and so many bytes of the body, and then ends the connection. */
  cut(reply: WireReply, atByte: number): void;
  reset(): void;
}

export interface RequestGateParts {
  readonly desk: FaultDesk;
  readonly clock: EmulatorClock;
  readonly windows: RefusalWindows;
  /** Acts that wait for requests look at each one before it is done. */
  readonly follow: (matter: FaultMatter) => void;
  /** Has an order filled whole (`duplicateIdAccepted`). */
  readonly fillWhole: (matter: FaultMatter) => void;
}

/** Looked at in this order; one request meets one of them at most. */
const FATES = [
  "timeoutNotAccepted",
  "serverErrorNotAccepted",
  "acceptLate",
  "acceptThenTimeout",
  "serverErrorAfterAccept",
  "duplicateIdAccepted",
  "cutReply",
] as const;

interface Met {
  readonly fate: (typeof FATES)[number];
  readonly struck: Struck;
  readonly matter: FaultMatter;
}

const nothing = (): void => {};

export class RequestGate {
  private readonly parts: RequestGateParts;
  private readonly timers: FaultTimers;
  private readonly pace: Pace;
  private readonly passed = new Map<string, number[]>();

  constructor(parts: RequestGateParts) {
    this.parts = parts;
    this.timers = new FaultTimers(parts.clock);
    this.pace = new Pace(parts.clock, parts.desk);
  }

  pass(request: PassingRequest): void {
    const { desk, windows } = this.parts;
    if (desk.count === 0 && !windows.any) {
      request.run((reply) => request.reply(reply));
      return;
    }
    const matter = requestMatter(request.protocol, request.traits, request.socket);
    this.parts.follow(matter);
    this.limit(request, matter);
    const { protocol, peer, traits } = request;
    const refusal = windows.refusal({ protocol, peer, kind: traits.kind });
    if (refusal !== null) {
      this.answer(request, matter, request.failure(refusal));
      return;
    }
    for (const fate of FATES) {
      const struck = this.parts.desk.strike(fate, matter);
      if (struck === null) continue;
      this.meet(request, { fate, struck, matter });
      return;
    }
    request.run((reply) => this.answer(request, matter, reply));
  }

  /** Slow replies leave at once; what is withheld stays so. */
  ended(fault: string): void {
    this.pace.ended(fault);
  }

  /** Replies still held back are never sent. */
  close(): void {
    this.timers.cancel();
    this.pace.close();
    this.passed.clear();
  }

  private meet(request: PassingRequest, met: Met): void {
    const { fate, struck, matter } = met;
    switch (fate) {
      case "timeoutNotAccepted":
        if (flagOf(struck, "reset")) request.reset();
        return;
      case "serverErrorNotAccepted":
        this.answer(request, matter, errorOf(request, struck));
        return;
      case "serverErrorAfterAccept":
        request.run(() => this.answer(request, matter, errorOf(request, struck)));
        return;
      case "acceptLate":
        this.timers.after(wholeOf(struck, "delayMs"), struck.id, () => request.run(nothing));
        return;
      case "acceptThenTimeout":
        request.run((reply) => this.withhold(request, struck, () => this.answer(request, matter, reply)));
        return;
      case "duplicateIdAccepted":
        request.run((reply) => {
          if (reply.status < 400) this.parts.fillWhole(matter);
          request.reset();
        });
        return;
      case "cutReply":
        request.run((reply) => request.cut(reply, wholeOf(struck, "atByte")));
    }
  }

  private withhold(request: PassingRequest, struck: Struck, answer: () => void): void {
    const { delayMs } = struck.parameters;
    if (flagOf(struck, "reset")) request.reset();
    else if (typeof delayMs === "number") this.timers.after(delayMs, struck.id, answer);
  }

  /** Sends a reply, as late as it has to be. */
  private answer(request: PassingRequest, matter: FaultMatter, reply: WireReply): void {
    const { desk } = this.parts;
    const order = matter.kind === "place" || matter.kind === "cancel" || matter.kind === "amend";
    // the window of user events counts for itself; here only its replies are held
    const event: FaultMatter = { ...matter, socket: "user" };
    const held = order ? desk.list().find(({ name, id }) => name === "reorderEvents" && desk.covers(id, event)) : null;
    const holdMs = held?.parameters["replyHoldMs"];
    const after = typeof holdMs === "number" ? holdMs : 0;
    this.timers.after(after, held?.id ?? "", () => {
      const slow = desk.strike("slow", matter);
      if (slow === null) request.reply(reply);
      else this.pace.send(slow, { line: request.peer, bytes: reply.body.length, send: () => request.reply(reply) });
    });
  }

  /** A rate limit begins for who asks more than its share. */
  private limit({ protocol, peer }: PassingRequest, matter: FaultMatter): void {
    const { desk, windows, clock } = this.parts;
    const ban = desk.strike("ban", matter);
    if (ban !== null) windows.begin({ id: ban.id, protocol, peer, cause: "ban", seconds: wholeOf(ban, "seconds") });
    const struck = desk.strike("rateLimit", matter, (candidate) => {
      if (windows.limits({ protocol, peer, kind: matter.kind })) return false;
      return this.counted(`${candidate.id} ${peer}`, clock.nowMs()) > wholeOf(candidate, "limit");
    });
    if (struck === null) return;
    windows.begin({ id: struck.id, protocol, peer, cause: "rate-limit", seconds: wholeOf(struck, "retryAfterS") });
  }

  /** Requests of the last minute, this one included. */
  private counted(key: string, nowMs: number): number {
    const times = this.passed.get(key) ?? [];
    this.passed.set(key, times);
    while (times.length > 0 && (times[0] ?? 0) <= nowMs - 60_000) times.shift();
    times.push(nowMs);
    return times.length;
  }
}

function errorOf(request: PassingRequest, struck: Struck): WireReply {
  const { body, status } = struck.parameters;
  const known = status === 500 || status === 502 || status === 504 ? status : 503;
  return request.failure({ cause: "internal", status: known, text: typeof body === "string" ? body : null });
}
