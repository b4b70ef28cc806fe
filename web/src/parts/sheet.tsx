// A dialog on a wide screen, a sheet from below on a phone. The browser's own <dialog>: it traps focus, gives it back
// and closes on Esc.

import { type ReactNode, useEffect, useRef } from "react";

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Sheet({ title, onClose, children }: SheetProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose} onCancel={onClose}>
      <div className="inner">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A command to copy, for what the page may not do itself (UI-05). */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="command">
      <code>{text}</code>
      <button type="button" onClick={() => void navigator.clipboard?.writeText(text)}>
        copy
      </button>
    </div>
  );
}
