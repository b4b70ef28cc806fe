// Values of `alerts:` → its configuration. An address is a secret, so what is wrong with it is said without it.

import type { z } from "zod";
import type { Secret } from "../secret.ts";
import type { alerts } from "./alerts-schema.ts";
import type { AlertRoute, AlertsConfig } from "./alerts-shape.ts";
import type { Judging } from "./judging.ts";
import { isLoopback } from "./listeners.ts";

type AlertsValues = z.infer<ReturnType<typeof alerts>>;
type RouteValues = Pick<NonNullable<AlertsValues["slack"]>, "minSeverity" | "bots">;

export function alertsConfig(values: AlertsValues, judging: Judging): AlertsConfig {
  const route = ({ minSeverity, bots }: RouteValues): AlertRoute => ({
    minSeverity: minSeverity ?? values.minSeverity,
    bots: bots.length === 0 ? null : bots,
  });
  const { slack, telegram, webhook, quietHours } = values;
  return {
    slack:
      slack === undefined ? null : withAddress({ at: "alerts.slack.url", written: slack.url }, route(slack), judging),
    telegram: telegram === undefined ? null : telegramConfig(telegram, route(telegram), judging),
    webhook: webhook === undefined ? null : webhookConfig(webhook, route(webhook), judging),
    quietHours: quietHours === undefined ? null : quietConfig(quietHours, judging),
  };
}

type WrittenUrl = NonNullable<AlertsValues["slack"]>["url"];

function withAddress(
  { at, written }: { readonly at: string; readonly written: WrittenUrl },
  route: AlertRoute,
  judging: Judging,
): (AlertRoute & { readonly url: Secret }) | null {
  if (written === undefined) judging.say(at, "is needed here; give { env: NAME } or { file: PATH }");
  const url = judging.secret(at, written);
  if (url === null) return null;
  const why = objection(url.reveal());
  if (why !== null) judging.say(at, why);
  return { ...route, url };
}

function telegramConfig(
  { token: written, chats, endpoint }: NonNullable<AlertsValues["telegram"]>,
  route: AlertRoute,
  judging: Judging,
): AlertsConfig["telegram"] {
  if (written === undefined)
    judging.say("alerts.telegram.token", "is needed here; give { env: NAME } or { file: PATH }");
  if (chats.length === 0) judging.say("alerts.telegram.chats", "nobody would be told; give at least one chat");
  const why = objection(endpoint);
  if (why !== null) judging.say("alerts.telegram.endpoint", why);
  const token = judging.secret("alerts.telegram.token", written);
  if (token === null) return null;
  if (!/^[A-Za-z0-9:_-]{10,200}$/.test(token.reveal())) {
    judging.say("alerts.telegram.token", "is no token of a bot; give NUMBER:LETTERS as @BotFather wrote it");
  }
  return { ...route, token, chats, endpoint };
}

function webhookConfig(
  { url, secret: written }: NonNullable<AlertsValues["webhook"]>,
  route: AlertRoute,
  judging: Judging,
): AlertsConfig["webhook"] {
  const addressed = withAddress({ at: "alerts.webhook.url", written: url }, route, judging);
  const secret = judging.secret("alerts.webhook.secret", written);
  if (secret !== null && secret.reveal().length < SECRET_LENGTH_MIN) {
    judging.say("alerts.webhook.secret", `is too short to sign with; give at least ${SECRET_LENGTH_MIN} characters`);
  }
  return addressed === null ? null : { ...addressed, secret };
}

const SECRET_LENGTH_MIN = 16;

/** Why nothing may be sent there, or null. In the clear only within this machine. */
function objection(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "is no address; give https://…";
  if (url.username !== "" || url.password !== "") return "has a name or password in it; give an address without";
  if (url.protocol === "http:" && !isLoopback(url.host)) return "is in the clear; give https://…";
  return null;
}

function quietConfig(
  { from, to, zone }: NonNullable<AlertsValues["quietHours"]>,
  judging: Judging,
): AlertsConfig["quietHours"] {
  if (from === to) judging.say("alerts.quietHours.to", `${to} is from too; give another time, or leave quietHours out`);
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
  } catch {
    judging.say("alerts.quietHours.zone", `${zone} is no time zone; give one like Europe/Berlin, or UTC`);
    return null;
  }
  return { fromMinute: minutesOf(from), toMinute: minutesOf(to), zone };
}

const minutesOf = (time: string): number =>
  Number.parseInt(time.slice(0, 2), 10) * 60 + Number.parseInt(time.slice(3), 10);
