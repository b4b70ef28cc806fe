// The calls of the control API as a table (EMU-35): method, path, what is done. The HTTP around it is
// control-server.ts.

import type { EmulatorControl } from "../control.ts";
import { EmulatorError } from "../error.ts";
import { type KnownNames, readFault } from "../faults/fault-form.ts";
import { FaultGate } from "../faults/gate.ts";
import { doAdl, doFill, doLiquidate, doMarket, doSettleFunding } from "./deeds.ts";
import { Fields, taken } from "./fields.ts";
import {
  readAccount,
  readAccountChange,
  readBarrier,
  readBelief,
  readClock,
  readClosing,
  readReset,
} from "./readings.ts";

export interface ControlCall {
  readonly control: EmulatorControl;
  readonly ports: Readonly<Record<string, number>>;
  readonly known: KnownNames;
  readonly body: unknown;
  /** Of the query. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Last part of the path, where the route has a name in it. */
  readonly named: string;
}

export interface ControlRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** What is answered, as JSON; undefined: done, and nothing to say. */
  readonly run: (call: ControlCall) => unknown;
}

const get = (path: string, run: ControlRoute["run"]): ControlRoute => ({ method: "GET", path, run });
const post = (path: string, run: ControlRoute["run"]): ControlRoute => ({ method: "POST", path, run });

export const CONTROL_ROUTES: readonly ControlRoute[] = [
  get("/control/health", ({ control: { universe } }) => ({ status: "ok", nowMs: universe.time.nowMs() })),
  // what `opensqt up` asks of every process it starts
  get("/ready", () => ({ waiting: [] })),
  get("/control/ports", ({ ports }) => ports),
  post("/control/reset", (call) => call.control.reset(readReset(call))),
  post("/control/clock", async (call) => ({ nowMs: await call.control.clock(readClock(call)) })),
  post("/control/accounts", (call) => {
    const { name, apiKey, secret, userId } = call.control.addAccount(readAccount(call));
    return { name, apiKey, secret, userId };
  }),
  { method: "PATCH", path: "/control/accounts/:named", run: changeAccount },
  post("/control/market", deed(doMarket)),
  post("/control/fill", deed(doFill)),
  post("/control/settleFunding", deed(doSettleFunding)),
  post("/control/liquidate", deed(doLiquidate)),
  post("/control/adl", deed(doAdl)),
  post("/control/faults", ({ control, body, known }) => faultsOf(control).inject(taken(readFault(body, known)))),
  get("/control/faults", ({ control }) => ({ faults: faultsOf(control).desk.list() })),
  {
    method: "DELETE",
    path: "/control/faults",
    run: ({ control }) => ({ removed: faultsOf(control).desk.clear() }),
  },
  { method: "DELETE", path: "/control/faults/:named", run: removeFault },
  get("/control/sockets", ({ control }) => ({ sockets: control.sockets().map(socketOf) })),
  post("/control/sockets/close", (call) => {
    const { filter, code, reason } = readClosing(call);
    return { closed: call.control.closeSockets(filter, code, reason) };
  }),
  get("/control/state", ({ control }) => control.state()),
  get("/control/orders", ({ control, query }) => {
    const fields = new Fields(query, ["clientOrderId"]);
    const orders = control.orders(fields.text("clientOrderId"));
    return { orders, forgotten: control.universe.history.forgotten };
  }),
  get("/control/log", readLog),
  post("/control/snapshot", ({ control, body }) => control.snapshot(new Fields(body, ["name"]).textOr("name", ""))),
  post("/control/restore", ({ control, body }) => control.restore(new Fields(body, ["name"]).textOr("name", ""))),
  post("/control/barrier", async (call) => ({ waitedMs: await call.control.barrier(readBarrier(call)) })),
  post("/control/compare", (call) => {
    const differences = call.control.compare(readBelief(call));
    return { equal: differences.length === 0, differences };
  }),
];

/** Names a request may use, as they are now. */
export function knownNames({ universe }: EmulatorControl): KnownNames {
  return {
    protocols: [...universe.protocols.keys()],
    accounts: universe.accounts.all().map(({ name }) => name),
    instruments: [...universe.exchange.markets.keys()],
  };
}

/** The faults of the world of now. Errors: EmulatorError STATE where another gate stands there. */
export function faultsOf({ universe: { gate } }: EmulatorControl): FaultGate {
  if (gate instanceof FaultGate) return gate;
  throw new EmulatorError("STATE", "this emulator was started with a gate of its own, which knows no faults");
}

type Doing = typeof doMarket;

/** A deed that had nothing to do is refused with its reason. */
function deed(doing: Doing): ControlRoute["run"] {
  return (call) => {
    const objection = doing(call.control, call);
    if (objection !== null) throw new EmulatorError("STATE", objection);
  };
}

function changeAccount(call: ControlCall): unknown {
  const { name, positionMode, skewMs, revoked } = call.control.changeAccount(call.named, readAccountChange(call));
  return { name, positionMode, skewMs, revoked };
}

function removeFault({ control, named }: ControlCall): unknown {
  if (faultsOf(control).desk.remove(named)) return { removed: 1 };
  throw new EmulatorError("NOT_FOUND", `there is no fault ${named}; GET /control/faults lists those there are`);
}

function readLog({ control, query }: ControlCall): unknown {
  const fields = new Fields(query, ["since", "max"]);
  const number = (field: string, unless: number): number => {
    const text = fields.textOr(field, null);
    if (text !== null && !/^\d{1,15}$/.test(text)) throw fields.wrong(field, "a whole number");
    return text === null ? unless : Number.parseInt(text, 10);
  };
  const { lines, forgotten, hash } = control.log(number("since", 0), number("max", 100_000));
  return { hash, forgotten, entries: lines.map((line) => JSON.parse(line) as unknown) };
}

const socketOf = ({
  id,
  protocol,
  path,
  peer,
  openedAtMs,
  subscriptions,
}: ReturnType<EmulatorControl["sockets"]>[0]) => ({
  id,
  protocol: protocol.name,
  path,
  peer,
  openedAtMs,
  subscriptions,
});
