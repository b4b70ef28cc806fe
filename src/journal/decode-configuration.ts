// Journal body → instrument, configuration, operator command: what people decide, inside the events that bring it.

import type { Instrument, InstrumentKind, InstrumentStatus } from "../market/instrument.ts";
import type { BreakerAction, Command, CommandName, Leg, LimitsWanted } from "../trading/command.ts";
import type { BotConfigData } from "../trading/event.ts";
import type { Body, Members } from "./body.ts";

const STOP_POLICIES: Members<BotConfigData["cancelOnExit"]> = { all: true, opening: true, none: true };
const LEGS: Members<Leg> = { L: true, S: true };
const ACTIONS: Members<BreakerAction> = { P: true, O: true, A: true, F: true };
const KINDS: Members<InstrumentKind> = { spot: true, perpetual: true };
const TRADING: Members<InstrumentStatus> = { trading: true, "cancel-only": true, halted: true, delisting: true };

export function instrument(b: Body): Instrument {
  const result: Instrument = {
    exchange: b.text("exchange"),
    symbol: b.text("symbol"),
    kind: b.oneOf("kind", KINDS),
    base: b.text("base"),
    quote: b.text("quote"),
    tickSize: b.text("tickSize"),
    lotSize: b.text("lotSize"),
    minLots: b.lots("minLots"),
    maxLots: b.lots("maxLots"),
    minNotional: b.integer("minNotional"),
    minNotionalOnReduceOnly: b.flag("minNotionalOnReduceOnly"),
    makerPpm: b.integer("makerPpm"),
    takerPpm: b.integer("takerPpm"),
    feeIn: b.oneOf("feeIn", { quote: true, received: true }),
    status: b.oneOf("status", TRADING),
    openOrdersMax: b.integer("openOrdersMax"),
    fundingIntervalMs: b.integer("fundingIntervalMs"),
    leverage: b.integer("leverage"),
    maintenancePpm: b.integer("maintenancePpm"),
    inverse: b.flag("inverse"),
  };
  b.end();
  return result;
}

export function config(b: Body): BotConfigData {
  const result: BotConfigData = {
    strategy: b.text("strategy"),
    strategyConfig: b.opaque("strategyConfig"),
    risk: b.opaque("risk"),
    cancelOnExit: b.oneOf("cancelOnExit", STOP_POLICIES),
  };
  const budget = b.moneyIfGiven("budget");
  b.end();
  return budget === undefined ? result : { ...result, budget };
}

function limitsWanted(b: Body): LimitsWanted {
  const wanted: LimitsWanted = {
    positionQuantityMax: b.lotsOrNull("positionQuantityMax"),
    positionNotionalMax: b.moneyOrNull("positionNotionalMax"),
    orderQuantityMax: b.lotsOrNull("orderQuantityMax"),
    leverageMaxMilli: b.integerOrNull("leverageMaxMilli"),
  };
  b.end();
  return wanted;
}

type CommandOf<N extends CommandName> = Extract<Command, { readonly name: N }>;

const COMMANDS: { readonly [N in CommandName]: (body: Body) => CommandOf<N> } = {
  start: () => ({ name: "start" }),
  pause: (b) => ({
    name: "pause",
    cancelEntries: b.flag("cancelEntries"),
    leg: b.oneOf("leg", { L: true, S: true, both: true }),
  }),
  resume: () => ({ name: "resume" }),
  stop: (b) => ({ name: "stop", cancelOnExit: b.oneOfOrNull("cancelOnExit", STOP_POLICIES) }),
  flatten: () => ({ name: "flatten" }),
  adopt: (b) => ({ name: "adopt", lots: b.lots("lots"), average: b.milliTicksOrNull("average") }),
  writeOff: (b) => ({ name: "writeOff", lots: b.lots("lots"), leg: b.oneOf("leg", LEGS) }),
  reanchor: (b) => ({ name: "reanchor", price: b.ticks("price") }),
  relattice: (b) => ({ name: "relattice", config: config(b.object("config")) }),
  update: (b) => ({ name: "update", config: config(b.object("config")) }),
  clearGate: (b) => ({ name: "clearGate", gate: b.text("gate") }),
  kill: (b) => ({ name: "kill", flatten: b.flag("flatten") }),
  killReset: () => ({ name: "killReset" }),
  reconcileAccept: () => ({ name: "reconcileAccept" }),
  limits: (b) => ({ name: "limits", wanted: limitsWanted(b.object("wanted")) }),
  breakerOpen: (b) => ({ name: "breakerOpen", action: b.oneOf("action", ACTIONS) }),
  breakerClose: (b) => ({ name: "breakerClose", breaker: b.text("breaker"), force: b.flag("force") }),
};

const COMMAND_NAMES: Members<CommandName> = {
  start: true,
  pause: true,
  resume: true,
  stop: true,
  flatten: true,
  adopt: true,
  writeOff: true,
  reanchor: true,
  relattice: true,
  update: true,
  clearGate: true,
  kill: true,
  killReset: true,
  reconcileAccept: true,
  limits: true,
  breakerOpen: true,
  breakerClose: true,
};

export function command(b: Body): Command {
  const result = COMMANDS[b.oneOf("name", COMMAND_NAMES)](b);
  b.end();
  return result;
}
