// The header of `opensqt top`: bot, connection, price, phase and gates, position, and the result with its parts. Four
// lines.

import { signedText } from "../backtest/figures.ts";
import { type Line, seg, spread, type Tone } from "./toned-line.ts";
import type { Connection, TopBot, TopSnapshot } from "./top-model.ts";
import { connectionWords, positionText, priceText, signOf } from "./top-text.ts";

const moneyText = (text: string | null): string => signedText(text, 2);

export function headLines(s: TopSnapshot, columns: number): readonly Line[] {
  const { bot, connection } = s;
  const right = connectionLine(connection);
  if (bot === null) {
    const what = connection.state === "connected" ? "no bot: add one with opensqt bot add FILE" : s.address;
    return [spread([seg("OpenSQT", "strong"), seg(`  ${what}`, "quiet")], right, columns), [], [], []];
  }
  // what is wrong with the connection needs the room
  const wide = connection.state === "connected";
  const others = s.bots.length > 1 ? `  (${s.bots.indexOf(bot.bot) + 1} of ${s.bots.length}, b next)` : "";
  const what = wide ? [seg(`  ${bot.strategy} on ${bot.symbol} at ${bot.exchange}`), seg(others, "quiet")] : [];
  const name = [seg(bot.bot, "strong"), ...what];
  const price =
    bot.price === null ? [seg("no price yet", "quiet")] : [seg(priceText(s, bot.price), stale(s) ? "quiet" : "strong")];
  return [spread(name, right, columns), spread(price, phaseLine(bot), columns), positionLine(s, bot), resultLine(bot)];
}

function connectionLine(connection: Connection): Line {
  const tone: Tone = connection.state === "connected" ? (connection.ageMs > 5000 ? "warn" : "quiet") : "alarm";
  return [seg(connectionWords(connection), tone)];
}

const stale = ({ connection }: TopSnapshot): boolean => connection.state !== "connected" || connection.ageMs > 5000;

function phaseLine({ phase, gates, unknownOrders }: TopBot): Line {
  const shut = gates.length === 0 ? "no gate" : `gates: ${gates.map(({ name }) => name).join(", ")}`;
  return [
    seg(phase, phase === "running" ? "accent" : "warn"),
    seg(`  ${shut}`, gates.length === 0 ? "quiet" : "warn"),
    ...(unknownOrders === 0 ? [] : [seg(`  ${unknownOrders} unknown`, "alarm")]),
  ];
}

function positionLine(s: TopSnapshot, bot: TopBot): Line {
  const size = signOf(bot.position);
  const at = size === 0 || bot.entry === null ? "" : ` at ${priceText(s, bot.entry)}`;
  return [
    seg("position ", "quiet"),
    seg(positionText(bot), size > 0 ? "buy" : size < 0 ? "sell" : "plain"),
    seg(at),
    seg("   net today ", "quiet"),
    seg(moneyText(bot.netToday), "strong"),
  ];
}

function resultLine(bot: TopBot): Line {
  const part = (label: string, amount: string | null): Line => [seg(label, "quiet"), seg(moneyText(amount))];
  return [
    ...part("realised ", bot.realized),
    ...part("  unrealised ", bot.unrealized),
    ...part("  fees ", bot.fees),
    ...part("  funding ", bot.funding),
  ];
}
