// Which bots and instruments a request means (API-06): filters checked, exchanges chosen, and refusals that name the
// choices.

import type { BotState } from "../../engine/state.ts";
import type { Instrument } from "../../market/instrument.ts";
import { absent, chosenExchange, optionalText, requiredText } from "../../rpc/fields.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { BookedBot, Books } from "../books/books.ts";
import type { BotBook } from "../books/bot-book.ts";

/** A bot with its books, once its instrument is known. */
export interface Selected {
  readonly bot: BookedBot;
  readonly book: BotBook;
  readonly instrument: Instrument;
  readonly state: BotState;
}

export interface Filter {
  readonly symbols?: readonly string[];
  readonly exchanges?: readonly string[];
  readonly botIds?: readonly string[];
}

const NAMES_MAX = 200;
const NAME_LENGTH_MAX = 64;

const EVERYBODY: ReadonlySet<string> = new Set();

/**
 * Every bot with an instrument, sorted by exchange, symbol, bot. Throws UNAVAILABLE while the journal of one of
 * `of` (all, when empty) is being read: a list that leaves a bot out would be a wrong answer.
 */
export function everyBot(books: Books, of: ReadonlySet<string> = EVERYBODY): readonly Selected[] {
  const reading = books.reading().filter((id) => of.size === 0 || of.has(id));
  if (reading.length > 0) {
    throw new RpcRefusal({
      status: "UNAVAILABLE",
      reason: "READING",
      message: `the journal of ${reading.join(", ")} is being read; try again in a moment`,
      outcome: "not_sent",
      retryAfterMs: 1_000,
    });
  }
  const found: Selected[] = [];
  for (const { bot, book } of books.all()) {
    const { instrument } = book;
    const { state } = bot;
    if (instrument !== null && state !== null) found.push({ bot, book, instrument, state });
  }
  const key = ({ bot, instrument }: Selected): string => `${instrument.exchange}\n${instrument.symbol}\n${bot.id}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Those a filter means; an empty list means all. Throws INVALID_ARGUMENT for names that can be none. */
export function selected(books: Books, filter: Filter): readonly Selected[] {
  const symbols = names("symbols", filter.symbols);
  const exchanges = names("exchanges", filter.exchanges);
  const bots = names("bot_ids", filter.botIds);
  const passes = (wanted: ReadonlySet<string>, name: string): boolean => wanted.size === 0 || wanted.has(name);
  return everyBot(books, bots).filter(
    ({ bot, instrument }) =>
      passes(symbols, instrument.symbol) && passes(exchanges, instrument.exchange) && passes(bots, bot.id),
  );
}

function names(field: string, given: readonly string[] = []): ReadonlySet<string> {
  if (given.length > NAMES_MAX) throw invalidField(field, `has ${given.length} entries, at most ${NAMES_MAX}`);
  for (const [i, name] of given.entries()) requiredText(`${field}[${i}]`, name, NAME_LENGTH_MAX);
  return new Set(given);
}

export const servedExchanges = (books: Books): readonly string[] => [
  ...new Set(everyBot(books).map(({ instrument }) => instrument.exchange)),
];

/** The bots of one instrument on one exchange; NOT_FOUND when no bot trades it. */
export function onInstrument(
  books: Books,
  given: { readonly exchange: string; readonly symbol: string; readonly botId: string },
): readonly Selected[] {
  const symbol = requiredText("symbol", given.symbol, NAME_LENGTH_MAX);
  const botId = optionalText("bot_id", given.botId, NAME_LENGTH_MAX);
  const exchange = chosenExchange(given.exchange, servedExchanges(books));
  const found = everyBot(books).filter(
    ({ bot, instrument }) =>
      instrument.exchange === exchange && instrument.symbol === symbol && (botId === "" || bot.id === botId),
  );
  if (found.length === 0) throw absent(`no bot ${botId === "" ? "" : `${botId} `}trades ${symbol} on ${exchange}`);
  return found;
}

/** The one bot that is meant; INVALID_ARGUMENT names the choices where there are several. */
export function oneOnInstrument(
  books: Books,
  given: { readonly exchange: string; readonly symbol: string; readonly botId: string },
): Selected {
  const found = onInstrument(books, given);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw invalidField("bot_id", `is missing and several trade it: ${found.map(({ bot }) => bot.id).join(", ")}`);
}
