// Who may look, and how it looks when things are otherwise: a server that wants a view key, a plain monitor without an
// engine, a bot that is dead, a window at 200 %.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { DEMO_OF } from "../../src/live/demo-feed.fixture.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, until, type World } from "./world.fixture.ts";

const KEY = "a-view-key-of-forty-three-characters-in-all";
const hash = createHash("sha256").update(KEY).digest("hex");

describe("looking at it", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
  });
  after(() => world.stop());

  test("UI-10 a server that wants a view key leads to the login and back, and keeps no key in the page", async () => {
    const guarded = await openWorld(folder.path, { auth: { mode: "key", hashes: [hash] } });
    const context = await browser.get().newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`${guarded.url}/#/money`);
    await page.getByLabel("View key or token").fill("wrong");
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("That key is not accepted.").waitFor();
    await page.getByLabel("View key or token").fill(KEY);
    await page.getByRole("button", { name: "Look" }).click();
    await page.locator("[data-connection=live]").waitFor();
    await page.locator("main[data-screen=money]").waitFor();
    const kept = await page.evaluate(
      "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])",
    );
    assert.ok(!String(kept).includes(KEY));
    await context.close();
    await guarded.stop();
  });

  test("UI-12 tones of a storm of fills are at most four a second", async () => {
    const stormy = await openWorld(folder.path);
    const { page, close } = await openPage(browser.get(), stormy);
    await page.evaluate(`
      globalThis.starts = [];
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (at) { starts.push(at); return start.call(this, at); };
    `);
    await page.getByLabel("Sound: off").click();
    await page.getByLabel("sound is on").check();
    await page.keyboard.press("Escape");
    let starts: readonly number[] = [];
    await until(async () => {
      for (let tick = 0; tick < 20; tick += 1) stormy.feed.tick();
      starts = await page.evaluate("starts");
      return starts.length >= 8;
    });
    // in seconds of the audio clock: a fill's second tone 0.11 after its first, the next pair 0.25 after that first
    const firsts = starts.filter((_, index) => index % 2 === 0);
    const spaced = firsts.slice(1).every((at, index) => at - (firsts[index] ?? 0) > 0.2499);
    assert.ok(spaced, starts.join(" "));
    await close();
    await stormy.stop();
  });

  test("UI-15 at 200 % zoom nothing is lost, and reduced motion stands still", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, {
      viewport: { width: 720, height: 450 },
      reducedMotion: "reduce",
    });
    for (const screen of ["overview", "bot", "money", "risk", "system", "why", "setup"]) {
      await page.goto(`${world.url}/#/${screen}`);
      await page.locator(`main[data-screen=${screen}]`).waitFor();
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 720, screen);
    }
    const moving = await page.evaluate("document.getAnimations().length");
    assert.equal(moving, 0);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-04 a killed bot stands in a red frame with its reason and what remains open", async () => {
    const known = world.picture.botsOf.get(DEMO_OF.bot)?.bot;
    assert.ok(known !== undefined);
    const { page, faults, close } = await openPage(browser.get(), world);
    const gates = [{ name: "kill", level: "HALT", leg: "", reason: "drill by ann", since: Date.now() }] as const;
    world.picture.bot("demo", { ...known, phase: "KILLED", gates });
    await page.locator(".bot-screen.killed").waitFor();
    await page.locator(".lost-bar", { hasText: "drill by ann" }).waitFor();
    await page.getByText(/\d+ orders open, \d+ unknown, position/).waitFor();
    world.picture.bot("demo", { ...known, phase: "RECOVERING", unknown: 5 });
    await page.getByText("btc-grid recovering: 5 orders still to be settled").waitFor();
    world.picture.bot("demo", known);
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-12 a critical alert is said aloud and shown, with what was done and what to do", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/overview" });
    // the toast goes again by itself: it is waited for from before the alert
    const toast = page.locator("[data-toast=alert]").waitFor();
    world.picture.alert("demo", {
      id: "crit-1",
      code: "UNKNOWN_ORDER",
      severity: "CRITICAL",
      bot: DEMO_OF.bot,
      title: "Two orders are unknown",
      text: "The exchange did not answer.",
      facts: { orders: "2" },
      done: "Openings are held.",
      todo: "Nothing yet.",
      at: Date.now(),
      resolvedAt: 0,
    });
    await page.locator("[data-live=alerts]", { hasText: "Two orders are unknown" }).waitFor({ state: "attached" });
    await toast;
    const entry = page.locator("[data-alert=crit-1]");
    await entry.getByText("Done: Openings are held.").waitFor();
    await entry.getByText("To do: Nothing yet.").waitFor();
    await page.getByLabel("Alerts: 1 not seen").waitFor();
    await entry.getByRole("button", { name: "mark seen" }).click();
    await page.getByLabel("Alerts: 0 not seen").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("OPS-28 an alert whose cause is over is shown as over with its time, below those that hold", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/overview" });
    const alert = (id: string, resolvedAt: number) =>
      world.picture.alert("demo", {
        id,
        code: `code-${id}`,
        severity: "ERROR",
        bot: DEMO_OF.bot,
        title: `Alert ${id}`,
        text: "something happened",
        facts: {},
        done: "",
        todo: "Mend it.",
        at: Date.now(),
        resolvedAt,
      });
    alert("first", 0);
    alert("second", 0);
    await page.locator("[data-alert=first][data-over=false]").getByText("To do: Mend it.").waitFor();
    alert("first", Date.now());
    const over = page.locator("[data-alert=first][data-over=true]");
    await over.getByText(/over since \d\d:\d\d:\d\d/).waitFor();
    assert.equal(await over.getByText("To do").count(), 0);
    const shown = "[...document.querySelectorAll('[data-alert]')].map((each) => each.dataset.alert)";
    const order: readonly string[] = await page.evaluate(shown);
    assert.ok(order.indexOf("second") < order.indexOf("first"), order.join(" "));
    await over.getByText("mark seen").click();
    await over.waitFor({ state: "detached" });
    await close();
    assert.deepEqual(faults, []);
  });

  test("LIVE-01 the system screen lists every process with its state, and the journals in figures", async () => {
    world.picture.process({
      id: "engine-1",
      kind: "engine",
      address: "127.0.0.1:7002",
      told: { release: "1.0.0", host: "here", pid: 1, uptimeMs: 90_000, ready: true, checks: [] },
    });
    const figures = { position: 4_321, sequence: 2_000, bytes: 3 << 20, commitP99Us: 900, snapshotSequence: 1_990 };
    world.picture.journals("engine-1", [{ bot: DEMO_OF.bot, ...figures, snapshotAgeMs: -1, sync: "send" }]);
    world.picture.process({ id: "exchange-1", kind: "connector", address: "127.0.0.1:7001", told: null });
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/system" });
    await page.locator("[data-process=engine-1]", { hasText: "● ready" }).getByText("1.0.0").waitFor();
    await page.locator("[data-process=exchange-1]", { hasText: "says nothing" }).waitFor();
    await page.locator("[data-process=live-server]", { hasText: "● ready" }).waitFor();
    const journal = page.locator(`[data-journal=${DEMO_OF.bot}]`);
    for (const text of ["4321", "3.0 MiB", "0.9 ms", "10 events ago"]) await journal.getByText(text).waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-02 without an engine the page is a plain monitor of the account, and says so", async () => {
    const alone = await openWorld(folder.path);
    alone.picture.bots("demo", []);
    const { page, faults, close } = await openPage(browser.get(), alone);
    await page.getByText("No engine is connected: the ladder is a bot's.").waitFor();
    await page.locator("[data-panel=position]", { hasText: "size, says the exchange" }).waitFor();
    await page.locator("[data-panel=open-orders] tr[data-row]").first().waitFor();
    await page.locator(".chart-canvas canvas").first().waitFor();
    await close();
    await alone.stop();
    assert.deepEqual(faults, []);
  });

  test("UI-04 a lost source is named, and what it carried is grey", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/system" });
    const receivedMs = MONOTONIC_CLOCK.monotonicMs();
    world.picture.source({ name: "demo", state: "DOWN", receivedMs, lastAction: "next try in 2 s" });
    await page.locator("tr", { hasText: "next try in 2 s" }).getByText("■ down").waitFor();
    await page.locator("[data-figure=price].stale").waitFor();
    world.picture.source({
      name: "demo",
      state: "LIVE",
      receivedMs: MONOTONIC_CLOCK.monotonicMs(),
      lastAction: "connected",
    });
    await page.locator("[data-figure=price]:not(.stale)").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });
});
