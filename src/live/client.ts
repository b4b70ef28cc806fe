// One connection: its opening, its outbox, its writes and its limits. It can fail in any way without another client
// noticing; whoever ends it says why.

import type { Clock } from "../base/clock.ts";
import { Allowance } from "./allowance.ts";
import type { Instrument } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import type { Update } from "./update.ts";

/** The socket as a client needs it. */
export interface Wire {
  readonly address: string;
  /** Bytes accepted but not yet taken by the machine. */
  readonly unsentBytes: number;
  send(text: string, done: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  destroy(): void;
}

export interface ClientLimits {
  readonly bufferMessages: number;
  readonly inboundPerSecond: number;
  readonly pingMs: number;
  readonly pongMs: number;
  readonly writeMs: number;
}

/** Why a client was ended by us. */
export type EndReason = "slow" | "write" | "silent" | "rate" | "messages" | "fault" | "login" | "going";

/** Above this the next message waits; above `UNSENT_MAX` the client is too slow. */
const UNSENT_PAUSE = 256 * 1024;
const UNSENT_MAX = 768 * 1024;
/** A closed socket gets this long for its last words. */
const LAST_WORDS_MS = 2000;

export interface ClientOptions {
  readonly id: number;
  readonly wire: Wire;
  readonly limits: ClientLimits;
  /** Monotonic. */
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly onEnd: (reason: EndReason, cause: string) => void;
  readonly onSent: (type: string) => void;
}

export abstract class Client {
  readonly id: number;
  readonly wire: Wire;
  /** The picture's version this client was told; per topic when it asked again. */
  protected sinceVersion = 0;
  protected readonly options: ClientOptions;
  private readonly outbox: Outbox;
  private readonly inbound: Allowance;
  private opening: readonly Update[] = [];
  private opened = 0;
  private inFlight = 0;
  private progressMs: number;
  private heardMs: number;
  private pingedMs: number;
  private ended = false;
  private cancelLastWords = (): void => {};

  constructor(options: ClientOptions) {
    this.id = options.id;
    this.wire = options.wire;
    this.options = options;
    const nowMs = options.clock.monotonicMs();
    this.outbox = new Outbox(options.limits.bufferMessages);
    const perSecond = options.limits.inboundPerSecond;
    this.inbound = new Allowance({ perSecond, burst: perSecond * 2, nowMs });
    this.progressMs = nowMs;
    this.heardMs = nowMs;
    this.pingedMs = nowMs;
  }

  /** The text of this update for this client; null when it is not for it. */
  protected abstract textOf(update: Update): string | null;
  protected abstract wants(update: Update): boolean;
  protected abstract typeOf(update: Update): string;

  get isEnded(): boolean {
    return this.ended;
  }

  /** Messages that wait for it. */
  get waiting(): number {
    return this.opening.length - this.opened + this.outbox.size;
  }

  /** What it is told first; it does not count against the buffer, since the picture bounds it. */
  open(updates: readonly Update[], version: number): void {
    this.opening = updates;
    this.opened = 0;
    this.sinceVersion = version;
    this.pump();
  }

  /** One change of the picture. What this client was told with its opening is not told again. */
  offer(update: Update): void {
    if (this.ended || update.version <= this.sinceOf(update) || !this.wants(update)) return;
    this.queue(update);
  }

  /** A message for this client alone. */
  queue(update: Update): void {
    if (this.ended) return;
    if (!this.outbox.push(update)) {
      this.end({ code: 1013, reason: "slow", why: "slow", cause: `${this.outbox.size} messages wait` });
      return;
    }
    this.pump();
  }

  protected sinceOf(_update: Update): number {
    return this.sinceVersion;
  }

  /** Anything heard keeps it alive. */
  heard(): void {
    this.heardMs = this.options.clock.monotonicMs();
  }

  /** Counts one message of the client; false when it sent too many and was ended. */
  mayTell(): boolean {
    this.heard();
    if (this.ended) return false;
    if (this.inbound.take(this.options.clock.monotonicMs())) return true;
    this.end({ code: 1008, reason: "rate", why: "rate", cause: "more messages than allowed" });
    return false;
  }

  /** Looks after the connection: pings, silence, and writes that do not end. Called about once a second. */
  tend(): void {
    if (this.ended) return;
    const { pingMs, pongMs, writeMs } = this.options.limits;
    const nowMs = this.options.clock.monotonicMs();
    if (this.inFlight > 0 && nowMs - this.progressMs >= writeMs) {
      this.end({ code: 1013, reason: "slow", why: "write", cause: `a write took more than ${writeMs} ms` });
    } else if (nowMs - this.heardMs >= pongMs) {
      this.end({ code: 1008, reason: "silent", why: "silent", cause: `nothing heard for ${pongMs} ms` });
    } else if (nowMs - this.pingedMs >= pingMs) {
      this.pingedMs = nowMs;
      this.wire.ping();
    }
  }

  end(options: {
    readonly code: number;
    readonly reason: string;
    readonly why: EndReason;
    readonly cause: string;
  }): void {
    if (this.ended) return;
    this.ended = true;
    this.outbox.clear();
    this.opening = [];
    this.opened = 0;
    const { clock, onEnd } = this.options;
    this.cancelLastWords = clock.at(clock.nowMs() + LAST_WORDS_MS, () => this.wire.destroy());
    this.wire.close(options.code, options.reason);
    onEnd(options.why, options.cause);
  }

  /** The socket is closed: nothing of this client remains. */
  gone(): void {
    this.ended = true;
    this.outbox.clear();
    this.opening = [];
    this.cancelLastWords();
  }

  private pump(): void {
    // ends with what waits, or when the socket has enough
    while (!this.ended && this.wire.unsentBytes < UNSENT_PAUSE) {
      const isOpening = this.opened < this.opening.length;
      const update = isOpening ? this.opening[this.opened++] : this.outbox.shift();
      if (update === undefined) break;
      if (!isOpening && this.opening.length > 0) this.opening = [];
      const text = this.textOf(update);
      if (text !== null) this.write(text, this.typeOf(update));
      if (!isOpening && this.wire.unsentBytes > UNSENT_MAX) {
        const cause = `${this.wire.unsentBytes} bytes unsent`;
        this.end({ code: 1013, reason: "slow", why: "slow", cause });
      }
    }
  }

  private write(text: string, type: string): void {
    if (this.inFlight === 0) this.progressMs = this.options.clock.monotonicMs();
    this.inFlight += 1;
    this.wire.send(text, () => {
      this.inFlight -= 1;
      this.progressMs = this.options.clock.monotonicMs();
      this.pump();
    });
    this.options.onSent(type);
  }
}

/** A connection as it always was: one instrument, six messages. */
export class ClassicClient extends Client {
  private readonly encode: (update: Update, name: string) => string | null;
  private readonly interval: string;
  private instrument: Instrument | null = null;
  readonly wish: { readonly name: string; readonly exchange: string };

  constructor(
    options: ClientOptions & {
      readonly wish: { readonly name: string; readonly exchange: string };
      readonly interval: string;
      readonly encode: (update: Update, name: string) => string | null;
    },
  ) {
    super(options);
    this.encode = options.encode;
    this.interval = options.interval;
    this.wish = options.wish;
  }

  /** Its instrument is known; from now on it is told. */
  show(instrument: Instrument, opening: readonly Update[], version: number): void {
    this.instrument = instrument;
    this.open(opening, version);
  }

  get isShown(): boolean {
    return this.instrument !== null;
  }

  protected wants(update: Update): boolean {
    const { instrument } = this;
    if (instrument === null || update.classic === null || update.audience === "console") return false;
    const { of } = update.body;
    if (of.exchange !== instrument.exchange) return false;
    if (of.interval !== undefined && of.interval !== this.interval) return false;
    return update.name === "" || update.name === instrument.name;
  }

  protected typeOf(update: Update): string {
    return update.classic?.type ?? update.body.type;
  }

  protected textOf(update: Update): string | null {
    return this.encode(update, this.instrument?.name ?? "");
  }
}
