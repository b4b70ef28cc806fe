// Runs flows as workflows of DBOS, where journals are in Postgres (DUR-64…66): each is stored before its first step,
// each step's result after it, so that whichever host has the bots goes on. It decides nothing: the journal says what
// is open.

import { DBOS, type WorkflowStatus } from "@dbos-inc/dbos-sdk";
import { type Flow, type FlowEnd, type FlowRunner, type OpenRunner, PERHAPS_SENT, type RunnerParts } from "./flow.ts";

/** Starts of one workflow by one host before a person has to look. */
const RECOVERY_ATTEMPTS_MAX = 10;
const CONNECTIONS = 4;
const IDLE_MS = 60_000;
const NAME = "opensqt";
const UNDER_WAY: ReadonlySet<string> = new Set(["PENDING", "ENQUEUED", "DELAYED"]);
const STUCK = "MAX_RECOVERY_ATTEMPTS_EXCEEDED";

export interface DbosOptions {
  /** postgresql://…: the database of the journals. */
  readonly url: string;
  /** Postgres schema of DBOS's own tables: what is in it may be lost. */
  readonly schema: string;
  /** The same for every process of a host, and another on each host (DUR-66). */
  readonly executor: string;
  /** The code that decides: workflows of other code are settled by looking, and closed. */
  readonly coreHash: string;
  readonly recoveryAttemptsMax?: number;
  readonly onWarning: (text: string) => void;
}

class DbosRunner implements FlowRunner {
  readonly name = "dbos";
  private readonly options: DbosOptions;
  private readonly parts: RunnerParts;
  private readonly running = new Set<string>();
  /** Seen under way and not running here. */
  private readonly idle = new Set<string>();
  private workflow: ((flow: Flow) => Promise<FlowEnd>) | null = null;
  private closed = false;

  constructor(options: DbosOptions, parts: RunnerParts) {
    this.options = options;
    this.parts = parts;
  }

  async start(flow: Flow): Promise<void> {
    if (this.closed || this.running.has(flow.id)) return;
    try {
      await this.taken(flow);
    } catch {
      // its tables may be gone: they are made anew, and whatever was in them is settled by looking
      await this.end();
      if (!this.closed) await this.taken(flow);
    }
  }

  async takeOver(open: readonly Flow[]): Promise<void> {
    await this.launch();
    const prefix = `${this.parts.journalId}/`;
    const known = new Set(open.map((flow) => this.nameOf(flow)));
    const status = [...UNDER_WAY, STUCK] as ("PENDING" | "ENQUEUED" | "DELAYED")[];
    const left = await DBOS.listWorkflows({ workflow_id_prefix: prefix, status, loadInput: false, loadOutput: false });
    const over = left.map(({ workflowID }) => workflowID).filter((id) => !known.has(id));
    if (over.length > 0) await DBOS.cancelWorkflows(over);
    for (const flow of open) await this.start(flow);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.end();
  }

  private async taken(flow: Flow): Promise<void> {
    const workflow = this.workflow ?? (await this.launch());
    const id = this.nameOf(flow);
    const status = await DBOS.retrieveWorkflow(id).getStatus();
    if (this.closed || this.running.has(flow.id)) return;
    if (status === null) await DBOS.startWorkflow(workflow, { workflowID: id })(flow);
    else await this.goOn(flow, status);
  }

  /** One that is known: another host's is taken over; one of other code, or at its end, is settled here and closed. */
  private async goOn(
    flow: Flow,
    { workflowID, status, applicationVersion, executorId }: WorkflowStatus,
  ): Promise<void> {
    const isOurCode = applicationVersion === this.options.coreHash;
    if (UNDER_WAY.has(status)) {
      if (!isOurCode) await DBOS.cancelWorkflow(workflowID);
      else if (status === "PENDING" && (executorId !== this.options.executor || this.idle.has(flow.id))) {
        this.idle.delete(flow.id);
        await DBOS.resumeWorkflow(workflowID);
      } else this.idle.add(flow.id); // about to run here, which counts as a try; at the next look it is resumed
      if (isOurCode) return;
    }
    if (status === STUCK) this.parts.onStuck(flow, `it was begun ${this.attemptsMax} times and never came to an end`);
    this.running.add(flow.id);
    void this.parts.steps.settle(flow, PERHAPS_SENT).finally(() => this.running.delete(flow.id));
  }

  /** Goes on with what this host left at once: DBOS does that by itself. */
  private async launch(): Promise<(flow: Flow) => Promise<FlowEnd>> {
    const { url, schema, executor, coreHash, onWarning } = this.options;
    const told = (entry: unknown): void => onWarning(String(entry));
    const quiet = (): void => undefined;
    const workflow = DBOS.registerWorkflow((flow: Flow) => this.run(flow), {
      name: "flow",
      maxRecoveryAttempts: this.attemptsMax,
    });
    DBOS.setConfig({
      name: NAME,
      systemDatabaseUrl: sessionsOf(url),
      systemDatabaseSchemaName: schema,
      systemDatabasePoolSize: CONNECTIONS,
      systemDatabaseIdleTransactionTimeoutMs: 0, // the address says it
      executorID: executor,
      applicationVersion: coreHash,
      logger: { info: quiet, debug: quiet, warn: told, error: told },
    });
    this.workflow = workflow;
    try {
      await DBOS.launch();
    } catch (error) {
      await this.end();
      throw error;
    }
    return workflow;
  }

  /** Of this journal only: one begun anew finds in these tables what its forerunner left, under the same ids. */
  private async run(flow: Flow): Promise<FlowEnd> {
    const { steps } = this.parts;
    if (DBOS.workflowID !== this.nameOf(flow)) {
      this.options.onWarning(
        `${DBOS.workflowID} is a flow of another journal: it is closed, and nothing is done for it`,
      );
      return PERHAPS_SENT;
    }
    this.running.add(flow.id);
    this.idle.delete(flow.id);
    try {
      steps.begun(flow);
      const sent = await DBOS.runStep(() => steps.send(flow), { name: "send", retriesAllowed: false });
      return await DBOS.runStep(() => steps.settle(flow, sent), { name: "settle", retriesAllowed: false });
    } finally {
      this.running.delete(flow.id);
    }
  }

  private async end(): Promise<void> {
    this.workflow = null;
    this.running.clear();
    await DBOS.shutdown({ deregister: true });
  }

  private get attemptsMax(): number {
    return this.options.recoveryAttemptsMax ?? RECOVERY_ATTEMPTS_MAX;
  }

  private nameOf({ id }: Flow): string {
    return `${this.parts.journalId}/${id}`;
  }
}

/**
 * A session that dies inside a transaction frees what it locked: said at its begin, a pool would say it too late. User
 * and password stand where DBOS hides them when it speaks of the address; a socket's address gets a host, which its
 * parameter `host` goes before.
 */
export function sessionsOf(address: string): string {
  const url = URL.parse(address) ?? new URL(address.replace("@/", "@localhost/"));
  if (url.hostname === "") url.hostname = "localhost";
  const { searchParams } = url;
  url.username = encodeURIComponent(searchParams.get("user") ?? decodeURIComponent(url.username));
  url.password = encodeURIComponent(searchParams.get("password") ?? decodeURIComponent(url.password));
  for (const said of ["user", "password"]) searchParams.delete(said);
  const before = searchParams.get("options") ?? "";
  searchParams.set("options", `${before} -c idle_in_transaction_session_timeout=${IDLE_MS}`.trim());
  return url.href;
}

/** One in a process: DBOS knows no second. */
export const dbosRunner =
  (options: DbosOptions): OpenRunner =>
  (parts) =>
    new DbosRunner(options, parts);
