// Joins the picture with its clients: each change goes to everyone it concerns, at its pace, and a client that fails in
// any way fails alone. It knows nothing of HTTP or of where the picture comes from.

import type { Clock } from "../base/clock.ts";
import type { Log } from "../observe/log.ts";
import { encodeClassic } from "./classic.ts";
import { ClassicClient, type Client, type ClientOptions, type EndReason, type Wire } from "./client.ts";
import { ConsoleClient } from "./console-client.ts";
import { ConsoleDesk } from "./console-desk.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import { CONSOLE_PROTOCOL, type Hello, type Instrument } from "./messages.ts";
import { ConsoleOpening, classicOpening } from "./opening.ts";
import { Pacer } from "./pacer.ts";
import type { Picture } from "./picture.ts";
import type { Questions } from "./questions.ts";
import { Repeated } from "./repeated.ts";
import type { LiveSettings } from "./settings.ts";
import { Subscription } from "./subscription.ts";
import { Update } from "./update.ts";

export interface HubOptions {
  readonly picture: Picture;
  readonly settings: LiveSettings;
  readonly questions: Questions;
  /** Monotonic: paces, pings and limits. */
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly log: Log;
  readonly metrics: LiveMetrics;
}

/** One connection as whoever holds its socket sees it. */
export interface Seat {
  message(text: string): void;
  /** Any other sign of life. */
  heard(): void;
  /** The login it came with is over. */
  expire(): void;
  closed(): void;
}

const TEND_MS = 1000;

export class Hub {
  private readonly options: HubOptions;
  private readonly clients = new Set<Client>();
  private readonly pacer: Pacer;
  private readonly opening: ConsoleOpening;
  private readonly desk: ConsoleDesk;
  private readonly repeated: Repeated;
  private readonly unlisten: () => void;
  private cancelTend: () => void = () => {};
  private joined = 0;
  private helloTold = "";
  private stopping = false;

  constructor(options: HubOptions) {
    this.options = options;
    const { picture, clock, settings } = options;
    this.pacer = new Pacer(clock, (update) => this.broadcast(update));
    this.opening = new ConsoleOpening(picture, settings);
    this.desk = new ConsoleDesk({ ...options, settle: (topic) => this.pacer.flush(topic) });
    this.repeated = new Repeated(() => clock.monotonicMs());
    this.unlisten = picture.listen((update) => this.pacer.offer(update));
    this.tendSoon();
  }

  get count(): number {
    return this.clients.size;
  }

  // ------------------------------------------------------------------------------------------------- joining

  joinConsole(wire: Wire): Seat {
    // a curve only grows: what waits of it must not be told from the picture and once more
    this.pacer.flush("pnl|");
    const subscription = new Subscription(this.options.settings.interval);
    const client: ConsoleClient = new ConsoleClient({ ...this.clientOptions(wire, () => client), subscription });
    this.clients.add(client);
    client.open(this.opening.now(this.hello()), this.options.picture.version);
    return this.seat(client, (text) => this.desk.take(client, text));
  }

  joinClassic(wire: Wire, wish: { readonly name: string; readonly exchange: string }): Seat {
    const { settings } = this.options;
    const client: ClassicClient = new ClassicClient({
      ...this.clientOptions(wire, () => client),
      wish,
      interval: settings.interval,
      encode: (update, name) => update.classicFor(name, encodeClassic),
    });
    this.clients.add(client);
    this.showClassic(client);
    return this.seat(client, () => undefined);
  }

  /** The instrument a classic connection means; null while no source has named it. */
  instrumentFor(wish: { readonly name: string; readonly exchange: string }): Instrument | null {
    const { picture, settings } = this.options;
    const list = picture.instrumentList().filter(({ exchange }) => wish.exchange === "" || exchange === wish.exchange);
    if (wish.name !== "") return list.find(({ name, symbol }) => name === wish.name || symbol === wish.name) ?? null;
    for (const symbol of settings.instruments) {
      const found = list.find((each) => each.symbol === symbol);
      if (found !== undefined) return found;
    }
    return list[0] ?? null;
  }

  private showClassic(client: ClassicClient): void {
    const { picture, settings } = this.options;
    const instrument = this.instrumentFor(client.wish);
    if (instrument === null) return;
    const { exchange, symbol, name } = instrument;
    const of = { exchange, symbol };
    const opening = classicOpening(picture, instrument, settings).map((message) => {
      // the envelope's type is the classic one; nobody but classic connections sees this update
      const body = { type: "ready", of, data: {} } as const;
      return new Update({ body, version: picture.version, classic: message, name });
    });
    client.show(instrument, opening, picture.version);
  }

  private clientOptions(wire: Wire, self: () => Client): ClientOptions {
    const { settings, clock, wallMs, metrics } = this.options;
    this.joined += 1;
    return {
      id: this.joined,
      wire,
      limits: settings.limits,
      clock,
      wallMs,
      onEnd: (reason, cause) => this.ended(self(), reason, cause),
      onSent: metrics.sent,
    };
  }

  private seat(client: Client, take: (text: string) => void): Seat {
    return {
      message: (text) => {
        if (client.mayTell()) this.alone(client, "message", () => take(text));
      },
      heard: () => client.heard(),
      expire: () => client.end({ code: 1008, reason: "login", why: "login", cause: "the login is over" }),
      closed: () => {
        this.clients.delete(client);
        this.desk.left(client);
        client.gone();
      },
    };
  }

  private hello(): Hello {
    const { picture, settings, wallMs } = this.options;
    return {
      protocol: CONSOLE_PROTOCOL,
      release: settings.release,
      serverTime: wallMs(),
      historyLimit: settings.historyLimit,
      intervals: settings.intervals,
      instruments: picture.instrumentList(),
      bots: [...picture.botsOf.keys()],
      doors: doorsOf(settings, picture),
      demo: [...picture.demoOf.values()].some((simulated) => simulated),
    };
  }

  // ------------------------------------------------------------------------------------------------- telling

  private broadcast(update: Update): void {
    const beganMs = this.options.clock.monotonicMs();
    for (const client of this.clients) this.alone(client, update.body.type, () => client.offer(update));
    this.options.metrics.broadcast((this.options.clock.monotonicMs() - beganMs) / 1000);
  }

  /** What one client's handling throws ends that client and nothing else. */
  private alone(client: Client, what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      const cause = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      client.end({ code: 1011, reason: "fault", why: "fault", cause });
    }
  }

  private ended(client: Client, reason: EndReason, cause: string): void {
    const { log, metrics } = this.options;
    this.clients.delete(client);
    this.desk.left(client);
    metrics.ended(reason);
    if (reason === "slow" || reason === "write") metrics.slow();
    if (reason === "going") return;
    const { address } = client.wire;
    this.repeated.line(`${reason}|${address}`, (repeats) => {
      log.warn("a client was ended", { code: "client-ended", client: client.id, address, reason, cause, repeats });
    });
  }

  private tendSoon(): void {
    const { clock, settings } = this.options;
    const everyMs = Math.max(1, Math.min(TEND_MS, Math.floor(settings.limits.pingMs / 4)));
    this.cancelTend = clock.at(clock.nowMs() + everyMs, () => {
      for (const client of this.clients) this.tend(client);
      this.helloAgain();
      this.tendSoon();
    });
  }

  /** What consoles were told first may have changed: an engine came and named its door, an instrument was added. */
  private helloAgain(): void {
    const hello = this.hello();
    const text = JSON.stringify({ ...hello, serverTime: 0 });
    if (text === this.helloTold) return;
    this.helloTold = text;
    const { version } = this.options.picture;
    this.broadcast(new Update({ body: { type: "hello", of: {}, data: hello }, version, audience: "console" }));
    this.broadcast(new Update({ body: { type: "ready", of: {}, data: {} }, version, audience: "console" }));
  }

  private tend(client: Client): void {
    client.tend();
    if (client instanceof ClassicClient && !client.isShown)
      this.alone(client, "opening", () => this.showClassic(client));
  }

  // ------------------------------------------------------------------------------------------------- stopping

  /** Says `bye` to consoles and closes everyone with 1001; sockets that linger are cut within 2 s. */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.unlisten();
    this.cancelTend();
    this.pacer.close();
    const body = { type: "bye", of: {}, data: { code: 1001, reason: "going" } } as const;
    const bye = new Update({ body, version: this.options.picture.version + 1 });
    for (const client of this.clients) {
      this.alone(client, "bye", () => {
        if (client instanceof ConsoleClient) client.last(bye);
        client.end({ code: 1001, reason: "going", why: "going", cause: "the server stops" });
      });
    }
  }
}

/** The doors of the configuration, then those the engines name; one without a bot is every bot's that has none. */
export function doorsOf(
  settings: LiveSettings,
  picture: Picture,
): readonly { readonly bot: string; readonly url: string }[] {
  const doors = new Map([...picture.doorsOf.values()].flat().map(({ bot, url }) => [bot, url]));
  for (const { bot, url } of settings.web.doors) if (bot !== "") doors.set(bot, url);
  const [any] = settings.web.doors.filter(({ bot }) => bot === "");
  if (any !== undefined) for (const bot of picture.botsOf.keys()) if (!doors.has(bot)) doors.set(bot, any.url);
  return [...doors].map(([bot, url]) => ({ bot, url }));
}
