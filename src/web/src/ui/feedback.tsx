// Messages: brief ones at the foot of the window, a dialog that says in figures what will happen, an empty list, progress.
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { useI18n } from "../i18n";
import { Button } from "./button";

// ---- toasts ----

export interface ToastLink {
  label: string;
  href: string;
}

interface ToastItem {
  id: number;
  text: string;
  link: ToastLink | undefined;
}

const ToastContext = createContext<(text: string, link?: ToastLink) => void>(() => {});
const TOAST_MS = 12_000;

export function ToastProvider({ children }: { children: ComponentChildren }) {
  const { t } = useI18n();
  const [items, setItems] = useState<ToastItem[]>([]);
  const count = useRef(0);
  const held = useRef(false);
  const drop = (id: number) => setItems((before) => before.filter((item) => item.id !== id));
  const show = useCallback((text: string, link?: ToastLink) => {
    const id = ++count.current;
    setItems((before) => [...before.slice(-2), { id, text, link }]);
    const leave = () => (held.current ? setTimeout(leave, 2_000) : drop(id));
    setTimeout(leave, TOAST_MS);
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div class="toasts noprint" role="status" aria-live="polite" onMouseEnter={() => { held.current = true; }} onMouseLeave={() => { held.current = false; }}
        onFocusCapture={() => { held.current = true; }} onBlurCapture={() => { held.current = false; }}>
        {items.map(({ id, text, link }) => (
          <div class="toast" key={id}>
            <span>{text} {link ? <a href={link.href}>{link.label}</a> : null}</span>
            <button type="button" onClick={() => { held.current = false; drop(id); }}>{t.common.dismiss}</button>
          </div>
        ))}
      </div>
    </ToastContext.Provider>
  );
}

/** Says what was done; the page itself must show it too, for whoever looks away. */
export function useToast(): (text: string, link?: ToastLink) => void {
  return useContext(ToastContext);
}

// ---- dialog ----

export interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** For a form of several fields. */
  wide?: boolean;
  /** Buttons at the foot; a way to leave comes first. */
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

/** A modal dialog. The focus goes in when it opens and back where it was when it closes. */
export function Dialog({ title, open, onClose, wide, actions, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A dialog that leaves the page with its content is closed first: only then does the focus go back where it came from.
  useEffect(() => {
    const dialog = element.current;
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog class={wide ? "dialog dialog--wide" : "dialog"} ref={element} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === element.current) onClose(); }}>
      {open ? <div class="dialog__body"><h2 id={id}>{title}</h2>{children}{actions ? <div class="dialog__acts">{actions}</div> : null}</div> : null}
    </dialog>
  );
}

export interface ConfirmProps {
  title: string;
  open: boolean;
  /** The verb, with the amount when money is concerned. */
  confirmLabel: string;
  keepLabel?: string;
  tone?: "main" | "bad";
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

export function ConfirmDialog({ title, open, confirmLabel, keepLabel, tone = "bad", busy, onConfirm, onClose, children }: ConfirmProps) {
  const { t } = useI18n();
  return (
    <Dialog title={title} open={open} onClose={onClose} actions={
      <><Button onClick={onClose}>{keepLabel ?? t.common.cancel}</Button><Button tone={tone} busy={busy} onClick={onConfirm}>{confirmLabel}</Button></>
    }>{children}</Dialog>
  );
}

// ---- empty list, progress ----

export function Empty({ title, children, action }: { title: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return <div class="empty"><h2>{title}</h2>{children ? <p>{children}</p> : null}{action}</div>;
}

/** Work under way; without `value` its end is not known. */
export function Progress({ label, value, max, hint }: { label: string; value?: number; max?: number; hint?: string }) {
  const id = useId();
  const measure = useMemo(() => (value === undefined ? {} : { value, max: max ?? 1 }), [value, max]);
  return (
    <div class="stack">
      <label class="label" for={id}>{label}</label>
      <progress id={id} {...measure} />
      {hint ? <p class="small soft">{hint}</p> : null}
    </div>
  );
}
