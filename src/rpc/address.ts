// Addresses gRPC listens on and calls: `host:port` or `unix:PATH`. Plaintext stays on this machine (API-26).

import { RpcSetupError, type ServerTlsFiles } from "./tls.ts";

export type BindAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Reads an address; throws RPC_BIND saying what an address looks like. */
export function readBind(text: string): BindAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path !== "") return { kind: "unix", path };
  }
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number.parseInt(match?.[2] ?? "", 10);
  const host = match?.[1]?.replace(/^\[(.*)\]$/, "$1");
  if (host === undefined || !(port <= 65_535)) {
    throw new RpcSetupError("RPC_BIND", `"${text}" is no address; write host:port, as 127.0.0.1:50051, or unix:PATH`);
  }
  return { kind: "tcp", host, port };
}

/** 127.0.0.0/8, ::1, localhost, and every unix socket. */
export function isLocal(address: BindAddress): boolean {
  if (address.kind === "unix") return true;
  return address.host === "localhost" || address.host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address.host);
}

export function refusePlainOutside(address: BindAddress, tls: ServerTlsFiles | null, text: string): void {
  if (tls !== null || isLocal(address)) return;
  throw new RpcSetupError(
    "RPC_PLAIN",
    `gRPC on ${text} without TLS would send keys in the clear; bind 127.0.0.1 or a unix socket, ` +
      "or give tls.cert and tls.key",
  );
}

/** As grpc-js wants it: `127.0.0.1:50051`, `[::1]:50051`, `unix:PATH`. */
export function targetOf(address: BindAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}
