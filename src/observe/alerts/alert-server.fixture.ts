// A server on this machine that stands for Slack, Telegram or somebody's webhook: it keeps what it was sent and answers
// as a test says, or not at all.

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** `null`: no answer, ever. */
export type Answer = {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
} | null;

export interface AlertServer {
  readonly url: string;
  readonly received: readonly Received[];
  /** Bodies as JSON. */
  bodies(): readonly Readonly<Record<string, unknown>>[];
  /** Answers of the next requests, one each; afterwards 200. */
  next(...answers: readonly Answer[]): void;
  /** Answers everything so, until told otherwise; null: hangs. */
  always(answer: Answer): void;
  /** Resolves when that many requests have come. */
  seen(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startAlertServer(): Promise<AlertServer> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let otherwise: Answer = { status: 200, body: "ok" };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url = "", headers } = request;
      received.push({ path: url, headers, body: Buffer.concat(chunks).toString("utf8") });
      const next = answers.shift();
      const answer = next === undefined ? otherwise : next;
      for (const one of waiting) if (received.length >= one.count) one.resolve();
      if (answer === null) return;
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body ?? "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    bodies: () => received.map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>),
    next: (...more) => void answers.push(...more),
    always: (answer) => {
      otherwise = answer;
    },
    seen: async (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count, resolve });
      if (received.length >= count) resolve();
      await promise;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
