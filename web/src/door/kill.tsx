// The kill switch: scope, flatten, reason, then a hold of two seconds or the scope's name typed; after that the five
// steps as the engine reports them (RISK-22). It never acts on one key or one click, and says what is proven.

import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Bot } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { signed, span } from "../money/show.ts";
import { Sheet } from "../parts/sheet.tsx";
import { usePicture } from "../picture/use.ts";
import { Locked, Result, Unlockable, useDoor, useUnlocked } from "./controls.tsx";
import { type Answer, type Body, call, text } from "./door.ts";

const HOLD_MS = 2000;
const STEPS = [
  { name: "latch", says: "killed in the journal; nothing opens from here on" },
  { name: "cancel", says: "every own order cancelled" },
  { name: "prove", says: "zero own orders by REST and by the stream, twice" },
  { name: "flatten", says: "position closed, reduce-only" },
  { name: "report", says: "what is left, and the proof" },
] as const;
/** The step that is being done when the engine reports this; the ones before it are done. */
const ACTIVE: Readonly<Record<string, number>> = {
  gate: 1,
  latch: 1,
  cancel: 1,
  prove: 2,
  flatten: 3,
  report: 5,
  done: 5,
  // it is latched; how far each bot came is in what is left
  failed: 1,
};

export function KillDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const chosen = useChosen();
  // the bot it was opened for: another one may be shown meanwhile, and must not slip under the finger
  const [botId] = useState(chosen.botId);
  const bot = usePicture((picture) => picture.bots.get(botId));
  const unlocked = useUnlocked(botId);
  const command = `opensqt kill --bot ${botId} --reason "..."`;
  return (
    <Sheet title="Kill switch" onClose={onClose}>
      <Unlockable
        unlocked={unlocked}
        form={<KillForm botId={botId} bot={bot} onClose={onClose} />}
        locked={
          <Locked
            says="Cancels every own order, places none, and stays so until it is reset with a reason."
            command={command}
            onClose={onClose}
          />
        }
      />
    </Sheet>
  );
}

interface KillFormProps {
  readonly botId: string;
  readonly bot: Bot | undefined;
  readonly onClose: () => void;
}

function KillForm({ botId, bot, onClose }: KillFormProps): ReactNode {
  const [scope, setScope] = useState<"bot" | "all">("bot");
  const [flatten, setFlatten] = useState(false);
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [answer, setAnswer] = useState<Answer | "asked" | null>(null);
  const [steps, setSteps] = useState<readonly Body[]>([]);
  const door = useDoor(botId);
  const name = scope === "bot" ? botId : "everything";
  const ready = reason.trim() !== "" && answer !== "asked" && door !== null;
  const kill = async (): Promise<void> => {
    if (door === null || !ready) return;
    setAnswer("asked");
    setSteps([]);
    const body = { scope: scope === "bot" ? "SCOPE_BOT" : "SCOPE_ALL", id: scope === "bot" ? botId : "", flatten };
    const told = await call(door, "TriggerKillSwitch", { ...body, reason: reason.trim() }, (step) =>
      setSteps((known) => [...known, step]),
    );
    if (told.ok) setSteps(told.steps);
    setAnswer(proven(told));
  };
  if (answer !== null) {
    return (
      <>
        <KillSteps botId={botId} reported={steps} flatten={flatten} />
        <Result answer={answer} />
        <footer>
          <button type="button" onClick={onClose}>
            close
          </button>
        </footer>
      </>
    );
  }
  return (
    <>
      <p>
        Cancels every own order ({bot?.live ?? "it is not known how many"} open), places none, proves it by REST and by
        the stream, and stays so until it is reset with a reason. Position now {signed(bot?.position ?? "")}.
      </p>
      <fieldset className="field">
        <legend className="dim">Scope</legend>
        <label className="choice">
          <input type="radio" name="scope" checked={scope === "bot"} onChange={() => setScope("bot")} />
          this bot, {botId}
        </label>
        <label className="choice">
          <input type="radio" name="scope" checked={scope === "all"} onChange={() => setScope("all")} />
          everything of this engine
        </label>
      </fieldset>
      <label className="choice">
        <input type="checkbox" checked={flatten} onChange={(event) => setFlatten(event.target.checked)} />
        flatten too: close the position, reduce-only
      </label>
      <label className="field">
        <span>Reason, for the journal</span>
        <input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
      </label>
      <label className="field">
        <span>Type {name} and press Enter, or hold the button for 2 s</span>
        <input
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.repeat && typed === name) void kill();
          }}
        />
      </label>
      <footer>
        <button type="button" onClick={onClose}>
          cancel
        </button>
        <HoldButton disabled={!ready} onHeld={() => void kill()} label={`Hold to kill ${name}`} />
      </footer>
    </>
  );
}

/** What the engine's last word means: only "done" is done. */
function proven(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const { step } = reportOf(answer.body);
  if (step === "done") return answer;
  const is = { ok: false, status: 200 } as const;
  if (step !== "failed") {
    const message = `The engine's words ended at "${step}". It goes on without this page.`;
    return { ...is, reason: "ENDED EARLY", message, unsure: true };
  }
  const message =
    "The kill failed: it is latched, nothing new opens, but what is left could not be proven gone. Look at the exchange itself.";
  return { ...is, reason: "FAILED", message, unsure: true };
}

interface HoldProps {
  readonly disabled: boolean;
  readonly label: string;
  readonly onHeld: () => void;
}

/** Acts after two seconds of unbroken pressing; letting go before does nothing. */
function HoldButton({ disabled, label, onHeld }: HoldProps): ReactNode {
  const [held, setHeld] = useState(0);
  const since = useRef(0);
  const frame = useRef(0);
  const stop = (): void => {
    cancelAnimationFrame(frame.current);
    since.current = 0;
    setHeld(0);
  };
  const start = (): void => {
    if (disabled || since.current !== 0) return;
    since.current = performance.now();
    const step = (): void => {
      const share = (performance.now() - since.current) / HOLD_MS;
      if (share >= 1) {
        stop();
        onHeld();
        return;
      }
      setHeld(share);
      frame.current = requestAnimationFrame(step);
    };
    frame.current = requestAnimationFrame(step);
  };
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return (
    <button
      type="button"
      className="hold danger"
      disabled={disabled}
      onPointerDown={(event) => {
        if (event.button === 0) start();
      }}
      onPointerUp={stop}
      onPointerLeave={stop}
      onKeyDown={(event) => {
        if (event.key === " " || event.key === "Enter") start();
      }}
      onKeyUp={stop}
      onBlur={stop}
    >
      <i style={{ width: `${held * 100}%` }} />
      {label}
    </button>
  );
}

interface KillStepsProps {
  readonly botId: string;
  readonly reported: readonly Body[];
  readonly flatten: boolean;
}

interface KillReport {
  readonly step: string;
  readonly proven: boolean;
  readonly tookMs: number;
  readonly left: number;
}

function reportOf(body: Body): KillReport {
  const inner = body["report"];
  const report = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Body) : body;
  const orders = report["ordersLeft"];
  return {
    step: text(report["step"]),
    proven: report["proven"] === true,
    tookMs: Number(report["tookMs"] ?? 0),
    left: Array.isArray(orders) ? orders.length : 0,
  };
}

/** The five steps: what the door reported, and beside it what the journal says through live-server. */
export function KillSteps({ botId, reported, flatten }: KillStepsProps): ReactNode {
  const kill = usePicture((picture) => picture.risks.get(botId)?.kill);
  const reports = reported.map(reportOf);
  const steps = STEPS.filter((step) => flatten || step.name !== "flatten");
  const at = Math.max(0, ...[...reports, kill].map((report) => ACTIVE[report?.step ?? ""] ?? 0));
  const tookOf = (index: number): number | undefined =>
    reports.find((report) => (ACTIVE[report.step] ?? 0) > index)?.tookMs;
  const proven = kill?.proven === true || reports.some((report) => report.proven);
  const left = reports.at(-1)?.left ?? (kill?.step ? kill.left : undefined);
  return (
    <div aria-live="assertive">
      <ol className="steps">
        {steps.map((step) => {
          const index = STEPS.indexOf(step);
          const took = tookOf(index);
          const state = index < at ? "done" : index === at && at > 0 ? "now" : "todo";
          return (
            <li key={step.name} className={state} data-step={step.name} data-state={state}>
              <span aria-hidden="true">{state === "done" ? "■" : state === "now" ? "◧" : "□"}</span>
              <b>{step.name}</b>
              <span>{step.says}</span>
              <span className="dim">{took === undefined ? (state === "todo" ? "" : state) : span(took)}</span>
            </li>
          );
        })}
      </ol>
      <p>
        {left === undefined ? "How many orders are left is not told yet." : `${left} own orders left.`}{" "}
        {proven ? "Proven: no own order rests on the exchange." : "Not proven yet."}
      </p>
    </div>
  );
}
