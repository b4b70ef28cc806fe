// `--env-file` as a user meets it: before or after the command, with what the environment has winning.

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { opensqt, withFolder } from "./command-line.ts";

const CONFIG = `bot:
  id: \${BOT_NAME}
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid: { interval: "100", orderQuote: "200" }
`;

test("OPS-61 --env-file fills variables for any command, and the environment wins over it", () => {
  withFolder((folder) => {
    const config = join(folder, "opensqt.yaml");
    const variables = join(folder, ".env");
    writeFileSync(config, CONFIG);
    writeFileSync(variables, "BOT_NAME=from-file\n", { mode: 0o600 });
    const check = ["config", "check", config];
    assert.match(opensqt([...check, "--env-file", variables]).out, /bot from-file/);
    assert.match(opensqt([`--env-file=${variables}`, ...check]).out, /bot from-file/);
    assert.match(opensqt([...check, "--env-file", variables], { environment: { BOT_NAME: "own" } }).out, /bot own/);
    assert.equal(opensqt(check).code, 3);
    chmodSync(variables, 0o604);
    const refused = opensqt([...check, "--env-file", variables]);
    assert.equal(refused.code, 3);
    assert.match(refused.err, /may be read or written by others \(mode 604\); run: chmod 600/);
  });
});
