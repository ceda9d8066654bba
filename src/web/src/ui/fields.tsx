// Fields: label, hint, echo of what was understood, error beside the field. Each takes what form.field() gives.
import { useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { useI18n } from "../i18n";
import { amountInWords } from "../lib/words";
import { currencySign, formatMoney, parseMoney } from "../lib/money";
import type { Currency, MoneyOptions, MoneyResult } from "../lib/money";
import { parseDate } from "../lib/date";
import type { DateOptions, DateResult, Iso } from "../lib/date";
import type { FieldBinding } from "../lib/form";

export interface FieldFrame {
  label: string;
  hint?: ComponentChildren;
  /** Under the field: what was understood. */
  echo?: ComponentChildren;
  /** Adds "(facultatif)" to the label. */
  optional?: boolean;
  error?: string | undefined;
}

function describedBy(id: string, frame: FieldFrame): string | undefined {
  const ids = [frame.hint ? id + "-hint" : "", frame.error ? id + "-error" : "", frame.echo ? id + "-echo" : ""].filter(Boolean);
  return ids.length ? ids.join(" ") : undefined;
}

function Label({ frame }: { frame: FieldFrame }) {
  const { t } = useI18n();
  return <>{frame.label}{frame.optional ? <span class="optional"> {t.common.optional}</span> : null}</>;
}

/** Label, hint, error and echo around any control whose id is `id`. */
export function Field({ id, children, ...frame }: FieldFrame & { id: string; children: ComponentChildren }) {
  return (
    <div class={frame.error ? "field field--bad" : "field"}>
      <label for={id}><Label frame={frame} /></label>
      {frame.hint ? <p class="hint" id={id + "-hint"}>{frame.hint}</p> : null}
      {frame.error ? <p class="err" id={id + "-error"}>{frame.error}</p> : null}
      {children}
      {frame.echo ? <p class="echo" id={id + "-echo"}>{frame.echo}</p> : null}
    </div>
  );
}

type InputAttributes = Pick<JSX.InputHTMLAttributes<HTMLInputElement>, "type" | "inputMode" | "autocomplete" | "maxLength" | "placeholder" | "spellcheck" | "autoFocus">;

export interface TextFieldProps extends FieldFrame, FieldBinding<string>, InputAttributes {
  small?: boolean;
  required?: boolean;
}

export function TextField({ id, value, onValue, error, label, hint, echo, optional, small, required, type = "text", ...rest }: TextFieldProps) {
  const frame = { label, hint, echo, error, optional: optional ?? false };
  return (
    <Field id={id} {...frame}>
      <input {...rest} id={id} name={id} type={type} class={small ? "input input--s" : "input"} value={value}
        autocomplete={rest.autocomplete ?? "off"} aria-required={required ? "true" : undefined}
        aria-invalid={error ? "true" : undefined} aria-describedby={describedBy(id, frame)}
        onInput={(event) => onValue(event.currentTarget.value)} />
    </Field>
  );
}

export function TextArea({ id, value, onValue, error, label, hint, echo, optional, rows = 4 }: FieldFrame & FieldBinding<string> & { rows?: number }) {
  const frame = { label, hint, echo, error, optional: optional ?? false };
  return (
    <Field id={id} {...frame}>
      <textarea id={id} name={id} class="input" rows={rows} value={value} aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy(id, frame)} onInput={(event) => onValue(event.currentTarget.value)} />
    </Field>
  );
}

export interface Option<T extends string = string> {
  value: T;
  label: string;
}

export interface SelectFieldProps<T extends string> extends FieldFrame, FieldBinding<T> {
  options: readonly Option<T>[];
  small?: boolean;
}

export function SelectField<T extends string>({ id, value, onValue, error, label, hint, echo, optional, options, small }: SelectFieldProps<T>) {
  const frame = { label, hint, echo, error, optional: optional ?? false };
  return (
    <Field id={id} {...frame}>
      <select id={id} name={id} class={small ? "input input--s" : "input"} value={value} aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy(id, frame)} onChange={(event) => onValue(event.currentTarget.value as T)}>
        {options.map((option) => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
      </select>
    </Field>
  );
}

export interface ChoiceFieldProps<T extends string> extends FieldFrame, FieldBinding<T> {
  options: readonly Option<T>[];
}

/** Radio buttons as large targets; the arrow keys move, as everywhere. */
export function ChoiceField<T extends string>({ id, value, onValue, error, label, hint, echo, optional, options }: ChoiceFieldProps<T>) {
  const frame = { label, hint, echo, error, optional: optional ?? false };
  return (
    <fieldset class={error ? "field field--bad" : "field"} aria-describedby={describedBy(id, frame)}>
      <legend><Label frame={frame} /></legend>
      {hint ? <p class="hint" id={id + "-hint"}>{hint}</p> : null}
      {error ? <p class="err" id={id + "-error"}>{error}</p> : null}
      <div class="choices">
        {options.map((option, index) => (
          <label class="choice" key={option.value}>
            <input type="radio" id={index === 0 ? id : undefined} name={id} value={option.value} checked={option.value === value}
              onChange={() => onValue(option.value)} />
            {option.label}
          </label>
        ))}
      </div>
      {echo ? <p class="echo" id={id + "-echo"}>{echo}</p> : null}
    </fieldset>
  );
}

export function CheckField({ id, value, onValue, error, label, hint }: FieldFrame & FieldBinding<boolean>) {
  const frame = { label, hint, error };
  return (
    <div class={error ? "field field--bad" : "field"}>
      {error ? <p class="err" id={id + "-error"}>{error}</p> : null}
      <label class="check"><input type="checkbox" id={id} name={id} checked={value} aria-describedby={describedBy(id, frame)}
        onChange={(event) => onValue(event.currentTarget.checked)} /><span>{label}</span></label>
      {hint ? <p class="hint check__hint" id={id + "-hint"}>{hint}</p> : null}
    </div>
  );
}

// ---- money ----

/** What a money field's text means; pages use it to send and to show the same. */
export function readMoney(text: string, currency: Currency, language: "fr" | "en", options: Partial<MoneyOptions> = {}): MoneyResult {
  return parseMoney(text, { digits: currency.digits, language, ...options });
}

export interface MoneyFieldProps extends FieldFrame, FieldBinding<string> {
  currency: Currency;
  signed?: boolean;
  zero?: boolean;
  /** Say the amount in words too. */
  words?: boolean;
  small?: boolean;
  /** Only the label for screen readers, in a table of lines. */
  bare?: boolean;
}

/** An amount as people type it, echoed in full and in words. */
export function MoneyField({ id, value, onValue, error, label, hint, optional, currency, signed, zero, words, small, echo }: MoneyFieldProps) {
  const { t, language } = useI18n();
  const read = readMoney(value, currency, language, { signed: signed ?? false, zero: zero ?? false });
  const spelled = read.ok && words ? amountInWords(read.minor, currency.code, currency.digits, language) : "";
  const understood = read.ok
    ? <>= <strong>{formatMoney(read.minor, currency, language)}</strong>{spelled ? ", " + spelled : ""}</>
    : read.fault === "empty" ? null : <span class="doubt">{t.money[read.fault]}</span>;
  const frame = { label, hint, error, optional: optional ?? false, echo: error ? echo : <>{understood}{echo}</> };
  return (
    <Field id={id} {...frame}>
      <div class="with-unit">
        <input id={id} name={id} class={small ? "input input--num input--s" : "input input--num"} inputMode="decimal" autocomplete="off"
          value={value} aria-invalid={error ? "true" : undefined} aria-describedby={describedBy(id, frame)}
          onInput={(event) => onValue(event.currentTarget.value)} />
        <span aria-hidden="true">{currencySign(currency.code)}</span>
      </div>
    </Field>
  );
}

// ---- dates ----

export function readDate(text: string, options: DateOptions): DateResult {
  return parseDate(text, options);
}

export interface DateFieldProps extends FieldFrame, FieldBinding<string> {
  today: Iso;
  prefer?: "past" | "future";
  small?: boolean;
}

/** A date as people type it ("12/03/2026", "12 mars", "hier"), echoed with its day of the week; the arrow keys move by a day. */
export function DateField({ id, value, onValue, error, label, hint, optional, echo, today, prefer = "past", small }: DateFieldProps) {
  const { t, date: format } = useI18n();
  const calendar = useRef<HTMLInputElement>(null);
  const read = parseDate(value, { today, prefer });
  const understood = read.ok ? <>= <strong>{format(read.date, "full")}</strong></>
    : read.fault === "empty" ? null : <span class="doubt">{t.date[read.fault]}</span>;
  const frame = { label, hint, error, optional: optional ?? false, echo: error ? echo : <>{understood}{echo}</> };
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (step === 0 || !read.ok) return;
    event.preventDefault();
    onValue(format(addOneDay(read.date, step), "short"));
  };
  return (
    <Field id={id} {...frame}>
      <div class="with-unit with-unit--date">
        <input id={id} name={id} class={small ? "input input--s" : "input"} autocomplete="off" value={value} onKeyDown={move}
          aria-invalid={error ? "true" : undefined} aria-describedby={describedBy(id, frame)}
          onInput={(event) => onValue(event.currentTarget.value)} />
        <button type="button" class="unit-button" tabIndex={-1} aria-label={t.date.openCalendar(label)}
          onClick={() => { if (calendar.current) { calendar.current.value = read.ok ? read.date : today; calendar.current.showPicker?.(); } }}>
          <CalendarSign />
        </button>
        <input ref={calendar} type="date" class="picker" tabIndex={-1} aria-hidden="true"
          onChange={(event) => { if (event.currentTarget.value) onValue(format(event.currentTarget.value, "short")); }} />
      </div>
    </Field>
  );
}

function addOneDay(date: Iso, step: number): Iso {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day + step)).toISOString().slice(0, 10);
}

function CalendarSign() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" focusable="false">
      <path d="M2.5 4.5h13v11h-13ZM2.5 8h13M6 2.5v3M12 2.5v3" fill="none" stroke="currentColor" stroke-width="1.5" />
    </svg>
  );
}

// ---- a file ----

export interface FileDropProps {
  id: string;
  label: string;
  hint: string;
  accept?: string;
  error?: string | undefined;
  file: File | null;
  onFile: (file: File | null) => void;
}

/** A file, dropped or chosen. */
export function FileDrop({ id, label, hint, accept, error, file, onFile }: FileDropProps) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  const stop = (event: DragEvent) => { event.preventDefault(); };
  return (
    <div class={error ? "field field--bad" : "field"}>
      <label for={id}>{label}</label>
      {error ? <p class="err" id={id + "-error"}>{error}</p> : null}
      <div class="drop" onDragOver={stop} onDrop={(event) => { stop(event); onFile(event.dataTransfer?.files[0] ?? null); }}>
        <p id={id + "-hint"}>{file ? <strong>{t.file.chosen(file.name, Math.max(1, Math.round(file.size / 1024)))}</strong> : hint}</p>
        <input ref={input} id={id} type="file" class="drop__input" accept={accept} aria-invalid={error ? "true" : undefined}
          aria-describedby={error ? `${id}-hint ${id}-error` : id + "-hint"}
          onChange={(event) => { onFile(event.currentTarget.files?.[0] ?? null); event.currentTarget.value = ""; }} />
        <span class="btn" aria-hidden="true" onClick={() => input.current?.click()}>{file ? t.file.other : t.file.choose}</span>
      </div>
    </div>
  );
}
