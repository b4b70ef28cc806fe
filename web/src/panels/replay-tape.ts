// Walking through a bot's journal: which state is wanted, one question after another, the latest wish wins; and playing,
// which moves on by the market's own time. The engine replays; nothing here can change a bot.

import { useCallback, useEffect, useRef, useState } from "react";
import type { StateAt } from "../../../src/live/messages.ts";
import { usePicture } from "../picture/use.ts";
import { link } from "../wire/link.ts";

export type Then = Extract<StateAt, { readonly slots: unknown }>;

/** A journal number, or a time of the market where it is 0. */
interface Target {
  readonly sequence: number;
  readonly at: number;
}

export interface Range {
  readonly first: number;
  readonly last: number;
  readonly lastSequence: number;
}

export interface Tape {
  readonly shown: Then | null;
  /** Where it stands on the line of time: what was sought, or the event's own time. */
  readonly at: number;
  readonly fault: string;
  readonly asking: boolean;
  /** Null until the journal's beginning and end are known. */
  readonly range: Range | null;
  /** Times the market's own pace; 0 = it stands. */
  readonly pace: number;
  readonly to: (sequence: number) => void;
  readonly seek: (at: number) => void;
  readonly play: (pace: number) => void;
}

const TURN_MS = 200;

const timeOf = (answer: StateAt): number | null => ("slots" in answer ? (answer.event?.at ?? null) : null);

export function useTape(bot: string, newest: number, isOpen: boolean): Tape {
  const [shown, setShown] = useState<Then | null>(null);
  const [at, setAt] = useState(0);
  const [fault, setFault] = useState("");
  const [asking, setAsking] = useState(false);
  const [range, setRange] = useState<Range | null>(null);
  const [pace, setPace] = useState(0);
  const connected = usePicture((picture) => picture.ready);
  const wanted = useRef<Target | null>(null);
  const busy = useRef(false);
  const cursor = useRef(0);
  const about = useRef(bot);
  about.current = bot;

  const ask = useCallback(async (target: Target): Promise<void> => {
    wanted.current = target;
    if (busy.current) return;
    busy.current = true;
    setAsking(true);
    while (wanted.current !== null) {
      const next: Target = wanted.current;
      wanted.current = null;
      const of = about.current;
      const answer = await link.state(of, next);
      if (of !== about.current) continue;
      setFault("error" in answer ? answer.error : "");
      if ("slots" in answer) {
        if (next.sequence > 0) cursor.current = timeOf(answer) ?? cursor.current;
        setShown(answer);
        setAt(next.sequence > 0 ? cursor.current : next.at);
      } else setPace(0);
    }
    busy.current = false;
    setAsking(false);
  }, []);

  useEffect(() => {
    setShown(null);
    setRange(null);
    setPace(0);
    setFault(bot === "" ? "no bot is chosen" : "");
  }, [bot]);

  // beginning and end, once it is open
  const ends = isOpen && connected && range === null && newest > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest number of the moment it was opened
  useEffect(() => {
    if (!ends) return;
    let gone = false;
    void Promise.all([link.state(bot, { sequence: 1, at: 0 }), link.state(bot, { sequence: newest, at: 0 })]).then(
      ([begin, end]) => {
        const [first, last] = [timeOf(begin), timeOf(end)];
        if (!gone && first !== null && last !== null) setRange({ first, last, lastSequence: newest });
      },
    );
    return () => {
      gone = true;
    };
  }, [ends, bot]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each state shown begins the next turn
  useEffect(() => {
    if (pace === 0 || range === null) return;
    const began = performance.now();
    const timer = setTimeout(() => {
      cursor.current += (performance.now() - began) * pace;
      if (cursor.current >= range.last) setPace(0);
      void ask({ sequence: 0, at: Math.min(cursor.current, range.last) });
    }, TURN_MS);
    return () => clearTimeout(timer);
  }, [pace, shown, range]);

  const halted = (target: Target): void => {
    setPace(0);
    void ask(target);
  };
  return {
    shown,
    at,
    fault,
    asking,
    range,
    pace,
    to: (sequence) => {
      if (range !== null && sequence > range.lastSequence) setRange(null);
      halted({ sequence: Math.max(1, sequence), at: 0 });
    },
    seek: (time) => {
      cursor.current = time;
      halted({ sequence: 0, at: time });
    },
    play: setPace,
  };
}
