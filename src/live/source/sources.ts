// Every source of a live-server, and who answers what: candles by the connector of the exchange, why by the engines.

import { fail } from "../../base/result.ts";
import type { CheckResult } from "../../observe/liveness.ts";
import type { Log } from "../../observe/log.ts";
import { openRpcClient, type RpcClientOptions } from "../../rpc/client.ts";
import type { Picture } from "../picture.ts";
import type { Questions } from "../questions.ts";
import type { LiveSettings } from "../settings.ts";
import { ConnectorSource } from "./connector-source.ts";
import { EngineSource } from "./engine-source.ts";
import type { SourceOptions } from "./source.ts";

export interface SourceAddress {
  readonly name: string;
  readonly kind: "connector" | "engine";
  readonly address: string;
  readonly tls: RpcClientOptions["tls"];
  /** A reader's key; asked before each call, so that a new one needs no restart. */
  readonly key: RpcClientOptions["key"];
}

export interface SourcesOptions {
  readonly addresses: readonly SourceAddress[];
  readonly settings: LiveSettings;
  readonly picture: Picture;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly log: Log;
}

export interface Sources {
  readonly questions: Questions;
  /** One a source: connected, and its first snapshots complete. */
  readonly ready: () => readonly CheckResult[];
  close(): Promise<void>;
}

const TEND_MS = 500;

/** Begins to read all of them; none of them has to be there. */
export function openSources(options: SourcesOptions): Sources {
  const { addresses, settings, picture, monotonicMs, wallMs, log } = options;
  const has = (kind: SourceAddress["kind"]): boolean => addresses.some((each) => each.kind === kind);
  const ofOne = ({ name, address, tls, key }: SourceAddress): SourceOptions => {
    const client = openRpcClient({ address, ...(tls === undefined ? {} : { tls }), key });
    return { name, client, picture, monotonicMs, wallMs, log };
  };
  const connectors = addresses
    .filter(({ kind }) => kind === "connector")
    .map((each) => {
      const { instruments, interval, historyLimit } = settings;
      return new ConnectorSource({
        ...ofOne(each),
        instruments,
        interval,
        historyLimit,
        looksUpFills: !has("engine"),
        forget: (of) => picture.forgetCandles(of),
      });
    });
  const engines = addresses
    .filter(({ kind }) => kind === "engine")
    .map((each) => {
      const nameOf = (exchange: string, symbol: string): string => picture.nameOf({ exchange, symbol });
      const sinceMs = (exchange: string, atMs: number): number | null =>
        connectors.map((source) => source.sinceMs(exchange, atMs)).find((ms) => ms !== null) ?? null;
      return new EngineSource({ ...ofOne(each), tellsOrders: !has("connector"), nameOf, sinceMs });
    });
  const all = [...connectors, ...engines];
  for (const source of all) source.start();
  const tending = setInterval(() => {
    for (const { watch } of all) watch.tend();
  }, TEND_MS);
  return {
    questions: questionsOf(connectors, engines),
    ready: () => all.map(({ watch }) => watch.check()),
    close: async () => {
      clearInterval(tending);
      await Promise.all(all.map((source) => source.close()));
    },
  };
}

function questionsOf(connectors: readonly ConnectorSource[], engines: readonly EngineSource[]): Questions {
  const hosting = (bot: string): EngineSource | undefined => engines.find((each) => each.has(bot));
  const unknownTo = (bot: string): string =>
    engines.length === 0
      ? "there is no engine among the sources, and bots live in engines"
      : `no engine here has ${bot}`;
  const of = (exchange: string): ConnectorSource | undefined =>
    connectors.find((each) => each.serves(exchange)) ?? (exchange === "" ? connectors[0] : undefined);
  return {
    candles: (question) => {
      const source = of(question.exchange);
      if (source === undefined) return Promise.resolve(fail(`no connector here serves ${question.exchange}`));
      return source.candles(question);
    },
    explain: async (id) => {
      let error = "there is no engine among the sources, and only an engine knows why";
      for (const engine of engines) {
        const answer = await engine.explain(id);
        if (answer.ok) return answer;
        error = answer.error;
      }
      return fail(error);
    },
    config: async (bot) => (await hosting(bot)?.config(bot)) ?? fail(unknownTo(bot)),
    preview: async (bot, config) =>
      (await hosting(bot)?.preview(bot, config)) ?? fail({ error: unknownTo(bot), problems: [] }),
    state: async (question) => (await hosting(question.bot)?.state(question)) ?? fail(unknownTo(question.bot)),
    whatIf: async (bot) => (await hosting(bot)?.whatIf(bot)) ?? fail(unknownTo(bot)),
    want: (key) => of(key.exchange)?.want(key) ?? (() => undefined),
  };
}
