// What `opensqt alerts test` does: one alert through each channel of a configuration, whatever severities and bots
// it is for, one try each, and what each answered. It shows no address and no token.

import { configSource, renderProblems } from "../../config/load.ts";
import type { AlertsConfig } from "../../config/process/alerts-shape.ts";
import type { LoadedKind } from "../../config/process/kinds.ts";
import { release } from "../../config/release.ts";
import type { Alert } from "../../observe/alerts/alert.ts";
import type { Channel, Delivery } from "../../observe/alerts/channel.ts";
import { concealed } from "../../observe/conceal.ts";
import { channelsOf, hiddenOf } from "../process/alerts.ts";
import { type ConfigFlags, kindFor } from "./config-run.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson } from "./output.ts";

export interface AlertsFlags extends ConfigFlags {
  readonly config?: string;
}

/** As long as a running process gives one try. */
const TRY_MS = 5_000;

/** Exit 3 for a refused configuration, 4 where a channel did not take the alert or there is none. */
export async function testAlerts(flags: AlertsFlags): Promise<void> {
  const source = configSource(flags.config, process.env);
  const kind = kindFor(source, flags);
  const loaded = kind.load(source, { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const config = alertsOf(loaded.value);
  const speaker = { name: kind.name, release: release() };
  const channels = config === null ? [] : channelsOf({ config }, speaker).map(({ channel }) => channel);
  if (channels.length === 0) {
    const hint = "Give alerts: { slack: … }, { telegram: … } or { webhook: … }; docs/alerts.md shows each.";
    throw new CommandError(EXIT_CODES.checkFailed, `${loaded.value.file} names no alert channel`, hint);
  }
  const secrets = hiddenOf(loaded.value.secrets);
  const results = await Promise.all(channels.map((channel) => tried(channel, secrets)));
  const good = results.every(({ ok }) => ok);
  if (flags.json === true) printJson({ channels: results }, good);
  else
    for (const one of results)
      print(`${one.channel.padEnd(12)} ${one.ok ? "sent" : "NOT SENT"}: ${one.answer} (${one.tookMs} ms)`);
  if (!good) process.exitCode = EXIT_CODES.checkFailed;
}

/** Of `up`, the engine's: the connector has the same. */
export function alertsOf(config: LoadedKind | null): AlertsConfig | null {
  if (config === null) return null;
  if ("marketMaker" in config) return config.marketMaker.alerts;
  return "alerts" in config ? config.alerts : null;
}

interface Tried {
  readonly channel: string;
  readonly ok: boolean;
  readonly answer: string;
  readonly tookMs: number;
}

async function tried(channel: Channel, secrets: readonly string[]): Promise<Tried> {
  const fromMs = performance.now();
  const delivery = await channel.send({ kind: "alert", alert: testAlert() }, AbortSignal.timeout(TRY_MS));
  const tookMs = Math.round(performance.now() - fromMs);
  return { channel: channel.name, ok: delivery.kind === "sent", answer: wordsOf(delivery, secrets), tookMs };
}

function wordsOf(delivery: Delivery, secrets: readonly string[]): string {
  const said = delivery.kind === "sent" ? delivery.answer : delivery.text;
  return concealed(said, secrets);
}

function testAlert(): Alert {
  const atMs = Date.now();
  return {
    id: `test/${atMs}`,
    code: "test",
    severity: "info",
    bot: "",
    instrument: "",
    atMs,
    title: "Test of the alerts",
    text: "Somebody called opensqt alerts test. Alerts of this configuration arrive here.",
    facts: {},
    done: "",
    todo: "Nothing to do.",
  };
}
