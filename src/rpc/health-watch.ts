// Watches the health of another server for as long as it lives (API-44). A watch that ends counts as silence: the
// listener hears "unknown" at once, and the watch is taken up again by the ladder of resubscribing.

import { resubscribeWaitMs } from "./backoff.ts";
import type { RpcClient } from "./client.ts";
import { HealthDefinition, HealthCheckResponse_ServingStatus as Serving } from "./generated/grpc/health/v1/health.ts";
import { refusalOf } from "./refusal.ts";
import { pause, REAL_TIMERS, type Timers } from "./timers.ts";

/** `unknown`: nobody says anything; it must be read as not serving. */
export type WatchedHealth = "serving" | "not-serving" | "unknown";

export interface HealthWatchOptions {
  readonly client: RpcClient;
  /** Full name of a service; "" is the server as a whole. */
  readonly service: string;
  /** Called on every change, never inside `watchHealth`. `text` says why for `unknown`. */
  readonly listener: (health: WatchedHealth, text: string) => void;
  readonly timers?: Timers;
}

export interface HealthWatch {
  readonly health: WatchedHealth;
  close(): Promise<void>;
}

export function watchHealth(options: HealthWatchOptions): HealthWatch {
  const { client, service, listener, timers = REAL_TIMERS } = options;
  const abort = new AbortController();
  const { signal } = abort;
  const state: { health: WatchedHealth; failures: number } = { health: "unknown", failures: 0 };
  const tell = (health: WatchedHealth, text: string): void => {
    if (signal.aborted || state.health === health) return;
    state.health = health;
    listener(health, text);
  };
  const watchOnce = async (): Promise<string> => {
    try {
      for await (const { status } of client.client(HealthDefinition).watch({ service }, { signal })) {
        state.failures = 0;
        tell(status === Serving.SERVING ? "serving" : "not-serving", "");
      }
      return "the watch ended";
    } catch (error) {
      return refusalOf(error).message;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const text = await watchOnce();
      tell("unknown", `${client.address}: ${text}`);
      state.failures += 1;
      await pause(resubscribeWaitMs(state.failures), signal, timers);
    }
  };
  const running = Promise.resolve().then(run);
  return {
    get health() {
      return state.health;
    },
    close: async () => {
      abort.abort();
      await running;
    },
  };
}
