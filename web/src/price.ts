// The price the page shows: the close of the newest candle of the chosen instrument, as text.

import { useChosen } from "./chosen.ts";
import { candleKey } from "./picture/picture.ts";
import { usePicture } from "./picture/use.ts";

/** Empty text while none is known. */
export function useLastPrice(): string {
  const { exchange, symbol, interval } = useChosen();
  return usePicture((picture) => {
    const series =
      picture.candles.get(candleKey({ exchange, symbol, interval })) ??
      picture.candles.get(candleKey({ exchange, symbol, interval: "1m" }));
    return series?.at(-1)?.close ?? "";
  });
}
