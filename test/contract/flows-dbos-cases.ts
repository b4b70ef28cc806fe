// What only a store of workflows can get wrong (DUR-64…66): kills at both of its crash points in real processes, its
// tables lost, another host, other code, attempts without end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import type { CrashPoint } from "../../src/base/crash-point.ts";
import { dbosRunner } from "../../src/host/flows/dbos-runner.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import type { PostgresServer } from "../postgres.ts";
import { askLeverage, type FlowProcess, flowRecords, openOf, startProcess } from "./flows-desk.ts";
import { FlowTown } from "./flows-town.ts";
import { BackDoor } from "./journal-postgres.ts";

const CHILD = join(import.meta.dirname, "flows-child.ts");

export function dbosCases(server: PostgresServer): void {
  kills(server);
  takeOvers(server);
}

/** One end of a flow, and what was so then. */
interface Told {
  readonly flow: string;
  readonly result: string;
  readonly bots: readonly string[];
  readonly acts: readonly string[];
  readonly arrived: readonly number[];
  /** Ends the journal has, over all flows. */
  readonly told: number;
}

function kills(server: PostgresServer): void {
  test("DUR-64 DUR-66 DUR-71 killed at both points of a flow, nothing is done twice or left half done", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "flows-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const run = async (point: CrashPoint | "never", ...asked: string[]): Promise<readonly Told[]> => {
      const args = [CHILD, server.url, "killed", "here", join(folder, "tape"), point, ...asked];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      let out = "";
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
      const [, signal] = (await once(child, "close")) as [number | null, string | null];
      assert.equal(signal, "SIGKILL");
      return out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Told]));
    };
    assert.deepEqual(await run("flow.after-start", "leverage"), []);
    const none = { bots: [], acts: [] };
    // nothing was sent, and nothing is sent blindly; decided anew, it is killed with its effect there
    assert.deepEqual(await run("flow.after-effect-before-result", "leverage"), [
      { flow: "leverage", result: "absent", ...none, arrived: [], told: 1 },
    ]);
    assert.deepEqual(await run("flow.after-start", "bot-add"), [
      { flow: "leverage", result: "done", ...none, arrived: [5], told: 2 },
    ]);
    assert.deepEqual(await run("flow.after-effect-before-result"), []);
    assert.deepEqual(await run("flow.after-effect-before-result", "bot-remove"), [
      { flow: "bot-add", result: "done", bots: ["a running"], acts: ["create", "start"], arrived: [5], told: 3 },
    ]);
    assert.deepEqual(await run("never"), [
      {
        flow: "bot-remove",
        result: "done",
        bots: [],
        acts: ["create", "start", "stop", "delete"],
        arrived: [5],
        told: 4,
      },
    ]);
  });
}

function takeOvers(server: PostgresServer): void {
  const scene = (t: TestContext, schema: string, schemaOf = `${schema}_flows`) => {
    const town = new FlowTown();
    const all: FlowProcess[] = [];
    const stores: PostgresStore[] = [];
    t.after(async () => {
      for (const one of all) await one.leave();
      for (const store of stores) await store.abandon();
    });
    const start = (executor: string, coreHash = "a"): FlowProcess => {
      const store = new PostgresStore({ url: server.url, schema });
      stores.push(store);
      const open = dbosRunner({ url: server.url, schema: schemaOf, executor, coreHash, onWarning: () => undefined });
      const one = startProcess({ store, open, port: town });
      all.push(one);
      return one;
    };
    /** A flow whose effect is there and whose process left before it heard. */
    const left = async (): Promise<string> => {
      const first = start("here");
      town.fate = "deaf";
      const asked = town.asked.promise;
      void askLeverage(first, 5);
      await asked;
      const [id = ""] = openOf(first);
      await first.leave();
      town.fate = "fine";
      return id;
    };
    return { town, start, left };
  };
  const ended = async (p: FlowProcess, id: string): Promise<string> => (await p.flows.whenOver(id)).result;
  const workflow = async (p: FlowProcess, id: string) => {
    const { journalId } = p.account.journal.meta;
    const status = await DBOS.retrieveWorkflow(`${journalId}/${id}`).getStatus();
    return { status: status?.status, executor: status?.executorId };
  };

  test("DUR-64 DUR-66 the host that has the bots resumes by id what another host left", async (t) => {
    const { town, start, left } = scene(t, "other_host");
    const id = await left();
    const there = start("there");
    assert.equal(await ended(there, id), "done");
    const { journalId } = there.account.journal.meta;
    await DBOS.retrieveWorkflow(`${journalId}/${id}`).getResult();
    assert.deepEqual(await workflow(there, id), { status: "SUCCESS", executor: "there" });
    assert.deepEqual(town.arrived, [5]);
  });

  test("DUR-64 DUR-65 what an earlier journal left under the same id neither acts for this nor ends it", async (t) => {
    const before = scene(t, "journal_before", "journals_flows");
    const id = await before.left();
    const anew = scene(t, "journal_anew", "journals_flows");
    anew.town.fate = "lost";
    anew.town.leverage = 5;
    const p = anew.start("here");
    const asked = anew.town.asked.promise;
    void askLeverage(p, 7);
    await asked;
    const { journalId } = p.account.journal.meta;
    const other = (await DBOS.listWorkflows({})).find(({ workflowID }) => !workflowID.startsWith(journalId));
    assert.equal(other?.workflowID.split("/")[1], id);
    await DBOS.retrieveWorkflow(other.workflowID).getResult();
    assert.deepEqual(openOf(p), [id], "the flow of the same id is open as it was");
    assert.deepEqual(flowRecords(p), ["flow-asked", "flow"]);
    assert.deepEqual(anew.town.arrived, []);
  });

  test("DUR-66 a workflow of other code is settled by looking, and closed", async (t) => {
    const { town, start, left } = scene(t, "other_code");
    const id = await left();
    const next = start("here", "b");
    assert.equal(await ended(next, id), "done");
    assert.equal((await workflow(next, id)).status, "CANCELLED");
    assert.deepEqual(town.arrived, [5]);
  });

  test("DUR-65 with its tables gone everything settles all the same, and the next flow runs", async (t) => {
    const { town, start, left } = scene(t, "lost_tables");
    const id = await left();
    // from beside: a door that is waited for would wait for a transaction of this very thread
    const drop = async (): Promise<void> => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      await client.query('DROP SCHEMA "lost_tables_flows" CASCADE');
      await client.end();
    };
    await drop();
    const next = start("here");
    assert.equal(await ended(next, id), "done");
    assert.equal((await askLeverage(next, 6)).result, "done");
    // and while one is under way
    town.fate = "unknown";
    const asked = town.asked.promise;
    const under = askLeverage(next, 7);
    await asked;
    await drop();
    town.leverage = 7;
    assert.equal((await under).result, "done");
    town.fate = "fine";
    assert.equal((await askLeverage(next, 8)).result, "done");
    assert.deepEqual(town.arrived, [5, 6, 8]);
  });

  test("DUR-66 a workflow past its attempts alerts, and is settled by looking", async (t) => {
    const { start, left } = scene(t, "attempts");
    const id = await left();
    const back = new BackDoor(server.url);
    t.after(() => back.close());
    back.run(["UPDATE attempts_flows.workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"]);
    const next = start("here");
    assert.equal(await ended(next, id), "done");
    assert.deepEqual(
      next.alerts.filter(({ code }) => code === "flow-stuck").map(({ facts }) => facts["id"]),
      [id],
    );
  });
}
