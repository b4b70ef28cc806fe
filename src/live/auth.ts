// Who may look (LIVE-09): nobody is asked on loopback, or a key, or a token. As `Authorization: Bearer` or as the
// cookie of a login; never in an address. Keys are known by their hashes alone and never leave this file.

import { createHash, createHmac, createPublicKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { jwtVerify } from "jose";
import { LiveError } from "./live-error.ts";
import type { Ms } from "./messages.ts";
import type { AuthSettings } from "./settings.ts";

export interface Viewer {
  /** When the login ends, Unix ms; null = while the connection lasts. */
  readonly untilMs: Ms | null;
  /** Mark of the key that let it in: beginning of its hash. Empty where nobody is asked. */
  readonly by: string;
}

export interface Login extends Viewer {
  readonly cookie: string;
  readonly secondsMax: number;
}

export const COOKIE = "opensqt_live";
export const AUDIENCE = "opensqt-live";
const LOGIN_SECONDS = 12 * 3600;
const SECRET_BYTES_MIN = 32;
const TOKEN_LENGTH_MAX = 4096;

export class Auth {
  readonly mode: AuthSettings["mode"];
  private hashes: readonly Buffer[] = [];
  private jwt: Verifier | null = null;
  private readonly wallMs: () => number;
  /** Signs cookies; new with each start, so a restart asks for the key again (docs/decisions). */
  private readonly cookieSecret = randomBytes(32);

  constructor(settings: AuthSettings, wallMs: () => number) {
    this.mode = settings.mode;
    this.wallMs = wallMs;
    this.replace(settings);
  }

  /** Other keys of the same mode (API-30). Throws LiveError, and keeps the old ones, where the new ones are none. */
  replace(settings: AuthSettings): void {
    if (settings.mode !== this.mode) {
      throw new LiveError("AUTH_MODE", `auth.mode: ${settings.mode} takes effect with a restart, not before`);
    }
    const jwt = settings.mode === "jwt" ? verifier(settings) : null;
    this.hashes = settings.mode === "key" ? settings.hashes.map((hash) => Buffer.from(hash, "hex")) : [];
    this.jwt = jwt;
  }

  /** Whether the key that let a viewer in is still in force. */
  stillWelcome({ by }: Viewer): boolean {
    return this.mode === "none" || this.jwt?.mark === by || this.hashes.some((hash) => markOf(hash) === by);
  }

  /** The viewer these headers show, or null. */
  async check(headers: IncomingHttpHeaders): Promise<Viewer | null> {
    if (this.mode === "none") return { untilMs: null, by: "" };
    const bearer = bearerOf(headers);
    if (bearer !== null) {
      if (this.mode === "jwt") return this.token(bearer);
      const by = this.key(bearer);
      return by === null ? null : { untilMs: null, by };
    }
    const cookie = cookieOf(headers);
    if (cookie === null) return null;
    return this.mode === "jwt" ? this.token(cookie) : this.session(cookie);
  }

  /** A cookie for a key or token; null when it is not good. */
  async login(secret: string): Promise<Login | null> {
    if (this.mode === "none") return null;
    if (this.mode === "jwt") {
      const viewer = await this.token(secret);
      if (viewer === null) return null;
      const left = Math.floor(((viewer.untilMs ?? 0) - this.wallMs()) / 1000);
      return { ...viewer, cookie: secret, secondsMax: Math.min(LOGIN_SECONDS, Math.max(0, left)) };
    }
    const by = this.key(secret);
    if (by === null) return null;
    const untilMs = this.wallMs() + LOGIN_SECONDS * 1000;
    const body = `${untilMs}.${by}.${randomBytes(16).toString("base64url")}`;
    return { untilMs, by, cookie: `${body}.${this.sign(body)}`, secondsMax: LOGIN_SECONDS };
  }

  /** The mark of a key that is in force. */
  private key(told: string): string | null {
    if (told.length > TOKEN_LENGTH_MAX) return null;
    const digest = createHash("sha256").update(told).digest();
    // all are compared, so that time tells nothing about which one was near
    const matches = this.hashes.map((hash) => hash.length === digest.length && timingSafeEqual(hash, digest));
    return matches.includes(true) ? markOf(digest) : null;
  }

  private session(cookie: string): Viewer | null {
    const match = /^((\d{1,16})\.([0-9a-f]{12})\.[\w-]{1,64})\.([\w-]{1,64})$/.exec(cookie);
    const [, body = "", until = "0", by = "", signature = ""] = match ?? [];
    const right = Buffer.from(this.sign(body));
    const told = Buffer.from(signature);
    const untilMs = Number.parseInt(until, 10);
    if (match === null || right.length !== told.length || !timingSafeEqual(right, told)) return null;
    const viewer = { untilMs, by };
    return untilMs > this.wallMs() && this.stillWelcome(viewer) ? viewer : null;
  }

  private sign(body: string): string {
    return createHmac("sha256", this.cookieSecret).update(body).digest("base64url");
  }

  private async token(text: string): Promise<Viewer | null> {
    const { jwt } = this;
    if (jwt === null || text.length > TOKEN_LENGTH_MAX) return null;
    try {
      const { payload } = await jwtVerify(text, jwt.key, {
        algorithms: [jwt.algorithm],
        audience: AUDIENCE,
        requiredClaims: ["exp"],
        currentDate: new Date(this.wallMs()),
      });
      return { untilMs: (payload.exp ?? 0) * 1000, by: jwt.mark };
    } catch {
      // whatever is wrong with a token, the answer is the same
      return null;
    }
  }
}

interface Verifier {
  readonly key: Uint8Array | KeyObject;
  readonly algorithm: string;
  /** Tells one key from another without showing it. */
  readonly mark: string;
}

const markOf = (hash: Buffer): string => hash.toString("hex").slice(0, 12);

function verifier(settings: Extract<AuthSettings, { mode: "jwt" }>): Verifier {
  const text = "secret" in settings ? settings.secret : settings.publicKey;
  const mark = markOf(createHash("sha256").update(text).digest());
  if ("secret" in settings) {
    const key = new TextEncoder().encode(settings.secret);
    if (key.length >= SECRET_BYTES_MIN) return { key, algorithm: "HS256", mark };
    throw new LiveError("JWT_SECRET", `auth.jwt.secret: has ${key.length} bytes; give at least ${SECRET_BYTES_MIN}`);
  }
  try {
    const key = createPublicKey(settings.publicKey);
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return { key, algorithm: "ES256", mark };
  } catch (error) {
    throw new LiveError("JWT_KEY", "auth.jwt.publicKey: is no public key in PEM; give one for ES256", error);
  }
  throw new LiveError("JWT_KEY", "auth.jwt.publicKey: is not on curve P-256; ES256 needs one that is");
}

export const bearerOf = (headers: IncomingHttpHeaders): string | null =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;

function cookieOf(headers: IncomingHttpHeaders): string | null {
  for (const part of (headers.cookie ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === COOKIE && value !== undefined && value !== "") return value.trim();
  }
  return null;
}

/** The header that sets (or, with 0 seconds, ends) the cookie of a login. */
export const setCookie = (value: string, options: { readonly seconds: number; readonly secure: boolean }): string =>
  `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${options.seconds}${options.secure ? "; Secure" : ""}`;

/** Faults of a configuration that would open the server to strangers (LIVE-08, LIVE-09). */
export function checkExposure(settings: {
  readonly bind: string;
  readonly auth: AuthSettings;
  readonly allowedOrigins: readonly string[];
}): void {
  const loopback = /^(?:127\.|::1$|localhost$)/.test(settings.bind);
  if (settings.auth.mode === "none" && !loopback) {
    throw new LiveError("AUTH_NONE", `auth.mode: none is not allowed on ${settings.bind}; give key or jwt`);
  }
  if (settings.allowedOrigins.includes("*") && !(settings.auth.mode === "none" && loopback)) {
    const rule = "* is allowed only without auth and on loopback; name the origins";
    throw new LiveError("ORIGIN_ANY", `allowedOrigins: ${rule}`);
  }
}
