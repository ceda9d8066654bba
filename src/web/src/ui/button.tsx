// Buttons: one full button a screen; it says the verb and, when it commits money, the amount.
import type { ComponentChildren, JSX } from "preact";

export interface ButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, "size" | "type" | "disabled"> {
  tone?: "main" | "bad" | "plain" | undefined;
  small?: boolean | undefined;
  type?: "button" | "submit";
  /** At work: the button stays where it is, says so, and takes no second press. */
  busy?: boolean | undefined;
  /** Not possible now. It keeps the focus and its explanation (aria-describedby), so it is never `disabled`. */
  off?: boolean | undefined;
  children?: ComponentChildren;
}

export function Button({ tone, small, type = "button", busy, off, onClick, children, ...rest }: ButtonProps) {
  const stopped = busy || off;
  const names = ["btn", tone ? "btn--" + tone : "", small ? "btn--s" : "", busy ? "is-busy" : ""];
  return (
    <button {...rest} type={type} class={names.filter(Boolean).join(" ")} aria-disabled={stopped ? "true" : undefined}
      onClick={(event) => { if (stopped) event.preventDefault(); else onClick?.(event); }}>
      {children}
    </button>
  );
}
