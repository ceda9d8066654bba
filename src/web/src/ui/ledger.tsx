// What is particular to books: an entry with its double rule, the gauge and the ladder of the fund, facts, a timeline.
import { Fragment } from "preact";
import type { ComponentChildren } from "preact";
import { useI18n } from "../i18n";
import { useFigures } from "../session";

// ---- an entry as debit and credit ----

export interface EntryTableLine {
  account: string;
  title: string;
  debit: string | null;
  credit: string | null;
  /** Under the account: fund, member, project. */
  note?: string | undefined;
  /** Where the account's lines are. */
  href?: string | undefined;
}

/** Debit and credit with their totals under the double rule; `compact` for an aside. */
export function EntryTable({ caption, lines }: { caption: string; lines: readonly EntryTableLine[] }) {
  const { t } = useI18n();
  const { number, minor } = useFigures();
  const sum = (side: "debit" | "credit") => lines.reduce((total, line) => total + (line[side] ? minor(line[side] as string) : 0n), 0n);
  return (
    <div class="scroll scroll--edge" role="group" aria-label={caption} tabIndex={0}>
      <table class="table">
        <caption class="hide">{caption}</caption>
        <thead><tr><th scope="col">{t.ledger.account}</th><th scope="col" class="num">{t.ledger.debit}</th><th scope="col" class="num">{t.ledger.credit}</th></tr></thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <th scope="row">{line.href ? <a href={line.href}>{line.account}</a> : line.account} {line.title}{line.note ? <span class="soft under">{line.note}</span> : null}</th>
              <td class="num">{line.debit ? number(line.debit) : ""}</td>
              <td class="num">{line.credit ? number(line.credit) : ""}</td>
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row">{t.ledger.total}</th><td class="num">{number(sum("debit"))}</td><td class="num">{number(sum("credit"))}</td></tr></tfoot>
      </table>
    </div>
  );
}

// ---- the layers of the fund ----

export type Layer = "available" | "committed" | "restricted" | "floor" | "others";

const FILLS: Record<Layer, Record<string, string>> = {
  available: { class: "l-available" },
  committed: { fill: "url(#p-committed)" },
  restricted: { fill: "url(#p-restricted)" },
  floor: { fill: "url(#p-floor)" },
  others: { fill: "url(#p-others)" },
};

export function Swatch({ layer }: { layer: Layer }) {
  return <svg class="sw" viewBox="0 0 14 14" aria-hidden="true" focusable="false"><rect width="14" height="14" {...FILLS[layer]} /></svg>;
}

export interface GaugePart {
  layer: Layer;
  amount: bigint;
}

/** Hundredths of a percent of the whole, exact enough to draw. */
function share(part: bigint, whole: bigint): number {
  return whole > 0n ? Number((part * 10_000n) / whole) / 100 : 0;
}

/** What the bank holds, cut into its layers, always in the same order; negative parts take no room. */
export function Gauge({ parts, label }: { parts: readonly GaugePart[]; label: string }) {
  const positive = parts.filter((part) => part.amount > 0n);
  const whole = positive.reduce((total, part) => total + part.amount, 0n);
  let before = 0n;
  return (
    <div class="gauge">
      <svg height="34" role="img" aria-label={label}>
        {positive.map((part, index) => {
          const start = share(before, whole);
          before += part.amount;
          const width = share(before, whole) - start;
          return (
            <g key={part.layer}>
              <rect x={start.toFixed(2) + "%"} width={width.toFixed(2) + "%"} height="34" {...FILLS[part.layer]} />
              {index > 0 ? <rect x={start.toFixed(2) + "%"} width="1" height="34" fill="currentColor" /> : null}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

export interface LadderStep {
  label: string;
  amount: bigint;
  layer?: Layer;
  /** Where the entries behind the figure are. */
  href?: string;
  total?: boolean;
  hint?: string;
}

/** The subtraction from the bank to what is available, one line a step, the result under the double rule. */
export function Ladder({ caption, steps }: { caption: string; steps: readonly LadderStep[] }) {
  const { number, money } = useFigures();
  return (
    <table class="sum">
      <caption class="hide">{caption}</caption>
      <tbody>
        {steps.map((step) => {
          const figure = step.total ? money(step.amount) : number(step.amount);
          return (
            <tr key={step.label} class={step.total ? "total" : undefined}>
              <th scope="row"><span>{step.layer ? <Swatch layer={step.layer} /> : null}{step.label}</span>{step.hint ? <span class="xs soft under">{step.hint}</span> : null}</th>
              <td>{step.href ? <a href={step.href}>{figure}</a> : figure}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

// ---- figures, facts, timeline ----

export interface FigureItem {
  label: string;
  value: ComponentChildren;
  sub?: ComponentChildren;
  href?: string;
  lead?: boolean;
  negative?: boolean;
}

export function Figures({ items, four }: { items: readonly FigureItem[]; four?: boolean }) {
  const lead = items.some((item) => item.lead);
  return (
    <dl class={lead ? "figures figures--lead" : four ? "figures figures--4" : "figures figures--row"}>
      {items.map((item) => (
        <div key={item.label} class={item.lead ? "figure figure--lead" : "figure"}>
          <dt>{item.label}</dt>
          <dd>
            <p class={item.negative ? "figure__n neg" : "figure__n"}>{item.href ? <a href={item.href}>{item.value}</a> : item.value}</p>
            {item.sub ? <p class="figure__sub">{item.sub}</p> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export interface Fact {
  label: string;
  value: ComponentChildren;
}

/** Label and value, the empty ones left out. */
export function Facts({ items }: { items: readonly Fact[] }) {
  return (
    <dl class="facts">
      {items.filter((item) => item.value !== null && item.value !== undefined && item.value !== "")
        .map((item) => <Fragment key={item.label}><dt>{item.label}</dt><dd>{item.value}</dd></Fragment>)}
    </dl>
  );
}

export interface Moment {
  key: string;
  date: string;
  /** How the moment is shown: done, late, next (not yet), or plain. */
  state?: "done" | "late" | "next";
  children: ComponentChildren;
}

/** What happened, newest first. */
export function Timeline({ items, label }: { items: readonly Moment[]; label: string }) {
  const { date } = useI18n();
  return (
    <ol class="line" aria-label={label}>
      {items.map((item) => (
        <li key={item.key} class={item.state ? "is-" + item.state : undefined}>
          <time dateTime={item.date}>{date(item.date.slice(0, 10))}</time>
          {item.children}
        </li>
      ))}
    </ol>
  );
}
