// A question that has to be answered first. The browser's own dialog: focus, Escape and the background are its business.
import { type ReactNode, useEffect, useRef } from "react";

/** Open while it stands. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onCancel={onClose}
      className="m-auto w-[min(34rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-0 text-text shadow-xl"
    >
      <h2 className="border-line border-b px-4 py-3 font-semibold text-base">{title}</h2>
      <div className="p-4">{children}</div>
    </dialog>
  );
}
