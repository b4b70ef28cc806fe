// What a person sees first, and that it all comes from this server: screens, links that open the same view,
// explanations, numbers equal to the strings that were sent.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, type World } from "./world.fixture.ts";

/** Opens and closes a sheet in every turn of the page, for two seconds, so the frame is made anew all the time. */
const TURN_SHEETS = `(async () => {
  const until = performance.now() + 2000;
  const { port1, port2 } = new MessageChannel();
  while (performance.now() < until) {
    const sheet = document.querySelector("dialog[open]");
    if (sheet !== null) sheet.close();
    else document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
  }
})()`;

describe("the console at first sight", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
    tickUntilFill(world);
  });
  after(() => world.stop());

  test("UI-02 the first load is at most 400 KiB compressed, and no script or style stands in the page", () => {
    const page = readFileSync(join(folder.path, "index.html"), "utf8");
    const assets = readdirSync(join(folder.path, "assets"));
    const bytes = assets.reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(folder.path, "assets", name))).length,
      0,
    );
    assert.ok(bytes + page.length <= 400 * 1024, `${bytes} bytes compressed`);
    assert.doesNotMatch(page, /<style|<script(?![^>]*src=)| style=/);
    for (const name of assets) assert.match(name, /-[\w-]{8}\.(?:js|css)$/);
  });

  test("UI-01 TEST-34 every screen shows itself without a console error and without asking anybody else", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/overview" });
    for (const [key, screen] of [
      ["1", "overview"],
      ["2", "bot"],
      ["3", "money"],
      ["4", "risk"],
      ["5", "system"],
      ["6", "why"],
      ["7", "setup"],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`main[data-screen=${screen}]`).waitFor();
    }
    await page.keyboard.press("2");
    await page.getByText("TradingView").waitFor();
    const favicon = await page.request.get(`${world.url}/favicon.svg`);
    const manifest = await page.request.get(`${world.url}/manifest.webmanifest`);
    assert.equal(favicon.status(), 200);
    assert.equal(manifest.status(), 200);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-02 TEST-35 the bot's screen holds a hundred candles, orders, ladder, fills, position, gates", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.locator(".chart-canvas canvas").first().waitFor();
    for (const panel of ["ladder", "open-orders", "fills", "gates", "position"]) {
      await page.locator(`[data-panel=${panel}]`).waitFor();
    }
    const live = world.picture.orderBook.all().length;
    assert.ok(live > 4, `${live} orders`);
    const chart = page.locator(`.chart-canvas[data-orders="${live}"]`);
    await chart.waitFor();
    const candles = Number(await chart.getAttribute("data-candles"));
    assert.ok(candles >= 100, `${candles} candles`);
    const rows = page.locator("[data-panel=open-orders] tr[data-row]");
    await rows.nth(live - 1).waitFor();
    assert.equal(await rows.count(), live);
    const marker = page.locator(".ladder tr.mark");
    await marker.first().waitFor();
    assert.equal(await marker.count(), 1, "one price marker");
    await page.getByText("simulated money").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-03 a price, a quantity and a result read as the strings that were sent, with their sign", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/money" });
    const [fill] = world.picture.fillBook.last(1);
    const row = page.locator("[data-panel=fills] tr[data-row]").first();
    const text = await row.innerText();
    assert.ok(text.includes(fill?.price ?? "?"), text);
    const exact = await page.locator("[data-panel=pnl] .figures dd span[title]").first().getAttribute("title");
    assert.equal(exact, world.picture.pnlOf.get("btc-grid")?.net);
    const shown = await page.locator("[data-panel=pnl] .figures dd").first().innerText();
    assert.match(shown, exact?.startsWith("-") ? /^\u2212/ : /^[+0]/);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-07 a fill opens its explanation with one click, and the chain is walked with arrow keys", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const first = page.locator("[data-panel=fills] [data-why]").first();
    const id = (await first.getAttribute("data-why")) ?? "";
    await first.click();
    await page.locator("main[data-screen=why]").waitFor();
    await page.locator("#chain > li").first().waitFor();
    assert.ok(page.url().includes(`#/why/${id}`), page.url());
    await page.keyboard.press("e");
    await page.keyboard.press("ArrowDown");
    await page.locator("#chain > li[aria-current] button:focus", { hasText: /filled/ }).waitFor();
    await page.getByText("maxPosition").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("main[data-screen=bot]").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-07 what the journal does not know is said, with the command that looks further", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/why/nobody" });
    await page.getByText("nothing is known of nobody").waitFor();
    await page.getByText("opensqt explain nobody").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-08 an address opens the same view, and theme and clock are kept in the browser", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, {
      address: "#/bot?bot=btc-grid&interval=5m",
      colorScheme: "dark",
    });
    assert.equal(await page.locator("#interval").inputValue(), "5m");
    await page.locator("#interval").selectOption("1m");
    await page.waitForURL(/interval=1m/);
    await page.keyboard.press("Escape");
    await page.getByLabel("Theme: dark").click();
    await page.locator("html[data-theme=light]").waitFor();
    await page.reload();
    await page.locator("[data-connection=live]").waitFor();
    assert.equal(await page.locator("#interval").inputValue(), "1m");
    assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-16 light and dark follow the system until one is fixed", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { colorScheme: "light" });
    // a page behind another one draws no frames, and is told of no change
    await page.bringToFront();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
    // the frame is made anew all the time, also between the system's change and when the page is told of it
    const turning = page.evaluate(TURN_SHEETS);
    for (const colorScheme of ["dark", "light", "dark", "light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    }
    await turning;
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    await page.keyboard.press("t");
    await page.locator("html[data-theme=light]").waitFor();
    await page.emulateMedia({ colorScheme: "light" });
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
    await close();
    assert.deepEqual(faults, []);
  });
});
