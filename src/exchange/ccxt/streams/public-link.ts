// One socket of public streams: what is wanted on it, asked for in lists (EXCH-33), again after every redial, and
// let go when nobody wants it any more. It opens with the first topic and closes after the last.

import type { Clock } from "../../../base/clock.ts";
import { ok } from "../../../base/result.ts";
import type { Log } from "../../../observe/log.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import { recordOf } from "../raw.ts";
import type { DialGate } from "./dial-gate.ts";
import { Link } from "./link.ts";
import type { PublicNews, SayAbout, StreamTable, Topic } from "./stream-table.ts";
import type { StreamTimes } from "./times.ts";

export interface PublicLinkOptions {
  readonly name: string;
  readonly instance: CcxtInstance;
  readonly streams: StreamTable;
  readonly gate: DialGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: StreamTimes;
  news(news: PublicNews): void;
  up(planned: boolean): void;
  down(text: string): void;
}

export const topicKey = ({ kind, symbol, interval }: Topic): string => `${kind} ${symbol} ${interval ?? ""}`;

/** Messages of changes leave at most this often: an exchange counts them. */
const SAY_MS = 250;

export class PublicLink {
  private readonly options: PublicLinkOptions;
  private readonly wanted = new Map<string, Topic>();
  /** What the socket was asked for. */
  private asked = new Map<string, Topic>();
  /** What the socket that is being dialled is asked for. */
  private first = new Map<string, Topic>();
  private link: Link | null = null;
  private readonly closing = new Set<Promise<void>>();
  private ids = 0;
  private cancelSay: (() => void) | null = null;
  private closed = false;
  /** When any frame came last. */
  heardMs = Number.NEGATIVE_INFINITY;

  constructor(options: PublicLinkOptions) {
    this.options = options;
  }

  get isUp(): boolean {
    return this.link?.isUp === true;
  }

  want(topic: Topic): void {
    this.wanted.set(topicKey(topic), topic);
    if (this.link === null) this.open();
    else this.saySoon();
  }

  drop(topic: Topic): void {
    this.wanted.delete(topicKey(topic));
    if (this.wanted.size === 0) this.letGo();
    else this.saySoon();
  }

  /** Asks for the topic anew: its stream does not deliver. */
  again(topic: Topic): void {
    const key = topicKey(topic);
    const asked = this.asked.get(key);
    if (asked === undefined || this.link === null) return;
    this.link.say(this.options.streams.unsubscribe([asked], this.about()));
    this.link.say(this.options.streams.subscribe([asked], this.about()));
  }

  /** The socket is given up: nothing comes over it. */
  lost(text: string): void {
    this.link?.drop(text);
  }

  replace(): void {
    this.link?.replace();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.letGo();
    await Promise.all(this.closing);
  }

  private open(): void {
    const { options } = this;
    const { name, instance, gate, clock, log, times, streams } = options;
    if (this.closed) return;
    this.link = new Link({
      name,
      instance,
      gate,
      clock,
      log,
      times,
      proof: "open",
      passes: (frame) => streams.passes(frame),
      socketsEnd: streams.socketsEnd,
      plan: async (generation) => {
        // what is asked for in one turn leaves in one list
        await Promise.resolve();
        return ok({ url: streams.publicUrl(instance, name, generation), messages: this.everything() });
      },
      heard: (frame) => {
        this.heardMs = clock.nowMs();
        for (const news of streams.readPublic(recordOf(frame))) options.news(news);
      },
      up: (planned) => {
        this.heardMs = clock.nowMs();
        this.asked = this.first;
        this.saySoon();
        options.up(planned);
      },
      down: (text) => options.down(text),
    });
    this.link.open();
  }

  private everything(): ReturnType<StreamTable["subscribe"]> {
    this.first = new Map(this.wanted);
    return this.options.streams.subscribe([...this.first.values()], this.about());
  }

  private letGo(): void {
    this.cancelSay?.();
    this.cancelSay = null;
    const { link } = this;
    this.link = null;
    if (link === null) return;
    const closing = link.close().finally(() => this.closing.delete(closing));
    this.closing.add(closing);
  }

  private saySoon(): void {
    const { clock } = this.options;
    this.cancelSay ??= clock.at(clock.nowMs() + SAY_MS, () => {
      this.cancelSay = null;
      this.sayChanges();
    });
  }

  private sayChanges(): void {
    const { link } = this;
    if (link === null || !link.isUp) return;
    const more = [...this.wanted].filter(([key]) => !this.asked.has(key)).map(([, topic]) => topic);
    const less = [...this.asked].filter(([key]) => !this.wanted.has(key)).map(([, topic]) => topic);
    if (less.length > 0) link.say(this.options.streams.unsubscribe(less, this.about()));
    if (more.length > 0) link.say(this.options.streams.subscribe(more, this.about()));
    this.asked = new Map(this.wanted);
  }

  private about(): SayAbout {
    this.ids += 1;
    return { id: this.ids, nowMs: this.options.instance.nowMs() };
  }
}
