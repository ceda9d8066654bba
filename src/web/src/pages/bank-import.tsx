// Importing statements: drop one file or several; each says at once what was found in it, or why it was refused.
import { useRef, useState } from "preact/hooks";
import { ApiError, newKey, request } from "../client";
import type { BankAccount, BankStatement } from "../model";
import { Rich, useI18n } from "../i18n";
import { digitsOf, groupedIban, useBankMoney } from "../lib/bank";
import { failureOf } from "../lib/form";
import { formatMoney, fromDecimal } from "../lib/money";
import { search } from "../router";
import { useOrganisation } from "../session";
import { BankNav, useBankAccounts } from "../ui/bank";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Progress } from "../ui/feedback";
import { FileDrop } from "../ui/fields";
import { Facts } from "../ui/ledger";
import { Note, Page, Section } from "../ui/page";
import { ConfirmAccountDialog } from "./bank";

interface Outcome {
  key: string;
  name: string;
  statements?: BankStatement[];
  error?: unknown;
  /** To be sent again after a lost connection: the same key books once. */
  file: File;
}

export function BankImportPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [reading, setReading] = useState<string | null>(null);
  const busy = useRef(false);

  const send = async (file: File, key: string) => {
    if (busy.current) return;
    busy.current = true;
    setReading(file.name);
    const body = new FormData();
    body.append("file", file);
    let outcome: Outcome;
    try {
      const { data } = await request<{ items: BankStatement[] }>("POST", organisation.path("bank-statements"), {
        body,
        key,
      });
      outcome = { key, name: file.name, statements: data.items, file };
    } catch (error) {
      outcome = { key, name: file.name, error, file };
    }
    setOutcomes((before) => [outcome, ...before.filter((one) => one.key !== key)]);
    setReading(null);
    busy.current = false;
  };
  return (
    <Page
      title={t.bankImport.title}
      lead={t.bankImport.lead}
      crumbs={[{ label: t.bank.title, href: organisation.href("bank") }, { label: t.bankImport.title }]}
    >
      <BankNav current="statements" />
      <div class="stack-l measured">
        <FileDrop
          id="statement-file"
          label={t.bankImport.file}
          hint={t.bankImport.hint}
          accept=".ofx,.xml,.sta,.txt,application/xml,text/xml,application/x-ofx"
          file={null}
          onFile={(file) => {
            if (file) void send(file, newKey());
          }}
        />
        {outcomes.length === 0 && !reading ? (
          <details>
            <summary>{t.bankImport.help}</summary>
            <p class="small">{t.bankImport.helpDetail}</p>
          </details>
        ) : null}
        {reading ? <Progress label={t.bankImport.reading(reading)} /> : null}
        <div role="status" class="stack-l">
          {outcomes.map((outcome, index) => (
            <OutcomeView
              key={outcome.key}
              outcome={outcome}
              latest={index === 0}
              again={() => void send(outcome.file, outcome.key)}
            />
          ))}
        </div>
      </div>
    </Page>
  );
}

/** What the account of a statement is by now: it may have been confirmed since the import. */
function useStatus(statement: BankStatement): BankAccount["status"] {
  const accounts = useBankAccounts();
  return (
    accounts.data?.items.find((account) => account.id === statement.bank_account_id)?.status ?? statement.account_status
  );
}

function OutcomeView({ outcome, latest, again }: { outcome: Outcome; latest: boolean; again: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const id = "outcome-" + outcome.key;
  const accountsNow = useBankAccounts().data?.items ?? [];
  if (!outcome.statements) return <Refusal outcome={outcome} again={again} />;
  const fresh = outcome.statements.reduce((sum, statement) => sum + statement.new_transactions, 0);
  const accounts = new Set(outcome.statements.map((statement) => statement.bank_account_id));
  const href =
    organisation.href("bank/match") + search({ bank_account_id: accounts.size === 1 ? [...accounts][0] : null });
  const confirmed = new Set(
    accountsNow.filter((account) => account.status === "confirmed").map((account) => account.id),
  );
  const ready = outcome.statements
    .filter((statement) => confirmed.has(statement.bank_account_id))
    .reduce((sum, statement) => sum + statement.new_transactions, 0);
  const bookable = ready > 0;
  return (
    <Section
      id={id}
      title={t.bankImport.resultTitle(outcome.name)}
      aside={<span class="small">{t.bankImport.done(fresh)}</span>}
    >
      <div class="stack-l">
        {outcome.statements.map((statement) => (
          <StatementResult key={statement.id} statement={statement} />
        ))}
        {fresh === 0 ? <Note>{t.bankImport.nothingNew}</Note> : null}
        <p class="row">
          {bookable ? (
            <a class={latest ? "btn btn--main" : "btn"} href={href}>
              {t.bankImport.goMatch(ready)}
            </a>
          ) : null}
          <a class={bookable ? "btn btn--plain" : "btn"} href={organisation.href("bank")}>
            {t.bankImport.goAccounts}
          </a>
        </p>
      </div>
    </Section>
  );
}

function Refusal({ outcome, again }: { outcome: Outcome; again: () => void }) {
  const { t } = useI18n();
  const failure = failureOf(outcome.error, t.failure);
  const faults = outcome.error instanceof ApiError ? outcome.error.faults : [];
  const said = faults.map((fault) => fault.detail).filter((detail) => detail !== failure.detail);
  return (
    <Note tone="bad" title={t.bankImport.refused(outcome.name)}>
      <p>
        <strong>{failure.title}</strong>
      </p>
      {failure.detail ? <p>{failure.detail}</p> : null}
      {said.length ? (
        <ul class="bullets">
          {said.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      ) : null}
      {failure.unknown ? (
        <p class="gap-s">
          <Button small onClick={again}>
            {t.common.retry}
          </Button>
        </p>
      ) : (
        <p class="gap-s">{t.bankImport.refusedNothing}</p>
      )}
    </Note>
  );
}

function StatementResult({ statement }: { statement: BankStatement }) {
  const { t, date, language } = useI18n();
  const money = useBankMoney();
  const [confirming, setConfirming] = useState(false);
  const status = useStatus(statement);
  const { currency } = statement;
  const say = (amount: string | null) =>
    amount === null ? <span class="soft">{t.bankImport.unsaid}</span> : money(amount, currency);
  const known = statement.transactions - statement.new_transactions;
  const name =
    statement.bank_account_name === statement.account || statement.bank_account_name === statement.iban
      ? statement.iban
        ? groupedIban(statement.iban)
        : statement.account
      : statement.bank_account_name;
  const digits = digitsOf(statement.sum_in);
  const minor = (amount: string) => fromDecimal(amount, digits);
  const gap =
    statement.balanced === false && statement.opening_balance !== null && statement.closing_balance !== null
      ? minor(statement.opening_balance) +
        minor(statement.sum_in) +
        minor(statement.sum_out) -
        minor(statement.closing_balance)
      : null;
  return (
    <article class="sheet stack" aria-label={t.bankImport.statement(name)}>
      <div class="row row--between">
        <h3>{t.bankImport.statement(name)}</h3>
        {statement.balanced === null ? (
          <Badge tone="mute" icon="question">
            {t.bankImport.unknownBalance}
          </Badge>
        ) : statement.balanced ? (
          <Badge tone="ok" icon="check">
            {t.bankImport.balanced}
          </Badge>
        ) : (
          <Badge tone="bad" icon="cross">
            {t.bankImport.unbalanced}
          </Badge>
        )}
      </div>
      <Facts
        items={[
          {
            label: t.bankStatements.period,
            value:
              statement.from_on && statement.to_on
                ? t.bankImport.period(date(statement.from_on), date(statement.to_on))
                : "",
          },
          {
            label: t.bankImport.newLines,
            value: (
              <>
                <strong>{statement.new_transactions}</strong>, {t.bankImport.knownLines(known)}
              </>
            ),
          },
          { label: t.bankImport.opening, value: say(statement.opening_balance) },
          { label: t.bankImport.in, value: say(statement.sum_in) },
          { label: t.bankImport.out, value: say(statement.sum_out) },
          { label: t.bankImport.closing, value: say(statement.closing_balance) },
        ]}
      />
      {gap !== null ? (
        <Note tone="bad">
          <Rich text={t.bankImport.unbalancedDetail(formatMoney(gap, { code: currency, digits }, language))} />
        </Note>
      ) : null}
      {statement.notes.map((note) => (
        <Note key={note.code + note.detail} tone={note.code.endsWith(".gap") ? "warn" : "info"}>
          {note.detail}
        </Note>
      ))}
      {status === "unconfirmed" ? (
        <Note tone="warn" title={t.bank.unconfirmedTitle}>
          {t.bank.unconfirmedDetail}
          <p class="gap-s">
            <Button small onClick={() => setConfirming(true)}>
              {t.bank.confirm}
            </Button>
          </p>
        </Note>
      ) : null}
      {status === "other_currency" ? <Note>{t.bank.otherCurrency(currency)}</Note> : null}
      {confirming ? (
        <ConfirmAccountDialog
          account={{
            id: statement.bank_account_id,
            name: statement.bank_account_name,
            iban: statement.iban,
            identifier: statement.account,
          }}
          onClose={() => setConfirming(false)}
        />
      ) : null}
    </article>
  );
}
