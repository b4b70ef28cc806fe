// The samples of a soak as one SVG, six small pictures of lines over hours: drawn by hand, because what draws the
// console and the reports needs a browser.

import type { Sample } from "./samples.ts";

interface Picture {
  readonly title: string;
  readonly of: (sample: Sample) => number | null;
}

const PICTURES: readonly Picture[] = [
  { title: "heap after collection, MB", of: ({ heapMb }) => heapMb },
  { title: "resident memory, MB", of: ({ rssMb }) => rssMb },
  { title: "journal and its log, MB", of: ({ journalMb, walMb }) => journalMb + walMb },
  { title: "state, KB", of: ({ stateKb }) => stateKb },
  { title: "recovery after a kill, ms", of: ({ recoveryMs }) => recoveryMs },
  { title: "turn p99, µs", of: ({ turnP99Us }) => turnP99Us },
];

const WIDE = 320;
const HIGH = 150;
const EDGE = 34;
const COLUMNS = 3;

/** A whole SVG document. */
export function plotOf(samples: readonly Sample[], title: string): string {
  const rows = Math.ceil(PICTURES.length / COLUMNS);
  const width = WIDE * COLUMNS;
  const height = HIGH * rows + 28;
  const body = PICTURES.map((picture, n) => {
    const x = (n % COLUMNS) * WIDE;
    const y = 28 + Math.floor(n / COLUMNS) * HIGH;
    return `<g transform="translate(${x} ${y})">${drawn(picture, samples)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="8" y="18" font-size="13" fill="#222">${title}</text>`,
    ...body,
    "</svg>\n",
  ].join("\n");
}

function drawn({ title, of }: Picture, samples: readonly Sample[]): string {
  const points = samples.flatMap((sample): (readonly [number, number])[] => {
    const value = of(sample);
    return value === null ? [] : [[sample.hour, value]];
  });
  const hours = Math.max(1, ...points.map(([hour]) => hour));
  const most = Math.max(1, ...points.map(([, value]) => value)) * 1.1;
  const x = (hour: number): number => Math.round(EDGE + (hour / hours) * (WIDE - EDGE - 12));
  const y = (value: number): number => Math.round(HIGH - 22 - (value / most) * (HIGH - 50));
  const grid = [0, 0.5, 1].map((share) => {
    const value = share * most;
    const said = value >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
    return (
      `<line x1="${EDGE}" x2="${WIDE - 12}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
      `<text x="${EDGE - 4}" y="${y(value) + 4}" text-anchor="end" fill="#777">${said}</text>`
    );
  });
  const path = points.map(([hour, value]) => `${x(hour)},${y(value)}`).join(" ");
  const said = `${Math.round(hours * 10) / 10} h`;
  const ends = `<text x="${WIDE - 12}" y="${HIGH - 6}" text-anchor="end" fill="#777">${said}</text>`;
  const line = `<polyline points="${path}" fill="none" stroke="#2563c9" stroke-width="1.5"/>`;
  return `<text x="${EDGE}" y="16" fill="#222">${title}</text>${grid.join("")}${ends}${line}`;
}
