// Picking one of many by typing part of its name: the ARIA combobox with a list, wholly by keyboard.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useI18n } from "../i18n";
import { highlighted, likeness } from "../lib/text";
import { Field } from "./fields";
import type { FieldFrame } from "./fields";

export interface ComboOption {
  id: string;
  label: string;
  /** At the right of the label: a number, a legal form. */
  note?: string;
  /** Also searched, not shown. */
  keywords?: string;
}

export interface ComboProps extends FieldFrame {
  id: string;
  /** What stands in the box. */
  text: string;
  /** Id of the option it stands for, "" when it is free text. */
  chosen: string;
  options: readonly ComboOption[];
  onChange: (text: string, chosen: string) => void;
  /** Offers what was typed itself, for instance "Autre donateur : « … »". */
  freeLabel?: (text: string) => string;
  placeholder?: string;
  small?: boolean;
  autoFocus?: boolean;
}

const SHOWN_MAX = 8;
const FREE = "";

interface Row {
  id: string;
  label: string;
  note?: string | undefined;
  free: boolean;
}

function rowsFor(text: string, options: readonly ComboOption[], freeLabel?: (text: string) => string): [Row[], number] {
  const typed = text.trim();
  const scored = options.map((option) => ({ option, score: Math.max(likeness(option.label, typed), option.keywords ? Math.min(2, likeness(option.keywords, typed)) : 0) }))
    .filter(({ score }) => score > 0);
  scored.sort((a, b) => b.score - a.score);
  const rows: Row[] = scored.slice(0, SHOWN_MAX).map(({ option }) => ({ id: option.id, label: option.label, note: option.note, free: false }));
  if (freeLabel && typed && !options.some((option) => option.label === typed)) rows.push({ id: FREE, label: freeLabel(typed), free: true });
  return [rows, Math.max(0, scored.length - SHOWN_MAX)];
}

export function Combo({ id, text, chosen, options, onChange, freeLabel, placeholder, small, autoFocus, ...frame }: ComboProps) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [rows, others] = useMemo(() => rowsFor(chosen ? "" : text, options, freeLabel), [text, chosen, options]);
  const shown = open && (rows.length > 0 || text.trim() !== "");
  const current = shown ? rows[active] : undefined;

  useEffect(() => { if (autoFocus) input.current?.focus(); }, []);
  useEffect(() => {
    if (shown) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active, shown]);

  const pick = (row: Row) => {
    setOpen(false);
    if (row.free) onChange(text.trim(), "");
    else onChange(row.label, row.id);
  };
  const move = (step: number) => {
    if (!shown) { setOpen(true); setActive(0); return; }
    if (rows.length) setActive((at) => (at + step + rows.length) % rows.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    switch (event.key) {
      case "ArrowDown": event.preventDefault(); move(1); break;
      case "ArrowUp": event.preventDefault(); move(-1); break;
      case "Enter":
        if (current) { event.preventDefault(); pick(current); }
        break;
      case "Tab":
        // A name half typed is taken as the first match: the fast way with the keyboard. Nothing typed, nothing taken.
        if (current && !chosen && text.trim()) pick(current);
        else setOpen(false);
        break;
      case "Escape":
        if (shown) { event.preventDefault(); event.stopPropagation(); setOpen(false); }
        break;
    }
  };
  const describedBy = [frame.hint ? id + "-hint" : "", frame.error ? id + "-error" : "", frame.echo ? id + "-echo" : ""].filter(Boolean).join(" ");
  return (
    <Field id={id} {...frame}>
      <div class="combo">
        <input ref={input} id={id} name={id} class={small ? "input input--s" : "input"} role="combobox" autocomplete="off" spellcheck={false}
          aria-expanded={shown ? "true" : "false"} aria-controls={id + "-list"} aria-autocomplete="list"
          aria-activedescendant={current ? `${id}-option-${active}` : undefined}
          aria-invalid={frame.error ? "true" : undefined} aria-describedby={describedBy || undefined}
          placeholder={placeholder} value={text} onKeyDown={onKeyDown}
          onInput={(event) => { onChange(event.currentTarget.value, ""); setActive(0); setOpen(true); }}
          onClick={() => setOpen(true)} onBlur={() => setOpen(false)} />
        <ul class="combo__list" id={id + "-list"} role="listbox" aria-label={t.combo.list} hidden={!shown} ref={list}
          onMouseDown={(event) => event.preventDefault()}>
          {shown ? rows.map((row, index) => (
            <li key={row.free ? " free" : row.id} role="option" id={`${id}-option-${index}`} aria-selected={index === active ? "true" : "false"}
              class={row.free ? "combo__free" : undefined} onMouseEnter={() => setActive(index)} onClick={() => { pick(row); input.current?.focus(); }}>
              <Highlight label={row.label} typed={row.free || chosen ? "" : text} />
              {row.note ? <span class="soft small">{row.note}</span> : null}
            </li>
          )) : null}
          {shown && rows.length === 0 ? <li role="option" aria-disabled="true" aria-selected="false" class="soft">{t.combo.none}</li> : null}
        </ul>
        <span class="hide" role="status">{shown ? t.combo.count(rows.length) : ""}</span>
        {shown && others > 0 ? <p class="hint combo__more">{t.combo.more(others)}</p> : null}
      </div>
    </Field>
  );
}

function Highlight({ label, typed }: { label: string; typed: string }) {
  const [before, found, after] = highlighted(label, typed);
  return <span>{before}{found ? <mark>{found}</mark> : null}{after}</span>;
}
