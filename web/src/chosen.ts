// Which bot, instrument and interval the page is about: the address first, then what was chosen before, then the first.

import type { Bot, Instrument } from "../../src/live/messages.ts";
import { currentChoices, useChoices } from "./choices.ts";
import type { Picture } from "./picture/picture.ts";
import { store } from "./picture/store.ts";
import { usePicture } from "./picture/use.ts";
import { currentPlace, type Place, usePlace } from "./place.ts";

export interface Chosen {
  readonly botId: string;
  readonly bot: Bot | undefined;
  readonly instrument: Instrument | undefined;
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string;
}

/** Ids of the bots there are, as the server orders them. */
export const botIds = (picture: Pick<Picture, "bots" | "hello">): readonly string[] =>
  picture.bots.size > 0 ? [...picture.bots.keys()] : (picture.hello?.bots ?? []);

function choose(picture: Pick<Picture, "bots" | "hello">, place: Place, kept: string): Chosen {
  const ids = botIds(picture);
  const botId = [place.bot, kept].find((id) => id !== "" && ids.includes(id)) ?? ids[0] ?? "";
  const bot = picture.bots.get(botId);
  const instruments = picture.hello?.instruments ?? [];
  const instrument =
    instruments.find((each) => place.symbol !== "" && each.symbol === place.symbol && bot === undefined) ??
    instruments.find((each) => each.exchange === bot?.exchange && each.symbol === bot.symbol) ??
    instruments.find((each) => each.symbol === bot?.symbol) ??
    instruments[0];
  const intervals = picture.hello?.intervals ?? [];
  const interval = intervals.includes(place.interval) ? place.interval : (intervals[0] ?? "1m");
  return {
    botId,
    bot,
    instrument,
    exchange: instrument?.exchange ?? bot?.exchange ?? "",
    symbol: instrument?.symbol ?? bot?.symbol ?? "",
    interval: place.interval === "" && intervals.includes("1m") ? "1m" : interval,
  };
}

export function useChosen(): Chosen {
  const bots = usePicture((picture) => picture.bots);
  const hello = usePicture((picture) => picture.hello);
  return choose({ bots, hello }, usePlace(), useChoices().bot);
}

export const chosenNow = (): Chosen => choose(store.get(), currentPlace(), currentChoices().bot);
