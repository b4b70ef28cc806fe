// Who asks: the socket's address, or what a trusted proxy says of it. And which names this server answers to, against
// pages that resolve their own name to this machine.

import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

const bare = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);
const family = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");

/** 127.0.0.0/8 and ::1. */
export const isLoopbackAddress = (address: string): boolean => /^127\.|^::1$/.test(bare(address));

/** A name without its port, brackets kept: `localhost`, `127.0.0.1`, `[::1]`. */
export const hostName = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(hostName(host));

export class Surroundings {
  private readonly proxies = new BlockList();
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;

  constructor(settings: {
    readonly bind: string;
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
    readonly trustedProxies: readonly string[];
  }) {
    const bound = settings.bind === "0.0.0.0" || settings.bind === "::" ? [] : [settings.bind];
    const names = [...bound, ...settings.allowedHosts];
    this.hosts = new Set(names.map((name) => hostName(isIP(name) === 6 ? `[${name}]` : name)));
    this.origins = new Set(settings.allowedOrigins);
    for (const proxy of settings.trustedProxies) {
      const [address = "", bits] = proxy.split("/");
      if (bits === undefined) this.proxies.addAddress(address, family(address));
      else this.proxies.addSubnet(address, Number.parseInt(bits, 10), family(address));
    }
  }

  /** The socket's address; behind trusted proxies the nearest one they name that is no trusted proxy itself. */
  addressOf(request: IncomingMessage): string {
    let address = bare(request.socket.remoteAddress ?? "");
    const told = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
    for (const each of told.map((text) => text.trim()).reverse()) {
      if (isIP(address) === 0 || !this.proxies.check(address, family(address)) || isIP(each) === 0) break;
      address = bare(each);
    }
    return address;
  }

  /** Whether this server answers to the name in the Host header. */
  knowsHost(host: string | undefined): boolean {
    if (host === undefined || host === "") return false;
    return isLoopbackHost(host) || this.hosts.has(hostName(host));
  }

  /** Whether a page of this origin may read: our own, or one of `allowedOrigins`. */
  allowsOrigin(origin: string, host: string | undefined): boolean {
    return this.isForeignAllowed(origin) || this.isOwn(origin, host);
  }

  isForeignAllowed(origin: string): boolean {
    return this.origins.has("*") || this.origins.has(origin);
  }

  private isOwn(origin: string, host: string | undefined): boolean {
    const parsed = URL.canParse(origin) ? new URL(origin) : null;
    if (parsed === null || host === undefined || !/^https?:$/.test(parsed.protocol)) return false;
    return parsed.host === host.toLowerCase().replace(parsed.protocol === "https:" ? /:443$/ : /:80$/, "");
  }

  /** Asked by this very machine, under a name of this machine. */
  isLocal(request: IncomingMessage): boolean {
    return isLoopbackAddress(this.addressOf(request)) && isLoopbackHost(request.headers.host ?? "");
  }
}
