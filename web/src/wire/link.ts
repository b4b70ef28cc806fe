// The WebSocket to live-server: opens it, hands its messages on, comes back by itself (UI-10) and never gives up. It
// only reads; what changes a bot goes through the door (door/door.ts).

import {
  type BotConfig,
  type Candles,
  CONSOLE_PROTOCOL,
  type ConsoleMessage,
  type ConsoleRequest,
  type Preview,
  type StateAt,
  type WhatIfJob,
} from "../../../src/live/messages.ts";
import { withCandles } from "../picture/apply.ts";
import { candleKey, type Link, withExplained } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { partsOf } from "./parts.ts";
import { waitMs } from "./waits.ts";

const PROBE_MS = 15_000;
const LOOK_MS = 1000;
/** The server speaks every second: a connection that is silent for so long is dead (as API-17 has it). */
const SILENT_MS = 15_000;
/** A try that is not answered by then is given up for the next one: a network may swallow it without a word. */
const CONNECT_MS = 10_000;
const ASK_MS = 5000;
/** The wall clock went on by so much more than the page's own: the machine slept, and its connection died in its sleep. */
const SLEPT_MS = 5000;
const SLOW = 1013;

interface CandleQuestion {
  readonly key: string;
  readonly limit: number;
  readonly done: (answer: Candles) => void;
}

/** Questions with one answer, which go to whoever asked and not into the picture. */
interface Answers {
  readonly config: BotConfig;
  readonly preview: Preview;
  readonly state: StateAt;
  readonly what_if: WhatIfJob;
}

type Waiting = { readonly [T in keyof Answers]: Map<string, (answer: Answers[T]) => void> };

const address = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const setLink = (change: Partial<Link>): void => store.change((old) => ({ ...old, link: { ...old.link, ...change } }));

class LiveLink {
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #seq = 0;
  #heardAt = 0;
  #askedAt = 0;
  /** The wall clock less the page's own. */
  #wallAhead = Date.now() - performance.now();
  #slow = false;
  #requests = 0;
  #wanted: ConsoleRequest[] = [];
  readonly #candles = new Map<string, CandleQuestion>();
  readonly #explains = new Map<string, string>();
  readonly #asked: Waiting = { config: new Map(), preview: new Map(), state: new Map(), what_if: new Map() };

  /** Connects, and from then on keeps the connection. */
  start(): void {
    // whatever stood before the network went stands no more, though the browser may not know it yet
    addEventListener("online", () => (this.#isOpen() ? this.#anew("the network changed") : this.tryNow()));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.tryNow();
      this.#look();
    });
    setInterval(() => this.#look(), LOOK_MS);
    setInterval(() => void this.#measure(), PROBE_MS);
    this.#open();
  }

  /** Tries at once when nothing is open; does nothing when the connection stands. */
  tryNow(): void {
    const state = this.#socket?.readyState;
    if (state === WebSocket.OPEN || state === WebSocket.CONNECTING) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  /** Keeps a subscription through reconnects. */
  want(request: ConsoleRequest): void {
    const text = JSON.stringify(request);
    if (request.type === "unsubscribe") {
      this.#wanted = this.#wanted.filter((each) => JSON.stringify({ ...each, type: "unsubscribe" }) !== text);
    } else if (!this.#wanted.some((each) => JSON.stringify(each) === text)) this.#wanted.push(request);
    this.#send(request);
  }

  /** Asks why; the answer appears in `explained`. */
  explain(id: string): void {
    const requestId = this.#requestId("why");
    this.#explains.set(requestId, id);
    const asked = { state: "asked", since: performance.now() } as const;
    store.change((old) => ({ ...old, explained: withExplained(old.explained, id, asked) }));
    this.#send({ type: "explain", requestId, id });
  }

  /** Older candles of a series, or the newest with `before` 0; they join the picture before this resolves. */
  candles(of: { exchange: string; symbol: string; interval: string }, before: number, limit: number): Promise<Candles> {
    const requestId = this.#requestId("candles");
    const { promise, resolve } = Promise.withResolvers<Candles>();
    if (!this.#send({ type: "candles", requestId, ...of, before, limit }))
      return Promise.resolve({ requestId, candles: [], error: "not connected" });
    this.#candles.set(requestId, { key: candleKey(of), limit, done: resolve });
    return promise;
  }

  /** A bot's configuration as text. */
  config(bot: string): Promise<BotConfig> {
    return this.#ask("config", (requestId) => ({ type: "config", requestId, bot }));
  }

  /** What a text would place on the bot as it stands. */
  preview(bot: string, config: string): Promise<Preview> {
    const parts = partsOf(config);
    const last = parts.pop() ?? "";
    return this.#ask(
      "preview",
      (requestId) => ({ type: "preview", requestId, bot, config: last }),
      (requestId) => parts.map((part) => ({ type: "preview", requestId, bot, config: part, more: true })),
    );
  }

  /** The bot after one event of its journal, by its number or, where that is 0, by time. */
  state(bot: string, { sequence, at }: { readonly sequence: number; readonly at: number }): Promise<StateAt> {
    return this.#ask("state", (requestId) => ({ type: "state", requestId, bot, sequence, at: Math.floor(at) }));
  }

  /** How far the newest what-if of the bot is, and what came out. */
  whatIf(bot: string): Promise<WhatIfJob> {
    return this.#ask("what_if", (requestId) => ({ type: "what_if", requestId, bot }));
  }

  /** `first`: what must be said before the question itself. */
  #ask<T extends keyof Answers>(
    type: T,
    build: (requestId: string) => ConsoleRequest,
    first: (requestId: string) => readonly ConsoleRequest[] = () => [],
  ): Promise<Answers[T]> {
    const requestId = this.#requestId(type);
    const { promise, resolve } = Promise.withResolvers<Answers[T]>();
    this.#asked[type].set(requestId, resolve);
    if (![...first(requestId), build(requestId)].every((request) => this.#send(request)))
      this.#failed(requestId, "not connected");
    return promise;
  }

  #answer<T extends keyof Answers>(type: T, answer: Answers[T]): void {
    const waiting = this.#asked[type];
    waiting.get(answer.requestId)?.(answer);
    waiting.delete(answer.requestId);
  }

  #requestId(kind: string): string {
    this.#requests += 1;
    return `${kind}-${this.#requests}`;
  }

  #send(request: ConsoleRequest): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(request));
    return true;
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#seq = 0;
    this.#heardAt = performance.now();
    this.#askedAt = this.#heardAt;
    setLink({ nextTryAt: 0 });
    const socket = new WebSocket(address(), CONSOLE_PROTOCOL);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      setLink({ state: "open", since: performance.now(), tries: 0, nextTryAt: 0, why: "" });
      // what was too much is asked for less often (UI-10)
      if (this.#slow) this.#send({ type: "subscribe", topics: ["slots"], perSecond: 1 });
      for (const request of this.#wanted) {
        if (!(this.#slow && request.type === "subscribe" && request.topics.includes("log"))) this.#send(request);
      }
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket && typeof event.data === "string") this.#hear(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) void this.#closed(event, opened);
    });
  }

  #hear(text: string): void {
    this.#heardAt = performance.now();
    const message: ConsoleMessage = JSON.parse(text);
    if (message.type === "ready") setTimeout(() => void this.#measure(), 0);
    if (this.#seq !== 0 && message.seq !== this.#seq + 1) store.change((old) => ({ ...old, holes: old.holes + 1 }));
    this.#seq = message.seq;
    if (message.type === "candles") this.#answerCandles(message.data);
    else if (message.type === "explain") this.#answerExplain(message.data);
    else if (message.type === "config") this.#answer("config", message.data);
    else if (message.type === "preview") this.#answer("preview", message.data);
    else if (message.type === "state") this.#answer("state", message.data);
    else if (message.type === "what_if") this.#answer("what_if", message.data);
    else {
      if (message.type === "error") this.#failed(message.data.requestId, message.data.message);
      store.take(message);
    }
  }

  #answerCandles(data: Candles): void {
    const question = this.#candles.get(data.requestId);
    if (question === undefined) return;
    this.#candles.delete(data.requestId);
    if (data.error === undefined) store.change((old) => withCandles(old, question.key, data.candles, question.limit));
    question.done(data);
  }

  #answerExplain(data: Extract<ConsoleMessage, { type: "explain" }>["data"]): void {
    const id = this.#explains.get(data.requestId);
    if (id === undefined) return;
    this.#explains.delete(data.requestId);
    store.change((old) => ({ ...old, explained: withExplained(old.explained, id, data) }));
  }

  #failed(requestId: string, message: string): void {
    if (this.#explains.has(requestId)) this.#answerExplain({ requestId, error: message });
    if (this.#candles.has(requestId)) this.#answerCandles({ requestId, candles: [], error: message });
    this.#answer("config", { requestId, error: message });
    this.#answer("preview", { requestId, error: message, problems: [] });
    this.#answer("state", { requestId, error: message });
    this.#answer("what_if", { requestId, error: message });
  }

  /** Ends what is dead without a word: a connection that says nothing, one that slept, a try that is not answered. */
  #look(): void {
    const now = performance.now();
    const ahead = Date.now() - now;
    const slept = ahead - this.#wallAhead > SLEPT_MS;
    this.#wallAhead = ahead;
    if (this.#isOpen()) {
      if (slept) this.#anew("the machine slept");
      else if (now - this.#heardAt > SILENT_MS) this.#anew("silent");
    } else if (this.#socket?.readyState === WebSocket.CONNECTING && now - this.#askedAt > CONNECT_MS) {
      this.#socket.close();
    }
  }

  /** Leaves a connection for a new one at once; its own close may be minutes away. */
  #anew(why: string): void {
    const left = this.#socket;
    this.#socket = null;
    left?.close(4000, why);
    this.#failAll();
    setLink({ state: "lost", since: this.#heardAt, nextTryAt: 0, latencyMs: null, why });
    this.#open();
  }

  /** The round trip to live-server itself, by its smallest file. */
  async #measure(): Promise<void> {
    if (!this.#isOpen()) return;
    const askedAt = performance.now();
    try {
      const signal = AbortSignal.timeout(ASK_MS);
      await (await fetch("/manifest.webmanifest", { cache: "no-store", signal })).text();
      setLink({ latencyMs: performance.now() - askedAt });
    } catch {
      setLink({ latencyMs: null });
    }
  }

  async #closed(event: CloseEvent, opened: boolean): Promise<void> {
    this.#socket = null;
    this.#slow = event.code === SLOW;
    this.#failAll();
    const mustLogIn = !opened && (await this.#mustLogIn());
    // somebody pressed "try now", or the network came back, while that was asked: the newer try decides
    if (this.#socket !== null) return;
    if (mustLogIn) {
      setLink({ state: "login", since: performance.now(), nextTryAt: 0, why: "" });
      return;
    }
    const { link } = store.get();
    const wait = waitMs(link.tries, Math.random());
    const now = performance.now();
    setLink({
      state: link.state === "connecting" ? "connecting" : "lost",
      since: link.state === "open" ? now : link.since,
      tries: link.tries + 1,
      nextTryAt: now + wait,
      latencyMs: null,
      why: event.reason,
    });
    this.#retry = setTimeout(() => this.#open(), wait);
  }

  #failAll(): void {
    for (const [requestId] of this.#candles) this.#failed(requestId, "the connection was lost");
    for (const [requestId] of this.#explains) this.#failed(requestId, "the connection was lost; ask again");
    for (const waiting of Object.values(this.#asked))
      for (const requestId of waiting.keys()) this.#failed(requestId, "the connection was lost");
  }

  /** A browser does not tell why a handshake failed; a page that needs view rights does. */
  async #mustLogIn(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(ASK_MS);
      return (await fetch("/status", { cache: "no-store", signal })).status === 401;
    } catch {
      return false;
    }
  }
}

export const link = new LiveLink();
