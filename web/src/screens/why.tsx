// Why: the chain from configuration to postings behind an order, a fill or a refusal, walked with the arrow keys and
// copied as text. The question users of other bots cannot answer.

import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { ConsoleOrder, Explain, ExplainStep } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { dayAndTime, plain, span } from "../money/show.ts";
import { Facts } from "../panels/alerts.tsx";
import { ReplayPanel } from "../panels/replay.tsx";
import { WhatIfPanel } from "../panels/what-if.tsx";
import { Meter } from "../parts/meter.tsx";
import { Empty, Fault, Panel } from "../parts/panel.tsx";
import { Command } from "../parts/sheet.tsx";
import { Money, Side, Time, Why } from "../parts/values.tsx";
import type { Explained } from "../picture/picture.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { addressOf, go, usePlace } from "../place.ts";
import { quoted } from "../quoted.ts";
import { link } from "../wire/link.ts";

type Told = Extract<Explain, { steps: readonly ExplainStep[] }>;

/** The explanation as plain text, for a mail or a chat. */
function asText(id: string, explained: Told): string {
  const steps = explained.steps.map((step, index) => {
    const facts = Object.entries(step.facts).map(([name, value]) => `     ${name}: ${value}`);
    return [`${index + 1}. ${dayAndTime(step.at, true)} UTC, #${step.seq} ${step.kind}: ${step.text}`, ...facts].join(
      "\n",
    );
  });
  const checks = explained.risk.map(
    (check) => `   ${check.passed ? "passed" : "FAILED"} ${check.code}: ${check.value} of ${check.limit}`,
  );
  return [`Why ${id}`, `configuration ${explained.configHash}`, ...steps, "Risk checks:", ...checks].join("\n");
}

/** Whose journal an explanation is about; empty while that is not known. */
const botOf = (explained: Explained | undefined, order: ConsoleOrder | undefined): string =>
  (explained !== undefined && "fills" in explained ? explained.fills[0]?.bot : undefined) ?? order?.bot ?? "";

const orderOf = (orders: ReadonlyMap<string, ConsoleOrder>, id: string): ConsoleOrder | undefined =>
  [...orders.values()].find((order) => order.clientOrder === id || order.id === id);

export function WhyScreen(): ReactNode {
  const { id } = usePlace();
  const [typed, setTyped] = useState(id);
  const explained = usePicture((picture) => picture.explained.get(id));
  const open = usePicture((picture) => picture.link.state === "open");
  const bots = usePicture((picture) => picture.bots);
  const fills = usePicture((picture) => picture.fills);
  const orders = usePicture((picture) => picture.orders);
  const now = useNow();
  const { botId } = useChosen();
  const replayed = botOf(explained, orderOf(orders, id)) || botId;
  useEffect(() => setTyped(id), [id]);
  useEffect(() => {
    if (id !== "" && open) link.explain(id);
  }, [id, open]);
  const recent = [
    ...[...orders.values()].slice(0, 4).map((order) => order.clientOrder || order.id),
    ...fills.slice(0, 4).map((fill) => fill.id),
  ];
  return (
    <div className="columns">
      <Panel
        title={id === "" ? "Why" : `Why ${id}`}
        className="wide"
        aside={
          explained !== undefined && "steps" in explained ? (
            <button type="button" onClick={() => void navigator.clipboard?.writeText(asText(id, explained))}>
              copy as text
            </button>
          ) : undefined
        }
      >
        <form
          className="controls"
          style={{ padding: "4px 14px 12px" }}
          onSubmit={(event) => {
            event.preventDefault();
            const text = typed.trim();
            go(bots.has(text) ? { screen: "bot", bot: text, id: "" } : { screen: "why", id: text });
          }}
        >
          <label style={{ flex: 1 }}>
            <span className="unseen">order, fill or refusal</span>
            <input
              id="search"
              style={{ width: "100%" }}
              value={typed}
              placeholder="order, client order, fill, refusal or bot"
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
          <button type="submit" className="main">
            Explain
          </button>
        </form>
        {id === "" ? (
          <Empty>
            Give an order, fill or refusal, or press Enter on one anywhere.{" "}
            {recent.map((each) => (
              <span key={each}>
                <Why id={each} />{" "}
              </span>
            ))}
          </Empty>
        ) : explained === undefined ? (
          <Empty>Not connected: asked as soon as the connection is back.</Empty>
        ) : "state" in explained ? (
          <Empty>
            Reading the journal{now - explained.since > 2000 ? `, ${span(now - explained.since)} so far` : ""} …
          </Empty>
        ) : "error" in explained ? (
          <Fault what={explained.error} next="In the terminal:" retry={() => link.explain(id)} />
        ) : (
          <Chain explained={explained} />
        )}
        {explained !== undefined && "error" in explained && (
          <div style={{ padding: "0 14px 14px" }}>
            <Command text={`opensqt explain ${quoted(id)}`} />
          </div>
        )}
      </Panel>
      {explained !== undefined && "steps" in explained && <Checks explained={explained} />}
      <ReplayPanel bot={replayed} />
      {botId !== "" && <WhatIfPanel key={botId} bot={botId} />}
    </div>
  );
}

function Chain({ explained }: { readonly explained: Told }): ReactNode {
  const [at, setAt] = useState(0);
  const place = usePlace();
  const list = useRef<HTMLOListElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(explained.steps.length - 1, at + step));
    setAt(next);
    list.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <ol className="chain" ref={list} onKeyDown={walk} id="chain">
      {explained.steps.map((step, index) => (
        <li
          key={`${step.seq} ${step.kind} ${step.text}`}
          {...(index === at ? { "aria-current": "step" as const } : {})}
        >
          <button type="button" onClick={() => setAt(index)} onFocus={() => setAt(index)}>
            <small>
              <Time at={step.at} />
              <br />#{step.seq}
            </small>
            <span>
              <small>{step.kind}</small>
              {step.text}
            </span>
          </button>
          <Facts facts={step.facts} />
          {index === at && step.seq > 0 && (
            <a className="to-replay" href={addressOf({ ...place, seq: String(step.seq) })}>
              open in replay
            </a>
          )}
        </li>
      ))}
    </ol>
  );
}

function Checks({ explained }: { readonly explained: Told }): ReactNode {
  return (
    <Panel title="Risk checks and outcome" pad>
      {explained.risk.length === 0 && <p className="dim">No risk check was asked: nothing was to be sent.</p>}
      <ul className="limits">
        {explained.risk.map((check) => (
          <Meter
            key={check.code}
            name={`${check.passed ? "✓" : "✗ refused"} ${check.code}`}
            value={check.value}
            limit={check.limit}
            passed={check.passed}
          />
        ))}
      </ul>
      <h3 style={{ margin: "14px 0 4px" }}>Fills</h3>
      {explained.fills.length === 0 && <p className="dim">None.</p>}
      {explained.fills.map((fill) => (
        <p key={fill.id}>
          <Time at={fill.at} /> <Side side={fill.side} /> {plain(fill.qty)} @ {plain(fill.price)} ·{" "}
          <Money value={fill.realized} digits={4} /> realized · fee {fill.fee} {fill.feeAsset}
        </p>
      ))}
      <p className="dim" style={{ marginTop: 14 }}>
        configuration <code>{explained.configHash.slice(0, 16)}</code>
      </p>
    </Panel>
  );
}
