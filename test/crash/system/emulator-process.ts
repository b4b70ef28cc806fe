// The exchange of the system stage: the emulator as a process of its own, which nobody kills. It matches while the
// others are dead, and what it wrote down is what the test believes. Run by system-stage.ts with its options as JSON.

import { present } from "../../../src/base/assert.ts";
import { FREE_PORTS, startEmulator } from "../../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../../src/exchange/emulator/faults/gate.ts";
import { walletOf } from "../../../src/exchange/emulator/world.ts";
import { recordTo } from "../../../src/exchange/simulated-file.ts";
import { SPOT, USDM } from "../../faults/town-market.ts";
import { Walk } from "../../faults/walk.ts";
import type { Truth } from "../wire.ts";
import type { Protocol } from "./system-config.ts";

export interface EmulatorStart {
  readonly protocol: Protocol;
  readonly record: string;
  readonly seed: string;
  readonly account: { readonly name: string; readonly apiKey: string; readonly secret: string };
}

/**
 * What the test asks; `truth` is answered with one, the others by `done`. `cut`: every WebSocket breaks. `foul`: answers
 * and events get lost (EMU-42), until it is `fair` again.
 */
export type Asked = { readonly ask: "go" | "rest" | "truth" | "cut" | "foul" | "fair" };

/** The truth, and of spot the coins held, in units of 10^-18; null elsewhere. */
export type SystemTruth = Truth & { readonly coins: bigint | null };
/** Money travels as decimal text: the channel knows no big integers. */
export type ToldTruth = Omit<SystemTruth, "cashChange" | "coins"> & {
  readonly cashChange: string;
  readonly coins: string | null;
};
export type Heard = { readonly ready: number } | { readonly truth: ToldTruth } | { readonly done: true };

const given = JSON.parse(present(process.argv[2], "the options")) as EmulatorStart;
const { protocol } = given;
if (protocol === "simulated") throw new Error("the simulated exchange has a process of its own");
const start = { ...given, protocol };
const at = start.protocol === "binance-spot" ? SPOT : USDM;
const isSpot = start.protocol === "binance-spot";
const OPENING = "1000000";
const wallet = walletOf(start.account.name, start.protocol);
const write = recordTo(start.record);
let fills = 0;
/** Lots bought less lots sold. */
let traded = 0;
let recorded = 0;

const emulator = await startEmulator({
  protocols: [start.protocol],
  ports: FREE_PORTS,
  controlPort: null,
  seed: start.seed,
  market: { kind: "hand" },
  accounts: [{ ...start.account, balances: { [start.protocol]: { USDT: OPENING } }, leverage: 3 }],
  heard: (entry) => {
    // the others of the market are not the account's
    if (entry.account !== wallet) return;
    recorded += 1;
    if (entry.kind === "fill") {
      fills += 1;
      traded += entry.side === "buy" ? entry.quantity : -entry.quantity;
    }
    write(entry);
  },
});
const walk = new Walk(emulator, at, start.seed);

function truth(): ToldTruth {
  const { universe } = emulator.control;
  universe.pump.settle();
  const { clearing, desk } = universe.exchange;
  const account = clearing.account(wallet);
  const cash = clearing.balance(account, "USDT") - BigInt(OPENING) * 10n ** 18n;
  return {
    // on spot what is held is coins, less their fees: they are compared by themselves
    position: isSpot ? traded : clearing.holding(account, at.symbol).lots,
    coins: isSpot ? String(clearing.balance(account, "BTC")) : null,
    cashChange: String(cash),
    open: [...desk.ledger.openOrders(wallet)].map(({ clientOrderId }) => clientOrderId),
    fills,
    recorded,
  };
}

/** A few lots of the oldest order: the walk's trades run through orders and fill them whole. */
function fillInPart(): void {
  const { universe, operator } = emulator.control;
  universe.pump.settle();
  const [order] = universe.exchange.desk.ledger.openOrders(wallet);
  if (order === undefined) return;
  // gone meanwhile: the next one then
  operator.fill(start.account.name, { symbol: at.symbol, clientOrderId: order.clientOrderId, quantity: PART });
}

const PART = "0.003";
const PARTS_MS = 700;
let parts: NodeJS.Timeout | null = null;

/** One order in six gets no answer, or an error after it was taken; one event in six is never told. */
const FOUL = ["acceptThenTimeout", "serverErrorAfterAccept", "dropEvent"] as const;
const FOUL_PROBABILITY = 0.16;

function weather(isFoul: boolean): void {
  const { gate } = emulator.control.universe;
  if (!(gate instanceof FaultGate)) throw new Error("this emulator has no faults");
  gate.desk.clear();
  if (!isFoul) return;
  const names = { protocols: [start.protocol], accounts: [start.account.name], instruments: [at.symbol] };
  for (const name of FOUL) {
    const fault = readFault({ name, probability: FOUL_PROBABILITY }, names);
    if (!fault.ok) throw new Error(`${name}: ${fault.error.field} should be ${fault.error.expected}`);
    gate.inject(fault.value);
  }
}

const say = (heard: Heard): void => void process.send?.(heard);

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  const { ask } = message as Asked;
  if (ask === "truth") {
    say({ truth: truth() });
    return;
  }
  if (ask === "foul" || ask === "fair") {
    weather(ask === "foul");
    say({ done: true });
    return;
  }
  if (parts !== null && ask !== "cut") clearInterval(parts);
  if (ask === "go") {
    walk.go();
    parts = setInterval(fillInPart, PARTS_MS);
  } else if (ask === "rest") walk.calm();
  else for (const socket of emulator.control.universe.parts.sockets()) socket.close(1006, "");
  say({ done: true });
});
say({ ready: present(emulator.ports[start.protocol], "the port") });
