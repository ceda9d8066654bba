// The trial balance: every account with what it stood at, moved by and stands at; every figure opens its lines.
import type { Trial } from "../api";
import { apiUrl } from "../client";
import { Rich, useI18n } from "../i18n";
import { linesHref, useFiscalYears } from "../lib/books";
import type { LineQuery } from "../lib/books";
import { addDays } from "../lib/date";
import { endOfDay, useInstants } from "../lib/instant";
import { currencySign } from "../lib/money";
import { useFunds } from "../lib/names";
import { useGet } from "../lib/query";
import { useQuery } from "../router";
import { useFigures, useOrganisation } from "../session";
import { BooksNav } from "../ui/books";
import { Button } from "../ui/button";
import { Empty } from "../ui/feedback";
import { Loaded, Page } from "../ui/page";
import { FilterDate, FilterSelect } from "../ui/table";

type Item = Trial["items"][number];

/** Chosen to see every year together: an empty choice is the current year. */
const ALL_YEARS = "all";

interface Asked {
  as_of: string;
  known_at: string;
  fiscal_year_id: string;
  fund_id: string;
}

export function TrialBalancePage() {
  const { t, date, language } = useI18n();
  const organisation = useOrganisation();
  const [query, change] = useQuery();
  const years = useFiscalYears();
  const current = years.around(organisation.today) ?? years.items[0];
  const year = query["fiscal_year_id"] === ALL_YEARS ? "" : (query["fiscal_year_id"] ?? current?.id ?? "");
  const asked: Asked = {
    as_of: query["as_of"] ?? (year === current?.id ? organisation.today : ""),
    fiscal_year_id: year,
    fund_id: query["fund_id"] ?? "",
    known_at: query["known_on"] ? endOfDay(query["known_on"], organisation.time_zone) : "",
  };
  const got = useGet<Trial>(
    years.loading && years.items.length === 0 ? null : organisation.path("reports/trial-balance"),
    { ...asked },
    { keepPrevious: true },
  );
  const csv = apiUrl(organisation.path("reports/trial-balance"), {
    ...asked,
    format: "csv",
    locale: language === "fr" ? "fr" : null,
  });
  return (
    <Page
      title={got.data ? t.trialBalance.caption(date(got.data.as_of)) : t.trialBalance.title}
      lead={t.trialBalance.lead}
      actions={
        <>
          <Button small onClick={() => window.print()}>
            {t.common.print}
          </Button>
          <a class="btn btn--s" href={csv} download>
            {t.trialBalance.csv}
          </a>
        </>
      }
    >
      <BooksNav current="balance" />
      <Tools year={year} asked={asked} knownOn={query["known_on"] ?? ""} change={change} />
      <Loaded got={got}>
        {(trial) =>
          trial.items.length ? (
            <Balance trial={trial} asked={asked} stale={got.loading} />
          ) : (
            <Empty title={t.trialBalance.emptyTitle}>{t.trialBalance.emptyDetail}</Empty>
          )
        }
      </Loaded>
    </Page>
  );
}

function Tools({
  year,
  asked,
  knownOn,
  change,
}: {
  year: string;
  asked: Asked;
  knownOn: string;
  change: (update: Record<string, string | null>) => void;
}) {
  const { t } = useI18n();
  const years = useFiscalYears();
  const funds = useFunds();
  return (
    <div class="tools">
      <form
        class="tools__filters"
        role="search"
        aria-label={t.trialBalance.title}
        onSubmit={(event) => event.preventDefault()}
      >
        <FilterSelect
          value={year || ALL_YEARS}
          onValue={(id) => change({ fiscal_year_id: id, as_of: null })}
          filter={{
            name: "fiscal_year_id",
            label: t.trialBalance.year,
            options: [
              ...years.items.map((one) => ({ value: one.id, label: years.name(one) })),
              { value: ALL_YEARS, label: t.trialBalance.allYears },
            ],
          }}
        />
        <FilterDate
          value={asked.as_of}
          onValue={(value) => change({ as_of: value || null })}
          filter={{ name: "as_of", label: t.trialBalance.asOf, date: true }}
        />
        <FilterSelect
          value={asked.fund_id}
          onValue={(id) => change({ fund_id: id || null })}
          filter={{
            name: "fund_id",
            label: t.trialBalance.fund,
            options: [
              { value: "", label: t.trialBalance.allFunds },
              ...funds.map((fund) => ({ value: fund.id, label: fund.name })),
            ],
          }}
        />
        <FilterDate
          value={knownOn}
          onValue={(value) => change({ known_on: value || null })}
          filter={{ name: "known_on", label: t.trialBalance.known, date: true }}
        />
      </form>
    </div>
  );
}

interface Group {
  number: string;
  items: Item[];
}

function groupsOf(items: readonly Item[]): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const number = item.account.charAt(0);
    const last = groups[groups.length - 1];
    if (last?.number === number) last.items.push(item);
    else groups.push({ number, items: [item] });
  }
  return groups;
}

function Balance({ trial, asked, stale }: { trial: Trial; asked: Asked; stale: boolean }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money, number, minor } = useFigures();
  const { moment } = useInstants();
  const years = useFiscalYears();
  const year = years.items.find((one) => one.id === trial.fiscal_year_id);
  const caption = t.trialBalance.caption(date(trial.as_of));
  const sum = (items: readonly Item[], key: "opening" | "debit" | "credit" | "balance" | "closing") =>
    items.reduce((total, item) => total + (item[key] ? minor(item[key]) : 0n), 0n);
  const known = asked.known_at ? trial.known_at : null;
  const shared: LineQuery = { fund_id: asked.fund_id || null, as_of: trial.as_of, known_at: known };
  const moved: LineQuery = { ...shared, from: year?.starts_on ?? null };
  const equal = trial.total_debit === trial.total_credit;
  const columns = year ? 6 : 4;
  return (
    <>
      <p class="gap-below">
        <Rich text={equal ? t.trialBalance.equal(money(trial.total_debit)) : t.trialBalance.unequal} />{" "}
        {known ? t.trialBalance.knownAt(moment(known)) : ""} {t.trialBalance.drafts}
      </p>
      <div class="scroll scroll--edge" role="group" aria-label={caption} tabIndex={0}>
        <table class={stale ? "table table--dense table--balance is-stale" : "table table--dense table--balance"}>
          <caption class="hide">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t.trialBalance.account}</th>
              {year ? (
                <th scope="col" class="num col-opt">
                  {t.trialBalance.opening}
                </th>
              ) : null}
              <th scope="col" class="num">
                {t.trialBalance.debit}
              </th>
              <th scope="col" class="num">
                {t.trialBalance.credit}
              </th>
              {year ? (
                <th scope="col" class="num col-opt">
                  {t.trialBalance.period}
                </th>
              ) : null}
              <th scope="col" class="num">
                {t.trialBalance.balance}
              </th>
            </tr>
          </thead>
          {groupsOf(trial.items).map((group) => (
            <tbody key={group.number}>
              <tr class="group">
                <th scope="colgroup" colSpan={columns}>
                  {group.number}. {t.trialBalance.classes[group.number] ?? ""}
                </th>
              </tr>
              {group.items.map((item) => (
                <Row
                  key={item.account + item.title}
                  item={item}
                  year={Boolean(year)}
                  moved={moved}
                  shared={shared}
                  opening={year?.starts_on}
                />
              ))}
              <tr class="subtotal">
                <th scope="row">{t.trialBalance.classTotal(group.number)}</th>
                {year ? <td class="num col-opt">{number(sum(group.items, "opening"))}</td> : null}
                <td class="num">{number(sum(group.items, "debit"))}</td>
                <td class="num">{number(sum(group.items, "credit"))}</td>
                {year ? <td class="num col-opt">{number(sum(group.items, "balance"))}</td> : null}
                <td class="num">{number(sum(group.items, year ? "closing" : "balance"))}</td>
              </tr>
            </tbody>
          ))}
          <tfoot>
            <tr>
              <th scope="row">{t.trialBalance.total}</th>
              {year ? <td class="num col-opt">{number(sum(trial.items, "opening"))}</td> : null}
              <td class="num">{number(trial.total_debit)}</td>
              <td class="num">{number(trial.total_credit)}</td>
              {year ? <td class="num col-opt">{number(sum(trial.items, "balance"))}</td> : null}
              <td class="num">{number(sum(trial.items, year ? "closing" : "balance"))}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="small soft gap-s">{t.trialBalance.unit(currencySign(organisation.currency))}</p>
    </>
  );
}

interface RowProps {
  item: Item;
  year: boolean;
  moved: LineQuery;
  shared: LineQuery;
  opening: string | undefined;
}

function Row({ item, year, moved, shared, opening }: RowProps) {
  const organisation = useOrganisation();
  const { number, minor } = useFigures();
  const figure = (amount: string | null, query: LineQuery) => {
    if (amount === null || minor(amount) === 0n) return <span class="soft">{number(0n)}</span>;
    return <a href={linesHref(organisation, { ...query, account_number: item.account })}>{number(amount)}</a>;
  };
  const before: LineQuery = { ...shared, as_of: opening ? addDays(opening, -1) : null };
  // Assets and liabilities go on from year to year; income and expenses begin anew.
  const closing = item.kind === "asset" || item.kind === "liability" ? shared : moved;
  return (
    <tr>
      <th scope="row">
        <span class="account-number">{item.account}</span> {item.title}
      </th>
      {year ? <td class="num col-opt">{figure(item.opening, before)}</td> : null}
      <td class="num">{figure(item.debit, moved)}</td>
      <td class="num">{figure(item.credit, moved)}</td>
      {year ? <td class="num col-opt">{figure(item.balance, moved)}</td> : null}
      <td class="num">{figure(year ? item.closing : item.balance, year ? closing : shared)}</td>
    </tr>
  );
}
