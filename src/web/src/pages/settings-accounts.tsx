// Settings: the association's own sub-accounts of the chart.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { Account } from "../model";
import { useI18n } from "../i18n";
import { useAll } from "../lib/all";
import { linesHref } from "../lib/books";
import { useForm } from "../lib/form";
import { useOrganisation } from "../session";
import { Button } from "../ui/button";
import { DraftNote, ErrorSummary } from "../ui/errors";
import { Dialog, useToast } from "../ui/feedback";
import { TextField } from "../ui/fields";
import { ReadFailure, Section, Waiting } from "../ui/page";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";
import { HistoryLink } from "../ui/settings";

export function AccountsSection() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const own = useAll<Account>(organisation.path("accounts"), { own: true });
  const [open, setOpen] = useState(false);
  const writes = organisation.can("write_books");
  const columns: Column<Account>[] = [
    { key: "number", title: t.settings.accountNumber, head: true, cell: (account) => account.number },
    { key: "title", title: t.settings.accountTitle, cell: (account) => account.title },
    { key: "lines", title: t.settings.accountUsed, num: true, cell: (account) => <a href={linesHref(organisation, { account_number: account.number })}>{t.settings.accountLines}</a> },
  ];
  return (
    <Section id="settings-accounts" title={t.settings.accounts} aside={<HistoryLink kind="account" of={t.settings.accounts} />}>
      <p class="small soft gap-below">{t.settings.accountsLead}</p>
      {own.error ? <ReadFailure error={own.error} /> : own.loading && own.items.length === 0 ? <Waiting /> : own.items.length
        ? <Table caption={t.settings.accountsCaption} columns={columns} rows={own.items} rowKey={(account) => account.id} dense /> : <p>{t.settings.accountsEmpty}</p>}
      {writes ? <p class="gap"><Button small onClick={() => setOpen(true)}>{t.settings.addAccount}</Button></p> : null}
      {open ? <NewAccount onClose={() => setOpen(false)} /> : null}
    </Section>
  );
}

/** The account that a number divides: the longest one it begins with. */
export function parentOf(number: string, accounts: readonly Pick<Account, "number" | "title">[]): Pick<Account, "number" | "title"> | undefined {
  return accounts.filter((one) => number.startsWith(one.number) && one.number !== number).sort((a, b) => b.number.length - a.number.length)[0];
}

function NewAccount({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const chart = useAll<Account>(organisation.path("accounts"), { on: organisation.today });
  const form = useForm<{ number: string; title: string }, Account>({
    name: "account-new",
    initial: { number: "", title: "" },
    draft: true,
    validate: (values) => [
      ...(/^\d{2,8}$/.test(values.number.trim()) ? [] : [{ pointer: "/number", detail: t.settings.accountNumberRequired }]),
      ...(values.title.trim() ? [] : [{ pointer: "/title", detail: t.settings.accountTitleRequired }]),
    ],
    send: async (values, key) => (await request<Account>("POST", organisation.path("accounts"), { body: { number: values.number.trim(), title: values.title.trim() }, key })).data,
    done: (account) => { toast(t.settings.accountAdded(account.number)); onClose(); },
  });
  const number = form.values.number.trim();
  const whole = /^\d{2,8}$/.test(number) ? number : "";
  const same = chart.items.find((one) => one.number === number);
  const parent = parentOf(number, chart.items);
  const echo = !whole || chart.loading ? null : same ? <span class="doubt">{t.settings.accountTaken(same.title)}</span>
    : parent ? <>= <strong>{t.settings.accountParent(parent.number, parent.title)}</strong></> : <span class="doubt">{t.settings.accountNoParent}</span>;
  return (
    <Dialog title={t.settings.addAccount} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <TextField {...form.field("number")} label={t.settings.accountNumber} hint={t.settings.accountNumberHint} inputMode="numeric" maxLength={8} spellcheck={false} echo={echo} required />
        <TextField {...form.field("title")} label={t.settings.accountTitle} maxLength={200} required />
        <DraftNote form={form} />
        <div class="dialog__acts">
          <Button onClick={() => { form.clear(); onClose(); }}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>{t.settings.addAccountSubmit(whole)}</Button>
        </div>
      </form>
    </Dialog>
  );
}
