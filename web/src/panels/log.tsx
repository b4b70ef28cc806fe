// The live tail of the log: filtered by level, searched, paused. Subscribed only while it is on screen.

import { type ReactNode, useEffect, useState } from "react";
import { Empty, Panel } from "../parts/panel.tsx";
import { Time } from "../parts/values.tsx";
import { usePicture } from "../picture/use.ts";
import { link } from "../wire/link.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];
const SHOWN_MAX = 300;

const rank = (level: string): number => {
  const word = level.toLowerCase();
  if (word === "fatal" || word === "critical") return LEVELS.length;
  return LEVELS.findIndex((each) => word.startsWith(each));
};

const isLevel = (text: string): text is Level => LEVELS.some((level) => level === text);

export function LogPanel(): ReactNode {
  const lines = usePicture((picture) => picture.log);
  const dropped = usePicture((picture) => picture.logDropped);
  const [level, setLevel] = useState<Level>("info");
  const [wanted, setWanted] = useState("");
  const [held, setHeld] = useState<typeof lines | null>(null);
  useEffect(() => {
    link.want({ type: "subscribe", topics: ["log"] });
    return () => link.want({ type: "unsubscribe", topics: ["log"] });
  }, []);
  const shown = (held ?? lines)
    .filter((line) => rank(line.level) >= LEVELS.indexOf(level))
    .filter((line) => `${line.text} ${line.code} ${line.process}`.toLowerCase().includes(wanted.toLowerCase()))
    .sort((a, b) => b.at - a.at || b.number - a.number)
    .slice(0, SHOWN_MAX);
  return (
    <Panel
      title="Log"
      className="wide"
      aside={
        <>
          {dropped > 0 && <span className="dim">{dropped} lines dropped</span>}
          <label>
            <span className="unseen">lowest level</span>
            <select value={level} onChange={(event) => isLevel(event.target.value) && setLevel(event.target.value)}>
              {LEVELS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label>
            <span className="unseen">search the log</span>
            <input size={12} placeholder="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          </label>
          <button type="button" aria-pressed={held !== null} onClick={() => setHeld(held === null ? lines : null)}>
            {held === null ? "pause" : "go on"}
          </button>
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty>{wanted === "" ? "Quiet: no line since this page opened." : `No line holds ${wanted}.`}</Empty>
      ) : (
        <div className="log">
          {shown.map((line) => (
            <p key={line.number}>
              <Time at={line.at} />
              <span className={rank(line.level) >= 3 ? "sell" : "dim"}>{line.level}</span>
              <span className="dim">{line.process}</span>
              <span>
                {line.code !== "" && <span className="dim">{line.code} </span>}
                {line.text}{" "}
                <span className="dim">
                  {Object.entries(line.fields)
                    .map(([name, value]) => `${name}=${value}`)
                    .join(" ")}
                </span>
              </span>
            </p>
          ))}
        </div>
      )}
    </Panel>
  );
}
