// Who asks, and whether he may: key, rights, timestamp, receive window and signature, in the order in which Binance
// looks at them (EMU-06).

import { fail, ok, type Result } from "../../../../base/result.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import type { Parameters } from "./parameters.ts";
import { type Refusal, refusals } from "./refusals.ts";
import { signatureHolds } from "./signature.ts";

/** `key`: only the key. `signed`: reads. `trade`: signed, and the key must be allowed to trade. */
export type Security = "none" | "key" | "signed" | "trade";

/** What a request shows of itself. */
export interface Credentials {
  readonly apiKey: string | null;
  readonly signature: string | null;
  /** What the signature must be over. */
  readonly text: string;
}

const AHEAD_MS_MAX = 1_000;
const RECV_WINDOW_MS = 5_000;
const RECV_WINDOW_MS_MAX = 60_000;

/** The account, null for a request that needs none. */
export function admit(
  world: Pick<EmulatorWorld, "accountByKey" | "timeFor">,
  security: Security,
  asked: {
    readonly credentials: Credentials;
    readonly parameters: Parameters;
    readonly session?: EmulatedAccount | null;
  },
): Result<EmulatedAccount | null, Refusal> {
  const { apiKey } = asked.credentials;
  if (security === "none") return ok(apiKey === null ? null : world.accountByKey(apiKey));
  const session = asked.session ?? null;
  if (session !== null && apiKey === null) {
    if (session.revoked || (security === "trade" && !session.rights.trade)) return fail(refusals.key());
    const late = security === "key" ? null : clockRefusal(asked.parameters, world.timeFor(session));
    return late === null ? ok(session) : fail(late);
  }
  if (apiKey === null || apiKey === "") return fail(refusals.keyFormat());
  const account = world.accountByKey(apiKey);
  if (account === null || account.revoked) return fail(refusals.key());
  if (security === "key") return ok(account);
  const late = clockRefusal(asked.parameters, world.timeFor(account));
  if (late !== null) return fail(late);
  const { signature, text } = asked.credentials;
  if (signature === null || signature === "") return fail(refusals.missing("signature"));
  if (!signatureHolds(account.secret, text, signature)) return fail(refusals.signature());
  if (security === "trade" && !account.rights.trade) return fail(refusals.key());
  return ok(account);
}

function clockRefusal(parameters: Parameters, nowMs: number): Refusal | null {
  const timestamp = parameters.integer("timestamp");
  if (!timestamp.ok) return timestamp.error;
  if (timestamp.value === null) return refusals.missing("timestamp");
  const recvWindow = parameters.integer("recvWindow");
  if (!recvWindow.ok) return recvWindow.error;
  const windowMs = recvWindow.value ?? RECV_WINDOW_MS;
  if (windowMs < 0 || windowMs > RECV_WINDOW_MS_MAX) return refusals.illegal("recvWindow", "0 to 60000");
  if (timestamp.value > nowMs + AHEAD_MS_MAX) return refusals.ahead();
  if (nowMs - timestamp.value > windowMs) return refusals.late();
  return null;
}
