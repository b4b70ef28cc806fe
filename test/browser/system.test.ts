// The console on the whole system as `make run` starts it: three real processes, a market that moves, real journals, a
// real kill.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "vite";
import { skipWithoutBrowser } from "../browser.ts";
import { System } from "../system/system.ts";
import { oneBrowser, openPage } from "./world.fixture.ts";

const web = resolve(import.meta.dirname, "../../web");

const GRID = `mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 5, exitLevels: 5`;
const CONFIG = `
bots:
  - id: btc-grid
    strategy: grid
    instrument: "BTC/USDT:USDT"
    grid: { ${GRID}, heldSlotsMax: 30, openOrdersMax: 40 }
  - id: eth-grid
    strategy: grid
    instrument: "ETH/USDT:USDT"
    grid: { ${GRID}, heldSlotsMax: 30, openOrdersMax: 40 }
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: 7, speed: 5 }
`;

describe("the console on the whole system", skipWithoutBrowser(), () => {
  const browser = oneBrowser();
  let system: System;
  before(async () => {
    if (!existsSync(join(web, "dist/index.html")))
      await build({ configFile: join(web, "vite.config.ts"), logLevel: "error" });
    system = await System.start({ config: CONFIG });
    await system.ready();
  });
  after(() => system.close());

  const console = (): { readonly url: string } => ({ url: system.run.console.replace(/\/$/, "") });

  test("UI-01 TEST-34 opensqt up shows bots, prices, orders and fills as they come, asking nobody", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=eth-grid" });
    await page.getByText("simulated money").waitFor();
    await page.locator("[data-panel=open-orders] tr[data-row]").first().waitFor();
    await page.locator("[data-panel=ladder] tr[data-row]").first().waitFor();
    await page.locator("[data-figure=price] b", { hasText: /^\d/ }).waitFor();
    await page.locator("[data-panel=fills] tr[data-row]").first().waitFor();
    await page.keyboard.press("1");
    await page.locator("[data-bot=eth-grid]").waitFor();
    await page.locator("[data-bot=btc-grid]").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-07 an open order is explained from the real journal, down to its risk checks", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=eth-grid" });
    await page.locator("[data-panel=fills] [data-why]").first().click();
    await page.locator("#chain > li").first().waitFor();
    await page.getByText("open-orders").first().waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-10 live-server is killed and started again under the page, which comes back by itself", async () => {
    const { page, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=eth-grid" });
    const lost = page.locator("[data-note=lost]").waitFor();
    await Promise.all([system.killed("liveServer"), lost]);
    await page.locator("[data-connection=live]").waitFor();
    await page.locator("[data-note=lost]").waitFor({ state: "detached" });
    await page.locator("[data-panel=open-orders] tr[data-row]").first().waitFor();
    await close();
  });

  test("UI-06 a real bot is paused and resumed, a breaker opened and closed, each with a reason that is shown", async () => {
    const doors = [system.run.marketMaker.http];
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=eth-grid", doors });
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill(system.run.operatorKey);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    const act = async (name: string, reason: string, where = page.locator("main")): Promise<void> => {
      await where.getByRole("button", { name, exact: true }).first().click();
      const dialog = page.locator("dialog");
      await dialog.getByLabel("Reason, for the journal").fill(reason);
      await dialog.getByRole("button", { name, exact: true }).click();
      await dialog.locator("output", { hasText: "Done" }).waitFor();
      await dialog.getByRole("button", { name: "close", exact: true }).click();
    };
    await act("Pause", "a walk");
    await page.locator("[data-panel=gates]", { hasText: "a walk" }).waitFor();
    await act("Resume", "back again");
    await page.locator("[data-panel=gates]").getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("4");
    await act("Open a breaker", "news at noon");
    const breaker = page.locator("[data-breaker=manual]", { hasText: "news at noon" });
    await breaker.getByText("■ open").waitFor();
    // a busy machine opens breakers of its own, and theirs are closed by buttons of the same name
    const manual = page.locator("[data-breaker=manual]");
    await act("Close", "news were nothing", manual);
    await manual.getByText("○ closed").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-06 the kill switch cancels every order of a real bot, proves it, and the page shows the bot as killed", async () => {
    const doors = [system.run.marketMaker.http];
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid", doors });
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill(system.run.operatorKey);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.keyboard.press("Shift+K");
    await page.getByLabel("Reason, for the journal").fill("the test wants it");
    const typed = page.getByLabel(/Type btc-grid and press Enter/);
    await typed.fill("btc-grid");
    await typed.press("Enter");
    await page.locator("dialog", { hasText: "Proven: no own order rests on the exchange." }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".bot-screen.killed").waitFor();
    const { orders } = await system.exchange.getOpenOrders({ symbol: "BTC/USDT:USDT" });
    assert.deepEqual(orders, []);
    await page.locator("[data-panel=open-orders] tr[data-row]").first().waitFor({ state: "detached" });
    await close();
    assert.deepEqual(faults, []);
  });
});
