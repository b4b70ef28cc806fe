// Requests to the emulated spot market as bytes, for tests that want to see exactly what comes back.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { WebSocket } from "ws";
import { KEY, SECRET, type SpotStage, until } from "./spot-stage.ts";

export type Body = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export const hmac = (text: string, secret = SECRET): string => createHmac("sha256", secret).update(text).digest("hex");

/** A request with its parameters in the query, signed; public where there is no key. */
export async function ask(
  stage: SpotStage,
  route: string,
  parameters: Readonly<Record<string, string>> = {},
  key: string | null = KEY,
): Promise<Reply> {
  const [method = "", path = ""] = route.split(" ");
  const stamped = key === null ? parameters : { ...parameters, timestamp: String(stage.emulator.world.clock.nowMs()) };
  const query = new URLSearchParams(stamped).toString();
  const signed = key === null ? query : `${query}&signature=${hmac(query)}`;
  const headers = key === null ? {} : { "X-MBX-APIKEY": key };
  return replyOf(await fetch(`${stage.http}${path}?${signed}`, { method, headers }));
}

export async function replyOf(response: Response): Promise<Reply> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

/** A body that is a list. */
export function listOf(body: unknown): Body[] {
  assert.ok(Array.isArray(body));
  return body as Body[];
}

/** The code and sentence of a refusal, and its status. */
export const refusalIn = ({ status, body }: Reply): string =>
  `${status} ${String(body["code"])} ${String(body["msg"])}`;

export interface Talk {
  readonly frames: Body[];
  readonly socket: WebSocket;
  /** Sends a request of the WebSocket API; the answer, found by its id. */
  request(id: number | string, method: string, params?: Body | readonly string[]): Promise<Body>;
  send(frame: unknown): void;
}

export async function dial(stage: SpotStage, path: string): Promise<Talk> {
  const socket = new WebSocket(`${stage.ws}${path}`);
  const frames: Body[] = [];
  socket.on("message", (data) => frames.push(JSON.parse((data as Buffer).toString()) as Body));
  stage.atEnd(() => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const send = (frame: unknown): void => socket.send(JSON.stringify(frame));
  return {
    frames,
    socket,
    send,
    request: async (id, method, params) => {
      send({ id, method, ...(params === undefined ? {} : { params }) });
      await until(`an answer to ${method}`, () => frames.some((frame) => frame["id"] === id));
      const found = frames.find((frame) => frame["id"] === id);
      assert.ok(found !== undefined);
      return found;
    },
  };
}

/** Parameters of the WebSocket API with time, key and signature. */
export function signedParams(stage: SpotStage, params: Body = {}, sign = hmac): Body {
  const stamped: Body = { ...params, apiKey: KEY, timestamp: stage.emulator.world.clock.nowMs() };
  const text = Object.keys(stamped)
    .sort()
    .map((name) => `${name}=${String(stamped[name])}`)
    .join("&");
  return { ...stamped, signature: sign(text) };
}
