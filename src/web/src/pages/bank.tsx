// The bank's accounts: what the bank says, what the books say, what stands between them, and what to do about it.
import { useState } from "preact/hooks";
import { request } from "../client";
import type { BankAccount, BankMatch, BankStatement, Collection } from "../model";
import { Rich, useI18n } from "../i18n";
import { accountMark, digitsOf, groupedIban, useBankMoney } from "../lib/bank";
import { linesHref } from "../lib/books";
import { useForm } from "../lib/form";
import { useInstants } from "../lib/instant";
import { formatMoney, fromDecimal, toDecimal } from "../lib/money";
import { useGet } from "../lib/query";
import { search, useQuery } from "../router";
import { useOrganisation } from "../session";
import { BankNav, useBankAccounts } from "../ui/bank";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { Dialog, Empty, useToast } from "../ui/feedback";
import { TextField } from "../ui/fields";
import { Figures } from "../ui/ledger";
import { Loaded, Note, Page, Section } from "../ui/page";
import { FilterDate } from "../ui/table";

export function BankPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const [query, change] = useQuery();
  const asOf = query["as_of"] ?? "";
  const got = useBankAccounts(asOf);
  const [adding, setAdding] = useState(false);
  const writes = organisation.can("write_books");
  const accounts = got.data?.items;
  return (
    <Page
      title={t.bank.title}
      lead={t.bank.lead}
      actions={
        writes ? (
          <>
            <Button onClick={() => setAdding(true)}>{t.bank.addAccount}</Button>
            <a class="btn btn--main" href={organisation.href("bank/import")}>
              {t.bank.importButton}
            </a>
          </>
        ) : null
      }
    >
      <BankNav current="accounts" />
      {accounts?.length ? (
        <form
          class="tools tools__filters tools--alone"
          role="search"
          aria-label={t.bank.title}
          onSubmit={(event) => event.preventDefault()}
        >
          <FilterDate
            value={asOf}
            onValue={(value) => change({ as_of: value || null })}
            filter={{ name: "as_of", label: t.bank.asOf, date: true }}
          />
          {asOf ? (
            <Button small tone="plain" onClick={() => change({ as_of: null })}>
              {t.bank.asOfHint}
            </Button>
          ) : null}
        </form>
      ) : null}
      <Loaded got={got}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              title={t.bank.emptyTitle}
              action={
                writes ? (
                  <a class="btn" href={organisation.href("bank/import")}>
                    {t.bank.importButton}
                  </a>
                ) : null
              }
            >
              {t.bank.emptyDetail}
            </Empty>
          ) : (
            items.map((account) => <AccountSection key={account.id} account={account} />)
          )
        }
      </Loaded>
      {adding ? <AddDialog onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function AccountSection({ account }: { account: BankAccount }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const money = useBankMoney();
  const [dialog, setDialog] = useState<"confirm" | "rename" | null>(null);
  const writes = organisation.can("write_books");
  const say = (amount: string | null) => (amount === null ? "–" : money(amount, account.currency));
  const on = account.balance_on ? t.bank.onDay(date(account.balance_on)) : undefined;
  const confirmed = account.status === "confirmed";
  return (
    <Section
      id={"account-" + account.id}
      title={account.name}
      aside={
        <span class="small soft">
          {account.iban ? groupedIban(account.iban) : account.identifier}
          {account.account ? ", " + t.bank.accountNumber(account.account) : ""}
        </span>
      }
    >
      <div class="stack-l">
        <State account={account} confirm={() => setDialog("confirm")} />
        <Figures
          four
          items={[
            { label: t.bank.bankBalance, value: say(account.bank_balance), sub: on },
            ...(confirmed
              ? [
                  {
                    label: t.bank.ledgerBalance,
                    value: say(account.ledger_balance),
                    sub: on,
                    href: account.account
                      ? linesHref(organisation, { account_number: account.account, as_of: account.balance_on })
                      : undefined,
                  },
                  { label: t.bank.difference, value: say(account.difference), negative: account.agrees === false },
                ].map(({ href, ...item }) => (href ? { ...item, href } : item))
              : []),
            {
              label: t.bank.unmatched,
              value: t.bank.unmatchedCount(account.unmatched_count),
              sub: account.unmatched_count ? say(account.unmatched_amount) : undefined,
            },
          ].map(({ sub, ...item }) => (sub ? { ...item, sub } : item))}
        />
        {confirmed && account.agrees === false ? <Why account={account} /> : null}
        {account.gaps.map((gap) => (
          <Note key={gap.statement_id} tone="warn" title={t.bank.gapTitle}>
            {t.bank.gap(date(gap.from_on), say(gap.previous_closing), date(gap.to_on), say(gap.opening))}
            {writes ? (
              <>
                {" "}
                <a href={organisation.href("bank/import")}>{t.bank.importButton}</a>
              </>
            ) : null}
          </Note>
        ))}
        {confirmed && account.statements > 0 ? <OpeningNote account={account} /> : null}
        <p class="row noprint">
          {writes && confirmed && account.unmatched_count > 0 ? (
            <a class="btn" href={organisation.href("bank/match") + search({ bank_account_id: account.id })}>
              {t.bank.matchGo(account.unmatched_count)}
            </a>
          ) : null}
          <a class="small" href={organisation.href("bank/lines") + search({ bank_account_id: account.id })}>
            {t.bank.seeLines}
          </a>
          <a class="small" href={organisation.href("bank/statements") + search({ bank_account_id: account.id })}>
            {t.bank.seeStatements}
          </a>
          {writes ? (
            <button type="button" class="linklike small" onClick={() => setDialog("rename")}>
              {t.bank.rename}
              <span class="hide"> {account.name}</span>
            </button>
          ) : null}
          <span class="small soft">
            {account.last_imported_at ? t.bank.lastImport(moment(account.last_imported_at)) : t.bank.noStatement}
          </span>
        </p>
      </div>
      {dialog === "confirm" ? <ConfirmAccountDialog account={account} onClose={() => setDialog(null)} /> : null}
      {dialog === "rename" ? <RenameDialog id={account.id} onClose={() => setDialog(null)} /> : null}
    </Section>
  );
}

/** One sentence: do they agree, or what keeps the account apart. */
function State({ account, confirm }: { account: BankAccount; confirm: () => void }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const money = useBankMoney();
  if (account.status === "other_currency") return <Note>{t.bank.otherCurrency(account.currency)}</Note>;
  if (account.status === "unconfirmed") {
    return (
      <Note tone="warn" title={t.bank.unconfirmedTitle}>
        {t.bank.unconfirmedDetail}
        {organisation.can("write_books") ? (
          <p class="gap-s">
            <Button onClick={confirm}>
              {t.bank.confirm}
              <span class="hide"> {account.name}</span>
            </Button>
          </p>
        ) : null}
      </Note>
    );
  }
  if (!account.balance_on || account.difference === null) return null;
  const day = date(account.balance_on);
  if (!account.agrees)
    return (
      <p class="lede">
        <Rich text={t.bank.differ(money(account.difference, account.currency), day)} />
      </p>
    );
  const waiting = account.unmatched_count + account.ledger_unmatched_count;
  return <p class="lede">{waiting > 0 ? t.bank.agreeWaiting(day, waiting) : t.bank.agree(day)}</p>;
}

/** The difference taken apart: what the bank has and the books have not, and the other way. */
function Why({ account }: { account: BankAccount }) {
  const { t, language } = useI18n();
  const organisation = useOrganisation();
  const digits = digitsOf(account.unmatched_amount);
  const minor = (amount: string) => fromDecimal(amount, digits);
  const [bank, books, difference] = [
    minor(account.unmatched_amount),
    minor(account.ledger_unmatched_amount),
    minor(account.difference ?? toDecimal(0n, digits)),
  ];
  const rest = difference - bank + books;
  const say = (amount: bigint) => formatMoney(amount, { code: account.currency, digits }, language);
  const rows = [
    {
      label: t.bank.whyBank(account.unmatched_count),
      amount: bank,
      href: organisation.href("bank/match") + search({ bank_account_id: account.id }),
    },
    {
      label: t.bank.whyLedger(account.ledger_unmatched_count),
      amount: -books,
      href: linesHref(organisation, { account_number: account.account, matched: "false" }),
    },
    { label: t.bank.whyRest, amount: rest, href: "" },
  ];
  return (
    <table class="sum measured-s">
      <caption class="label">{t.bank.why}</caption>
      <tbody>
        {rows
          .filter((row) => row.amount !== 0n)
          .map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.href ? <a href={row.href}>{row.label}</a> : row.label}</th>
              <td>{say(row.amount)}</td>
            </tr>
          ))}
        <tr class="total">
          <th scope="row">{t.bank.difference}</th>
          <td>{say(difference)}</td>
        </tr>
      </tbody>
    </table>
  );
}

/** What was there before the first statement, from its opening balance or, where the file says none, from its closing one. */
export function openingOf(statement: BankStatement): string | null {
  if (statement.opening_balance !== null) return statement.opening_balance;
  if (statement.closing_balance === null) return null;
  const digits = digitsOf(statement.closing_balance);
  const minor = (amount: string) => fromDecimal(amount, digits);
  return toDecimal(minor(statement.closing_balance) - minor(statement.sum_in) - minor(statement.sum_out), digits);
}

/** The match that explains a statement's opening balance, while there is one. */
export function useOpeningMatch(statementId: string | undefined) {
  const organisation = useOrganisation();
  return useGet<Collection<BankMatch>>(statementId ? organisation.path("bank-matches") : null, {
    statement_id: statementId ?? "",
    status: "active",
    limit: 1,
  });
}

function OpeningNote({ account }: { account: BankAccount }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const money = useBankMoney();
  const statements = useGet<Collection<BankStatement>>(organisation.path("bank-statements"), {
    bank_account_id: account.id,
    sort: "to_on",
    limit: 1,
  });
  const first = statements.data?.items[0];
  const opening = first ? openingOf(first) : null;
  const matches = useOpeningMatch(opening ? first?.id : undefined);
  if (
    !first ||
    !opening ||
    fromDecimal(opening, digitsOf(opening)) === 0n ||
    !matches.data ||
    matches.data.items.length > 0
  )
    return null;
  return (
    <Note tone="warn" title={t.bank.openingTitle(money(opening, account.currency))}>
      {t.bank.openingDetail}
      {organisation.can("write_books") ? (
        <p class="gap-s">
          <a href={organisation.href("bank/opening/" + first.id)}>{t.bank.openingGo}</a>
        </p>
      ) : null}
    </Note>
  );
}

// ---- dialogs ----

export function ConfirmAccountDialog({
  account,
  onClose,
}: {
  account: Pick<BankAccount, "id" | "name" | "iban" | "identifier">;
  onClose: () => void;
}) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const form = useForm<{ name: string }, BankAccount>({
    name: "confirm-account-" + account.id,
    initial: { name: account.name },
    validate: (values) => (values.name.trim() ? [] : [{ pointer: "/name", detail: t.bank.nameRequired }]),
    send: async (values, key) =>
      (
        await request<BankAccount>("POST", organisation.path(`bank-accounts/${account.id}/confirmations`), {
          body: { name: values.name.trim() },
          key,
        })
      ).data,
    done: (saved) => {
      toast(t.bank.confirmed(saved.name));
      onClose();
    },
  });
  return (
    <Dialog title={t.bank.confirmTitle(accountMark(account))} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p>{t.bank.confirmDetail}</p>
        <TextField {...form.field("name")} label={t.bank.accountName} hint={t.bank.accountNameHint} maxLength={100} />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>
            {t.bank.confirmGo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function RenameDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<BankAccount>(organisation.path("bank-accounts/" + id));
  return (
    <Dialog title={t.bank.renameTitle} open onClose={onClose}>
      <Loaded got={got}>
        {(account) => (got.etag ? <RenameForm account={account} etag={got.etag} onClose={onClose} /> : null)}
      </Loaded>
    </Dialog>
  );
}

function RenameForm({ account, etag, onClose }: { account: BankAccount; etag: string; onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const form = useForm<{ name: string }, BankAccount>({
    name: "rename-account-" + account.id,
    initial: { name: account.name },
    validate: (values) => (values.name.trim() ? [] : [{ pointer: "/name", detail: t.bank.nameRequired }]),
    send: async (values) =>
      (
        await request<BankAccount>("PATCH", organisation.path("bank-accounts/" + account.id), {
          body: { name: values.name.trim() },
          etag,
        })
      ).data,
    done: (saved) => {
      toast(t.bank.renamed(saved.name));
      onClose();
    },
  });
  return (
    <form class="stack-l gap" onSubmit={form.submit} noValidate>
      <ErrorSummary form={form} />
      <TextField {...form.field("name")} label={t.bank.accountName} maxLength={100} />
      <div class="dialog__acts">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" tone="main" busy={form.busy}>
          {t.form.save}
        </Button>
      </div>
    </form>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const toast = useToast();
  const form = useForm<{ name: string; number: string }, BankAccount>({
    name: "add-account",
    initial: { name: "", number: "" },
    draft: true,
    validate: (values) => [
      ...(values.name.trim() ? [] : [{ pointer: "/name", detail: t.bank.nameRequired }]),
      ...(values.number.trim() ? [] : [{ pointer: "/iban", detail: t.bank.ibanRequired }]),
    ],
    send: async ({ name, number }, key) => {
      const compact = number.replace(/[\s\u00a0\u202f.-]+/g, "").toUpperCase();
      const named = /^[A-Z]{2}\d{2}/.test(compact) ? { iban: compact } : { identifier: number.trim() };
      return (
        await request<BankAccount>("POST", organisation.path("bank-accounts"), {
          body: { name: name.trim(), ...named },
          key,
        })
      ).data;
    },
    done: (saved) => {
      toast(t.bank.added(saved.name));
      onClose();
    },
  });
  return (
    <Dialog title={t.bank.addTitle} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <p>{t.bank.addLead}</p>
        <TextField {...form.field("name")} label={t.bank.accountName} hint={t.bank.accountNameHint} maxLength={100} />
        <TextField
          {...form.field("number", "/iban")}
          label={t.bank.ibanOr}
          hint={t.bank.ibanOrHint}
          spellcheck={false}
          maxLength={100}
        />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="main" busy={form.busy}>
            {t.bank.addGo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
