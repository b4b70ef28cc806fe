// Judges what processes share: where they listen, what certificates they show, who may call them and whom they call
// (API-25, API-26, API-29).

import { isIPv4 } from "node:net";
import type { z } from "zod";
import type { Judging } from "./judging.ts";
import type { clientTls, grpc, peer, tls } from "./sections.ts";
import type { ClientTls, ConnectorAddress, GrpcConfig, RpcClientConfig, ServerTls } from "./shapes.ts";

type TlsValues = z.infer<ReturnType<typeof tls>>;
type ClientTlsValues = z.infer<ReturnType<typeof clientTls>>;
type GrpcValues = z.infer<ReturnType<typeof grpc>>;
type PeerValues = z.infer<ReturnType<typeof peer>>;

/** Whether a host name or address, with or without port, is this machine's own loopback or a unix socket. */
export function isLoopback(address: string): boolean {
  if (address.startsWith("unix:")) return true;
  const host = hostOf(address);
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** `[::1]:80` → `::1`, `a.example:80` → `a.example`. */
function hostOf(address: string): string {
  const bracketed = /^\[(.*)\](:\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return address.split(":").length === 2 ? (address.split(":")[0] ?? "") : address;
}

export function serverTls(values: TlsValues, judging: Judging): ServerTls | null {
  if (values === undefined) return null;
  judging.file("tls.cert", values.cert);
  judging.privateFile("tls.key", values.key);
  if (values.clientCa !== undefined) judging.file("tls.clientCa", values.clientCa);
  return { cert: values.cert, key: values.key, clientCa: values.clientCa ?? null };
}

export function grpcConfig(values: GrpcValues, tls: ServerTls | null, judging: Judging): GrpcConfig {
  if (tls === null && !isLoopback(values.bind)) {
    const plain = `${values.bind} in the clear is not allowed; give tls, or bind a loopback address or unix:PATH`;
    judging.say("grpc.bind", plain);
  }
  const clients = values.clients.map((one, index) => rpcClient(one, `grpc.clients.${index}`, judging));
  const names = new Map<string, number>();
  for (const [index, { name }] of clients.entries()) {
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else judging.say(`grpc.clients.${index}.name`, `${name} is given twice; each caller has its own name`);
  }
  for (const [index, { san }] of clients.entries()) {
    if (san !== null && (tls?.clientCa ?? null) === null)
      judging.say(`grpc.clients.${index}.san`, "needs tls.clientCa");
  }
  const { bind, requestsPerSecondMax, requestsBurst } = values;
  return { bind, clients, requestsPerSecondMax, requestsBurst };
}

function rpcClient(values: GrpcValues["clients"][number], at: string, judging: Judging): RpcClientConfig {
  const key = judging.secret(`${at}.key`, values.key);
  if (values.key !== undefined && values.sha256 !== undefined) judging.say(`${at}.sha256`, "and key are both given");
  if (values.key === undefined && values.sha256 === undefined && values.san === undefined) {
    judging.say(at, `${values.name} cannot show who it is; give key, sha256 or san`);
  }
  if (key !== null && key.reveal().length < KEY_LENGTH_MIN) {
    judging.say(`${at}.key`, `is too short for a key; give at least ${KEY_LENGTH_MIN} characters: opensqt token new`);
  }
  return {
    name: values.name,
    role: values.role,
    keySha256: key?.sha256() ?? values.sha256 ?? null,
    san: values.san ?? null,
    bots: values.bots.length === 0 ? null : values.bots,
  };
}

/** 128 bits in base64url are 22 characters; keys of ours are 43. */
const KEY_LENGTH_MIN = 22;

export function clientTlsConfig(values: ClientTlsValues, at: string, judging: Judging): ClientTls | null {
  if (values === undefined) return null;
  const { ca, cert, key, serverName } = values;
  if (ca !== undefined) judging.file(`${at}.ca`, ca);
  if (cert !== undefined) judging.file(`${at}.cert`, cert);
  if (key !== undefined) judging.privateFile(`${at}.key`, key);
  if ((cert === undefined) !== (key === undefined))
    judging.say(at, "cert and key belong together; give both or neither");
  return { ca: ca ?? null, cert: cert ?? null, key: key ?? null, serverName: serverName ?? null };
}

export function peerConfig(values: PeerValues, at: string, judging: Judging): ConnectorAddress {
  const tls = clientTlsConfig(values.tls, at === "" ? "tls" : `${at}.tls`, judging);
  if (tls === null && !isLoopback(values.address)) {
    judging.say(
      `${at}.address`,
      `${values.address} in the clear is not allowed; give tls, or an address of this machine's loopback`,
    );
  }
  return { address: values.address, tls, key: judging.secret(`${at}.key`, values.key) };
}
