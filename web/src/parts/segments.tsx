// A few choices side by side, one of them pressed.

import type { ReactNode } from "react";

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly choices: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function Segments<T extends string>({ label, choices, value, onChange }: SegmentsProps<T>): ReactNode {
  return (
    <fieldset className="segments" aria-label={label}>
      {choices.map((choice) => (
        <button key={choice} type="button" aria-pressed={choice === value} onClick={() => onChange(choice)}>
          {choice}
        </button>
      ))}
    </fieldset>
  );
}
