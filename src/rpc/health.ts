// grpc.health.v1 that tells the truth and changes live (API-31). The process says how each of its services is; the
// state of the whole ("") is the worst of them.

import type { CallContext } from "nice-grpc-common";
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthDefinition,
  HealthCheckResponse_ServingStatus as Serving,
} from "./generated/grpc/health/v1/health.ts";
import { type RpcOffering, rpcService } from "./method.ts";
import { RpcRefusal } from "./refusal.ts";

export type ServiceHealth = "serving" | "not-serving";

export class RpcHealth {
  private readonly states = new Map<string, { health: ServiceHealth; reason: string }>();
  private readonly watchers = new Set<() => void>();
  private stopped = false;

  /** `service` is a full name. It does not serve until somebody says so. */
  constructor(services: readonly string[]) {
    for (const service of services) this.states.set(service, { health: "not-serving", reason: "starting" });
  }

  /** Says how one service is, or with null every service; `reason` is for /status. */
  set(service: string | null, health: ServiceHealth, reason = ""): void {
    const names = service === null ? [...this.states.keys()] : [service];
    let changed = false;
    for (const name of names) {
      changed ||= this.states.get(name)?.health !== health;
      this.states.set(name, { health, reason });
    }
    if (changed) this.tell();
  }

  /** What `service` is now; "" is the whole. Null: no such service. */
  of(service: string): { readonly health: ServiceHealth; readonly reason: string } | null {
    if (this.stopped) return { health: "not-serving", reason: "stopping" };
    if (service !== "") return this.states.get(service) ?? null;
    for (const state of this.states.values()) if (state.health === "not-serving") return state;
    return { health: "serving", reason: "" };
  }

  /** For good: NOT_SERVING, whatever anybody says later. */
  stop(): void {
    this.stopped = true;
    this.tell();
  }

  service(): RpcOffering {
    return rpcService(HealthDefinition, {
      check: (request) => this.check(request),
      watch: (request, context) => this.watch(request, context),
    });
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }

  private check({ service }: HealthCheckRequest): Promise<HealthCheckResponse> {
    const state = this.of(service);
    if (state !== null) return Promise.resolve({ status: wireOf(state.health) });
    const message = `this server has no service ${service.slice(0, 100)}`;
    return Promise.reject(new RpcRefusal({ status: "NOT_FOUND", reason: "ABSENT", message }));
  }

  private async *watch({ service }: HealthCheckRequest, { signal }: CallContext): AsyncGenerator<HealthCheckResponse> {
    let wake = (): void => undefined;
    const watcher = (): void => wake();
    this.watchers.add(watcher);
    signal.addEventListener("abort", watcher);
    try {
      let told: number | null = null;
      while (!signal.aborted) {
        const state = this.of(service);
        const status = state === null ? Serving.SERVICE_UNKNOWN : wireOf(state.health);
        if (status === told) {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        } else {
          told = status;
          yield { status };
        }
      }
    } finally {
      this.watchers.delete(watcher);
      signal.removeEventListener("abort", watcher);
    }
  }
}

const wireOf = (health: ServiceHealth): Serving => (health === "serving" ? Serving.SERVING : Serving.NOT_SERVING);
