// Every fault at its place: the gate the server asks for requests, replies, frames, dials and pings (EMU-28). It is
// made anew with each world and closes with it.

import type { Gate, ReplyOutlet, RequestPassage, SocketOutlet, SocketPassage, SocketView } from "../gates.ts";
import type { EmulatorParts } from "../parts.ts";
import type { FrameTraits, Protocol, ProtocolName, WireReply, WireRequest } from "../protocol.ts";
import type { InnerFault, StrikeOf } from "../world.ts";
import { Acts } from "./acts.ts";
import { GateCounts } from "./counts.ts";
import { FaultDesk, type FaultView } from "./desk.ts";
import { type FaultMatter, type FaultSpec, requestMatter } from "./fault.ts";
import { FrameGate } from "./frame-gate.ts";
import type { FaultHands } from "./hands.ts";
import { RequestGate } from "./request-gate.ts";
import { SocketCloser } from "./socket-closer.ts";
import { ON_ITS_WAY_MS, RefusalWindows } from "./windows.ts";

export class FaultGate implements Gate {
  readonly desk: FaultDesk;
  readonly sockets: SocketCloser;
  private readonly parts: EmulatorParts;
  private readonly requests: RequestGate;
  private readonly frames: FrameGate;
  private readonly acts: Acts;
  private readonly windows: RefusalWindows;
  private readonly endings: (() => void)[] = [];
  /** What passed, for the metrics and for who waits. */
  readonly counts = new GateCounts();
  private serving: ProtocolName | null = null;

  constructor(parts: EmulatorParts, hands: FaultHands) {
    this.parts = parts;
    const clock = parts.time;
    const nowMs = (): number => clock.nowMs();
    const { record } = parts;
    this.desk = new FaultDesk({
      seed: parts.seed,
      nowMs,
      fired: ({ fault, id, touched }) => {
        this.counts.fault(fault);
        record.add({ kind: "fault", fault, id, touched });
      },
    });
    const { desk } = this;
    this.windows = new RefusalWindows(nowMs, () => (clock.mode === "manual" ? 0 : ON_ITS_WAY_MS));
    this.frames = new FrameGate(desk, clock);
    this.sockets = new SocketCloser(
      () => parts.sockets(),
      (id) => this.frames.leaveHalfOpen(id),
    );
    const { windows, sockets } = this;
    const protocols = (): readonly Protocol[] => [...parts.protocols.values()];
    this.acts = new Acts({ desk, clock, windows, hands, sockets, protocols });
    this.requests = new RequestGate({
      desk,
      clock,
      windows,
      follow: (matter) => this.acts.follow(matter),
      fillWhole: ({ account, symbol, clientOrderId }) => {
        if (account !== null && symbol !== null && clientOrderId !== null)
          hands.fillWhole(account, symbol, clientOrderId);
      },
    });
    this.endings.push(
      desk.onRemoved((id) => this.ended(id)),
      record.watch((entry) => {
        if (entry.kind === "open") this.frames.opened(entry.socket);
        if (entry.kind !== "closed") return;
        this.frames.closed(entry.socket);
        sockets.closed(entry.socket);
      }),
    );
  }

  /** Puts a fault in force; a deed whose time has come is done before this returns. */
  inject(spec: FaultSpec): FaultView {
    this.parts.record.add({ kind: "control", operation: "faults", given: spec });
    const id = this.desk.add(spec);
    this.acts.injected(id);
    const view = this.desk.view(id);
    if (view === null) throw new RangeError(`fault ${id} is gone`);
    return view;
  }

  request(passage: RequestPassage, handle: (done: (reply: WireReply) => void) => void, out: ReplyOutlet): void {
    const { protocol, traits, request } = passage;
    this.counts.request(protocol.name, traits.route);
    this.requests.pass({
      protocol: protocol.name,
      socket: "http",
      peer: request.peer,
      traits,
      run: (done) => this.while(protocol.name, () => handle(done)),
      failure: (failure) => protocol.failure(failure),
      reply: (reply) => out.reply(reply),
      cut: (reply, atByte) => out.cut(reply, atByte),
      reset: () => out.reset(),
    });
  }

  socketRequest(passage: SocketPassage, handle: () => readonly string[], out: SocketOutlet): void {
    const { protocol, traits, socket } = passage;
    this.counts.request(protocol.name, traits.route);
    this.requests.pass({
      protocol: protocol.name,
      socket: "api",
      peer: socket.peer,
      traits,
      run: (done) =>
        this.while(protocol.name, () => {
          const [first = "", ...rest] = handle();
          done({ status: 200, body: first });
          for (const each of rest) done({ status: 200, body: each });
        }),
      failure: (failure) => {
        const reply = protocol.failure(failure);
        return { ...reply, body: passage.failure(failure) ?? reply.body };
      },
      reply: ({ body }) => out.reply(body),
      cut: ({ body }, atByte) => out.reply(Buffer.from(body).subarray(0, atByte).toString()),
      reset: () => out.reset(),
    });
  }

  frame(
    socket: SocketView,
    frame: { readonly text: string; readonly traits: FrameTraits },
    send: (text: string) => void,
  ): void {
    this.counts.frame(socket.protocol.name, frame.traits.kind);
    this.sockets.saw(socket.id, frame.traits);
    this.frames.frame({ id: socket.id, protocol: socket.protocol.name, write: send }, frame.text, frame.traits);
  }

  dial(protocol: Protocol, request: WireRequest): WireReply | "reset" | null {
    if (this.sockets.refusesDial(protocol.name)) return "reset";
    const refusal = this.windows.refusal({ protocol: protocol.name, peer: request.peer, kind: null });
    return refusal === null ? null : protocol.failure(refusal);
  }

  answersPing(socket: SocketView): boolean {
    return this.frames.pongs(socket.id);
  }

  hears(socket: SocketView): boolean {
    return !this.frames.deaf(socket.id);
  }

  readonly strike: StrikeOf = (fault: InnerFault, traits) => {
    if (this.desk.count === 0) return null;
    const protocol = this.serving ?? this.lister(traits?.symbol ?? null);
    const matter: FaultMatter = requestMatter(protocol, traits, null);
    const struck = this.desk.strike(fault, matter);
    if (struck === null) return null;
    const numbers: Record<string, number> = {};
    for (const [name, value] of Object.entries(struck.parameters)) {
      if (typeof value === "number") numbers[name] = value;
      else if (typeof value === "boolean") numbers[name] = value ? 1 : 0;
    }
    return numbers;
  };

  close(): void {
    for (const end of this.endings.splice(0)) end();
    this.acts.close();
    this.requests.close();
    this.frames.close();
  }

  private ended(id: string): void {
    this.parts.record.add({ kind: "control", operation: "faults/remove", given: { id } });
    this.acts.ended(id);
    this.windows.end(id);
    this.frames.ended(id);
    this.requests.ended(id);
    this.sockets.ended(id);
  }

  /** What a protocol asks while it serves, it asks for itself. */
  private while(protocol: ProtocolName, act: () => void): void {
    const before = this.serving;
    this.serving = protocol;
    try {
      act();
    } finally {
      this.serving = before;
    }
  }

  /** Which protocol lists a symbol; null: none, or nobody asked about one. */
  private lister(symbol: string | null): ProtocolName | null {
    if (symbol === null) return null;
    for (const name of this.parts.protocols.keys()) {
      if (this.parts.world.instruments(name).some(({ instrument }) => instrument.symbol === symbol)) return name;
    }
    return null;
  }
}
