// One entry: debit and credit, who wrote it and when, what it comes from; a draft is changed, deleted or made final, a
// final entry written by hand is reversed.
import { useState } from "preact/hooks";
import { newKey, request } from "../client";
import type { Entry } from "../model";
import { Rich, useI18n } from "../i18n";
import { linesHref, useFiscalYears } from "../lib/books";
import { parseDate } from "../lib/date";
import { failureOf, useForm } from "../lib/form";
import type { Fault, Failure } from "../lib/form";
import { useInstants } from "../lib/instant";
import { useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate, usePlace } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { EntryBadge } from "../ui/books";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { ConfirmDialog, Dialog, useToast } from "../ui/feedback";
import { DateField, TextField } from "../ui/fields";
import { EntryTable, Facts } from "../ui/ledger";
import type { EntryTableLine } from "../ui/ledger";
import { Note, Page, ReadFailure, Section, Waiting } from "../ui/page";

/** Travels from the form that saved a draft in order to make it final at once. */
export const THEN_VALIDATE = "validate";

export function EntryPage({ params }: { params: Params }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { travel } = usePlace();
  const got = useGet<Entry>(organisation.path("entries/" + encodeURIComponent(params["id"] ?? "")));
  const [dialog, setDialog] = useState<"remove" | "validate" | "reverse" | null>(
    travel.prefill?.["then"] === THEN_VALIDATE ? "validate" : null,
  );
  const entry = got.data;
  const crumbs = [{ label: t.entries.title, href: organisation.href("entries") }, { label: entry ? entry.label : "…" }];
  if (!entry)
    return (
      <Page title={got.error ? t.entries.title : t.common.loading} crumbs={crumbs}>
        {got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}
      </Page>
    );
  const title =
    entry.number === null
      ? t.entries.draftTitle(date(entry.date))
      : t.entries.oneTitle(entry.journal, entry.number, date(entry.date));
  const close = () => setDialog(null);
  return (
    <Page
      title={title}
      crumbs={crumbs}
      lead={
        <>
          {entry.label} <EntryBadge entry={entry} />
        </>
      }
      actions={<Actions entry={entry} open={setDialog} />}
    >
      <EntryNotes entry={entry} />
      <div class="cols cols--8-4">
        <Section id="entry-lines" title={t.entries.lines}>
          <EntryTable caption={t.entries.lines} lines={useLines(entry)} />
        </Section>
        <Section id="entry-facts" title={t.entries.facts}>
          <EntryFacts entry={entry} />
        </Section>
      </div>
      {dialog === "remove" ? <RemoveDialog entry={entry} etag={got.etag} onClose={close} /> : null}
      {dialog === "validate" && entry.status === "draft" ? <ValidateDialog entry={entry} onClose={close} /> : null}
      {dialog === "reverse" ? <ReverseDialog entry={entry} onClose={close} /> : null}
    </Page>
  );
}

/** Debit − credit of a draft; nil once it is final. */
function useDifference(entry: Entry): bigint {
  const { minor } = useFigures();
  return entry.lines.reduce(
    (sum, line) => sum + (line.debit ? minor(line.debit) : 0n) - (line.credit ? minor(line.credit) : 0n),
    0n,
  );
}

function Actions({ entry, open }: { entry: Entry; open: (dialog: "remove" | "validate" | "reverse") => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const difference = useDifference(entry);
  if (!organisation.can("write_books")) return null;
  if (entry.status === "draft") {
    return (
      <>
        <Button onClick={() => open("remove")}>{t.entries.remove}</Button>
        <a class="btn" href={organisation.href(`entries/${entry.id}/edit`)}>
          {t.entries.edit}
        </a>
        {difference === 0n ? (
          <Button tone="main" onClick={() => open("validate")}>
            {t.entries.validate(money(entry.total))}
          </Button>
        ) : null}
      </>
    );
  }
  const reversible = entry.source_kind === "manual" && !entry.reverses_entry_id && !entry.reversed_by_entry_id;
  return reversible ? <Button onClick={() => open("reverse")}>{t.entries.reverse}</Button> : null;
}

function EntryNotes({ entry }: { entry: Entry }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const difference = useDifference(entry);
  const owned = t.entries.owned[entry.source_kind];
  const source = sourceHref(entry);
  const text = t.entries.seeSource[entry.source_kind];
  return (
    <div class="stack gap-below">
      {entry.status === "draft" && difference !== 0n ? (
        <Note tone="warn">
          <Rich text={t.entries.validateUnbalanced(money(difference < 0n ? -difference : difference))} />
        </Note>
      ) : null}
      {entry.status === "validated" && owned && !entry.reversed_by_entry_id && !entry.reverses_entry_id ? (
        <Note>
          {owned}
          {source && text ? (
            <p class="gap-s">
              <a href={organisation.href(source)}>{text}</a>
            </p>
          ) : null}
        </Note>
      ) : null}
    </div>
  );
}

/** Page of the operation that wrote the entry. */
function sourceHref({ source_kind: kind, source_id: id }: Entry): string | null {
  if (kind === "contribution" && id) return "contributions/" + id;
  if (kind === "in_kind") return "in-kind";
  if (kind === "match" && id) return "bank/matches/" + id;
  return null;
}

function EntryFacts({ entry }: { entry: Entry }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const years = useFiscalYears();
  const year = years.items.find((one) => one.id === entry.fiscal_year_id);
  const source = sourceHref(entry);
  const sourceName = t.entries.sources[entry.source_kind] ?? entry.source_kind;
  const who = entry.recorded_by_name ?? t.entries.someone;
  return (
    <>
      <Facts
        items={[
          { label: t.entries.date, value: date(entry.date, "full") },
          {
            label: t.entries.journal,
            value: (
              <a href={organisation.href("entries?journal=" + encodeURIComponent(entry.journal))}>{entry.journal}</a>
            ),
          },
          { label: t.entries.year, value: year ? years.name(year) : "" },
          {
            label: t.entries.source,
            value: source ? <a href={organisation.href(source)}>{sourceName}</a> : sourceName,
          },
          {
            label: t.entries.recorded,
            value: entry.recorded_at ? t.entries.recordedBy(moment(entry.recorded_at), who) : "",
          },
          { label: t.entries.writtenBy, value: entry.recorded_at ? "" : who },
          {
            label: t.entries.reversesLabel,
            value: entry.reverses_entry_id ? <EntryLink id={entry.reverses_entry_id} /> : "",
          },
          {
            label: t.entries.reversedByLabel,
            value: entry.reversed_by_entry_id ? <EntryLink id={entry.reversed_by_entry_id} reason /> : "",
          },
          { label: t.entries.reason, value: entry.reason ?? "" },
        ]}
      />
      {organisation.can("audit") ? (
        <p class="small gap">
          <a href={organisation.href(`history?subject_id=${entry.id}`)}>{t.entries.history}</a>
        </p>
      ) : null}
    </>
  );
}

/** Another entry by its name, read so that the link says which one. */
function EntryLink({ id, reason }: { id: string; reason?: boolean }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Entry>(organisation.path("entries/" + id));
  const entry = got.data;
  if (!entry) return <a href={organisation.href("entries/" + id)}>…</a>;
  return (
    <>
      <a href={organisation.href("entries/" + id)}>
        {t.entries.oneTitle(entry.journal, entry.number ?? 0, date(entry.date))}
      </a>
      {reason && entry.reason ? <span class="soft under">{entry.reason}</span> : null}
    </>
  );
}

function useLines(entry: Entry, opposite = false): EntryTableLine[] {
  const organisation = useOrganisation();
  const { t } = useI18n();
  const projects = useProjects();
  const project = (id: string | null) => projects.find((one) => one.id === id)?.name;
  return entry.lines.map((line) => ({
    account: line.account,
    title: line.title ?? "",
    debit: opposite ? line.credit : line.debit,
    credit: opposite ? line.debit : line.credit,
    note: [
      line.label,
      line.fund_name,
      line.member_name,
      line.project_id ? t.entryLines.only.project(project(line.project_id) ?? "") : null,
    ]
      .filter(Boolean)
      .join(", "),
    href:
      opposite || entry.status === "draft"
        ? undefined
        : linesHref(organisation, { account_number: line.account, as_of: entry.date }),
  }));
}

// ---- what can be done ----

interface DialogProps {
  entry: Entry;
  onClose: () => void;
}

/** One act of a dialog without fields: busy, then done or told why not. */
function useAct(act: () => Promise<void>): { busy: boolean; failure: Failure | null; go: () => void } {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const go = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await act();
    } catch (error) {
      setFailure(failureOf(error, t.failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, go: () => void go() };
}

function FailureNote({ failure }: { failure: Failure | null }) {
  return failure ? (
    <div class="gap">
      <Note tone="bad" title={failure.title} live>
        {failure.detail}
      </Note>
    </div>
  ) : null;
}

function RemoveDialog({ entry, etag, onClose }: DialogProps & { etag: string | null }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const { busy, failure, go } = useAct(async () => {
    await request("DELETE", organisation.path("entries/" + entry.id), { etag });
    toast(t.entries.removed(money(entry.total)));
    navigate(organisation.href("entries"));
  });
  return (
    <ConfirmDialog
      title={t.entries.removeTitle(entry.label, money(entry.total), date(entry.date))}
      open
      confirmLabel={t.entries.removeGo}
      keepLabel={t.entries.keepDraft}
      busy={busy}
      onConfirm={go}
      onClose={onClose}
    >
      <p>{t.entries.removeWhat}</p>
      <FailureNote failure={failure} />
    </ConfirmDialog>
  );
}

function ValidateDialog({ entry, onClose }: DialogProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const lines = useLines(entry);
  const [key] = useState(newKey);
  const { busy, failure, go } = useAct(async () => {
    const { data } = await request<Entry>("POST", organisation.path(`entries/${entry.id}/validations`), { key });
    toast(t.entries.validatedDone(data.journal, data.number ?? 0));
    onClose();
  });
  return (
    <Dialog
      title={t.entries.validateTitle(money(entry.total), date(entry.date))}
      wide
      open
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="main" busy={busy} onClick={go}>
            {t.entries.validateGo(money(entry.total))}
          </Button>
        </>
      }
    >
      <div class="stack gap">
        <p>
          <Rich text={t.entries.validateWhat(entry.journal)} />
        </p>
        <EntryTable caption={entry.label} lines={lines} />
      </div>
      <FailureNote failure={failure} />
    </Dialog>
  );
}

function ReverseDialog({ entry, onClose }: DialogProps) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const toast = useToast();
  const { today } = organisation;
  const name = t.entries.name(entry.journal, entry.number ?? 0);
  const lines = useLines(entry, true);
  const form = useForm<{ date: string; reason: string }, Entry>({
    name: "reverse-" + entry.id,
    initial: { date: date(entry.date > today ? entry.date : today, "short"), reason: "" },
    validate: (values) => {
      const faults: Fault[] = [];
      const day = parseDate(values.date, { today });
      if (!day.ok) faults.push({ pointer: "/date", detail: t.date[day.fault] });
      if (!values.reason.trim()) faults.push({ pointer: "/reason", detail: t.contributions.reasonRequired });
      return faults;
    },
    send: async (values, key) => {
      const day = parseDate(values.date, { today });
      const body = { date: day.ok ? day.date : "", reason: values.reason.trim() };
      return (await request<Entry>("POST", organisation.path(`entries/${entry.id}/reversals`), { body, key })).data;
    },
    done: (reversal) => {
      toast(t.entries.reversedDone(name));
      navigate(organisation.href("entries/" + reversal.id));
    },
  });
  return (
    <Dialog title={t.entries.reverseTitle(name, money(entry.total))} wide open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <div class="stack">
          <p>
            <Rich text={t.entries.reverseWhat(money(entry.total))} />
          </p>
          <EntryTable caption={t.entries.reverseCaption} lines={lines} />
        </div>
        <DateField
          {...form.field("date")}
          label={t.entries.reverseDate}
          hint={t.entries.reverseDateHint(date(entry.date))}
          today={today}
        />
        <TextField
          {...form.field("reason")}
          label={t.entries.reverseReason}
          hint={t.entries.reverseReasonHint}
          maxLength={500}
        />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.entries.keep}</Button>
          <Button type="submit" tone="bad" busy={form.busy}>
            {t.entries.reverseGo(money(entry.total))}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
