// `make faults`: every fault while the grid trades, and the table of what was seen. FAULT=name for those whose name
// begins so; SEED for other prices; MARKET=spot. Ends with 1 when the two sides differ anywhere.

import { differ } from "./sides.ts";
import { inParallel, tableOf, trouble } from "./table.ts";
import { townMarket } from "./town-market.ts";
import { type TrialSeen, tryFault } from "./trial.ts";
import { allTrials } from "./trials.ts";

const wanted = process.env["FAULT"] ?? "";
const seed = process.env["SEED"] ?? "1";
const at = townMarket(process.env["MARKET"] ?? "usdm");
if (at === null) throw new Error("MARKET is usdm or spot");
const trials = allTrials(at).filter(({ name }) => name.startsWith(wanted));
const failures: string[] = [];
const seen: TrialSeen[] = [];
await inParallel(Number(process.env["TOGETHER"] ?? 4), trials, async (trial) => {
  try {
    const one = await tryFault(trial, at, seed);
    seen.push(one);
    process.stderr.write(`${trial.name}: ${differ(one.differences).join("; ") || "equal"}\n`);
    if (process.env["SIGNS"] !== undefined) {
      for (const { atMs, what } of one.signs)
        process.stderr.write(`  ${new Date(atMs).toISOString().slice(14)} ${what}\n`);
    }
  } catch (error) {
    failures.push(`${trial.name}: ${trouble(error)}`);
    process.stderr.write(`${trial.name}: ${trouble(error)}\n`);
  }
});
const mayDiffer = new Set(trials.filter(({ differs }) => differs === true).map(({ name }) => name));
const wrong = seen.filter(({ name, differences }) => !mayDiffer.has(name) && differ(differences).length > 0);
const order = new Map(trials.map(({ name }, n) => [name, n]));
seen.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
process.stdout.write(`${tableOf(seen)}\n`);
for (const failure of failures) process.stdout.write(`FAIL ${failure}\n`);
process.exitCode = failures.length > 0 || wrong.length > 0 ? 1 : 0;
