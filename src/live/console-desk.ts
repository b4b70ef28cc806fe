// Answers what consoles ask: topics, older candles, why, configuration and preview, the bot as it was, its what-if. One
// bad message is told back, ten end the connection; a question that takes long holds up nobody.

import type { Client } from "./client.ts";
import type { ConsoleClient } from "./console-client.ts";
import { PREVIEW_TEXT_MAX, readRequest } from "./console-request.ts";
import type { ConsoleRequest, Of } from "./messages.ts";
import { topicNow } from "./opening.ts";
import type { Picture } from "./picture.ts";
import type { CandleKey } from "./picture-writer.ts";
import type { Questions } from "./questions.ts";
import type { LiveSettings } from "./settings.ts";
import { type Body, Update } from "./update.ts";

const BAD_MESSAGES_MAX = 10;
/** Questions one client may have open. */
const OPEN_MAX = 8;
/** Intervals beyond the usual one that one client may look at. */
const WANTED_MAX = 8;

interface Table {
  bad: number;
  open: number;
  /** A configuration that comes in parts. */
  parts: { readonly requestId: string; readonly text: string } | null;
  readonly wanted: Map<string, () => void>;
}

type Asked<T extends ConsoleRequest["type"]> = Extract<ConsoleRequest, { readonly type: T }>;
type Question = Exclude<ConsoleRequest, { readonly topics: unknown }>;
type Wished = Extract<ConsoleRequest, { readonly topics: unknown }>;

export class ConsoleDesk {
  private readonly settle: (topic: string) => void;
  private readonly picture: Picture;
  private readonly questions: Questions;
  private readonly settings: LiveSettings;
  private readonly tables = new Map<Client, Table>();

  constructor(options: {
    readonly picture: Picture;
    readonly questions: Questions;
    readonly settings: LiveSettings;
    /** Lets what waits of a topic go, so that it is not told from the picture and once more afterwards. */
    readonly settle: (topic: string) => void;
  }) {
    this.settle = options.settle;
    this.picture = options.picture;
    this.questions = options.questions;
    this.settings = options.settings;
  }

  take(client: ConsoleClient, text: string): void {
    const table = this.tableOf(client);
    const read = readRequest(text);
    if (!read.ok) {
      table.bad += 1;
      if (table.bad >= BAD_MESSAGES_MAX) {
        client.end({ code: 1008, reason: "messages", why: "messages", cause: `${table.bad} bad messages` });
        return;
      }
      this.refuse(client, { requestId: read.requestId, code: "BAD_MESSAGE", message: read.message });
      return;
    }
    const { request } = read;
    switch (request.type) {
      case "subscribe":
      case "unsubscribe":
        this.topics(client, request);
        return;
      case "candles":
      case "explain":
      case "config":
      case "state":
      case "what_if":
        this.question(client, table, request);
        return;
      case "preview":
        this.inParts(client, table, request);
        return;
    }
  }

  left(client: Client): void {
    for (const release of this.tables.get(client)?.wanted.values() ?? []) release();
    this.tables.delete(client);
  }

  private tableOf(client: Client): Table {
    const known = this.tables.get(client);
    if (known !== undefined) return known;
    const table: Table = { bad: 0, open: 0, parts: null, wanted: new Map() };
    this.tables.set(client, table);
    return table;
  }

  private tell(client: ConsoleClient, body: Body): void {
    client.queue(new Update({ body, version: this.picture.version }));
  }

  private refuse(
    client: ConsoleClient,
    data: { readonly requestId: string; readonly code: string; readonly message: string },
  ): void {
    this.tell(client, { type: "error", of: {}, data });
  }

  private topics(client: ConsoleClient, request: Wished): void {
    const { subscription } = client;
    const of = request.of ?? {};
    const wanted = request.type === "subscribe";
    for (const topic of request.topics) {
      const was = subscription.wants(topic, of);
      this.settle(topic);
      if (request.perSecond !== undefined) client.pace(topic, request.perSecond);
      if (!subscription.wish(topic, of, wanted)) {
        this.refuse(client, { requestId: "", code: "TOO_MANY", message: "subscribe: too many different wishes" });
        return;
      }
      if (topic === "kline" && of.interval !== undefined) this.interval(client, of, wanted);
      if (!wanted || was) continue;
      // what is subscribed later is told as it stands now, and from then on as it changes
      const bodies = topicNow(this.picture, topic, this.settings).filter((body) => concerns(of, body.of));
      client.toldTopic(topic, this.picture.version);
      for (const body of bodies) this.tell(client, body);
    }
  }

  /** Candles of an interval that is not told unasked are brought here while somebody looks at them. */
  private interval(client: ConsoleClient, of: Of, wanted: boolean): void {
    const { exchange, symbol, interval } = of;
    if (exchange === undefined || symbol === undefined || interval === undefined) return;
    if (interval === this.settings.interval || !this.settings.intervals.includes(interval)) return;
    const table = this.tableOf(client);
    const key = `${exchange}|${symbol}|${interval}`;
    const release = table.wanted.get(key);
    if (!wanted) {
      release?.();
      table.wanted.delete(key);
    } else if (release === undefined && table.wanted.size < WANTED_MAX) {
      table.wanted.set(key, this.questions.want({ exchange, symbol, interval }));
    }
  }

  /** A text longer than one message may be comes in several: one text a client at a time, bounded as a whole. */
  private inParts(client: ConsoleClient, table: Table, request: Asked<"preview">): void {
    const { requestId, config: part = "", more = false } = request;
    const before = table.parts?.requestId === requestId ? table.parts.text : "";
    const config = before + part;
    table.parts = more ? { requestId, text: config } : null;
    if (config.length > PREVIEW_TEXT_MAX) {
      table.parts = null;
      const message = `config: a text of more than ${PREVIEW_TEXT_MAX} characters is not previewed`;
      this.refuse(client, { requestId, code: "BAD_MESSAGE", message });
    } else if (!more) this.question(client, table, { ...request, config });
  }

  private question(client: ConsoleClient, table: Table, request: Question): void {
    const { requestId } = request;
    if (table.open >= OPEN_MAX) {
      this.refuse(client, { requestId, code: "BUSY", message: `${OPEN_MAX} questions are open; wait for an answer` });
      return;
    }
    table.open += 1;
    void this.answer(request)
      .catch((error: unknown): Body => {
        const message = error instanceof Error ? error.message : String(error);
        return { type: "error", of: {}, data: { requestId, code: "INTERNAL", message } };
      })
      .then((body) => {
        table.open -= 1;
        this.tell(client, body);
      });
  }

  private answer(request: Question): Promise<Body> {
    switch (request.type) {
      case "candles":
        return this.candles(request);
      case "explain":
        return this.explain(request);
      case "config":
        return this.config(request);
      case "preview":
        return this.preview(request);
      case "state":
        return this.state(request);
      case "what_if":
        return this.whatIf(request);
    }
  }

  private async candles(request: Asked<"candles">): Promise<Body> {
    const { requestId, exchange, symbol, interval, before, limit } = request;
    const of: CandleKey = { exchange, symbol, interval };
    const answer = await this.questions.candles({ ...of, before, limit });
    const data = answer.ok ? { requestId, candles: answer.value } : { requestId, candles: [], error: answer.error };
    return { type: "candles", of, data };
  }

  private async explain({ requestId, id }: Asked<"explain">): Promise<Body> {
    const answer = await this.questions.explain(id);
    const data = answer.ok ? { requestId, ...answer.value } : { requestId, error: answer.error };
    return { type: "explain", of: {}, data };
  }

  private async config({ requestId, bot }: Asked<"config">): Promise<Body> {
    const answer = await this.questions.config(bot);
    const data = answer.ok ? { requestId, ...answer.value } : { requestId, error: answer.error };
    return { type: "config", of: { bot }, data };
  }

  private async preview({ requestId, bot, config = "" }: Asked<"preview">): Promise<Body> {
    const answer = await this.questions.preview(bot, config);
    const data = answer.ok ? { requestId, ...answer.value } : { requestId, ...answer.error };
    return { type: "preview", of: { bot }, data };
  }

  private async state({ requestId, bot, sequence, at }: Asked<"state">): Promise<Body> {
    const answer = await this.questions.state({ bot, sequence, at });
    const data = answer.ok ? { requestId, ...answer.value } : { requestId, error: answer.error };
    return { type: "state", of: { bot }, data };
  }

  private async whatIf({ requestId, bot }: Asked<"what_if">): Promise<Body> {
    const answer = await this.questions.whatIf(bot);
    const data = answer.ok ? { requestId, ...answer.value } : { requestId, error: answer.error };
    return { type: "what_if", of: { bot }, data };
  }
}

/** What was asked for with `wished` and what leaves it open. */
const concerns = (wished: Of, of: Of): boolean =>
  (["bot", "exchange", "symbol", "interval"] as const).every(
    (field) => wished[field] === undefined || of[field] === undefined || wished[field] === of[field],
  );
