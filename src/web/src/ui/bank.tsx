// What the pages of the bank show alike: the section's navigation, how sure a suggestion is, amounts in any currency.
import type { BankAccount, BankStatement, BankTransaction, Collection, Suggestion } from "../model";
import { useI18n } from "../i18n";
import { certainty, digitsOf, useBankMoney } from "../lib/bank";
import { fromDecimal } from "../lib/money";
import { useGet } from "../lib/query";
import { useOrganisation } from "../session";
import { Badge } from "./badge";
import type { BadgeTone } from "./badge";
import type { IconName } from "./icons";
import { SubNav } from "./subnav";

export function useBankAccounts(asOf = "") {
  const organisation = useOrganisation();
  return useGet<Collection<BankAccount>>(organisation.path("bank-accounts"), { as_of: asOf }, { keepPrevious: true });
}

/** Lines that somebody can match now, over all confirmed accounts. */
export function waitingCount(accounts: readonly BankAccount[]): number {
  return accounts
    .filter((account) => account.status === "confirmed")
    .reduce((sum, account) => sum + account.unmatched_count, 0);
}

export function BankNav({ current }: { current: "accounts" | "match" | "lines" | "statements" }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const accounts = useBankAccounts();
  return (
    <SubNav
      label={t.bank.section}
      current={current}
      items={[
        { key: "accounts", label: t.bank.accounts, href: organisation.href("bank") },
        {
          key: "match",
          label: t.bank.match,
          href: organisation.href("bank/match"),
          count: waitingCount(accounts.data?.items ?? []),
        },
        { key: "lines", label: t.bank.lines, href: organisation.href("bank/lines") },
        { key: "statements", label: t.bank.statements, href: organisation.href("bank/statements") },
      ]}
    />
  );
}

const SIGNS: Record<"sure" | "probable" | "possible", [BadgeTone, IconName]> = {
  sure: ["ok", "check"],
  probable: ["info", "half"],
  possible: ["mute", "question"],
};

/** How sure a suggestion is: shape, word and score. */
export function CertaintyBadge({ suggestion }: { suggestion: Suggestion | undefined }) {
  const { t } = useI18n();
  const level = certainty(suggestion);
  if (level === "none" || !suggestion)
    return (
      <Badge tone="mute" icon="question">
        {t.bank.noSuggestion}
      </Badge>
    );
  const [tone, icon] = SIGNS[level];
  return (
    <Badge tone={tone} icon={icon}>
      {t.bank.certainties[level](suggestion.score)}
    </Badge>
  );
}

export function LineBadge({ status }: { status: BankTransaction["status"] }) {
  const { t } = useI18n();
  const text = t.bankLines.statuses[status];
  if (status === "matched")
    return (
      <Badge tone="ok" icon="check">
        {text}
      </Badge>
    );
  return status === "unmatched" ? (
    <Badge tone="warn" icon="clock">
      {text}
    </Badge>
  ) : (
    <Badge tone="mute" icon="pause">
      {text}
    </Badge>
  );
}

/** Whether a statement's balances add up, and whether one is missing before it. */
export function StatementBadges({ statement }: { statement: Pick<BankStatement, "balanced" | "gap"> }) {
  const { t } = useI18n();
  const { balanced, gap } = statement;
  return (
    <span class="row badges">
      {balanced === null ? (
        <Badge tone="mute" icon="question">
          {t.bankStatements.unknown}
        </Badge>
      ) : balanced ? (
        <Badge tone="ok" icon="check">
          {t.bankStatements.balanced}
        </Badge>
      ) : (
        <Badge tone="bad" icon="cross">
          {t.bankStatements.unbalanced}
        </Badge>
      )}
      {gap ? (
        <Badge tone="warn" icon="diamond">
          {t.bankStatements.gap}
        </Badge>
      ) : null}
    </span>
  );
}

/** An amount with its unit, in whatever currency, coming in with a plus. */
export function BankAmount({ amount, currency, plain }: { amount: string | null; currency: string; plain?: boolean }) {
  const money = useBankMoney();
  if (amount === null) return null;
  const text = money(amount, currency);
  const positive = fromDecimal(amount, digitsOf(amount)) > 0n;
  return <span class="nowrap">{positive && !plain ? "+" + text : text}</span>;
}
