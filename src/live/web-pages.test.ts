// The pages of the HTTP side (LIVE-07, LIVE-18): the console or somebody's own, with their headers and nothing beside
// them.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inHouse } from "./server.fixture.ts";
import { defaultSettings } from "./settings.ts";
import { CHART_STYLES } from "./web-routes.ts";

const CANARY = "canary-7f3a9c21e5";

test("LIVE-07 headers: the console's policy, nosniff, no referrer, assets for a year, the API unstored", async () => {
  const dir = mkdtempSync(join(tmpdir(), "live-web-"));
  try {
    mkdirSync(join(dir, "assets"));
    writeFileSync(join(dir, "index.html"), "<!doctype html><title>console</title>");
    writeFileSync(join(dir, "assets", "main-1a2b.js"), "x".repeat(5000));
    const web = { directory: null, csp: "", builtIn: dir, doors: [{ bot: "", url: "http://127.0.0.1:8080/" }] };
    await inHouse({ settings: { web } }, async ({ get }) => {
      for (const path of ["/", "/live", "/live.html"]) {
        const { status, headers, text } = await get(path);
        assert.deepEqual([status, text], [200, "<!doctype html><title>console</title>"], path);
        const policy = String(headers["content-security-policy"]).split("; ");
        assert.deepEqual(policy.toSpliced(2, 1), [
          "default-src 'self'",
          "connect-src 'self' http://127.0.0.1:8080",
          "img-src 'self' data:",
          "frame-ancestors 'none'",
        ]);
        assert.match(policy[2] ?? "", /^style-src 'self' 'sha256-[\w+/]+='$/);
        assert.deepEqual(
          [headers["x-content-type-options"], headers["referrer-policy"], headers["cache-control"]],
          ["nosniff", "no-referrer", "no-cache"],
        );
      }
      const asset = await get("/assets/main-1a2b.js");
      assert.equal(asset.headers["cache-control"], "public, max-age=31536000, immutable");
      assert.match(String(asset.headers["content-type"]), /^text\/javascript/);
      const again = await get("/assets/main-1a2b.js", { headers: { "if-none-match": String(asset.headers["etag"]) } });
      assert.deepEqual([again.status, again.text], [304, ""]);
      assert.equal((await get("/assets/gone.js")).status, 404);
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("LIVE-07 the style whose hash the policy names is the one the installed chart library writes", () => {
  const library = readFileSync("node_modules/lightweight-charts/dist/lightweight-charts.production.mjs", "utf8");
  for (const style of CHART_STYLES)
    assert.ok(library.includes(JSON.stringify(style)), "take the style of this version");
});

test("LIVE-18 a folder of one's own pages is served in place of the console: its files, and nothing beside them", async () => {
  const dir = mkdtempSync(join(tmpdir(), "live-own-"));
  try {
    const own = join(dir, "pages");
    mkdirSync(join(own, "sub"), { recursive: true });
    writeFileSync(join(own, "live.html"), "<script>old()</script>".padEnd(3000));
    writeFileSync(join(own, "index.html"), "index");
    writeFileSync(join(own, "sub", "a b.txt"), "text");
    writeFileSync(join(own, ".secret"), CANARY);
    writeFileSync(join(dir, "outside.txt"), CANARY);
    symlinkSync(join(dir, "outside.txt"), join(own, "link.txt"));
    symlinkSync(dir, join(own, "up"));
    symlinkSync(join(own, ".secret"), join(own, "shown.txt"));
    const { web } = defaultSettings();
    await inHouse({ settings: { web: { ...web, directory: own } } }, async ({ get, logged }) => {
      for (const path of ["/", "/live", "/live.html"]) {
        const page = await get(path, { headers: { "accept-encoding": "br, gzip" } });
        assert.equal(page.headers["content-encoding"], "gzip");
        assert.equal(page.headers["content-security-policy"], "frame-ancestors 'none'");
        assert.equal(page.headers["cache-control"], "no-cache");
      }
      assert.match((await get("/")).text, /^<script>old\(\)<\/script>/);
      assert.equal((await get("/sub/a%20b.txt")).text, "text");
      const hostile = [
        "/.secret",
        "/link.txt",
        "/up/outside.txt",
        "/shown.txt",
        "/sub",
        "/sub/",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/..%5coutside.txt",
        "/sub/..%2f..%2foutside.txt",
        "/%00",
        "/%",
        "/gone.txt",
        "//etc/passwd",
      ];
      for (const path of hostile) {
        const answer = await get(path);
        assert.ok(answer.status === 404 || answer.status === 400, `${path} is ${answer.status}`);
        assert.equal(answer.text.includes(CANARY), false, path);
      }
      assert.ok(logged.some((line) => line.includes('"code":"web-directory"') && line.includes("frame-ancestors")));
      assert.equal((await get("/health")).status, 200, "the server's own paths stay its own");
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("without a built console the page says how to build it", async () => {
  await inHouse({}, async ({ get }) => {
    const page = await get("/");
    assert.deepEqual([page.status, page.headers["cache-control"]], [200, "no-cache"]);
    assert.match(page.text, /vite build web/);
  });
});
