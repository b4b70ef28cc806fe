// The real exchange before the first order (EXCH-55): through the connector that runs, which has the key to itself, or
// by a connection of the doctor's own where none does. Nothing is placed, cancelled or changed.

import { PacedClock } from "../../../base/paced-clock.ts";
import { MONOTONIC_CLOCK } from "../../../host/wall-clock.ts";
import { SILENT_LOG } from "../../../observe/log.ts";
import { ExchangeServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { parseClientOrderId } from "../../../trading/client-order-id.ts";
import { KeyLocks } from "../../connector/key-lock.ts";
import { portOptions, type RealConnector } from "../../connector/real.ts";
import type { RunFile } from "../run-file.ts";
import {
  type Area,
  type Check,
  type Finding,
  fine,
  type Patient,
  type Reported,
  skipped,
  stop,
  warn,
} from "./check.ts";
import { withRpc } from "./running.ts";

/** Reads wait for the exchange's limits, and each of them may be tried three times. */
const TIMEOUT_MS = 120_000;
const CALL_MS = 10_000;
const OFFSET_MS_MAX = 1000;

/** Findings name the area and check they belong to: one connection answers for several. */
export const EXCHANGE_CHECK: Check = { area: "network", name: "exchange", timeoutMs: TIMEOUT_MS, run: exchange };

async function exchange({ real, running, config }: Patient): Promise<readonly Finding[]> {
  if (real !== null) return running === null ? await lookOneself(real) : await askConnector(real, running);
  if (config !== null && "liveServer" in config && config.exchange === "emulator") {
    return [skipped("the emulator starts with opensqt up: no DNS, TLS or foreign limits")];
  }
  return [skipped("the simulated exchange is in the connector: no DNS, TLS or request budget")];
}

async function lookOneself(real: RealConnector): Promise<readonly Finding[]> {
  const { credentials } = real.real;
  const locks = new KeyLocks(real);
  try {
    if (credentials !== null) locks.take(credentials.apiKey);
    // ccxt is large: who does not need it does not load it
    const { examineExchange } = await import("../../../exchange/ccxt/examination.ts");
    const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
    return await examineExchange({ ...portOptions(real), clock, log: SILENT_LOG });
  } catch (error) {
    if (!(error instanceof Error && "hint" in error)) throw error;
    return [...(await statusOf(real)), skipped(`${error.message}: it looked at the account when it started`)];
  } finally {
    locks.release();
  }
}

/** What a connector without `opensqt up` tells everybody on this machine. */
async function statusOf({ http }: RealConnector): Promise<readonly Finding[]> {
  const url = `http://${http.bind.includes(":") ? `[${http.bind}]` : http.bind}:${http.port}/ready`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(CALL_MS) });
    if (answer.ok) return [fine(`the connector at ${url} can do its work`)];
    return [stop(`the connector at ${url} cannot do its work now: ${await answer.text()}`, "see its log")];
  } catch {
    return [warn(`the connector's ${url} cannot be asked`, "see http.bind and http.port of its configuration")];
  }
}

async function askConnector({ real }: RealConnector, running: RunFile): Promise<readonly Finding[]> {
  return withRpc({ address: running.connector.grpc, key: running.operatorKey, tls: null }, async (rpc) => {
    const client = rpc.client(ExchangeServiceDefinition);
    const found: Reported[] = [];
    const look = async (area: Area, check: string, ask: () => Promise<Finding>): Promise<void> => {
      const finding = await ask().catch((error: unknown) =>
        stop(error instanceof Error ? error.message : String(error), "see the connector's log"),
      );
      found.push({ area, check, ...finding });
    };
    const about = { deadlineMs: CALL_MS };
    await look("network", "clock", async () => clockFinding(await client.getServerTime({}, about)));
    if (real.credentials === null) return [...found, skipped("no API key is configured: market data only")];
    await look("account", "key", async () => rightsFinding(await client.getKeyRights({}, about)));
    for (const symbol of real.symbols) {
      await look("account", "fee tier", async () => {
        const { makerPpm, takerPpm } = await client.getFees({ symbol }, about);
        return fine(`${symbol}: maker ${makerPpm / 10_000} %, taker ${takerPpm / 10_000} %`);
      });
      await look("account", "open orders", async () => {
        const { orders } = await client.getOpenOrders({ symbol }, about);
        const foreign = orders.filter(({ clientOrderId }) => parseClientOrderId(clientOrderId) === null).length;
        const text = `${symbol}: ${orders.length} open orders, ${foreign} of them not of any bot`;
        return foreign === 0 ? fine(text) : warn(text, "they are shown, never cancelled; cancel them by hand");
      });
    }
    await look("account", "balances", async () => {
      const { account } = await client.getAccount({}, about);
      return fine(`${account?.availableBalance?.value ?? "?"} ${account?.quoteAsset ?? ""} available`);
    });
    return found;
  });
}

function clockFinding(told: { readonly offsetMs: bigint | number; readonly errorMs: bigint | number }): Finding {
  const offsetMs = Number.parseInt(String(told.offsetMs), 10);
  const text = `the exchange's clock is ${offsetMs} ms from ours, ± ${told.errorMs} ms`;
  if (Math.abs(offsetMs) <= OFFSET_MS_MAX) return fine(text);
  return warn(`${text}; requests are corrected by it`, "keep the machine's clock by NTP: timedatectl set-ntp true");
}

function rightsFinding({
  trade,
  withdraw,
}: {
  readonly trade?: boolean | undefined;
  readonly withdraw?: boolean | undefined;
}): Finding {
  if (withdraw === true) return warn("the API key may withdraw money", "make one without that right");
  if (trade === false) return warn("the API key may not trade: read-only", "allow it to trade, or leave it so");
  if (trade === undefined) return warn("the exchange does not tell what the key may do", "check its rights by hand");
  return fine("the key may trade, and not withdraw");
}
