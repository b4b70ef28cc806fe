// `opensqt live-server` as a process: refuses what is wrong with exit 3, stands without its sources, runs several at
// once, and ends in time.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly lines: string[];
  /** Resolves with the first line that fits; null when the process ended without one. */
  readonly line: (fits: (line: string) => boolean) => Promise<string | null>;
}

const SOURCES = `
sources:
  - { name: exchange, kind: connector, address: "127.0.0.1:1" }
  - { name: engine, kind: engine, address: "127.0.0.1:1", key: { env: OPENSQT_KEY_TEST } }
`;

function start(t: TestContext, yaml: string, words: readonly string[] = ["--port", "0"]): Running {
  const child = spawn(process.execPath, ["src/apps/opensqt/main.ts", "live-server", ...words], {
    env: { ...process.env, OPENSQT_CONFIG_YAML: yaml, OPENSQT_KEY_TEST: "k".repeat(43) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  const hear = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    for (const look of waiting) look();
  };
  child.stderr?.on("data", hear);
  child.stdout?.on("data", hear);
  const ended = once(child, "close").then(([code]: unknown[]) => {
    lines.push(rest);
    for (const look of waiting) look();
    return typeof code === "number" ? code : null;
  });
  t.after(() => child.kill("SIGKILL"));
  const line = (fits: (text: string) => boolean): Promise<string | null> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find(fits);
        if (found === undefined && child.exitCode === null) return;
        waiting.delete(look);
        resolve(found ?? null);
      };
      waiting.add(look);
      look();
    });
  return { child, ended, lines, line };
}

async function urlOf(running: Running): Promise<string> {
  const line = await running.line((text) => text.includes('"msg":"http listens"'));
  return (JSON.parse(line ?? assert.fail(running.lines.join("\n"))) as { readonly url: string }).url;
}

test("LIVE-01 two of them stand beside each other without any source, say what is missing, and end on SIGTERM with 0", async (t) => {
  const both = [start(t, SOURCES), start(t, SOURCES)];
  const urls = await Promise.all(both.map(urlOf));
  assert.equal(new Set(urls).size, 2);
  for (const { line } of both) {
    const said = await line((text) => text.includes('"code":"read-failed"'));
    assert.match(said ?? "", /"source":"(exchange|engine)".*next try in/);
  }
  for (const url of urls) {
    const ready = await fetch(`${url}/ready`);
    assert.equal(ready.status, 503);
    const { waiting } = (await ready.json()) as { readonly waiting: readonly { readonly name: string }[] };
    assert.deepEqual(
      waiting.map(({ name }) => name),
      ["source exchange", "source engine"],
    );
    const status = await fetch(`${url}/status`);
    assert.deepEqual([status.status, /"state":"DOWN"/.test(await status.text())], [503, true]);
    const page = await fetch(`${url}/`);
    assert.equal(page.status, 200);
  }
  const socket = new WebSocket(urls[0]?.replace("http", "ws").concat("/ws") ?? "", ["opensqt.v2"]);
  const closed = once(socket, "close");
  await once(socket, "open");
  for (const { child } of both) child.kill("SIGTERM");
  assert.deepEqual(await Promise.all(both.map(({ ended }) => ended)), [0, 0]);
  const [code] = (await closed) as unknown[];
  assert.equal(code, 1001);
  const said = both.flatMap(({ lines }) => lines).join("\n");
  assert.equal(said.includes("k".repeat(43)), false, "LIVE-08 no key in the log");
});

test("LIVE-09 a configuration that would open it to strangers is refused with exit 3, file, line and what to give", async (t) => {
  const refused = async (yaml: string): Promise<string> => {
    const { ended, lines } = start(t, yaml);
    assert.equal(await ended, 3, lines.join("\n"));
    return lines.join("\n");
  };
  assert.match(
    await refused("http: { bind: 0.0.0.0 }\n"),
    /auth\.mode: none is not allowed on 0\.0\.0\.0; give key or jwt/,
  );
  const origins = `auth: { mode: key, keys: ["${"0".repeat(64)}"] }\nhttp: { allowedOrigins: ["*"] }\n`;
  assert.match(await refused(origins), /allowedOrigins/);
  assert.match(await refused("limits: { pingMs: 60000, pongMs: 60000 }\n"), /limits\.pingMs/);
  assert.match(await refused("nonsense: 1\n"), /nonsense/);
});

test("OPS-63 a port that is taken ends with exit 3 and is named; a port that is none with exit 2", async (t) => {
  const first = start(t, SOURCES);
  const port = new URL(await urlOf(first)).port;
  const second = start(t, SOURCES, ["--port", port]);
  assert.equal(await second.ended, 3);
  assert.ok(second.lines.some((line) => line.includes(`port ${port}`)));
  const third = start(t, SOURCES, ["--port", "http"]);
  assert.equal(await third.ended, 2);
  first.child.kill("SIGINT");
  assert.equal(await first.ended, 0);
});

test("LIVE-18 pages of one's own are served by the process, its own addresses beside them", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "live-process-"));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "live.html"), "<h1>mine</h1>");
  const running = start(t, `${SOURCES}\nweb: { directory: ${JSON.stringify(dir)} }\n`);
  const url = await urlOf(running);
  assert.equal(await (await fetch(`${url}/live`)).text(), "<h1>mine</h1>");
  assert.equal((await fetch(`${url}/ready`)).status, 503);
  running.child.kill("SIGTERM");
  assert.equal(await running.ended, 0);
});
