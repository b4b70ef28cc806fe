// Everybody's console: no axe finding above "minor" on any screen in dark and light, everything by keyboard, a phone of
// 360 px with thumbs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, until, type World } from "./world.fixture.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SCREENS = ["overview", "bot", "money", "risk", "system", "why", "setup"];
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Findings above "minor", as readable lines. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const run = `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((result) => result.violations)`;
  const found: readonly Finding[] = await page.evaluate(run);
  return found
    .filter(({ impact }) => impact !== "minor")
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html}\n${failureSummary}`),
    );
}

describe("a console for everybody", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
    tickUntilFill(world);
  });
  after(() => world.stop());

  for (const colorScheme of ["dark", "light"] as const) {
    test(`UI-15 UI-16 TEST-34 axe finds nothing above minor on any screen in ${colorScheme}`, async () => {
      const { page, faults, close } = await openPage(browser.get(), world, { colorScheme });
      for (const [index, screen] of SCREENS.entries()) {
        await page.keyboard.press(String(index + 1));
        await page.locator(`main[data-screen=${screen}]`).waitFor();
        await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
        assert.deepEqual(await findings(page), [], screen);
      }
      await page.keyboard.press("Shift+K");
      await page.locator("dialog").waitFor();
      assert.deepEqual(await findings(page), [], "kill dialog");
      await page.keyboard.press("Escape");
      // a key pressed while a dialog stands does nothing
      await page.locator("dialog").waitFor({ state: "detached" });
      await page.keyboard.press("?");
      await page.locator("dialog").waitFor();
      assert.deepEqual(await findings(page), [], "keys");
      await close();
      assert.deepEqual(faults, []);
    });
  }

  test("UI-15 TEST-34 axe finds nothing above minor on a phone either", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, PHONE);
    for (const tab of ["Chart", "Ladder", "Orders", "Money", "Risk"]) {
      await page.locator(".phone-tabs").getByText(tab).tap();
      await page.locator(".phone-tabs [aria-current]", { hasText: tab }).waitFor();
      assert.deepEqual(await findings(page), [], tab);
    }
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-14 at 360 px nothing scrolls sideways, targets are 44 px, five tabs below, Kill two taps away", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, PHONE);
    for (const tab of ["Chart", "Ladder", "Orders", "Money", "Risk"]) {
      await page.locator(".phone-tabs").getByText(tab).tap();
      await page.locator(".phone-tabs [aria-current]", { hasText: tab }).waitFor();
      const width = await page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)");
      assert.equal(width, 360, tab);
      const screen = Number(await page.evaluate("document.getElementById('screen').scrollWidth"));
      assert.ok(screen <= 360, `${tab}: ${screen} px`);
      const small: readonly string[] = await page.evaluate(`
        [...document.querySelectorAll("button, select, .phone-tabs a, input:not([type=checkbox])")]
          .filter((each) => each.checkVisibility())
          .map((each) => [each.getBoundingClientRect(), each.outerHTML])
          .filter(([box]) => box.height > 0 && Math.max(box.height, 0) < 43.5)
          .map(([box, html]) => Math.round(box.width) + "x" + Math.round(box.height) + " " + html.slice(0, 90))`);
      assert.deepEqual(small, [], tab);
    }
    assert.equal(await page.locator(".phone-tabs a").count(), 5);
    await page.locator("button.kill").tap();
    await page.locator("dialog", { hasText: "Kill switch" }).waitFor();
    await page.getByText("opensqt kill --bot btc-grid").waitFor();
    const cut: readonly string[] = await page.evaluate(`
      [...document.querySelectorAll("dialog, dialog *")]
        .filter((each) => each.getBoundingClientRect().right > 360.5
          || each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.outerHTML.slice(0, 90))`);
    assert.deepEqual(cut, [], "parts of the kill sheet that a thumb does not reach");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-14 on a phone price, net and position stay on top and the chart takes 45 % of the height", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, PHONE);
    for (const figure of ["price", "today", "position"]) await page.locator(`[data-figure=${figure}]`).waitFor();
    await until(async () => {
      const chart = await page.locator("[data-panel^=chart]").boundingBox();
      return chart !== null && Math.abs(chart.height - 333) < 4;
    });
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-13 TEST-35 keys walk rows and open why; they do nothing while typing or when switched off", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.keyboard.press("?");
    await page.locator("dialog", { hasText: "candle by candle" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });

    for (const panel of ["ladder", "open-orders", "fills"])
      await page.locator(`[data-panel=${panel}] tr[data-row] [data-why]`).first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.locator("[data-why]:focus").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/#\/why\//);

    await page.keyboard.press("/");
    await page.locator("#search:focus").waitFor();
    await page.keyboard.type("2t?");
    assert.ok(page.url().includes("/why"), "typing is typing");
    assert.ok((await page.locator("#search").inputValue()).endsWith("2t?"));

    await page.evaluate("document.activeElement.blur()");
    await page.keyboard.press("?");
    await page.getByLabel("keys are on").uncheck();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("4");
    await page.keyboard.press("Shift+K");
    // two frames: what a key sets off would be drawn by then
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    assert.equal(await page.locator("main[data-screen=why]").count(), 1);
    assert.equal(await page.locator("dialog").count(), 0);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-13 UI-15 TEST-35 arrow keys walk the chart candle by candle and say each one", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.locator(".chart-canvas canvas").first().waitFor();
    const spoken = page.locator(".chart-panel [aria-live]");
    await until(async () => {
      await page.keyboard.press("ArrowLeft");
      return (await spoken.innerText()).includes("close");
    });
    const first = await spoken.innerText();
    await page.keyboard.press("ArrowLeft");
    await until(async () => (await spoken.innerText()) !== first);
    await page.keyboard.press("+");
    await page.keyboard.press("-");
    await page.keyboard.press("0");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-15 the first Tab skips to the screen, and focus is always to be seen", async () => {
    const { page, faults, close } = await openPage(browser.get(), world);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.className"), "skip");
    for (let step = 0; step < 8; step += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assert.notEqual(outline, "none");
    }
    await close();
    assert.deepEqual(faults, []);
  });
});
