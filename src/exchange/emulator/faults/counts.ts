// How much passed the gate of one world: requests by route, frames by kind, firings by fault. Routes come from
// clients, so their number is bounded.

const ROUTES_MAX = 500;
const OTHERS = "other";

export class GateCounts {
  /** Key: protocol, space, route. */
  readonly requests = new Map<string, number>();
  /** Key: protocol, space, kind. */
  readonly frames = new Map<string, number>();
  readonly faults = new Map<string, number>();

  request(protocol: string, route: string): void {
    const key = `${protocol} ${route}`;
    const known = this.requests.has(key) || this.requests.size < ROUTES_MAX;
    add(this.requests, known ? key : `${protocol} ${OTHERS}`);
  }

  frame(protocol: string, kind: string): void {
    add(this.frames, `${protocol} ${kind}`);
  }

  fault(name: string): void {
    add(this.faults, name);
  }

  /** Requests so far whose protocol and route the test accepts. */
  requestsOf(meant: (protocol: string, route: string) => boolean): number {
    let sum = 0;
    for (const [key, count] of this.requests) {
      const [protocol, route] = split(key);
      if (meant(protocol, route)) sum += count;
    }
    return sum;
  }
}

/** `binance-usdm POST /fapi/v1/order` → protocol and the rest. */
export function split(key: string): readonly [protocol: string, rest: string] {
  const at = key.indexOf(" ");
  return [key.slice(0, at), key.slice(at + 1)];
}

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
