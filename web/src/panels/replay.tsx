// Replay: a bot as it was after any event of its journal, on a line of time with its fills, gates and alerts; stepped,
// sought or played. What is shown is the engine's own replay, not a guess from what the page saw.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useChoices } from "../choices.ts";
import { clock, dayAndTime } from "../money/show.ts";
import { Empty, Fault, Loading, Panel } from "../parts/panel.tsx";
import { usePicture } from "../picture/use.ts";
import { go, usePlace } from "../place.ts";
import { type Mark, MarkRow, useMarks } from "./replay-marks.tsx";
import { StateThen } from "./replay-state.tsx";
import { type Range, type Tape, useTape } from "./replay-tape.ts";

const PACES = [1, 5, 20, 100] as const;
const SEEK_STEPS = 2000;

export function ReplayPanel({ bot }: { readonly bot: string }): ReactNode {
  const { seq } = usePlace();
  const newest = usePicture((picture) => picture.bots.get(bot)?.sequence ?? 0);
  const ready = usePicture((picture) => picture.ready);
  const tape = useTape(bot, newest, seq !== "");
  const panel = useRef<HTMLDivElement>(null);
  const written = useRef("");
  const asked = Number.parseInt(seq, 10);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the address says is asked once
  useEffect(() => {
    if (!ready || !Number.isSafeInteger(asked) || seq === written.current) return;
    written.current = seq;
    tape.to(asked);
    panel.current?.scrollIntoView({ block: "start" });
  }, [seq, ready, bot]);
  const { shown, pace } = tape;
  useEffect(() => {
    if (shown === null || pace > 0 || written.current === "" || written.current === String(shown.sequence)) return;
    written.current = String(shown.sequence);
    go({ seq: written.current }, true);
  }, [shown, pace]);
  return (
    <div ref={panel} className="wide">
      <Panel
        title={`Replay ${bot}`}
        aside={
          shown === null ? undefined : (
            <span className="dim" role="status">
              {tape.asking ? "replaying …" : ""}
            </span>
          )
        }
      >
        {seq === "" ? (
          <Empty>
            Every event of a bot's journal can be looked at again: slots, orders, position, gates and the book as they
            were.{" "}
            <button type="button" disabled={newest === 0} onClick={() => go({ seq: String(newest) })}>
              open at the newest event
            </button>{" "}
            <button type="button" disabled={newest === 0} onClick={() => go({ seq: "1" })}>
              at the first
            </button>
          </Empty>
        ) : (
          <Opened tape={tape} bot={bot} newest={newest} asked={asked} />
        )}
      </Panel>
    </div>
  );
}

interface OpenedProps {
  readonly tape: Tape;
  readonly bot: string;
  readonly newest: number;
  readonly asked: number;
}

function Opened({ tape, bot, newest, asked }: OpenedProps): ReactNode {
  const { shown, range, fault } = tape;
  const marks = useMarks(bot, range);
  const [kinds, setKinds] = useState<readonly Mark["kind"][]>(["fill", "gate", "alert"]);
  const visible = marks.filter(({ kind }) => kinds.includes(kind));
  return (
    <>
      <Controls tape={tape} marks={visible} newest={newest} />
      {range !== null && (
        <Timeline
          tape={tape}
          range={range}
          marks={visible}
          kinds={kinds}
          onToggle={(kind) => setKinds(kinds.includes(kind) ? kinds.filter((each) => each !== kind) : [...kinds, kind])}
        />
      )}
      {fault !== "" && <Fault what={fault} next="" retry={() => tape.to(shown?.sequence ?? asked)} />}
      {shown !== null ? <StateThen then={shown} /> : fault === "" && <Loading source="the engine's replay" lines={8} />}
    </>
  );
}

interface ControlsProps {
  readonly tape: Tape;
  readonly marks: readonly Mark[];
  readonly newest: number;
}

function Controls({ tape, marks, newest }: ControlsProps): ReactNode {
  const { shown, pace, range } = tape;
  const [chosen, setChosen] = useState<number>(PACES[1]);
  const at = shown?.event?.at ?? 0;
  const sequence = shown?.sequence ?? 0;
  const before = marks.findLast((mark) => mark.at < tape.at);
  const after = marks.find((mark) => mark.at > tape.at);
  const none = shown === null;
  return (
    <div className="controls replay-controls">
      <button type="button" onClick={() => tape.to(1)}>
        first
      </button>
      <button type="button" disabled={before === undefined} onClick={() => before && tape.seek(before.at)}>
        ‹ mark
      </button>
      <button type="button" disabled={none || sequence <= 1} onClick={() => tape.to(sequence - 1)}>
        ‹ event
      </button>
      <button
        type="button"
        className="main"
        disabled={none || range === null}
        onClick={() => tape.play(pace > 0 ? 0 : chosen)}
      >
        {pace > 0 ? "pause" : "play"}
      </button>
      <label>
        <span className="unseen">pace</span>
        <select
          value={chosen}
          onChange={(event) => {
            const next = Number.parseInt(event.target.value, 10);
            setChosen(next);
            if (pace > 0) tape.play(next);
          }}
        >
          {PACES.map((each) => (
            <option key={each} value={each}>
              {each} ×
            </option>
          ))}
        </select>
      </label>
      <button type="button" disabled={none || sequence >= newest} onClick={() => tape.to(sequence + 1)}>
        event ›
      </button>
      <button type="button" disabled={after === undefined} onClick={() => after && tape.seek(after.at)}>
        mark ›
      </button>
      <button type="button" disabled={newest === 0} onClick={() => tape.to(newest)}>
        newest
      </button>
      {shown !== null && (
        <span className="replay-place" data-sequence={sequence}>
          <b>#{sequence}</b> {shown.event?.kind ?? ""} <span className="dim">at</span> <Instant at={at} />
        </span>
      )}
    </div>
  );
}

function Instant({ at }: { readonly at: number }): ReactNode {
  const { utc } = useChoices();
  return <>{`${dayAndTime(at, utc).slice(0, 5)} ${clock(at, utc)}`}</>;
}

interface TimelineProps {
  readonly tape: Tape;
  readonly range: Range;
  readonly marks: readonly Mark[];
  readonly kinds: readonly Mark["kind"][];
  readonly onToggle: (kind: Mark["kind"]) => void;
}

function Timeline({ tape, range, marks, kinds, onToggle }: TimelineProps): ReactNode {
  const { utc } = useChoices();
  const at = Math.min(range.last, Math.max(range.first, tape.at));
  return (
    <div className="timeline">
      <MarkRow marks={marks} range={range} onSeek={tape.seek} />
      <input
        type="range"
        aria-label="Time in the journal"
        aria-valuetext={`${dayAndTime(at, utc)}, event ${tape.shown?.sequence ?? 0}`}
        min={range.first}
        max={range.last}
        step={Math.max(1, Math.floor((range.last - range.first) / SEEK_STEPS))}
        value={at}
        onChange={(event) => tape.seek(Number.parseInt(event.target.value, 10))}
      />
      <p className="dim timeline-ends">
        <span>{dayAndTime(range.first, utc)}</span>
        <span className="kinds">
          {(["fill", "gate", "alert"] as const).map((kind) => (
            <label key={kind} className="choice">
              <input type="checkbox" checked={kinds.includes(kind)} onChange={() => onToggle(kind)} />
              {kind}s
            </label>
          ))}
        </span>
        <span>{dayAndTime(range.last, utc)}</span>
      </p>
    </div>
  );
}
