// Where an alert of a bot goes: the log and the console always, channels beside them (RISK-40). What is over is told to
// those who heard of it, and a connector that stays away is told once for all bots.

import type { HostAlert } from "../../host/context.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import type { Log } from "../../observe/log.ts";
import { EXCHANGE_LOST_MS, type ProcessAlerts } from "../process/alerts.ts";
import { endsOf } from "./alert-ends.ts";
import type { ExchangeLink } from "./exchange-link.ts";

/** Every bot says it at once; the process says it once, when it lasts (RISK-42: `exchange-lost`). */
const TOLD_BY_PROCESS: ReadonlySet<string> = new Set(["connector-lost"]);

export interface AlertTeller {
  /** What is alerted of a bot, or of the process where `bot` is "". */
  alert(bot: string, alert: HostAlert): void;
  /** The console's end, once it is there. */
  console: (bot: string, alert: HostAlert) => void;
  /** Follows the fleet's own events for what is over. Returns what ends that. */
  follow(fleet: Fleet): () => void;
}

export function alertTeller(alerts: ProcessAlerts, log: Log): AlertTeller {
  let symbolOf = (_bot: string): string => "";
  const teller: AlertTeller = {
    console: () => undefined,
    alert: (bot, alert) => {
      logAlert(log, bot, alert);
      teller.console(bot, alert);
      if (!TOLD_BY_PROCESS.has(alert.code)) alerts.tell(bot, alert, symbolOf(bot));
    },
    follow: (fleet) => {
      symbolOf = (bot) => fleet.bot(bot)?.record.instruments[0] ?? "";
      return fleet.observe((bot, turn) => {
        if (turn === null) return;
        const about = { bot: bot.id, instrument: symbolOf(bot.id) };
        for (const { cause, text } of endsOf(turn, about)) alerts.hub.end(cause, text);
      });
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
      teller.console("", alert);
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
      teller.console("", back);
    },
  });
}

function logAlert(log: Log, bot: string, { code, severity, text, facts }: HostAlert): void {
  const level = severity === "info" ? "info" : severity === "warning" ? "warn" : "error";
  log[level](text, { code, severity, ...(bot === "" ? {} : { bot }), facts });
}
