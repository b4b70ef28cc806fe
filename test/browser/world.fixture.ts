// What a browser test stands on: the console as it is built, served by the real live-server from a scripted picture,
// and a page in the system's Chromium that fails the test on any console error and any request to somebody else
// (UI-01).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { setTimeout as nextTurn } from "node:timers/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { DemoFeed, demoQuestions } from "../../src/live/demo-feed.fixture.ts";
import { type LiveServer, startLiveServer } from "../../src/live/live-server.ts";
import { Picture } from "../../src/live/picture.ts";
import { defaultSettings, type LiveSettings } from "../../src/live/settings.ts";
import { openLog } from "../../src/observe/log.ts";
import { Metrics } from "../../src/observe/metrics.ts";
import { launchBrowser } from "../browser.ts";

/** What a busy machine may need for anything a page waits for. */
const PATIENCE_MS = 60_000;

const web = resolve(import.meta.dirname, "../../web");

/** Builds the console into a folder of its own, gone after the tests; `path` is set before the first of them. */
export function builtConsole(): { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "opensqt-console-"));
  before(async () => {
    await build({ configFile: join(web, "vite.config.ts"), logLevel: "error", build: { outDir: path } });
  });
  after(() => rmSync(path, { recursive: true, force: true }));
  return { path };
}

/** One browser for a file of tests. */
export function oneBrowser(): { readonly get: () => Browser } {
  let browser: Browser | null = null;
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });
  return {
    get: () => {
      assert.ok(browser !== null);
      return browser;
    },
  };
}

export interface World {
  readonly picture: Picture;
  readonly feed: DemoFeed;
  readonly url: string;
  readonly port: number;
  /** Ends live-server; the picture stays for `again`. */
  stop(): Promise<void>;
  /** Starts it on the same port, with another release where one is given. */
  again(release?: string): Promise<void>;
}

/** A live-server on a free port with the scripted picture behind: nothing moves until the test says `feed.tick()`. */
export async function openWorld(folder: string, changes: Partial<LiveSettings> = {}): Promise<World> {
  const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
  const picture = new Picture({ monotonicMs, historyLimit: 100 });
  const feed = new DemoFeed({ picture, seed: 7, startMs: Date.now(), monotonicMs });
  feed.begin();
  const start = (port: number, release: string): Promise<LiveServer> =>
    startLiveServer({
      settings: defaultSettings({ port, release, builtIn: folder, intervals: ["1m", "5m"], ...changes }),
      picture,
      questions: demoQuestions(picture),
      ready: () => [],
      clock: MONOTONIC_CLOCK,
      wallMs: Date.now,
      log: openLog({ process: "live-server", level: "error" }),
      metrics: new Metrics({ process: "live-server", release }),
    });
  let server: LiveServer | null = await start(0, "1.0.0");
  const { url, port } = server;
  return {
    picture,
    feed,
    url,
    port,
    stop: async () => {
      await server?.close();
      server = null;
    },
    again: async (release = "1.0.0") => {
      server = await start(port, release);
    },
  };
}

export interface Watched {
  readonly page: Page;
  /** Errors the browser wrote and requests that went elsewhere. */
  readonly faults: string[];
  readonly close: () => Promise<void>;
}

/** A page on the console at `address`, with everything it does wrong on record. */
export async function openPage(
  browser: Browser,
  world: { readonly url: string },
  options: { readonly address?: string; readonly doors?: readonly string[] } & BrowserContextOptions = {},
): Promise<Watched> {
  const { address = "#/bot", doors = [], ...context } = options;
  const opened = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...context });
  const page = await opened.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    const own = [world.url, ...doors].some((known) => url.startsWith(known));
    if (!own && !url.startsWith("data:") && !url.startsWith("blob:")) faults.push(`foreign request: ${url}`);
  });
  await page.goto(`${world.url}/${address}`);
  await page.locator("[data-connection=live]").waitFor();
  return { page, faults, close: () => opened.close() };
}

/** Ticks the market until something fills. */
export function tickUntilFill(world: World, most = 3000): void {
  const newest = (): string => world.picture.fillBook.last(1)[0]?.id ?? "";
  const before = newest();
  for (let tick = 0; tick < most; tick += 1) {
    world.feed.tick();
    if (newest() !== before) return;
  }
  assert.fail(`no fill in ${most} ticks of the scripted market`);
}

/** Asks until it holds; gives up after a minute in which it never did. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  do {
    if (await holds()) return;
    await nextTurn(40);
  } while (performance.now() < endMs);
  assert.fail("what was waited for did not come");
}
