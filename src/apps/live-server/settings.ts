// The loaded configuration of a live-server as its parts take it: settings, and the addresses of its sources.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LiveServerConfig } from "../../config/process/shapes.ts";
import { CANDLE_INTERVALS } from "../../exchange/wire/market-view.ts";
import type { AuthSettings, LiveSettings } from "../../live/settings.ts";
import type { SourceAddress } from "../../live/source/sources.ts";
import { httpTls } from "../process/http-tls.ts";

/** Where `vite build` leaves the console. */
const CONSOLE = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** `port` of the command line goes before the file's. Throws when a certificate cannot be read. */
export function settingsOf(config: LiveServerConfig, release: string, port: number | null): LiveSettings {
  const { http, interval, historyLimit, instruments, web, limits, tls } = config;
  return {
    bind: http.bind,
    port: port ?? http.port,
    release,
    interval,
    intervals: [...CANDLE_INTERVALS],
    historyLimit,
    instruments,
    allowedOrigins: http.allowedOrigins,
    allowedHosts: http.allowedHosts,
    trustedProxies: http.trustedProxies,
    auth: authOf(config.auth),
    web: {
      directory: web.directory === null ? null : resolve(web.directory),
      csp: web.csp,
      builtIn: CONSOLE,
      doors: web.doors.map(({ bot, url }) => ({ bot: bot ?? "", url })),
    },
    tls: httpTls(tls),
    limits,
  };
}

export function authOf({ mode, keys, jwt }: LiveServerConfig["auth"]): AuthSettings {
  if (mode === "key") return { mode, hashes: keys };
  if (mode === "none" || jwt === null) return { mode: "none" };
  if (jwt.kind === "es256") return { mode: "jwt", publicKey: jwt.publicKey };
  return { mode: "jwt", secret: jwt.secret.reveal() };
}

/** Where the sources are; each shows the key that `newest` has for it when it is asked. */
export const addressesOf = (newest: () => LiveServerConfig): readonly SourceAddress[] =>
  newest().sources.map(({ name, kind, address, tls }) => {
    const key = (): string | null =>
      newest()
        .sources.find((each) => each.name === name)
        ?.key?.reveal() ?? null;
    return { name, kind, address, tls, key };
  });
