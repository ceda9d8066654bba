// Settings: what money is set aside for, and projects. Each is added and changed in a dialog that keeps what was typed.
import { useEffect, useState } from "preact/hooks";
import { request } from "../client";
import type { Collection, Fund, FundKind, Project } from "../model";
import { Rich, useI18n } from "../i18n";
import { useForm } from "../lib/form";
import type { Fault, Form } from "../lib/form";
import { currencySign, toDecimal } from "../lib/money";
import { choices } from "../lib/names";
import { useGet } from "../lib/query";
import { changed, merging } from "../lib/settings";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Conflict, useBased } from "../ui/conflict";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { Dialog, useToast } from "../ui/feedback";
import { ChoiceField, MoneyField, readMoney, TextField } from "../ui/fields";
import { Loaded, Section } from "../ui/page";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { HistoryLink } from "../ui/settings";

/** "" : nothing open; "new"; else the id of what is being changed. */
type Open = string;

interface DialogProps {
  onClose: () => void;
}

/** The first answer of a form that appears in a dialog already open. */
function useFocus(id: string): void {
  useEffect(() => document.getElementById(id)?.focus(), []);
}

// ---- funds ----

export function FundsSection() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const got = useGet<Collection<Fund>>(organisation.path("funds"), { limit: 500 });
  const [open, setOpen] = useState<Open>("");
  const writes = organisation.can("write_books");
  const close = () => setOpen("");
  const columns: Column<Fund>[] = [
    { key: "name", title: t.settings.fundName, head: true, cell: (fund) => <>{fund.name}{fund.is_default && (fund.kind === "general" || fund.kind === "solidarity") ? <> <Badge icon="check">{t.settings.fundDefault}</Badge></> : null}</> },
    { key: "kind", title: t.settings.fundKind, optional: true, cell: (fund) => t.enums.fundKind[fund.kind] },
    { key: "floor", title: t.settings.fundFloor(currencySign(organisation.currency)), num: true, cell: (fund) => number(fund.floor) },
    ...(writes ? [{ key: "edit", title: t.settings.edit, silent: true, num: true, cell: (fund: Fund) => <Button small tone="plain" onClick={() => setOpen(fund.id)} aria-label={t.settings.editOf(fund.name)}>{t.settings.edit}</Button> }] : []),
  ];
  return (
    <Section id="settings-funds" title={t.settings.funds} aside={<HistoryLink kind="fund" of={t.settings.funds} />}>
      <p class="small soft gap-below">{t.settings.fundsLead} {writes ? "" : t.settings.readOnlyBooks}</p>
      <Loaded got={got}>{(data) => <Table caption={t.settings.fundsCaption} columns={columns} rows={data.items} rowKey={(fund) => fund.id} dense />}</Loaded>
      {writes ? <p class="gap"><Button small onClick={() => setOpen("new")}>{t.settings.addFund}</Button></p> : null}
      {open === "new" ? <NewFund onClose={close} /> : open ? <ChangeFund id={open} onClose={close} /> : null}
    </Section>
  );
}

interface FundValues {
  name: string;
  kind: FundKind;
  floor: string;
}

/** An empty minimum is none. */
function useFloor() {
  const { language } = useI18n();
  const { money: currency } = useOrganisation();
  const read = (text: string) => readMoney(text, currency, language, { zero: true });
  return {
    fault: (text: string) => { const found = read(text); return found.ok || found.fault === "empty" ? null : found.fault; },
    minor: (text: string) => { const found = read(text); return found.ok ? found.minor : 0n; },
    decimal: (text: string) => { const found = read(text); return toDecimal(found.ok ? found.minor : 0n, currency.digits); },
  };
}

function useFundFaults() {
  const { t } = useI18n();
  const floor = useFloor();
  return (values: FundValues): Fault[] => {
    const fault = floor.fault(values.floor);
    return [
      ...(values.name.trim() ? [] : [{ pointer: "/name", detail: t.settings.fundNameRequired }]),
      ...(fault ? [{ pointer: "/floor", detail: t.money[fault] }] : []),
    ];
  };
}

function NewFund({ onClose }: DialogProps) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const floor = useFloor();
  const form = useForm<FundValues, Fund>({
    name: "fund-new",
    initial: { name: "", kind: "designated", floor: "" },
    draft: true,
    validate: useFundFaults(),
    send: async (values, key) =>
      (await request<Fund>("POST", organisation.path("funds"), { body: { name: values.name.trim(), kind: values.kind, floor: floor.decimal(values.floor) }, key })).data,
    done: (fund) => { toast(t.settings.fundAdded(fund.name)); onClose(); },
  });
  return (
    <Dialog title={t.settings.addFund} open wide onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <TextField {...form.field("name")} label={t.settings.fundName} hint={t.settings.fundNameHint} maxLength={100} required />
        <ChoiceField<FundKind> {...form.field("kind")} label={t.settings.fundKind} hint={t.settings.fundKindHint} options={choices(t.enums.fundKind)} echo={t.settings.fundKindHelp[form.values.kind]} />
        <Floor form={form} />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.settings.addFundSubmit}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Floor({ form }: { form: Form<FundValues> }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  return <MoneyField {...form.field("floor")} label={t.settings.fundFloorLabel} hint={t.settings.fundFloorHint} currency={organisation.money} zero words optional />;
}

function ChangeFund({ id, onClose }: DialogProps & { id: string }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Fund>(organisation.path("funds/" + id));
  return (
    <Dialog title={got.data ? t.settings.editOf(got.data.name) : t.settings.edit} open wide onClose={onClose}>
      <Loaded got={got}>{(fund) => <FundForm fund={fund} etag={got.etag} onClose={onClose} />}</Loaded>
    </Dialog>
  );
}

function FundForm({ fund, etag, onClose }: DialogProps & { fund: Fund; etag: string | null }) {
  useFocus("f-name");
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number, money, minor } = useFigures();
  const toast = useToast();
  const floor = useFloor();
  const based = useBased(fund, etag);
  const path = organisation.path("funds/" + fund.id);
  const valuesOf = (one: Fund): FundValues => ({ name: one.name, kind: one.kind, floor: minor(one.floor) === 0n ? "" : number(one.floor) });
  const before = valuesOf(based.data);
  const bodyOf = (values: FundValues) => ({ name: values.name.trim(), floor: floor.decimal(values.floor) });
  const form = useForm<FundValues, Fund | null>({
    name: "fund-" + fund.id,
    initial: before,
    draft: "changes",
    validate: useFundFaults(),
    send: async (values) => {
      const body = changed(bodyOf(before), bodyOf(values));
      return Object.keys(body).length ? (await request<Fund>("PATCH", path, { body, etag: based.etag })).data : null;
    },
    done: (saved) => { if (saved) toast(t.settings.fundSaved(saved.name)); onClose(); },
  });
  const difference = floor.fault(form.values.floor) ? 0n : floor.minor(form.values.floor) - minor(based.data.floor);
  return (
    <form class="stack-l gap" onSubmit={form.submit} noValidate>
      <ErrorSummary form={form} />
      <Conflict form={form} path={path} based={merging(based, form, valuesOf)} valuesOf={valuesOf} compare={(old, now) => [
        { label: t.settings.fundName, before: old.name, now: now.name },
        { label: t.settings.fundFloorLabel, before: money(old.floor), now: money(now.floor) },
      ].filter((row) => row.before !== row.now)} />
      <TextField {...form.field("name")} label={t.settings.fundName} maxLength={100} required />
      <Floor form={form} />
      <p class="small" role="status">
        {difference === 0n ? null : (
          <><Rich text={t.settings.floorChange(money(based.data.floor), money(floor.minor(form.values.floor)))} />{" "}
            {fund.kind === "solidarity" ? <Rich text={difference > 0n ? t.settings.floorMore(money(difference)) : t.settings.floorLess(money(-difference))} /> : null}</>
        )}
      </p>
      <DraftNote form={form} />
      <div class="dialog__acts">
        <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
        <Button type="submit" tone="main" busy={form.busy}>{t.settings.saveFund}</Button>
      </div>
    </form>
  );
}

// ---- projects ----

export function ProjectsSection() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Collection<Project>>(organisation.path("projects"), { limit: 500 });
  const [open, setOpen] = useState<Open>("");
  const writes = organisation.can("write_books");
  const close = () => setOpen("");
  const columns: Column<Project>[] = [
    { key: "name", title: t.settings.projectName, head: true, cell: (project) => project.name },
    { key: "code", title: t.settings.projectCode, cell: (project) => project.code ?? "" },
    ...(writes ? [{ key: "edit", title: t.settings.edit, silent: true, num: true, cell: (project: Project) => <Button small tone="plain" onClick={() => setOpen(project.id)} aria-label={t.settings.editOf(project.name)}>{t.settings.edit}</Button> }] : []),
  ];
  return (
    <Section id="settings-projects" title={t.settings.projects} aside={<HistoryLink kind="project" of={t.settings.projects} />}>
      <p class="small soft gap-below">{t.settings.projectsLead}</p>
      <Loaded got={got}>{(data) => (data.items.length
        ? <Table caption={t.settings.projectsCaption} columns={columns} rows={data.items} rowKey={(project) => project.id} dense /> : <p>{t.settings.projectsEmpty}</p>)}</Loaded>
      {writes ? <p class="gap"><Button small onClick={() => setOpen("new")}>{t.settings.addProject}</Button></p> : null}
      {open === "new" ? <NewProject onClose={close} /> : open ? <ChangeProject id={open} onClose={close} /> : null}
    </Section>
  );
}

interface ProjectValues {
  name: string;
  code: string;
}

const projectBody = (values: ProjectValues) => ({ name: values.name.trim(), code: values.code.trim() || null });

function useProjectFaults() {
  const { t } = useI18n();
  return (values: ProjectValues): Fault[] => (values.name.trim() ? [] : [{ pointer: "/name", detail: t.settings.projectNameRequired }]);
}

function ProjectFields({ form }: { form: Form<ProjectValues> }) {
  const { t } = useI18n();
  return (
    <>
      <TextField {...form.field("name")} label={t.settings.projectName} maxLength={200} required />
      <TextField {...form.field("code")} label={t.settings.projectCode} hint={t.settings.projectCodeHint} maxLength={20} spellcheck={false} optional />
    </>
  );
}

function NewProject({ onClose }: DialogProps) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const form = useForm<ProjectValues, Project>({
    name: "project-new",
    initial: { name: "", code: "" },
    draft: true,
    validate: useProjectFaults(),
    send: async (values, key) => (await request<Project>("POST", organisation.path("projects"), { body: projectBody(values), key })).data,
    done: (project) => { toast(t.settings.projectAdded(project.name)); onClose(); },
  });
  return (
    <Dialog title={t.settings.addProject} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <ProjectFields form={form} />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.settings.addProjectSubmit}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function ChangeProject({ id, onClose }: DialogProps & { id: string }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<Project>(organisation.path("projects/" + id));
  return (
    <Dialog title={got.data ? t.settings.editOf(got.data.name) : t.settings.edit} open onClose={onClose}>
      <Loaded got={got}>{(project) => <ProjectForm project={project} etag={got.etag} onClose={onClose} />}</Loaded>
    </Dialog>
  );
}

function ProjectForm({ project, etag, onClose }: DialogProps & { project: Project; etag: string | null }) {
  useFocus("f-name");
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const based = useBased(project, etag);
  const path = organisation.path("projects/" + project.id);
  const valuesOf = (one: Project): ProjectValues => ({ name: one.name, code: one.code ?? "" });
  const before = valuesOf(based.data);
  const form = useForm<ProjectValues, Project | null>({
    name: "project-" + project.id,
    initial: before,
    draft: "changes",
    validate: useProjectFaults(),
    send: async (values) => {
      const body = changed(projectBody(before), projectBody(values));
      return Object.keys(body).length ? (await request<Project>("PATCH", path, { body, etag: based.etag })).data : null;
    },
    done: (saved) => { if (saved) toast(t.settings.projectSaved(saved.name)); onClose(); },
  });
  return (
    <form class="stack-l gap" onSubmit={form.submit} noValidate>
      <ErrorSummary form={form} />
      <Conflict form={form} path={path} based={merging(based, form, valuesOf)} valuesOf={valuesOf} compare={(old, now) => [
        { label: t.settings.projectName, before: old.name, now: now.name },
        { label: t.settings.projectCode, before: old.code ?? "", now: now.code ?? "" },
      ].filter((row) => row.before !== row.now)} />
      <ProjectFields form={form} />
      <DraftNote form={form} />
      <div class="dialog__acts">
        <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
        <Button type="submit" tone="main" busy={form.busy}>{t.settings.saveProject}</Button>
      </div>
    </form>
  );
}
