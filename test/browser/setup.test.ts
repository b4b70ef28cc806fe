// Setup, replay and what-if on the whole system as `make run` starts it: the configuration as it is, what a change of
// it would place, the bot as it was, and, with a key, what it would have been under another configuration.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "vite";
import { skipWithoutBrowser } from "../browser.ts";
import { System } from "../system/system.ts";
import { oneBrowser, openPage } from "./world.fixture.ts";

const web = resolve(import.meta.dirname, "../../web");

const CONFIG = `
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid:
    mode: neutral
    spacing: geometric
    spacingBps: "5"
    orderQuote: "130"
    entryLevels: 5
    exitLevels: 5
    heldSlotsMax: 30
    openOrdersMax: 40
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: 7, speed: 5 }
`;

describe("setup, replay and what-if on the whole system", skipWithoutBrowser(), () => {
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

  test("UI-05 UI-06 Setup shows the configuration and, as one types, what it would place, without a key and without changing anything", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/setup?bot=btc-grid" });
    const text = page.getByLabel(/^Configuration of the bot/);
    await page.locator("textarea").waitFor();
    const own = await text.inputValue();
    assert.match(own, /entryLevels: 5/);
    const rows = page.getByRole("table", { name: "Orders it would place" }).locator("tr[data-row]");
    await rows.first().waitFor();
    const before = await rows.count();
    await text.fill(own.replace(/entryLevels: 5/, "entryLevels: 2").replace(/exitLevels: 5/, "exitLevels: 2"));
    await page.getByText("changed, not applied").waitFor();
    await rows.nth(before - 1).waitFor({ state: "detached" });
    await text.fill(own.replace(/entryLevels: 5/, "entryLevels: many"));
    await page.locator("[data-finding=stop]", { hasText: /entryLevels.*line \d+/ }).waitFor();
    await text.fill("");
    await page.locator("[data-finding=stop]", { hasText: "is missing" }).waitFor();
    await page.getByRole("button", { name: "back to what is in force" }).click();
    await rows.nth(before - 1).waitFor();
    await page.locator("[data-finding=warn], [data-finding=ok]").first().waitFor();
    await text.press("Control+Home");
    await text.press("ArrowDown");
    await page.locator("[data-key-help]", { hasText: /strategy what the bot does/ }).waitFor();
    const bot = await system.bots.getBot({ botId: "btc-grid" });
    assert.equal(bot.bot?.revision, 1, "typing changes nothing");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-07 an explanation opens in the replay, which steps, seeks and plays through the bot as it was", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid" });
    await page.locator("[data-panel=open-orders] [data-why]").first().click();
    await page.locator("#chain > li button").nth(1).click();
    await page.getByRole("link", { name: "open in replay" }).click();
    const place = page.locator("[data-sequence]");
    await place.waitFor();
    const first = Number(await place.getAttribute("data-sequence"));
    assert.match(page.url(), new RegExp(`seq=${first}`));
    await page.getByRole("button", { name: "event ›" }).click();
    await page.locator(`[data-sequence="${first + 1}"]`).waitFor();
    await page.getByRole("button", { name: "‹ event" }).click();
    await page.locator(`[data-sequence="${first}"]`).waitFor();
    await page.getByRole("button", { name: "first", exact: true }).click();
    await page.locator('[data-sequence="1"]').waitFor();
    await page.getByText("0 orders open").waitFor();
    await page.getByLabel("Time in the journal").waitFor();
    await page.getByLabel("pace").selectOption("20");
    await page.getByRole("button", { name: "play" }).click();
    await page.getByRole("button", { name: "pause" }).waitFor();
    await page.getByRole("table", { name: "Orders then" }).locator("tr").first().waitFor();
    await page.getByRole("button", { name: "newest" }).click();
    await page.getByRole("table", { name: "Slots then" }).waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("TEST-35 DUR-70 what-if side by side: the bot's past under another configuration, beside the running bot", async () => {
    const door = system.run.marketMaker.http;
    const { page, faults, close } = await openPage(browser.get(), console(), {
      address: "#/why?bot=btc-grid",
      doors: [door],
    });
    const panel = page.locator("[data-panel=what-if]");
    await panel.getByText("No what-if of this bot yet").waitFor();
    await panel.getByText("opensqt what-if FOLDER --config FILE").waitFor();
    await panel.getByRole("button", { name: "Start what-if (locked)" }).click();
    await page.locator("dialog code", { hasText: "opensqt what-if FOLDER --config FILE" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill(system.run.operatorKey);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    const text = panel.locator("textarea");
    const own = await text.inputValue();
    const start = panel.getByRole("button", { name: "Start what-if", exact: true });
    await text.fill(own.replace(/entryLevels: 5/, "entryLevels: many"));
    await start.click();
    await panel
      .getByRole("alert")
      .filter({ hasText: /configuration:\d+ grid\.entryLevels/ })
      .waitFor();
    await text.fill(own.replace(/entryLevels: 5/, "entryLevels: 1"));
    await start.press("Enter");
    // at low priority: a busy machine lets it wait
    await panel.locator("[data-what-if=done]").waitFor({ timeout: 200_000 });
    const placed = await panel.locator("[data-figure='orders placed'] td").allInnerTexts();
    const [happened = 0, before = 0, after = 0] = placed.map((each) => Number(each.replaceAll(/\D/g, "")));
    assert.ok(happened > 0 && before > after && after > 0, placed.join(" | "));
    await panel
      .locator("[data-first] dd", { hasText: /place (buy|sell) \d/ })
      .first()
      .waitFor();
    await panel.getByRole("img", { name: /^Result over time: before ends at/ }).waitFor();
    await panel.getByText(/% of the lots filled|Nothing filled on either side/).waitFor();
    await panel.getByText("fills simulated, books conflated").waitFor();
    const bot = await system.bots.getBot({ botId: "btc-grid" });
    assert.equal(bot.bot?.revision, 1, "a what-if changes nothing");
    await close();
    assert.deepEqual(
      faults.filter((fault) => !fault.includes("400")),
      [],
    );
  });
});
