// What a connector records of an account's own stream (EXCH-60): every frame about its orders and fills as it came, in
// order, and no secret; where private frames were not asked for, nothing of them.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Market, type PortStage, portStage, SPOT, USDM, until } from "./port-stage.ts";

type Frame = Readonly<Record<string, unknown>>;

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-frames-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An order rests, is filled in two parts; another is cancelled. Gives their ids once the port has heard of it all. */
async function traded(stage: PortStage): Promise<readonly [string, string]> {
  const { port, hands, market, operator } = stage;
  const heard: string[] = [];
  const end = port.subscribe({ symbol: market.symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => {
    if (message.kind === "order") heard.push(`${message.clientOrderId} ${message.status}`);
  });
  await until("the account is followed", () => stage.health.some((each) => each.subject === "orders"));
  await until("orders are live", () => stage.health.findLast((each) => each.subject === "orders")?.state === "live");
  const price = market === SPOT ? "5900000" : "590000";
  const filled = await hands.place(`buy ${price} x 10`);
  assert.equal(filled.result, "accepted");
  for (const quantity of ["0.004", "0.006"]) {
    assert.equal(operator.fill("demo", { symbol: market.symbol, clientOrderId: filled.id, quantity }), null);
  }
  const canceled = await hands.place(`buy ${price} x 10`);
  await hands.cancel(canceled.id);
  await until("all is heard", () => [`${filled.id} filled`, `${canceled.id} canceled`].every((s) => heard.includes(s)));
  end();
  await port.closed();
  return [filled.id, canceled.id];
}

/** Lines of the files whose name begins so: when each was heard, ns, and what was said. */
function linesOf(folder: string, word: string): readonly { readonly atNs: bigint; readonly text: string }[] {
  return readdirSync(folder)
    .filter((file) => file.includes(word))
    .sort()
    .flatMap((file) =>
      gunzipSync(readFileSync(join(folder, file)))
        .toString("utf8")
        .split("\n"),
    )
    .filter((line) => line !== "")
    .map((line) => ({ atNs: BigInt(line.slice(0, line.indexOf(" "))), text: line.slice(line.indexOf(" ") + 1) }));
}

/** `x X id`: what happened to which order, as the exchange's own event says. */
function reports(of: Market, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const frame = JSON.parse(text) as Frame;
    const event = of === SPOT ? frame["event"] : frame["o"];
    if (typeof event !== "object" || event === null || !("x" in event)) return [];
    const { x, X, c, C = "" } = event as Record<string, string>;
    return `${x} ${X} ${C === "" ? c : C}`;
  });
}

for (const market of [USDM, SPOT]) {
  test(`EXCH-60 ${market.protocol}: orders and fills are recorded without a secret, as they came`, async (context) => {
    const folder = folderOf(context);
    const lost: number[] = [];
    const record = { folder, bytesMax: 1 << 30, private: true, lost: (lines: number) => lost.push(lines) };
    const stage = await portStage(context, { of: market, record });
    const [filled, canceled] = await traded(stage);
    const lines = linesOf(folder, "private");
    assert.deepEqual(
      reports(
        market,
        lines.map(({ text }) => text),
      ),
      [
        `NEW NEW ${filled}`,
        `TRADE PARTIALLY_FILLED ${filled}`,
        `TRADE FILLED ${filled}`,
        `NEW NEW ${canceled}`,
        `CANCELED CANCELED ${canceled}`,
      ],
    );
    const times = lines.map(({ atNs }) => atNs);
    assert.ok(times.every((atNs, n) => n === 0 || atNs >= (times[n - 1] ?? 0n)));
    const listenKey = stage.sent.find(({ values }) => values.has("listenKey"))?.values.get("listenKey");
    for (const { text } of linesOf(folder, "")) {
      for (const secret of ["demo-key", "demo-secret", "signature", ...(listenKey == null ? [] : [listenKey])]) {
        assert.ok(!text.includes(secret), `${secret} stands in ${text.slice(0, 200)}`);
      }
    }
    assert.deepEqual(lost, []);
  });
}

test("EXCH-60 where private frames are not asked for, nothing of an account is recorded", async (context) => {
  const folder = folderOf(context);
  const record = { folder, bytesMax: 1 << 30, private: false, lost: () => undefined };
  const [filled, canceled] = await traded(await portStage(context, { record }));
  assert.ok(linesOf(folder, "").length > 0, "the market is recorded");
  assert.deepEqual(linesOf(folder, "private"), []);
  for (const { text } of linesOf(folder, "")) {
    for (const id of [filled, canceled]) assert.ok(!text.includes(id), `${id} stands in ${text.slice(0, 200)}`);
  }
});
