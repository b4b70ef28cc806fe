// The result split into its parts, from strings only: their sum is shown beside the net, so anyone can add it up.

import type { ReactNode } from "react";
import type { Pnl } from "../../../src/live/messages.ts";
import { negated } from "../money/exact.ts";
import { shareText } from "../money/show.ts";
import { Amount, Money } from "../parts/values.tsx";

export function ResultSplit({ pnl, unit }: { readonly pnl: Pnl; readonly unit: string }): ReactNode {
  const parts: readonly (readonly [string, string])[] = [
    ["realized", pnl.realizedGross],
    ["fees", negated(pnl.fees)],
    ["funding", pnl.funding],
    ["interest", pnl.interest],
    ["rebates", pnl.rebates],
    ["unrealized", pnl.unrealized],
  ];
  return (
    <dl className="figures">
      <div>
        <dt>net</dt>
        <dd>
          <Money value={pnl.net} digits={4} unit={unit} />
        </dd>
      </div>
      {parts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Money value={value} digits={4} />
          </dd>
        </div>
      ))}
      <div>
        <dt>today</dt>
        <dd>
          <Money value={pnl.today} digits={4} />
        </dd>
      </div>
      <div>
        <dt>drawdown</dt>
        <dd>
          <Amount value={pnl.drawdown} digits={4} />
        </dd>
      </div>
      <div>
        <dt>cycles</dt>
        <dd>{pnl.cycles}</dd>
      </div>
      <div>
        <dt>won</dt>
        <dd>{shareText(pnl.winRate)}</dd>
      </div>
    </dl>
  );
}
