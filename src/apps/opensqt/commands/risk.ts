// `opensqt kill | breaker | reconcile`: what stops trading and what lets it go on, over gRPC (RISK-22, RISK-23). Each
// change takes a reason and is journaled with it.

import { setTimeout as wait } from "node:timers/promises";
import { type Command, Option } from "commander";
import { Scope } from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { type Engine, type EngineFlags, engineOptions, withEngine } from "../engine/connect.ts";
import { type Plain, plainBreaker, plainKill } from "../engine/plain.ts";
import { killText } from "../engine/sentences.ts";
import { BREAKER_COLUMNS, tableText } from "../engine/words.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { killDirect } from "../kill-direct.ts";
import { CommandError, print, printJson, usageError } from "../output.ts";

interface RiskFlags extends EngineFlags {
  readonly bot?: string;
  readonly symbol?: string;
  readonly account?: true;
  readonly reason: string;
  readonly flatten?: true;
  readonly direct?: true;
  readonly connector?: string;
  readonly force?: true;
  readonly action: string;
  readonly id: string;
  readonly yes?: true;
}

const RECONCILE_MS_MAX = 15_000;

export function register(program: Command): void {
  registerKill(program);
  registerBreaker(program);
  registerReconcile(program);
}

function registerKill(program: Command): void {
  const kill = signed(program.command("kill"))
    .description("cancel every order, prove that none is left, place none until reset")
    .option("--bot <name>", "this bot alone; everything unless given")
    .option("--flatten", "close positions too; with --direct all of the instrument's, whoever opened it")
    .option("--direct", "through the connector alone, when no engine answers; nothing is latched")
    .option("--connector <host:port>", "with --direct: a connector elsewhere, with its --key-file")
    .addHelpText(
      "after",
      [
        "\nExamples:",
        '  opensqt kill --reason "news"',
        '  opensqt kill --bot btc-grid --flatten --reason "news"',
        '  opensqt kill --direct --flatten --reason "engine down"',
      ].join("\n"),
    )
    .action(async (flags: RiskFlags) => {
      assertReason(flags);
      if (flags.direct === true) {
        await killDirect(flags);
        return;
      }
      await withEngine(flags, (engine) => killNow(engine, flags)).catch((error: unknown) => {
        throw orDirectly(error);
      });
    });
  signed(kill.command("reset"))
    .description("lift a kill, of everything or of one bot; each goes on as it was wanted unless it is paused")
    .option("--bot <name>", "of this bot alone")
    .addHelpText("after", '\nExample:\n  opensqt kill reset --reason "over"')
    .action(async (_own: unknown, command: Command) => {
      const flags = flagsOf(command);
      assertReason(flags);
      sayReset(
        await withEngine(flags, ({ risk }) => risk.resetKillSwitch({ ...scopeOf(flags), reason: flags.reason })),
        flags,
      );
    });
  engineOptions(kill.command("status"))
    .description("whether a kill is in force, and what it found")
    .addHelpText("after", "\nExample:\n  opensqt kill status")
    .action(async (_own: unknown, command: Command) => {
      const flags = flagsOf(command);
      const { report, active } = await withEngine(flags, ({ risk }) => risk.getKillStatus({}));
      if (flags.json === true) printJson({ active, ...plainKill(report) });
      else if (!active) print("no kill is in force");
      else print(`a kill is in force: ${report === undefined ? "no bot has told of it" : killText(plainKill(report))}`);
    });
}

/** Who wants to kill and finds no engine hears of the way that needs none. */
function orDirectly(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.exitCode !== EXIT_CODES.unreachable) return error;
  const hint =
    'Without the engine: opensqt kill --direct --reason "…" cancels every order through the connector alone.';
  return new CommandError(error.exitCode, error.message, [error.hint, hint].filter((each) => each !== "").join("\n"));
}

/** Prints each step; own orders that could not be proved gone end with 12. */
async function killNow({ risk }: Engine, flags: RiskFlags): Promise<void> {
  let last: Plain = plainKill(undefined);
  const request = { ...scopeOf(flags), flatten: flags.flatten === true, reason: flags.reason };
  for await (const { report } of risk.triggerKillSwitch(request)) {
    last = plainKill(report);
    if (flags.json !== true) print(killText(last));
  }
  if (flags.json === true) printJson(last, last["proven"] === true);
  if (last["proven"] !== true) process.exitCode = EXIT_CODES.ordersRemain;
}

type Reset = Awaited<ReturnType<Engine["risk"]["resetKillSwitch"]>>;

/** What is over, and how far it had come; journaled nowhere, where there was none. */
function sayReset({ report, sequences }: Reset, { json }: EngineFlags): void {
  if (json === true) printJson(plainKill(report), true);
  else if (report !== undefined) print(`the kill is lifted; it was at ${killText(plainKill(report)).split("\n")[0]}`);
  else print(Object.keys(sequences).length === 0 ? "no kill was in force" : "the kill is lifted");
}

function registerBreaker(program: Command): void {
  const breaker = program.command("breaker").description("circuit breakers: see, open, close");
  engineOptions(breaker.command("list"))
    .description("every breaker with its reason, and when its cool-down or probation may end")
    .option("--bot <name>", "of this bot alone")
    .addHelpText("after", "\nExample:\n  opensqt breaker list")
    .action(async (flags: RiskFlags) => {
      const { breakers } = await withEngine(flags, ({ risk }) =>
        risk.getCircuitBreakerStatus(flags.bot === undefined ? {} : { scope: Scope.BOT, id: flags.bot }),
      );
      const data = breakers.map(plainBreaker);
      if (flags.json === true) printJson({ breakers: data });
      else print(tableText(data, BREAKER_COLUMNS, "no breaker"));
    });
  signed(breaker.command("open"))
    .description("open a breaker by hand")
    .option("--bot <name>", "of this bot alone; everything unless given")
    .addOption(
      new Option(
        "--action <what>",
        "pause opens nothing, reduce also cancels entries, halt stops the bot, flatten closes",
      )
        .choices(["pause", "reduce", "halt", "flatten"])
        .default("reduce"),
    )
    .addHelpText("after", '\nExample:\n  opensqt breaker open --bot btc-grid --reason "exchange incident"')
    .action(async (flags: RiskFlags) => {
      assertReason(flags);
      const { action, reason } = flags;
      await sayBreaker(flags, ({ risk }) => risk.openCircuitBreaker({ ...scopeOf(flags), action, reason }));
    });
  signed(breaker.command("close <name>"))
    .description("close a breaker whose cause is gone, or end its probation")
    .option("--bot <name>", "of this bot")
    .option("--force", "though its cause still holds")
    .addHelpText("after", '\nExample:\n  opensqt breaker close manual --reason "over"')
    .action(async (name: string, flags: RiskFlags) => {
      assertReason(flags);
      const { reason, force, bot = "" } = flags;
      await sayBreaker(flags, ({ risk }) => risk.closeCircuitBreaker({ name, id: bot, force: force === true, reason }));
    });
}

type BreakerCall = (engine: Engine) => Promise<{ readonly breaker?: Parameters<typeof plainBreaker>[0] | undefined }>;

async function sayBreaker(flags: EngineFlags, call: BreakerCall): Promise<void> {
  const { breaker } = await withEngine(flags, call);
  const data = breaker === undefined ? {} : plainBreaker(breaker);
  if (flags.json === true) printJson(data);
  else print(`breaker ${breaker?.name ?? "?"} is ${breaker?.open === true ? "open" : "closed"}`);
}

function registerReconcile(program: Command): void {
  const reconcile = signed(program.command("reconcile"))
    .description("compare journal and exchange now: positions and orders")
    .option("--symbol <symbol>", "this instrument alone")
    .addHelpText("after", '\nExample:\n  opensqt reconcile --reason "after an incident"')
    .action(async (flags: RiskFlags) => {
      assertReason(flags);
      const { symbol = "", reason } = flags;
      const told = await withEngine(flags, async ({ risk }) => {
        const { reconciliationId } = await risk.triggerReconciliation({ symbol, reason });
        return untilDone(risk, reconciliationId);
      });
      sayReconciliation(told, flags);
    });
  signed(reconcile.command("accept"))
    .description("take the exchange's position as true, where the journal cannot explain it")
    .option("--id <id>", "of the reconciliation; latest is what each bot found last", "latest")
    .addHelpText("after", '\nExample:\n  opensqt reconcile accept --reason "sold by hand"')
    .action(async (_own: unknown, command: Command) => {
      const flags = flagsOf(command);
      assertReason(flags);
      const { id: reconciliationId, reason } = flags;
      sayReconciliation(
        await withEngine(flags, ({ risk }) => risk.acceptReconciliation({ reconciliationId, reason })),
        flags,
      );
    });
}

interface Reconciliation {
  readonly reconciliationId: string;
  readonly status: string;
  readonly results: readonly {
    readonly symbol: string;
    readonly match: boolean;
    readonly local?: { readonly value: string } | undefined;
    readonly exchange?: { readonly value: string } | undefined;
    readonly action: string;
  }[];
}

function sayReconciliation({ reconciliationId, status, results }: Reconciliation, { json }: EngineFlags): void {
  const rows = results.map(({ symbol, match, local, exchange, action }) => {
    return { symbol, match, journal: local?.value ?? null, exchange: exchange?.value ?? null, action };
  });
  if (json === true) {
    printJson({ id: reconciliationId, status, results: rows });
    return;
  }
  const right = { right: true } as const;
  const columns = [
    { name: "symbol" },
    { name: "match" },
    { name: "journal", ...right },
    { name: "exchange", ...right },
    { name: "action" },
  ];
  print(`${reconciliationId}: ${status}\n${tableText(rows, columns, "nothing compared yet")}`);
}

/** A bot, or everything. */
function scopeOf({ bot }: RiskFlags): { readonly scope: Scope; readonly id: string } {
  return bot === undefined ? { scope: Scope.ALL, id: "" } : { scope: Scope.BOT, id: bot };
}

/** A command with subcommands takes options for itself wherever they stand: what was typed counts, whoever took it. */
function flagsOf(command: Command): RiskFlags {
  const { parent } = command;
  const typed = Object.entries(parent?.opts() ?? {}).filter(([name]) => parent?.getOptionValueSource(name) === "cli");
  return { ...command.opts<RiskFlags>(), ...Object.fromEntries(typed) };
}

/** Not `requiredOption`: a subcommand would be asked for its parent's. */
function signed(command: Command): Command {
  return engineOptions(command).option("--reason <text>", "why; it is journaled");
}

function assertReason({ reason }: { readonly reason: string | undefined }): void {
  if (reason === undefined) throw usageError("--reason is missing: say why; it is journaled");
}

/** The newest word of a reconciliation: its end, or where it stands when that takes long. */
async function untilDone(risk: Engine["risk"], reconciliationId: string): Promise<Reconciliation> {
  const untilMs = performance.now() + RECONCILE_MS_MAX;
  let told = await risk.getReconciliationStatus({ reconciliationId });
  while (told.completedMs === 0 && performance.now() < untilMs) {
    await wait(200);
    told = await risk.getReconciliationStatus({ reconciliationId });
  }
  return told;
}
