// The board's figure: what the fund can promise, and how it follows from what the bank holds.
import type { FundPosition } from "../model";
import { Rich, useI18n } from "../i18n";
import { useFunds } from "../lib/names";
import { useGet } from "../lib/query";
import { useFigures, useOrganisation } from "../session";
import { Ladder } from "../ui/ledger";
import { Loaded, Page, Section } from "../ui/page";

export function FundPositionPage() {
  const { t } = useI18n();
  const organisation = useOrganisation();
  const report = useGet<FundPosition>(organisation.path("reports/fund-position"));
  return <Page title={t.position.title}><Loaded got={report}>{(data) => <Position data={data} />}</Loaded></Page>;
}

function Position({ data }: { data: FundPosition }) {
  const { t } = useI18n();
  const { money, minor } = useFigures();
  const funds = useFunds();
  const solidarity = funds.find((fund) => fund.kind === "solidarity" && fund.is_default);
  const item = data.items.find((one) => one.fund_id === solidarity?.id);
  if (!item) return null;
  return (
    <>
      <p class="lede"><Rich text={t.position.can(item.name, money(item.available))} /></p>
      <Section id="position-ladder" title={t.position.ladder}>
        <Ladder caption={t.position.ladder} steps={[
          { label: t.home.held, amount: minor(item.held) },
          { label: t.home.others, amount: -minor(item.held_for_others), layer: "others" },
          { label: t.home.reserved, amount: -minor(item.reserved), layer: "restricted" },
          { label: t.home.promised, amount: -minor(item.promised), layer: "committed" },
          { label: t.home.floor, amount: -minor(item.floor), layer: "floor" },
          { label: t.home.available, amount: minor(item.available), layer: "available", total: true },
        ]} />
      </Section>
    </>
  );
}
