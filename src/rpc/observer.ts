// What the gRPC layer tells the rest of the process: lines for the log and numbers for the metrics (API-39, API-40).
// Ports only, so that rpc/ depends on no logger and no registry; neither ever sees a key or a request's body.

export interface RpcLog {
  info(text: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void;
  error(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A prom-client registry, or anything that counts like one. Labels are bounded: services and methods of the proto. */
export interface RpcMetrics {
  request(call: { readonly service: string; readonly method: string; readonly code: string }, seconds: number): void;
  subscribers(method: string, change: 1 | -1): void;
  message(method: string): void;
  conflated(method: string, count: number): void;
  overrun(method: string): void;
  authFailure(reason: AuthFailure): void;
}

export type AuthFailure = "missing" | "unknown" | "conflicting" | "locked" | "role" | "certificate";

export const SILENT_RPC_LOG: RpcLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const UNCOUNTED: RpcMetrics = {
  request: () => undefined,
  subscribers: () => undefined,
  message: () => undefined,
  conflated: () => undefined,
  overrun: () => undefined,
  authFailure: () => undefined,
};
