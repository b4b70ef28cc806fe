// The configuration `opensqt init` writes (OPS-07): a commented text for a strategy and an exchange, to be edited.
// Whatever it writes loads as it is; keys it does not name take their defaults.

export interface FirstConfig {
  readonly exchange: "simulated" | "emulator" | "binance" | "okx" | "bybit" | "gate" | "bitget";
  readonly symbol: string;
  /** What an editor reads: path or address of the schema. */
  readonly schema: string;
}

/** YAML for `opensqt up`. */
export function firstConfigText({ exchange, symbol, schema }: FirstConfig): string {
  return `# yaml-language-server: $schema=${schema}
# Written by opensqt init. Look first, then start:
#   opensqt preview         every order it would place now, what it needs, what it can lose
#   opensqt doctor          may it start?
#   opensqt up              trade${exchange === "simulated" || exchange === "emulator" ? " on paper" : "; real money only with --live"}
# docs/configuration.md lists every key with its range and default.

bot:
  id: ${idOf(symbol)}
  strategy: grid
  instrument: "${symbol}"
  # the most it may use, in the quote asset
  budget: "5000"
  # what a stop cancels: all, opening, none
  cancelOnExit: all
  grid:
    # long, short, neutral
    mode: ${symbol.includes(":") ? "neutral" : "long"}
    # a gap in ten thousandths of the price; it must earn more than its fees, preview says whether it does
    spacing: geometric
    spacingBps: "15"
    # value of one order, in the quote asset
    orderQuote: "130"
    entryLevels: 6
    exitLevels: 6
    heldSlotsMax: 30
  risk:
    # an order above this is never sent
    orderNotionalMax: "200"
    positionNotionalMax: "5000"

${exchangeText(exchange, symbol)}
store:
  sqlite: ./data
`;
}

function exchangeText(exchange: FirstConfig["exchange"], symbol: string): string {
  if (exchange === "simulated") {
    return `# where orders go: the simulated exchange, with paper money
exchange: simulated
simulated:
  market: synthetic
  balance: "10000"${symbol.includes(":") ? "" : '\n  baseBalance: "1"'}
  seed: 1
`;
  }
  if (exchange === "emulator") {
    return `# where orders go: through ccxt and a real wire to a local exchange that speaks Binance, with paper money
exchange: emulator
simulated:
  balance: "10000"
  seed: 1
`;
  }
  const phrase = exchange === "okx" || exchange === "bitget" ? ", passphrase: { env: EXCHANGE_PASSPHRASE }" : "";
  return `# where orders go; environment: live is real money and wants opensqt up --live
exchange: ${exchange}
environment: testnet
connector:
  # what the account must be set to; another setting refuses the start and says what to change
  account: ${symbol.includes(":") ? "{ leverage: 3, marginMode: cross, exclusive: false }" : "{ exclusive: false }"}
  # keys that may trade and not withdraw, bound to this machine's address; never in this file
  credentials: { apiKey: { env: EXCHANGE_KEY }, secret: { env: EXCHANGE_SECRET }${phrase} }
`;
}

const idOf = (symbol: string): string => `${(symbol.split("/")[0] ?? "my").toLowerCase()}-grid`;
