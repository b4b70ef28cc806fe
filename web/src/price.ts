// The price the page shows, as text: the close of the newest candle of the chosen instrument, or, while no candle has come
// lately, the price the risk monitor or the grid goes by.

import { useChosen } from "./chosen.ts";
import { usePicture } from "./picture/use.ts";
import { priceIn } from "./shown-price.ts";

/** Empty text while none is known. */
export function useLastPrice(): string {
  const { exchange, symbol, interval, botId } = useChosen();
  return usePicture((picture) => priceIn(picture, { exchange, symbol, interval, botId }));
}
