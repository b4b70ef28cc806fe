// The certificate a process shows on its HTTP listener too: a key sent there must not cross a network in the clear.

import { readFileSync } from "node:fs";
import type { ServerTls } from "../../config/process/shapes.ts";
import { readPrivateFile } from "../../rpc/tls.ts";

/** PEM texts of what is configured; null in the clear. Errors: RpcSetupError (3) where a file cannot be used. */
export function httpTls(tls: ServerTls | null): { readonly cert: string; readonly key: string } | null {
  if (tls === null) return null;
  return { cert: readFileSync(tls.cert, "utf8"), key: readPrivateFile(tls.key).toString("utf8") };
}
