// Buttons that change a bot. Each says what it will do, asks for a reason, waits for the engine's word and shows it with
// the journal sequence (UI-06). Without a key they are there, locked, and give the command instead (UI-05).

import { type KeyboardEvent, type ReactNode, useState, useSyncExternalStore } from "react";
import { span } from "../money/show.ts";
import { Icon } from "../parts/icons.tsx";
import { Command, Sheet } from "../parts/sheet.tsx";
import { useNow, usePicture } from "../picture/use.ts";
import { type Answer, type Body, call, type Rpc } from "./door.ts";
import { useKeys } from "./key.ts";

/**
 * The door of a bot; null when the server names none. Where all doors are one, it is also that of a bot just made; where
 * there are several, another engine's must not be told to kill everything of its own.
 */
export function useDoor(bot: string): string | null {
  const doors = usePicture((picture) => picture.hello?.doors) ?? [];
  const own = doors.find((door) => door.bot === bot)?.url;
  const urls = new Set(doors.map(({ url }) => url));
  return own ?? (urls.size === 1 ? (doors[0]?.url ?? null) : null);
}

interface ControlProps {
  readonly bot: string;
  readonly label: string;
  readonly rpc: Rpc;
  /** What it will do, in a sentence. */
  readonly says: string;
  readonly body: Body;
  readonly command: string;
  readonly undo?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Yes-or-no fields of the request, off at first. */
  readonly options?: readonly { readonly field: string; readonly label: string }[];
  /** One of several values of a field; the first says nothing and is not sent. */
  readonly choice?: {
    readonly field: string;
    readonly label: string;
    readonly values: readonly { readonly value: string; readonly label: string }[];
  };
}

export function Control(props: ControlProps): ReactNode {
  const unlocked = useUnlocked(props.bot);
  return (
    <button
      type="button"
      className={unlocked ? (props.danger === true ? "danger" : "") : "locked"}
      disabled={props.disabled}
      title={unlocked ? props.says : `Locked: ${props.command}`}
      onClick={() => ask(props)}
    >
      {!unlocked && <Icon name="lock" />}
      {props.label}
      {!unlocked && <span className="unseen"> (locked)</span>}
    </button>
  );
}

let asked: ControlProps | null = null;
const listeners = new Set<() => void>();

function ask(control: ControlProps | null): void {
  asked = control;
  for (const listener of listeners) listener();
}

/**
 * The dialog of the control that was pressed. The frame holds it, as it was pressed: its button may go, or become
 * another one, as soon as the engine did what was asked, and the engine's answer is still to be read.
 */
export function ControlSheet(): ReactNode {
  const control = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
  return control === null ? null : <Asked {...control} />;
}

function Asked(control: ControlProps): ReactNode {
  const unlocked = useUnlocked(control.bot);
  const close = (): void => ask(null);
  return (
    <Sheet title={`${control.label}: ${control.bot}`} onClose={close}>
      <Unlockable
        unlocked={unlocked}
        form={<ControlForm {...control} onClose={close} />}
        locked={<Locked says={control.says} command={control.command} onClose={close} />}
      />
    </Sheet>
  );
}

interface UnlockableProps {
  readonly unlocked: boolean;
  readonly form: ReactNode;
  readonly locked: ReactNode;
}

/**
 * A form that was open stays: the key may be over, or live-server may name no door for a moment, while a reason is typed
 * or an answer is still to come and to be read.
 */
export function Unlockable({ unlocked, form, locked }: UnlockableProps): ReactNode {
  const [wasOpen] = useState(unlocked);
  return unlocked || wasOpen ? form : locked;
}

/** A key held down repeats by itself: what it does, it does once. */
export const noRepeat = (event: KeyboardEvent): void => {
  if (event.repeat && event.key === "Enter") event.preventDefault();
};

export function useUnlocked(bot: string): boolean {
  const door = useDoor(bot);
  return useKeys().has(door ?? "");
}

interface LockedProps {
  readonly says: string;
  readonly command: string;
  readonly onClose: () => void;
}

export const Locked = ({ says, command, onClose }: LockedProps): ReactNode => (
  <>
    <p>{says}</p>
    <p className="dim">
      This page only reads. Unlock it with the lock in the header (a code of <code>opensqt token pair</code>), or run:
    </p>
    <Command text={command} />
    <footer>
      <button type="button" onClick={onClose}>
        close
      </button>
    </footer>
  </>
);

function ControlForm(props: ControlProps & { readonly onClose: () => void }): ReactNode {
  const [reason, setReason] = useState("");
  const [flags, setFlags] = useState<Readonly<Record<string, boolean>>>({});
  const [chosen, setChosen] = useState("");
  const [answer, setAnswer] = useState<Answer | "asked" | null>(null);
  const door = useDoor(props.bot);
  const { choice } = props;
  const extra = choice === undefined || chosen === "" ? {} : { [choice.field]: chosen };
  const done = answer !== null && answer !== "asked" && answer.ok;
  const send = async (): Promise<void> => {
    // without its button the form can still be submitted by Enter
    if (door === null || done || answer === "asked" || reason.trim() === "") return;
    setAnswer("asked");
    setAnswer(await call(door, props.rpc, { ...props.body, ...flags, ...extra, reason: reason.trim() }));
  };
  return (
    <form
      className="inner-form"
      onKeyDown={noRepeat}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>{props.says}</p>
      {props.options?.map((option) => (
        <label className="choice" key={option.field}>
          <input
            type="checkbox"
            checked={flags[option.field] ?? false}
            onChange={(event) => setFlags({ ...flags, [option.field]: event.target.checked })}
          />
          {option.label}
        </label>
      ))}
      {choice !== undefined && (
        <label className="field">
          <span>{choice.label}</span>
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {choice.values.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        <span>Reason, for the journal</span>
        <input value={reason} maxLength={200} required onChange={(event) => setReason(event.target.value)} />
      </label>
      <Result answer={answer} />
      {done && props.undo !== undefined && <p className="dim">Undo: {props.undo}</p>}
      <footer>
        <button type="button" onClick={props.onClose}>
          close
        </button>
        {!done && (
          <button
            type="submit"
            className={props.danger === true ? "danger" : "main"}
            disabled={reason.trim() === "" || answer === "asked" || door === null}
          >
            {props.label}
          </button>
        )}
      </footer>
    </form>
  );
}

const LONG_MS = 5000;

function Waiting(): ReactNode {
  const [since] = useState(() => performance.now());
  const waited = useNow() - since;
  return (
    <p className="result" role="status">
      Waiting for the engine
      {waited > LONG_MS
        ? `, ${span(waited)} so far: it may have been taken, and the command line tells. This window keeps waiting.`
        : " …"}
    </p>
  );
}

/** The engine's word, with where it stands in the journal. */
export function Result({ answer }: { readonly answer: Answer | "asked" | null }): ReactNode {
  if (answer === null) return null;
  if (answer === "asked") return <Waiting />;
  if (!answer.ok) {
    return (
      <p className="result bad" role="alert">
        {answer.unsure ? "Whether it was done is not known" : "Refused"} ({answer.reason}): {answer.message}
        {answer.unsure && " Look at the bot before you repeat it, or use the command line."}
      </p>
    );
  }
  return (
    <output className="result">Done{answer.sequence === "" ? "" : `, journal sequence ${answer.sequence}`}.</output>
  );
}
