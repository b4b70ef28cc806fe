// What spans steps, as the account machine decides and records it (DUR-63…65): begun by an event, known by the id of
// its effect, open until one event tells its end. Who carries it out stands elsewhere and decides nothing.

import type { FlowAsked, FlowEnded, FlowResult } from "../../trading/account-event.ts";
import type { AlertSeverity } from "../../trading/effect.ts";
import type { OpenFlow } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

/** Open at one time; more are refused. */
const OPEN_MAX = 200;

const ENDS: Readonly<Record<FlowResult, readonly [code: string, severity: AlertSeverity]>> = {
  done: ["flow-done", "info"],
  refused: ["flow-refused", "warning"],
  absent: ["flow-absent", "warning"],
  unknown: ["flow-unknown", "error"],
};

/** One of a kind for a bot at a time: what the second would do depends on how the first ends. */
export function onFlowAsked(turn: AccountTurn, event: FlowAsked): void {
  const { state } = turn;
  const { flow, bot, facts, lineage, by, reason } = event;
  const open = [...(state.flows ?? [])];
  const same = open.find(([, one]) => one.flow === flow && one.bot === bot);
  if (same !== undefined || open.length >= OPEN_MAX) {
    const why = same === undefined ? `${open.length} flows are open` : `${same[0]} is not over`;
    turn.alert("flow-refused", "warning", { text: `${nameOf(event)} is not begun: ${why}`, facts: { flow, bot } });
    return;
  }
  const id = `${lineage}.${state.seq}.${turn.effects.length}`;
  state.flows = new Map([...open, [id, { flow, bot, facts, epoch: state.epoch, atMs: state.nowMs, by, reason }]]);
  turn.effects.push({ kind: "flow", id, flow, bot, facts, by, reason });
}

/** The end of one that is not open was told before. */
export function onFlowEnded(turn: AccountTurn, { id, result, text }: FlowEnded): void {
  const { state } = turn;
  const { flows } = state;
  const flow = flows?.get(id);
  if (flows === undefined || flow === undefined) return;
  flows.delete(id);
  if (flows.size === 0) delete state.flows;
  const [code, severity] = ENDS[result];
  const facts = { flow: flow.flow, bot: flow.bot, id, tookMs: state.nowMs - flow.atMs };
  turn.alert(code, severity, { text: `${nameOf(flow)}: ${result}${text === "" ? "" : `, ${text}`}`, facts: facts });
}

const nameOf = ({ flow, bot }: Pick<OpenFlow, "flow" | "bot">): string => (bot === "" ? flow : `${flow} of ${bot}`);
