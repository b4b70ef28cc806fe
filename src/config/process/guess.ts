// Which kind of file a text is, for commands that are not told: by the schema its editor line names, else by its keys.

import { parse } from "yaml";
import { isSection, type Section } from "../problem-desk.ts";
import type { ConfigKindName } from "./kinds.ts";

const EDITOR_LINE = /^#\s*yaml-language-server:.*opensqt-(up|connector|market-maker|live-server)\.schema\.json/m;

export function guessKind(text: string): ConfigKindName {
  const named = EDITOR_LINE.exec(text)?.[1];
  if (named === "connector" || named === "market-maker" || named === "live-server" || named === "up") return named;
  const values = topOf(text);
  const has = (...keys: readonly string[]): boolean => keys.some((key) => Object.hasOwn(values, key));
  if (has("sources", "web", "auth", "historyLimit")) return "live-server";
  if (has("bot", "backtest", "market-maker", "live-server")) return "up";
  const { connector, exchange } = values;
  if (exchange === "remote" || exchange === "native" || has("operatorDoor", "limits", "deadMan", "allowNativeLive")) {
    return "market-maker";
  }
  if (isSection(connector) && (Object.hasOwn(connector, "address") || Object.hasOwn(connector, "key"))) {
    return "market-maker";
  }
  if (has("bots")) return has("grpc", "http", "log", "tls") ? "market-maker" : "up";
  return has("grpc", "account", "tls", "http") ? "connector" : "up";
}

function topOf(text: string): Section {
  try {
    const values: unknown = parse(text);
    return isSection(values) ? values : {};
  } catch {
    return {};
  }
}
