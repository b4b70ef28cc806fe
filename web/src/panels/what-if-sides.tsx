// The result of a what-if: what happened, and the two simulated sides in columns with their difference, both curves in
// one picture, and the first decision in which they part. Figures are the engine's, exact; the picture is for the eye.

import type { ReactNode } from "react";
import type { WhatIfDecision, WhatIfResult, WhatIfSide } from "../../../src/live/messages.ts";
import { useChoices } from "../choices.ts";
import { difference, isDecimal } from "../money/exact.ts";
import { dayAndTime, plain, signed } from "../money/show.ts";
import { Money } from "../parts/values.tsx";
import { WhatIfCurves } from "./what-if-curves.tsx";

const DIGITS = 4;

interface Sides {
  readonly before: WhatIfSide;
  readonly after: WhatIfSide;
}

export function WhatIfSides({ result }: { readonly result: WhatIfResult }): ReactNode {
  const { sides, notes, first, orders, parity } = result;
  const told = notes.map((note) => <li key={note}>{note}</li>);
  if (sides === null)
    return (
      <ul className="notes pad" data-unchanged>
        {told}
      </ul>
    );
  return (
    <>
      <Figures happened={result.happened} sides={sides} />
      <WhatIfCurves before={sides.before.curve} after={sides.after.curve} />
      <div className="pad">
        <p>
          Orders of both: <b>{orders.both}</b>; only before: <b>{orders.onlyBefore}</b>; only after:{" "}
          <b>{orders.onlyAfter}</b>.
        </p>
        <h3>First decision that differs</h3>
        {first === null ? (
          <p className="dim">None: every decision is the same.</p>
        ) : (
          <dl className="facts" data-first>
            <dt>number</dt>
            <dd>{first.index + 1}</dd>
            <dt>before</dt>
            <Decision decision={first.before} />
            <dt>after</dt>
            <Decision decision={first.after} />
          </dl>
        )}
        <h3>How far to trust it</h3>
        <p data-parity>
          {parity === ""
            ? "Nothing filled on either side, so nothing says how close the simulation is to what happened."
            : `“Before, simulated” has ${parity} % of the lots filled in common with what happened, by side and price.`}
        </p>
        <ul className="notes">{told}</ul>
      </div>
    </>
  );
}

interface Row {
  readonly name: string;
  readonly happened: string;
  readonly of: (side: WhatIfSide) => string;
  /** A gain or a loss: with its sign and colour. */
  readonly money?: boolean;
}

function Figures({
  happened,
  sides,
}: {
  readonly happened: WhatIfResult["happened"];
  readonly sides: Sides;
}): ReactNode {
  const rows: readonly Row[] = [
    { name: "orders placed", happened: String(happened.orders), of: (side) => String(side.orders) },
    { name: "fills", happened: String(happened.fills), of: (side) => String(side.fills) },
    { name: "lots filled", happened: "", of: (side) => side.lotsFilled },
    { name: "result", happened: happened.pnl, of: (side) => side.pnl, money: true },
    { name: "of it fees", happened: "", of: (side) => side.fees, money: true },
    { name: "of it funding", happened: "", of: (side) => side.funding, money: true },
  ];
  return (
    <div className="what-if-figures">
      <table aria-label="What happened, and both sides">
        <thead>
          <tr>
            <td />
            <th scope="col">happened</th>
            <th scope="col">before, simulated</th>
            <th scope="col">after, simulated</th>
            <th scope="col">after − before</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, happened: lived, of, money = false }) => {
            const [before, after] = [of(sides.before), of(sides.after)];
            const apart = isDecimal(before) && isDecimal(after) ? difference(after, before) : "";
            return (
              <tr key={name} data-figure={name}>
                <th scope="row">{name}</th>
                <td className="dim">{lived === "" ? "–" : <Figure value={lived} money={money} />}</td>
                <td>
                  <Figure value={before} money={money} />
                </td>
                <td>
                  <Figure value={after} money={money} />
                </td>
                <td>{money ? <Money value={apart} digits={DIGITS} /> : signed(apart)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const Figure = ({ value, money }: { readonly value: string; readonly money: boolean }): ReactNode =>
  money ? <Money value={value} digits={DIGITS} /> : plain(value);

function Decision({ decision }: { readonly decision: WhatIfDecision | null }): ReactNode {
  const { utc } = useChoices();
  if (decision === null) return <dd className="dim">nothing more</dd>;
  const { code = "", ...facts } = decision.because;
  const why = [code, ...Object.entries(facts).map(([name, value]) => `${name}=${value}`)].join(" ");
  return (
    <dd>
      {dayAndTime(decision.at, utc)} <b>{decision.text}</b> <span className="dim">{why}</span>
    </dd>
  );
}
