// Importing members: drop a file, see line by line what will happen, agree.
import { useRef, useState } from "preact/hooks";
import { newKey, request } from "../client";
import type { MemberImport, MemberImportItem } from "../model";
import { apiUrl } from "../client";
import { Rich, useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { failureOf } from "../lib/form";
import { isLegalForm } from "../lib/names";
import { navigate } from "../router";
import { useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import type { BadgeTone } from "../ui/badge";
import { Button } from "../ui/button";
import { Progress, useToast } from "../ui/feedback";
import { CheckField, FileDrop } from "../ui/fields";
import type { IconName } from "../ui/icons";
import { Note, Page, Section } from "../ui/page";
import { Table } from "../ui/table";

type Action = MemberImportItem["action"];
const SIGNS: Record<Action, [BadgeTone, IconName]> = { create: ["ok", "plus"], update: ["info", "pen"], unchanged: ["mute", "equal"], refused: ["bad", "cross"] };

type Stage = { at: "choose" } | { at: "reading" } | { at: "preview"; preview: MemberImport } | { at: "running"; preview: MemberImport };

/** The words of a field of the member, as the form says them. */
function fieldName(field: string, t: Messages): string {
  const names: Record<string, string> = {
    name: t.members.name, legal_form: t.members.legalForm, siret: t.members.siret, siren: t.members.siren, rna: t.members.rna, email: t.members.email, phone: t.members.phone,
    street: t.members.street, postal_code: t.members.postalCode, city: t.members.city, country: t.members.country, iban: t.members.iban, account_holder: t.members.accountHolder,
    contact_name: t.members.contactName, contact_role: t.members.contactRole, joined_on: t.members.joinedOn, left_on: t.members.leftOnLabel, notes: t.members.notes, number: t.members.factNumber,
  };
  return names[field] ?? field;
}

export function MemberImportPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const [stage, setStage] = useState<Stage>({ at: "choose" });
  const [file, setFile] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const key = useRef(newKey());

  const post = async (chosen: File, dry: boolean) => {
    const body = new FormData();
    body.append("file", chosen);
    const options = { body, query: dry ? { dry_run: true } : {}, key: dry ? newKey() : key.current, harmless: dry };
    return (await request<MemberImport>("POST", organisation.path("member-imports"), options)).data;
  };
  const choose = async (chosen: File | null) => {
    setFile(chosen);
    setError(null);
    if (!chosen) { setStage({ at: "choose" }); return; }
    key.current = newKey();
    setStage({ at: "reading" });
    try {
      setStage({ at: "preview", preview: await post(chosen, true) });
    } catch (failure) {
      setError(failure);
      setStage({ at: "choose" });
    }
  };
  const confirm = async (preview: MemberImport) => {
    if (!file) return;
    setStage({ at: "running", preview });
    setError(null);
    try {
      const done = await post(file, false);
      if (!done.written) { setStage({ at: "preview", preview: done }); return; }
      toast(t.members.importDone(done.created, done.updated));
      navigate(organisation.href("members"));
    } catch (failure) {
      setError(failure);
      setStage({ at: "preview", preview });
    }
  };
  const failed = error ? failureOf(error, t.failure) : null;
  return (
    <Page title={t.members.importTitle} lead={t.members.importLead} crumbs={[{ label: t.members.title, href: organisation.href("members") }, { label: t.members.importTitle }]}>
      <div class="stack-l measured">
        {failed ? <Note tone="bad" title={failed.title} live>{failed.detail}</Note> : null}
        <FileDrop id="member-file" label={t.members.importFile} hint={t.members.importHint} accept=".csv,.txt,text/csv" file={file} onFile={(chosen) => void choose(chosen)} />
        {stage.at === "choose" ? (
          <details><summary>{t.members.importColumns}</summary>
            <p class="small">{t.members.importColumnsDetail}</p>
            <p class="small gap-s"><a href={apiUrl(organisation.path("members"), { format: "csv", locale: "fr" })} download>{t.members.importTemplate}</a></p>
          </details>
        ) : null}
        {stage.at === "reading" ? <Progress label={t.members.importReading} /> : null}
        {stage.at === "preview" || stage.at === "running"
          ? <Preview preview={stage.preview} running={stage.at === "running"} confirm={() => void confirm(stage.preview)} /> : null}
      </div>
    </Page>
  );
}

function Preview({ preview, running, confirm }: { preview: MemberImport; running: boolean; confirm: () => void }) {
  const { t } = useI18n();
  const { created, updated, unchanged, refused } = preview;
  const [onlyProblems, setOnlyProblems] = useState(refused > 0 && preview.items.length > 30);
  const unread = preview.columns.filter((column) => column.field === null && column.heading.trim() !== "").map((column) => column.heading);
  const rows = onlyProblems ? preview.items.filter((item) => item.action === "refused") : preview.items;
  return (
    <Section id="import-preview" title={t.members.importPreview} aside={<span role="status">{t.members.importSummary(created, updated, unchanged, refused)}</span>}>
      <div class="stack">
        {/^utf-?8$/i.test(preview.encoding) ? null : <Note tone="warn"><Rich text={t.members.importEncoding(preview.encoding)} /></Note>}
        {unread.length ? <Note>{t.members.importUnread(unread.join(", "))}</Note> : null}
        <Decision preview={preview} running={running} confirm={confirm} />
        {refused > 0 && refused < preview.items.length
          ? <CheckField id="only-problems" label={t.members.importOnlyProblems} value={onlyProblems} onValue={setOnlyProblems} /> : null}
        <Table caption={t.members.importPreview} rows={rows} rowKey={(item) => String(item.line)} rowClass={(item) => (item.action === "refused" ? "is-late" : undefined)} dense columns={[
          { key: "line", title: t.members.importLine, num: true, cell: (item) => item.line },
          { key: "name", title: t.members.name, head: true, cell: (item) => item.name ?? "" },
          { key: "action", title: t.members.importAction, cell: (item) => <Badge tone={SIGNS[item.action][0]} icon={SIGNS[item.action][1]}>{t.members.actions[item.action]}</Badge> },
          { key: "why", title: t.members.importWhy, cell: (item) => <Why item={item} /> },
        ]} />
      </div>
    </Section>
  );
}

/** Why a line is refused, or what it changes of a member already there. */
function Why({ item }: { item: MemberImportItem }) {
  const { t } = useI18n();
  const value = (field: string, text: string | null) =>
    text === null || text === "" ? t.common.none : field === "legal_form" && isLegalForm(text, t.enums.legalForm) ? t.enums.legalForm[text] : text;
  if (item.action === "refused") {
    return <ul class="plain">{item.errors.map((fault) => <li key={(fault.field ?? "") + fault.code}>{fault.field ? t.form.fieldFault(fieldName(fault.field, t), fault.detail) : fault.detail}</li>)}</ul>;
  }
  if (item.action !== "update") return null;
  return (
    <ul class="plain">{item.changes.map(({ field, before, after }) => <li key={field}>{t.members.importChange(fieldName(field, t), value(field, before), value(field, after))}</li>)}</ul>
  );
}

function Decision({ preview: { created, updated, refused }, running, confirm }: { preview: MemberImport; running: boolean; confirm: () => void }) {
  const { t } = useI18n();
  if (running) return <Progress label={t.members.importRunning} />;
  if (refused > 0) return <Note tone="bad" title={t.members.importBlocked(refused)}>{t.members.importBlockedDetail}</Note>;
  if (created + updated === 0) return <Note title={t.members.importNothing}>{t.members.importNothingDetail}</Note>;
  return <p><Button tone="main" onClick={confirm}>{t.members.importConfirm(created, updated)}</Button></p>;
}
