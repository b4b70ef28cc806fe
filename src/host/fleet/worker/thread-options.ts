// What a fleet is told whose bots run in threads of their own (OPS-17). Types only.

import type { ClientTlsFiles } from "../../../rpc/tls.ts";

export interface ThreadOptions {
  /** The connector each thread has a connection of its own to. */
  readonly address: string;
  readonly tls: ClientTlsFiles | null;
  /** Asked now and then: keys may change (API-30). */
  readonly key: () => string | null;
  /** Silence after which a thread is ended, ms; 5 s when absent. */
  readonly silentMs?: number;
  /** A module whose `engine` steps the bot; the production engine when absent. Tests name a broken one here. */
  readonly engineModule?: (bot: string) => string | null;
}
