// The one file of `opensqt up` → the configurations of its three processes (OPS-01). What they share stands at the top;
// each has a section of its own name. Every problem is said at the key where the person wrote it.

import { join } from "node:path";
import type { z } from "zod";
import { fail, ok, type Result } from "../../base/result.ts";
import { frozen } from "../frozen.ts";
import type { ConfigProblem } from "../problem.ts";
import { isSection, type Section } from "../problem-desk.ts";
import type { ConfigSource } from "../source.ts";
import type { BotDraft, BoundBot } from "./bot-draft.ts";
import { CONNECTOR_SCHEMA } from "./connector-schema.ts";
import { bindBot } from "./draft.ts";
import type { SimulatedExchangeConfig } from "./exchange-shapes.ts";
import { journalConfig } from "./journal-config.ts";
import { judgeConnector } from "./judge-connector.ts";
import { judgeLiveServer } from "./judge-live-server.ts";
import { draftsOf, judgeBots, judgeMarketMaker } from "./judge-market-maker.ts";
import { Judging } from "./judging.ts";
import { LIVE_SERVER_SCHEMA } from "./live-server-schema.ts";
import type { ProcessOptions } from "./load-process.ts";
import { MARKET_MAKER_SCHEMA } from "./market-maker-schema.ts";
import { type ReadFile, readProcessFile } from "./reading.ts";
import type { ConfigOrigin, PlainSection, UpConfig } from "./shapes.ts";
import { simulatedExchangeConfig } from "./simulated-exchange.ts";
import { listedInstruments } from "./up-instruments.ts";
import { UP_KEYS, UP_SCHEMA, type UpValues } from "./up-schema.ts";

type Loaded<T> = Result<T, readonly ConfigProblem[]>;

export interface UpReadOptions extends ProcessOptions {
  /** In place of the file's own: what a flag says. */
  readonly exchange?: UpValues["exchange"] | undefined;
}

export function loadUp(source: ConfigSource | string, options: UpReadOptions): Loaded<UpConfig> {
  const read = readProcessFile(source, options.environment, { schema: UP_SCHEMA, keys: UP_KEYS });
  if (!read.ok) return read;
  const { desk } = read.value;
  const asWritten = read.value.values;
  const values = asWritten === null ? null : { ...asWritten, exchange: options.exchange ?? asWritten.exchange };
  const problems = (): Loaded<UpConfig> => fail([...desk.problems].sort((a, b) => a.line - b.line));
  if (values === null) return problems();
  if (values.bot !== undefined && values.bots.length > 0) desk.say("bots", "and bot are both given; keep one of them");
  if (values.bot === undefined && values.bots.length === 0) {
    desk.say("bots", "nothing is not allowed; give bot: for one bot, or bots: with a list");
  }
  const config = new UpReading(read.value, values, options).config();
  return config === null || desk.problems.length > 0 ? problems() : ok(frozen(config));
}

class UpReading {
  private readonly read: ReadFile<UpValues>;
  private readonly values: UpValues;
  private readonly options: ProcessOptions;
  private readonly single: boolean;
  private readonly parts: Judging[] = [];

  constructor(read: ReadFile<UpValues>, values: UpValues, options: ProcessOptions) {
    this.read = read;
    this.values = values;
    this.options = options;
    this.single = values.bot !== undefined;
  }

  config(): UpConfig | null {
    const { file, text, warnings } = this.read;
    const drafts = this.drafts();
    const listed = listedInstruments(this.values.simulated, drafts, this.keyOf);
    if (listed.sharedRules) this.read.desk.say("simulated.instrument", SHARED_RULES);
    const simulatedPlain = this.simulatedPlain(listed.entries);
    const connectorPlain = this.connectorPlain(simulatedPlain, drafts);
    const connectorJudging = this.judging(
      (key) => listed.keyOf(key) ?? SHARED_KEYS[key] ?? (isShared(key) ? key : own("connector", key)),
      this.values.environment === "emulator",
    );
    const connectorValues = valuesOf(CONNECTOR_SCHEMA, connectorPlain, connectorJudging);
    const connector = connectorValues === null ? null : judgeConnector(connectorValues, connectorJudging);
    if (connector === null) return null;
    const simulated = connector.simulated ?? this.emulated(simulatedPlain, connectorJudging);
    const bots = simulated === null ? [] : this.bound(drafts, simulated);
    const makerPlain = this.marketMakerPlain(connector.grpc.bind);
    const maker = this.judging(
      (key) => (isShared(key) || /^(bots?|exchange|store|journal)\b/.test(key) ? key : own("market-maker", key)),
      true,
    );
    judgeBots(drafts, this.keyOf, maker);
    const makerValues = valuesOf(MARKET_MAKER_SCHEMA, makerPlain, maker);
    const marketMaker = makerValues === null ? null : judgeMarketMaker(makerValues, drafts, maker);
    if (marketMaker === null) return null;
    const livePlain = this.liveServerPlain(connector.grpc.bind, marketMaker);
    const liveJudging = this.judging((key) => own("live-server", key), false);
    const liveValues = valuesOf(LIVE_SERVER_SCHEMA, livePlain, liveJudging);
    if (liveValues === null) return null;
    const liveServer = judgeLiveServer(liveValues, liveJudging);
    const origin: ConfigOrigin = {
      file,
      text,
      warnings,
      secrets: this.parts.flatMap((one) => one.secrets),
      watchedFiles: [...new Set(this.parts.flatMap((one) => one.watchedFiles))],
    };
    return {
      ...origin,
      exchange: this.values.exchange,
      simulated,
      connector: { ...origin, ...connector },
      marketMaker: { ...origin, ...marketMaker },
      liveServer: { ...origin, ...liveServer },
      bots,
      store: this.values.store,
      processes: { connector: connectorPlain, marketMaker: makerPlain, liveServer: livePlain },
    };
  }

  private readonly keyOf = (index: number): string => (this.single ? "bot" : `bots.${index}`);

  private drafts(): readonly BotDraft[] {
    const { bot, bots } = this.values;
    return draftsOf(bot === undefined ? bots : [bot], {
      written: this.writtenBots(),
      keyOf: this.keyOf,
      problemAt: (key, text) => this.read.desk.problem(key, text),
    });
  }

  private writtenBots(): unknown {
    return this.single ? [this.written("bot")] : this.writtenValue("bots");
  }

  private bound(drafts: readonly BotDraft[], simulated: SimulatedExchangeConfig): readonly BoundBot[] {
    const bound: BoundBot[] = [];
    for (const draft of drafts) {
      const market = simulated.instruments.find(({ instrument }) => instrument.symbol === draft.symbol);
      if (market === undefined) continue;
      const bot = bindBot(draft, market.instrument);
      if (bot.ok) bound.push(bot.value);
      else for (const one of bot.error) this.read.desk.take(one);
    }
    return bound;
  }

  private simulatedPlain(instruments: readonly PlainSection[]): PlainSection {
    const { instrument: _one, ...simulated } = this.written("simulated");
    return { ...simulated, instruments };
  }

  private connectorPlain(simulated: PlainSection, drafts: readonly BotDraft[]): PlainSection {
    const { exchange, environment, store } = this.values;
    const shared = { store: { folder: join(store.sqlite, "exchange") }, alerts: this.written("alerts") };
    const written = this.written("connector");
    if (exchange === "simulated") return { exchange, environment, simulated, ...shared, ...written };
    const instruments = [...new Set(drafts.map(({ symbol }) => symbol))];
    const market = instruments.every((symbol) => symbol.includes(":")) ? "perpetual" : "spot";
    const real = { market, instruments, ...shared };
    if (exchange !== "emulator") return { exchange, environment, ...real, ...written };
    return { exchange: "binance", environment: "emulator", ...real, ...EMULATED, ...written };
  }

  /** The market inside the emulator is described like that of the simulated exchange. */
  private emulated(simulated: PlainSection, judging: Judging): SimulatedExchangeConfig | null {
    if (this.values.exchange !== "emulator") return null;
    const plain = { simulated, grpc: { clients: [] } };
    const values = valuesOf(CONNECTOR_SCHEMA, plain, judging);
    return values === null ? null : simulatedExchangeConfig(values.simulated, judging);
  }

  private marketMakerPlain(connectorBind: string): PlainSection {
    const { store, journal, environment } = this.values;
    return {
      store,
      journal: { ...journal, sync: journalConfig(journal, environment).sync },
      exchange: "remote",
      connector: { address: connectorBind },
      bots: this.writtenBots(),
      alerts: this.written("alerts"),
      ...this.written("market-maker"),
    };
  }

  private liveServerPlain(connectorBind: string, engine: { readonly grpc: { readonly bind: string } }): PlainSection {
    const sources = [
      { name: "connector", kind: "connector", address: connectorBind },
      { name: "engine", kind: "engine", address: engine.grpc.bind },
    ];
    return { sources, ...this.written("live-server") };
  }

  private judging(keyOf: (key: string) => string, literals: boolean): Judging {
    const { desk } = this.read;
    const { environment } = this.options;
    const say = (key: string, text: string): void => {
      // addresses of each other were made here from binds, which are judged where they were written
      if (!/^(connector|sources\.\d+)\.address$/.test(key)) desk.say(keyOf(key), text);
    };
    const judging = new Judging({ environment, literals, say });
    this.parts.push(judging);
    return judging;
  }

  private writtenValue(name: string): unknown {
    return isSection(this.read.written) ? this.read.written[name] : undefined;
  }

  private written(name: string): Section {
    const value = this.writtenValue(name);
    return isSection(value) ? value : {};
  }
}

/** What was put together here may still be too much: more instruments than an exchange takes, a path too long. */
function valuesOf<S extends z.ZodType>(schema: S, plain: PlainSection, judging: Judging): z.infer<S> | null {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    judging.say(path.join("."), `does not go together with the rest: ${message}`);
  }
  return null;
}

/** Keys of a connector that `up` has at its top. */
const SHARED_KEYS: { readonly [key: string]: string } = {
  exchange: "exchange",
  environment: "environment",
  "store.folder": "store.sqlite",
};

/** What both processes are given as it stands at the top. */
const isShared = (key: string): boolean => key.startsWith("alerts.");

/** An account of the emulator, which knows it from the start; the ports are chosen when it starts. */
export const EMULATED = {
  credentials: { apiKey: "demo-key", secret: "demo-secret" },
  endpoints: { rest: "http://127.0.0.1:19101", websocket: "ws://127.0.0.1:19101" },
  account: { exclusive: true },
} as const;

const SHARED_RULES = "is for one instrument, and these bots trade several; list each in simulated.instruments";

const own = (section: string, key: string): string => `${section}.${key}`;
