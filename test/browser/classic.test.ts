// A page of somebody's own, written from the table of docs/spec/live.md section 5 alone, with its script inside
// (TEST-46): put into web.directory it runs in ten tabs of a real browser. Its messages byte by byte are in
// test/live/old-client.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { defaultSettings } from "../../src/live/settings.ts";
import { skipWithoutBrowser } from "../browser.ts";
import { oneBrowser, openPage, openWorld, tickUntilFill, type World } from "./world.fixture.ts";

const TABS = 10;

const PAGE = `<!doctype html><meta charset="utf-8"><title>classic</title><link rel="icon" href="data:,">
<b id="state">connecting</b><p id="sounds">0</p>
<p id="candles"></p><p id="orders"></p><p id="account"></p><p id="position"></p>
<script>
const orders = new Map();
let candles = [], sounds = 0;
const show = (id, text) => { document.getElementById(id).textContent = text; };
function line(order) {
  if (order.status === "NEW" || order.status === "PARTIALLY_FILLED") orders.set(order.id, order);
  else orders.delete(order.id);
}
function sound(side) {
  const context = new AudioContext(), tone = context.createOscillator();
  tone.frequency.value = side === "buy" ? 880 : 440;
  tone.connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.1);
  sounds += 1;
}
const take = {
  history: (data) => { candles = data; },
  kline: (data) => {
    if (candles.at(-1)?.time === data.time) candles.pop();
    candles.push(data);
  },
  orders: (data) => { for (const order of Array.isArray(data) ? data : [data]) line(order); },
  trade_event: ({ side }) => sound(side),
  account: ({ asset, balance }) => show("account", asset + " " + balance),
  position: ({ symbol, amount }) => show("position", symbol + " " + amount),
};
const socket = new WebSocket("ws://" + location.host + "/ws");
socket.onopen = () => { document.getElementById("state").dataset.connection = "live"; };
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  take[message.type](message.data);
  show("candles", candles.length + " candles to " + candles.at(-1)?.close);
  show("orders", [...orders.keys()].sort().join(" "));
  show("sounds", String(sounds));
};
</script>
`;

describe("a page of one's own", skipWithoutBrowser(), () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-classic-"));
  const browser = oneBrowser();
  let world: World;
  before(async () => {
    writeFileSync(join(folder, "index.html"), PAGE);
    world = await openWorld(folder, { web: { ...defaultSettings().web, directory: folder } });
  });
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const resting = (): string =>
    [...world.picture.orderBook.all()]
      .map(({ order }) => order.id)
      .sort()
      .join(" ");

  test("TEST-46 LIVE-12 shows chart, order lines, balance and position in ten tabs, and sounds at a fill", async () => {
    const tabs = await Promise.all(Array.from({ length: TABS }, () => openPage(browser.get(), world, { address: "" })));
    const before = resting();
    for (const { page } of tabs) {
      await page.locator("#candles", { hasText: /^100 candles to \d/ }).waitFor();
      await page.locator("#orders", { hasText: before }).waitFor();
      await page.locator("#account", { hasText: /^USDT \d/ }).waitFor();
      await page.locator("#sounds", { hasText: /^0$/ }).waitFor();
    }
    tickUntilFill(world);
    const now = resting();
    assert.notEqual(now, before, "the filled order's line goes, another comes");
    for (const { page, faults, close } of tabs) {
      await page.locator("#sounds", { hasText: /^[1-9]/ }).waitFor();
      await page.locator("#orders", { hasText: now }).waitFor();
      await page.locator("#position", { hasText: /^BTCUSDT -?\d/ }).waitFor();
      assert.deepEqual(faults, []);
      await close();
    }
  });
});
