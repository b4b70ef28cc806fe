// Certificates of a server and a client, from PEM files. A private key that others may read stops the start (API-26);
// new files take effect without a restart (API-30).

import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity as checkIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { ChannelCredentials, type ChannelOptions, experimental, type ServerCredentials } from "@grpc/grpc-js";

/** Paths of PEM files; with `clientCa` callers may show certificates of that authority. */
export interface ServerTlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}

/** Paths of PEM files: whom a client trusts (null: the system's), what it shows (null: nothing). */
export interface ClientTlsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name the server's certificate must carry; null: the host of the address. */
  readonly serverName: string | null;
}

export class RpcSetupError extends Error {
  override readonly name = "RpcSetupError";
  /** RPC_PLAIN, RPC_KEY_FILE, RPC_BIND. */
  readonly code: string;
  /** 3 of the one table: the configuration asks for what cannot be had. */
  readonly exitCode = 3;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads a private file; refuses one its group or others may read. Throws RPC_KEY_FILE. */
export function readPrivateFile(path: string): Buffer {
  try {
    const { mode } = statSync(path);
    const rights = (mode & 0o777).toString(8);
    if ((mode & 0o077) !== 0) {
      throw new RpcSetupError("RPC_KEY_FILE", `${path} has rights ${rights}, others may read it; chmod 600 ${path}`);
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof RpcSetupError) throw error;
    throw new RpcSetupError("RPC_KEY_FILE", `${path} cannot be read: ${String(error)}`);
  }
}

function readPublicFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RpcSetupError("RPC_KEY_FILE", `${path} cannot be read: ${String(error)}`);
  }
}

interface Material {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  readonly caCertificate: Buffer | null;
}

type Listener<T> = (update: T | null) => void;
type CaUpdate = { readonly caCertificate: Buffer };
type IdentityUpdate = { readonly certificate: Buffer; readonly privateKey: Buffer };

/** Hands the newest certificates to every listener; TLS below 1.2 is Node's to refuse, and HTTP/2 forbids it too. */
export class ServerTls {
  readonly credentials: ServerCredentials;
  private readonly files: ServerTlsFiles;
  private material: Material;
  private readonly cas = new Set<Listener<CaUpdate>>();
  private readonly identities = new Set<Listener<IdentityUpdate>>();

  constructor(files: ServerTlsFiles) {
    this.files = files;
    this.material = readMaterial(files);
    // grpc-js hears nothing that is said while it is still adding the listener
    const provider = {
      addCaCertificateListener: (listener: Listener<CaUpdate>) => {
        this.cas.add(listener);
        queueMicrotask(() => this.tellCa(listener));
      },
      removeCaCertificateListener: (listener: Listener<CaUpdate>) => void this.cas.delete(listener),
      addIdentityCertificateListener: (listener: Listener<IdentityUpdate>) => {
        this.identities.add(listener);
        queueMicrotask(() => listener(this.material));
      },
      removeIdentityCertificateListener: (listener: Listener<IdentityUpdate>) => void this.identities.delete(listener),
    };
    const authority = files.clientCa === null ? null : provider;
    // false: a certificate that does not verify is no identity, and the call may still bring a key. The declared names
    // of grpc-js' first two parameters are the wrong way round: the first is the identity, the second the authority.
    this.credentials = experimental.createCertificateProviderServerCredentials(provider, authority, false);
  }

  /** Every file it reads. */
  get paths(): readonly string[] {
    const { cert, key, clientCa } = this.files;
    return clientCa === null ? [cert, key] : [cert, key, clientCa];
  }

  /** Reads the files again. Throws, and keeps the old ones, when the new ones cannot be used. */
  reload(): void {
    this.material = readMaterial(this.files);
    for (const listener of this.cas) this.tellCa(listener);
    for (const listener of this.identities) listener(this.material);
  }

  private tellCa(listener: Listener<CaUpdate>): void {
    const { caCertificate } = this.material;
    listener(caCertificate === null ? null : { caCertificate });
  }
}

function readMaterial({ cert, key, clientCa }: ServerTlsFiles): Material {
  const caCertificate = clientCa === null ? null : readPublicFile(clientCa);
  const material = { certificate: readPublicFile(cert), privateKey: readPrivateFile(key), caCertificate };
  try {
    // grpc-js would take a pair that does not fit and then drop every connection
    createSecureContext({ cert: material.certificate, key: material.privateKey, ca: caCertificate ?? undefined });
  } catch (error) {
    throw new RpcSetupError("RPC_KEY_FILE", `${cert} and ${key} cannot be used together: ${String(error)}`);
  }
  return material;
}

/** SNI for an address: Node refuses an IP there, and the name is not what is verified. */
const SNI_OF_ADDRESS = "opensqt.invalid";

/**
 * How a channel to `host` proves whom it talks to: the certificate must carry `serverName`, or else the very host that
 * is dialled, be it a name or an IP.
 */
export function clientCredentials(
  files: ClientTlsFiles | null,
  host: string,
): { readonly credentials: ChannelCredentials; readonly options: ChannelOptions } {
  if (files === null) return { credentials: ChannelCredentials.createInsecure(), options: {} };
  const expected = files.serverName ?? host;
  const sni = isIP(expected) === 0 ? expected : SNI_OF_ADDRESS;
  return { credentials: sslCredentials(files, expected), options: { "grpc.ssl_target_name_override": sni } };
}

function sslCredentials(files: ClientTlsFiles, expected: string): ChannelCredentials {
  const { ca, cert, key } = files;
  const read = (path: string | null): Buffer | null => (path === null ? null : readPublicFile(path));
  const privateKey = key === null ? null : readPrivateFile(key);
  const checkServerIdentity = (_: string, certificate: PeerCertificate) => checkIdentity(expected, certificate);
  return ChannelCredentials.createSsl(read(ca), privateKey, read(cert), { checkServerIdentity });
}
