// Tables of figures: sorted by their heads, filtered and exported in place, paged by cursor.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useI18n } from "../i18n";
import { parseDate } from "../lib/date";
import { ALL } from "../lib/list";
import type { List } from "../lib/list";
import { useOrganisation } from "../session";
import { Button } from "./button";
import { Icon } from "./icons";
import { Waiting, ReadFailure } from "./page";
import type { Option } from "./fields";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** Right-aligned figures. */
  num?: boolean;
  /** Hidden under 640 px. */
  optional?: boolean;
  /** The API's sorts by this column ("-date", "date"): the first is taken first, pressing again takes the next. */
  sorts?: readonly string[];
  /** The title is for screen readers only: a column of buttons. */
  silent?: boolean;
  /** Names its row for screen readers; one column of a table. */
  head?: boolean;
}

export interface TableProps<T> {
  /** Said by screen readers, and shown if `visible`. */
  caption: string;
  visible?: boolean;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  rowClass?: (row: T) => string | undefined;
  /** One cell per column, or fewer with their spans: the total, under a double rule. */
  foot?: ComponentChildren;
  dense?: boolean;
  sort?: string;
  onSort?: (sort: string) => void;
  /** Rows on their way: the older ones stay, dimmed. */
  stale?: boolean;
}

function classOf<T>(column: Column<T>): string | undefined {
  return [column.num ? "num" : "", column.optional ? "col-opt" : ""].filter(Boolean).join(" ") || undefined;
}

export function Table<T>({ caption, visible, columns, rows, rowKey, rowClass, foot, dense, sort = "", onSort, stale }: TableProps<T>) {
  return (
    <div class="scroll scroll--edge" role="group" aria-label={caption} tabIndex={0}>
      <table class={["table", dense ? "table--dense" : "", stale ? "is-stale" : ""].filter(Boolean).join(" ")} aria-busy={stale ? "true" : undefined}>
        <caption class={visible ? undefined : "hide"}>{caption}</caption>
        <thead><tr>{columns.map((column) => <Head key={column.key} column={column} sort={sort} onSort={onSort} />)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row)}>
              {columns.map((column) => (column.head
                ? <th key={column.key} scope="row" class={classOf(column)}>{column.cell(row)}</th>
                : <td key={column.key} class={classOf(column)}>{column.cell(row)}</td>))}
            </tr>
          ))}
        </tbody>
        {foot ? <tfoot>{foot}</tfoot> : null}
      </table>
    </div>
  );
}

function Head<T>({ column, sort, onSort }: { column: Column<T>; sort: string; onSort: ((sort: string) => void) | undefined }) {
  const { sorts } = column;
  if (!sorts?.length || !onSort) return <th scope="col" class={classOf(column)}>{column.silent ? <span class="hide">{column.title}</span> : column.title}</th>;
  const at = sorts.indexOf(sort);
  const state = at < 0 ? undefined : sort.startsWith("-") ? "descending" : "ascending";
  return (
    <th scope="col" class={classOf(column)} aria-sort={state}>
      <button type="button" onClick={() => onSort(sorts[(at + 1) % sorts.length] as string)}>
        {column.title}<Icon size={10} name={state === "ascending" ? "up" : state === "descending" ? "down" : "sort"} />
      </button>
    </th>
  );
}

// ---- the tools above a list and the pages below it ----

export interface ListFilter {
  name: string;
  label: string;
  /** A search box without options, a select with them. */
  options?: readonly Option[];
  /** A date, typed as anywhere else; the address holds it as YYYY-MM-DD. */
  date?: boolean;
}

/** Filters and exports of a list; the address keeps what is chosen. */
export function ListTools<T>({ list, filters, children }: { list: List<T>; filters: readonly ListFilter[]; children?: ComponentChildren }) {
  const { t } = useI18n();
  if (list.items?.length === 0 && !list.filtered && !list.hasPrevious) return null;
  return (
    <div class="tools">
      <form class="tools__filters" role="search" aria-label={t.list.filters} onSubmit={(event) => event.preventDefault()}>
        {filters.map((filter) => {
          const Control = filter.options ? FilterSelect : filter.date ? FilterDate : FilterText;
          return <Control key={filter.name} filter={filter} value={list.value(filter.name)} onValue={(value) => list.set({ [filter.name]: value })} />;
        })}
        {children}
        {list.filtered ? <Button small tone="plain" onClick={list.clear}>{t.list.clear}</Button> : null}
      </form>
      <p class="row small"><span class="soft">{t.list.exportAs}</span><a href={list.exportUrl("csv")} download>CSV</a><a href={list.exportUrl("json")} download>JSON</a></p>
    </div>
  );
}

export interface FilterProps {
  filter: ListFilter;
  value: string;
  onValue: (value: string) => void;
}

export function FilterSelect({ filter, value, onValue }: FilterProps) {
  const id = "filter-" + filter.name;
  return (
    <div class="field">
      <label for={id}>{filter.label}</label>
      <select id={id} class="input input--s" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {filter.options?.map((option) => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
      </select>
    </div>
  );
}

const TYPING_MS = 300;

export function FilterText({ filter, value, onValue }: FilterProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onValue(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const id = "filter-" + filter.name;
  return (
    <div class="field">
      <label for={id}>{filter.label}</label>
      <input id={id} type="search" class="input input--s" autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </div>
  );
}

/** A date of the filter: taken when one leaves the field or presses Enter. */
export function FilterDate({ filter, value, onValue }: FilterProps) {
  const { t, date } = useI18n();
  const { today } = useOrganisation();
  const [text, setText] = useState(value ? date(value, "short") : "");
  useEffect(() => setText(value ? date(value, "short") : ""), [value]);
  const read = parseDate(text, { today });
  const wrong = !read.ok && read.fault !== "empty";
  const take = () => { if (!wrong) onValue(read.ok ? read.date : ""); };
  const id = "filter-" + filter.name;
  return (
    <div class="field field--date">
      <label for={id}>{filter.label}</label>
      <input id={id} class="input input--s" autocomplete="off" value={text} aria-invalid={wrong ? "true" : undefined} title={wrong && !read.ok ? t.date[read.fault] : t.date.hint}
        onInput={(event) => setText(event.currentTarget.value)} onBlur={take} onKeyDown={(event) => { if (event.key === "Enter") take(); }} />
    </div>
  );
}

/** A choice of every value of an enumeration, "all" first; `none` when "all" is what an empty filter means. */
export function withAll<T extends string>(label: string, options: readonly Option<T>[], explicit = false): Option[] {
  return [{ value: explicit ? ALL : "", label }, ...options];
}

export interface ListViewProps<T> {
  list: List<T>;
  caption: string;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  rowClass?: (row: T) => string | undefined;
  /** When there is nothing at all; with filters set, a sentence says so instead. */
  empty: ComponentChildren;
  foot?: ComponentChildren;
  dense?: boolean;
}

/** Rows of a list, or why there are none, and the way to the other pages. */
export function ListView<T>({ list, caption, columns, rowKey, rowClass, empty, foot, dense }: ListViewProps<T>) {
  const { t } = useI18n();
  const { items } = list;
  if (list.error && !items) return <ReadFailure error={list.error} retry={list.reload} />;
  if (!items) return <Waiting />;
  if (items.length === 0 && !list.hasPrevious) {
    return list.filtered ? <div class="empty" role="status"><p>{t.list.nothingFound}</p><Button small onClick={list.clear}>{t.list.clear}</Button></div> : <>{empty}</>;
  }
  return (
    <>
      {list.error ? <ReadFailure error={list.error} retry={list.reload} /> : null}
      <Table caption={caption} columns={columns} rows={items} rowKey={rowKey} sort={list.sort} onSort={list.sortBy} stale={list.loading}
        dense={dense ?? true} foot={foot} {...(rowClass ? { rowClass } : {})} />
      <Pager list={list} />
    </>
  );
}

export function Pager<T>({ list }: { list: Pick<List<T>, "items" | "hasNext" | "hasPrevious" | "next" | "previous"> }) {
  const { t } = useI18n();
  const count = list.items?.length ?? 0;
  return (
    <nav class="pager" aria-label={t.list.pages}>
      <span role="status">{t.list.shown(count, list.hasNext || list.hasPrevious)}</span>
      {list.hasNext || list.hasPrevious ? (
        <span class="row">
          <Button small off={!list.hasPrevious} onClick={list.previous}>{t.list.previous}</Button>
          <Button small off={!list.hasNext} onClick={list.next}>{t.list.next}</Button>
        </span>
      ) : null}
    </nav>
  );
}
