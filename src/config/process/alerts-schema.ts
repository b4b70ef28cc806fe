// The section `alerts:` of a process that raises any, as zod schemas: where alerts go, from which severity on, and when
// only critical ones do.

import { z } from "zod";
import { choice, list, optionalChoice, optionalSecret, requiredText, text } from "../key.ts";
import { BOT_ID } from "./sections.ts";

const SEVERITIES = ["info", "warning", "error", "critical"] as const;
const TIME = { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, range: "HH:MM" } as const;
const CHAT = /^(-?\d{1,20}|@[A-Za-z0-9_]{5,32})$/;
const ENDPOINT = { pattern: /^https?:\/\/[^\s?#]{1,500}$/, range: "https://HOST[:PORT][/PATH]" } as const;

/** What every channel has beside its address. */
const routes = () => ({
  minSeverity: optionalChoice(SEVERITIES, "least severity sent here; that of all channels unless given"),
  bots: list(requiredText({ pattern: BOT_ID, range: "1–32 of a-z, 0-9 and -", meaning: "a bot" }), {
    min: 0,
    max: 1000,
    meaning: "bots whose alerts are sent here; all unless given. What is about the process always is",
  }),
});

const slack = () =>
  z.strictObject({ url: optionalSecret("address of the incoming webhook; https"), ...routes() }).optional();

const telegram = () =>
  z
    .strictObject({
      token: optionalSecret("token of the bot, as @BotFather gave it"),
      chats: list(requiredText({ pattern: CHAT, range: "a number in quotes, or @NAME", meaning: "one of them" }), {
        min: 0,
        max: 20,
        meaning: "chats it writes to; the bot must be in them",
      }),
      endpoint: text("https://api.telegram.org", {
        ...ENDPOINT,
        meaning: "where the bot API is; a gateway of one's own",
      }),
      ...routes(),
    })
    .optional();

const webhook = () =>
  z
    .strictObject({
      url: optionalSecret("address that takes a POST of JSON; https, or http on this machine"),
      secret: optionalSecret("secret the POST is signed with; unsigned unless given"),
      ...routes(),
    })
    .optional();

const quietHours = () =>
  z
    .strictObject({
      from: requiredText({
        ...TIME,
        meaning: "from when on only critical alerts are sent; the rest comes as a digest",
      }),
      to: requiredText({ ...TIME, meaning: "until when" }),
      zone: text("UTC", {
        pattern: /^[A-Za-z0-9_+/-]{1,64}$/,
        range: "a name of the time zone database",
        meaning: "whose clock that is",
      }),
    })
    .optional();

/** Log and console have every alert; these are told beside them. */
export const alerts = () =>
  z
    .strictObject({
      minSeverity: choice("warning", SEVERITIES, "least severity that is sent"),
      slack: slack(),
      telegram: telegram(),
      webhook: webhook(),
      quietHours: quietHours(),
    })
    .prefault({});
