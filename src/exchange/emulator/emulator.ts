// Starts an emulator: the world, one server for each protocol, and the control API. Loopback only unless told
// otherwise; it opens no connection of its own (EMU-01).

import { isIP } from "node:net";
import { present } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { RecordEntry } from "../../sim/record.ts";
import { type AccountSpec, DEMO_ACCOUNT } from "./accounts.ts";
import { EmulatorControl } from "./control.ts";
import { EmulatorError } from "./error.ts";
import type { GateMaker, SocketView } from "./gates.ts";
import type { MarketChoice } from "./market/choice.ts";
import { CONTROL, GATE } from "./plugs.ts";
import type { ProtocolName } from "./protocol.ts";
import { CONTROL_PORT, type ProtocolEntry, REGISTRY } from "./registry.ts";
import { type SavedWorld, savedOptions } from "./saved-world.ts";
import type { ScriptLine } from "./script.ts";
import { type Counters, ProtocolServer, type Served } from "./server.ts";
import { type ClockMode, MACHINE } from "./time.ts";
import type { Universe, UniverseOptions } from "./universe.ts";
import type { EmulatorWorld, ProtocolHabits } from "./world.ts";

export interface EmulatorOptions {
  /** Those of the registry unless named. */
  readonly protocols?: readonly ProtocolName[];
  /** Where each listens; `0` picks a free port. The registry's own where absent. */
  readonly ports?: { readonly [protocol in ProtocolName]?: number };
  /** Port of the control API, 0 for a free one; null switches it off. */
  readonly controlPort?: number | null;
  /** 127.0.0.1 unless told; anything but loopback needs `allowRemote`. */
  readonly host?: string;
  readonly allowRemote?: boolean;
  readonly seed?: string;
  readonly market?: MarketChoice;
  /** `manual` moves only by the control API. `startMs`: Unix ms, the machine's now unless told. */
  readonly clock?: { readonly mode: ClockMode; readonly speed?: number; readonly startMs?: number };
  /** The demo account unless others are named. */
  readonly accounts?: readonly AccountSpec[];
  readonly machine?: Clock;
  /** Ignores unknown parameters and serves old addresses unless told. */
  readonly habits?: Partial<ProtocolHabits>;
  /** Calls of the control API at times of the world; begins anew with each world. */
  readonly script?: readonly ScriptLine[];
  /** A world to go on with, instead of a fresh one. */
  readonly saved?: SavedWorld | null;
  /** Hears what a script wanted in vain. */
  readonly onTrouble?: (text: string) => void;
  /** For tests: protocols of their own, and what stands at the gate. */
  readonly registry?: readonly ProtocolEntry[];
  readonly gate?: GateMaker;
  /** For tests: hears the exchange's own record. */
  readonly heard?: (entry: RecordEntry) => void;
}

export interface Emulator {
  readonly ports: Readonly<Record<string, number>>;
  /** Null where it is switched off. */
  readonly controlPort: number | null;
  /** The world of now: another one after a reset. */
  readonly world: EmulatorWorld;
  readonly control: EmulatorControl;
  close(): Promise<void>;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Every port free and every market at its start: fit for tests that run beside each other. */
export const FREE_PORTS = { "binance-usdm": 0, "binance-spot": 0 } as const;

/** Errors: {@link EmulatorError}. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const host = hostOf(options);
  const registry = options.registry ?? REGISTRY;
  const protocols = registry.filter(({ name }) => options.protocols?.includes(name) ?? true);
  const counters: Counters = { requests: 0, sockets: 0, writing: { count: 0 } };
  const servers = new Map<ProtocolName, ProtocolServer>();
  const sockets = (): readonly SocketView[] =>
    [...servers.values()].flatMap((server) => [...server.sockets]).sort((a, b) => a.id - b.id);
  const first = universeOptions(options, protocols, sockets);
  const control = new EmulatorControl({
    first,
    counters,
    script: options.script ?? [],
    onTrouble: options.onTrouble ?? (() => undefined),
    endSockets: (code, reason) => {
      for (const server of servers.values()) server.endSockets(code, reason);
    },
  });
  const closeAll = async (): Promise<void> => {
    control.universe.end();
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  const ports: Record<string, number> = {};
  try {
    for (const { name, port } of protocols) {
      const served = (): Served => servedBy(control.universe, name);
      const inbound = (act: () => void): void => control.inbound(act);
      const own = options.ports?.[name] ?? port;
      const server = new ProtocolServer({ name, host, port: own, served, inbound, counters });
      servers.set(name, server);
      ports[name] = await server.listen();
    }
    const controlPort = options.controlPort === undefined ? CONTROL_PORT : options.controlPort;
    const panel = controlPort === null ? null : await CONTROL({ control, ports, host, port: controlPort });
    return {
      ports,
      controlPort: panel?.port ?? null,
      get world() {
        return control.universe.world;
      },
      control,
      close: async () => {
        await panel?.close();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function servedBy(universe: Universe, name: ProtocolName): Served {
  const { parts, gate, protocols } = universe;
  return { parts, gate, protocol: present(protocols.get(name), `protocol ${name}`) };
}

function hostOf({ host = "127.0.0.1", allowRemote = false }: EmulatorOptions): string {
  if (LOOPBACK.test(host) || (allowRemote && isIP(host) !== 0)) return host;
  const text = `${host} is no loopback address, and whoever reaches the emulator may do anything there`;
  throw new EmulatorError("ADDRESS_NOT_LOOPBACK", `${text}; leave it out, or say --allow-remote`);
}

function universeOptions(
  options: EmulatorOptions,
  protocols: readonly ProtocolEntry[],
  sockets: () => readonly SocketView[],
): UniverseOptions {
  const machine = options.machine ?? MACHINE;
  const { mode, speed = 1, startMs = null } = options.clock ?? { mode: "wall" };
  return {
    seed: options.seed ?? "1",
    market: options.market ?? { kind: "preset", preset: "calm" },
    clock: { mode, speed, startMs },
    accounts: options.accounts ?? [DEMO_ACCOUNT],
    protocols,
    gate: options.gate ?? GATE,
    habits: { strictParameters: false, legacy: "serve", ...options.habits },
    machine,
    sockets,
    saved: null,
    ...(options.heard === undefined ? {} : { heard: options.heard }),
    ...(options.saved ? savedOptions(options.saved) : {}),
  };
}
