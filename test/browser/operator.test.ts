// What a person may change from the page: nothing without a key; with one, through the engine's own door, with a
// reason, and nothing shown as done before the engine says so. The bots and the door behind it are real.

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as nextTurn } from "node:timers/promises";
import { type BooksTown, startTown } from "../../src/host/api/books.fixture.ts";
import { TestLog } from "../../src/host/api/bot-service.fixture.ts";
import { botService } from "../../src/host/api/bot-service.ts";
import { operatorDoor } from "../../src/host/door/operator-door.ts";
import { botText } from "../../src/host/fleet/fleet.fixture.ts";
import type { Bot } from "../../src/live/messages.ts";
import { startHttp } from "../../src/observe/http.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";
import { Metrics } from "../../src/observe/metrics.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, type Watched, type World } from "./world.fixture.ts";

const BOT: Bot = {
  id: "b0",
  strategy: "grid",
  exchange: "simulated",
  symbol: "BTC/USDT:USDT",
  phase: "RUNNING",
  gates: [],
  lag: 1,
  live: 4,
  unknown: 0,
  held: 1,
  position: "0.010",
  realized: "1.2",
  unrealized: "0",
  budget: "1000",
  uptime: 60_000,
  configHash: "a1b2",
  revision: 1,
  sequence: 7,
};

interface Door {
  readonly url: string;
  readonly town: BooksTown;
  /** A pairing code, as `opensqt token pair` prints it. */
  readonly code: () => Promise<string>;
}

/** Real bots on a simulated exchange whose time runs on, and their operator door, open to the console at `origin`. */
async function openDoor(t: TestContext, origin: string): Promise<Door> {
  const town = await startTown(t, 1, 60_000);
  const { process, made, village } = town;
  const bot = botService({ fleet: process.fleet, books: made.books, log: new TestLog(), operatorUrl: "" });
  const door = operatorDoor({
    bot: bot.implementation,
    risk: made.risk,
    keys: village.entries,
    rate: { perSecond: 100, burst: 200 },
    origins: [origin],
    log: SILENT_LOG,
  });
  const http = await startHttp({
    bind: "127.0.0.1",
    port: 0,
    health: () => ({ ok: true, body: {} }),
    ready: () => [],
    log: SILENT_LOG,
    status: () => ({ overall: "ok" }),
    metrics: new Metrics({ process: "test", release: "1", own: false }),
    routes: (app) => door.routes(app),
  });
  const time = { runs: true };
  const passing = (async () => {
    while (time.runs) {
      await town.world.run(10);
      await nextTurn(4);
    }
  })();
  t.after(async () => {
    time.runs = false;
    await passing;
    bot.close();
    await http.close();
  });
  const code = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${village.keys.operator}`, "content-type": "application/json" };
    const answer = await fetch(`${http.url}/operator/v1/pair/code`, { method: "POST", headers, body: "{}" });
    const body: { code: string } = JSON.parse(await answer.text());
    return body.code;
  };
  return { url: http.url, town, code };
}

async function unlock({ page }: Watched, text: string): Promise<void> {
  await page.getByLabel("Locked: unlock the controls").click();
  await page.getByLabel("Code of 8 characters, or key").fill(text);
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
}

describe("a console that may command", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
    world.picture.bots("town", [BOT]);
  });
  after(() => world.stop());

  /** A page on b0 with a real door behind it. */
  async function commanding(t: TestContext): Promise<Watched & { readonly door: Door }> {
    const door = await openDoor(t, world.url);
    world.picture.doors("town", [{ bot: "b0", url: door.url }]);
    world.picture.bot("town", BOT);
    const watched = await openPage(browser.get(), world, { address: "#/bot?bot=b0", doors: [door.url] });
    return { ...watched, door };
  }

  test("UI-05 TEST-35 without a key every control is there, locked, and gives the command instead", async () => {
    const { page, faults, close } = await openPage(browser.get(), world, { address: "#/bot?bot=b0" });
    for (const [name, command] of [
      ["Pause (locked)", /opensqt bot pause --bot b0 --reason/],
      ["Flatten (locked)", /opensqt bot flatten --bot b0 --reason/],
      ["Stop (locked)", /opensqt bot stop --bot b0 --reason/],
      ["Kill", /opensqt kill --bot b0 --reason/],
    ] as const) {
      await page.getByRole("button", { name, exact: true }).click();
      await page.locator("dialog code", { hasText: command }).waitFor();
      assert.equal(await page.locator("dialog input").count(), 0, "nothing to send");
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
    }
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-05 a pairing code unlocks, nothing of the key is kept, Lock and a reload forget it at once", async (t) => {
    const watched = await commanding(t);
    const { page, faults, door, close } = watched;
    await unlock(watched, await door.code());
    await page.getByLabel("Unlocked: lock the controls").click();
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByLabel("Locked: unlock the controls").waitFor();
    await unlock(watched, door.town.village.keys.operator);
    const kept = await page.evaluate(
      "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])",
    );
    assert.ok(!String(kept).includes(door.town.village.keys.operator));
    await page.reload();
    await page.getByLabel("Locked: unlock the controls").waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-05 a wrong code is refused in words", async (t) => {
    const { page, close } = await commanding(t);
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill("AAAAAAAA");
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.locator("dialog [role=alert]").waitFor();
    await page.getByLabel("Locked: unlock the controls").waitFor();
    await close();
  });

  test("UI-06 a pause asks for a reason, shows the sequence, and the button turns only with the engine", async (t) => {
    const watched = await commanding(t);
    const { page, faults, door, close } = watched;
    await unlock(watched, door.town.village.keys.operator);
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const act = page.locator("dialog").getByRole("button", { name: "Pause", exact: true });
    await act.and(page.locator(":disabled")).waitFor();
    await page.getByLabel("Reason, for the journal").fill("lunch");
    await act.click();
    await page.locator("dialog output", { hasText: /Done, journal sequence \d+/ }).waitFor();
    await page.getByText("Undo: Resume").waitFor();
    assert.equal(await page.getByRole("button", { name: "Resume" }).count(), 0, "nothing optimistic");
    const gates = [{ name: "operator", level: "HOLD", leg: "", reason: "lunch", since: Date.now() }] as const;
    world.picture.bot("town", { ...BOT, phase: "PAUSED", gates });
    await page.locator("[data-panel=gates]", { hasText: "lunch" }).waitFor();
    await page.locator("main button", { hasText: "Resume" }).waitFor();
    // its button is gone by now: the answer is still there to be read, and nothing to press became its opposite
    const dialog = page.getByRole("dialog", { name: "Pause: b0" });
    await dialog.getByText(/Done, journal sequence \d+/).waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Resume" }).count(), 0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-06 what the engine refuses is shown in its own words", async (t) => {
    const watched = await commanding(t);
    const { page, door, close } = watched;
    await unlock(watched, door.town.village.keys.trader);
    await page.getByRole("button", { name: "Flatten", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("because");
    await page.locator("dialog").getByRole("button", { name: "Flatten", exact: true }).click();
    await page.locator("dialog [role=alert]", { hasText: /Refused \(/ }).waitFor();
    await close();
  });

  test("UI-06 TEST-35 Setup shows what a configuration would change before anything is applied", async (t) => {
    const watched = await commanding(t);
    const { page, faults, door, close } = watched;
    await unlock(watched, door.town.village.keys.operator);
    await page.keyboard.press("7");
    await page.locator("textarea").fill(botText("b0", 0).replace(/entryLevels: \d+/, "entryLevels: 2"));
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.locator("td", { hasText: "entryLevels" }).waitFor();
    await page.getByRole("button", { name: "Apply" }).waitFor();
    await page.locator("textarea").fill("strategy: nonsense");
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.locator("main", { hasText: /line \d+|Refused/ }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Apply" }).count(), 0);
    await close();
    assert.deepEqual(
      faults.filter((fault) => !fault.includes("400")),
      [],
    );
  });

  test("UI-06 TEST-35 the kill switch asks once, is held two seconds, and shows its steps to the proof", async (t) => {
    const watched = await commanding(t);
    const { page, faults, door, close } = watched;
    await unlock(watched, door.town.village.keys.operator);
    await page.keyboard.press("Shift+K");
    const hold = page.getByRole("button", { name: "Hold to kill b0" });
    await hold.and(page.locator(":disabled")).waitFor();
    await page.getByLabel("Reason, for the journal").fill("too hot");
    await hold.click();
    assert.equal(await page.locator("dialog [data-step]").count(), 0, "a click alone does nothing");
    await hold.hover();
    await page.mouse.down();
    await page.locator("dialog [data-step=latch][data-state=done]").waitFor();
    await page.mouse.up();
    await page.locator("dialog", { hasText: "Proven: no own order rests on the exchange." }).waitFor();
    await page.locator("dialog [data-step=report][data-state=done]").waitFor();
    await page.locator("dialog output", { hasText: /Done, journal sequence \d+/ }).waitFor();
    assert.equal(door.town.world.open(0), 0, "no own order rests on the exchange");
    await close();
    assert.deepEqual(faults, []);
  });

  test("UI-06 the kill switch also takes the scope's name, typed, and Enter", async (t) => {
    const watched = await commanding(t);
    const { page, faults, door, close } = watched;
    await unlock(watched, door.town.village.keys.operator);
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("drill");
    const typed = page.getByLabel(/Type b0 and press Enter/);
    await typed.fill("b");
    await typed.press("Enter");
    assert.equal(await page.locator("dialog [data-step]").count(), 0, "half a name does nothing");
    await typed.fill("b0");
    await typed.press("Enter");
    await page.locator("dialog", { hasText: "Proven: no own order rests on the exchange." }).waitFor();
    await close();
    assert.deepEqual(faults, []);
  });
});
