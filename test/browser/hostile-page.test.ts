// What a hostile world does to what is shown: connections that race, a machine that slept, candles that come late,
// garbage in the browser, an engine that is away.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page, Route } from "playwright-core";
import { DEMO_OF } from "../../src/live/demo-feed.fixture.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, until, type World } from "./world.fixture.ts";

const BOT = DEMO_OF.bot;

describe("what a console shows in a hostile world", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
    tickUntilFill(world);
  });
  after(() => world.stop());

  test("UI-10 a page that comes online while it asks whether to log in keeps one connection, shown live", async () => {
    const { page, close } = await openPage(browser.get(), world);
    let sockets = 0;
    page.on("websocket", () => {
      sockets += 1;
    });
    let held: Route | null = null;
    await page.route("**/status", (route) => {
      held = route;
    });
    await world.stop();
    await until(() => Promise.resolve(held !== null));
    await world.again();
    sockets = 0;
    await page.evaluate("dispatchEvent(new Event('online'))");
    await page.locator("[data-connection=live]").waitFor();
    const failed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/status"));
    await (held as Route | null)?.abort();
    await failed;
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    assert.equal(await page.locator("[data-connection=live]").count(), 1);
    assert.equal(sockets, 1);
    await close();
  });

  test("UI-10 UI-04 a machine that slept connects anew at once and shows no prices of last night as live", async () => {
    const { page, close } = await openPage(browser.get(), world);
    const again = page.waitForEvent("websocket");
    // the wall went on while the page's own clock stood
    await page.evaluate("{ const real = Date.now; Date.now = () => real() + 3_600_000; }");
    await again;
    await page.locator("[data-connection=live]").waitFor();
    await close();
  });

  test("UI-02 a page that draws no frames for days, in a hidden tab, waits for one, not for one a batch", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/money" });
    await page.evaluate(`
      globalThis.waiting = new Set();
      let asked = 0;
      requestAnimationFrame = () => { asked += 1; waiting.add(asked); return asked; };
      cancelAnimationFrame = (id) => waiting.delete(id);
    `);
    const shown = (): Promise<string> => page.locator("[data-figure=price] b").innerText();
    for (let batch = 0; batch < 5; batch += 1) {
      const before = await shown();
      world.feed.tick();
      await until(async () => (await shown()) !== before);
    }
    assert.ok(Number(await page.evaluate("waiting.size")) <= 1);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-02 UI-03 a ladder of a thousand levels draws those in sight, and a long number cut says so", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const known = world.picture.slotsOf.get(DEMO_OF.bot)?.slots;
    const [sample] = known?.slots ?? [];
    const { bot } = [...world.picture.botsOf.values()][0] ?? {};
    assert.ok(known !== undefined && sample !== undefined && bot !== undefined);
    const slots = Array.from({ length: 1000 }, (_, level) => {
      const entry = `${41_000 + level * 2}.00`;
      return { ...sample, slot: String(level), entry, exit: entry, order: null, held: "0" };
    });
    world.picture.slots(DEMO_OF, { ...known, slots });
    const ladder = page.locator("[data-panel=ladder]");
    await ladder.locator("tr[data-slot='999']").waitFor();
    assert.ok((await ladder.locator("tr[data-slot]").count()) < 100);
    await ladder.getByRole("button", { name: "to price" }).click();
    await ladder.locator("tr.mark").waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    world.picture.bot("demo", { ...bot, position: "123456789012345" });
    await page.locator("[data-figure=position] b", { hasText: "012,345" }).waitFor();
    const figure = "document.querySelector('[data-figure=position] b')";
    assert.equal(await page.evaluate(`getComputedStyle(${figure}).textOverflow`), "ellipsis");
    assert.equal(await page.evaluate(`${figure}.getBoundingClientRect().right <= innerWidth`), true);
    world.picture.slots(DEMO_OF, known);
    world.picture.bot("demo", bot);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-08 garbage among what the browser keeps, or in the address, does not take the page away", async () => {
    for (const kept of ['{"seen":5,"hiddenLayers":null,"theme":"pink","volume":"loud","bot":{}}', "null", '"x"']) {
      const { page, faults, close } = await openPage(browser.get(), world);
      await page.evaluate(`localStorage.setItem("opensqt.choices", ${JSON.stringify(kept)})`);
      await page.goto(`${world.url}/#/overview`);
      await page.reload();
      await page.locator("[data-connection=live]").waitFor();
      await page.locator("[data-panel=alerts]").waitFor();
      await close();
      assert.deepEqual(faults, [], kept);
    }
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/why/100%" });
    await page.locator("[data-panel^=why]").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-12 a critical alert sounds though a fill sounded in the same moment", async () => {
    const { page, close } = await openPage(browser.get(), world);
    await page.evaluate(`
      globalThis.pitches = [];
      const make = AudioContext.prototype.createOscillator;
      AudioContext.prototype.createOscillator = function () {
        const made = make.call(this);
        const start = made.start.bind(made);
        made.start = (at) => { globalThis.pitches.push(made.frequency.value); start(at); };
        return made;
      };
    `);
    await page.getByLabel("Sound: off").click();
    await page.getByLabel("sound is on").check();
    await page.keyboard.press("Escape");
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 600))");
    await page.evaluate("globalThis.pitches.length = 0");
    const alert = { code: "kill", bot: BOT, title: "Killed", text: "", facts: {}, done: "", todo: "", resolvedAt: 0 };
    tickUntilFill(world);
    world.picture.alert("demo", { ...alert, id: `k${Date.now()}`, severity: "CRITICAL", at: Date.now() });
    await until(async () => Number(await page.evaluate("pitches.filter((each) => each === 880).length")) === 3);
    await close();
  });

  test("UI-09 a candle that came late, and one corrected after the next began, are drawn as they are", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const key = { ...DEMO_OF, interval: "1m" };
    const chart = page.locator(".chart-canvas");
    const counted = async (): Promise<number> => Number(await chart.getAttribute("data-candles"));
    const newest = world.picture.lastCandles(key, 1)[0];
    assert.ok(newest !== undefined);
    const at = newest.time + 60;
    const had = await counted();
    world.picture.candle(key, { ...newest, time: at });
    world.picture.candle(key, { ...newest, time: at + 120 });
    await until(async () => (await counted()) === had + 2);
    world.picture.candle(key, { ...newest, time: at + 60 });
    await until(async () => (await counted()) === had + 3);
    const high = `${(Number(newest.close) + 60).toFixed(2)}`;
    world.picture.candle(key, { ...newest, time: at + 60, high, close: high });
    await page.getByRole("button", { name: "Data" }).click();
    await page
      .locator(".chart-data td", { hasText: high.slice(0, 7) })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Chart", exact: true }).click();
    await chart.waitFor();
    assert.equal(await page.getByText("This screen failed").count(), 0);
    // and while it is looked at: what is drawn is what a chart made anew draws
    const higher = `${(Number(high) + 60).toFixed(2)}`;
    world.picture.candle(key, { ...newest, time: at + 60, high: higher, close: higher });
    const other = await openPage(browser.get(), world);
    const drawn = async (on: Page): Promise<string> =>
      (await on.locator(".chart-canvas").screenshot()).toString("base64");
    await other.page.locator(".chart-canvas").waitFor();
    await until(async () => (await drawn(page)) === (await drawn(other.page)));
    await other.close();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-04 money and risk of an engine that is away are grey with their age", async () => {
    const { page, close } = await openPage(browser.get(), world, { address: "#/money" });
    const source = { name: "demo", receivedMs: performance.now() - 9000 };
    world.picture.source({ ...source, state: "DOWN", lastAction: "next try in 1 s" });
    for (const panel of ["pnl", "positions", "account", "fills"])
      await page.locator(`[data-panel=${panel}] .age`).waitFor();
    await page.keyboard.press("4");
    for (const panel of ["kill-switch", "breakers", "limits-and-head-room", "exposure", "market-monitor"])
      await page.locator(`[data-panel=${panel}] .age`).waitFor();
    world.picture.source({ ...source, state: "LIVE", receivedMs: performance.now(), lastAction: "" });
    await page.locator("[data-panel=exposure] .age").waitFor({ state: "detached" });
    await close();
  });
});
