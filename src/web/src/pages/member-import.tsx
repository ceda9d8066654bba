// Importing members: drop a file, see line by line what will happen, agree.
import { useRef, useState } from "preact/hooks";
import { newKey, request } from "../client";
import type { MemberImport, MemberImportItem } from "../model";
import { apiUrl } from "../client";
import { Rich, useI18n } from "../i18n";
import { failureOf } from "../lib/form";
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

function tally(items: readonly MemberImportItem[]): Record<Action, number> {
  const counts: Record<Action, number> = { create: 0, update: 0, unchanged: 0, refused: 0 };
  for (const item of items) counts[item.action] += 1;
  return counts;
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
      const counts = tally((await post(file, false)).items);
      toast(t.members.importDone(counts.create, counts.update));
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
  const counts = tally(preview.items);
  const [onlyProblems, setOnlyProblems] = useState(counts.refused > 0 && preview.items.length > 30);
  const rows = onlyProblems ? preview.items.filter((item) => item.action === "refused") : preview.items;
  return (
    <Section id="import-preview" title={t.members.importPreview} aside={<span role="status">{t.members.importSummary(counts.create, counts.update, counts.unchanged, counts.refused)}</span>}>
      <div class="stack">
        {preview.encoding && !/^utf-?8$/i.test(preview.encoding) ? <Note tone="warn"><Rich text={t.members.importEncoding(preview.encoding)} /></Note> : null}
        {(preview.notes ?? []).map((note) => <Note key={note}>{note}</Note>)}
        <Decision counts={counts} running={running} confirm={confirm} />
        {counts.refused > 0 && counts.refused < preview.items.length
          ? <CheckField id="only-problems" label={t.members.importOnlyProblems} value={onlyProblems} onValue={setOnlyProblems} /> : null}
        <Table caption={t.members.importPreview} rows={rows} rowKey={(item) => String(item.line)} rowClass={(item) => (item.action === "refused" ? "is-late" : undefined)} dense columns={[
          { key: "line", title: t.members.importLine, num: true, cell: (item) => item.line },
          { key: "name", title: t.members.name, head: true, cell: (item) => item.name ?? "" },
          { key: "action", title: t.members.importAction, cell: (item) => <Badge tone={SIGNS[item.action][0]} icon={SIGNS[item.action][1]}>{t.members.actions[item.action]}</Badge> },
          { key: "why", title: t.members.importWhy, cell: (item) => (item.errors.length ? <ul class="plain">{item.errors.map((fault) => <li key={fault.pointer + fault.code}>{fault.detail}</li>)}</ul> : "") },
        ]} />
      </div>
    </Section>
  );
}

function Decision({ counts, running, confirm }: { counts: Record<Action, number>; running: boolean; confirm: () => void }) {
  const { t } = useI18n();
  if (running) return <Progress label={t.members.importRunning} />;
  if (counts.refused > 0) return <Note tone="bad" title={t.members.importBlocked(counts.refused)}>{t.members.importBlockedDetail}</Note>;
  if (counts.create + counts.update === 0) return <Note title={t.members.importNothing}>{t.members.importNothingDetail}</Note>;
  return <p><Button tone="main" onClick={confirm}>{t.members.importConfirm(counts.create, counts.update)}</Button></p>;
}
