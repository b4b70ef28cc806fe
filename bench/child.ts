// The other side of a bench, in a process of its own: it says in its first line where it listens, answers "cpu" with
// the processor time it has used and "memory" with what it holds, and ends when its input does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Child<Hosts> {
  /** What the child said in its first line. */
  readonly hosts: Hosts;
  /** Processor time the child has used so far, ms. */
  cpuMs(): Promise<number>;
  /** Resident memory of the child, MB. */
  residentMb(): Promise<number>;
  /** What the child answers to a word of its own; one question at a time. */
  ask(word: string): Promise<number>;
  close(): Promise<void>;
}

/** A file of this folder, with flags of Node before it and words after it. */
export interface ChildProgram {
  readonly file: string;
  readonly flags?: readonly string[];
}

/** Starts a program of this folder with words for it. Errors: it ended before it could serve. */
export async function openChild<Hosts>(
  program: string | ChildProgram,
  ...words: readonly string[]
): Promise<Child<Hosts>> {
  const { file, flags = [] } = typeof program === "string" ? { file: program } : program;
  const child: ChildProcess = spawn(process.execPath, [...flags, join(import.meta.dirname, file), ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { stdout, stdin } = child;
  if (stdout === null || stdin === null) throw new Error("the child has no pipes");
  const lines = createInterface({ input: stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${file} ended before it could serve`);
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => undefined);
  const asked = async (word: string): Promise<number> => {
    stdin.write(`${word}\n`);
    const [text] = (await once(lines, "line")) as [string];
    return Number.parseFloat(text);
  };
  return {
    hosts: JSON.parse(line) as Hosts,
    cpuMs: () => asked("cpu"),
    residentMb: () => asked("memory"),
    ask: asked,
    close: async () => {
      const exit = once(child, "exit");
      stdin.end();
      await exit;
      lines.close();
    },
  };
}

/** What a child answers to words of its own. */
export type Answers = Readonly<Record<string, () => number | Promise<number>>>;

/** What every child does once it serves: tells where, answers, and ends with its input. */
export function serveParent(hosts: unknown, close: () => Promise<void>, own: Answers = {}): void {
  const answers: Answers = {
    ...own,
    memory: () => process.memoryUsage.rss() / 2 ** 20,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
  };
  process.stdout.write(`${JSON.stringify(hosts)}\n`);
  const lines = createInterface({ input: process.stdin });
  const answer = async (word: string): Promise<void> => {
    process.stdout.write(`${(await answers[word]?.()) ?? Number.NaN}\n`);
  };
  // what fails ends the child, and with it the bench
  lines.on("line", (word) => void answer(word));
  lines.on("close", () => void close().finally(() => process.exit(0)));
}
