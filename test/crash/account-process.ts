// A process that dies: the account machine on a real journal with bots that are only what they were told. Each grant
// that is delivered is a line of a file, written before anything else happens.
// Arguments: folder, and the passage of grant.after-commit at which it kills itself (0: never).

import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { AccountHost } from "../../src/host/account/account-host.ts";
import { WALL_CLOCK } from "../../src/host/wall-clock.ts";
import { money } from "../../src/market/amounts.ts";
import { accountLimits } from "../../src/risk/account/account.fixture.ts";

const [folder = "", passage = "0"] = process.argv.slice(2);
const dieAt = Number.parseInt(passage, 10);
let passed = 0;
setCrashPoint((name) => {
  if (name !== "grant.after-commit") return;
  passed += 1;
  if (passed === dieAt) process.kill(process.pid, "SIGKILL");
});

const usdt = (n: number): ReturnType<typeof money> => money(BigInt(n) * 10n ** 18n);
const told = (line: object): void => appendFileSync(join(folder, "told.jsonl"), `${JSON.stringify(line)}\n`);
const mail: { readonly bot: string; readonly id: number }[] = [];

told({ run: true });
const account = new AccountHost({
  folder,
  sync: "send",
  limits: accountLimits({ exposureGrossMax: usdt(1_000) }),
  clock: WALL_CLOCK,
  machine: WALL_CLOCK,
  host: hostname(),
  pid: process.pid,
  release: "0",
  coreHash: "0",
  reserveBytes: 0,
  deliver: (effect) => {
    if (effect.kind !== "grant") return;
    told({ bot: effect.bot, id: effect.id, gross: String(effect.gross) });
    mail.push({ bot: effect.bot, id: effect.id });
  },
  onAlert: () => undefined,
  onWarning: () => undefined,
});

/** A bot acknowledges the newest it was told. It has all it was ever granted: the worst there can be. */
function acknowledge(): void {
  for (let next = mail.shift(); next !== undefined; next = mail.shift()) {
    account.offer({ kind: "grant-acknowledged", bot: next.bot, id: next.id, exposure: usdt(0) });
  }
}

for (const bot of ["a", "b", "c"]) {
  account.offer({ kind: "bot-joined", bot, base: "BTC", wanted: usdt(1_000) });
  acknowledge();
}
const held = [...account.state.bots].map(([bot, { held: most, grant }]) => ({
  bot,
  held: String(most),
  gross: String(grant?.gross ?? 0n),
}));
account.close();
process.stdout.write(`${JSON.stringify(held)}\n`);
