// The console on the whole system as `make run` starts it: three real processes, a market that moves, real journals, a
// real kill.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { build } from "vite";
import { negated } from "../../web/src/money/exact.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { System, until } from "../system/system.ts";
import { oneBrowser, openPage } from "./world.fixture.ts";

const web = resolve(import.meta.dirname, "../../web");

const GRID = `mode: neutral, spacing: geometric, orderQuote: "130", entryLevels: 5, exitLevels: 5`;
/** The levels of btc-grid are so wide that its orders rest; eth-grid trades. */
const CONFIG = `
bots:
  - id: btc-grid
    strategy: grid
    instrument: "BTC/USDT:USDT"
    grid: { ${GRID}, spacingBps: "100", heldSlotsMax: 30, openOrdersMax: 40 }
  - id: eth-grid
    strategy: grid
    instrument: "ETH/USDT:USDT"
    grid: { ${GRID}, spacingBps: "5", heldSlotsMax: 30, openOrdersMax: 40 }
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: 7, speed: 5 }
`;

const BTC = "BTC/USDT:USDT";
/** Times the engine is killed: on a busy machine a breaker may pull its orders, or the page be too late to look. */
const KILLS_MAX = 3;

/** Keeps what the bars over processes that are away ever said, and shows whether the page was loaded again. */
const KEEP_WORDS = `
  globalThis.said = [];
  new MutationObserver(() => {
    for (const bar of document.querySelectorAll("[data-away=engine]")) said.push(bar.innerText);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
`;

/** Client ids of the orders in the table, sorted. */
async function ordersShown(page: Page): Promise<readonly string[]> {
  const ids: readonly string[] = await page.evaluate(
    "[...document.querySelectorAll('[data-panel=open-orders] [data-why]')].map((each) => each.dataset.why)",
  );
  return [...new Set(ids)].sort();
}

/** What an element named `name` of a list of figures holds, as it was sent. */
const figure = (page: Page, panel: string, name: string): Promise<string | null> =>
  page
    .locator(`[data-panel=${panel}] .figures div`, { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) })
    .locator("dd span[title]")
    .first()
    .getAttribute("title");

describe("the console on the whole system", skipWithoutBrowser(), () => {
  const browser = oneBrowser();
  let system: System;
  before(async () => {
    if (!existsSync(join(web, "dist/index.html")))
      await build({ configFile: join(web, "vite.config.ts"), logLevel: "error" });
    const marketMaker = "deadMan: { timeoutMs: 120000 }";
    system = await System.start({ config: CONFIG, marketMaker, lifeMs: 900_000 });
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

  test("UI-07 TEST-35 an open order is explained from the real journal: the book it saw, its risk checks", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid" });
    await page.locator("[data-panel=open-orders] [data-why]").first().click();
    const decided = page.locator("#chain > li", { hasText: /decided/ }).first();
    for (const seen of ["bid", "ask", "bookAgeMs"]) await decided.locator("dt", { hasText: seen }).first().waitFor();
    await page.getByText("open-orders").first().waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-10 TEST-35 live-server is killed and started again under the page, which needs no reload", async () => {
    const { page, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=eth-grid" });
    await page.evaluate(KEEP_WORDS);
    const lost = page.locator("[data-note=lost]").waitFor();
    await Promise.all([system.killed("liveServer"), lost]);
    await page.locator("[data-connection=live]").waitFor();
    await page.locator("[data-note=lost]").waitFor({ state: "detached" });
    await page.locator("[data-panel=open-orders] tr[data-row]").first().waitFor();
    assert.ok(await page.evaluate("Array.isArray(globalThis.said)"), "the page was not loaded again");
    await close();
  });

  test("UI-04 DUR-51 a stopped engine is said to be silent, and what is shown of it to be of before", async () => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid" });
    const pid = system.pid("marketMaker") ?? assert.fail("no engine");
    process.kill(pid, "SIGSTOP");
    try {
      await page.locator("[data-away=engine]").waitFor();
      await page.getByText("running, when last heard").first().waitFor();
      await page.getByText("not heard now").waitFor();
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await page.locator("[data-away=engine]").waitFor({ state: "detached" });
    assert.equal(await page.getByText("when last heard").count(), 0);
    await close();
    assert.deepEqual(faults, []);
  });

  test("TEST-35 DUR-51 the engine is killed: the page says recovering, then has its orders again", async (t) => {
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid" });
    await page.evaluate(KEEP_WORDS);
    for (let kills = 1; ; kills += 1) {
      const before = await ordersAgreed(page);
      await page.evaluate("void (said.length = 0)");
      await system.killed("marketMaker");
      await system.ready();
      await page.locator("[data-away=engine]").waitFor({ state: "detached" });
      await page.locator("[data-figure=price]:not(.stale)").waitFor();
      const after = await ordersAgreed(page);
      const said: readonly string[] = await page.evaluate("said");
      t.diagnostic(`kill ${kills}: ${before.length} orders before, ${after.length} after; said ${said.length} times`);
      const isSame = before.join(" ") === after.join(" ");
      if (isSame && said.some((words) => words.includes("engine recovering"))) break;
      assert.ok(kills < KILLS_MAX, `${before.join(" ")} became ${after.join(" ")}; it said: ${said.join(" / ")}`);
    }
    assert.equal(await page.locator("[data-connection=live]").count(), 1, "the page was never cut off");
    await close();
    assert.deepEqual(faults, []);
  });

  /** The orders of btc-grid, once the page and the exchange tell the same ones. */
  async function ordersAgreed(page: Page): Promise<readonly string[]> {
    let shown: readonly string[] = [];
    await until("the page shows the orders of the exchange", async () => {
      const { orders } = await system.exchange.getOpenOrders({ symbol: BTC });
      shown = await ordersShown(page);
      const open = orders.map(({ clientOrderId }) => clientOrderId).sort();
      return open.length > 0 && open.join(" ") === shown.join(" ");
    });
    return shown;
  }

  test("UI-06 TEST-35 a bot is paused and resumed, a breaker opened and closed, reasons shown", async () => {
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

  test("UI-06 TEST-35 the kill switch cancels every order of a bot and proves it; the page shows both", async () => {
    const doors = [system.run.marketMaker.http];
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/bot?bot=btc-grid", doors });
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill(system.run.operatorKey);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    // a key pressed while the dialog stands does nothing
    await page.locator("dialog").waitFor({ state: "detached" });
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

  test("UI-03 TEST-35 balance and result read as the text of the exchange and of the ledger", async () => {
    const asked = { symbols: [], exchanges: [], botIds: ["eth-grid"], fromMs: 0, toMs: 0, method: "average" };
    await until("eth-grid has traded", async () => {
      const { total } = await system.positions.getRealizedPnL(asked);
      return /[1-9]/.test(total?.fees?.value ?? "");
    });
    await system.bots.stopBot({ botId: "eth-grid", reason: "the test compares", cancelOnExit: "all" });
    const { page, faults, close } = await openPage(browser.get(), console(), { address: "#/money?bot=eth-grid" });
    let told: readonly unknown[] = [];
    await until("the page shows what the ledger says", async () => {
      const { total } = await system.positions.getRealizedPnL(asked);
      const { account } = await system.exchange.getAccount({ exchange: "" });
      told = [total?.gross?.value, negated(total?.fees?.value ?? ""), account?.totalWalletBalance?.value];
      const balance = page.locator("[data-panel=account] td.num span[title]").first();
      const shown = [await figure(page, "pnl", "realized"), await figure(page, "pnl", "fees")];
      return [...shown, await balance.getAttribute("title")].join(" ") === told.join(" ");
    });
    await close();
    assert.deepEqual(faults, []);
  });
});
