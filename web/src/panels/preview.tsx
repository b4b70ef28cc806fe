// Preview: every order a configuration would place on the bot as it stands, the levels it skips and why, what it ties up
// and can lose, and what the engine objects to. The engine works it out; the page only shows it.

import type { ReactNode } from "react";
import type { Finding, Preview, PreviewOrder } from "../../../src/live/messages.ts";
import { type Digits, useDigits } from "../digits.ts";
import { forDrawing, negated } from "../money/exact.ts";
import { span } from "../money/show.ts";
import { Empty, Fault, Loading, Panel } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Amount, Money, Side } from "../parts/values.tsx";
import { useNow } from "../picture/use.ts";
import { useLastPrice } from "../price.ts";
import type { Draft } from "../screens/setup-draft.ts";
import { skipWords } from "./ladder.tsx";

type Shown = Extract<Preview, { readonly orders: readonly PreviewOrder[] }>;

const MONEY_DIGITS = 2;

export function PreviewPanel({ draft }: { readonly draft: Draft }): ReactNode {
  const { previewed, waiting } = draft;
  const now = useNow();
  const answer = previewed?.answer;
  const aside = (
    <>
      <span className="dim" role="status">
        {waiting ? "asking …" : previewed === null ? "" : `as of ${span(now - previewed.at)} ago`}
      </span>
      <button type="button" onClick={draft.again}>
        again
      </button>
    </>
  );
  return (
    <Panel title="Preview" aside={aside} className={waiting ? "preview waiting" : "preview"}>
      {answer === undefined ? (
        draft.fault === "" ? (
          <Loading source="the engine's preview" lines={8} />
        ) : (
          <Empty>No preview without the configuration.</Empty>
        )
      ) : "orders" in answer ? (
        <Told preview={answer} />
      ) : (
        <Refused answer={answer} again={draft.again} />
      )}
    </Panel>
  );
}

interface RefusedProps {
  readonly answer: Extract<Preview, { readonly error: string }>;
  readonly again: () => void;
}

function Refused({ answer, again }: RefusedProps): ReactNode {
  if (answer.problems.length === 0) return <Fault what={answer.error} next="" retry={again} />;
  return (
    <ul className="findings" aria-label="What is wrong with the text">
      {answer.problems.map(({ key, message }) => (
        <li key={key + message} data-finding="stop">
          <Mark tone="stop" />
          <span>
            <code>{key.replace(/^config\.?/, "")}</code> {message}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Told({ preview }: { readonly preview: Shown }): ReactNode {
  const { orders, skipped, totals } = preview;
  const digits = useDigits();
  const buys = orders.filter(({ side }) => side === "BUY").length;
  return (
    <>
      <dl className="figures">
        <div>
          <dt>orders now</dt>
          <dd>
            {orders.length}{" "}
            <small className="dim">
              {buys} buy, {orders.length - buys} sell
            </small>
          </dd>
        </div>
        {totals !== null && (
          <>
            <div>
              <dt>all orders now are worth</dt>
              <dd>
                <Amount value={totals.windowValue} digits={MONEY_DIGITS} />
              </dd>
            </div>
            <div>
              <dt>capital with every slot full</dt>
              <dd>
                <Amount value={totals.capitalFull} digits={MONEY_DIGITS} />
              </dd>
            </div>
            <div>
              <dt>gap against break-even</dt>
              <dd className={totals.gapTicks > totals.breakEvenTicks ? "" : "sell"}>
                {totals.gapTicks} <small className="dim">ticks, fees need {totals.breakEvenTicks}</small>
              </dd>
            </div>
            <div>
              <dt>worst case at {digits.price(totals.stressPrice)}</dt>
              <dd>
                <Money value={negated(totals.worstLoss)} digits={MONEY_DIGITS} />
              </dd>
            </div>
          </>
        )}
      </dl>
      <Findings findings={preview.findings} />
      <div className="preview-orders">
        <Lines orders={orders} digits={digits} />
        <Orders orders={orders} digits={digits} />
      </div>
      {skipped.length > 0 && (
        <details className="preview-skips">
          <summary>
            {skipped.length} {skipped.length === 1 ? "level" : "levels"} skipped
          </summary>
          <ul>
            {skipped.map(({ slot, reason }) => (
              <li key={`${slot} ${reason}`}>
                <span className="dim">level {slot}</span> {skipWords(reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

type Tone = "ok" | "warn" | "stop";

const MARKS: Readonly<Record<Tone, readonly [sign: string, word: string, look: string]>> = {
  ok: ["✓", "fine", "buy"],
  warn: ["!", "warning", "warn"],
  stop: ["✗", "stops a start", "sell"],
};

function Mark({ tone }: { readonly tone: Tone }): ReactNode {
  const [sign, word, look] = MARKS[tone];
  return (
    <span className={look}>
      <span aria-hidden="true">{sign} </span>
      {word}
    </span>
  );
}

const toneOf = ({ passed, severity }: Finding): Tone =>
  !passed || severity === "ERROR" || severity === "CRITICAL" ? "stop" : severity === "WARNING" ? "warn" : "ok";

const Findings = ({ findings }: { readonly findings: readonly Finding[] }): ReactNode => (
  <ul className="findings" aria-label="Findings">
    {findings.length === 0 && (
      <li data-finding="ok">
        <Mark tone="ok" />
        <span>Nothing speaks against it: this text would be accepted.</span>
      </li>
    )}
    {findings.map((finding) => (
      <li key={finding.code + finding.text} data-finding={toneOf(finding)}>
        <Mark tone={toneOf(finding)} />
        <span>
          {finding.text} {finding.fix !== "" && <span className="dim">{finding.fix}</span>}
        </span>
      </li>
    ))}
  </ul>
);

const LABELS_MAX = 16;

/** The orders as lines where they would stand, with the price between them. The table beside it says the same in words. */
function Lines({ orders, digits }: { readonly orders: readonly PreviewOrder[]; readonly digits: Digits }): ReactNode {
  const price = useLastPrice();
  const prices = [...orders.map((order) => order.price), price].map(forDrawing).filter(Number.isFinite);
  if (orders.length === 0 || prices.length === 0) return null;
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const at = (text: string): string => `${high === low ? 50 : ((high - forDrawing(text)) / (high - low)) * 100}%`;
  const every = Math.ceil(orders.length / LABELS_MAX);
  return (
    <div className="preview-lines" aria-hidden="true">
      {orders.map((order, index) => (
        <i
          key={`${order.leg} ${order.slot} ${order.side} ${order.price}`}
          className={order.side === "BUY" ? "buy" : "sell"}
          style={{ top: at(order.price) }}
        >
          {index % every === 0 && <small>{digits.price(order.price)}</small>}
        </i>
      ))}
      {Number.isFinite(forDrawing(price)) && (
        <i className="now" style={{ top: at(price) }}>
          <small>▸ {digits.price(price)}</small>
        </i>
      )}
    </div>
  );
}

function Orders({ orders, digits }: { readonly orders: readonly PreviewOrder[]; readonly digits: Digits }): ReactNode {
  const columns: readonly Column<PreviewOrder>[] = [
    { id: "side", head: "side", value: (row) => row.side, cell: (row) => <Side side={row.side} /> },
    { id: "price", head: "price", num: true, value: (row) => row.price, cell: (row) => digits.price(row.price) },
    { id: "qty", head: "qty", num: true, value: (row) => row.qty, cell: (row) => digits.qty(row.qty) },
    {
      id: "value",
      head: "value",
      num: true,
      value: (row) => row.value,
      cell: (row) => <Amount value={row.value} digits={MONEY_DIGITS} />,
    },
    { id: "exit", head: "closed at", num: true, value: (row) => row.exit, cell: (row) => digits.price(row.exit) },
    {
      id: "profit",
      head: "earns",
      num: true,
      value: (row) => row.profit,
      cell: (row) => <Money value={row.profit} digits={4} />,
    },
  ];
  return (
    <Table
      label="Orders it would place"
      columns={columns}
      rows={orders}
      idOf={(row) => `${row.leg} ${row.slot} ${row.side} ${row.price}`}
      empty={<Empty>It would place no order now; the levels below say why.</Empty>}
    />
  );
}
