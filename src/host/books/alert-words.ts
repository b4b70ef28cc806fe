// What alerts are called, what was done about them already, and what a person should do: by their code (RISK-40,
// RISK-42). A code that is not here is shown by its own name.

export interface AlertWords {
  readonly title: string;
  readonly done: string;
  readonly todo: string;
}

const NOTHING = "Nothing to do.";

const WORDS: Readonly<Record<string, readonly [title: string, done: string, todo: string]>> = {
  kill: ["Kill switch pulled", "Opening is latched off; own orders are being cancelled.", "Wait for the proof."],
  "kill-proved": ["Kill proved", "No own order is on the exchange.", "Reset the kill switch when trading may go on."],
  "kill-failed": [
    "Kill not proved",
    "Cancels are sent again.",
    "Look at the exchange now and cancel what is left there.",
  ],
  "breaker-opened": ["Breaker opened", "Opening is blocked as its action says.", "Find the cause, then close it."],
  "breaker-closed": ["Breaker closed", "Trading goes on.", NOTHING],
  "account-share": [
    "Processes share more than the account",
    "No bot of this process opens anything; what rests stays. It goes on by itself when the sum is right.",
    "Give each process its part: risk.accountShareBps, at most 10,000 together; restart the one you changed.",
  ],
  "breaker-refused": ["Breaker stays as it is", "", "See the reason; force it only when you know why."],
  divergence: [
    "Position differs from the exchange",
    "Opening is blocked.",
    "Check the fills, then accept the reconciliation.",
  ],
  adjusted: [
    "Position corrected",
    "The ledger was adjusted to the exchange's position.",
    "Check where the difference came from.",
  ],
  "reconcile-accepted": ["Reconciliation accepted", "The exchange's position was taken.", NOTHING],
  "foreign-orders": ["Orders of others", "They are left alone.", "Cancel them yourself if they should not be there."],
  orphan: ["Unknown order with our tag", "It is being cancelled.", "Check that no second copy of this bot runs."],
  "late-order": ["Order came back", "It is being cancelled.", NOTHING],
  "unknown-order": [
    "Order outcome unknown",
    "Its slot is blocked while it is looked up.",
    "Wait; look at the exchange if it stays.",
  ],
  "over-filled": ["More executed than ordered", "Everything is booked.", "Tell the exchange."],
  liquidation: ["Liquidation: near, or done", "", "Look at position and margin before anything opens again."],
  flat: ["Position closed", "The closer is done.", NOTHING],
  stopping: ["Stopping", "Orders are handled by cancelOnExit.", NOTHING],
  "orders-remain": ["Own orders remain on the exchange", "", "Cancel them on the exchange, or start the bot again."],
  "bot-crashed": ["Bot stopped by an error", "Its orders are being cancelled.", "Read the text; the journal is kept."],
  "journal-slow": ["Journal is slow", "", "Give the data folder a faster disk."],
  "journal-not-compacted": ["Old records were not archived", "The bot trades on.", "Run opensqt journal verify."],
  "disk-low": ["Disk is nearly full", "Opening pauses below 256 MiB.", "Free space on the journal's disk."],
  "host-disk": ["Disk is full", "Opening is paused.", "Free space on the journal's disk."],
  "host-overload": ["Too many events wait", "Opening is paused until it is half.", "Check the machine's load."],
  "account-refused": ["The account refused a command", "Nothing was changed.", "See the reason."],
  "flow-done": ["Done, over several steps", "The journal of the account has its end.", NOTHING],
  "flow-refused": ["Not done", "Nothing was changed.", "See the reason; ask again when it is gone."],
  "flow-absent": [
    "It did not happen",
    "It was looked for until nothing could arrive any more.",
    "Ask again if you still want it.",
  ],
  "flow-unknown": ["Nobody can tell how it ended", "It is not tried again.", "Look at the exchange, and at the books."],
  "flow-stuck": [
    "A workflow was begun too often",
    "It is settled by looking, and not tried again.",
    "Read the log for why the process ended each time.",
  ],
  "kill-reset": ["Kill switch of the account reset", "Each bot goes on as it was wanted.", NOTHING],
  "breaker-closed-by": ["Breaker closed by hand", "Trading goes on.", NOTHING],
  "budget-drift": [
    "Budgets differ from the exchange",
    "Nothing was corrected.",
    "Compare the postings with the exchange's history: a deposit, a fee or a lost fill.",
  ],
  "budget-drift-over": ["Budgets and exchange agree", "", NOTHING],
  "account-failed": [
    "The account machine stopped",
    "Bots keep the limits they were given; nothing is granted until it is back.",
    "Read the text; start the market-maker again.",
  ],
  "breaker-probation": ["Breaker on probation", "Limits are halved until it has proved itself.", NOTHING],
  "dead-man-fired": [
    "The exchange's dead-man timer fired",
    "Its cancels are booked; nothing is placed again.",
    "Find out why the heartbeat stopped, then close the breaker.",
  ],
  "limit-refused": [
    "A limit refused an order",
    "The order was not sent; more of the same are counted, and told once an hour.",
    "Check the limit, or what the strategy is to place.",
  ],
  "funding-missed": [
    "Funding was not booked",
    "It is asked for each minute, and booked when the exchange tells it.",
    "Compare the exchange's history of funding with the ledger.",
  ],
  "funding-asset": [
    "Funding was paid in another asset",
    "It is in the ledger as that asset; no profit and no budget counts it.",
    "Let the exchange settle in the quote asset, or value it by hand.",
  ],
  margin: ["Margin is low", "", "Add margin, or flatten the bot."],
  "monitor-triggered": ["Abnormal market", "Opening is blocked on the sides the strategy names.", NOTHING],
  "monitor-recovered": ["Market is normal again", "Trading goes on.", NOTHING],
  "monitor-blind": [
    "Risk monitor is blind",
    "Opening is paused, unless onBlind allows it.",
    "Check the candle feeds of the monitored instruments.",
  ],
  "monitor-sighted": ["Risk monitor sees again", "", NOTHING],
  "replay-differs": [
    "Replay differs",
    "The bot did not start; nothing was sent.",
    "Run the release that wrote the journal once and stop it cleanly, then start this one.",
  ],
  "journal-corrupt": [
    "Journal is damaged",
    "The journal was not touched; a bot that was to start did not.",
    "opensqt journal verify, then restore, salvage or adopt.",
  ],
  "journal-not-verified": [
    "A journal was not looked at tonight",
    "The bots trade on.",
    "Read the text; opensqt journal verify looks now.",
  ],
  "journal-behind": [
    "Journal lacks its end",
    "The bot did not start; nothing was sent.",
    "Put the newest files back, or restore, salvage or adopt.",
  ],
  "journal-too-new": ["Journal is of a newer release", "The bot did not start.", "Run the release that wrote it."],
  "journal-cannot-write": [
    "Journal cannot be written",
    "Own orders are being cancelled; nothing unrecorded was sent.",
    "Free space or mend the disk, then start the bot again.",
  ],
  "fd-high": [
    "Many files are open",
    "",
    "Find what leaks: /status and the log of the process; restart at a quiet moment.",
  ],
  "memory-growth": ["Memory grows", "", "Restart at a quiet moment; nothing is lost by it."],
  "loop-lag": ["The loop lags", "", "Fewer bots on this core, or look for a long step."],
  "step-slow": ["Steps are slow", "", "Check the machine's load, and the strategy's settings."],
  "journal-grows": ["Journal grows fast", "", "Check why so many events come."],
  "host-slow-steps": [
    "Steps are too slow",
    "Opening is paused until they are fast again.",
    "Check the machine's load.",
  ],
  "host-journal-growth": ["Journal grows too fast", "Opening is paused until it slows down.", "Check the events."],
  "host-clock": ["Clock cannot be trusted", "Opening is paused.", "Check the clock of the machine."],
  "start-refused": [
    "Start refused by the safety check",
    "Nothing was placed.",
    "Mend what the text says and start again.",
  ],
  "start-warning": ["Warning at start", "", "Read the text."],
  "bot-quarantined": [
    "Bot is put aside",
    "Its orders are being cancelled; the others trade on.",
    "See its position and flatten it if you must; mend the bot, then start it again.",
  ],
  "bot-ended": ["Bot ended", "Its journal is kept.", "Read the text, mend what it says and start the bot again."],
  "clock-back": [
    "The clock went back",
    "Engine time goes at half its pace until it has caught up.",
    "Check the machine's clock.",
  ],
  "clock-jumped": ["The clock jumped", "The exchange is read again before new risk.", "Check the machine's clock."],
  "connector-lost": ["Connector is not reachable", "Opening is blocked.", "Check the connector process."],
  "disk-full": ["Disk cannot be written", "The simulated exchange stops.", "Free space and start again."],
  "exchange-lost": ["Exchange is not reachable", "Opening is blocked.", "Check the connection."],
  "exchange-back": ["Exchange is reachable again", "Trading goes on.", NOTHING],
  "feed-stale": ["A feed is stale", "Opening is blocked.", "Check the connection."],
  "adopt-refused": ["Lots were not adopted", "Nothing was changed.", "Read why, then adopt or writeOff others."],
  "write-off": ["Fewer lots to write off than asked", "What was there is written off.", "Check the position."],
  "relattice-refused": [
    "Lattice stays as it was",
    "Nothing was changed.",
    "Mend what the text says and send it again.",
  ],
  relattice: ["Lattice changed", "Orders follow the new lattice.", NOTHING],
  config: ["Configuration changed", "It is in force.", NOTHING],
  "config-refused": [
    "Configuration refused",
    "The old one stays in force.",
    "Mend what the text says and send it again.",
  ],
  gate: ["Gate cannot be cleared by hand", "It stays.", "Wait for its cause to end."],
  instrument: [
    "The exchange changed the instrument",
    "Nothing is placed by the old rules.",
    "Relattice when you agree.",
  ],
  fees: ["Fees changed", "Trading goes on.", "Check that a cycle still earns more than its fees."],
  stray: ["Lots no slot owns", "They are kept apart.", "Adopt them or write them off."],
  "entry-size": ["A level has no size", "It is skipped.", "Raise orderQuote, or take fewer levels."],
  "margin-lock": ["Margin is short for a slot", "The slot rests for a while.", "Free margin, or take fewer levels."],
  "candle-gap": ["A candle is missing", "The window is loaded again.", NOTHING],
  stop: ["The price reached a stop", "The stop action runs.", "Decide whether to start again."],
  "order-rejected": [
    "The exchange refused an order",
    "Its slot is free again.",
    "Read the reason; look at limits and funds.",
  ],
  recovered: ["Recovered", "Everything open was settled.", NOTHING],
};

/** Words of an alert's code. */
export function alertWords(code: string): AlertWords {
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words !== undefined) return { title: words[0], done: words[1], todo: words[2] };
  // what became of a slot's order, by the word the exchange's answer became
  const ofSlot = code.startsWith("order-");
  const done = ofSlot ? "The slot follows its table." : "";
  const todo = ofSlot ? "Look at the order in the console if it comes again." : "";
  const name = code.replaceAll(/[-._]/g, " ");
  return { title: name.slice(0, 1).toUpperCase() + name.slice(1), done, todo };
}
