// The chart's colours come from the page's own (look/tokens.css), so it follows the theme (UI-16).

export interface ChartColours {
  readonly ground: string;
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly accent: string;
  readonly buy: string;
  readonly sell: string;
  readonly up: string;
  readonly down: string;
}

const NAMES: Readonly<Record<keyof ChartColours, string>> = {
  ground: "--ground",
  text: "--text",
  dim: "--dim",
  line: "--line",
  accent: "--accent",
  buy: "--buy",
  sell: "--sell",
  up: "--candle-up",
  down: "--candle-down",
};

let known: { readonly theme: string; readonly colours: ChartColours } | null = null;

/** The colours of today's theme; read from the page once a theme, since reading costs a layout. */
export function chartColours(): ChartColours {
  const theme = document.documentElement.dataset["theme"] ?? "";
  if (known?.theme !== theme) known = { theme, colours: colours() };
  return known.colours;
}

function colours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: keyof ChartColours): string => style.getPropertyValue(NAMES[name]).trim();
  return {
    ground: read("ground"),
    text: read("text"),
    dim: read("dim"),
    line: read("line"),
    accent: read("accent"),
    buy: read("buy"),
    sell: read("sell"),
    up: read("up"),
    down: read("down"),
  };
}

/** `#rrggbb` with an opacity in per cent. */
export const faded = (colour: string, percent: number): string =>
  `${colour}${Math.round((percent * 255) / 100)
    .toString(16)
    .padStart(2, "0")}`;
