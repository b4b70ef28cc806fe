// What the account's own socket says and nobody can read: never silence. New risk stops on the stream, everything is
// read by REST at once, and only then the stream lives again (TEST-28).

import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import type { SocketView } from "../../src/exchange/emulator/gates.ts";
import type { EmulatorParts } from "../../src/exchange/emulator/parts.ts";
import type { FrameTraits } from "../../src/exchange/emulator/protocol.ts";
import type { StreamMessage } from "../../src/exchange/port.ts";
import { portStage, USDM, until } from "./port-stage.ts";
import { kindOf } from "./stream-stage.ts";

type Fields = Record<string, unknown>;

/** The next event of an order is said otherwise. */
class DamagingGate extends FaultGate {
  damage: ((frame: { readonly o: Fields } & Fields) => unknown) | null = null;

  override frame(
    socket: SocketView,
    frame: { readonly text: string; readonly traits: FrameTraits },
    send: (text: string) => void,
  ): void {
    super.frame(socket, frame, (text) => {
      const { damage } = this;
      if (damage === null || frame.traits.event !== "ORDER_TRADE_UPDATE") {
        send(text);
        return;
      }
      this.damage = null;
      const said = damage(JSON.parse(text) as { readonly o: Fields } & Fields);
      send(typeof said === "string" ? said : JSON.stringify(said));
    });
  }
}

const DAMAGES: readonly (readonly [what: string, DamagingGate["damage"]])[] = [
  ["is no JSON", () => '{"e":"ORDER_TRADE_UPDATE","o":{"s":"BTC'],
  ["is a list", (frame) => [frame]],
  ["has no order in it", ({ o: _o, ...frame }) => frame],
  ["has an event without a name", ({ e: _e, ...frame }) => frame],
  ["names no instrument", ({ o, ...frame }) => ({ ...frame, o: { ...o, s: null } })],
  ["tells a quantity that is none", ({ o, ...frame }) => ({ ...frame, o: { ...o, l: "1e-40", z: "x" } })],
  ["tells a quantity between two lots", ({ o, ...frame }) => ({ ...frame, o: { ...o, l: "0.0050001" } })],
  ["has a side nobody knows", ({ o, ...frame }) => ({ ...frame, o: { ...o, S: { toString: null } } })],
];

const TIMES = {
  redialWaitsMs: [20, 30, 50],
  dialGapMs: 5,
  ordersPollMs: 100,
  // the comparison that runs anyway would find it too, and much later
  ordersProbeMs: 600_000,
  accountProbeMs: 600_000,
  accountPauseMs: 20,
  judgeMs: 10,
} as const;

test("TEST-28 EXCH-23 a private event that cannot be read stops new risk and is looked up: the fill in it is told", {
  timeout: 60_000,
}, async (context) => {
  const gates: DamagingGate[] = [];
  const gate = (parts: EmulatorParts): DamagingGate => {
    const made = new DamagingGate(parts, parts.operator);
    gates.push(made);
    return made;
  };
  const stage = await portStage(context, { emulator: { gate }, streamTimes: TIMES });
  const told: StreamMessage[] = [];
  const request = { symbol: USDM.symbol, candleInterval: null, bookIntervalMs: 10 } as const;
  context.after(stage.port.subscribe(request, (message) => told.push(message)));
  const feeds = (): readonly string[] =>
    kindOf(told, "feed").flatMap(({ feed, state }) => (feed === "orders" ? [state] : []));
  const isLive = (): boolean => stage.health.findLast(({ subject }) => subject === "orders")?.state === "live";
  await until("the stream lives", isLive);
  for (const [what, damage] of DAMAGES) {
    const placed = await stage.hands.place("buy 599000 x 5");
    await until("the order is heard of", () => kindOf(told, "order").some((each) => each.clientOrderId === placed.id));
    await until("the stream lives", isLive);
    const [staleBefore, fillsBefore] = [feeds().filter((each) => each === "stale").length, kindOf(told, "fill").length];
    const [of] = gates;
    assert.ok(of !== undefined);
    of.damage = damage;
    const fill = { symbol: USDM.symbol, clientOrderId: placed.id, quantity: "0.005" };
    assert.equal(stage.operator.fill("demo", fill), null);
    await until(
      `it ${what}: new risk is stopped`,
      () => feeds().filter((each) => each === "stale").length > staleBefore,
    );
    await until(`it ${what}: the fill is looked up`, () => kindOf(told, "fill").length > fillsBefore);
    await until(`it ${what}: the stream lives again`, () => isLive() && feeds().at(-1) === "fresh");
    assert.equal(kindOf(told, "fill").length, fillsBefore + 1, what);
  }
});
