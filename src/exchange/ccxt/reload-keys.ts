// Keys read again while the connection lives (EXCH-52): judged as at the start before they take the place of the old
// ones, which stay where the new ones are refused.

import { createHash } from "node:crypto";
import type { CcxtPortOptions } from "./ccxt-port.ts";
import type { Machine } from "./machine.ts";
import { CcxtPortError, readRights } from "./open.ts";
import { judgeStart } from "./start-checks.ts";

/** Gives the first digits of the new key's hash. Throws {@link CcxtPortError}; the keys of before go on then. */
export async function reloadKeys(machine: Machine, options: CcxtPortOptions): Promise<string> {
  const { instance, table, calls, streams, key } = machine;
  if (options.credentialsAgain === undefined) {
    throw new CcxtPortError("CREDENTIALS", "this connection has keys that cannot change");
  }
  const { apiKey, secret, passphrase } = await options.credentialsAgain();
  const before = instance.credentials();
  instance.setCredentials({ apiKey, secret, ...(passphrase == null ? {} : { passphrase }) });
  try {
    const rights = await readRights({ table, calls });
    const facts = { exchange: table.name, rights, kind: null, oneWay: null, margin: new Map(), instruments: [] };
    const allowWithdrawKeys = options.allowWithdrawKeys ?? false;
    const { refusals, warnings, readOnly } = judgeStart(facts, { leverage: null, marginMode: null, allowWithdrawKeys });
    if (refusals.length > 0) throw new CcxtPortError("REFUSED", `${refusals.join("; ")}; the key before it goes on`);
    for (const text of warnings) options.log.warn(text, { code: "exchange.warning" });
    machine.readOnly = readOnly ? "the API key may not trade" : null;
  } catch (error) {
    instance.setCredentials(before);
    // what was refused was not this one
    key.replaced();
    throw error;
  }
  streams.loginAgain();
  key.replaced();
  return createHash("sha256").update(apiKey).digest("hex").slice(0, 12);
}
