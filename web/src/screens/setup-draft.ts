// The text somebody works on at Setup: the bot's own configuration at first, then what is typed, and what the engine says
// it would place, asked when the typing pauses. Nothing here changes a bot.

import { useCallback, useEffect, useRef, useState } from "react";
import type { ConfigKey, Preview } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { usePicture } from "../picture/use.ts";
import { link } from "../wire/link.ts";

const PAUSE_MS = 400;

type Previewed = { readonly answer: Preview; readonly at: number } | null;

/** A bot's own text, and what is typed over it. */
export interface OwnText {
  readonly text: string;
  /** As the engine has it; null while it is not told. */
  readonly own: string | null;
  readonly keys: readonly ConfigKey[];
  /** Why the configuration is not there. */
  readonly fault: string;
  readonly change: (text: string) => void;
  /** Back to the text that is in force. */
  readonly reset: () => void;
}

export interface Draft extends OwnText {
  readonly previewed: Previewed;
  /** An answer is awaited, or typing goes on. */
  readonly waiting: boolean;
  /** Asks for the preview once more: the market has moved. */
  readonly again: () => void;
}

interface Own {
  readonly text: string;
  readonly keys: readonly ConfigKey[];
}

/** The text of the bot that is looked at; what is typed for one bot is no other's. */
export function useOwnText(): OwnText {
  const { botId, bot } = useChosen();
  const revision = bot?.revision ?? 0;
  const open = usePicture((picture) => picture.ready);
  const [own, setOwn] = useState<Own | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [fault, setFault] = useState("");

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is a new text
  useEffect(() => {
    if (!open || botId === "") return;
    let gone = false;
    void link.config(botId).then((answer) => {
      if (gone) return;
      setFault("error" in answer ? answer.error : "");
      if ("text" in answer) setOwn({ text: answer.text, keys: answer.keys });
    });
    return () => {
      gone = true;
    };
  }, [botId, revision, open]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed for one bot is no other's
  useEffect(() => {
    setOwn(null);
    setTyped(null);
  }, [botId]);

  return {
    text: typed ?? own?.text ?? "",
    own: own?.text ?? null,
    keys: own?.keys ?? [],
    fault,
    change: setTyped,
    reset: useCallback(() => setTyped(null), []),
  };
}

export function useDraft(): Draft {
  const { botId } = useChosen();
  const open = usePicture((picture) => picture.ready);
  const written = useOwnText();
  const { text, own } = written;
  const [previewed, setPreviewed] = useState<Previewed>(null);
  const [waiting, setWaiting] = useState(false);
  const [asked, setAsked] = useState(0);
  const number = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what one bot would place is no other's
  useEffect(() => setPreviewed(null), [botId]);

  // an empty message means the bot's own text, so what was emptied is sent as an empty line
  const wanted = own === null ? null : text === own ? "" : text === "" ? "\n" : text;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again by the button, with the same text
  useEffect(() => {
    if (!open || wanted === null) return;
    setWaiting(true);
    number.current += 1;
    const mine = number.current;
    const timer = setTimeout(async () => {
      const answer = await link.preview(botId, wanted);
      if (mine !== number.current) return;
      setWaiting(false);
      setPreviewed({ answer, at: performance.now() });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [botId, wanted, open, asked]);

  return {
    ...written,
    previewed,
    waiting,
    again: useCallback(() => setAsked((times) => times + 1), []),
  };
}
