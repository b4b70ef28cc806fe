// What gRPC says of a broken connection, in words a person can act upon: its own are about load balancers and
// resolution notes. Words only; nothing is decided by them.

/** In this order: the first that fits names the cause. */
const CAUSES: readonly (readonly [fits: RegExp, words: string])[] = [
  [/ECONNREFUSED/, "nobody listens there (ECONNREFUSED)"],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, "its name cannot be looked up"],
  [/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, "its machine cannot be reached"],
  [/certificate|self[- ]signed|altnames|unable to verify/i, "its certificate is not accepted"],
  [/EPROTO|wrong version number|SSL|TLS/, "one side speaks TLS and the other does not, or no common version of it"],
  [/ECONNRESET|EPIPE|socket hang up|Connection dropped|GOAWAY|RST_STREAM|Stream refused/, "the connection was cut"],
  [/Deadline exceeded|DEADLINE_EXCEEDED/, "no answer in time"],
  [/before \d+ms|Waiting for LB pick|No connection established/, "no connection could be made"],
];

/** Parts of gRPC's own text that say nothing to anybody. */
const NOISE = /\s*(?:\.?\s*Resolution note:.*|\(\d{4}-\d\d-\d\dT[^)]*\)|,?\s*LB pick:.*|,?\s*remote_addr=\S*)/g;

/** One clause without a full stop. What is not known is shown as it came, without what is only gRPC's. */
export function transportWords(details: string): string {
  const cause = CAUSES.find(([fits]) => fits.test(details))?.[1];
  if (cause !== undefined) return cause;
  const text = details.replaceAll(NOISE, "").replace(/[.,\s]+$/, "");
  return text === "" ? "the call failed without a word" : text;
}
