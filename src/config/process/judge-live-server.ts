// Values of a live-server's file → its configuration (live.md sections 3 and 7).

import { createPublicKey } from "node:crypto";
import type { Judging } from "./judging.ts";
import { isLoopback, peerConfig, serverTls } from "./listeners.ts";
import type { LiveServerValues } from "./live-server-schema.ts";
import type { ConfigOrigin, JwtConfig, LiveServerConfig, LiveSource } from "./shapes.ts";

/** Sources and doors of one machine, where nobody names them. */
const LOCAL_SOURCES: LiveServerValues["sources"] = [
  { name: "connector", kind: "connector", address: "127.0.0.1:50051" },
  { name: "engine", kind: "engine", address: "127.0.0.1:50052" },
];
const LOCAL_DOORS: LiveServerValues["web"]["doors"] = [{ url: "http://127.0.0.1:8080" }];

/** RFC 7518 section 3.2: a key of HS256 has at least the size of the hash. */
const JWT_SECRET_BYTES_MIN = 32;

export function judgeLiveServer(
  values: LiveServerValues,
  judging: Judging,
): Omit<LiveServerConfig, keyof ConfigOrigin> {
  const given = values.sources.length > 0;
  const sources = (given ? values.sources : LOCAL_SOURCES).map((one, index) => sourceOf(one, index, judging));
  const names = new Set<string>();
  for (const [index, { name }] of sources.entries()) {
    if (names.has(name)) judging.say(`sources.${index}.name`, `${name} is given twice; each source has its own name`);
    names.add(name);
  }
  const { instruments, interval, historyLimit, http, web, limits, log } = values;
  if (limits.pingMs >= limits.pongMs) {
    judging.say("limits.pingMs", `${limits.pingMs} is not allowed; give less than limits.pongMs ${limits.pongMs} ms`);
  }
  const doors = (web.doors.length > 0 ? web.doors : LOCAL_DOORS).map(({ bot, url }) => ({ bot: bot ?? null, url }));
  const tls = serverTls(values.tls, judging);
  return {
    sources,
    instruments,
    interval,
    historyLimit,
    http,
    tls,
    limits,
    log,
    auth: authOf(values, judging),
    web: { directory: web.directory ?? null, csp: web.csp, doors },
  };
}

function sourceOf(values: LiveServerValues["sources"][number], index: number, judging: Judging): LiveSource {
  const at = `sources.${index}`;
  const { address, tls, key } = peerConfig({ address: values.address, tls: values.tls, key: values.key }, at, judging);
  return { name: values.name, kind: values.kind, address, tls, key };
}

/** LIVE-09: none on loopback only; key and jwt need something to compare with. */
function authOf({ auth, http }: LiveServerValues, judging: Judging): LiveServerConfig["auth"] {
  if (auth.mode === "none" && !isLoopback(http.bind)) {
    judging.say("auth.mode", `none is not allowed on ${http.bind}; give key or jwt`);
  }
  if (auth.mode === "key" && auth.keys.length === 0) {
    judging.say(
      "auth.keys",
      "nothing is not allowed with mode key; give the SHA-256 of at least one key: opensqt token new",
    );
  }
  const jwt = auth.jwt === undefined ? null : jwtOf(auth.jwt, judging);
  if (auth.mode === "jwt" && auth.jwt === undefined) {
    judging.say("auth.jwt", "nothing is not allowed with mode jwt; give secret (HS256) or publicKey (ES256)");
  }
  return { mode: auth.mode, keys: auth.keys, jwt };
}

function jwtOf(values: NonNullable<LiveServerValues["auth"]["jwt"]>, judging: Judging): JwtConfig | null {
  if ((values.secret === undefined) === (values.publicKey === undefined)) {
    judging.say("auth.jwt", "give either secret (HS256) or publicKey (ES256)");
    return null;
  }
  if (values.publicKey !== undefined) {
    const publicKey = judging.file("auth.jwt.publicKey", values.publicKey);
    if (publicKey === null) return null;
    if (!isP256(publicKey)) judging.say("auth.jwt.publicKey", `${values.publicKey} is no PEM public key of P-256`);
    return { kind: "es256", publicKey };
  }
  const secret = judging.secret("auth.jwt.secret", values.secret);
  if (secret === null) return null;
  const bytes = Buffer.byteLength(secret.reveal());
  if (bytes < JWT_SECRET_BYTES_MIN) {
    judging.say("auth.jwt.secret", `${bytes} bytes are not enough; give at least ${JWT_SECRET_BYTES_MIN}`);
  }
  return { kind: "hs256", secret };
}

function isP256(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyDetails?.namedCurve === "prime256v1";
  } catch {
    return false;
  }
}
