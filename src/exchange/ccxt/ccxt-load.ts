// Finds one exchange of ccxt without loading the other hundred, and names the little of it that is touched. Only
// `ccxt-instance.ts` may hold what this gives.

import { isRecord } from "./raw.ts";

export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>> | undefined;
  readonly body: unknown;
}

/** What of a ccxt instance is read, called or replaced; everything else stands behind the index signature. */
export interface CcxtExchange {
  readonly id: string;
  readonly has: Record<string, unknown>;
  readonly urls: Record<string, unknown>;
  readonly options: Record<string, unknown>;
  readonly markets: unknown;
  readonly timeframes: unknown;
  readonly precisionMode: unknown;
  readonly clients: Record<string, unknown> | undefined;
  apiKey: string;
  secret: string;
  password: string;
  number: (text: string) => string;
  milliseconds: () => number;
  seconds: () => number;
  microseconds: () => number;
  parseJson: (text: string) => unknown;
  fetchImplementation: (url: string, request: Readonly<Record<string, unknown>>) => Promise<unknown>;
  fetch: (url: string, method: string, headers: unknown, body: unknown) => Promise<unknown>;
  calculateRateLimiterCost: (api: unknown, method: string, path: string, params: unknown, config: unknown) => unknown;
  throttle: (cost: unknown) => Promise<void>;
  sign: (
    path: string,
    api: unknown,
    method: string,
    params: Readonly<Record<string, unknown>>,
    headers: unknown,
    body: unknown,
  ) => SignedRequest;
  handleErrors: (...args: unknown[]) => unknown;
  handleMessage: (client: unknown, message: unknown) => void;
  onConnected: (client: unknown, message: unknown) => void;
  onError: (client: unknown, error: unknown) => void;
  onClose: (client: unknown, error: unknown) => void;
  /** Where ccxt prints to; its sockets take it over when they are made. */
  log: (...args: unknown[]) => void;
  /** Does something later, without a way back. */
  delay: (ms: number, method: unknown, ...args: unknown[]) => void;
  spawn(method: unknown, ...args: unknown[]): unknown;
  isJsonEncodedObject(text: string): boolean;
  onJsonResponse(text: string): string;
  enableDemoTrading(on: boolean): void;
  setSandboxMode(on: boolean): void;
  loadHttpProxyAgent(): Promise<unknown>;
  close(): Promise<void>;
  [name: string]: unknown;
}

type Maker = new (options: Readonly<Record<string, unknown>>) => CcxtExchange;

/**
 * An instance of one exchange, with sockets where ccxt has them. Throws for an id that is no exchange of ccxt. The
 * package exports only all exchanges at once, a second of start and a hundred megabytes; its files stand beside it.
 */
export async function loadCcxt(id: string, options: Readonly<Record<string, unknown>>): Promise<CcxtExchange> {
  if (!/^[a-z0-9]{2,40}$/.test(id)) throw new Error(`"${id}" is no exchange of ccxt`);
  const all = import.meta.resolve("ccxt");
  for (const folder of ["./src/pro/", "./src/"]) {
    const module = await imported(new URL(`${folder}${id}.js`, all).href);
    if (module !== null) return new module(options);
  }
  throw new Error(`ccxt knows no exchange "${id}"; see its list of exchanges for how it is spelled`);
}

async function imported(href: string): Promise<Maker | null> {
  try {
    const module: unknown = await import(href);
    const made = isRecord(module) ? module["default"] : null;
    return typeof made === "function" ? (made as Maker) : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}
