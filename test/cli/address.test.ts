// Questions to a running market-maker by its address, whose market runs at another speed than the machine's clock.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readRunFile } from "../../src/apps/opensqt/run-file.ts";
import { until } from "../system/system.ts";
import { assertRefused, opensqt, startOpensqt, withFolder } from "./command-line.ts";

interface FillRow {
  readonly atMs: number;
  readonly tradeId: string;
  readonly clientOrderId: string;
}

const WINDOW_MS = 10_000;

test("OPS-11 DUR-69 explain asks a market-maker by --address; --since counts the exchange's time", async () => {
  await withFolder(async (folder) => {
    const dir = join(folder, "data");
    const words = ["up", "--data-dir", dir, "--speed", "60", "--seed", "3", "--quiet"];
    const up = startOpensqt(words, { cwd: folder, timeoutMs: 180_000 });
    try {
      await until("the system runs", async () => readRunFile(dir)?.marketMaker.pid !== undefined);
      const fills = (...more: string[]): FillRow[] => {
        const said = opensqt(["fills", "--data-dir", dir, "--limit", "1000", "--json", ...more]);
        return said.code === 0 ? (JSON.parse(said.out) as { data: FillRow[] }).data : [];
      };
      let all: FillRow[] = [];
      await until("fills of more than twice the window", async () => {
        all = fills();
        return (all[0]?.atMs ?? 0) - (all.at(-1)?.atMs ?? 0) > 2 * WINDOW_MS;
      });
      const newestMs = all[0]?.atMs ?? 0;
      for (const { atMs } of fills("--since", "10s")) assert.ok(atMs >= newestMs - WINDOW_MS, `${atMs} is too old`);

      const run = readRunFile(dir);
      const oldest = all.at(-1);
      assert.ok(run !== null && oldest !== undefined);
      const key = join(folder, "key");
      writeFileSync(key, run.operatorKey, { mode: 0o600 });
      const there = ["--address", run.marketMaker.grpc, "--key-file", key];
      const order = opensqt(["explain", oldest.clientOrderId, ...there]);
      assert.equal(order.code, 0, order.err);
      assert.match(
        order.out,
        /^(buy|sell) [\d.]+ at [\d.]+.*: decided\n {2}20.* event \d+, configuration [0-9a-f]{12}\n/,
      );
      assert.match(
        order.out,
        /\n {2}why: .*because=\S+[\s\S]*\n {2}risk:\n {4}ok {2}\S+[\s\S]*\n {2}what became of it:\n {4}20/,
      );
      const fill = opensqt(["explain", oldest.tradeId, ...there]);
      assert.equal(fill.out.split("\n")[0], order.out.split("\n")[0], "a fill is explained by its order");
      const offline = opensqt(["explain", oldest.clientOrderId, "--data-dir", dir]);
      for (const line of offline.out.matchAll(/^ {4}(?:ok |NO ) (\S+)/gm)) {
        assert.ok(order.out.includes(` ${line[1]}`), `the journal names the check ${line[1]}`);
      }
      const document = opensqt(["explain", oldest.clientOrderId, "--json", ...there]);
      const { data } = JSON.parse(document.out) as { data: { steps: unknown[]; fills: FillRow[] } };
      assert.ok(data.steps.length > 1 && data.fills.some(({ tradeId }) => tradeId === oldest.tradeId));
      assertRefused(opensqt(["explain", "nobody", ...there]), 3, "no order nobody is in the journals");
      assertRefused(opensqt(["explain", "--refusals", ...there]), 2, "--refusals reads journals");
      assertRefused(opensqt(["explain", oldest.tradeId, "--address", run.marketMaker.grpc]), 9);
    } finally {
      up.kill("SIGINT");
    }
    const { code, err } = await up.ended;
    assert.equal(code, 0, err);
  });
});
