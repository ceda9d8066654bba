// Stacked bars over months with an optional line, as SVG: one drawing for wide windows, one for narrow ones, and
// the same figures in a table beneath for those who cannot, or would rather not, read a picture.
import type { ComponentChildren } from "preact";
import { useI18n } from "../i18n";
import { formatNumber } from "../lib/money";
import { useFigures, useOrganisation } from "../session";
import { Swatch } from "./ledger";
import type { Layer } from "./ledger";

export type Fill = Layer | "in" | "out";

export interface Series {
  key: string;
  label: string;
  fill: Fill;
  values: readonly bigint[];
  /** Where the figures of the table lead. */
  href?: ((at: number) => string) | undefined;
}

export interface LineSeries {
  label: string;
  values: readonly bigint[];
  href?: ((at: number) => string) | undefined;
  /** One point of the line, named on the drawing. */
  mark?: { at: number; label: string } | undefined;
}

export interface ChartProps {
  id: string;
  title: string;
  /** The picture in one sentence, for screen readers. */
  summary: string;
  /** Under the bars: one text a group, short; and long for the table. */
  labels: readonly string[];
  longLabels: readonly string[];
  /** First column of the table. */
  labelTitle: string;
  series: readonly Series[];
  /** Bars of a group beside each other instead of on top of each other. */
  beside?: boolean;
  line?: LineSeries;
  tableOpen?: boolean;
  /** In a document's narrower column: drawn for that width, so that its words keep their size. */
  inDocument?: boolean;
  note?: ComponentChildren;
}

interface Scale {
  low: bigint;
  high: bigint;
  step: bigint;
}

/** Round steps, about five of them and none finer than `finest`, that hold every value and zero. */
export function scaleOf(lowest: bigint, highest: bigint, finest: bigint): Scale {
  const low = lowest < 0n ? lowest : 0n;
  const high = highest > 0n ? highest : 0n;
  const span = high - low || 1n;
  let step = finest;
  for (let power = finest; ; power *= 10n) {
    const found = [1n, 2n, 5n].map((n) => n * power).find((candidate) => span / candidate < 6n);
    if (found) { step = found; break; }
  }
  const floor = low < 0n ? ((low - step + 1n) / step) * step : 0n;
  const top = ((high + step - 1n) / step) * step;
  return { low: floor, high: top > floor ? top : floor + step, step };
}

const FILL: Record<Fill, Record<string, string>> = {
  available: { class: "l-available" },
  committed: { fill: "url(#p-committed)" },
  restricted: { fill: "url(#p-restricted)" },
  floor: { fill: "url(#p-floor)" },
  others: { fill: "url(#p-others)" },
  in: { class: "f-in" },
  out: { fill: "url(#p-out)" },
};

interface Frame { width: number; height: number; left: number; right: number; top: number; bottom: number }

const WIDE: Frame = { width: 1160, height: 250, left: 58, right: 8, top: 10, bottom: 26 };
const DOCUMENT: Frame = { ...WIDE, width: 848 };
const NARROW: Frame = { width: 358, height: 230, left: 54, right: 8, top: 10, bottom: 26 };

export function Chart(props: ChartProps) {
  const { t } = useI18n();
  return (
    <figure class="chart" aria-labelledby={props.id}>
      <figcaption>
        <h2 id={props.id}>{props.title}</h2>
        <ul class="legend">
          {props.series.map((series) => <li key={series.key}><FillSwatch fill={series.fill} />{series.label}</li>)}
          {props.line ? <li><svg width="26" height="10" aria-hidden="true"><path class="ln" d="M0 5H26" /></svg>{props.line.label}</li> : null}
        </ul>
      </figcaption>
      <div class="only-wide"><Plot {...props} frame={props.inDocument ? DOCUMENT : WIDE} every={1} /></div>
      <div class="only-narrow"><Plot {...props} frame={NARROW} every={props.labels.length > 6 ? 2 : 1} /></div>
      {props.note}
      <details open={props.tableOpen ?? false}><summary>{t.common.sameInTable}</summary><ChartTable {...props} /></details>
    </figure>
  );
}

function FillSwatch({ fill }: { fill: Fill }) {
  if (fill !== "in" && fill !== "out") return <Swatch layer={fill} />;
  return <svg class="sw" viewBox="0 0 14 14" aria-hidden="true" focusable="false"><rect width="14" height="14" {...FILL[fill]} /></svg>;
}

function Plot({ labels, series, beside, line, summary, frame, every }: ChartProps & { frame: Frame; every: number }) {
  const { money } = useOrganisation();
  const { language } = useI18n();
  const unit = 10n ** BigInt(money.digits);
  const totals = labels.map((_, at) => series.reduce((sum, one) => sum + (one.values[at] ?? 0n), 0n));
  const all = [...(beside ? series.flatMap((one) => [...one.values]) : totals), ...(line?.values ?? [])];
  const scale = scaleOf(all.reduce((a, b) => (b < a ? b : a), 0n), all.reduce((a, b) => (b > a ? b : a), 0n), unit);
  const inner = frame.height - frame.top - frame.bottom;
  const y = (value: bigint) => frame.top + inner - Number(((value - scale.low) * 10_000n) / (scale.high - scale.low)) / 10_000 * inner;
  const room = (frame.width - frame.left - frame.right) / labels.length;
  const bar = room * 0.68;
  const start = (at: number) => frame.left + room * at + (room - bar) / 2;
  const ticks: bigint[] = [];
  for (let tick = scale.low; tick <= scale.high; tick += scale.step) ticks.push(tick);
  return (
    <svg class="plot" viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-label={summary}>
      {ticks.map((tick) => (
        <g key={String(tick)}>
          <line class={tick === 0n ? "axis" : "grid"} x1={frame.left} x2={frame.width - frame.right} y1={y(tick)} y2={y(tick)} />
          <text x={frame.left - 8} y={y(tick) + 4} font-size="12" text-anchor="end">{formatNumber(tick / unit, 0, language)}</text>
        </g>
      ))}
      {labels.map((label, at) => (
        <g key={at}>
          {beside ? <BesideBars series={series} at={at} x={start(at)} width={bar} y={y} /> : <StackedBar series={series} at={at} x={start(at)} width={bar} y={y} />}
          {at % every === (labels.length - 1) % every
            ? <text x={frame.left + room * (at + 0.5)} y={frame.height - 8} font-size="12" text-anchor="middle">{label}</text> : null}
        </g>
      ))}
      {line ? <polyline class="ln" points={line.values.map((value, at) => `${(frame.left + room * (at + 0.5)).toFixed(1)},${y(value).toFixed(1)}`).join(" ")} /> : null}
      {line?.mark ? <Mark label={line.mark.label} x={frame.left + room * (line.mark.at + 0.5)} y={y(line.values[line.mark.at] ?? 0n)} frame={frame} /> : null}
    </svg>
  );
}

/** A named point: its text above it unless the drawing ends there, and never cut off at the sides. */
function Mark({ label, x, y, frame }: { label: string; x: number; y: number; frame: Frame }) {
  const anchor = x < frame.width * 0.25 ? "start" : x > frame.width * 0.75 ? "end" : "middle";
  return (
    <>
      <circle class="f-sheet" cx={x.toFixed(1)} cy={y.toFixed(1)} r="4" stroke-width="2" />
      <text class="t-ink t-halo" x={x.toFixed(1)} y={(y - 12 < frame.top + 8 ? y + 20 : y - 12).toFixed(1)} font-size="12" text-anchor={anchor}>{label}</text>
    </>
  );
}

interface BarProps { series: readonly Series[]; at: number; x: number; width: number; y: (value: bigint) => number }

function StackedBar({ series, at, x, width, y }: BarProps) {
  let up = 0n;
  let down = 0n;
  return (
    <>
      {series.map((one) => {
        const value = one.values[at] ?? 0n;
        const from = value < 0n ? down : up;
        if (value < 0n) down += value; else up += value;
        const top = Math.min(y(from), y(from + value));
        const height = Math.abs(y(from) - y(from + value));
        return height > 0 ? <rect key={one.key} x={x.toFixed(1)} y={top.toFixed(1)} width={width.toFixed(1)} height={height.toFixed(1)} {...FILL[one.fill]} /> : null;
      })}
      {up > down ? <rect x={x.toFixed(1)} y={y(up).toFixed(1)} width={width.toFixed(1)} height={(y(down) - y(up)).toFixed(1)} fill="none" stroke="currentColor" stroke-width=".8" /> : null}
    </>
  );
}

function BesideBars({ series, at, x, width, y }: BarProps) {
  const each = width / series.length;
  return (
    <>
      {series.map((one, index) => {
        const value = one.values[at] ?? 0n;
        const top = Math.min(y(0n), y(value));
        const height = Math.abs(y(0n) - y(value));
        return height > 0 ? (
          <rect key={one.key} x={(x + each * index).toFixed(1)} y={top.toFixed(1)} width={each.toFixed(1)} height={height.toFixed(1)}
            stroke="currentColor" stroke-width=".8" {...FILL[one.fill]} />
        ) : null;
      })}
    </>
  );
}

function ChartTable({ title, labelTitle, longLabels, series, line }: ChartProps) {
  const { number } = useFigures();
  const linked = (value: bigint, href: string | undefined) => (href && value !== 0n ? <a href={href}>{number(value)}</a> : number(value));
  return (
    <div class="scroll scroll--edge" role="group" aria-label={title} tabIndex={0}>
      <table class="table">
        <caption class="hide">{title}</caption>
        <thead><tr><th scope="col">{labelTitle}</th>{series.map((one) => <th key={one.key} scope="col" class="num">{one.label}</th>)}{line ? <th scope="col" class="num">{line.label}</th> : null}</tr></thead>
        <tbody>
          {longLabels.map((label, at) => (
            <tr key={at}>
              <th scope="row">{label}</th>
              {series.map((one) => <td key={one.key} class="num">{linked(one.values[at] ?? 0n, one.href?.(at))}</td>)}
              {line ? <td class="num"><strong>{linked(line.values[at] ?? 0n, line.href?.(at))}</strong></td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
