// Settings: fiscal years, and the months in which nothing more is recorded.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { BankTransaction, Collection, Entry, FiscalYear } from "../model";
import { Rich, useI18n } from "../i18n";
import { useFiscalYears } from "../lib/books";
import { addDays, parseDate } from "../lib/date";
import type { Iso } from "../lib/date";
import { useForm } from "../lib/form";
import type { Fault } from "../lib/form";
import { useGet } from "../lib/query";
import { earlierEnds, followingYear, monthEnds, wholeMonths } from "../lib/years";
import { search } from "../router";
import { useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { Dialog, useToast } from "../ui/feedback";
import { DateField, SelectField, TextField } from "../ui/fields";
import { Note, ReadFailure, Section, Waiting } from "../ui/page";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { HistoryLink } from "../ui/settings";

type Open = { act: "add" } | { act: "lock" | "unlock"; year: FiscalYear } | null;

export function YearsSection() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const years = useFiscalYears();
  const got = useGet<Collection<FiscalYear>>(organisation.path("fiscal-years"), { limit: 100 });
  const [open, setOpen] = useState<Open>(null);
  const writes = organisation.can("write_books");
  const close = () => setOpen(null);
  const columns: Column<FiscalYear>[] = [
    { key: "name", title: t.settings.year, head: true, cell: (year) => years.name(year) },
    { key: "period", title: t.settings.yearPeriod, optional: true, cell: (year) => t.settings.period(date(year.starts_on), date(year.ends_on)) },
    { key: "state", title: t.settings.yearState, cell: (year) => <YearState year={year} /> },
    ...(writes ? [{ key: "acts", title: t.settings.edit, silent: true, num: true, cell: (year: FiscalYear) => <YearActs year={year} name={years.name(year)} open={setOpen} /> }] : []),
  ];
  return (
    <Section id="settings-years" title={t.settings.years} aside={<HistoryLink kind="fiscal_year" of={t.settings.years} />}>
      <p class="small soft gap-below">{t.settings.yearsLead}</p>
      {got.error && !got.data ? <ReadFailure error={got.error} retry={got.reload} /> : got.data
        ? <Table caption={t.settings.yearsCaption} columns={columns} rows={[...got.data.items].sort((a, b) => b.starts_on.localeCompare(a.starts_on))} rowKey={(year) => year.id} dense /> : <Waiting />}
      {writes ? <p class="gap"><Button small onClick={() => setOpen({ act: "add" })}>{t.settings.addYear}</Button></p> : null}
      {open?.act === "add" ? <NewYear years={got.data?.items ?? []} onClose={close} /> : null}
      {open?.act === "lock" ? <LockMonths year={open.year} name={years.name(open.year)} onClose={close} /> : null}
      {open?.act === "unlock" ? <UnlockMonths year={open.year} name={years.name(open.year)} onClose={close} /> : null}
    </Section>
  );
}

function YearState({ year }: { year: FiscalYear }) {
  const { t, date } = useI18n();
  if (year.state === "closed") return <Badge icon="lock">{t.settings.yearClosed}</Badge>;
  if (year.locked_through === null) return <>{t.settings.yearOpen}</>;
  return <Badge icon="lock">{year.locked_through >= year.ends_on ? t.settings.yearLockedWhole : t.settings.yearLocked(date(year.locked_through))}</Badge>;
}

function YearActs({ year, name, open }: { year: FiscalYear; name: string; open: (open: Open) => void }) {
  const { t } = useI18n();
  if (year.state === "closed") return null;
  return (
    <span class="row row--end row--acts">
      {year.locked_through === null ? null : <Button small tone="plain" onClick={() => open({ act: "unlock", year })} aria-label={t.settings.unlockOf(name)}>{t.settings.unlock}</Button>}
      {year.locked_through !== null && year.locked_through >= year.ends_on ? null : <Button small tone="plain" onClick={() => open({ act: "lock", year })} aria-label={t.settings.lockOf(name)}>{t.settings.lock}</Button>}
    </span>
  );
}

// ---- the next year ----

function NewYear({ years, onClose }: { years: readonly FiscalYear[]; onClose: () => void }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const { today } = organisation;
  const next = followingYear(years);
  const read = (text: string) => { const found = parseDate(text, { today, prefer: "future" }); return found.ok ? found.date : null; };
  const form = useForm<{ starts_on: string; ends_on: string }, FiscalYear>({
    name: "fiscal-year-new",
    initial: { starts_on: next ? date(next.starts_on, "short") : "", ends_on: next ? date(next.ends_on, "short") : "" },
    draft: "changes",
    validate: (values) => (["starts_on", "ends_on"] as const).flatMap((key): Fault[] => {
      const found = parseDate(values[key], { today, prefer: "future" });
      return found.ok ? [] : [{ pointer: "/" + key, detail: t.date[found.fault] }];
    }),
    send: async (values, key) =>
      (await request<FiscalYear>("POST", organisation.path("fiscal-years"), { body: { starts_on: read(values.starts_on), ends_on: read(values.ends_on) }, key })).data,
    done: () => { toast(t.settings.yearAdded); onClose(); },
  });
  const from = read(form.values.starts_on);
  const to = read(form.values.ends_on);
  const months = from && to ? wholeMonths(from, to) : null;
  const submit = from && to && from < to ? t.settings.addYearSubmit(date(from, "short"), date(to, "short")) : t.settings.addYearPlain;
  return (
    <Dialog title={t.settings.addYearTitle} open wide onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p class="small">{t.settings.addYearDetail}</p>
        <DateField {...form.field("starts_on")} label={t.settings.yearStart} today={today} prefer="future" />
        <DateField {...form.field("ends_on")} label={t.settings.yearEnd} today={today} prefer="future"
          echo={from && to && from < to ? ", " + (months === null ? t.settings.monthsAndDays : t.settings.months(months)) : null} />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{submit}</Button>
        </div>
      </form>
    </Dialog>
  );
}

// ---- locking months, and opening them again ----

interface MonthsProps {
  year: FiscalYear;
  name: string;
  onClose: () => void;
}

const monthOption = (end: Iso, format: (date: Iso) => string) => ({ value: end, label: format(end) });

function LockMonths({ year, name, onClose }: MonthsProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const ends = monthEnds(year, year.locked_through);
  const past = ends.filter((end) => end < organisation.today);
  const proposed = past[past.length - 1] ?? ends[0] ?? year.ends_on;
  // A draft may name a month that has been locked since.
  const possible = (end: Iso) => (ends.includes(end) ? end : proposed);
  const form = useForm<{ through: Iso; reason: string }, FiscalYear>({
    name: "lock-" + year.id,
    initial: { through: proposed, reason: "" },
    draft: "changes",
    validate: (values) => (values.reason.trim() ? [] : [{ pointer: "/reason", detail: t.form.required }]),
    send: async (values, key) =>
      (await request<FiscalYear>("POST", organisation.path(`fiscal-years/${year.id}/locks`), { body: { through: possible(values.through), reason: values.reason.trim() }, key })).data,
    done: (saved) => { toast(t.settings.locked(date(saved.locked_through ?? year.ends_on))); onClose(); },
  });
  const through = possible(form.values.through);
  return (
    <Dialog title={t.settings.lockOf(name)} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <SelectField {...form.field("through")} value={through} label={t.settings.lockThrough} options={ends.map((end) => monthOption(end, (one) => date(one, "month")))} />
        <div class="stack">
          <p><Rich text={t.settings.lockWhat(date(through))} /></p>
          <p class="small">{t.settings.lockHow}</p>
          <StillOpen from={year.starts_on} to={through} />
        </div>
        <TextField {...form.field("reason")} label={t.settings.lockReason} hint={t.settings.lockReasonHint} maxLength={500} required />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.settings.lockSubmit(date(through))}</Button>
        </div>
      </form>
    </Dialog>
  );
}

const COUNTED_MAX = 100;

/** What still waits in the months to be locked: with them locked it can only be dated later. */
function StillOpen({ from, to }: { from: Iso; to: Iso }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const drafts = useGet<Collection<Entry>>(organisation.path("entries"), { status: "draft", from, to, limit: COUNTED_MAX }).data;
  const lines = useGet<Collection<BankTransaction>>(organisation.path("bank-transactions"), { status: "unmatched", from, to, limit: COUNTED_MAX }).data;
  const count = (found: Collection<unknown> | undefined) => (found ? found.items.length + (found.next ? "+" : "") : "0");
  const rows = [
    { count: count(drafts), say: t.settings.lockDrafts, href: organisation.href("entries") + search({ status: "draft", to }) },
    { count: count(lines), say: t.settings.lockLines, href: organisation.href("bank/lines") + search({ status: "unmatched", to }) },
  ].filter((row) => row.count !== "0");
  if (rows.length === 0) return null;
  return <Note tone="warn" title={t.settings.lockWaiting}><ul class="bullets">{rows.map((row) => <li key={row.href}><a href={row.href}>{row.say(row.count)}</a></li>)}</ul></Note>;
}

/** Chosen to leave no month locked. */
const NOTHING = "";

function UnlockMonths({ year, name, onClose }: MonthsProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const locked = year.locked_through ?? year.ends_on;
  const ends = earlierEnds(year, locked);
  const proposed = ends[0] ?? NOTHING;
  // A draft may leave locked what is locked no more.
  const possible = (end: Iso) => (end === NOTHING || ends.includes(end) ? end : proposed);
  const openFrom = (through: Iso) => (through === NOTHING ? year.starts_on : addDays(through, 1));
  const form = useForm<{ through: Iso; reason: string }, FiscalYear>({
    name: "unlock-" + year.id,
    initial: { through: proposed, reason: "" },
    draft: "changes",
    validate: (values) => (values.reason.trim() ? [] : [{ pointer: "/reason", detail: t.form.required }]),
    send: async (values, key) =>
      (await request<FiscalYear>("POST", organisation.path(`fiscal-years/${year.id}/unlocks`), { body: { through: possible(values.through) || null, reason: values.reason.trim() }, key })).data,
    done: (_saved, values) => { toast(t.settings.unlocked(date(openFrom(possible(values.through))))); onClose(); },
  });
  const through = possible(form.values.through);
  const from = openFrom(through);
  return (
    <Dialog title={t.settings.unlockOf(name)} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <SelectField {...form.field("through")} value={through} label={t.settings.unlockThrough}
          options={[...ends.map((end) => monthOption(end, (one) => date(one, "month"))), { value: NOTHING, label: t.settings.unlockNothing }]} />
        <div class="stack">
          <p><Rich text={t.settings.unlockWhat(date(from), date(locked))} /></p>
          <p class="small">{t.settings.unlockHow}</p>
        </div>
        <TextField {...form.field("reason")} label={t.settings.lockReason} hint={t.settings.unlockReasonHint} maxLength={500} required />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="bad" busy={form.busy}>{t.settings.unlockSubmit(date(from))}</Button>
        </div>
      </form>
    </Dialog>
  );
}
