// A console's connection: everything it subscribed to, in an envelope whose `seq` grows by one, no faster than it
// asked.

import { Client, type ClientOptions } from "./client.ts";
import type { ConsoleType } from "./messages.ts";
import { Pacer } from "./pacer.ts";
import type { Subscription } from "./subscription.ts";
import type { Update } from "./update.ts";

/** A console: everything, in an envelope whose `seq` grows by one. */
export class ConsoleClient extends Client {
  readonly subscription: Subscription;
  private seq = 0;
  private readonly since = new Map<ConsoleType, number>();
  private readonly paces = new Map<ConsoleType, number>();
  private readonly pacer: Pacer;

  constructor(options: ClientOptions & { readonly subscription: Subscription }) {
    super(options);
    this.subscription = options.subscription;
    this.pacer = new Pacer(options.clock, (update) => super.offer(update));
  }

  /** It wants no more of each key of this topic in a second. */
  pace(topic: ConsoleType, perSecond: number): void {
    this.paces.set(topic, perSecond);
  }

  override offer(update: Update): void {
    const perSecond = this.paces.get(update.body.type);
    if (perSecond === undefined || update.key === "" || this.isEnded) super.offer(update);
    else this.pacer.offer(update.slowed(perSecond));
  }

  override end(options: Parameters<Client["end"]>[0]): void {
    this.pacer.close();
    super.end(options);
  }

  override gone(): void {
    this.pacer.close();
    super.gone();
  }

  /** A topic was told anew: what the picture knew then is not told again. */
  toldTopic(topic: ConsoleType, version: number): void {
    this.since.set(topic, version);
  }

  protected override sinceOf(update: Update): number {
    return this.since.get(update.body.type) ?? this.sinceVersion;
  }

  /** One more message before the end, whatever waits: the socket takes it or not. */
  last(update: Update): void {
    if (!this.isEnded) this.wire.send(this.textOf(update), () => undefined);
  }

  protected wants(update: Update): boolean {
    return update.audience !== "classic" && this.subscription.wants(update.body.type, update.body.of);
  }

  protected typeOf(update: Update): string {
    return update.body.type;
  }

  protected textOf(update: Update): string {
    this.seq += 1;
    return `${update.head}${this.seq},"at":${this.options.wallMs()},"data":${update.data}}`;
  }
}
