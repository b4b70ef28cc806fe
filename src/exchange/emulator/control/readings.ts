// Bodies and queries of the control API, read into what the typed operations take. Nothing is guessed: what is wrong is
// said by field, value and what was expected.

import type { AccountSpec } from "../accounts.ts";
import type { AccountChange, BarrierOrder, ClockOrder, ResetOrder, SocketFilter } from "../control.ts";
import type { KnownNames } from "../faults/fault-form.ts";
import type { MarketChoice } from "../market/choice.ts";
import { isPreset, PRESETS } from "../market/presets.ts";
import type { ProtocolName } from "../protocol.ts";
import type { Belief } from "../state.ts";
import type { ClockMode } from "../time.ts";
import { Fields, wrong } from "./fields.ts";

const MODES: readonly ClockMode[] = ["wall", "paced", "manual"];
const POSITION_MODES = ["one-way", "hedge"] as const;
const STATUSES = ["open", "filled", "canceled", "expired", "absent"] as const;
const SKEW = { min: -86_400_000, max: 86_400_000 };
const NATURAL = { min: 0 };

/** What a request names: protocols, accounts and instruments there are. */
export interface Reading {
  readonly known: KnownNames;
  readonly body: unknown;
}

export function readClock({ body }: Reading): ClockOrder {
  const fields = new Fields(body, ["mode", "speed", "advanceMs", "toMs", "skewMs"]);
  return {
    ...given("mode", fields.wordOr("mode", MODES, null)),
    ...given("speed", fields.wholeOr("speed", null, { min: 1, max: 1_000_000 })),
    ...given("advanceMs", fields.wholeOr("advanceMs", null, NATURAL)),
    ...given("toMs", fields.wholeOr("toMs", null, NATURAL)),
    ...given("skewMs", fields.wholeOr("skewMs", null, SKEW)),
  };
}

export function readReset({ body }: Reading): ResetOrder {
  const fields = new Fields(body, ["seed", "source", "clock"]);
  const clock = fields.has("clock") ? fields.part("clock", ["mode", "speed", "startMs"]) : null;
  return {
    ...given("seed", fields.textOr("seed", null)),
    ...given("market", readSource(fields)),
    ...given(
      "clock",
      clock === null
        ? null
        : {
            mode: clock.word("mode", MODES),
            ...given("speed", clock.wholeOr("speed", null, { min: 1, max: 1_000_000 })),
            ...given("startMs", clock.wholeOr("startMs", null, NATURAL)),
          },
    ),
  };
}

/** `hand`, or the name of a preset. */
function readSource(fields: Fields): MarketChoice | null {
  const source = fields.wordOr("source", ["hand", ...Object.keys(PRESETS)], null);
  if (source === null) return null;
  return isPreset(source) ? { kind: "preset", preset: source } : { kind: "hand" };
}

const FEES = ["makerPpm", "takerPpm"];
const RIGHTS = ["trade", "withdraw", "transfer"];

const readFees = (fields: Fields) => {
  if (!fields.has("fees")) return null;
  const fees = fields.part("fees", FEES);
  const range = { min: -1_000_000, max: 1_000_000 };
  return { makerPpm: fees.whole("makerPpm", range), takerPpm: fees.whole("takerPpm", range) };
};

const readRights = (fields: Fields) => {
  if (!fields.has("rights")) return null;
  const rights = fields.part("rights", RIGHTS);
  const read: Record<string, boolean> = {};
  for (const right of RIGHTS) if (rights.has(right)) read[right] = rights.flagOr(right, false);
  return read;
};

export function readAccount({ body, known }: Reading): AccountSpec {
  const texts = ["apiKey", "secret", "passphrase"] as const;
  const modes = ["rights", "ipRestricted", "positionMode", "skewMs", "fees", "leverage"];
  const fields = new Fields(body, ["name", ...texts, "userId", ...modes, "balances"]);
  return {
    name: fields.text("name"),
    ...given("apiKey", fields.textOr("apiKey", null)),
    ...given("secret", fields.textOr("secret", null)),
    ...given("passphrase", fields.textOr("passphrase", null)),
    ...given("userId", fields.wholeOr("userId", null, { min: 1 })),
    ...given("rights", readRights(fields)),
    ...(fields.has("ipRestricted") ? { ipRestricted: fields.flagOr("ipRestricted", true) } : {}),
    ...given("positionMode", fields.wordOr("positionMode", POSITION_MODES, null)),
    ...given("skewMs", fields.wholeOr("skewMs", null, SKEW)),
    ...given("fees", readFees(fields)),
    ...given("leverage", fields.wholeOr("leverage", null, { min: 1, max: 125 })),
    ...given("balances", readBalances(fields, known)),
  };
}

function readBalances(fields: Fields, { protocols }: KnownNames): Record<string, Record<string, string>> | null {
  if (!fields.has("balances")) return null;
  const balances = fields.part("balances", protocols);
  const read: Record<string, Record<string, string>> = {};
  for (const protocol of protocols) if (balances.has(protocol)) read[protocol] = { ...balances.amounts(protocol) };
  return read;
}

export function readAccountChange({ body }: Reading): AccountChange {
  const fields = new Fields(body, ["apiKey", "secret", "positionMode", "skewMs", "revoked", "rights", "fees"]);
  return {
    ...given("apiKey", fields.textOr("apiKey", null)),
    ...given("secret", fields.textOr("secret", null)),
    ...given("positionMode", fields.wordOr("positionMode", POSITION_MODES, null)),
    ...given("skewMs", fields.wholeOr("skewMs", null, SKEW)),
    ...(fields.has("revoked") ? { revoked: fields.flagOr("revoked", false) } : {}),
    ...given("rights", readRights(fields)),
    ...given("fees", readFees(fields)),
  };
}

const SOCKET_FIELDS = ["id", "protocol", "path", "stream"];

function socketFilter(fields: Fields, { protocols }: KnownNames): SocketFilter {
  return {
    ...given("id", fields.wholeOr("id", null, NATURAL)),
    ...given("protocol", protocolOr(fields, protocols)),
    ...given("path", fields.textOr("path", null)),
    ...given("stream", fields.textOr("stream", null)),
  };
}

const protocolOr = (fields: Fields, protocols: readonly string[]): ProtocolName | null =>
  fields.has("protocol") ? (fields.word("protocol", protocols) as ProtocolName) : null;

export function readClosing({ body, known }: Reading) {
  const fields = new Fields(body, ["filter", "code", "reason"]);
  const filter = fields.has("filter") ? socketFilter(fields.part("filter", SOCKET_FIELDS), known) : {};
  const code = fields.wholeOr("code", 1001, { min: 1000, max: 4999 });
  return { filter, code, reason: fields.textOr("reason", "") };
}

export function readBarrier({ body, known }: Reading): BarrierOrder {
  const fields = new Fields(body, ["order", "sockets", "requests", "deadlineMs"]);
  const order = fields.has("order") ? fields.part("order", ["clientOrderId", "status"]) : null;
  const sockets = fields.has("sockets") ? fields.part("sockets", ["filter", "count"]) : null;
  const requests = fields.wholeOr("requests", null, NATURAL);
  if (order === null && sockets === null && requests === null) {
    throw wrong("(body)", body, "at least one of order, sockets, requests");
  }
  const filter = sockets?.has("filter") === true ? sockets.part("filter", SOCKET_FIELDS) : null;
  return {
    ...given(
      "order",
      order === null ? null : { clientOrderId: order.text("clientOrderId"), status: order.word("status", STATUSES) },
    ),
    ...given(
      "sockets",
      sockets === null
        ? null
        : {
            count: sockets.whole("count", NATURAL),
            ...(filter === null ? {} : { filter: socketFilter(filter, known) }),
          },
    ),
    ...given("requests", requests),
    ...given("deadlineMs", fields.wholeOr("deadlineMs", null, { min: 1, max: 600_000 })),
  };
}

export function readBelief({ body, known }: Reading): Belief {
  const fields = new Fields(body, ["account", "protocol", "balances", "positions", "openOrders", "filled"]);
  const ids = fields.has("openOrders") ? fields.list("openOrders") : null;
  const texts = ids?.filter((id): id is string => typeof id === "string") ?? null;
  if (texts?.length !== ids?.length) throw fields.wrong("openOrders", "a list of client order ids");
  return {
    account: fields.word("account", known.accounts),
    protocol: fields.word("protocol", known.protocols) as ProtocolName,
    ...given("balances", fields.has("balances") ? fields.amounts("balances") : null),
    ...given("positions", fields.has("positions") ? fields.amounts("positions") : null),
    ...given("openOrders", texts),
    ...given("filled", fields.has("filled") ? fields.amounts("filled") : null),
  };
}

/** The field where there is a value, and nothing where there is none. */
export function given<K extends string, V>(name: K, value: V | null): { readonly [key in K]?: V } {
  return (value === null ? {} : { [name]: value }) as { readonly [key in K]?: V };
}
