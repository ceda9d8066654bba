// Writing an entry by hand, for accountants: lines with a running difference, wholly by keyboard.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { request } from "../client";
import type { Collection, Entry, Journal } from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { useAccountChoice } from "../lib/books";
import { parseDate } from "../lib/date";
import { emptyLine, entryBody, entryFaults, entryValues, isEmptyLine, totalsOf, typedAmount } from "../lib/entry";
import type { EntryValues, LineValues, Setting, Totals } from "../lib/entry";
import { fieldId, useForm } from "../lib/form";
import type { Form } from "../lib/form";
import { formatNumber, parseMoney } from "../lib/money";
import { useFunds, useMembers, useProjects } from "../lib/names";
import { useGet } from "../lib/query";
import { navigate } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import type { ComboOption } from "../ui/combo";
import { Conflict, useBased } from "../ui/conflict";
import type { Based, ConflictChange } from "../ui/conflict";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { useToast } from "../ui/feedback";
import { DateField, Field, SelectField, TextField } from "../ui/fields";
import { Icon } from "../ui/icons";
import { Note, Page, ReadFailure, Waiting } from "../ui/page";
import { THEN_VALIDATE } from "./entry";

export function EntryNewPage() {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const funds = useFunds();
  const general = funds.find((fund) => fund.kind === "general" && fund.is_default)?.id ?? funds[0]?.id ?? "";
  if (!general)
    return (
      <Page title={t.common.loading}>
        <Waiting />
      </Page>
    );
  const initial: EntryValues = {
    journal: "OD",
    date: date(organisation.today, "short"),
    label: "",
    lines: [emptyLine(general), emptyLine(general)],
  };
  return <Editor initial={initial} />;
}

export function EntryEditPage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Entry>(organisation.path("entries/" + encodeURIComponent(params["id"] ?? "")));
  const first = useRef<{ entry: Entry; etag: string } | null>(null);
  if (!first.current && got.data && got.etag && !got.loading) first.current = { entry: got.data, etag: got.etag };
  if (got.error && !first.current)
    return (
      <Page title={t.entryForm.editTitle}>
        <ReadFailure error={got.error} retry={got.reload} />
      </Page>
    );
  if (!first.current)
    return (
      <Page title={t.common.loading}>
        <Waiting />
      </Page>
    );
  if (first.current.entry.status !== "draft")
    return (
      <Page title={t.entryForm.editTitle}>
        <Note tone="warn">{t.entries.validateWhat(first.current.entry.journal)}</Note>
      </Page>
    );
  return <DraftEditor entry={first.current.entry} etag={first.current.etag} />;
}

function DraftEditor({ entry, etag }: { entry: Entry; etag: string }) {
  const { date } = useI18n();
  const { number } = useFigures();
  const based = useBased<Entry>(entry, etag);
  return <Editor initial={entryValues(entry, (day) => date(day, "short"), number)} based={based} />;
}

function Editor({ initial, based }: { initial: EntryValues; based?: Based<Entry> }) {
  const { t, language, date } = useI18n();
  const organisation = useOrganisation();
  const { money, number } = useFigures();
  const toast = useToast();
  const then = useRef<"show" | "validate">("show");
  const setting: Setting = { today: organisation.today, currency: organisation.money, language };
  const known = useRef<ReadonlyMap<string, string>>(new Map());
  const path = organisation.path("entries" + (based ? "/" + based.data.id : ""));
  const form = useForm<EntryValues, Entry>({
    name: based ? "entry-" + based.data.id : "entry-new",
    initial,
    draft: true,
    validate: (values) => entryFaults(values, known.current, setting, t),
    send: async (values, key) => {
      const body = entryBody(values, known.current, setting);
      return (await request<Entry>(based ? "PATCH" : "POST", path, based ? { body, etag: based.etag } : { body, key }))
        .data;
    },
    done: (entry) => {
      toast(t.entryForm.saved);
      navigate(
        organisation.href("entries/" + entry.id),
        then.current === "validate" ? { travel: { prefill: { then: THEN_VALIDATE } } } : {},
      );
    },
  });
  const day = parseDate(form.values.date, setting);
  const accounts = useAccountChoice(day.ok ? day.date : organisation.today);
  known.current = accounts.titles;
  const totals = totalsOf(form.values.lines, setting);
  const submit = (next: "show" | "validate") => (event?: Event) => {
    event?.preventDefault();
    then.current = next;
    // Pointers of the server's faults are places in what is sent: the empty lines go first.
    const kept = form.values.lines.filter((line) => !isEmptyLine(line));
    if (kept.length > 0 && kept.length < form.values.lines.length) form.patch({ lines: kept });
    void form.submit();
  };
  const compare = (before: Entry, now: Entry) => changes(before, now, t, date, number);
  const title = based ? t.entryForm.editTitle : t.entryForm.title;
  const crumbs = [
    { label: t.entries.title, href: organisation.href("entries") },
    ...(based ? [{ label: based.data.label, href: organisation.href("entries/" + based.data.id) }] : []),
    { label: title },
  ];
  return (
    <Page title={title} lead={t.entryForm.lead} crumbs={crumbs}>
      <ErrorSummary form={form} />
      {based ? (
        <Conflict
          form={form}
          path={path}
          based={based}
          compare={compare}
          valuesOf={(entry) => entryValues(entry, (one) => date(one, "short"), number)}
        />
      ) : null}
      <form
        class="stack-l"
        onSubmit={submit("show")}
        noValidate
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.ctrlKey) submit("show")(event);
        }}
      >
        <HeadFields form={form} />
        <Lines form={form} options={accounts.options} setting={setting} totals={totals} />
        <Balance totals={totals}>
          <Button
            onClick={submit("validate")}
            busy={form.busy}
            off={totals.difference !== 0n || totals.debit === 0n}
            aria-describedby="entry-off"
          >
            {t.entryForm.saveAndValidate(totals.debit === 0n ? "" : money(totals.debit))}
          </Button>
          <Button type="submit" tone="main" busy={form.busy}>
            {t.entryForm.save}
          </Button>
        </Balance>
        <p class="small soft only-wide" id="entry-off">
          {t.entryForm.keysBefore} <kbd>{t.entryForm.keyEnter}</kbd> {t.entryForm.keysEnter}{" "}
          <kbd>{t.entryForm.keyCtrl}</kbd> {t.entryForm.keysCtrl}
        </p>
        <DraftNote form={form} />
      </form>
    </Page>
  );
}

function changes(
  before: Entry,
  now: Entry,
  t: Messages,
  date: (day: string) => string,
  number: (amount: string) => string,
): ConflictChange[] {
  const lines = (entry: Entry) =>
    entry.lines
      .map(
        (line) =>
          `${line.account} ${line.debit ? t.entryForm.debit + " " + number(line.debit) : t.entryForm.credit + " " + number(line.credit ?? "0")}`,
      )
      .join(" ; ");
  const rows = [
    { label: t.entryForm.journal, before: before.journal, now: now.journal },
    { label: t.entryForm.date, before: date(before.date), now: date(now.date) },
    { label: t.entryForm.label, before: before.label, now: now.label },
    { label: t.entryForm.lines, before: lines(before), now: lines(now) },
  ];
  return rows.filter((row) => row.before !== row.now);
}

function HeadFields({ form }: { form: Form<EntryValues> }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const journals = useGet<Collection<Journal>>(organisation.path("journals")).data?.items ?? [];
  const options = journals.length
    ? journals.map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))
    : [{ value: form.values.journal, label: form.values.journal }];
  return (
    <div class="entry-head">
      <SelectField {...form.field("journal")} label={t.entryForm.journal} options={options} />
      <DateField {...form.field("date")} label={t.entryForm.date} today={organisation.today} />
      <TextField {...form.field("label")} label={t.entryForm.label} maxLength={200} />
    </div>
  );
}

// ---- lines ----

interface LinesProps {
  form: Form<EntryValues>;
  options: readonly ComboOption[];
  setting: Setting;
  totals: Totals;
}

function Lines({ form, options, setting, totals }: LinesProps) {
  const { t } = useI18n();
  const { lines } = form.values;
  const funds = useFunds();
  const members = useMembers();
  const projects = useProjects();
  const focus = useRef<number | null>(null);
  useEffect(() => {
    if (focus.current === null) return;
    document.getElementById(fieldId(`/lines/${focus.current}/account`))?.focus();
    focus.current = null;
  }, [lines.length]);
  const put = (index: number, change: Partial<LineValues>) =>
    form.patch({ lines: lines.map((line, at) => (at === index ? { ...line, ...change } : line)) });
  const add = () => {
    focus.current = lines.length;
    const fund = lines[lines.length - 1]?.fund_id ?? "";
    const missing = formatNumber(
      totals.difference < 0n ? -totals.difference : totals.difference,
      setting.currency.digits,
      setting.language,
    );
    form.patch({
      lines: [
        ...lines,
        {
          ...emptyLine(fund),
          ...(totals.difference < 0n ? { debit: missing } : totals.difference > 0n ? { credit: missing } : {}),
        },
      ],
    });
  };
  const remove = (index: number) => {
    focus.current = Math.max(0, index - 1);
    form.patch({ lines: lines.filter((_, at) => at !== index) });
  };
  const enter = (event: KeyboardEvent, index: number) => {
    const target = event.target as HTMLElement;
    if (event.key !== "Enter" || event.ctrlKey || event.defaultPrevented || target.tagName === "BUTTON") return;
    event.preventDefault();
    if (index === lines.length - 1) add();
    else document.getElementById(fieldId(`/lines/${index + 1}/account`))?.focus();
  };
  const choices = useMemo(
    () => ({
      funds: funds.map(({ id, name }) => ({ value: id, label: name })),
      members: [
        { value: "", label: t.entryForm.noMember },
        ...members.options.map(({ id, label }) => ({ value: id, label })),
      ],
      projects: [
        { value: "", label: t.entryForm.noProject },
        ...projects.map(({ id, name }) => ({ value: id, label: name })),
      ],
    }),
    [funds, members.options.length, projects, t],
  );
  return (
    <fieldset class="grid-lines">
      <legend class="block__head">
        <h2>{t.entryForm.lines}</h2>
      </legend>
      <div class="grid-lines__head" aria-hidden="true">
        <span>{t.entryForm.account}</span>
        <span>{t.entryForm.fund}</span>
        <span class="num">{t.entryForm.debit}</span>
        <span class="num">{t.entryForm.credit}</span>
      </div>
      {lines.map((line, index) => (
        <LineRow
          key={index}
          form={form}
          line={line}
          index={index}
          options={options}
          setting={setting}
          choices={choices}
          alone={lines.length === 1}
          put={(change) => put(index, change)}
          remove={() => remove(index)}
          onKeyDown={(event) => enter(event, index)}
        />
      ))}
      <p class="gap-s">
        <Button small onClick={add}>
          <Icon name="plus" />
          {t.entryForm.addLine}
        </Button>
      </p>
    </fieldset>
  );
}

interface LineRowProps {
  form: Form<EntryValues>;
  line: LineValues;
  index: number;
  options: readonly ComboOption[];
  setting: Setting;
  choices: Record<"funds" | "members" | "projects", readonly { value: string; label: string }[]>;
  alone: boolean;
  put: (change: Partial<LineValues>) => void;
  remove: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function LineRow({ form, line, index, options, setting, choices, alone, put, remove, onKeyDown }: LineRowProps) {
  const { t } = useI18n();
  const at = "/lines/" + index;
  const [open, setOpen] = useState(Boolean(line.member_id || line.project_id || line.label));
  const account = form.at(at + "/account", line.account, (number: string) => put({ account: number }));
  const side = (key: "debit" | "credit") =>
    form.at(`${at}/${key}`, line[key], (text: string) =>
      put(text.trim() ? { [key]: text, [key === "debit" ? "credit" : "debit"]: "" } : { [key]: text }),
    );
  return (
    <div class="grid-lines__row" role="group" aria-label={t.entryForm.line(index + 1)} onKeyDown={onKeyDown}>
      <Combo
        id={account.id}
        label={t.entryForm.account}
        error={account.error}
        text={line.accountText}
        chosen={line.account}
        options={options}
        small
        placeholder={t.entryForm.accountPlaceholder}
        onChange={(text, chosen) => {
          account.onValue(chosen);
          put({ accountText: text, account: chosen });
        }}
      />
      <SelectField
        {...form.at(at + "/fund_id", line.fund_id, (id: string) => put({ fund_id: id }))}
        label={t.entryForm.fund}
        options={choices.funds}
        small
      />
      <AmountCell {...side("debit")} label={t.entryForm.debit} setting={setting} />
      <AmountCell {...side("credit")} label={t.entryForm.credit} setting={setting} />
      <div class="grid-lines__acts">
        <button
          type="button"
          class="linklike small"
          aria-expanded={open ? "true" : "false"}
          onClick={() => setOpen(!open)}
        >
          {t.entryForm.more}
          <span class="hide"> {t.entryForm.line(index + 1)}</span>
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t.entryForm.removeLine(index + 1)}
          aria-disabled={alone ? "true" : undefined}
          onClick={() => {
            if (!alone) remove();
          }}
        >
          <Icon name="cross" />
        </button>
      </div>
      {open ? (
        <div class="grid-lines__more">
          <TextField
            {...form.at(at + "/label", line.label, (label: string) => put({ label }))}
            label={t.entryForm.lineLabel}
            small
            maxLength={200}
          />
          <SelectField
            {...form.at(at + "/member_id", line.member_id, (id: string) => put({ member_id: id }))}
            label={t.entryForm.member}
            options={choices.members}
            small
          />
          <SelectField
            {...form.at(at + "/project_id", line.project_id, (id: string) => put({ project_id: id }))}
            label={t.entryForm.project}
            options={choices.projects}
            small
          />
        </div>
      ) : null}
    </div>
  );
}

interface AmountCellProps {
  id: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  error?: string | undefined;
  setting: Setting;
}

/** An amount in a column: written out in full when one leaves it. */
function AmountCell({ id, label, value, onValue, error, setting }: AmountCellProps) {
  const { t } = useI18n();
  const read = parseMoney(value, { digits: setting.currency.digits, language: setting.language, zero: true });
  const doubt = !read.ok && read.fault !== "empty" ? t.money[read.fault] : undefined;
  const tidy = () => {
    if (read.ok) onValue(formatNumber(typedAmount(value, setting), setting.currency.digits, setting.language));
  };
  return (
    <Field id={id} label={label} error={error} echo={doubt && !error ? <span class="doubt">{doubt}</span> : null}>
      <input
        id={id}
        name={id}
        class="input input--num input--s"
        inputMode="decimal"
        autocomplete="off"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        onBlur={tidy}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? id + "-error" : doubt ? id + "-echo" : undefined}
      />
    </Field>
  );
}

function Balance({ totals, children }: { totals: Totals; children: ComponentChildren }) {
  const { t } = useI18n();
  const { number, money } = useFigures();
  const { debit, credit, difference } = totals;
  const rest =
    debit === 0n && credit === 0n
      ? number(0n)
      : difference === 0n
        ? t.entryForm.balanced
        : difference < 0n
          ? t.entryForm.missingDebit(money(-difference))
          : t.entryForm.missingCredit(money(difference));
  return (
    <div class="balance">
      <div>
        {t.entryForm.totalDebit}
        <b>{number(debit)}</b>
      </div>
      <div>
        {t.entryForm.totalCredit}
        <b>{number(credit)}</b>
      </div>
      <div class={difference !== 0n ? "rest" : debit === 0n ? undefined : "rest is-nil"} role="status">
        {t.entryForm.difference}
        <b>{rest}</b>
      </div>
      <div class="balance__act">{children}</div>
    </div>
  );
}
