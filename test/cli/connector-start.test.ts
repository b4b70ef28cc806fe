// A connector that cannot start over a real exchange's wire: what it says, and the code it ends with. The exchange is an
// emulated Binance in this process; the connector is a process of its own.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { type Said, startOpensqt } from "./command-line.ts";

interface Wrong {
  readonly port: number;
  readonly key: string;
  readonly secret?: string;
  readonly symbol?: string;
}

/** A key has one connector on a machine, and these start beside each other. */
const OWNERS = ["a", "b", "c", "d"].map((each) => `start-${process.pid}-${each}`);
const [KEY_A = "", KEY_B = "", KEY_C = "", KEY_D = ""] = OWNERS.map((name) => `${name}-key`);
const SECRET = "start-marked-secret";

async function started({ port, key, secret = SECRET, symbol = "BTC/USDT:USDT" }: Wrong): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-start-"));
  try {
    const file = join(folder, "connector.yaml");
    writeFileSync(
      file,
      `
exchange: binance
environment: emulator
credentials: { apiKey: { env: START_KEY }, secret: { env: START_SECRET } }
endpoints: { rest: "http://127.0.0.1:${port}", websocket: "ws://127.0.0.1:${port}" }
store: { folder: "${folder}/data" }
grpc: { bind: "127.0.0.1:0", clients: [{ name: engine, role: trader, sha256: "${"0".repeat(64)}" }] }
http: { port: 0 }
instruments: ["${symbol}"]
`,
    );
    const environment = { START_KEY: key, START_SECRET: secret };
    return await startOpensqt(["connector", "--config", file], { cwd: folder, environment }).ended;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it says to a person at its end, beside the log. */
const lastWord = (err: string): string => err.split("\n").find((line) => line.startsWith("opensqt: ")) ?? "";

test("EXCH-39 EXCH-53 a connector whose start the exchange refuses says why and what to do, and keeps the secret", async () => {
  const emulator = await startEmulator({
    protocols: ["binance-usdm"],
    ports: FREE_PORTS,
    controlPort: null,
    accounts: OWNERS.map((name) => ({ name, secret: SECRET, balances: { "binance-usdm": { USDT: "10000" } } })),
  });
  const port = emulator.ports["binance-usdm"] ?? 0;
  try {
    const cases: readonly (readonly [wrong: Wrong, code: number, words: RegExp])[] = [
      [{ port, key: `nobodys-${KEY_A}` }, 9, /refused the API key \(-2015 .*\): check the API key, its secret/],
      [
        { port, key: KEY_B, secret: "another-marked-secret" },
        9,
        /refused the API key \(-1022 .*\): check the API key, its secret/,
      ],
      [{ port, key: KEY_C, symbol: "NOPE/USDT:USDT" }, 3, /NOPE\/USDT:USDT is no instrument of binance \(perpetual\)/],
      [
        { port, key: KEY_D, symbol: "BTC/USDC:USDC" },
        3,
        /BTC\/USDC:USDC is no instrument of .*: there is BTC\/USDT:USDT/,
      ],
    ];
    const said = await Promise.all(cases.map(([wrong]) => started(wrong)));
    for (const [index, [, code, words]] of cases.entries()) {
      const { code: ended, out, err } = said[index] ?? assert.fail("it said nothing");
      assert.equal(ended, code, err);
      assert.match(lastWord(err), words);
      assert.ok(!`${out}${err}`.includes("marked-secret"));
    }
  } finally {
    await emulator.close();
  }
  const { code, err } = await started({ port, key: KEY_A });
  assert.equal(code, 5, err);
  assert.match(lastWord(err), /binance could not be asked: .*127\.0\.0\.1:\d+.*ECONNREFUSED/);
});
