// What `opensqt up` tells the person who started it: progress, the console's address, what went wrong and what was done
// about it, one line each on stderr. With --quiet alerts, deaths and the end only.

import type { AlertSeverity } from "../../../trading/effect.ts";
import { note } from "../output.ts";
import type { ChildEnd, ChildLine } from "./child.ts";
import type { ChosenPort } from "./ports.ts";
import type { AfterDeath } from "./restart-rule.ts";

const NAME_WIDTH = 13;
/** Lines of a child's log that are for people: how a bot ended, and what an operator must know. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["bot-end"]);

/** Its warnings are about the others, who speak for themselves; its log has them. */
const VIEW = "live-server";

export class Voice {
  private readonly quiet: boolean;
  private readonly last = new Map<string, string>();

  constructor(quiet: boolean) {
    this.quiet = quiet;
  }

  /** Progress: not told when quiet. */
  say(name: string, text: string): void {
    if (!this.quiet) note(`${name.padEnd(NAME_WIDTH)} ${text}`);
  }

  /** Told even when quiet. */
  must(name: string, text: string): void {
    note(`${name.padEnd(NAME_WIDTH)} ${text}`);
  }

  port(what: string, { wanted, port, takenBy }: ChosenPort): void {
    if (takenBy !== null) this.say("up", `port ${wanted} is in use by ${takenBy}: ${what} takes ${port}`);
  }

  /** Warnings and errors of a child's log, and what it has for people; a line that repeats itself once. */
  line(name: string, line: ChildLine): void {
    if (FOR_PEOPLE.has(line.code)) {
      note(line.text);
      return;
    }
    // its last words say it
    if (line.code === "phase-failed") return;
    if (line.level !== "error" && (line.level !== "warn" || name === VIEW)) return;
    if (this.last.get(name) === line.text) return;
    this.last.set(name, line.text);
    const severity = severityOf(line);
    const bot = line.fields["bot"];
    this.must(name, `${severity}: ${bot === undefined ? "" : `${bot}: `}${line.text}`);
  }

  died(name: string, { code, signal, lastWords, log }: ChildEnd & { readonly log: string }, after: AfterDeath): void {
    const how = signal !== null ? `was killed (${signal})` : `ended with exit code ${code}`;
    if (after.kind === "final") {
      this.must(name, `${how}${lastWords === "" ? "" : `: ${lastWords}`}`);
      return;
    }
    const wait = after.waitMs < 1000 ? `${after.waitMs} ms` : `${after.waitMs / 1000} s`;
    this.must(name, `${how}; started again in ${wait}`);
    if (lastWords !== "") this.must(name, lastWords);
    if (!after.keepsDying) return;
    this.must(name, `keeps dying: ${after.deaths} times in five minutes. Read ${log}, and report it if it is ours.`);
  }
}

const SEVERITIES: readonly AlertSeverity[] = ["info", "warning", "error", "critical"];

function severityOf({ fields, level }: ChildLine): string {
  const given = SEVERITIES.find((severity) => severity === fields["severity"]);
  return given ?? (level === "warn" ? "warning" : "error");
}
