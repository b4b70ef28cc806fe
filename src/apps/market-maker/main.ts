// market-maker: bots over one exchange, commanded over gRPC and the operator door. A wiring diagram: what each part
// does is in host/, rpc/ and observe/.

import { configSource, renderProblems } from "../../config/load.ts";
import { loadMarketMaker } from "../../config/process/load-process.ts";
import { coreHash } from "../../host/core-hash.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, note } from "../opensqt/output.ts";
import { openAlerts } from "../process/alerts.ts";
import { watchOwnStrain } from "../process/own-alerts.ts";
import { openFrame, type ProcessFrame } from "../process/process-frame.ts";
import { Reloader, takeEnvironment } from "../process/reloader.ts";
import { backupGauge } from "./backup-gauge.ts";
import { alertTeller, watchExchange } from "./bot-alerts.ts";
import { type Bots, openBots, stopped } from "./bots.ts";
import { type ExchangeLink, openExchangeLink } from "./exchange-link.ts";
import { flowRunner } from "./flow-runner.ts";
import { startNightly } from "./nightly.ts";
import { endWithRegistry, openStore } from "./open-store.ts";
import { serve } from "./serve.ts";
import { ownedRegistry } from "./stand-by.ts";

const RECORDING_LOOK_MS = 1_000;

/**
 * Runs until it is told to stop; sets the exit code. Errors: those of each phase of the start, with their exit codes.
 */
export async function marketMaker(flags: { readonly config?: string }): Promise<void> {
  const environment = takeEnvironment();
  const source = configSource(flags.config, environment);
  const read = () => loadMarketMaker(source, { environment });
  const loaded = read();
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const config = loaded.value;
  for (const warning of config.warnings) note(warning);
  const frame = openFrame({ name: "market-maker", level: config.log.level, environment, secrets: config.secrets });
  const reloader = new Reloader({ first: config, read, source }, frame);
  const alerts = openAlerts(config, frame);
  watchOwnStrain(alerts, frame);
  const teller = alertTeller(alerts, frame);
  let exitCode: number = EXIT_CODES.done;
  try {
    const started: { bots: Bots | null } = { bots: null };
    const by = await frame.untilStopped(async () => {
      const store = openStore(config.store, frame);
      const registry = await frame.phase("lock", () => ownedRegistry(config, store, frame));
      endWithRegistry(registry, frame);
      const link = await frame.phase("exchange", () => openExchangeLink(config, frame));
      const core = coreHash();
      const flows = await flowRunner(config.store, core, frame);
      const opened = await frame.phase("bots", () =>
        openBots(config, { link, store, registry, teller, core, flows }, frame),
      );
      started.bots = opened;
      watchExchange(alerts, link, { teller, log: frame.log });
      backupGauge(opened.fleet, store, frame.metrics);
      const nightly = startNightly(config, { fleet: opened.fleet, store, teller }, frame);
      await frame.phase("services", () => serve(config, { link, reloader, alerts, teller, nightly, ...opened }, frame));
      await frame.phase("recovery", () => opened.fleet.start());
      if (config.exchange !== "remote") stopWithRecording(link, frame);
    });
    if (started.bots !== null) exitCode = await stopped(started.bots, by);
  } finally {
    await frame.close();
  }
  process.exitCode = exitCode;
}

/** With the exchange in this process: its recording's end is the end. */
function stopWithRecording(link: ExchangeLink, { stop, owners }: ProcessFrame): void {
  const watch = setInterval(() => {
    if (link.over()) stop.ask("the end of the recording");
  }, RECORDING_LOOK_MS);
  owners.add("end of the recording", () => clearInterval(watch));
}
