// What `opensqt doctor` does: the checks of OPS-53 over a configuration, the machine and what runs, without trading.

import { resolve } from "node:path";
import { renderProblems } from "../../config/load.ts";
import { bindBot } from "../../config/process/draft.ts";
import type { SimulatedExchangeConfig } from "../../config/process/exchange-shapes.ts";
import type { ConfigKind, LoadedKind } from "../../config/process/kinds.ts";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import type { RealConnector } from "../connector/real.ts";
import { type ConfigFlags, kindFor, sourceOrExample } from "./config-run.ts";
import { type Check, type Patient, type Reported, runCheck, skipped, worstOf } from "./doctor/check.ts";
import { fileCheck } from "./doctor/configuration.ts";
import { DATABASE_CHECK } from "./doctor/database.ts";
import { RECOVERY_CHECKS, REGISTRY_CHECK, STORE_CHECKS } from "./doctor/journals.ts";
import { MACHINE_CHECKS } from "./doctor/machine.ts";
import { MARKET_CHECKS } from "./doctor/market.ts";
import { EXCHANGE_CHECK } from "./doctor/real.ts";
import { NETWORK_CHECKS, PEER_CHECKS } from "./doctor/running.ts";
import { doctorText } from "./doctor/words.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { print, printJson, wantsColor } from "./output.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { isAlive, readRunFile } from "./run-file.ts";

export interface DoctorFlags extends ConfigFlags {
  readonly config?: string;
  readonly dataDir?: string;
  readonly active?: true;
}

/** Exit 4 on any stop. */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const source = sourceOrExample(flags.config);
  const kind = kindFor(source, flags);
  const loaded = kind.load(source, { environment: process.env });
  const config = loaded.ok ? loaded.value : null;
  const reports = await examine(
    patientOf(kind, config, flags),
    fileCheck(config, loaded.ok ? [] : loaded.error, kind.name),
  );
  const worst = worstOf(reports);
  if (flags.json === true) printJson({ process: kind.name, verdict: worst, checks: reports }, worst !== "stop");
  else print(doctorText(reports, wantsColor()));
  if (worst === "stop") process.exitCode = EXIT_CODES.checkFailed;
}

const NEED_FILE: readonly Check[] = [
  REGISTRY_CHECK,
  ...STORE_CHECKS,
  DATABASE_CHECK,
  ...NETWORK_CHECKS,
  EXCHANGE_CHECK,
  ...MARKET_CHECKS,
  ...PEER_CHECKS,
  ...RECOVERY_CHECKS,
];

/** One after the other, so that measurements do not disturb each other; without a good file only what needs none. */
async function examine(patient: Patient, file: Check): Promise<readonly Reported[]> {
  const reports: Reported[] = [];
  for (const check of [...MACHINE_CHECKS, file]) reports.push(...(await runCheck(check, patient)));
  for (const check of NEED_FILE) {
    if (patient.config === null) reports.push({ area: check.area, check: check.name, ...skipped(REFUSED) });
    else reports.push(...(await runCheck(check, patient)));
  }
  return reports;
}

const REFUSED = "the configuration is refused";

function patientOf(kind: ConfigKind, config: LoadedKind | null, flags: DoctorFlags): Patient {
  const dataDir = flags.dataDir ?? dataDirOf(config);
  const run = dataDir === null ? null : readRunFile(resolve(dataDir));
  const { marketMaker, simulated } = partsOf(config);
  return {
    kind: kind.name,
    config,
    dataDir: dataDir === null ? null : resolve(dataDir),
    rehearsals: marketMaker === null || simulated === null ? [] : rehearsalsOf(marketMaker, simulated),
    simulated,
    marketMaker,
    real: connectorOf(config),
    running: run !== null && isAlive(run.pid) ? run : null,
    active: flags.active === true,
  };
}

/** Where a process keeps things; of a refused file the usual place. */
function dataDirOf(config: LoadedKind | null): string | null {
  if (config === null) return "./data";
  if ("sources" in config) return null;
  return "sqlite" in config.store ? config.store.sqlite : config.store.folder;
}

function partsOf(config: LoadedKind | null): {
  readonly marketMaker: MarketMakerConfig | null;
  readonly simulated: SimulatedExchangeConfig | null;
} {
  if (config === null || "sources" in config) return { marketMaker: null, simulated: null };
  if ("liveServer" in config) return { marketMaker: config.marketMaker, simulated: config.simulated };
  if ("bots" in config) return { marketMaker: config, simulated: config.simulated };
  return { marketMaker: null, simulated: config.simulated };
}

/** The connector to a real exchange that the file describes; that of an emulator `up` itself starts is none yet. */
function connectorOf(config: LoadedKind | null): RealConnector | null {
  if (config === null || "sources" in config) return null;
  if ("liveServer" in config) {
    const { connector, exchange } = config;
    return exchange === "emulator" || connector.real === null ? null : connector;
  }
  return "real" in config && config.real !== null ? config : null;
}

/** Errors: CommandError 3 for a bot its instrument refuses, which `config check` says too. */
function rehearsalsOf({ bots }: MarketMakerConfig, simulated: SimulatedExchangeConfig): readonly Rehearsal[] {
  const rehearsals: Rehearsal[] = [];
  for (const draft of bots) {
    const market = simulated.instruments.find(({ instrument }) => instrument.symbol === draft.symbol);
    if (market === undefined) continue;
    const bound = bindBot(draft, market.instrument);
    if (!bound.ok) throw new Error(renderProblems(bound.error));
    rehearsals.push(rehearse(bound.value, simulated, null));
  }
  return rehearsals;
}
