// Where the alerts of a process go, once its configuration is loaded.

import type { Secret } from "../secret.ts";

/** Which alerts a channel carries. */
export interface AlertRoute {
  readonly minSeverity: "info" | "warning" | "error" | "critical";
  /** Null: of all bots. */
  readonly bots: readonly string[] | null;
}

/** Where alerts go beside log and console; null: not there. */
export interface AlertsConfig {
  readonly slack: (AlertRoute & { readonly url: Secret }) | null;
  readonly telegram:
    | (AlertRoute & { readonly token: Secret; readonly chats: readonly string[]; readonly endpoint: string })
    | null;
  /** `secret` null: unsigned. */
  readonly webhook: (AlertRoute & { readonly url: Secret; readonly secret: Secret | null }) | null;
  /** Minutes after midnight in `zone`. */
  readonly quietHours: { readonly fromMinute: number; readonly toMinute: number; readonly zone: string } | null;
}
