// A process with a fleet whose journals, registry and flows are in Postgres, on an exchange of its own. Arguments: url,
// schema, executor, file of what the exchange was asked to set, the crash point at which it kills itself (or "never"),
// and the flows to ask for after what is open has come to its end: the point counts from there on. Prints a line of
// JSON for each end.

import { writeSync } from "node:fs";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import { configBinder } from "../../src/host/fleet/config-binder.ts";
import { openFleet } from "../../src/host/fleet/fleet.ts";
import { dbosRunner } from "../../src/host/flows/dbos-runner.ts";
import type { AskedFlow } from "../../src/host/flows/flow-desk.ts";
import { WALL_CLOCK } from "../../src/host/wall-clock.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { ticks } from "../../src/market/amounts.ts";
import { accountLimits, usdt } from "../../src/risk/account/account.fixture.ts";
import { calmMarket } from "../../src/sim/calm-market.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { simulationOptions } from "../../src/sim/options.ts";
import { SyntheticMarket } from "../../src/sim/synthetic-market.ts";
import { BTC_PERPETUAL } from "../instruments.ts";
import { FlowTown } from "./flows-town.ts";

const [url = "", schema = "", executor = "", tape = "", point = "never", ...asked] = process.argv.slice(2);
const ANN = { by: "ann", reason: "because" };
const { symbol } = BTC_PERPETUAL;
const grid = `  interval: "60"\n  orderQuote: "200"\n  entryLevels: 3\n  exitLevels: 3\n`;
const ASKED: Readonly<Record<string, AskedFlow>> = {
  leverage: { flow: "leverage", bot: "", facts: { symbol, leverage: 5 } },
  "bot-add": {
    flow: "bot-add",
    bot: "a",
    facts: { config: `id: a\nstrategy: grid\ninstrument: ${symbol}\ngrid:\n${grid}` },
  },
  "bot-remove": { flow: "bot-remove", bot: "a", facts: {} },
};

let isArmed = asked.length === 0;
setCrashPoint((name) => {
  if (isArmed && name === point) process.kill(process.pid, "SIGKILL");
});
const town = new FlowTown(tape);
const store = new PostgresStore({ url, schema, name: `flows ${process.pid}` });
const fleet = openFleet({
  folder: "",
  store,
  sync: "send",
  port: exchange(),
  clock: WALL_CLOCK,
  conditions: () => ({ clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false }),
  binder: configBinder,
  seeds: [],
  bookIntervalMs: 100,
  host: executor,
  pid: process.pid,
  release: "0",
  coreHash: "a",
  account: {
    limits: accountLimits({ exposureGrossMax: usdt(10_000) }),
    flows: dbosRunner({ url, schema: `${schema}_flows`, executor, coreHash: "a", onWarning: () => undefined }),
  },
  onAlert: () => undefined,
  onWarning: () => undefined,
});
const { account } = fleet;
if (account?.flows == null) throw new Error("there are no flows");
const { flows, host } = account;
fleet.start();
for (const id of Array.from(host.state.flows?.keys() ?? [])) await over(id);
isArmed = true;
for (const name of asked) {
  const wanted = ASKED[name];
  const taken = wanted === undefined ? null : flows.ask(wanted, ANN);
  if (taken?.ok !== true) throw new Error(`${name} is not taken`);
  await over(taken.value);
}
process.kill(process.pid, "SIGKILL"); // no end in order: whoever comes next finds it as it is

async function over(id: string): Promise<void> {
  const flow = host.state.flows?.get(id)?.flow;
  const { result } = await flows.whenOver(id);
  const bots = fleet.bots().map((bot) => `${bot.id} ${bot.record.wanted}`);
  const acts = fleet.registry.history("a").map(({ act }) => act);
  const told = [...host.journal.records(0)].filter(({ kind }) => kind === "flow-ended").length;
  writeSync(1, `${JSON.stringify({ flow, result, bots, acts, arrived: town.arrived, told })}\n`);
}

function exchange(): SimulatedPort {
  const instrument = { ...BTC_PERPETUAL, leverage: 3 };
  const start = { instrument, price: ticks(600_000), seed: "flows", startUs: Date.now() * 1000 };
  const made = new SimulatedExchange(
    simulationOptions({
      markets: [
        {
          instrument,
          source: new SyntheticMarket(calmMarket(start)),
          fill: { level: "L2", queue: "front" },
          margin: { mode: "cross", liquidationFeePpm: 0 },
        },
      ],
      accounts: [{ name: "bot", balances: new Map([["USDT", usdt(1_000_000)]]) }],
      requestExpiryMs: 100,
      lookupLagMs: 50,
      ordersKept: 1_000,
      fillsKept: 1_000,
    }),
  );
  const port = new SimulatedPort(new SimulatedDriver(made, WALL_CLOCK, { pollMs: 20 }), { account: "bot" });
  return Object.assign(port, {
    settings: town.settings,
    instrument: town.instrumentOf(instrument),
    account: town.account,
  });
}
