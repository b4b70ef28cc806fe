// The price the page shows, as text: the close of the newest candle of the chosen instrument, or, while no candle has come
// lately, the price the risk monitor or the grid goes by.

import { useChosen } from "./chosen.ts";
import { candleKey, type Picture, topicKey } from "./picture/picture.ts";
import { usePicture } from "./picture/use.ts";

/** A candle heard this much earlier than the bot's own price is the older news. */
const LATE_MS = 3000;

interface About {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string;
  readonly botId: string;
}

function priceIn(picture: Picture, { exchange, symbol, interval, botId }: About): string {
  const series =
    picture.candles.get(candleKey({ exchange, symbol, interval })) ??
    picture.candles.get(candleKey({ exchange, symbol, interval: "1m" }));
  const close = series?.at(-1)?.close ?? "";
  const watched = picture.risks.get(botId)?.monitor.find((row) => row.symbol === symbol)?.price ?? "";
  const own = watched || (picture.slots.get(botId)?.ref ?? "");
  const candleAt = picture.receipts.get(topicKey("kline", { symbol })) ?? 0;
  const ownAt = Math.max(...["risk", "slots"].map((type) => picture.receipts.get(topicKey(type, { bot: botId })) ?? 0));
  return close === "" || (own !== "" && ownAt - candleAt > LATE_MS) ? own : close;
}

/** Empty text while none is known. */
export function useLastPrice(): string {
  const { exchange, symbol, interval, botId } = useChosen();
  return usePicture((picture) => priceIn(picture, { exchange, symbol, interval, botId }));
}
