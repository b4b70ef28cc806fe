// Every configuration of examples/configs is started: real processes through bin/opensqt, on sockets and free ports in
// place of the usual ones, until they serve; then they are stopped in order.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { parse, stringify } from "yaml";
import { opensqt, type Running, root, startOpensqt, withFolder } from "../cli/command-line.ts";
import { startPostgres } from "../postgres.ts";

const examples = join(root, "examples/configs");
const files = readdirSync(examples);
/** Those with certificates are started by tls.test.ts, together. */
const of = (process: string): readonly string[] =>
  files.filter((file) => file.startsWith(process) && !file.includes("-tls"));

const key = (name: string): string => name.padEnd(43, "0");
const environment = {
  OPENSQT_ENGINE_KEY: key("engine"),
  OPENSQT_VIEW_KEY: key("view"),
  OPENSQT_OPERATOR_KEY: key("operator"),
  OPENSQT_JWT_SECRET: key("jwt"),
};

interface Values {
  [name: string]: unknown;
}

/** The example with other addresses, so that tests beside it do not meet. */
function adapted(file: string, folder: string, change: (values: Values) => void): string {
  const values = parse(readFileSync(join(examples, file), "utf8")) as Values;
  change(values);
  const path = join(folder, file);
  writeFileSync(path, stringify(values));
  return path;
}

const put = (values: Values, section: string, inner: Values): void => {
  values[section] = { ...(values[section] as Values | undefined), ...inner };
};

const onSocket = (name: string) => (values: Values) => {
  put(values, "grpc", { bind: `unix:./${name}.sock` });
  put(values, "http", { port: 0 });
};

/** Starts one process and waits until its HTTP listener answers that it lives. */
async function started(
  process: string,
  config: string,
  { cwd, more = {} }: { readonly cwd: string; readonly more?: Readonly<Record<string, string>> },
): Promise<Running> {
  const running = startOpensqt([process, "--config", config], { cwd, environment: { ...environment, ...more } });
  await running.seen(/http listens/);
  return running;
}

/** `path` is asked first: it must answer 200. */
async function stopped(running: Running, path = "/health"): Promise<string> {
  const url = /"url":"(http[^"]+)"[^\n]*http listens/.exec(running.said())?.[1] ?? "";
  const answer = await fetch(new URL(path, url));
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  running.kill("SIGTERM");
  const { code, err } = await running.ended;
  assert.equal(code, 0, err);
  return text;
}

for (const file of of("connector")) {
  test(`OPS-01 connector starts with examples/configs/${file}`, () =>
    withFolder(async (folder) => {
      const config = adapted(file, folder, onSocket("connector"));
      await stopped(await started("connector", config, { cwd: folder }));
    }));
}

for (const file of of("market-maker")) {
  test(`OPS-01 market-maker starts with examples/configs/${file}, over connector.yaml where it needs one`, () =>
    withFolder(async (folder) => {
      const database = file.includes("postgres") ? await startPostgres() : null;
      const connector = await started("connector", adapted("connector.yaml", folder, onSocket("connector")), {
        cwd: folder,
      });
      const config = adapted(file, folder, (values) => {
        onSocket("engine")(values);
        if (values["exchange"] === "remote") put(values, "connector", { address: "unix:./connector.sock" });
      });
      const more = database === null ? {} : { OPENSQT_DATABASE_URL: database.url };
      const engine = await started("market-maker", config, { cwd: folder, more }).catch(async (error: unknown) => {
        await database?.close();
        throw error;
      });
      await engine.seen(/recovery done/);
      await stopped(engine);
      await stopped(connector);
      await database?.close();
    }));
}

for (const file of of("live-server")) {
  test(`OPS-01 live-server starts with examples/configs/${file}, its sources there or not`, () =>
    withFolder(async (folder) => {
      mkdirSync(join(folder, "page"));
      writeFileSync(join(folder, "page", "live.html"), "<!doctype html><title>mine</title>");
      const config = adapted(file, folder, (values) => {
        put(values, "http", { port: 0 });
        for (const source of values["sources"] as Values[]) source["address"] = `unix:./${String(source["kind"])}.sock`;
      });
      // without its sources it says so at /health, and shows its page all the same
      const page = await stopped(await started("live-server", config, { cwd: folder }), "/");
      assert.equal(page.includes("<title>mine</title>"), file.includes("own-page"));
    }));
}

for (const file of of("up")) {
  test(`OPS-01 OPS-09 OPS-18 OPS-53 up starts with ${file}; doctor finds it well, apply changes it`, () =>
    withFolder(async (folder) => {
      const config = join(examples, file);
      const running = startOpensqt(["up", "--config", config, "--json"], { cwd: folder, environment });
      await running.seen(/"ok": ?true[\s\S]*\n\}/);
      const doctor = opensqt(["doctor", "--active", "--config", config], { cwd: folder });
      assert.equal(doctor.code, 0, doctor.out);
      assert.match(doctor.out, /✓ health: connector at .* serves\n.*✓ health: market-maker at .* serves/);
      assert.match(doctor.out, /✓ register: .* is registered as the file says/);
      assert.match(doctor.out, /✓ echo: .*: a far order came back on the stream of own orders and was cancelled/);
      const same = opensqt(["config", "diff", config], { cwd: folder });
      assert.equal(same.out, "nothing differs\n");
      const changed = join(folder, "changed.yaml");
      writeFileSync(changed, readFileSync(config, "utf8").replaceAll(/(heldSlotsMax: )30/g, "$129"));
      const refused = opensqt(["config", "apply", changed, "--reason", "fewer slots"], { cwd: folder });
      assert.equal(refused.code, 2, "OPS-11 without a terminal what needs a yes needs --yes");
      const applied = opensqt(["config", "apply", changed, "--yes", "--reason", "fewer slots"], { cwd: folder });
      assert.match(`${applied.err}${applied.out}`, /grid\.heldSlotsMax: 30 → 29 {2}\(live.*\n.*: journaled/);
      assert.equal(opensqt(["config", "diff", changed], { cwd: folder }).out, "nothing differs\n");
      running.kill("SIGINT");
      const { code, err } = await running.ended;
      assert.equal(code, 0, err);
    }));
}
