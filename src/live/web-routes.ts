// The pages: the console or somebody's own in its place, with the headers of each (LIVE-07, LIVE-18).

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "../observe/http.ts";
import type { Picture } from "./picture.ts";
import type { LiveSettings } from "./settings.ts";
import { NOT_BUILT_PAGE, type WebFile, WebFolder } from "./web-files.ts";

const YEAR_SECONDS = 31_536_000;

/** Styles that lightweight-charts 5 writes into a style element for its attribution; CSP names them by hash. */
export const CHART_STYLES: readonly string[] = [
  "a#tv-attr-logo{--fill:#131722;--stroke:#fff;position:absolute;left:10px;bottom:10px;height:19px;width:35px;" +
    "margin:0;padding:0;border:0;z-index:3;}a#tv-attr-logo[data-dark]{--fill:#D1D4DC;--stroke:#131722;}",
];

const styleHashes = (): string =>
  CHART_STYLES.map((text) => ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`).join("");

/** The policy of the built-in console: itself, and the engines' doors to talk to. */
export function consolePolicy(doors: readonly string[]): string {
  return [
    "default-src 'self'",
    `connect-src 'self'${doors.map((url) => ` ${url}`).join("")}`,
    `style-src 'self'${styleHashes()}`,
    "img-src 'self' data:",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** `http://127.0.0.1:8080/operator` → `http://127.0.0.1:8080`; null for what is no address of a door. */
const originOf = (url: string): string | null => {
  const origin = URL.canParse(url) ? new URL(url).origin : "null";
  return /^https?:\/\/[\w.[\]:-]+$/.test(origin) ? origin : null;
};

export function webRoutes(app: FastifyInstance, settings: LiveSettings, picture: Picture): void {
  const { directory, csp, builtIn } = settings.web;
  const folder = new WebFolder(directory ?? builtIn);
  const policy = (): string => {
    if (directory !== null) return csp;
    const doors = [...settings.web.doors, ...[...picture.doorsOf.values()].flat()].map(({ url }) => originOf(url));
    return consolePolicy([...new Set(doors.filter((url) => url !== null))]);
  };
  const send = (request: FastifyRequest, reply: FastifyReply, file: WebFile): FastifyReply => {
    const hashed = directory === null && request.url.startsWith("/assets/");
    void reply
      .header("content-security-policy", policy())
      .header("cache-control", hashed ? `public, max-age=${YEAR_SECONDS}, immutable` : "no-cache")
      .header("etag", file.tag)
      .header("vary", "accept-encoding")
      .type(file.type);
    if (request.headers["if-none-match"] === file.tag) return reply.code(304).send();
    if (file.encoding !== null) void reply.header("content-encoding", file.encoding);
    return reply.send(file.bytes);
  };
  const read = (request: FastifyRequest, address: string): Promise<WebFile | null> =>
    folder.read(address, { gzip: /\bgzip\b/.test([request.headers["accept-encoding"] ?? ""].flat().join(",")) });
  const page = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const names = directory === null ? ["/index.html"] : ["/live.html", "/index.html"];
    for (const name of names) {
      const file = await read(request, name);
      if (file !== null) return send(request, reply, file);
    }
    const bytes = Buffer.from(NOT_BUILT_PAGE);
    return send(request, reply, { type: "text/html; charset=utf-8", bytes, encoding: null, tag: '"not-built"' });
  };
  for (const url of ["/", "/live", "/live.html"]) app.get(url, page);
  app.get("/ws", (_request, reply) => {
    void reply.header("upgrade", "websocket");
    const message = "this is a WebSocket, not a page";
    return refuse(reply, { status: 426, code: "upgrade_required", message, hint: "Connect to it with ws://." });
  });
  app.get("/*", async (request, reply) => {
    const [address = "/"] = request.url.split("?");
    const file = await read(request, address);
    if (file !== null) return send(request, reply, file);
    reply.callNotFound();
    return reply;
  });
}
