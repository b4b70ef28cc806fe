// ExplainOrder (DUR-69): the decision taken again on the state before it, with what it saw, what risk measured and what
// became of the order. From the journal alone, in slices; it changes nothing.

import { type Decision, explainDecision, happenedTo } from "../../engine/explain.ts";
import { decodeEvent } from "../../journal/codec.ts";
import type { StoredReader } from "../../journal/store.ts";
import { lots } from "../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import { absent, optionalText } from "../../rpc/fields.ts";
import type {
  ExplainOrderRequest,
  ExplainOrderResponse,
  ExplainStep,
  Posting,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { Fill } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderSide } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import { type ClientOrderId, foreignOrderId, parseClientOrderId } from "../../trading/client-order-id.ts";
import type { FillEvent } from "../../trading/event.ts";
import { factTexts } from "../because-text.ts";
import { productionEngine } from "../engine.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import { replayTo, Slices } from "../fleet/sliced-replay.ts";
import { archivedSeq } from "../replay-journal.ts";

/** Records that are looked through for what became of the order, once it ended: late evidence is rare. */
const AFTER_END_MAX = 2_000;

type IdKind = "client_order_id" | "order_id" | "trade_id" | "refusal_id";

interface Wanted {
  readonly kind: IdKind;
  readonly id: string;
}

export async function explainOrder(
  fleet: Fleet,
  request: ExplainOrderRequest,
  signal: AbortSignal,
): Promise<ExplainOrderResponse> {
  const wanted = wantedOf(request);
  for (const bot of candidates(fleet, wanted)) {
    if (!bot.hasJournal) continue;
    const reader = bot.openReader();
    try {
      const told = await explainIn(reader, bot, { wanted, signal });
      if (told !== null) return told;
    } finally {
      reader.close();
    }
  }
  throw absent(
    `no ${wanted.kind.replace("_id", "").replace("_", " ")} ${wanted.id} is in the journals of this process`,
  );
}

function wantedOf(request: ExplainOrderRequest): Wanted {
  const given: readonly Wanted[] = [
    { kind: "client_order_id", id: request.clientOrderId },
    { kind: "order_id", id: request.orderId },
    { kind: "trade_id", id: request.tradeId },
    { kind: "refusal_id", id: request.refusalId },
  ];
  const [only, second] = given.filter(({ id }) => id !== "");
  if (only === undefined) throw invalidField("client_order_id", "is missing: give exactly one id");
  if (second !== undefined)
    throw invalidField(second.kind, `must not be given beside ${only.kind}: give exactly one id`);
  return { ...only, id: optionalText(only.kind, only.id, 100) };
}

/** Our own ids name their bot; the exchange's may be anybody's. */
function candidates(fleet: Fleet, { kind, id }: Wanted): readonly FleetBot[] {
  if (kind === "order_id" || kind === "trade_id") return fleet.bots();
  const tag = parseClientOrderId(id)?.tag;
  return fleet.bots().filter(({ record }) => record.tag === tag);
}

interface Question {
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
}

async function explainIn(
  reader: StoredReader,
  bot: FleetBot,
  { wanted, signal }: Question,
): Promise<ExplainOrderResponse | null> {
  const id = await ourIdOf(reader, wanted, signal);
  if (id === null) return null;
  const place = reader.placeOf(id);
  const seq = place?.seq ?? parseClientOrderId(id)?.seq ?? 0;
  if (seq > 0 && seq <= archivedSeq(reader)) {
    const ask = `opensqt explain ${id} ${bot.store.flagsFor(bot.id)}`;
    throw absent(`event ${seq}, which decided ${id}, is archived: ask where the archives lie: ${ask}`);
  }
  const isKnown = seq > 0 && seq <= reader.seq && (bot.poisonedSeq === null || seq < bot.poisonedSeq);
  const before = !isKnown ? null : await replayTo(reader, productionEngine, { seq, signal });
  if (before === null) return null;
  const clientOrderId = foreignOrderId(id);
  const event = decodeEvent(before.record);
  const decision = explainDecision(before.state, [{ seq, event }], { clientOrderId, seq });
  if (decision === null) return null;
  const { instrument } = before.state;
  const found = { steps: [stepOf(decision, instrument)], fills: [], postings: [] };
  const history: History = { ...found, bot: bot.id, id: clientOrderId, instrument };
  if (place !== null) await follow(reader, place.position, { history, signal });
  return {
    steps: history.steps,
    configHash: decision.configHash,
    riskChecks: decision.checks.map(({ code, value, limit, unit, passed, spared }) => ({
      code,
      value: spared ? "not asked: it only reduces" : value === null ? "" : `${value} ${unit}`.trim(),
      limit: limit === null ? "" : `${limit} ${unit}`.trim(),
      passed,
    })),
    fills: history.fills,
    postings: history.postings,
  };
}

/** The client order id that is meant, as this journal knows it. */
async function ourIdOf(reader: StoredReader, { kind, id }: Wanted, signal: AbortSignal): Promise<string | null> {
  if (kind === "client_order_id" || kind === "refusal_id") return id;
  const name = kind === "order_id" ? "exchangeOrderId" : "tradeId";
  const needle = `"${name}":${JSON.stringify(id)}`;
  const slices = new Slices(signal);
  for (const record of reader.records(0)) {
    await slices.breathe();
    if (record.type !== "event" || !record.body.includes(needle)) continue;
    const event = decodeEvent(record);
    if ("clientOrderId" in event && event.clientOrderId !== null) return event.clientOrderId;
  }
  return null;
}

interface History {
  readonly bot: string;
  readonly id: ClientOrderId;
  readonly instrument: Instrument | null;
  readonly steps: ExplainStep[];
  readonly fills: Fill[];
  readonly postings: Posting[];
}

async function follow(
  reader: StoredReader,
  position: number,
  { history, signal }: { readonly history: History; readonly signal: AbortSignal },
): Promise<void> {
  const { id, instrument } = history;
  const slices = new Slices(signal);
  let left = Number.POSITIVE_INFINITY;
  for (const record of reader.records(position)) {
    await slices.breathe();
    left -= 1;
    if (left < 0) return;
    if (record.type !== "event" || !record.body.includes(id)) continue;
    const event = decodeEvent(record);
    const { seq, atMs } = record;
    const line = happenedTo(id, { seq, event }, instrument);
    if (line === null) continue;
    history.steps.push({ sequence: seq, atMs, kind: event.kind, text: line.text, facts: {} });
    for (const { account, asset, amount, atMs: postedAtMs } of line.postings) {
      history.postings.push({
        sequence: seq,
        account,
        asset,
        amount: toDecimal(formatMoney(amount)),
        atMs: postedAtMs,
      });
    }
    if (event.kind === "fill" && instrument !== null) history.fills.push(fillOf(history.bot, instrument, event));
    const ended = event.kind === "order" ? event.status !== "open" : event.kind === "absent";
    if (ended || (event.kind === "outcome" && event.result === "rejected" && event.of === "place"))
      left = AFTER_END_MAX;
  }
}

function fillOf(bot: string, instrument: Instrument, fill: FillEvent): Fill {
  return {
    exchange: instrument.exchange,
    symbol: fill.symbol,
    tradeId: fill.tradeId,
    orderId: fill.exchangeOrderId,
    clientOrderId: fill.clientOrderId ?? "",
    botId: bot,
    side: fill.side === "buy" ? OrderSide.BUY : OrderSide.SELL,
    price: toDecimal(formatPrice(instrument, fill.price)),
    quantity: toDecimal(formatQuantity(instrument, fill.quantity)),
    fee: toDecimal(formatMoney(fill.fee)),
    feeAsset: fill.feeAsset,
    maker: fill.liquidity === "maker",
    origin: fill.origin === "order" ? "own" : fill.origin,
    realizedPnl: undefined,
    atMs: fill.exchangeAtMs,
  };
}

/** The decision as the first step: what was wanted, why, and what it saw. */
function stepOf(decision: Decision, instrument: Instrument | null): ExplainStep {
  const { order, because, book, seq, atMs, refused } = decision;
  const { code, ...facts } = because;
  const price = instrument === null ? `${order.price} ticks` : formatPrice(instrument, order.price);
  const quantity = instrument === null ? `${order.quantity} lots` : formatQuantity(instrument, order.quantity);
  const position = instrument === null ? `${decision.position}` : formatQuantity(instrument, lots(decision.position));
  const told: Record<string, string> = { because: code, event: decision.event.kind, position };
  for (const [name, text] of factTexts(facts, instrument)) told[name] = text;
  if (book !== null && instrument !== null) {
    const [bid, ask] = [book.bids[0]?.[0], book.asks[0]?.[0]];
    if (bid !== undefined) told["bid"] = formatPrice(instrument, bid);
    if (ask !== undefined) told["ask"] = formatPrice(instrument, ask);
    told["bookAgeMs"] = `${atMs - book.atMs}`;
  }
  const flags = [order.postOnly ? "post-only" : "", order.reduceOnly ? "reduce-only" : ""].filter(Boolean).join(" ");
  const said = `${order.side} ${quantity} at ${price} ${flags}`.trim();
  const text = refused ? `${said}: refused by risk, nothing was sent` : `${said}: decided`;
  return { sequence: seq, atMs, kind: refused ? "refusal" : "place", text, facts: told };
}
