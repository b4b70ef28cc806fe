// What `opensqt stop | health | token` do: signals, probes and keys. Plain HTTP to loopback and files; no gRPC.

import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { newApiKey, sha256Of } from "../../rpc/keyring.ts";
import { keyOf } from "./engine/key-file.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, usageError } from "./output.ts";
import { isAlive, type RunFile, readRunFile } from "./run-file.ts";

interface Flags {
  readonly dataDir: string;
  readonly json?: true;
}
export type StopFlags = Flags;
export type HealthFlags = Flags & { readonly ready?: true; readonly url?: string };
export type PairFlags = Flags & { readonly url?: string; readonly keyFile?: string };
export interface TokenFlags {
  readonly name: string;
  readonly role: "reader" | "trader" | "operator";
  readonly bots?: string;
  readonly json?: true;
}

const STOP_MS_MAX = 90_000;
const PROBE_MS = 3_000;
const PAIR_PATH = "/operator/v1/pair/code";

export async function stopUp(flags: StopFlags): Promise<void> {
  const { pid } = running(flags);
  process.kill(pid, "SIGTERM");
  if (flags.json !== true) note(`asked process ${pid} to stop`);
  const untilMs = performance.now() + STOP_MS_MAX;
  // a clean end takes the file away; a parent that has not looked yet keeps the process's number alive
  while (isAlive(pid) && readRunFile(resolve(flags.dataDir))?.pid === pid) {
    if (performance.now() > untilMs) {
      throw new CommandError(EXIT_CODES.unreachable, `process ${pid} has not ended within ${STOP_MS_MAX / 1000} s`);
    }
    await wait(100);
  }
  if (flags.json === true) printJson({ pid, stopped: true });
  else print("stopped");
}

interface Probe {
  readonly process: string;
  readonly url: string;
  /** Null: no answer. */
  readonly status: number | null;
  readonly text: string;
}

export async function health(flags: HealthFlags): Promise<void> {
  const path = flags.ready === true ? "/ready" : "/health";
  const probes = await Promise.all(targets(flags).map(({ name, url }) => probe(name, `${url}${path}`)));
  const bad = probes.find(({ status }) => status !== 200);
  if (flags.json === true) printJson({ probes }, bad === undefined);
  else
    for (const { process: name, status, text } of probes) print(`${name.padEnd(13)} ${status ?? "no answer"}${text}`);
  if (probes.some(({ status }) => status === null)) process.exitCode = EXIT_CODES.unreachable;
  else if (bad !== undefined) process.exitCode = EXIT_CODES.checkFailed;
}

function targets(flags: HealthFlags): readonly { readonly name: string; readonly url: string }[] {
  if (flags.url !== undefined && !/^https?:$/.test(URL.parse(flags.url)?.protocol ?? ""))
    throw usageError(`--url ${flags.url} is not allowed; give an address such as http://127.0.0.1:8080`);
  if (flags.url !== undefined) return [{ name: "process", url: flags.url.replace(/\/$/, "") }];
  const { connector, marketMaker, liveServer } = running(flags);
  return [
    { name: "connector", url: connector.http },
    { name: "market-maker", url: marketMaker.http },
    { name: "live-server", url: liveServer.http },
  ];
}

async function probe(name: string, url: string): Promise<Probe> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
    const body = (await response.json()) as { readonly waiting?: readonly { name: string; text: string }[] };
    const text = (body.waiting ?? []).map((check) => `  ${check.name}: ${check.text}`).join("");
    return { process: name, url, status: response.status, text };
  } catch {
    return { process: name, url, status: null, text: "" };
  }
}

export function newToken({ name: caller, role, bots, json }: TokenFlags): void {
  const key = newApiKey();
  const entry = { name: caller, role, sha256: sha256Of(key), ...(bots === undefined ? {} : { bots: bots.split(",") }) };
  if (json === true) {
    printJson({ key, client: entry });
    return;
  }
  print(key);
  note("Keep it: it is not shown again. In the configuration of whom it may call, under grpc.clients:");
  const parts = Object.entries(entry).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  note(`  - { ${parts.join(", ")} }`);
}

export async function pair(flags: PairFlags): Promise<void> {
  const { url, key } = door(flags);
  const answer = await asked(`${url}${PAIR_PATH}`, key);
  const body = (await answer.json()) as { readonly code?: string; readonly message?: string };
  if (!answer.ok || body.code === undefined) {
    const code = answer.status === 401 || answer.status === 403 ? EXIT_CODES.credentials : EXIT_CODES.refused;
    throw new CommandError(code, body.message ?? `the operator door answered ${answer.status}`);
  }
  if (flags.json === true) printJson({ code: body.code, url });
  else print(`${body.code}\nType it into the console within a minute; it is good once.`);
}

async function asked(url: string, key: string): Promise<Response> {
  try {
    const headers = { authorization: `Bearer ${key}` };
    return await fetch(url, { method: "POST", headers, signal: AbortSignal.timeout(PROBE_MS) });
  } catch (error) {
    throw new CommandError(EXIT_CODES.unreachable, `the operator door at ${url} does not answer: ${String(error)}`);
  }
}

function door(flags: PairFlags): { readonly url: string; readonly key: string } {
  const { url, keyFile } = flags;
  if (url === undefined && keyFile === undefined) {
    const { marketMaker, operatorKey } = running(flags);
    return { url: marketMaker.http, key: operatorKey };
  }
  if (url === undefined || keyFile === undefined) throw usageError("--url and --key-file go together");
  return { url: url.replace(/\/$/, ""), key: keyOf(keyFile) };
}

function running({ dataDir }: Flags): RunFile {
  const run = readRunFile(resolve(dataDir));
  if (run !== null && isAlive(run.pid)) return run;
  const hint = "Start it with opensqt up, or name its folder with --data-dir.";
  throw new CommandError(EXIT_CODES.unreachable, `no opensqt up is running in ${dataDir}`, hint);
}
