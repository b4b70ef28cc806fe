// What the configuration of each process is once loaded (OPS-01, OPS-02): frozen values in the integers of the core,
// with defaults. Which keys make them is in the schemas beside this file.

import type { AccountLimits } from "../../trading/account-event.ts";
import type { Secret } from "../secret.ts";
import type { AlertsConfig } from "./alerts-shape.ts";
import type { BotDraft, BoundBot } from "./bot-draft.ts";
import type {
  ExchangeEnvironment,
  RealExchangeConfig,
  RealExchangeName,
  RecordConfig,
  SimulatedExchangeConfig,
} from "./exchange-shapes.ts";
import type { JournalConfig } from "./journal-config.ts";

/** What every loaded configuration tells of itself. */
export interface ConfigOrigin {
  readonly file: string;
  /** As written. */
  readonly text: string;
  /** Old names that were read; `{file}:{line} {key}: …`. */
  readonly warnings: readonly string[];
  /** Everything secret in it, to be masked wherever text leaves the process. */
  readonly secrets: readonly Secret[];
  /** Files that hold secrets and certificates: read again when they change (API-30). */
  readonly watchedFiles: readonly string[];
}

export interface LogConfig {
  readonly level: "debug" | "info" | "warn" | "error";
}

/** Listener of /health, /ready, /status and /metrics. */
export interface HttpConfig {
  /** Host name or address, without port. */
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Paths of PEM files: what a listener shows. With `clientCa` callers may show certificates of that authority. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}

/** Paths of PEM files: whom a client trusts (null: the system's), what it shows (null: nothing). */
export interface ClientTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name the server's certificate must carry; null: the host of the address. */
  readonly serverName: string | null;
}

/** Who may call (API-25…29): by key, by certificate name, or either. */
export interface RpcClientConfig {
  readonly name: string;
  readonly role: "reader" | "trader" | "operator";
  /** 64 hex digits. */
  readonly keySha256: string | null;
  /** Exact subject alternative name of its certificate. */
  readonly san: string | null;
  /** Bots its orders may be for; null: any. */
  readonly bots: readonly string[] | null;
}

export interface GrpcConfig {
  /** `host:port` (port 0: any free one) or `unix:PATH`. */
  readonly bind: string;
  readonly clients: readonly RpcClientConfig[];
  /** Per key (API-30). */
  readonly requestsPerSecondMax: number;
  readonly requestsBurst: number;
}

interface ConnectorBase {
  readonly environment: ExchangeEnvironment;
  readonly account: { readonly name: string };
  /** Folder of what must outlive the process: a simulated exchange's memory, the fence. */
  readonly store: { readonly folder: string };
  readonly record: RecordConfig | null;
  readonly grpc: GrpcConfig;
  readonly tls: ServerTls | null;
  readonly http: HttpConfig;
  readonly alerts: AlertsConfig;
  readonly log: LogConfig;
}

/** What a connector is connected to. */
export type ConnectorExchange =
  | { readonly exchange: "simulated"; readonly simulated: SimulatedExchangeConfig; readonly real: null }
  | { readonly exchange: RealExchangeName; readonly simulated: null; readonly real: RealExchangeConfig };

export type ConnectorBody = ConnectorBase & ConnectorExchange;
export type ConnectorConfig = ConfigOrigin & ConnectorBody;

/** The connector a market-maker uses. */
export interface ConnectorAddress {
  /** `host:port` or `unix:PATH`. */
  readonly address: string;
  /** Null: in the clear, on loopback and unix sockets only. */
  readonly tls: ClientTls | null;
  readonly key: Secret | null;
}

/** Bounds of the process (OPS-16). */
export interface FleetLimits {
  readonly botsMax: number;
  /** Of each bot. */
  readonly stepMsMax: number;
  readonly journalMibPerHourMax: number;
  /** Of the process. */
  readonly memoryMibMax: number;
}

/** Where journals and registry are: a folder, or a database; then the folder keeps what is this machine's alone. */
export interface StoreConfig {
  readonly sqlite: string;
  readonly postgres: PostgresConfig | null;
}

export interface PostgresConfig {
  readonly url: Secret;
  readonly schema: string;
  /** Name of this host in leases. */
  readonly host: string | null;
  readonly leaseMs: number;
}

export interface MarketMakerConfig extends ConfigOrigin {
  readonly store: StoreConfig;
  readonly journal: JournalConfig;
  /** Where its bots run (OPS-17): all in one thread, or each in one of its own. */
  readonly isolation: "shared" | "worker";
  /** What a second process on the same store does (OPS-20). */
  readonly lock: "refuse" | "wait";
  /** remote: the connector; native and simulated: the simulated exchange inside this process. */
  readonly exchange: "remote" | "native" | "simulated";
  readonly environment: ExchangeEnvironment;
  /** Used with `exchange: remote`. */
  readonly connector: ConnectorAddress;
  /** With `exchange: native` or `simulated`; null with remote. */
  readonly simulated: SimulatedExchangeConfig | null;
  /** As written; bound to instruments by `bindBot` when the exchange has told them. */
  readonly bots: readonly BotDraft[];
  readonly limits: FleetLimits;
  readonly account: AccountLimits;
  /** Silence after which the connector cancels the bots' orders (API-45). */
  readonly deadMan: { readonly timeoutMs: number };
  readonly grpc: GrpcConfig;
  /** API-37, on the HTTP listener. */
  readonly operatorDoor: boolean;
  /** `allowedOrigins`: pages that may use the operator door. */
  readonly http: HttpConfig & { readonly allowedOrigins: readonly string[] };
  readonly tls: ServerTls | null;
  readonly alerts: AlertsConfig;
  readonly log: LogConfig;
}

export interface LiveSource {
  readonly name: string;
  readonly kind: "connector" | "engine";
  readonly address: string;
  readonly tls: ClientTls | null;
  readonly key: Secret | null;
}

/** ES256 public key as PEM, or a secret of at least 32 bytes for HS256. */
export type JwtConfig =
  | { readonly kind: "hs256"; readonly secret: Secret }
  | { readonly kind: "es256"; readonly publicKey: string };

/** live.md section 7. */
export interface LiveServerConfig extends ConfigOrigin {
  readonly sources: readonly LiveSource[];
  /** Symbols; empty: all of the sources. */
  readonly instruments: readonly string[];
  readonly interval: string;
  readonly historyLimit: number;
  readonly http: HttpConfig & {
    readonly allowedOrigins: readonly string[];
    /** Host names beside the loopback ones and the bind itself. */
    readonly allowedHosts: readonly string[];
    readonly trustedProxies: readonly string[];
  };
  readonly tls: ServerTls | null;
  readonly auth: {
    readonly mode: "none" | "key" | "jwt";
    /** SHA-256, 64 hex digits each. */
    readonly keys: readonly string[];
    readonly jwt: JwtConfig | null;
  };
  readonly web: {
    /** Null: the built-in console. */
    readonly directory: string | null;
    /** Content-Security-Policy of the pages of `directory`. */
    readonly csp: string;
    /** Operator doors the console may talk to; bot null: every bot of that engine. */
    readonly doors: readonly { readonly bot: string | null; readonly url: string }[];
  };
  readonly limits: {
    readonly clientsMax: number;
    readonly clientsPerAddressMax: number;
    readonly bufferMessages: number;
    readonly inboundPerSecond: number;
    readonly pingMs: number;
    readonly pongMs: number;
    readonly writeMs: number;
  };
  readonly log: LogConfig;
}

/** `opensqt up`: three processes of one machine, their configurations made of one file. */
export interface UpConfig extends ConfigOrigin {
  /** `emulator`: the simulated exchange in a process of its own, behind a real exchange's wire protocol. */
  readonly exchange: "simulated" | "emulator" | RealExchangeName;
  /** The market of a simulated exchange or of the emulator; null with a real exchange. */
  readonly simulated: SimulatedExchangeConfig | null;
  readonly connector: ConnectorConfig;
  readonly marketMaker: MarketMakerConfig;
  readonly liveServer: LiveServerConfig;
  /** Bound to the simulated exchange's own instruments; empty where a real exchange must tell them first. */
  readonly bots: readonly BoundBot[];
  /** Folder under which everything is kept. */
  readonly store: { readonly sqlite: string };
  /** Plain values of each process, for `processText`: the file a child is given. */
  readonly processes: {
    readonly connector: PlainSection;
    readonly marketMaker: PlainSection;
    readonly liveServer: PlainSection;
  };
}

/** Keys and values as a configuration file has them. */
export interface PlainSection {
  readonly [key: string]: unknown;
}
