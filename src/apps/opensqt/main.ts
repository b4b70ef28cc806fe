// The command line: which commands there are. Each command's file is loaded only when it is called.

import { Command, CommanderError } from "commander";
import { EXIT_CODES, EXIT_MEANINGS, exitCodeOf } from "./exit-codes.ts";

const program = new Command("opensqt")
  .description("The market maker you can kill at any instant.")
  .version(process.env["npm_package_version"] ?? "0.1.0")
  .showHelpAfterError("(opensqt COMMAND --help shows examples)")
  .exitOverride()
  .addHelpText(
    "after",
    `\nExit codes:\n${EXIT_MEANINGS.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`).join("\n")}`,
  );

for (const load of [
  () => import("./commands/up.ts"),
  () => import("./commands/bot.ts"),
  () => import("./commands/preview.ts"),
  () => import("./commands/backtest.ts"),
  () => import("./commands/data.ts"),
  () => import("./commands/journal.ts"),
  () => import("./commands/config.ts"),
]) {
  const { register } = await load();
  register(program);
}

/** What went wrong, in one message; a fault of ours keeps its stack for the report. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  const code = exitCodeOf(error);
  const text =
    error instanceof Error
      ? code === EXIT_CODES.unexpected
        ? (error.stack ?? error.message)
        : error.message
      : String(error);
  process.stderr.write(`opensqt: ${text}\n`);
  return code;
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}
