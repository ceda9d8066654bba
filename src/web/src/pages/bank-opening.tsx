// What was on the account before its first statement: which entries say so, with a running difference.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { BankMatch, BankStatement, Collection, EntryLine } from "../model";
import { useI18n } from "../i18n";
import { failureOf, useForm } from "../lib/form";
import type { Failure } from "../lib/form";
import { useGet } from "../lib/query";
import { navigate } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { BankNav, useBankAccounts } from "../ui/bank";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { useToast } from "../ui/feedback";
import { Note, Page, ReadFailure, Waiting } from "../ui/page";
import { openingOf, useOpeningMatch } from "./bank";

export function BankOpeningPage({ params }: { params: Params }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { money } = useFigures();
  const id = params["id"] ?? "";
  const statement = useGet<BankStatement>(organisation.path("bank-statements/" + encodeURIComponent(id)));
  const matches = useOpeningMatch(id);
  const accounts = useBankAccounts();
  const account = accounts.data?.items.find((one) => one.id === statement.data?.bank_account_id);
  const lines = useGet<Collection<EntryLine>>(account?.account ? organisation.path("entry-lines") : null, {
    account_number: account?.account ?? "",
    matched: false,
    sort: "date",
    limit: 200,
  });
  const crumbs = [{ label: t.bank.title, href: organisation.href("bank") }, { label: t.bankOpening.title }];
  const error = statement.error ?? matches.error ?? lines.error;
  if (error)
    return (
      <Page title={t.bankOpening.title} crumbs={crumbs}>
        <ReadFailure error={error} />
      </Page>
    );
  const opening = statement.data ? openingOf(statement.data) : null;
  if (!statement.data || !matches.data || !lines.data || opening === null)
    return (
      <Page title={t.bankOpening.title} crumbs={crumbs}>
        <Waiting />
      </Page>
    );
  const active = matches.data.items[0];
  const day = statement.data.from_on ?? statement.data.closing_on ?? organisation.today;
  return (
    <Page
      title={t.bankOpening.title}
      crumbs={crumbs}
      lead={t.bankOpening.lead(money(opening), date(day), statement.data.bank_account_name)}
    >
      <BankNav current="accounts" />
      {active ? (
        <Already statement={statement.data} match={active} />
      ) : (
        <Choose
          statement={statement.data}
          opening={opening}
          account={account?.account ?? ""}
          lines={lines.data.items}
        />
      )}
    </Page>
  );
}

function Already({ statement, match }: { statement: BankStatement; match: BankMatch }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const undo = async () => {
    setBusy(true);
    try {
      await request(
        "POST",
        organisation.path(`bank-statements/${statement.id}/opening-matches/${match.id}/cancellations`),
        { body: {} },
      );
      toast(t.bankOpening.undone);
    } catch (error) {
      setFailure(failureOf(error, t.failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="stack measured">
      {failure ? (
        <Note tone="bad" title={failure.title} live>
          {failure.detail}
        </Note>
      ) : null}
      <Note tone="ok">{t.bankOpening.already}</Note>
      <ul class="plain">
        {match.parts.map((part) => (
          <li key={part.position}>
            <a href={organisation.href("entries/" + (part.entry_id ?? part.line_entry_id))}>
              {part.line_label ?? t.bankLines.seeEntry}
            </a>
          </li>
        ))}
      </ul>
      {organisation.can("write_books") ? (
        <p>
          <Button busy={busy} onClick={() => void undo()}>
            {t.bankOpening.undo}
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function Choose({
  statement,
  opening,
  account,
  lines,
}: {
  statement: BankStatement;
  opening: string;
  account: string;
  lines: readonly EntryLine[];
}) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { minor, money, number } = useFigures();
  const toast = useToast();
  const amountOf = (line: EntryLine) => (line.debit ? minor(line.debit) : 0n) - (line.credit ? minor(line.credit) : 0n);
  const form = useForm<{ ids: string[] }, BankMatch>({
    name: "opening-" + statement.id,
    initial: { ids: [] },
    send: async ({ ids }, key) =>
      (
        await request<BankMatch>("POST", organisation.path(`bank-statements/${statement.id}/opening-matches`), {
          body: { entry_line_ids: ids },
          key,
        })
      ).data,
    done: () => {
      toast(t.bankOpening.done);
      navigate(organisation.href("bank"));
    },
  });
  const { ids } = form.values;
  const chosen = lines.filter((line) => ids.includes(line.id)).reduce((sum, line) => sum + amountOf(line), 0n);
  const rest = minor(opening) - chosen;
  const ready = rest === 0n && ids.length > 0;
  if (lines.length === 0)
    return (
      <Note tone="warn">
        {t.bankOpening.none(account)}{" "}
        {organisation.can("write_books") ? <a href={organisation.href("entries/new")}>{t.bankOpening.write}</a> : null}
      </Note>
    );
  return (
    <form
      class="stack-l measured"
      onSubmit={(event) => {
        if (ready) void form.submit(event);
        else event.preventDefault();
      }}
      noValidate
    >
      <ErrorSummary form={form} />
      <p>{t.bankOpening.what}</p>
      <div>
        {lines.map((line) => (
          <label class="sug" key={line.id}>
            <input
              type="checkbox"
              checked={ids.includes(line.id)}
              onChange={() =>
                form.patch({ ids: ids.includes(line.id) ? ids.filter((id) => id !== line.id) : [...ids, line.id] })
              }
            />
            <b>{line.entry_label}</b>
            <b class="num">{number(amountOf(line))}</b>
            <span class="why">
              {date(line.date)}, {t.entries.name(line.journal, line.number)}, {line.fund_name}
            </span>
          </label>
        ))}
      </div>
      <div class="balance">
        <div>
          {t.bankOpening.start}
          <b>{money(opening)}</b>
        </div>
        <div>
          {t.bankOpening.chosen}
          <b>{money(chosen)}</b>
        </div>
        <div class={rest === 0n ? "rest is-nil" : "rest"} role="status">
          {t.bankOpening.rest}
          <b>{money(rest)}</b>
        </div>
        <div class="balance__act">
          <Button type="submit" tone="main" busy={form.busy} off={!ready} title={ready ? undefined : t.bankMatch.goOff}>
            {t.bankOpening.go(money(opening))}
          </Button>
        </div>
      </div>
    </form>
  );
}
