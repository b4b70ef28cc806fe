// Every key of every configuration is read by the code it is for: a setting that is accepted and ignored is worse than
// one that is refused. A key counts as read where production code outside src/config names it beside its section.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { CONFIG_KINDS } from "../src/config/process/kinds.ts";

const source = resolve(import.meta.dirname, "../src");

interface Code {
  readonly path: string;
  readonly text: string;
}

const code: readonly Code[] = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter(
    (entry) => entry.isFile() && entry.name.endsWith(".ts") && !/\.(test|fixture|property\.test)\.ts$/.test(entry.name),
  )
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !path.includes("/generated/"))
  .map((path) => ({ path: path.slice(source.length + 1), text: plain(readFileSync(path, "utf8")) }));

/** Without comments: a key named in a sentence is not read. */
function plain(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|[^:"'`])\/\/[^\n]*/g, "$1");
}

/** Sections that are handed over whole: the file that reads their entries, and what a key is called there. */
const WHOLE: readonly {
  readonly section: RegExp;
  readonly file: RegExp;
  readonly names?: Readonly<Record<string, string>>;
}[] = [
  {
    section: /^grpc\.clients\[\]/,
    file: /^rpc\/(keyring|doorkeeper)\.ts$/,
    names: { key: "keySha256", sha256: "keySha256" },
  },
  {
    section: /^journal\./,
    file: /^apps\/market-maker\/(bots|nightly)\.ts$/,
    names: { retainDays: "retainMs", retainMib: "retainBytes" },
  },
  { section: /^risk\./, file: /^risk\/account\// },
  { section: /(^|\.)tls\./, file: /^rpc\/tls\.ts$/ },
  { section: /^sources\[\]/, file: /^(live\/|apps\/live-server\/)/ },
  { section: /^connector\.key$/, file: /^apps\/market-maker\/remote-link\.ts$/ },
  { section: /^(account\.allowWithdrawKeys|market)$/, file: /^apps\/connector\/real\.ts$/ },
  { section: /^auth\./, file: /^(live\/|apps\/live-server\/)/ },
  { section: /^web\.doors\[\]/, file: /^(live\/|apps\/live-server\/)/ },
  {
    section: /^alerts\./,
    file: /^(observe\/alerts\/|apps\/process\/alerts\.ts$)/,
    names: { from: "fromMinute", to: "toMinute" },
  },
  { section: /^risk\./, file: /^risk\/account\// },
  { section: /^simulated\./, file: /^(config\/(process\/simulated-exchange|simulation|instruments)\.ts|exchange\/)/ },
];

/** Keys whose whole work is done when the file is read. */
const JUDGED: Readonly<Record<string, string>> = {
  ccxtId: "names the exchange where it has no table of ours",
  environment: "tells which secrets may be literal, and refuses what this release does not have (OPS-06, OPS-62)",
  allowNativeLive: "lets native with real money through (OPS-62)",
  "simulated.market": "asks for the path of a recording",
};

function isRead(key: string): boolean {
  const parts = key.replaceAll("[]", "").split(".");
  const name = parts.at(-1) ?? "";
  const whole = WHOLE.find(({ section }) => section.test(key));
  if (whole !== undefined) {
    const own = new RegExp(`\\b${whole.names?.[name] ?? name}\\b`);
    return code.some(({ path, text }) => whole.file.test(path) && own.test(text));
  }
  const section = parts.at(-2) ?? "config";
  const named = new RegExp(`\\b${section}\\w*\\??\\.${name}\\b`, "i");
  const taken = new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\}(: \\w+)?\\s*=[^;]*${section}`, "i");
  return code.some(({ path, text }) => !path.startsWith("config/") && (named.test(text) || taken.test(text)));
}

for (const { name, keys } of CONFIG_KINDS.filter((kind) => kind.name !== "up")) {
  test(`OPS-03 every key of ${name} is read`, () => {
    // a bot's keys come from the tables of grid and risk, whose own tests ask the same
    const own = [...keys.all.keys()].filter((key) => !key.startsWith("bots[]") && JUDGED[key] === undefined);
    assert.ok(own.length > 10);
    assert.deepEqual(
      own.filter((key) => !isRead(key)),
      [],
    );
  });
}

test("OPS-03 a key nobody reads is noticed", () => {
  assert.equal(isRead("http.portion"), false);
  assert.equal(isRead("grpc.clients[].shoeSize"), false);
  assert.equal(isRead("limits.botsLeast"), false);
});
