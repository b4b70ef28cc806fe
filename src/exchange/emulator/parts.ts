// What the parts around a world are handed: the gate of faults, and whoever serves the control API. All of it is
// replaced together when the world is made anew, so nobody keeps it for longer than the world lives.

import type { SimulatedExchange } from "../../sim/exchange.ts";
import type { Accounts } from "./accounts.ts";
import type { SocketView } from "./gates.ts";
import type { Operator } from "./operator.ts";
import type { Protocol, ProtocolName } from "./protocol.ts";
import type { WireRecord } from "./record.ts";
import type { EmulatorTime } from "./time.ts";
import type { EmulatorWorld } from "./world.ts";

export interface EmulatorParts {
  readonly seed: string;
  readonly world: EmulatorWorld;
  readonly time: EmulatorTime;
  readonly exchange: SimulatedExchange;
  /** Empty until the world's protocols are made, which is before anybody can connect. */
  readonly protocols: ReadonlyMap<ProtocolName, Protocol>;
  readonly record: WireRecord;
  readonly accounts: Accounts;
  /** What may be done to the exchanges from outside. */
  readonly operator: Operator;
  /** What was done to the exchange from outside takes effect: everything due up to now has happened when it returns. */
  settle(): void;
  /** Open sockets, oldest first. */
  sockets(): readonly SocketView[];
}
