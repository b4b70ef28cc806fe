// Risk of one bot: breakers with value and limit, limits with their head-room, exposure, the monitor, reconciliation.

import type { ReactNode } from "react";
import type { Breaker, Risk } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { Control } from "../door/controls.tsx";
import { KillSteps } from "../door/kill.tsx";
import { compare } from "../money/exact.ts";
import { plain, shareText, span } from "../money/show.ts";
import { useSourceAge } from "../parts/age.ts";
import { Meter } from "../parts/meter.tsx";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { Amount, Time } from "../parts/values.tsx";
import { usePicture, useServerNow } from "../picture/use.ts";

export function useRisk(): Risk | undefined {
  const { botId } = useChosen();
  return usePicture((picture) => picture.risks.get(botId) ?? picture.risks.get(""));
}

function PhaseOf({ breaker }: { readonly breaker: Breaker }): ReactNode {
  if (breaker.open) return <span className="sell">■ open</span>;
  return breaker.phase === "probation" ? <span>◐ on probation</span> : <span className="buy">○ closed</span>;
}

function BreakerRow({ breaker, botId }: { readonly breaker: Breaker; readonly botId: string }): ReactNode {
  const left = breaker.closesAt - useServerNow();
  const onProbation = breaker.phase === "probation";
  const stands = breaker.open || onProbation;
  return (
    <li data-breaker={breaker.name}>
      <p>
        <span>
          <PhaseOf breaker={breaker} /> <b>{breaker.name}</b>{" "}
          <span className="dim">{breaker.scope.toLowerCase()} </span>
          {breaker.manual && <span className="tag note"> by hand</span>}
        </span>
        {stands ? (
          <Control
            bot={botId}
            label="Close"
            rpc="CloseCircuitBreaker"
            says={`${onProbation ? "Ends the probation of" : "Closes"} the breaker ${breaker.name}. Refused while its cause holds, unless forced.`}
            body={{ name: breaker.name, id: botId }}
            options={[{ field: "force", label: "force: close it although the cause holds" }]}
            command={`opensqt breaker close ${breaker.name} --bot ${botId} --reason "..."`}
            undo="open it again by hand"
          />
        ) : null}
      </p>
      {stands && (
        <p>
          <span>
            {breaker.reason} <span className="dim">since</span> <Time at={breaker.since} />
          </span>
          <span className="dim">
            {onProbation && "limits halved, "}
            {breaker.closesAt > 0 ? (left > 0 ? `closes in ${span(left)}` : "about to close") : "until closed by hand"}
          </span>
        </p>
      )}
      {breaker.limit !== "" && (
        <ul className="limits">
          <Meter name="value" value={breaker.value} limit={breaker.limit} />
        </ul>
      )}
    </li>
  );
}

export function BreakersPanel(): ReactNode {
  const { botId } = useChosen();
  const risk = useRisk();
  return (
    <Panel
      title="Breakers"
      age={useSourceAge()}
      pad
      aside={
        <Control
          bot={botId}
          label="Open a breaker"
          rpc="OpenCircuitBreaker"
          says="Opens this bot's manual breaker: new entries stop, resting entries are cancelled, exits go on."
          body={{ scope: "SCOPE_BOT", id: botId, action: "" }}
          command={`opensqt breaker open --bot ${botId} --reason "..."`}
          undo="Close"
        />
      }
    >
      {risk === undefined ? (
        <Loading source="risk of the bot" />
      ) : risk.breakers.length === 0 ? (
        <Empty>No breaker has anything to say: all closed.</Empty>
      ) : (
        <ul className="limits">
          {risk.breakers.map((breaker) => (
            <BreakerRow key={`${breaker.scope}${breaker.name}`} breaker={breaker} botId={botId} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function LimitsPanel(): ReactNode {
  const risk = useRisk();
  return (
    <Panel title="Limits and head-room" age={useSourceAge()} pad>
      {risk === undefined ? (
        <Loading source="limits" />
      ) : risk.limits.length === 0 ? (
        <Empty>No limits are reported yet.</Empty>
      ) : (
        <ul className="limits">
          {risk.limits.map((limit) => (
            <Meter key={limit.name} {...limit} name={limit.name.replaceAll("_", " ")} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function ExposurePanel(): ReactNode {
  const risk = useRisk();
  return (
    <Panel title="Exposure" age={useSourceAge()} pad>
      {risk === undefined ? (
        <Loading source="exposure" />
      ) : (
        <dl className="facts">
          <dt>exposure</dt>
          <dd className="large">
            <Amount value={risk.exposure} digits={2} />
          </dd>
          <dt>leverage</dt>
          <dd>
            <Amount value={risk.leverage} digits={4} /> ×
          </dd>
          <dt>margin ratio</dt>
          <dd>{shareText(risk.marginRatio)}</dd>
          <dt>distance to liquidation</dt>
          <dd>{shareText(risk.liquidationDistance)}</dd>
        </dl>
      )}
    </Panel>
  );
}

export function MonitorPanel(): ReactNode {
  const risk = useRisk();
  return (
    <Panel title="Market monitor" age={useSourceAge()}>
      {risk === undefined ? (
        <Loading source="the monitor" lines={3} />
      ) : risk.monitor.length === 0 ? (
        <Empty>No instrument is monitored: the configuration names none, or its candles are still loading.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">instrument</th>
              <th scope="col" className="num">
                price
              </th>
              <th scope="col" className="num">
                mean
              </th>
              <th scope="col" className="num">
                volume ×
              </th>
              <th scope="col">verdict</th>
            </tr>
          </thead>
          <tbody>
            {risk.monitor.map((row) => (
              <tr key={row.symbol}>
                <td>{row.symbol}</td>
                <td className="num">{plain(row.price)}</td>
                <td className="num">
                  {plain(row.mean)}{" "}
                  {row.mean !== "" && (
                    <span className="dim">{compare(row.price, row.mean) < 0 ? "below" : "above"}</span>
                  )}
                </td>
                <td className="num">{plain(row.volumeRatio)}</td>
                <td className={row.abnormal ? "sell" : "buy"}>{row.abnormal ? "▼ abnormal" : "● normal"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export function KillPanel({ onKill }: { readonly onKill: () => void }): ReactNode {
  const { botId, bot } = useChosen();
  const kill = useRisk()?.kill;
  const active = bot?.phase === "KILLED" || (kill !== undefined && kill.step !== "");
  return (
    <Panel title="Kill switch" age={useSourceAge()} pad>
      {active ? (
        <>
          <p>
            <b className="sell">■ Killed</b> <span className="dim">since</span> <Time at={kill?.since ?? 0} day />
          </p>
          <KillSteps botId={botId} reported={[]} flatten={kill?.step === "flatten"} />
        </>
      ) : (
        <p className="dim">
          Not pulled. It cancels every own order, places none, and lasts until it is reset with a reason.
        </p>
      )}
      <div className="controls" style={{ marginTop: 10 }}>
        <button type="button" className="danger" onClick={onKill}>
          Kill …
        </button>
        {active && (
          <Control
            bot={botId}
            label="Reset kill"
            rpc="ResetKillSwitch"
            says="Lifts the kill switch: the bot may place orders again once its gates open."
            body={{ scope: "SCOPE_BOT", id: botId }}
            command={`opensqt kill reset --bot ${botId} --reason "..."`}
          />
        )}
      </div>
    </Panel>
  );
}

export function ReconcilePanel(): ReactNode {
  const { botId } = useChosen();
  const pnl = usePicture((picture) => picture.pnl.get(botId));
  return (
    <Panel title="Reconciliation" age={useSourceAge()} pad>
      <dl className="facts">
        <dt>last tie</dt>
        <dd>{pnl === undefined || pnl.tiedAt <= 0 ? "not yet" : <Time at={pnl.tiedAt} day />}</dd>
        <dt>difference to the exchange</dt>
        <dd className={pnl !== undefined && compare(pnl.tieDifference || "0", "0") !== 0 ? "sell" : ""}>
          {pnl?.tieDifference || "0"}
        </dd>
      </dl>
      <p className="dim" style={{ marginTop: 10 }}>
        The bot compares its books with the exchange by itself, and opens a breaker when they differ.
      </p>
    </Panel>
  );
}
