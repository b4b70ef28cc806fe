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
  // the bot of the address may be away: another one in its place would be read, and commanded, as if it were that one
  const otherwise = ids.includes(kept) ? kept : (ids[0] ?? "");
  const botId = ids.length > 0 && place.bot !== "" ? place.bot : otherwise;
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
