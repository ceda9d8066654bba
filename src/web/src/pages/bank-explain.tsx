// What was set aside as unknown: saying later what it was, also after its month was closed.
import { request } from "../client";
import type { BankMatch, BankTransaction, Collection } from "../model";
import { useI18n } from "../i18n";
import { lineName } from "../lib/bank";
import { useGet } from "../lib/query";
import { navigate } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { useToast } from "../ui/feedback";
import { Note, Page, ReadFailure, Waiting } from "../ui/page";
import { Composer, createdParts, explainingKinds } from "./bank-compose";
import { Raw } from "./bank-match";

export function BankExplainPage({ params }: { params: Params }) {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { minor, money } = useFigures();
  const toast = useToast();
  const id = encodeURIComponent(params["id"] ?? "");
  const position = Number(params["position"]);
  const line = useGet<BankTransaction>(organisation.path("bank-transactions/" + id));
  const matches = useGet<Collection<BankMatch>>(organisation.path(`bank-transactions/${id}/matches`));
  const match = matches.data?.items.find((one) => one.status === "active");
  const part = match?.parts.find((one) => one.position === position && one.kind === "unknown" && !one.cleared);
  const here = organisation.href("bank/lines/" + id);
  const amount = part ? money(part.amount.replace(/^-/, "")) : "";
  const crumbs = [
    { label: t.bankLines.title, href: organisation.href("bank/lines") },
    { label: line.data ? lineName(line.data, t) : "…", href: here },
    { label: t.bankLines.explain },
  ];
  const error = line.error ?? matches.error;
  if (error)
    return (
      <Page title={t.bankLines.explain} crumbs={crumbs}>
        <ReadFailure error={error} />
      </Page>
    );
  if (!line.data || !matches.data)
    return (
      <Page title={t.common.loading} crumbs={crumbs}>
        <Waiting />
      </Page>
    );
  if (!match || !part)
    return (
      <Page title={t.bankLines.explain} crumbs={crumbs}>
        <Note>{t.bankLines.cleared}</Note>
      </Page>
    );
  return (
    <Page title={t.bankMatch.explain(amount)} crumbs={crumbs}>
      <div class="measured">
        <Raw line={line.data} />
        <Composer
          name={`explain-${match.id}-${position}`}
          total={minor(part.amount)}
          likely={[]}
          open={[]}
          others={[]}
          account={line.data.bank_account_id}
          kinds={explainingKinds(minor(part.amount) > 0n)}
          initial={{ parts: [], with: [] }}
          changed={false}
          send={async (body, key) =>
            (
              await request<BankMatch>(
                "POST",
                organisation.path(`bank-transactions/${id}/matches/${match.id}/clearings`),
                { body: { position, create: createdParts(body) }, key },
              )
            ).data
          }
          done={() => {
            toast(t.bankMatch.accepted(lineName(line.data as BankTransaction, t), amount));
            navigate(here);
          }}
        />
      </div>
    </Page>
  );
}
