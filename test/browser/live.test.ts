// What moves: fills as they happen, order lines with their orders, sound with its visual twin, lost connections and how
// the page comes back, ages of what is late.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { DEMO_OF } from "../../src/live/demo-feed.fixture.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, until, type World } from "./world.fixture.ts";

/** Counts the tones the page starts, whatever the machine's speakers do. */
const COUNT_TONES = `
  globalThis.tones = 0;
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { globalThis.tones += 1; return make.call(this); };
`;

/** What a page shows of the market, the orders, the fills and the money, without ages. */
const shownBy = (page: Page): Promise<string> =>
  page.evaluate(`[
    ...[...document.querySelectorAll("[data-figure] b")].map((each) => each.innerText),
    ...[...document.querySelectorAll("[data-panel=position] dd")].map((each) => each.innerText),
    ...[...document.querySelectorAll("[data-panel=open-orders] [data-why], [data-panel=fills] [data-why]")]
      .map((each) => each.dataset.why + " " + each.innerText),
    document.querySelector(".chart-canvas")?.dataset.lines,
  ].join("\\n")`);

/** Waits until the page shows that; else tells the difference. */
async function same(page: Page, other: () => Promise<string>): Promise<void> {
  await until(async () => (await shownBy(page)) === (await other())).catch(async () =>
    assert.equal(await shownBy(page), await other()),
  );
}

describe("a console in use", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
  });
  after(() => world.stop());

  test("UI-12 TEST-35 a fill appears as row, marker and words, and sounds only after a click asked it", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.evaluate(COUNT_TONES);
    const marked = async (): Promise<number> => Number(await page.locator("[data-fills]").getAttribute("data-fills"));
    const had = await marked();
    // the words go again by themselves: they are waited for from before the fill
    const toast = page.locator("[data-toast=fill]").first().waitFor();
    const words = page.locator("[data-live=fills]", { hasText: /Bought|Sold|fills/ }).waitFor({ state: "attached" });
    tickUntilFill(world);
    const [fill] = world.picture.fillBook.last(1);
    await Promise.all([toast, words, page.locator(`[data-panel=fills] [data-why="${fill?.id}"]`).first().waitFor()]);
    await until(async () => (await marked()) > had);
    assert.equal(await page.evaluate("tones"), 0, "silent until asked");

    await page.getByLabel("Sound: off").click();
    await page.getByLabel("sound is on").check();
    await page.keyboard.press("Escape");
    const before = Number(await page.evaluate("tones"));
    // a fill within a quarter of a second of the last tone stays silent, so another one follows
    await until(async () => {
      tickUntilFill(world);
      return Number(await page.evaluate("tones")) > before;
    });
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-12 sound is off again after a reload, since a browser lets no page sound unasked", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.getByLabel("Sound: off").click();
    await page.getByLabel("sound is on").check();
    await page.reload();
    await page.getByLabel("Sound: off").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-09 order lines come and go with their orders, each labelled with side, quantity and price", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const chart = page.locator(".chart-canvas");
    const order = world.picture.orderBook.all()[0];
    assert.ok(order !== undefined);
    const line = page.locator(`.chart-canvas[data-lines*="@ ${order.order.price}"]`);
    await line.waitFor();
    const lines = (await chart.getAttribute("data-lines")) ?? "";
    assert.match(lines, /[BS] \d\.\d+ @ \d+\.\d+/);
    world.picture.order({ of: DEMO_OF, order: { ...order.order, status: "CANCELED", gone: true } });
    await line.waitFor({ state: "detached" });
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-09 above sixty orders the lines become ticks with a count, and Data tells the same as text", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const sample = world.picture.orderBook.all()[0];
    assert.ok(sample !== undefined);
    const extra = Array.from({ length: 70 }, (_, index) => ({
      of: DEMO_OF,
      order: { ...sample.order, id: `many${index}`, clientOrder: `b1many${index}`, price: `${41_000 + index}.0` },
    }));
    for (const order of extra) world.picture.order(order);
    await page.getByText(/\d+ open orders, as ticks/).waitFor();
    await page.getByRole("button", { name: "Data" }).click();
    await page.getByText(/Open orders: \d+ buys, \d+ sells/).waitFor();
    await page.locator(".chart-data tr[data-row]").nth(5).waitFor();
    for (const { of, order } of extra) world.picture.order({ of, order: { ...order, status: "CANCELED", gone: true } });
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-02 a table of thousands of rows draws only those in sight", async () => {
    const [sample] = world.picture.fillBook.last(1);
    assert.ok(sample !== undefined);
    const many = Array.from({ length: 1500 }, (_, index) => ({
      ...sample,
      id: `old${index}`,
      at: sample.at - index - 1,
    }));
    world.picture.fills(many, { silent: true });
    const { page, faults, close } = await openPage(browser.get(), world);
    world.picture.fills(many, { silent: true });
    await page.locator("[data-panel=fills] tr[data-row]").first().waitFor();
    const drawn = await page.locator("[data-panel=fills] tr[data-row]").count();
    assert.ok(drawn < 60, `${drawn} rows drawn`);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-10 TEST-35 ten browsers at once see the same fill, each once", async () => {
    const view = { address: "#/bot?tab=orders", viewport: { width: 480, height: 700 } };
    const opened = await Promise.all(Array.from({ length: 10 }, () => openPage(browser.get(), world, view)));
    tickUntilFill(world);
    const [fill] = world.picture.fillBook.last(1);
    for (const { page, faults, close } of opened) {
      await page.locator(`[data-panel=fills] [data-why="${fill?.id}"]`).first().waitFor();
      assert.equal(await page.locator(`[data-panel=fills] tr:has([data-why="${fill?.id}"])`).count(), 1);
      await close();
      assert.deepEqual(faults, []);
    }
  });

  test("UI-04 TEST-35 what a late feed carries turns grey and says how old it is", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const feed = { id: "late/BOOK", source: "demo", kind: "BOOK", symbol: DEMO_OF.symbol, limitMs: 1000 } as const;
    world.picture.feed("demo", {
      ...feed,
      state: "STALE",
      receivedMs: performance.now() - 9000,
      lastAction: "resubscribed",
    });
    await page.locator("[data-figure=price].stale").waitFor();
    await page.locator("[data-figure=price] small", { hasText: / old$/ }).waitFor();
    await page.locator("[data-panel=ladder] .age", { hasText: "demo book" }).waitFor();
    world.picture.feed("demo", { ...feed, state: "LIVE", receivedMs: performance.now(), lastAction: "" });
    await page.locator("[data-figure=price]:not(.stale)").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-10 TEST-35 after live-server was gone the page comes back by itself and marks what it missed", async () => {
    const { page, close } = await openPage(browser.get(), world);
    await page.evaluate("globalThis.neverReloaded = true");
    await world.stop();
    const bar = page.locator("[data-note=lost]");
    await bar.waitFor();
    await bar.getByText(/Connection lost \d+ (?:ms|s) ago/).waitFor();
    await bar.getByText("Trading is not affected").waitFor();
    await bar.getByText(/next try in|trying now/).waitFor();
    await page.locator("[data-figure=price].stale").waitFor();
    tickUntilFill(world);
    const [missed] = world.picture.fillBook.last(1);
    await world.again();
    await page.locator("[data-connection=live]").waitFor();
    await bar.waitFor({ state: "detached" });
    const row = page.locator("tr[data-row]", { has: page.locator(`[data-why="${missed?.id}"]`) });
    await row.getByText("while away").waitFor();
    assert.equal(await page.evaluate("globalThis.neverReloaded"), true);
    await close();
  });

  test("TEST-35 a page loaded again and a second tab show what the first one shows", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    tickUntilFill(world);
    const [fill] = world.picture.fillBook.last(1);
    await page.locator(`[data-panel=fills] [data-why="${fill?.id}"]`).first().waitFor();
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.locator("[data-connection=live]").waitFor();
    await same(page, () => shownBy(second));
    const before = await shownBy(page);
    assert.ok(before.includes(fill?.id ?? "?") && before.includes(" @ "), before);
    await page.reload();
    await page.locator("[data-connection=live]").waitFor();
    await same(page, async () => before);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-10 a part of the page that does not come while live-server is away comes when it is back", async () => {
    const { page, close } = await openPage(browser.get(), world, { address: "#/overview" });
    let refused = 0;
    await page.route(/chart-canvas/, (route) => {
      refused += 1;
      return refused > 2 ? route.continue() : route.abort();
    });
    await page.keyboard.press("2");
    await page.locator(".chart-canvas canvas").first().waitFor();
    assert.ok(refused > 2, `${refused} requests`);
    await close();
  });

  test("UI-11 another release of the server is offered as a reload, never forced", async () => {
    const { page, close } = await openPage(browser.get(), world);
    await page.evaluate("globalThis.neverReloaded = true");
    await world.stop();
    await world.again("2.0.0");
    await page
      .getByRole("button", { name: "try now" })
      .click({ timeout: 3000 })
      .catch(() => undefined);
    await page.getByRole("button", { name: "reload for version 2.0.0" }).waitFor();
    assert.equal(await page.evaluate("globalThis.neverReloaded"), true);
    await world.stop();
    await world.again();
    await close();
  });
});
