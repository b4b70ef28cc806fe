// An emulated exchange that says nonsense: frames and replies cut, torn, mistyped, or made of nothing sensible, beside
// and instead of what it had to say. It never lies in a form that could be true. Test code only.

import fc from "fast-check";
import { Prng } from "../../src/base/prng.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import type { ReplyOutlet, RequestPassage, SocketView } from "../../src/exchange/emulator/gates.ts";
import type { EmulatorParts } from "../../src/exchange/emulator/parts.ts";
import type { FrameTraits, WireReply } from "../../src/exchange/emulator/protocol.ts";

/** Values no field of an exchange has. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(null, "", "NaN", "-", "1e999", true, [], {}, [[]], "\u0000", "９"),
  // a number might be true
  fc.string({ unit: "binary" }).filter((text) => !/^[\s+-]*[\d.]/.test(text)),
  fc.anything({ maxDepth: 2 }).filter((each) => typeof each === "object"),
);
const TEXTS = fc.oneof(
  fc.string({ unit: "binary" }),
  // an empty list might be true
  fc.json().filter((text) => !text.startsWith("[")),
  fc.constantFrom("", "{}", "null", "0", '""', "{", '{"e":', '{"stream":"x","data":null}', "<html></html>"),
);
const POOL = 400;

export class NonsenseGate extends FaultGate {
  /** Share of frames and of replies that meet nonsense; 0: none does. */
  share = { frames: 0, replies: 0 };
  said = 0;
  private readonly random: Prng;
  private readonly texts: readonly string[];
  private readonly odd: readonly unknown[];

  constructor(parts: EmulatorParts, seed: number) {
    super(parts, parts.operator);
    this.random = new Prng(`nonsense/${seed}`);
    this.texts = fc.sample(TEXTS, { numRuns: POOL, seed });
    this.odd = fc.sample(ODD, { numRuns: POOL, seed });
  }

  override frame(
    socket: SocketView,
    frame: { readonly text: string; readonly traits: FrameTraits },
    send: (text: string) => void,
  ): void {
    super.frame(socket, frame, (text) => {
      if (!this.random.chance(this.share.frames)) {
        send(text);
        return;
      }
      this.said += 1;
      send(this.nonsense(text));
      // beside the truth, or in its place
      if (this.random.chance(0.5)) send(text);
    });
  }

  override request(
    passage: RequestPassage,
    handle: (done: (reply: WireReply) => void) => void,
    out: ReplyOutlet,
  ): void {
    const reply = (said: WireReply): void => {
      if (!this.random.chance(this.share.replies)) out.reply(said);
      else {
        this.said += 1;
        out.reply({ ...said, body: this.nonsense(said.body) });
      }
    };
    super.request(passage, handle, { reply, cut: (...cut) => out.cut(...cut), reset: () => out.reset() });
  }

  private nonsense(text: string): string {
    const { random } = this;
    if (random.chance(0.3)) return this.anyOf(this.texts, "");
    if (random.chance(0.3)) return text.slice(0, random.integer(0, Math.max(0, text.length - 1)));
    return this.mistyped(text);
  }

  /** One leaf of the message becomes something no exchange says there. */
  private mistyped(text: string): string {
    const leaves: number[] = [];
    const value = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|true|false|null/g;
    for (const match of text.matchAll(value)) leaves.push(match.index);
    if (leaves.length === 0) return "";
    const at = this.anyOf(leaves, 0);
    value.lastIndex = at;
    const length = value.exec(text)?.[0].length ?? 0;
    const odd = JSON.stringify(this.anyOf(this.odd, null)) ?? "null";
    return `${text.slice(0, at)}${odd}${text.slice(at + length)}`;
  }

  private anyOf<T>(list: readonly T[], none: T): T {
    return list[this.random.integer(0, Math.max(0, list.length - 1))] ?? none;
  }
}
