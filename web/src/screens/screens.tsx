// The seven screens: which panels stand where (live.md section 9).

import { type ReactNode, Suspense } from "react";
import { botIds, useChosen } from "../chosen.ts";
import { BotControls } from "../door/bot-controls.tsx";
import { signed } from "../money/show.ts";
import { AlertsPanel } from "../panels/alerts.tsx";
import { BotCard } from "../panels/bot-card.tsx";
import { ChartPanel } from "../panels/chart.tsx";
import { FeedSummary } from "../panels/feeds.tsx";
import { FillsPanel } from "../panels/fills.tsx";
import { LadderPanel } from "../panels/ladder.tsx";
import { OrdersPanel } from "../panels/orders.tsx";
import { PositionPanel } from "../panels/position.tsx";
import { ResultSplit } from "../panels/result.tsx";
import { BreakersPanel, ExposurePanel, KillPanel, LimitsPanel, MonitorPanel, ReconcilePanel } from "../panels/risk.tsx";
import { useSourceAge } from "../parts/age.ts";
import { Gates, isDead, PhaseTag } from "../parts/gates.tsx";
import { later } from "../parts/later.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { Amount, Money, Time } from "../parts/values.tsx";
import { usePicture } from "../picture/use.ts";
import { addressOf, currentPlace, usePlace } from "../place.ts";

const Curve = later(async () => (await import("../panels/curve.tsx")).Curve);

export function OverviewScreen(): ReactNode {
  const bots = usePicture((picture) => picture.bots);
  const hello = usePicture((picture) => picture.hello);
  const heard = usePicture((picture) => picture.receipts.has("bots"));
  return (
    <div className="overview">
      <div>
        <div className="cards">
          {botIds({ bots, hello }).map((id) => {
            const bot = bots.get(id);
            return bot === undefined ? null : <BotCard key={id} bot={bot} />;
          })}
        </div>
        {bots.size === 0 &&
          (heard ? (
            <Empty>
              No bot runs here. Add one with: opensqt bot add FILE. The exchange's data is shown all the same.
            </Empty>
          ) : (
            <Loading source="bots" />
          ))}
      </div>
      <section aria-label="Alerts and feeds">
        <AlertsPanel />
        <FeedSummary />
      </section>
    </div>
  );
}

function GatesPanel(): ReactNode {
  const { bot } = useChosen();
  if (bot === undefined) return null;
  return (
    <Panel title="Gates" pad aside={<PhaseTag bot={bot} />}>
      <Gates bot={bot} />
      <div style={{ marginTop: 10 }}>
        <BotControls bot={bot} />
      </div>
    </Panel>
  );
}

function PnlPanel({ height }: { readonly height?: number }): ReactNode {
  const { botId, instrument } = useChosen();
  const pnl = usePicture((picture) => picture.pnl.get(botId));
  const curve = usePicture((picture) => picture.curves.get(botId)) ?? [];
  const unit = instrument?.symbol.split(/[/:]/)[1] ?? "";
  const age = useSourceAge();
  return (
    <Panel
      title="PnL"
      className="wide"
      age={age}
      aside={
        <a href={`/api/v1/pnl.csv?bot=${encodeURIComponent(botId)}`} download="pnl.csv">
          CSV
        </a>
      }
    >
      {pnl === undefined ? (
        <Loading source="the ledger" lines={4} />
      ) : (
        <>
          <ResultSplit pnl={pnl} unit={unit} />
          <Suspense fallback={<Loading source="the curve" lines={6} />}>
            <Curve points={curve} {...(height === undefined ? {} : { height })} />
          </Suspense>
        </>
      )}
    </Panel>
  );
}

/** Frame in red with its reason: a bot that trades no more must not look like one that waits. */
function DeadNote(): ReactNode {
  const { bot } = useChosen();
  if (bot === undefined || !isDead(bot)) return null;
  const why = bot.gates.find((gate) => gate.level === "HALT");
  return (
    <p className="lost-bar" role="alert">
      <b>
        ■ {bot.id} is {bot.phase.toLowerCase()}
      </b>
      <span>{why?.reason ?? "see the alerts"}</span>
      <span>
        {bot.live} orders open, {bot.unknown} unknown, position {signed(bot.position)}
      </span>
    </p>
  );
}

export function BotScreen({ phone }: { readonly phone: boolean }): ReactNode {
  const { bot } = useChosen();
  const { tab } = usePlace();
  const dead = bot !== undefined && isDead(bot) ? " killed" : "";
  if (phone) return <PhoneBot tab={tab} />;
  return (
    <div className={`bot-screen${dead}`}>
      <ChartPanel />
      <LadderPanel />
      <div className="bot-lists">
        <OrdersPanel />
        <FillsPanel />
      </div>
      <div className="bot-side">
        <DeadNote />
        <GatesPanel />
        <PositionPanel />
      </div>
    </div>
  );
}

function PhoneBot({ tab }: { readonly tab: string }): ReactNode {
  if (tab === "ladder") return <LadderPanel />;
  if (tab === "orders") {
    return (
      <div className="bot-lists">
        <OrdersPanel />
        <FillsPanel />
      </div>
    );
  }
  return (
    <div className="bot-screen">
      <DeadNote />
      <ChartPanel />
      <GatesPanel />
      <PositionPanel />
      <nav className="panel-body pad" aria-label="More screens">
        {(["overview", "system", "why", "setup"] as const).map((screen) => (
          <p key={screen}>
            <a className="choice more" href={addressOf({ ...currentPlace(), screen, tab: "" })}>
              {screen}
            </a>
          </p>
        ))}
      </nav>
    </div>
  );
}

export function MoneyScreen(): ReactNode {
  const bots = usePicture((picture) => picture.bots);
  const pnl = usePicture((picture) => picture.pnl);
  const accounts = usePicture((picture) => picture.accounts);
  const age = useSourceAge();
  const exchanges = new Set([...accounts.values()].map(({ exchange }) => exchange));
  return (
    <div className="columns">
      <PnlPanel height={280} />
      <Panel title="Positions" age={age}>
        <div className="table-scroll">
          <table aria-label="Positions by bot">
            <thead>
              <tr>
                <th scope="col">bot</th>
                <th scope="col" className="num">
                  size
                </th>
                <th scope="col" className="num">
                  realized
                </th>
                <th scope="col" className="num">
                  unrealized
                </th>
                <th scope="col" className="num">
                  net
                </th>
                <th scope="col">tie to the exchange</th>
              </tr>
            </thead>
            <tbody>
              {[...bots.values()].map((bot) => {
                const own = pnl.get(bot.id);
                return (
                  <tr key={bot.id}>
                    <td>
                      <a href={addressOf({ ...currentPlace(), screen: "bot", bot: bot.id })}>{bot.id}</a>
                    </td>
                    <td className="num">
                      <Money value={bot.position} />
                    </td>
                    <td className="num">
                      <Money value={own?.realizedGross ?? ""} digits={4} />
                    </td>
                    <td className="num">
                      <Money value={own?.unrealized ?? ""} digits={4} />
                    </td>
                    <td className="num">
                      <Money value={own?.net ?? ""} digits={4} />
                    </td>
                    <td>
                      {own === undefined || own.tiedAt <= 0 ? (
                        <span className="dim">not yet</span>
                      ) : (
                        <>
                          off by {own.tieDifference || "0"} <span className="dim">at</span> <Time at={own.tiedAt} />
                        </>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Panel>
      <Panel title="Account" age={age}>
        {accounts.size === 0 ? (
          <Loading source="the account" lines={3} />
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">asset</th>
                <th scope="col" className="num">
                  balance
                </th>
                <th scope="col" className="num">
                  margin balance
                </th>
                <th scope="col" className="num">
                  free
                </th>
              </tr>
            </thead>
            <tbody>
              {[...accounts.values()].map((account) => (
                <tr key={`${account.exchange}|${account.asset}`}>
                  <td>
                    {account.asset} {exchanges.size > 1 && <span className="dim">{account.exchange}</span>}
                  </td>
                  <td className="num">
                    <Amount value={account.balance} digits={4} />
                  </td>
                  <td className="num">
                    <Amount value={account.marginBalance} digits={4} />
                  </td>
                  <td className="num">
                    <Amount value={account.free} digits={4} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      <div className="wide money-fills">
        <FillsPanel hours />
      </div>
    </div>
  );
}

export function RiskScreen({ onKill }: { readonly onKill: () => void }): ReactNode {
  return (
    <>
      <DeadNote />
      <div className="columns">
        <KillPanel onKill={onKill} />
        <BreakersPanel />
        <LimitsPanel />
        <ExposurePanel />
        <ReconcilePanel />
        <MonitorPanel />
      </div>
    </>
  );
}
