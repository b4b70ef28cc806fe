// The processes behind this page, each with what it said of itself last, and the journals of the bots in figures.

import type { ReactNode } from "react";
import type { JournalFigures, Process } from "../../../src/live/messages.ts";
import { bytes, plain, span } from "../money/show.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { useNow, usePicture } from "../picture/use.ts";

/** Milliseconds since the figures came, for ages that go on. */
function useSince(): number {
  const heard = usePicture((picture) => picture.receipts.get("system/")) ?? 0;
  return Math.max(0, useNow() - heard);
}

function standing({ state, told }: Process): readonly [tone: string, text: string] {
  if (state === "DOWN") return ["sell", "■ down"];
  if (state === "STALE") return ["dim", "○ silent"];
  if (told === null) return ["dim", "◐ says nothing"];
  return told.ready ? ["buy", "● ready"] : ["sell", "◐ not ready"];
}

export function ProcessesPanel(): ReactNode {
  const processes = usePicture((picture) => picture.system?.processes);
  const since = useSince();
  return (
    <Panel title="Processes" className="wide">
      {processes === undefined ? (
        <Loading source="the processes" lines={3} />
      ) : (
        <div className="table-scroll" data-rows>
          <table aria-label="Processes">
            <thead>
              <tr>
                <th scope="col">state</th>
                <th scope="col">process</th>
                <th scope="col">address</th>
                <th scope="col">release</th>
                <th scope="col" className="num">
                  up for
                </th>
                <th scope="col" className="num">
                  unchanged for
                </th>
                <th scope="col">what it says</th>
              </tr>
            </thead>
            <tbody>
              {processes.map((process) => (
                <ProcessRow key={process.id} process={process} since={since} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function ProcessRow({ process, since }: { readonly process: Process; readonly since: number }): ReactNode {
  const { id, kind, address, state, told, unchangedMs } = process;
  const [tone, text] = standing(process);
  const gone = state === "DOWN";
  const failed = told?.checks.filter(({ ok }) => !ok) ?? [];
  const well = told === null ? "" : `${told.checks.length} checks pass`;
  return (
    <tr data-row data-process={id} className={gone ? "dim" : ""}>
      <td className={tone}>{text}</td>
      <td title={told === null ? "" : `process ${told.pid} on ${told.host}`}>
        {id} {kind !== id && <span className="dim">{kind}</span>}
      </td>
      <td>{address}</td>
      <td>{told?.release ?? "–"}</td>
      <td className="num">{told === null || gone ? "–" : span(told.uptimeMs + since)}</td>
      <td className="num">{span(unchangedMs + since)}</td>
      <td className="dim" title={told?.checks.map(({ name, text: said }) => `${name}: ${said}`).join("\n")}>
        {failed.length === 0 ? well : failed.map(({ name, text: said }) => `${name}: ${said}`).join("; ")}
      </td>
    </tr>
  );
}

/** What a commit outlives, for a person. */
const OUTLIVES: Readonly<Record<string, string>> = {
  kill: "a kill",
  send: "a power cut, before each order",
  all: "a power cut",
};

/** Microseconds as ms with one place: 340 µs is 0.3 ms. */
const msOf = (us: number): string => (us <= 0 ? "–" : `${(us / 1000).toFixed(1)} ms`);

export function JournalsPanel(): ReactNode {
  const journals = usePicture((picture) => picture.system?.journals);
  const since = useSince();
  return (
    <Panel title="Journals" className="wide">
      {journals === undefined ? (
        <Loading source="the journals" lines={2} />
      ) : journals.length === 0 ? (
        <Empty>
          No bot runs: a journal is shown while its bot does. See what it holds with: opensqt journal verify.
        </Empty>
      ) : (
        <div className="table-scroll" data-rows>
          <table aria-label="Journals">
            <thead>
              <tr>
                <th scope="col">bot</th>
                <th scope="col" className="num">
                  records
                </th>
                <th scope="col" className="num">
                  newest event
                </th>
                <th scope="col" className="num">
                  on the disk
                </th>
                <th scope="col" className="num">
                  commit p99
                </th>
                <th scope="col" className="num">
                  snapshot
                </th>
                <th scope="col">a commit outlives</th>
              </tr>
            </thead>
            <tbody>
              {journals.map((journal) => (
                <JournalRow key={journal.bot} journal={journal} since={since} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function JournalRow({ journal, since }: { readonly journal: JournalFigures; readonly since: number }): ReactNode {
  const { bot, position, sequence, commitP99Us, snapshotSequence, snapshotAgeMs, sync } = journal;
  const behind = plain(String(Math.max(0, sequence - snapshotSequence)));
  return (
    <tr data-row data-journal={bot}>
      <td>{bot}</td>
      <td className="num">{plain(String(position))}</td>
      <td className="num">{plain(String(sequence))}</td>
      <td className="num">{journal.bytes === 0 ? "–" : bytes(journal.bytes)}</td>
      <td className="num">{msOf(commitP99Us)}</td>
      <td className="num" title={`${behind} events would be replayed after a crash`}>
        {snapshotAgeMs < 0 ? `${behind} events ago` : `${span(snapshotAgeMs + since)} ago`}
      </td>
      <td className="dim">{OUTLIVES[sync] ?? sync}</td>
    </tr>
  );
}

/** All journals in one line, for the machinery. */
export function JournalSum(): ReactNode {
  const journals = usePicture((picture) => picture.system?.journals) ?? [];
  if (journals.length === 0) return "–";
  const size = journals.reduce((sum, journal) => sum + journal.bytes, 0);
  const slowest = Math.max(...journals.map(({ commitP99Us }) => commitP99Us));
  return `${journals.length}, ${bytes(size)}, slowest commit p99 ${msOf(slowest)}`;
}
