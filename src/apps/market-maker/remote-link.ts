// A market-maker's way to its connector (API-34, API-44): reached by the ladder or given up with one clear sentence,
// then kept for as long as the process lives, whatever becomes of the connector.

import type { ConnectorAddress } from "../../config/process/shapes.ts";
import { RemotePort } from "../../exchange/remote.ts";
import { openRemoteConnection, RemoteError } from "../../exchange/remote-connection.ts";
import { feedsNow } from "../../exchange/remote-feeds.ts";
import { RemoteShares } from "../../exchange/remote-shares.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { EngineShare } from "../../trading/account-event.ts";
import { asCommandError } from "../opensqt/engine/refusals.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError } from "../opensqt/output.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { ExchangeLink } from "./exchange-link.ts";

/** Errors: CommandError 5 after the tenth attempt, 9 where the connector refuses the key. */
export async function openRemoteLink(
  to: ConnectorAddress,
  share: EngineShare,
  frame: ProcessFrame,
): Promise<ExchangeLink> {
  const { log, owners, stop } = frame;
  const stopped = new AbortController();
  void stop.asked.then(() => stopped.abort());
  const shown = { key: to.key?.reveal() ?? null };
  const connection = await openRemoteConnection({
    address: to.address,
    tls: to.tls,
    key: () => shown.key,
    log,
    machine: MONOTONIC_CLOCK,
    signal: stopped.signal,
    onAttempt: ({ failures, waitMs, cause }) => {
      const next = waitMs === null ? "giving up" : `next try in ${Math.round(waitMs / 1000)} s`;
      log.warn(`connector at ${to.address} not reached (${failures}): ${cause}; ${next}`, {
        code: "connector-wait",
        failures,
      });
    },
  }).catch((error: unknown) => {
    if (error instanceof RemoteError) throw new CommandError(EXIT_CODES.unreachable, error.message);
    throw asCommandError(error, to.address);
  });
  owners.add("connector connection", () => connection.close());
  const { name, release } = connection.hello;
  log.info(`connector at ${to.address} reached: ${name}, release ${release}`, { code: "connector-reached" });
  // places nothing: bots ask about instruments through it before they run
  const shared = new RemotePort(connection, { botId: "", tag: "", epoch: () => 0 });
  owners.add("shared port", () => shared.close());
  const shares = await RemoteShares.open(connection, share);
  owners.add("share of the account", () => shares.close());
  const serving = () => connection.health === "serving";
  return {
    port: shared,
    portOf: ({ bot, tag, epoch }) => new RemotePort(connection, { botId: bot, tag, epoch: () => epoch }),
    clock: connection.clock,
    conditions: () => connection.standing.conditions,
    connector: {
      get serving() {
        return serving();
      },
      get text() {
        return connection.trouble;
      },
      subscribe: (listener) => connection.onHealth(() => listener()),
    },
    feeds: () => feedsNow(connection),
    othersShares: () => shares.others,
    serving: () => ({ ok: serving(), text: serving() ? `connector at ${to.address}` : connection.trouble }),
    threads: { address: to.address, tls: to.tls, key: () => shown.key },
    newKey: (key) => {
      shown.key = key;
    },
    // who started both asks the connector itself
    over: () => false,
  };
}
