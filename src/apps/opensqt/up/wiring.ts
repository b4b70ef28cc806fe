// How the three processes of `opensqt up` are joined: ports, and fresh random keys by which each knows the others
// (OPS-64). A key travels in the child's environment only; configurations hold its name or its SHA-256.

import { createHash, randomBytes } from "node:crypto";
import type { PlainSection } from "../../../config/process/shapes.ts";

/** Variables that carry keys to a child, which removes them once read. */
export const KEY_NAMES = { engine: "OPENSQT_KEY_ENGINE", view: "OPENSQT_KEY_VIEW" } as const;

export interface UpKeys {
  /** market-maker → connector. */
  readonly engine: string;
  /** live-server → both. */
  readonly view: string;
  /** The command line of this user → both. */
  readonly operator: string;
}

export interface UpPorts {
  readonly connectorGrpc: number;
  readonly connectorHttp: number;
  readonly marketMakerGrpc: number;
  readonly marketMakerHttp: number;
  readonly liveServerHttp: number;
}

export const LOOPBACK = "127.0.0.1";

/** 256 random bits each. */
export function freshKeys(): UpKeys {
  const key = (): string => randomBytes(32).toString("base64url");
  return { engine: key(), view: key(), operator: key() };
}

export interface UpProcesses {
  readonly connector: PlainSection;
  readonly marketMaker: PlainSection;
  readonly liveServer: PlainSection;
}

/** The processes' sections with their addresses and callers filled in. What the file says of callers is kept beside. */
export function joined(processes: UpProcesses, ports: UpPorts, keys: UpKeys): UpProcesses {
  const { connector, marketMaker, liveServer } = processes;
  const connectorAddress = `${LOOPBACK}:${ports.connectorGrpc}`;
  const engineAddress = `${LOOPBACK}:${ports.marketMakerGrpc}`;
  const view = client("view", "reader", keys.view);
  const operator = client("operator", "operator", keys.operator);
  const engine = client("engine", "trader", keys.engine);
  const door = `http://${LOOPBACK}:${ports.marketMakerHttp}`;
  const consoles = [`http://${LOOPBACK}:${ports.liveServerHttp}`, `http://localhost:${ports.liveServerHttp}`];
  const reader = { env: KEY_NAMES.view };
  return {
    connector: {
      ...connector,
      grpc: withClients(connector["grpc"], connectorAddress, [engine, view, operator]),
      http: { ...sectionOf(connector["http"]), bind: LOOPBACK, port: ports.connectorHttp },
    },
    marketMaker: {
      ...marketMaker,
      exchange: "remote",
      connector: { address: connectorAddress, key: { env: KEY_NAMES.engine } },
      grpc: withClients(marketMaker["grpc"], engineAddress, [view, operator]),
      http: {
        ...sectionOf(marketMaker["http"]),
        bind: LOOPBACK,
        port: ports.marketMakerHttp,
        allowedOrigins: [...new Set([...listOf(sectionOf(marketMaker["http"])["allowedOrigins"]), ...consoles])],
      },
    },
    liveServer: {
      ...liveServer,
      sources: [
        { name: "exchange", kind: "connector", address: connectorAddress, key: reader },
        { name: "engine", kind: "engine", address: engineAddress, key: reader },
      ],
      http: { ...sectionOf(liveServer["http"]), port: ports.liveServerHttp },
      web: { ...sectionOf(liveServer["web"]), doors: doorsOf(liveServer, door) },
    },
  };
}

const client = (name: string, role: string, key: string): PlainSection => ({ name, role, sha256: sha256(key) });
const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");

function withClients(grpc: unknown, bind: string, clients: readonly PlainSection[]): PlainSection {
  const given = sectionOf(grpc);
  return { ...given, bind, clients: [...listOf(given["clients"]), ...clients] };
}

/** Doors the file names; else the engine's own. */
function doorsOf(liveServer: PlainSection, door: string): readonly unknown[] {
  const given = listOf(sectionOf(liveServer["web"])["doors"]);
  return given.length > 0 ? given : [{ url: door }];
}

const sectionOf = (value: unknown): PlainSection =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as PlainSection) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
