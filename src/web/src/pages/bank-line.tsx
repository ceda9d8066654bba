// One line of the bank: what the bank says of it, what it was matched with, and how to undo that.
import { useEffect, useState } from "preact/hooks";
import { request } from "../client";
import type { BankMatch, BankMatchPart, BankTransaction, Collection } from "../model";
import { Rich, useI18n } from "../i18n";
import { groupedIban, lineName, matchPartWords, useBankMoney, useNaming } from "../lib/bank";
import { useForm } from "../lib/form";
import { useInstants } from "../lib/instant";
import { useGet } from "../lib/query";
import { navigate, search } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { BankAmount, BankNav, LineBadge } from "../ui/bank";
import { Button } from "../ui/button";
import { ErrorSummary } from "../ui/errors";
import { Dialog, useToast } from "../ui/feedback";
import { TextField } from "../ui/fields";
import { Facts } from "../ui/ledger";
import { Loaded, Note, Page, ReadFailure, Section, Waiting } from "../ui/page";

/** A match by its own identifier (an entry knows no more): shows the first of its lines, or the opening it explains. */
export function BankMatchByIdPage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const got = useGet<BankMatch>(organisation.path("bank-matches/" + encodeURIComponent(params["id"] ?? "")));
  const match = got.data;
  useEffect(() => {
    if (!match) return;
    const line = match.transaction_ids[0];
    navigate(
      organisation.href(
        line ? "bank/lines/" + line : match.statement_id ? "bank/opening/" + match.statement_id : "bank",
      ),
      { replace: true },
    );
  }, [match]);
  return (
    <Page title={t.bankLines.title}>
      {got.error ? (
        <ReadFailure error={got.error} retry={got.reload} />
      ) : (
        <p role="status">{t.bankLines.loadingMatch}</p>
      )}
    </Page>
  );
}

export function BankLinePage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const money = useBankMoney();
  const id = encodeURIComponent(params["id"] ?? "");
  const got = useGet<BankTransaction>(organisation.path("bank-transactions/" + id));
  const matches = useGet<Collection<BankMatch>>(organisation.path(`bank-transactions/${id}/matches`));
  const line = got.data;
  const crumbs = [
    { label: t.bankLines.title, href: organisation.href("bank/lines") },
    { label: line ? lineName(line, t) : "…" },
  ];
  if (!line)
    return (
      <Page title={got.error ? t.bankLines.title : t.common.loading} crumbs={crumbs}>
        {got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}
      </Page>
    );
  return (
    <Page
      title={t.bankLines.oneTitle(lineName(line, t), money(line.amount, line.currency))}
      crumbs={crumbs}
      lead={<LineBadge status={line.status} />}
    >
      <BankNav current="lines" />
      <div class="cols cols--6-6">
        <Section id="line-facts" title={t.bankLines.facts}>
          <LineFacts line={line} />
        </Section>
        <div class="stack-l">
          <Loaded got={matches}>{({ items }) => <Matches line={line} items={items} />}</Loaded>
        </div>
      </div>
    </Page>
  );
}

export function LineFacts({ line }: { line: BankTransaction }) {
  const { t, date } = useI18n();
  const money = useBankMoney();
  return (
    <Facts
      items={[
        { label: t.bankLines.account, value: line.bank_account_name },
        { label: t.bankLines.bookedOn, value: date(line.booked_on, "full") },
        { label: t.bankLines.valueOn, value: line.value_on === line.booked_on ? "" : date(line.value_on) },
        { label: t.bankLines.counterparty, value: line.counterparty_name ?? "" },
        { label: t.bankLines.ultimate, value: line.ultimate_name ?? "" },
        { label: t.bankLines.iban, value: line.counterparty_iban ? groupedIban(line.counterparty_iban) : "" },
        {
          label: t.bankLines.text,
          value: <span class="mono">{[line.remittance, line.additional_text].filter(Boolean).join(" · ")}</span>,
        },
        { label: t.bankLines.reference, value: line.bank_reference ?? "" },
        { label: t.bankLines.endToEnd, value: line.end_to_end_id ?? "" },
        { label: t.bankLines.mandate, value: line.mandate_id ?? "" },
        { label: t.bankLines.cheque, value: line.cheque_number ?? "" },
        { label: t.bankLines.returnReason, value: line.return_reason ?? "" },
        {
          label: t.bankLines.details,
          value: line.details.length ? (
            <ul class="plain">
              {line.details.map((detail, index) => (
                <li key={index}>
                  {[
                    detail.counterparty_name,
                    detail.remittance,
                    detail.amount && detail.currency ? money(detail.amount, detail.currency) : null,
                  ]
                    .filter(Boolean)
                    .join(", ")}
                </li>
              ))}
            </ul>
          ) : (
            ""
          ),
        },
      ]}
    />
  );
}

function Matches({ line, items }: { line: BankTransaction; items: readonly BankMatch[] }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const active = items.find((match) => match.status === "active");
  const undone = items.filter((match) => match.status === "cancelled");
  const go = organisation.href("bank/match") + search({ bank_account_id: line.bank_account_id, line: line.id });
  return (
    <>
      {active ? (
        <ActiveMatch line={line} match={active} />
      ) : (
        <Note tone={line.status === "unmatched" ? "warn" : "info"}>
          {line.status === "unmatched" ? t.bankLines.unmatchedNote : t.bankLines.notBookable}
          {line.status === "unmatched" && organisation.can("write_books") ? (
            <p class="gap-s">
              <a class="btn btn--main" href={go}>
                {t.bankLines.goMatch}
              </a>
            </p>
          ) : null}
        </Note>
      )}
      {undone.length ? (
        <details>
          <summary>{t.bankLines.before}</summary>
          {undone.map((match) => (
            <div key={match.id} class="gap">
              <p class="small">
                {t.bankLines.beforeOne(
                  moment(match.cancelled_at ?? match.matched_at),
                  match.cancelled_by_name ?? t.bankLines.someone,
                )}{" "}
                {match.cancel_reason}
              </p>
              <Parts match={match} />
            </div>
          ))}
        </details>
      ) : null}
    </>
  );
}

/** What the lines of a match are, with a way to each payment and entry. */
function Parts({ match }: { match: BankMatch }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const naming = useNaming();
  const links = (part: BankMatchPart) => (
    <div class="row small">
      {part.contribution_id && part.kind === "contribution" ? (
        <a href={organisation.href("contributions/" + part.contribution_id)}>{t.bankLines.seePayment}</a>
      ) : null}
      {(part.entry_id ?? part.line_entry_id) ? (
        <a href={organisation.href("entries/" + (part.entry_id ?? part.line_entry_id))}>{t.bankLines.seeEntry}</a>
      ) : null}
    </div>
  );
  return (
    <table class="sum">
      <caption class="hide">{t.bankLines.matchedTitle}</caption>
      <tbody>
        {match.parts.map((part) => {
          const { title, note } = matchPartWords(part, naming);
          return (
            <tr key={part.position}>
              <th scope="row">
                {title}
                <div class="soft under">
                  {note}
                  {part.cleared ? ", " + t.bankLines.cleared : ""}
                </div>
                {links(part)}
              </th>
              <td>{number(part.amount)}</td>
            </tr>
          );
        })}
        <tr class="total">
          <th scope="row">{t.ledger.total}</th>
          <td>{number(match.amount)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function ActiveMatch({ line, match }: { line: BankTransaction; match: BankMatch }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { moment } = useInstants();
  const { money } = useFigures();
  const [undoing, setUndoing] = useState(false);
  const unknown = match.parts.filter((part) => part.kind === "unknown" && part.clears === null && !part.cleared);
  const others = match.transaction_ids.filter((id) => id !== line.id);
  return (
    <Section id="line-match" title={t.bankLines.matchedTitle}>
      <div class="stack">
        {unknown.map((part) => (
          <Note key={part.position} tone="warn">
            <Rich text={t.bankLines.unknownNote(money(part.amount.replace(/^-/, "")))} />
            {organisation.can("write_books") ? (
              <p class="gap-s">
                <a class="btn" href={organisation.href(`bank/lines/${line.id}/explain/${part.position}`)}>
                  {t.bankLines.explain}
                </a>
              </p>
            ) : null}
          </Note>
        ))}
        <Parts match={match} />
        {others.length ? (
          <div>
            <p class="label">{t.bankLines.together}</p>
            <ul class="plain">
              {others.map((id) => (
                <li key={id}>
                  <OtherLine id={id} />
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {match.pair_id ? (
          <p>
            <a href={organisation.href("bank/matches/" + match.pair_id)}>{t.bankLines.pair}</a>
          </p>
        ) : null}
        <p class="small soft">
          {t.bankLines.matchedBy(moment(match.matched_at), match.matched_by_name ?? t.bankLines.someone)}
        </p>
        {organisation.can("write_books") ? (
          <p>
            <Button onClick={() => setUndoing(true)}>{t.bankLines.undo}</Button>
          </p>
        ) : null}
      </div>
      {undoing ? <UndoDialog line={line} match={match} onClose={() => setUndoing(false)} /> : null}
    </Section>
  );
}

function OtherLine({ id }: { id: string }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const line = useGet<BankTransaction>(organisation.path("bank-transactions/" + id)).data;
  return (
    <a href={organisation.href("bank/lines/" + id)}>
      {line ? (
        <>
          {date(line.booked_on, "short")} {lineName(line, t)}{" "}
          <BankAmount amount={line.amount} currency={line.currency} />
        </>
      ) : (
        "…"
      )}
    </a>
  );
}

function UndoDialog({ line, match, onClose }: { line: BankTransaction; match: BankMatch; onClose: () => void }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { money, minor } = useFigures();
  const toast = useToast();
  const amount = money(match.amount.replace(/^-/, ""));
  const linked = match.parts.filter(
    (part) => part.act === "linked" || part.act === "settled" || part.act === "received",
  ).length;
  const written = match.parts
    .filter((part) => part.entry_id !== null)
    .reduce((sum, part) => sum + (minor(part.amount) < 0n ? -minor(part.amount) : minor(part.amount)), 0n);
  const form = useForm<{ reason: string }, BankMatch>({
    name: "undo-" + match.id,
    initial: { reason: "" },
    send: async ({ reason }, key) => {
      const body = reason.trim() ? { reason: reason.trim() } : {};
      return (
        await request<BankMatch>(
          "POST",
          organisation.path(`bank-transactions/${line.id}/matches/${match.id}/cancellations`),
          { body, key },
        )
      ).data;
    },
    done: () => {
      toast(t.bankLines.undone(amount));
      onClose();
    },
  });
  return (
    <Dialog title={t.bankLines.undoTitle(amount)} open onClose={onClose}>
      <form class="stack-l gap" onSubmit={form.submit} noValidate>
        <ErrorSummary form={form} />
        <ul class="bullets">
          <li>{t.bankLines.undoWhat}</li>
          {linked ? <li>{t.bankLines.undoLinked(linked)}</li> : null}
          {written > 0n ? (
            <li>
              <Rich text={t.bankLines.undoCreated(money(written))} />
            </li>
          ) : null}
          {match.pair_id ? <li>{t.bankLines.undoPair}</li> : null}
        </ul>
        <TextField {...form.field("reason")} label={t.bankLines.undoReason} optional maxLength={500} />
        <div class="dialog__acts">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" tone="bad" busy={form.busy}>
            {t.bankLines.undoGo(amount)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
