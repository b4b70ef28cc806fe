// What every runner of flows keeps (TEST-10): one look before each send, one side effect, one end, whenever its process
// is ended. The same cases, and the same journal, for this process alone and for DBOS.

import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { FlowEnd, OpenRunner } from "../../src/host/flows/flow.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { ANN, askLeverage, type FlowProcess, flowRecords, openOf, startProcess } from "./flows-desk.ts";
import { FlowTown } from "./flows-town.ts";

export interface FlowCase {
  readonly name: string;
  /** An empty store of its own, and the runner a process of `host` has on it. */
  readonly make: (title: string) => { readonly store: () => JournalStore; readonly open: (host: string) => OpenRunner };
}

/** What the journals of the cases hold, by case: the same whoever ran them. */
const journals = new Map<string, Map<string, readonly string[]>>();

export function flowContract(of: FlowCase): void {
  const scene = (t: TestContext, title: string): { town: FlowTown; start: (host?: string) => FlowProcess } => {
    const made = of.make(title);
    const town = new FlowTown();
    const all: FlowProcess[] = [];
    t.after(async () => {
      for (const one of all) await one.leave();
    });
    const start = (host = "here"): FlowProcess => {
      const one = startProcess({ store: made.store(), open: made.open(host), port: town, host });
      all.push(one);
      return one;
    };
    return { town, start };
  };
  const kept = (title: string, process: FlowProcess): void => {
    const seen = journals.get(title) ?? new Map<string, readonly string[]>();
    journals.set(title, seen.set(of.name, flowRecords(process)));
  };

  test(`TEST-10 DUR-63 DUR-64 [${of.name}] a flow looks, acts once and ends as one event`, async (t) => {
    const { town, start } = scene(t, "once");
    const p = start();
    assert.deepEqual(await askLeverage(p, 5), { result: "done", text: "" });
    assert.deepEqual(await askLeverage(p, 5), { result: "done", text: "leverage is 5" });
    town.fate = "refused";
    assert.deepEqual(await askLeverage(p, 7), { result: "refused", text: "no such leverage" });
    town.isAway = true;
    assert.match((await askLeverage(p, 8)).text, /^nothing was sent: the town is away/);
    assert.deepEqual(town.arrived, [5]);
    assert.deepEqual(openOf(p), []);
    kept("once", p);
  });

  test(`TEST-10 DUR-64 [${of.name}] an unknown outcome is found, or absent after its window`, async (t) => {
    const { town, start } = scene(t, "unknown");
    const p = start();
    town.fate = "unknown";
    const ended = askLeverage(p, 5);
    const before = await Promise.race([ended, wait(300, null)]);
    assert.equal(before, null, "not found is no proof before the window is over");
    assert.deepEqual(await ended, { result: "absent", text: "leverage is 1" });
    const late = askLeverage(p, 6);
    await town.asked.promise;
    town.leverage = 6;
    assert.deepEqual(await late, { result: "done", text: "leverage is 6" });
    assert.deepEqual(town.arrived, []);
    kept("unknown", p);
  });

  for (const fate of ["deaf", "lost"] as const) {
    test(`TEST-10 DUR-64 DUR-65 [${of.name}] ended while it sends (${fate}), the next process settles`, async (t) => {
      const { town, start } = scene(t, fate);
      const first = start();
      town.fate = fate;
      const asked = town.asked.promise;
      void askLeverage(first, 5);
      await asked;
      await first.leave();
      town.fate = "fine";
      const next = start();
      const [id = ""] = openOf(next);
      const end: FlowEnd = await next.flows.whenOver(id);
      assert.equal(end.result, fate === "deaf" ? "done" : "absent");
      assert.deepEqual(town.arrived, fate === "deaf" ? [5] : []);
      assert.deepEqual(await askLeverage(next, 5), { result: "done", text: fate === "deaf" ? "leverage is 5" : "" });
      assert.deepEqual(town.arrived, [5], "the decision was made anew, once");
      kept(fate, next);
    });
  }

  test(`TEST-10 DUR-64 [${of.name}] started twice it is one; a second of its kind is refused`, async (t) => {
    const { town, start } = scene(t, "twice");
    const p = start();
    town.fate = "unknown";
    const ended = askLeverage(p, 5);
    assert.equal(p.flows.ask({ flow: "leverage", bot: "", facts: { symbol: "ETH", leverage: 9 } }, ANN).ok, false);
    const [id = ""] = openOf(p);
    const effect = { kind: "flow", id, flow: "leverage", bot: "", facts: {}, ...ANN } as const;
    p.flows.begin(effect);
    await town.asked.promise;
    p.flows.begin(effect);
    town.leverage = 5;
    assert.equal((await ended).result, "done");
    kept("twice", p);
  });

  after(() => {
    for (const [title, seen] of journals) {
      const [one, ...others] = [...seen.values()];
      for (const other of others) assert.deepEqual(other, one, `the journals of "${title}" differ`);
    }
  });
}
