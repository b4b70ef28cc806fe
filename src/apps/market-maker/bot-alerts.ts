// Where an alert of a bot goes: the log and the console always, channels beside them (RISK-40). What is over is told to
// those who heard of it, and a connector that stays away is told once for all bots.

import type { CauseEnd } from "../../host/books/alert-ends.ts";
import type { AlertOver, HostAlert } from "../../host/context.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import { causeOf } from "../../observe/alerts/alert.ts";
import type { Log } from "../../observe/log.ts";
import { LATER } from "../../observe/repeats.ts";
import { EXCHANGE_LOST_MS, type ProcessAlerts } from "../process/alerts.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import { SlotLines } from "./slot-lines.ts";

/** Every bot says it at once; the process says it once, when it lasts (RISK-42: `exchange-lost`). */
const TOLD_BY_PROCESS: ReadonlySet<string> = new Set(["connector-lost"]);

export interface ConsoleEnd {
  alert(bot: string, alert: HostAlert): void;
  over(bot: string, over: AlertOver): void;
}

export interface AlertTeller {
  /** What is alerted of a bot, or of the process where `bot` is "". */
  alert(bot: string, alert: HostAlert): void;
  /** What a host, or with `bot` "" the process, alerted of by itself is over. */
  over(bot: string, over: AlertOver): void;
  /** The console's end, once it is there. */
  console: ConsoleEnd | null;
  /** A cause is over, as the books of the console read it off the journal: the channels hear of it. */
  ended(end: CauseEnd): void;
  /** Whose instruments the bots trade. */
  know(fleet: Fleet): void;
}

export function alertTeller(alerts: ProcessAlerts, { log, owners }: Pick<ProcessFrame, "log" | "owners">): AlertTeller {
  let symbolOf = (_bot: string): string => "";
  const lines = new SlotLines((bot, alert) => logAlert(log, bot, alert), LATER);
  owners.add("lines about slots", () => lines.close());
  const teller: AlertTeller = {
    console: null,
    alert: (bot, alert) => {
      lines.take(bot, alert);
      teller.console?.alert(bot, alert);
      if (!TOLD_BY_PROCESS.has(alert.code)) alerts.tell(bot, alert, symbolOf(bot));
    },
    over: (bot, over) => {
      teller.console?.over(bot, over);
      const { code, facts, text } = over;
      alerts.hub.end(causeOf({ code, facts, bot, instrument: symbolOf(bot) }), text);
    },
    ended: ({ cause, text }) => alerts.hub.end(cause, text),
    know: (fleet) => {
      symbolOf = (bot) => fleet.bot(bot)?.record.instruments[0] ?? "";
    },
  };
  return teller;
}

/** The exchange, as this process sees it: lost after half a minute, and back. */
export function watchExchange(
  alerts: ProcessAlerts,
  link: ExchangeLink,
  parts: { readonly teller: AlertTeller; readonly log: Log },
): void {
  const { teller, log } = parts;
  alerts.watch({
    code: "exchange-lost",
    severity: "error",
    afterMs: EXCHANGE_LOST_MS,
    read: () => link.serving(),
    onBegin: (alert) => {
      logAlert(log, "", alert);
      teller.console?.alert("", alert);
    },
    onEnd: (text) => {
      const back: HostAlert = {
        id: `process/exchange-back/${Date.now()}`,
        code: "exchange-back",
        severity: "info",
        text,
        facts: {},
      };
      logAlert(log, "", back);
      teller.console?.alert("", back);
      teller.console?.over("", { code: "exchange-lost", facts: {}, text });
    },
  });
}

function logAlert(log: Log, bot: string, { code, severity, text, facts }: HostAlert): void {
  const level = severity === "info" ? "info" : severity === "warning" ? "warn" : "error";
  log[level](text, { code, severity, ...(bot === "" ? {} : { bot }), facts });
}
