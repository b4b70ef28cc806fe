// Where the faults and the control API are plugged in: what stands at the gate of every world, and who serves the
// control port. Nothing else of the emulator knows either.

import { startControl } from "./control/control-server.ts";
import type { EmulatorControl } from "./control.ts";
import { FaultGate } from "./faults/gate.ts";
import type { GateMaker } from "./gates.ts";

export const GATE: GateMaker = (parts) => new FaultGate(parts, parts.operator);

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

export type ControlServerMaker = (served: {
  readonly control: EmulatorControl;
  /** Ports of the protocols. */
  readonly ports: Readonly<Record<string, number>>;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}) => Promise<ControlServer>;

export const CONTROL: ControlServerMaker = startControl;
