// What `opensqt top` does: connects as a reader, shows what comes, and sends what keys ask for as an operator where the
// key allows it. Without a terminal it tells one status; with --json it tells each change.

import { openRpcClient } from "../../rpc/client.ts";
import { BotServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { PositionServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Leg, Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { startTop, terminalTaste } from "../../terminal/top.ts";
import { topStatus } from "../../terminal/top-lines.ts";
import type { TopActions } from "../../terminal/top-model.ts";
import { stopSignal } from "../process/stop-signal.ts";
import { type Engine, type EngineFlags, engineAddress } from "./engine/connect.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print } from "./output.ts";
import { TopFeed } from "./top/feed.ts";

const REASON = "a key of opensqt top";
const JSON_MS = 1_000;

export interface TopFlags extends EngineFlags {
  readonly ascii?: true;
}

export async function top(flags: TopFlags): Promise<void> {
  const { address, key, tls } = engineAddress(flags);
  const rpc = openRpcClient({ address, key, tls });
  const engine: Engine = {
    bots: rpc.client(BotServiceDefinition),
    risk: rpc.client(RiskServiceDefinition),
    positions: rpc.client(PositionServiceDefinition),
  };
  const feed = new TopFeed(engine, address);
  feed.start();
  try {
    if (flags.json === true) await stream(feed);
    else if (process.stdout.isTTY && process.stdin.isTTY) await screen(feed, engine, flags);
    else await once(feed, address);
  } finally {
    await feed.close();
    rpc.close();
  }
}

/** No terminal: one line, and the end. */
async function once(feed: TopFeed, address: string): Promise<void> {
  const failed = await feed.first();
  if (failed !== null) throw new CommandError(EXIT_CODES.unreachable, `${address}: ${failed}`);
  print(topStatus(feed.snapshot()));
}

/** One document a line and at most one a second, as long as somebody reads. */
async function stream(feed: TopFeed): Promise<void> {
  const stop = stopSignal({});
  await Promise.race([feed.first(), stop.asked]);
  let due = true;
  const tell = (): void => {
    if (!due) return;
    due = false;
    process.stdout.write(`${JSON.stringify({ v: 1, ok: true, data: feed.snapshot() })}\n`);
  };
  const unsubscribe = feed.subscribe(tell);
  tell();
  const timer = setInterval(() => {
    due = true;
    tell();
  }, JSON_MS);
  await stop.asked;
  clearInterval(timer);
  unsubscribe();
  stop.close();
}

async function screen(feed: TopFeed, engine: Engine, flags: TopFlags): Promise<void> {
  const stop = stopSignal({});
  const taste = terminalTaste(process.env);
  const shown = startTop({
    model: feed,
    actions: actionsOf(feed, engine, () => stop.ask("q")),
    stdout: process.stdout,
    stdin: process.stdin,
    color: taste.color,
    ascii: taste.ascii || flags.ascii === true,
  });
  await stop.asked;
  await shown.close();
  stop.close();
}

function actionsOf(feed: TopFeed, { bots, risk }: Engine, quit: () => void): TopActions {
  /** What came of a call, in one line. */
  const tell = (say: (text: string) => void, done: string, call: (bot: string) => Promise<unknown>): void => {
    const { bot } = feed;
    if (bot === null) say("there is no bot");
    else
      call(bot).then(
        () => say(`${bot}: ${done}`),
        (error: unknown) => say(refusalOf(error).message),
      );
  };
  return {
    nextBot: () => feed.nextBot(),
    pause: (say) => {
      const rest = { reason: REASON, cancelEntries: false, leg: Leg.UNSPECIFIED };
      tell(say, "paused", (botId) => bots.pauseBot({ botId, ...rest }));
    },
    resume: (say) => tell(say, "resumed", (botId) => bots.resumeBot({ botId, reason: REASON })),
    kill: (flatten, say) => tell(say, "killed", (id) => killed(risk, { id, flatten })),
    why: (clientOrderId, say) => {
      bots.explainOrder({ clientOrderId }).then(
        ({ steps, riskChecks, fills }) =>
          say([
            ...steps.map(({ sequence, text }) => `${sequence}  ${text}`),
            ...riskChecks.map(
              ({ code, value, limit, passed }) => `risk ${passed ? "passed" : "REFUSED"} ${code}: ${value} of ${limit}`,
            ),
            ...fills.map(({ price, quantity, maker }) => {
              return `filled ${quantity?.value ?? ""} at ${price?.value ?? ""}${maker ? "" : " as taker"}`;
            }),
          ]),
        (error: unknown) => say([refusalOf(error).message]),
      );
    },
    quit,
  };
}

async function killed(risk: Engine["risk"], { id, flatten }: { id: string; flatten: boolean }): Promise<void> {
  for await (const _step of risk.triggerKillSwitch({ scope: Scope.BOT, id, flatten, reason: REASON })) {
    // the last step is the proof; the screen shows what is left meanwhile
  }
}
