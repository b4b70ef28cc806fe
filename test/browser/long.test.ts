// A console that is left open: what it holds after eight hours of messages, and how soon it can be used on a slow
// machine. Hours are pushed through in seconds: the market's clock is the test's.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as nextTurn } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { defaultSettings } from "../../src/live/settings.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, until, type World } from "./world.fixture.ts";

const HOUR_TICKS = 3600;
const MIB = 1 << 20;

/** What the page holds after a collection of garbage. */
async function held(session: CDPSession): Promise<{ readonly heapMib: number; readonly nodes: number }> {
  // twice: what the first frees may hold what the second frees
  for (let n = 0; n < 2; n += 1) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return { heapMib: metric("JSHeapUsedSize") / MIB, nodes: metric("Nodes") };
}

/** So many seconds of the market, as fast as the page takes them. */
async function pass(world: World, page: Page, ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    world.feed.tick();
    if (tick % 40 === 0) await nextTurn(2);
    if (tick % 1200 === 0) await page.evaluate("new Promise((done) => requestAnimationFrame(done))");
  }
}

describe("a console left open", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    // the hours come faster than any browser draws them
    const { limits } = defaultSettings();
    world = await openWorld(folder.path, { limits: { ...limits, bufferMessages: 4096 } });
    tickUntilFill(world);
  });
  after(() => world.stop());

  test("UI-02 eight hours of messages leave the console below 150 MB, and not growing", async (t) => {
    const { page, faults, close } = await openPage(browser.get(), world);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await pass(world, page, 2 * HOUR_TICKS);
    const early = await held(session);
    await pass(world, page, 6 * HOUR_TICKS);
    const newest = world.picture.fillBook.last(1)[0]?.id ?? assert.fail("the market traded");
    await page.locator(`[data-panel=fills] [data-why="${newest}"]`).first().waitFor();
    const late = await held(session);
    t.diagnostic(`${early.heapMib.toFixed(1)} MiB and ${early.nodes} nodes after 2 h`);
    t.diagnostic(`${late.heapMib.toFixed(1)} MiB and ${late.nodes} nodes after 8 h`);
    assert.ok(late.heapMib * MIB <= 150e6, `${late.heapMib.toFixed(1)} MiB`);
    assert.ok(late.heapMib - early.heapMib <= 20, `from ${early.heapMib.toFixed(1)} to ${late.heapMib.toFixed(1)} MiB`);
    assert.ok(late.nodes <= 2 * early.nodes + 1000, `from ${early.nodes} to ${late.nodes} nodes`);
    assert.equal(await page.locator("[data-connection=live]").count(), 1, "it was never cut off");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-02 a processor four times as slow makes the console usable within 1.5 s", async (t) => {
    const tries: number[] = [];
    // processor time of the page's own thread, since others share this machine; the least is the console's own
    for (let n = 0; n < 3; n += 1) tries.push(await usableAfterMs());
    t.diagnostic(`usable after ${tries.map((ms) => Math.round(ms)).join(", ")} ms of processor time`);
    assert.ok(4 * Math.min(...tries) <= 1500, tries.join(", "));
  });

  /** Processor time from the first request to a whole picture that would hear a key, ms. */
  async function usableAfterMs(): Promise<number> {
    const context = await browser.get().newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.addInitScript(`
      new MutationObserver((_, watch) => {
        const rows = document.querySelector("[data-panel=fills] tr[data-row]");
        if (document.querySelector("[data-connection=live]") === null || rows === null) return;
        watch.disconnect();
        const channel = new MessageChannel();
        // the next task: whatever the picture set off in this one is done, and a key would be heard
        channel.port1.onmessage = () => { globalThis.isUsable = true; };
        channel.port2.postMessage(0);
      }).observe(document, { subtree: true, childList: true, attributes: true });
    `);
    await page.goto(`${world.url}/#/bot`);
    await until(async () => (await page.evaluate("globalThis.isUsable")) === true);
    const { metrics } = await session.send("Performance.getMetrics");
    await context.close();
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  }
});
