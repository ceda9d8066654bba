// What the association is and the rules of its books: identity, funds, projects, fiscal years, sub-accounts.
import type { Fund } from "../model";
import { useI18n } from "../i18n";
import { currencySign } from "../lib/money";
import { useFunds } from "../lib/names";
import { siretGroups } from "../lib/text";
import { useFigures, useOrganisation } from "../session";
import { Facts } from "../ui/ledger";
import { Page, Section } from "../ui/page";
import { Table } from "../ui/table";
import type { Column } from "../ui/table";

export function SettingsPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  return (
    <Page title={t.settings.title} lead={t.settings.lead}>
      <Section id="settings-identity" title={t.settings.identity}>
        <Facts items={[
          { label: t.settings.name, value: organisation.name },
          { label: t.settings.siret, value: organisation.siret ? siretGroups(organisation.siret) : null },
          { label: t.settings.rna, value: organisation.rna },
          { label: t.settings.email, value: organisation.email },
          { label: t.settings.address, value: [organisation.street, [organisation.postal_code, organisation.city].filter(Boolean).join(" ")].filter(Boolean).join(", ") },
        ]} />
      </Section>
      <FundsSection />
    </Page>
  );
}

function FundsSection() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const { number } = useFigures();
  const columns: Column<Fund>[] = [
    { key: "name", title: t.settings.fundName, head: true, cell: (fund) => fund.name },
    { key: "kind", title: t.settings.fundKind, cell: (fund) => t.enums.fundKind[fund.kind] },
    { key: "floor", title: t.settings.fundFloor(currencySign(organisation.currency)), num: true, cell: (fund) => number(fund.floor) },
  ];
  return (
    <Section id="settings-funds" title={t.settings.funds}>
      <Table caption={t.settings.fundsCaption} columns={columns} rows={useFunds()} rowKey={(fund) => fund.id} />
    </Section>
  );
}
