// The proto files keep their own rules (API-01, -02, -04, -05, -07), and what is generated from them is what stands in
// the repository.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { type TestContext } from "node:test";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "proto/opensqt/market_maker/v1");
const sources = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const buf = join(root, "node_modules/.bin/buf");

/** Exit code and output of buf in a copy of proto/ with one file changed. */
function bufAfter(t: TestContext, change: (text: string) => string, args: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), "opensqt-proto-test-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(root, "proto"), join(copy, "proto"), { recursive: true });
  cpSync(join(root, "buf.yaml"), join(copy, "buf.yaml"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "proto/opensqt/market_maker/v1/resources.proto");
  writeFileSync(file, change(readFileSync(file, "utf8")));
  try {
    execFileSync(buf, [...args], { cwd: copy, stdio: "pipe" });
    return "passed";
  } catch (error) {
    return error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
  }
}

test("API-01 what stands in the repository is what proto/ gives, and it passes lint and breaking rules", () => {
  execFileSync(process.execPath, [join(root, "tools/proto.ts"), "--check"], { cwd: root, stdio: "pipe" });
});

test("API-01 a field that is renumbered, or removed without reserving it, breaks the check", (t) => {
  const against = ["breaking", "--against", "proto/baseline.binpb"];
  assert.equal(
    bufAfter(t, (text) => text, against),
    "passed",
  );
  assert.match(
    bufAfter(t, (text) => text.replace("symbol = 2;", "symbol = 99;"), against),
    /symbol/,
  );
  assert.match(
    bufAfter(t, (text) => text.replace("  string asset = 1;\n", ""), against),
    /asset/,
  );
  const added = (text: string): string =>
    text.replace("message Balance {", "message Balance {\n  // New.\n  bool fresh = 77;");
  assert.equal(bufAfter(t, added, against), "passed");
});

test("API-43 a field without a comment fails the lint, since the pages are written from comments", (t) => {
  const silent = (text: string): string => text.replace("message Balance {", "message Balance {\n  bool fresh = 77;");
  assert.match(bufAfter(t, silent, ["lint"]), /fresh/);
});

test("API-04 API-05 no float, no double, no Timestamp, no Duration; times are int64 with the suffix _ms", () => {
  for (const { name, text } of sources) {
    const code = text.replaceAll(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\b(?:float|double)\b/, name);
    assert.doesNotMatch(code, /google\.protobuf\./, name);
    for (const [, type, field] of code.matchAll(/^\s*(?:repeated )?(\S+) (\w+_(?:ms|at|time|until)) = \d+;/gm)) {
      assert.equal(type, "int64", `${name}: ${field}`);
      assert.match(field ?? "", /_ms$/, name);
    }
  }
});

test("API-03 ids are strings", () => {
  for (const { name, text } of sources) {
    for (const [, type, field] of text.matchAll(/^\s*(?:repeated )?(\S+) ((?:\w+_)?ids?) = \d+;/gm)) {
      assert.equal(type, "string", `${name}: ${field}`);
    }
  }
});

test("API-02 every enum starts with UNSPECIFIED = 0", () => {
  const enums = sources.flatMap(({ text }) => [
    ...text.matchAll(/^enum (\w+) \{\n(?:\s*\/\/.*\n)*\s*(\w+) = (\d+);/gm),
  ]);
  assert.ok(enums.length >= 16);
  for (const [, name = "", value, number] of enums) {
    const prefix = name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
    assert.deepEqual([value, number], [`${prefix}_UNSPECIFIED`, "0"]);
  }
});

test("API-07 every RPC has its own request and response; shared method names carry their service's", () => {
  const rpcs = sources.flatMap(({ text }) => {
    const service = /^service (\w+)/m.exec(text)?.[1] ?? "";
    return [...text.matchAll(/rpc (\w+)\((\w+)\) returns \((?:stream )?(\w+)\)/g)].map(
      ([, name = "", input, output]) => {
        return { service, name, input, output };
      },
    );
  });
  assert.ok(rpcs.length > 90, `${rpcs.length} RPCs`);
  for (const { service, name, input, output } of rpcs) {
    const shared = rpcs.filter((each) => each.name === name).length > 1;
    const prefix = shared ? service : "";
    assert.deepEqual([input, output], [`${prefix}${name}Request`, `${prefix}${name}Response`]);
  }
});

test("API-08 lists that may grow have a page size, a token, and say their order", () => {
  const book = new Map(
    sources
      .flatMap(({ text }) => [...text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)])
      .map(([, name = "", body = ""]) => [name, body]),
  );
  const paged = [...book].filter(([, body]) => body.includes("page_token = "));
  const requests = paged.filter(([name]) => name.endsWith("Request"));
  assert.ok(requests.length >= 5);
  for (const [name, body] of requests) {
    assert.match(body, /int32 page_size = \d+;\n(?:\s*\/\/.*\n)*\s*string page_token/, name);
    assert.match(book.get(name.replace(/Request$/, "Response")) ?? "", /string next_page_token/, name);
  }
});

test("API-09 API-19 ranges have two ends, and every subscription can be given a resume token", () => {
  for (const { text } of sources) {
    for (const [, name = "", body = ""] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
      if (/Subscribe\w+Request$/.test(name)) assert.match(body, /string resume_token/, name);
      if (/Subscribe\w+Response$/.test(name)) assert.match(body, /StreamMeta meta = 1;/, name);
    }
  }
});
