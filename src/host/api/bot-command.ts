// A strategy's own command as it comes over the wire: a name and texts, read into integers of the bot's instrument.
// Whatever is not exactly one of them is refused, naming the argument.

import { type Lots, type MilliTicks, milliTicks } from "../../market/amounts.ts";
import { type Instrument, parsePrice, parseQuantity } from "../../market/instrument.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Command } from "../../trading/command.ts";

type Args = Readonly<Record<string, string>>;

/** `relattice` with a configuration is an update of the bot, since the registry keeps its text. */
export type AskedCommand =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "update"; readonly config: string }
  | { readonly kind: "relattice" };

interface Reader {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly read: (args: Args, instrument: Instrument) => AskedCommand;
}

const command = (told: Command): AskedCommand => ({ kind: "command", command: told });
const given = (args: Args, name: string): string => args[name] ?? "";

const COMMANDS: Readonly<Record<string, Reader>> = {
  adopt: {
    required: ["quantity"],
    optional: ["average"],
    read: (args, instrument) => {
      const average = args["average"] === undefined ? null : averageOf(args["average"], instrument);
      return command({ name: "adopt", lots: lotsOf(given(args, "quantity"), instrument), average });
    },
  },
  writeOff: {
    required: ["quantity", "leg"],
    optional: [],
    read: (args, instrument) => {
      const lots = lotsOf(given(args, "quantity"), instrument);
      return command({ name: "writeOff", lots, leg: legOf(given(args, "leg")) });
    },
  },
  reanchor: {
    required: ["price"],
    optional: [],
    read: (args, instrument) => {
      const price = parsePrice(instrument, given(args, "price"));
      if (!price.ok) throw invalidField("args.price", price.error);
      if (price.value < 1) throw invalidField("args.price", "must be above 0");
      return command({ name: "reanchor", price: price.value });
    },
  },
  relattice: {
    required: [],
    optional: ["config"],
    read: (args) => {
      const { config } = { config: args["config"] };
      return config === undefined ? { kind: "relattice" } : { kind: "update", config };
    },
  },
  clearGate: {
    required: ["gate"],
    optional: [],
    read: (args) => {
      const gate = given(args, "gate");
      if (!/^[a-z][a-zA-Z-]{0,39}$/.test(gate)) throw invalidField("args.gate", "must be the name of a gate, as fence");
      return command({ name: "clearGate", gate });
    },
  },
};

/** Both spellings are accepted: `writeOff` and `write_off`. */
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Reads a command. Throws INVALID_ARGUMENT naming what is wrong. */
export function readCommand(name: string, args: Args, instrument: Instrument): AskedCommand {
  const known = camel(name);
  const reader = Object.hasOwn(COMMANDS, known) ? COMMANDS[known] : undefined;
  if (reader === undefined) {
    const names = Object.keys(COMMANDS).join(", ");
    throw invalidField("name", `"${name.slice(0, 40)}" is no command of this strategy; there are ${names}`);
  }
  for (const arg of reader.required) {
    if ((args[arg] ?? "") === "") throw invalidField(`args.${arg}`, "is missing");
  }
  const allowed = [...reader.required, ...reader.optional];
  for (const arg of Object.keys(args)) {
    if (allowed.includes(arg)) continue;
    throw invalidField("args", `${known} takes ${allowed.join(", ") || "nothing"}, not ${arg.slice(0, 40)}`);
  }
  return reader.read(args, instrument);
}

function lotsOf(text: string, instrument: Instrument): Lots {
  const quantity = parseQuantity(instrument, text);
  if (!quantity.ok) throw invalidField("args.quantity", quantity.error);
  if (quantity.value === 0) throw invalidField("args.quantity", "must not be 0");
  return quantity.value;
}

/** Averages are kept in thousandths of a tick. */
function averageOf(text: string, { tickSize }: Instrument): MilliTicks {
  const average = parsePrice({ tickSize: `${tickSize}e-3` }, text, "nearest");
  if (!average.ok) throw invalidField("args.average", average.error);
  if (average.value < 1) throw invalidField("args.average", "must be above 0");
  return milliTicks(average.value);
}

function legOf(text: string): "L" | "S" {
  if (text === "L" || text === "S") return text;
  throw invalidField("args.leg", "must be L or S");
}
