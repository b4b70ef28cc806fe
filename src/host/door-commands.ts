// What may be said at the operator door (GRID-46, RISK-21, RISK-22): requests as people write them, decimals as text,
// read into commands in integers. Whatever is not exactly one of them is refused with one clear sentence.

import { z } from "zod";
import { fail, ok, type Result } from "../base/result.ts";
import { milliTicks } from "../market/amounts.ts";
import { type Instrument, parsePrice, parseQuantity } from "../market/instrument.ts";
import type { Command } from "../trading/command.ts";
import type { BotConfigData } from "../trading/event.ts";

const TEXT_MAX = 500;
const CONFIG_MAX = 200_000;

const who = { by: z.string().min(1).max(100), reason: z.string().min(1).max(TEXT_MAX) };
const decimal = z.string().max(60);
const leg = z.enum(["L", "S"]);
const config = z.string().max(CONFIG_MAX);

const COMMAND = z.discriminatedUnion("command", [
  z.strictObject({ command: z.literal("start"), ...who }),
  z.strictObject({
    command: z.literal("pause"),
    cancelEntries: z.boolean().default(false),
    leg: z.enum(["L", "S", "both"]).default("both"),
    ...who,
  }),
  z.strictObject({ command: z.literal("resume"), ...who }),
  z.strictObject({
    command: z.literal("stop"),
    cancelOnExit: z.enum(["all", "opening", "none"]).nullable().default(null),
    ...who,
  }),
  z.strictObject({ command: z.literal("flatten"), ...who }),
  z.strictObject({ command: z.literal("adopt"), quantity: decimal, average: decimal.nullable().default(null), ...who }),
  z.strictObject({ command: z.literal("writeOff"), quantity: decimal, leg, ...who }),
  z.strictObject({ command: z.literal("reanchor"), price: decimal, ...who }),
  z.strictObject({ command: z.literal("relattice"), config, ...who }),
  z.strictObject({ command: z.literal("update"), config, ...who }),
  z.strictObject({ command: z.literal("clearGate"), gate: z.string().min(1).max(100), ...who }),
  z.strictObject({ command: z.literal("kill"), flatten: z.boolean().default(false), ...who }),
  z.strictObject({ command: z.literal("killReset"), ...who }),
  z.strictObject({ command: z.literal("reconcileAccept"), ...who }),
]);
const QUERY = z.strictObject({ query: z.string().max(40) });

type CommandRequest = z.infer<typeof COMMAND>;

/** A request as the door understood it. */
export type Said =
  | { readonly kind: "query"; readonly query: string }
  | { readonly kind: "command"; readonly command: Command; readonly by: string; readonly reason: string };

/** What reading a request needs to know of the bot. */
export interface DoorContext {
  readonly instrument: Instrument | null;
  /** Reads and validates the text of a configuration file; the error is for the operator. */
  readonly readConfig: (text: string) => Result<BotConfigData, string>;
}

/** Reads one line. The error says what is wrong with it. */
export function readRequest(line: string, context: DoorContext): Result<Said, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fail("the request is not JSON");
  }
  if (typeof value === "object" && value !== null && "query" in value) {
    const query = QUERY.safeParse(value);
    return query.success ? ok({ kind: "query", query: query.data.query }) : fail(said(query.error));
  }
  const request = COMMAND.safeParse(value);
  if (!request.success) return fail(said(request.error));
  const command = commandOf(request.data, context);
  if (!command.ok) return command;
  return ok({ kind: "command", command: command.value, by: request.data.by, reason: request.data.reason });
}

function said(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return "the request is not understood";
  const where = first.path.join(".");
  return where === "" ? first.message : `${where}: ${first.message}`;
}

function commandOf(request: CommandRequest, context: DoorContext): Result<Command, string> {
  switch (request.command) {
    case "start":
    case "resume":
    case "flatten":
    case "killReset":
    case "reconcileAccept":
      return ok({ name: request.command });
    case "pause":
      return ok({ name: "pause", cancelEntries: request.cancelEntries, leg: request.leg });
    case "stop":
      return ok({ name: "stop", cancelOnExit: request.cancelOnExit });
    case "clearGate":
      return ok({ name: "clearGate", gate: request.gate });
    case "kill":
      return ok({ name: "kill", flatten: request.flatten });
    case "update":
    case "relattice": {
      const read = context.readConfig(request.config);
      return read.ok ? ok({ name: request.command, config: read.value }) : read;
    }
    case "adopt":
    case "writeOff":
    case "reanchor":
      return withInstrument(request, context.instrument);
  }
}

type Measured = Extract<CommandRequest, { command: "adopt" | "writeOff" | "reanchor" }>;

/** Quantities and prices mean something only on the instrument's grid. */
function withInstrument(request: Measured, instrument: Instrument | null): Result<Command, string> {
  if (instrument === null) return fail("the bot does not know its instrument yet; try again when it has started");
  if (request.command === "reanchor") {
    const price = parsePrice(instrument, request.price);
    return price.ok ? ok({ name: "reanchor", price: price.value }) : fail(`price: ${price.error}`);
  }
  const quantity = parseQuantity(instrument, request.quantity);
  if (!quantity.ok) return fail(`quantity: ${quantity.error}`);
  if (request.command === "writeOff") return ok({ name: "writeOff", lots: quantity.value, leg: request.leg });
  if (request.average === null) return ok({ name: "adopt", lots: quantity.value, average: null });
  const average = parsePrice(thousandthOf(instrument), request.average, "nearest");
  if (!average.ok) return fail(`average: ${average.error}`);
  return ok({ name: "adopt", lots: quantity.value, average: milliTicks(average.value) });
}

/** Averages are kept in thousandths of a tick. */
const thousandthOf = ({ tickSize }: Instrument): { readonly tickSize: string } => ({ tickSize: `${tickSize}e-3` });
