// Values of a market-maker's file → its configuration. Its bots stay drafts: their instruments come from the exchange.

import { isSection } from "../problem-desk.ts";
import { accountLimits } from "./account-limits.ts";
import type { BotDraft } from "./bot-draft.ts";
import { botDraft } from "./draft.ts";
import { journalConfig } from "./journal-config.ts";
import { alertsConfig } from "./judge-alerts.ts";
import type { Judging } from "./judging.ts";
import { grpcConfig, isLoopback, peerConfig, serverTls } from "./listeners.ts";
import type { MarketMakerValues } from "./market-maker-schema.ts";
import type { ConfigOrigin, MarketMakerConfig, StoreConfig } from "./shapes.ts";
import { simulatedExchangeConfig } from "./simulated-exchange.ts";

type BotValues = MarketMakerValues["bots"][number];

/** Null when the exchange cannot be made; every problem was said. */
export function judgeMarketMaker(
  values: MarketMakerValues,
  bots: readonly BotDraft[],
  judging: Judging,
): Omit<MarketMakerConfig, keyof ConfigOrigin> | null {
  judgeWorld(values, judging);
  judgeIsolation(values, judging);
  const tls = serverTls(values.tls, judging);
  const grpc = grpcConfig(values.grpc, tls, judging);
  if (values.operatorDoor && tls === null && !isLoopback(values.http.bind)) {
    const plain = "in the clear is not allowed with the operator door; give tls, or operatorDoor: false";
    judging.say("http.bind", `${values.http.bind} ${plain}`);
  }
  if (bots.length > values.limits.botsMax) {
    judging.say("bots", `${bots.length} are above limits.botsMax ${values.limits.botsMax}`);
  }
  const account = accountLimits(values.risk, bots, judging);
  const connector = peerConfig(values.connector, "connector", judging);
  const alerts = alertsConfig(values.alerts, judging);
  const store = storeConfig(values.store, judging);
  const inside = values.exchange !== "remote";
  const simulated = inside ? simulatedExchangeConfig(values.simulated, judging) : null;
  if (inside && simulated === null) return null;
  const { journal, isolation, lock, exchange, environment, limits, deadMan, operatorDoor, http, log } = values;
  return {
    store,
    journal: journalConfig(journal, environment),
    isolation,
    lock,
    exchange,
    environment,
    connector,
    simulated,
    bots,
    limits,
    account,
    deadMan,
    grpc,
    operatorDoor,
    http,
    tls,
    alerts,
    log,
  };
}

/** The URL holds a password, so it is a secret (OPS-06). */
function storeConfig({ sqlite, postgres }: MarketMakerValues["store"], judging: Judging): StoreConfig {
  if (postgres === undefined) return { sqlite, postgres: null };
  const key = "store.postgres.url";
  const url = judging.secret(key, postgres.url);
  if (url === null) {
    if (postgres.url === undefined) judging.say(key, "is missing; give { env: NAME } or { file: PATH }");
    return { sqlite, postgres: null };
  }
  if (!/^postgres(ql)?:\/\//.test(url.reveal())) judging.say(key, "is no postgresql://USER:PASSWORD@HOST/DATABASE");
  const { schema, host = null, leaseMs } = postgres;
  return { sqlite, postgres: { url, schema, host, leaseMs } };
}

/** A thread of its own has a connection and a journal of its own: there must be something to have (decision 0029). */
function judgeIsolation({ isolation, exchange, store }: MarketMakerValues, judging: Judging): void {
  if (isolation === "shared") return;
  if (exchange !== "remote") {
    const why = "each thread has a connection to the connector of its own";
    judging.say(
      "isolation",
      `worker is not allowed with exchange ${exchange}; give exchange remote, or shared: ${why}`,
    );
  }
  if (store.postgres !== undefined) {
    const why = "the lease of the database is the process's, and not a thread's";
    judging.say("isolation", `worker is not allowed with store.postgres; give shared, or store.sqlite: ${why}`);
  }
}

/** OPS-62: real money needs a connector of its own, unless somebody says otherwise. */
function judgeWorld({ exchange, environment, allowNativeLive }: MarketMakerValues, judging: Judging): void {
  if (environment === "emulator") return;
  if (exchange === "native" && environment === "live" && !allowNativeLive) {
    const why =
      "live is not allowed with exchange native; give exchange remote and a connector, or allowNativeLive: true";
    judging.say("environment", why);
  } else if (exchange !== "remote") {
    judging.say("environment", `${environment} comes with a later release; give emulator, which is simulated`);
  }
}

/** Two bots share neither id nor tag, which journals and order ids carry, nor an instrument (RISK-07). */
export function judgeBots(drafts: readonly BotDraft[], keyOf: (index: number) => string, judging: Judging): void {
  const ids = new Map<string, number>();
  const tags = new Map<string, number>();
  const owners = new Map<string, string>();
  for (const [index, { id, tag, symbol }] of drafts.entries()) {
    const at = keyOf(index);
    if (ids.has(id)) judging.say(`${at}.id`, `${id} is given twice; each bot has its own id`);
    else if (tags.has(tag)) judging.say(`${at}.tag`, `${tag} is the tag of another bot too; give one of its own`);
    const owner = owners.get(symbol);
    if (owner !== undefined && !ids.has(id)) {
      judging.say(
        `${at}.instrument`,
        `${symbol} is ${owner}'s already; an instrument of an account belongs to one bot`,
      );
    }
    owners.set(symbol, owner ?? id);
    ids.set(id, index);
    tags.set(tag, index);
  }
}

interface Drafting {
  readonly written: unknown;
  readonly keyOf: (index: number) => string;
  readonly problemAt: (key: string, text: string) => ReturnType<BotDraft["problemAt"]>;
}

/** The drafts of a list; `written` is the list before defaults. */
export function draftsOf(bots: readonly BotValues[], { written, keyOf, problemAt }: Drafting): readonly BotDraft[] {
  const sections = Array.isArray(written) ? written : [];
  return bots.map((values, index) =>
    botDraft(values, isSection(sections[index]) ? sections[index] : values, {
      warnings: [],
      problemAt: (key, text) => problemAt(`${keyOf(index)}.${key}`, text),
    }),
  );
}
