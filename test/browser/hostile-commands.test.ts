// What a hostile world does to commands: sent twice or to another bot, answers lost behind a dialog, shown as done what
// nobody did. The door is the test's own, as a proxy between would be.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page, Route } from "playwright-core";
import { DEMO_OF } from "../../src/live/demo-feed.fixture.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { builtConsole, oneBrowser, openPage, openWorld, tickUntilFill, type World } from "./world.fixture.ts";

const BOT = DEMO_OF.bot;

interface Commanded {
  readonly page: Page;
  /** Names of the calls the door got. */
  readonly calls: string[];
  readonly close: () => Promise<void>;
}

describe("commands of a console in a hostile world", skipWithoutBrowser(), () => {
  const folder = builtConsole();
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    world = await openWorld(folder.path);
    tickUntilFill(world);
  });
  after(() => world.stop());

  /** An unlocked page whose door (a proxy, say) answers as the test wants. */
  async function commanding(answer: (route: Route) => Promise<void>, address = `#/bot?bot=${BOT}`): Promise<Commanded> {
    const door = "http://127.0.0.1:9";
    const calls: string[] = [];
    world.picture.doors("demo", [{ bot: BOT, url: door }]);
    const { page, close } = await openPage(browser.get(), world, { address, doors: [door] });
    await page.route(`${door}/**`, async (route) => {
      calls.push(route.request().url().split("/").at(-1) ?? "");
      await answer(route);
    });
    await page.getByLabel("Locked: unlock the controls").click();
    await page.getByLabel("Code of 8 characters, or key").fill("a pasted operator key");
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    return { page, calls, close };
  }

  const json = (route: Route, body: unknown, status = 200): Promise<void> =>
    route.fulfill({
      status,
      headers: { "access-control-allow-origin": "*" },
      contentType: "application/json",
      body: JSON.stringify(body),
    });

  async function pauseWith(page: Page, keys: () => Promise<void>): Promise<void> {
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("lunch");
    await keys();
  }

  test("UI-06 Enter held down in a dialog sends its command once", async () => {
    const { page, calls, close } = await commanding((route) => json(route, { sequence: "8" }));
    await pauseWith(page, async () => {
      await page.keyboard.down("Enter");
      await page.locator("dialog output", { hasText: "Done, journal sequence 8" }).waitFor();
      for (let repeat = 0; repeat < 5; repeat += 1) await page.keyboard.down("Enter");
      await page.keyboard.up("Enter");
      await page.keyboard.press("Enter");
    });
    await page.locator("dialog output", { hasText: "Done, journal sequence 8" }).waitFor();
    assert.deepEqual(calls, ["PauseBot"]);
    await close();
  });

  test("UI-06 Enter held down does not repeat what was refused", async () => {
    const refused = { code: "FAILED_PRECONDITION", message: "not now" };
    const { page, calls, close } = await commanding((route) => json(route, refused, 412));
    await pauseWith(page, async () => {
      await page.keyboard.down("Enter");
      await page.locator("dialog [role=alert]").waitFor();
      for (let repeat = 0; repeat < 5; repeat += 1) await page.keyboard.down("Enter");
      await page.keyboard.up("Enter");
    });
    assert.deepEqual(calls, ["PauseBot"]);
    await close();
  });

  test("UI-06 an answer that is not the engine's is never shown as done", async () => {
    const html = { status: 200, contentType: "text/html", body: "<html>Sign in to the proxy</html>" };
    const headers = { "access-control-allow-origin": "*" };
    const { page, close } = await commanding((route) => route.fulfill({ ...html, headers }));
    await pauseWith(page, () => page.keyboard.press("Enter"));
    await page.locator("dialog [role=alert]", { hasText: "not known" }).waitFor();
    assert.equal(await page.locator("dialog output").count(), 0);
    await close();
  });

  test("UI-06 a gateway that gave up is told as not known, not as refused", async () => {
    const { page, close } = await commanding((route) => json(route, {}, 504));
    await pauseWith(page, () => page.keyboard.press("Enter"));
    const said = page.locator("dialog [role=alert]");
    await said.waitFor();
    assert.match(await said.innerText(), /not known/i);
    assert.doesNotMatch(await said.innerText(), /^Refused/);
    await close();
  });

  test("UI-06 RISK-22 a kill that ended before the engine said done is not shown as done", async () => {
    const step = (name: string) => JSON.stringify({ report: { step: name, proven: false, tookMs: 5 } });
    for (const [last, words] of [
      ["cancel", /not known|ended/],
      ["failed", /failed/i],
    ] as const) {
      const headers = { "access-control-allow-origin": "*" };
      const body = `${step("latch")}\n${step(last)}\n`;
      const { page, close } = await commanding((route) => route.fulfill({ status: 200, headers, body }));
      await page.getByRole("button", { name: "Kill", exact: true }).click();
      await page.getByLabel("Reason, for the journal").fill("drill");
      await page.getByLabel(/and press Enter/).fill(BOT);
      await page.keyboard.press("Enter");
      await page.locator("dialog [role=alert]", { hasText: words }).waitFor();
      assert.equal(await page.locator("dialog [data-step=prove][data-state=done]").count(), 0, last);
      await close();
    }
  });

  test("UI-06 RISK-22 a kill nobody has told of yet has no number of orders left; its last word counts", async () => {
    const told = Promise.withResolvers<void>();
    const headers = { "access-control-allow-origin": "*" };
    // its last line is not ended, as where a proxy cuts the end of a text off
    const body = JSON.stringify({ report: { step: "done", proven: true, tookMs: 5 } });
    const { page, close } = await commanding(async (route) => {
      await told.promise;
      await route.fulfill({ status: 200, headers, body });
    });
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("drill");
    await page.getByLabel(/and press Enter/).fill(BOT);
    await page.keyboard.press("Enter");
    await page.locator("dialog", { hasText: "How many orders are left is not told yet. Not proven yet." }).waitFor();
    told.resolve();
    await page.locator("dialog", { hasText: "0 own orders left. Proven" }).waitFor();
    await page.locator("dialog [data-step=report][data-state=done]").waitFor();
    await close();
  });

  test("UI-06 a key that is over says so where the command was given, and the command was not taken", async () => {
    const { page, close } = await commanding((route) => json(route, { code: "UNAUTHENTICATED", message: "no" }, 401));
    await pauseWith(page, () => page.keyboard.press("Enter"));
    await page.locator("dialog [role=alert]", { hasText: "Refused (UNAUTHENTICATED)" }).waitFor();
    await page.getByLabel("Locked: unlock the controls").waitFor();
    await close();
  });

  test("UI-06 a dialog keeps its bot and its words while live-server restarts and knows no door", async () => {
    const { page, calls, close } = await commanding((route) => json(route, {}), "#/bot");
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("too hot");
    const { bot } = [...world.picture.botsOf.values()][0] ?? {};
    assert.ok(bot !== undefined);
    world.picture.doors("demo", []);
    world.picture.bots("demo", [{ ...bot, id: "another" }]);
    await page.locator(".bot-choice option", { hasText: "another" }).waitFor({ state: "attached" });
    // the page knows of no door any more
    await page.locator("main button.locked").first().waitFor({ state: "attached" });
    const dialog = page.locator("dialog");
    assert.equal(await dialog.getByLabel("Reason, for the journal").inputValue(), "too hot");
    await dialog.getByRole("button", { name: `Hold to kill ${BOT}` }).waitFor();
    world.picture.bots("demo", [bot]);
    assert.deepEqual(calls, []);
    await close();
  });

  test("UI-06 LIVE-01 a bot whose engine names no door is not commanded at another engine's", async () => {
    const { page, close } = await commanding((route) => json(route, {}));
    const { bot } = [...world.picture.botsOf.values()][0] ?? {};
    assert.ok(bot !== undefined);
    world.picture.bots("second", [{ ...bot, id: "doorless" }]);
    world.picture.doors("third", [{ bot: "third", url: "http://127.0.0.1:10" }]);
    await page.locator(".bot-choice select").selectOption("doorless");
    await page.getByRole("button", { name: "Pause (locked)" }).waitFor();
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.locator("dialog code", { hasText: "opensqt kill --bot doorless" }).waitFor();
    world.picture.bots("second", []);
    world.picture.doors("third", []);
    await close();
  });

  test("UI-08 a link to a bot that is not told now shows no other bot in its place", async () => {
    const { page, close } = await openPage(browser.get(), world, { address: "#/bot?bot=eth-grid" });
    await page.locator("[data-panel=position] .skeleton").waitFor();
    assert.equal(await page.locator(".bot-choice select").inputValue(), "eth-grid");
    assert.equal(await page.getByRole("button", { name: /^Pause/ }).count(), 0);
    await close();
  });

  test("UI-06 a difference is applied to the revision it was made from, or not at all", async () => {
    const diff = [{ key: "budget", old: "5000", new: "6000", change: "live" }];
    const { page, close } = await commanding((route) => json(route, { diff, errors: [] }), `#/setup?bot=${BOT}`);
    const { bot } = [...world.picture.botsOf.values()][0] ?? {};
    assert.ok(bot !== undefined);
    const text = page.locator("textarea");
    await text.fill((await text.inputValue()).replace("5000", "6000"));
    await page.getByRole("button", { name: "Show the difference" }).click();
    await page.getByRole("button", { name: "Apply" }).waitFor();
    // somebody else applied another change meanwhile
    world.picture.bot("demo", { ...bot, revision: bot.revision + 1 });
    await page.getByRole("button", { name: "Apply" }).waitFor({ state: "detached" });
    world.picture.bot("demo", bot);
    await close();
  });

  test("UI-06 RISK-22 the right button held on Kill kills nothing", async () => {
    const { page, calls, close } = await commanding((route) => json(route, {}));
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await page.getByLabel("Reason, for the journal").fill("drill");
    await page.getByRole("button", { name: /Hold to kill/ }).hover();
    await page.mouse.down({ button: "right" });
    // a hold fills the button from its first frame on
    const filled = await page.evaluate(`new Promise((done) => {
      let frames = 0;
      const look = () => {
        frames += 1;
        if (frames < 20) requestAnimationFrame(look);
        else done(document.querySelector(".hold i").style.width);
      };
      look();
    })`);
    await page.mouse.up({ button: "right" });
    assert.equal(filled, "0%");
    assert.deepEqual(calls, []);
    await close();
  });
});
