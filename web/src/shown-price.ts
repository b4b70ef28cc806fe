// Which of the prices the page knows is the price now. Pure.

import { candleKey, type Picture, topicKey } from "./picture/picture.ts";

/** A candle heard this much earlier than the bot's own price is the older news. */
const LATE_MS = 3000;

export interface About {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string;
  readonly botId: string;
}

type Known = Pick<Picture, "candles" | "receipts" | "risks" | "slots">;

/** The newest close of one series, and when the page was told of it. */
function closeOf({ candles, receipts }: Known, of: Omit<About, "botId">): { close: string; heardMs: number } {
  const heardMs = Math.max(...["kline", "history"].map((type) => receipts.get(topicKey(type, of)) ?? 0));
  return { close: candles.get(candleKey(of))?.at(-1)?.close ?? "", heardMs };
}

/** Empty text while none is known. */
export function priceIn(picture: Known, { exchange, symbol, interval, botId }: About): string {
  const series = [interval, "1m"].map((each) => closeOf(picture, { exchange, symbol, interval: each }));
  // a longer series may be told only when its candle closes
  const { close, heardMs } = series
    .filter((each) => each.close !== "")
    .reduce((newest, each) => (each.heardMs > newest.heardMs ? each : newest), { close: "", heardMs: -1 });
  const watched = picture.risks.get(botId)?.monitor.find((row) => row.symbol === symbol)?.price ?? "";
  const own = watched || (picture.slots.get(botId)?.ref ?? "");
  const ownAt = Math.max(...["risk", "slots"].map((type) => picture.receipts.get(topicKey(type, { bot: botId })) ?? 0));
  return close === "" || (own !== "" && ownAt - heardMs > LATE_MS) ? own : close;
}
