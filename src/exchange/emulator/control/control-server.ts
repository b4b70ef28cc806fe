// The control API over HTTP (EMU-35): for tests and people at this machine. It has no keys, so it hears only who
// calls it by a name of this machine; a page of another site that resolves here is refused.

import { isIP } from "node:net";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { EmulatorError } from "../error.ts";
import type { ControlServer, ControlServerMaker } from "../plugs.ts";
import { FieldError } from "./fields.ts";
import { metricsText } from "./metrics.ts";
import { CONTROL_ROUTES, type ControlRoute, knownNames } from "./routes.ts";

type Served = Parameters<ControlServerMaker>[0];

const BODY_MAX = 4 << 20;
const STATUS: { readonly [code in EmulatorError["code"]]?: number } = { NOT_FOUND: 404, DEADLINE: 408, STATE: 409 };

/** Errors: EmulatorError PORT_TAKEN. */
export const startControl: ControlServerMaker = async (served): Promise<ControlServer> => {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: BODY_MAX });
  app.addHook("onRequest", async (request, reply) => {
    if (!isOwnName(request.hostname, served.host)) {
      await refuse(reply, 421, { code: "NOT_HERE", message: `nobody here is called ${request.hostname}` });
    }
  });
  app.setErrorHandler((error, _request, reply) => refused(reply, error));
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, 404, { code: "NOT_FOUND", message: `there is no ${request.method} ${request.url}`, calls: calls() }),
  );
  // an empty body is an empty object, whatever the header promises
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => parse(String(body), done));
  for (const route of CONTROL_ROUTES) add(app, route, served);
  app.get("/control/metrics", async (_request, reply) => {
    const { type, text } = await metricsText(served.control);
    return reply.type(type).send(text);
  });
  try {
    await app.listen({ host: served.host, port: served.port });
  } catch (cause) {
    await app.close();
    const where = `${served.host}:${served.port}`;
    const text = `the control API cannot listen on ${where}; name another port, or 0 for a free one`;
    throw new EmulatorError("PORT_TAKEN", text, { cause });
  }
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : served.port;
  return { port, close: () => app.close() };
};

function add(app: FastifyInstance, { method, path, run }: ControlRoute, { control, ports }: Served): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { named = "" } = request.params as { named?: string };
    const query = request.query as Record<string, unknown>;
    const answer: unknown = await run({
      control,
      ports,
      known: knownNames(control),
      body: request.body,
      query,
      named,
    });
    return reply.header("cache-control", "no-store").send(answer ?? { ok: true });
  };
  app.route({ method, url: path, handler });
}

function parse(text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text.trim() === "") {
    done(null, {});
    return;
  }
  try {
    done(null, JSON.parse(text) as unknown);
  } catch {
    done(new FieldError({ field: "(body)", value: text.slice(0, 80), expected: "JSON" }));
  }
}

function refused(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof FieldError) {
    const { code, message, problem } = error;
    return refuse(reply, 400, { code, message, ...problem, value: problem.value ?? null });
  }
  if (error instanceof EmulatorError) {
    return refuse(reply, STATUS[error.code] ?? 400, { code: error.code, message: error.message });
  }
  const known = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : 500;
  const message = error instanceof Error ? error.message : String(error);
  return refuse(reply, typeof known === "number" ? known : 500, { code: "FAILED", message });
}

const refuse = (reply: FastifyReply, status: number, body: Readonly<Record<string, unknown>>): FastifyReply =>
  reply.code(status).header("cache-control", "no-store").send(body);

const calls = (): readonly string[] => CONTROL_ROUTES.map(({ method, path }) => `${method} ${path}`);

/** Names this machine answers to; where remote clients were allowed, any address. */
function isOwnName(name: string, host: string): boolean {
  const bare = name.replace(/^\[|\]$/g, "");
  if (bare === "localhost" || bare === host) return true;
  return isIP(bare) !== 0;
}
