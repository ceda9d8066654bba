// The board's figure: what the fund can promise, how it follows from what the bank holds, and the year behind it. Every figure
// opens the entries it sums; the date and what was known then are in the address.
import { apiUrl } from "../client";
import type { FundMonth, FundPosition, FundPositionItem, ToDo } from "../model";
import type { EntryLineTotals } from "../api";
import { Rich, useI18n } from "../i18n";
import { linesHref, useFiscalYears } from "../lib/books";
import type { LineQuery } from "../lib/books";
import type { Iso } from "../lib/date";
import { endOfDay, useInstants } from "../lib/instant";
import { currencySign } from "../lib/money";
import { chosenFund, floorShown, keptMonths, lowestAt, needsOwnMonths, OTHERS_ACCOUNTS } from "../lib/position";
import { useGet } from "../lib/query";
import { search, useQuery } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Button } from "../ui/button";
import { Chart } from "../ui/chart";
import { Empty } from "../ui/feedback";
import { Gauge, Ladder } from "../ui/ledger";
import type { LadderStep, Layer } from "../ui/ledger";
import { Loaded, Note, Page, Section } from "../ui/page";
import { FilterDate, FilterSelect, Table } from "../ui/table";
import type { Column } from "../ui/table";

/** What the address asks for; "" where it says nothing. */
interface Asked {
  as_of: Iso;
  known_at: string;
  fund_id: string;
}

export function FundPositionPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const [query] = useQuery();
  const asked: Asked = { as_of: query["as_of"] ?? "", known_at: query["known_at"] ?? "", fund_id: query["fund_id"] ?? "" };
  const got = useGet<FundPosition>(organisation.path("reports/fund-position"), { ...asked }, { keepPrevious: true });
  const fund = got.data ? chosenFund(got.data.items, asked.fund_id) : undefined;
  const day = date(got.data?.as_of ?? (asked.as_of || organisation.today));
  const title = fund && fund.kind !== "solidarity" ? t.position.otherTitleAt(fund.name, day) : t.position.titleAt(day);
  return (
    <Page narrow title={title} actions={got.data && fund ? <Documents asked={asked} fund={fund} /> : null}>
      <p class="doc__org print-only">{organisation.name}</p>
      <Loaded got={got}>{(data) => (fund
        ? <Report data={data} fund={fund} asked={asked} /> : <Empty title={t.position.emptyTitle} action={<a class="btn" href={organisation.href("fund-position")}>{t.position.forget}</a>}>{t.position.emptyDetail}</Empty>)}</Loaded>
    </Page>
  );
}

function Documents({ asked, fund }: { asked: Asked; fund: FundPositionItem }) {
  const { t, language } = useI18n();
  const organisation = useOrganisation();
  const file = (format: string, locale: string | null) => apiUrl(organisation.path("reports/fund-position"), { ...asked, fund_id: fund.fund_id, format, locale });
  return (
    <>
      <Button small onClick={() => window.print()}>{t.common.print}</Button>
      <a class="btn btn--s" href={file("pdf", language)}>{t.position.pdf}</a>
      <a class="btn btn--s" href={file("csv", language === "fr" ? "fr" : null)} download>{t.position.csv}</a>
    </>
  );
}

interface Part {
  data: FundPosition;
  fund: FundPositionItem;
  asked: Asked;
}

function Report({ data, fund, asked }: Part) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const [query] = useQuery();
  return (
    <>
      <div class="doc__head">
        <Verdict data={data} fund={fund} />
        <p class="small soft gap-s">
          {t.position.known(moment(data.known_at))}{" "}
          {asked.known_at ? <span class="noprint"><a href={organisation.href("fund-position") + search({ ...query, known_at: null })}>{t.position.forget}</a></span> : null}
        </p>
        <Tools data={data} fund={fund} asked={asked} />
      </div>
      {asked.as_of || asked.known_at ? null : <Waiting />}
      <div class="cols cols--7-5">
        <Layers data={data} fund={fund} asked={asked} />
        <Beside data={data} fund={fund} asked={asked} />
      </div>
      <Months data={data} fund={fund} asked={asked} />
      <AllFunds data={data} asked={asked} />
    </>
  );
}

// ---- one sentence ----

function Verdict({ data, fund }: { data: FundPosition; fund: FundPositionItem }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const available = minor(fund.available);
  const now = data.as_of === organisation.today;
  const when = now ? t.position.when.today : t.position.when.on(date(data.as_of));
  const past = data.as_of < organisation.today;
  if (fund.kind !== "solidarity") {
    return <p class="verdict"><Rich text={available < 0n ? t.position.otherLacks(fund.name, money(-available), when) : t.position.otherAvailable(fund.name, money(available), when)} /></p>;
  }
  if (available > 0n) return <p class="verdict"><Rich text={(past ? t.position.could : t.position.can)(money(available), when)} /></p>;
  const unfloored = available + minor(fund.floor);
  return (
    <p class="verdict">
      {(past ? t.position.nothingThen : t.position.nothing)(when)}{" "}
      {available < 0n ? <Rich text={unfloored < 0n ? t.position.lacks(money(-unfloored)) : t.position.lacksFloor(money(-available))} /> : null}
    </p>
  );
}

function Tools({ data, fund, asked }: Part) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { day } = useInstants();
  const [, change] = useQuery();
  return (
    <div class="tools gap">
      <form class="tools__filters" role="search" aria-label={t.position.title} onSubmit={(event) => event.preventDefault()}>
        {data.items.length > 1 ? (
          <FilterSelect value={fund.fund_id} onValue={(id) => change({ fund_id: id })}
            filter={{ name: "fund_id", label: t.position.fund, options: data.items.map((item) => ({ value: item.fund_id, label: item.name })) }} />
        ) : null}
        <FilterDate value={data.as_of} onValue={(value) => change({ as_of: value && value !== organisation.today ? value : null })} filter={{ name: "as_of", label: t.position.asOf, date: true }} />
        <FilterDate value={asked.known_at ? day(asked.known_at) : ""} filter={{ name: "known_at", label: t.position.knownOn, date: true }}
          onValue={(value) => change({ known_at: value ? endOfDay(value, organisation.time_zone) : null })} />
      </form>
    </div>
  );
}

/** What the bank has said and nobody has explained yet: the figure is not final. */
function Waiting() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const todo = useGet<ToDo>(organisation.path("reports/to-do"));
  const lines = todo.data?.items.find((item) => item.kind === "unmatched_transactions");
  if (!lines || lines.count === 0) return null;
  const amount = money(lines.amount ?? "0");
  return (
    <div class="doc__note">
      <Note tone="warn" title={t.position.waiting(lines.count)}>
        {lines.count > 1 ? t.position.waitingDetail(amount) : t.position.waitingOne(amount)} <a class="noprint" href={organisation.href("bank")}>{t.position.waitingLink}</a>
      </Note>
    </div>
  );
}

// ---- from the bank to what is available ----

/** What every figure of the page has in common: the fund, the day, what was known. */
function sharedQuery({ data, fund, asked }: Part): LineQuery {
  return { fund_id: fund.fund_id, as_of: data.as_of, known_at: asked.known_at || null };
}

const OTHERS_ID = "position-others";

function Layers(part: Part) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const { data, fund } = part;
  const [held, others, promised, reserved, floor, available] = [fund.held, fund.held_for_others, fund.promised, fund.reserved, fund.floor, fund.available].map(minor) as
    [bigint, bigint, bigint, bigint, bigint, bigint];
  const name = fund.kind === "solidarity" ? t.position.available : t.position.availableOther;
  const hint = (code: string, amount: bigint) => (amount === 0n && data.not_yet.includes(code) ? { hint: t.position.notYetHint } : {});
  const steps: LadderStep[] = [
    { label: t.position.held, amount: held, href: linesHref(organisation, { ...sharedQuery(part), account: "512", matched: "true" }) },
    { label: t.position.others, amount: -others, layer: "others", ...(others === 0n ? {} : { href: "#" + OTHERS_ID }) },
    { label: t.position.reserved, amount: -reserved, layer: "restricted", ...hint("reserved", reserved) },
    { label: t.position.promised, amount: -promised, layer: "committed", ...hint("promised", promised) },
    { label: t.position.floor, amount: -floor, layer: "floor", ...(floor === 0n ? {} : { href: organisation.href("settings") + "#settings-funds" }) },
    { label: name, amount: available, layer: "available", total: true },
  ];
  const drawn: { layer: Layer; amount: bigint; label: string }[] = [
    { layer: "available", amount: available, label: name },
    { layer: "committed", amount: promised, label: t.position.promised },
    { layer: "restricted", amount: reserved, label: t.position.reserved },
    { layer: "floor", amount: floorShown(held, others, promised, reserved, floor), label: t.position.floor },
    { layer: "others", amount: others, label: t.position.others },
  ];
  const told = drawn.filter((one) => one.amount > 0n).map((one) => `${one.label} ${money(one.amount)}`).join(", ");
  const missing = data.not_yet.map((code) => t.position.notYetBeside[code]).filter((text): text is string => text !== undefined);
  return (
    <Section id="position-ladder" title={t.position.ladder}>
      {held > 0n ? <Gauge parts={drawn} label={t.position.gauge(money(held), told)} /> : null}
      <Ladder caption={t.position.ladder} steps={steps} />
      {missing.length ? <p class="xs soft gap-s">{missing.join(" ")}</p> : null}
      {others === 0n ? null : <Others {...part} />}
    </Section>
  );
}

function Others(part: Part) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number, minor } = useFigures();
  const path = organisation.path("reports/entry-line-totals");
  // One read for each kind, always the same four in the same order.
  const rows = OTHERS_ACCOUNTS.map((account) => {
    const query: LineQuery = { ...sharedQuery(part), account };
    const totals = useGet<EntryLineTotals>(path, { ...query }).data;
    return { account, query, count: totals?.count ?? 0, amount: totals ? -minor(totals.balance) : 0n };
  });
  const exact = rows.reduce((sum, row) => sum + row.amount, 0n) === minor(part.fund.held_for_others);
  return (
    <div id={OTHERS_ID} class="gap" tabIndex={-1}>
      <h3>{t.position.othersTitle}</h3>
      <table class="sum">
        <caption class="hide">{t.position.othersTitle}</caption>
        <tbody>
          {rows.filter((row) => row.count > 0).map((row) => (
            <tr key={row.account}><th scope="row">{t.position.othersNames[row.account]}</th><td><a href={linesHref(organisation, row.query)}>{number(row.amount)}</a></td></tr>
          ))}
        </tbody>
      </table>
      {exact ? null : <p class="xs soft gap-s">{t.position.othersNetting}</p>}
    </div>
  );
}

function Beside(part: Part) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number, minor } = useFigures();
  const shared = sharedQuery(part);
  const rows: { label: string; amount: string; query: LineQuery }[] = [
    { label: t.position.cheques, amount: part.fund.cheques, query: { ...shared, account: "511" } },
    { label: t.position.platforms, amount: part.fund.platforms, query: { ...shared, account: "517" } },
    { label: t.position.cash, amount: part.fund.cash, query: { ...shared, account: "53" } },
    { label: t.position.unmatched, amount: part.fund.unmatched, query: { ...shared, account: "512", matched: "false" } },
  ];
  return (
    <Section id="position-beside" title={t.position.beside}>
      <table class="sum">
        <caption class="hide">{t.position.beside}</caption>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <td>{minor(row.amount) === 0n ? <span class="soft">{number(row.amount)}</span> : <a href={linesHref(organisation, row.query)}>{number(row.amount)}</a>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="xs soft gap-s">{t.position.besideLead}</p>
    </Section>
  );
}

// ---- the year behind it ----

function Months(part: Part) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const years = useFiscalYears();
  const { data, fund, asked } = part;
  const own = useGet<FundPosition>(needsOwnMonths(data, asked.fund_id) ? organisation.path("reports/fund-position") : null, { as_of: data.as_of, known_at: data.known_at, fund_id: fund.fund_id });
  const start = years.items.reduce<Iso | undefined>((first, year) => (first === undefined || year.starts_on < first ? year.starts_on : first), undefined);
  const from = needsOwnMonths(data, asked.fund_id) ? own.data?.months : data.months;
  const months = keptMonths(from ?? [], start);
  if (years.loading || months.length === 0) return null;
  const first = months[0] as FundMonth;
  const last = months[months.length - 1] as FundMonth;
  const available = months.map((month) => minor(month.available));
  const low = lowestAt(available);
  const lowest = money(available[low] ?? 0n);
  const monthName = (month: FundMonth) => date(month.month + "-01", "month");
  const moved = (at: number) => {
    const month = months[at] as FundMonth;
    return linesHref(organisation, { fund_id: fund.fund_id, account: "512", matched: "true", from: month.month + "-01", as_of: month.ends_on, known_at: asked.known_at || null });
  };
  return (
    <Chart id="position-months" title={t.position.months(currencySign(organisation.currency))} labelTitle={t.position.month} beside tableOpen inDocument
      summary={t.position.monthsSummary(monthName(first), monthName(last), money(first.available), money(last.available))}
      labels={months.map((month) => date(month.month + "-01", "month_short"))} longLabels={months.map(monthName)}
      series={[
        { key: "in", label: t.position.in, fill: "in", values: months.map((month) => minor(month.in)), href: moved },
        { key: "out", label: t.position.out, fill: "out", values: months.map((month) => minor(month.out)), href: moved },
      ]}
      line={{
        label: t.position.availableEnd, values: available, mark: low < 0 ? undefined : { at: low, label: t.position.lowest(lowest) },
        href: (at) => organisation.href("fund-position") + search({ as_of: (months[at] as FundMonth).ends_on, known_at: asked.known_at, fund_id: asked.fund_id }),
      }}
      note={(
        <p class="small gap-s">
          {low < 0 ? null : <><Rich text={t.position.lowestNote(lowest, monthName(months[low] as FundMonth))} />{" "}</>}
          {start && first.month + "-01" <= start && months.length < data.months.length ? t.position.monthsFrom(date(start)) + " " : ""}
          {t.position.monthsNote}
        </p>
      )} />
  );
}

// ---- everything side by side ----

function AllFunds({ data, asked }: { data: FundPosition; asked: Asked }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number, minor } = useFigures();
  if (data.items.length < 2) return null;
  type Key = "held" | "held_for_others" | "promised" | "reserved" | "floor" | "available";
  const sum = (key: Key, sign = 1n) => number(sign * data.items.reduce((total, item) => total + minor(item[key]), 0n));
  const taken = (amount: string) => number(-minor(amount));
  const columns: Column<FundPositionItem>[] = [
    { key: "name", title: t.position.allName, head: true, cell: (item) => <a href={organisation.href("fund-position") + search({ as_of: asked.as_of, known_at: asked.known_at, fund_id: item.fund_id })}>{item.name}</a> },
    { key: "held", title: t.position.allHeld(currencySign(organisation.currency)), num: true, cell: (item) => (
      <a href={linesHref(organisation, { account: "512", matched: "true", fund_id: item.fund_id, as_of: data.as_of, known_at: asked.known_at || null })}>{number(item.held)}</a>
    ) },
    { key: "others", title: t.position.allOthers, num: true, optional: true, cell: (item) => taken(item.held_for_others) },
    { key: "reserved", title: t.position.allReserved, num: true, optional: true, cell: (item) => taken(item.reserved) },
    { key: "promised", title: t.position.allPromised, num: true, optional: true, cell: (item) => taken(item.promised) },
    { key: "floor", title: t.position.allFloor, num: true, optional: true, cell: (item) => taken(item.floor) },
    { key: "available", title: t.position.allAvailable, num: true, cell: (item) => <strong>{number(item.available)}</strong> },
  ];
  return (
    <Section id="position-all" title={t.position.all} aside={<span class="small soft">{t.position.allLead}</span>}>
      <Table caption={t.position.all} columns={columns} rows={data.items} rowKey={(item) => item.fund_id} dense foot={(
        <tr>
          <th scope="row">{t.position.total}</th><td class="num">{sum("held")}</td><td class="num col-opt">{sum("held_for_others", -1n)}</td><td class="num col-opt">{sum("reserved", -1n)}</td>
          <td class="num col-opt">{sum("promised", -1n)}</td><td class="num col-opt">{sum("floor", -1n)}</td><td class="num">{sum("available")}</td>
        </tr>
      )} />
    </Section>
  );
}
