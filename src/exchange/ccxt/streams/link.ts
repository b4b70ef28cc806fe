// One supervised socket (EXCH-42, EXCH-43): dialled at its turn, dialled again with growing waits, replaced before
// its known end by a new one that first has to prove itself. It knows no exchange; what frames mean is its owner's
// business.

import type { Clock } from "../../../base/clock.ts";
import { fail, type Result } from "../../../base/result.ts";
import type { Log } from "../../../observe/log.ts";
import { redialWaitMs } from "../../../rpc/backoff.ts";
import type { CallWish } from "../call.ts";
import type { CcxtInstance, SocketNews } from "../ccxt-instance.ts";
import type { Raw } from "../raw.ts";
import { sayOn, terminate } from "./ccxt-socket.ts";
import type { DialGate } from "./dial-gate.ts";
import type { DialPlan } from "./stream-table.ts";
import type { StreamTimes } from "./times.ts";

export interface LinkOptions {
  /** Word for people: `public`, `own events`. */
  readonly name: string;
  readonly instance: CcxtInstance;
  readonly gate: DialGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: StreamTimes;
  plan(generation: number): Promise<Result<DialPlan, string>>;
  /** Whether an open socket is proof enough, or a frame has to be `proven`. */
  readonly proof: "open" | "ready";
  heard(frame: unknown): void;
  /** Frames ccxt deals with itself. */
  passes(frame: unknown): boolean;
  readonly socketsEnd: boolean;
  /** It works; `planned`: it took over from one that worked until now, so nothing was missed. */
  up(planned: boolean): void;
  down(text: string): void;
}

interface Socket {
  readonly url: string;
  /** What is said as soon as it is open. */
  readonly messages: readonly Raw[];
  open: boolean;
  proven: boolean;
  upAtMs: number;
  cancelProof: () => void;
}

/** A watch lives as long as its socket. */
const FOR_EVER: CallWish = {
  priority: 1,
  waitUntilMs: Number.POSITIVE_INFINITY,
  deadlineMs: Number.POSITIVE_INFINITY,
  expiresAtMs: null,
};

export class Link {
  private readonly options: LinkOptions;
  private readonly stopListening: () => void;
  private readonly ending = new Set<Promise<unknown>>();
  private current: Socket | null = null;
  private next: Socket | null = null;
  private generation = 0;
  private failures = 0;
  private dialling = false;
  private steadySinceMs: number | null = null;
  private cancelTimer: () => void = () => undefined;
  private closed = false;

  constructor(options: LinkOptions) {
    this.options = options;
    this.stopListening = options.instance.onSocket((news) => this.news(news));
  }

  get isUp(): boolean {
    return this.current?.proven === true;
  }

  /** Redials since a socket last stood long enough. */
  get tries(): number {
    return this.failures;
  }

  open(): void {
    void this.dial("current");
  }

  /** Says something on the socket that works; without one it is not said. */
  say(messages: readonly Raw[]): void {
    if (this.current?.proven === true) this.sayAll(this.current, messages);
  }

  /** Says what follows a login, on the socket that is logging in. */
  goOn(messages: readonly Raw[]): void {
    const socket = this.next ?? this.current;
    if (socket?.open === true && !socket.proven) this.sayAll(socket, messages);
  }

  /** A frame said that the login is done. */
  prove(): void {
    const socket = this.next ?? this.current;
    if (socket?.open === true && !socket.proven) this.proven(socket);
  }

  /** Gives the socket up because of `text`; the next one comes after its wait, or at once where `now` is set. */
  drop(text: string, now = false): void {
    const socket = this.current;
    if (socket === null) return;
    // one that works for a moment only must wait all the same
    const young = this.failures > 1;
    this.gone(socket.url, text, now && !young);
  }

  /** A new socket takes over as soon as it works. */
  replace(): void {
    if (this.current?.proven === true && this.next === null && !this.dialling) void this.dial("next");
  }

  /** Resolves when both sockets are gone. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopListening();
    this.cancelTimer();
    for (const socket of [this.current, this.next]) if (socket !== null) this.end(socket);
    this.current = null;
    this.next = null;
    await Promise.all(this.ending);
  }

  private async dial(role: "current" | "next"): Promise<void> {
    // a dial under way serves whoever is missing when it is done
    if (this.closed || this.dialling || (role === "current" && this.current !== null)) return;
    this.dialling = true;
    const { options } = this;
    const failure = await this.dialled();
    this.dialling = false;
    if (failure === null || this.closed) return;
    options.log.warn("socket not dialled", { socket: options.name, why: failure });
    // what was to be replaced may be gone by now: then this was its redial
    if (this.current === null) this.again(failure);
    else this.later(this.waitMs(), () => this.replace());
  }

  /** Null: it was dialled, or nobody wants it any more. */
  private async dialled(): Promise<string | null> {
    const { gate, instance } = this.options;
    this.generation += 1;
    const plan = await this.options
      .plan(this.generation)
      .catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
    if (this.closed) return null;
    if (!plan.ok) return plan.error;
    if (!(await gate.pass()) || this.closed) return null;
    const { url, messages } = plan.value;
    const socket: Socket = { url, messages, open: false, proven: false, upAtMs: 0, cancelProof: () => undefined };
    this[this.current === null ? "current" : "next"] = socket;
    const hash = `opensqt:${this.options.name}:${this.generation}`;
    // ccxt would say the message itself, and end the process where the socket closes in that moment: its promise of
    // having said it is nobody's
    const call = { method: "watch", args: [url, hash, null, hash, {}] };
    this.track(
      instance.call(call, FOR_EVER).then((reply) => {
        if (!reply.ok) this.gone(url, reply.text);
      }),
    );
    return null;
  }

  private news(news: SocketNews): boolean {
    const socket = [this.current, this.next].find((each) => each?.url === news.url);
    if (socket === null || socket === undefined) return false;
    switch (news.kind) {
      case "opened":
        socket.open = true;
        this.sayAll(socket, socket.messages);
        if (this.options.proof === "open") this.proven(socket);
        else socket.cancelProof = this.at(this.options.times.firstFrameMs, () => this.gone(news.url, "no login"));
        return false;
      case "frame":
        if (this.options.passes(news.message)) return false;
        this.options.heard(news.message);
        return true;
      case "closed":
        this.gone(news.url, news.text);
        return false;
    }
  }

  private proven(socket: Socket): void {
    const { clock, times } = this.options;
    socket.proven = true;
    socket.cancelProof();
    socket.upAtMs = clock.nowMs();
    const planned = socket === this.next;
    if (planned) {
      const old = this.current;
      this.current = socket;
      this.next = null;
      if (old !== null) this.end(old);
    } else {
      this.steadySinceMs = socket.upAtMs;
    }
    if (this.options.socketsEnd) this.later(times.socketLifeMs, () => this.replace());
    this.options.up(planned);
  }

  private gone(url: string, why: string, now = false): void {
    const text = why.replaceAll(url, "it").replace(/listenKey=\w+/g, "listenKey=…");
    if (this.next?.url === url) {
      this.end(this.next);
      this.next = null;
      this.failures += 1;
      this.later(this.waitMs(), () => this.replace());
      return;
    }
    const socket = this.current;
    if (socket?.url !== url) return;
    this.current = null;
    this.end(socket);
    if (this.closed) return;
    this.options.down(text);
    // the one that was to take over is dialled already; what was missed in between is not known
    this.current = this.next;
    this.next = null;
    if (this.current === null) this.again(text, now);
  }

  private again(text: string, now = false): void {
    const { clock, times, log, name } = this.options;
    const steady = this.steadySinceMs !== null && clock.nowMs() - this.steadySinceMs >= times.steadyMs;
    this.steadySinceMs = null;
    this.failures = steady ? 1 : this.failures + 1;
    const waitMs = now ? 0 : this.waitMs();
    log.warn("socket lost", { socket: name, why: text, redialMs: Math.round(waitMs), tries: this.failures });
    this.later(waitMs, () => void this.dial("current"));
  }

  private waitMs(): number {
    return redialWaitMs(Math.max(1, this.failures), this.options.times.redialWaitsMs);
  }

  private sayAll({ url }: Socket, messages: readonly Raw[]): void {
    for (const message of messages) this.track(sayOn(this.options.instance, url, message));
  }

  private end(socket: Socket): void {
    socket.cancelProof();
    this.track(terminate(this.options.instance, socket.url));
  }

  /** One timer at a time: the next dial, or the next replacement. */
  private later(waitMs: number, work: () => void): void {
    this.cancelTimer();
    this.cancelTimer = this.at(waitMs, work);
  }

  private at(waitMs: number, work: () => void): () => void {
    const { clock } = this.options;
    return clock.at(clock.nowMs() + waitMs, () => {
      if (!this.closed) work();
    });
  }

  private track(work: Promise<unknown>): void {
    const { ending } = this;
    ending.add(work);
    const forget = (): boolean => ending.delete(work);
    work.then(forget, forget);
  }
}
