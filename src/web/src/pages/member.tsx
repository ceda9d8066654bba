// A member: three figures, what we know of it, and what it has paid, newest first.
import type { Collection, Contribution, Member } from "../model";
import { useI18n } from "../i18n";
import { meansName } from "../lib/names";
import { useGet } from "../lib/query";
import { grouped, siretGroups } from "../lib/text";
import { navigate, search } from "../router";
import type { Params } from "../router";
import { useFigures, useOrganisation } from "../session";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { ContributionBadge } from "../ui/states";
import { Facts, Figures, Timeline } from "../ui/ledger";
import type { Moment } from "../ui/ledger";
import { Loaded, Note, Page, ReadFailure, Section, Waiting } from "../ui/page";

const HISTORY_MAX = 50;

export function MemberPage({ params }: { params: Params }) {
  const { t, date } = useI18n();
  const organisation = useOrganisation();
  const id = params["id"] ?? "";
  const got = useGet<Member>(organisation.path("members/" + encodeURIComponent(id)));
  const paid = useGet<Collection<Contribution>>(organisation.path("contributions"), { member_id: id, sort: "-received_on", limit: HISTORY_MAX });
  const member = got.data;
  const crumbs = organisation.can("read_books") ? [{ label: t.members.title, href: organisation.href("members") }, { label: member?.name ?? "…" }] : [];
  if (!member) {
    return <Page title={got.error ? t.members.title : t.common.loading} crumbs={crumbs}>{got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}</Page>;
  }
  const record = () => navigate(organisation.href("record"), { travel: { focus: "f-amount", prefill: { who: member.name, member_id: member.id } } });
  return (
    <Page title={member.name} crumbs={crumbs} lead={member.joined_on ? t.members.since(t.enums.legalForm[member.legal_form], date(member.joined_on)) : t.enums.legalForm[member.legal_form]} actions={organisation.can("write_books") ? (
      <><a class="btn" href={organisation.href(`members/${id}/edit`)}>{t.members.edit}</a><Button tone="main" onClick={record}>{t.members.record}</Button></>
    ) : null}>
      {member.left_on ? <Note tone="warn">{t.members.leftOn(date(member.left_on))}</Note> : null}
      <MemberFigures member={member} paid={paid.data?.items ?? []} loading={!paid.data} />
      <div class="cols cols--7-5 gap-l">
        <Section id="member-history" title={t.members.history}>
          <Loaded got={paid}>{(data) => <History member={member} items={data.items} more={data.next !== null} />}</Loaded>
        </Section>
        <Section id="member-facts" title={t.members.facts}>
          <MemberFacts member={member} />
          {organisation.can("audit") ? <p class="small gap noprint"><a href={organisation.href("history") + search({ subject_kind: "member", subject_id: member.id })}>{t.history.ofMember}</a></p> : null}
        </Section>
      </div>
    </Page>
  );
}

/** Money that counts: neither taken back nor replaced by a correction. */
function counts(contribution: Contribution): boolean {
  return contribution.status === "recorded";
}

function MemberFigures({ member, paid, loading }: { member: Member; paid: readonly Contribution[]; loading: boolean }) {
  const { t, date } = useI18n();
  const { money, minor } = useFigures();
  const organisation = useOrganisation();
  const list = organisation.href("contributions") + search({ member_id: member.id });
  const dues = minor(member.dues_paid_this_year) > 0n;
  const last = paid.find((one) => counts(one) && one.nature === "dues")?.received_on;
  return (
    <Figures items={[
      { label: t.members.duesFigure, value: money(member.dues_paid_this_year), href: list + "&nature=dues", sub: !dues ? t.members.duesNone : last ? t.members.duesPaid(date(last)) : "" },
      { label: t.members.yearFigure, value: money(member.contributed_this_year), href: list },
      { label: t.members.totalFigure, value: money(member.contributed_total), href: list, sub: loading ? "" : t.members.contributionsCount(paid.filter(counts).length) },
    ]} />
  );
}

function History({ member, items, more }: { member: Member; items: readonly Contribution[]; more: boolean }) {
  const { t } = useI18n();
  const { money } = useFigures();
  const organisation = useOrganisation();
  const moments: Moment[] = items.map((one) => ({
    key: one.id,
    date: one.received_on ?? one.agreement_signed_on ?? one.recorded_at,
    state: one.status === "recorded" ? "done" : one.status === "awaited" ? "next" : "late",
    children: (
      <>
        <a href={organisation.href("contributions/" + one.id)} class={one.status === "cancelled" || one.status === "corrected" ? "struck" : undefined}>{money(one.amount)}</a>{" "}
        {[t.enums.nature[one.nature], meansName(one.means, t).toLowerCase()].filter(Boolean).join(", ")}{" "}
        {one.status === "recorded" ? null : <ContributionBadge of={one} />}
        {one.label ? <span class="soft under">{one.label}</span> : null}
      </>
    ),
  }));
  if (!more && member.joined_on) moments.push({ key: "joined", date: member.joined_on, children: t.members.joinedMoment });
  if (member.left_on) moments.push({ key: "left", date: member.left_on, state: "late", children: t.members.leftMoment });
  moments.sort((a, b) => b.date.localeCompare(a.date));
  return (
    <>
      {items.length === 0 ? <p class="soft small gap-below">{t.members.noHistory}</p> : null}
      <Timeline label={t.members.history} items={moments} />
      {more ? <p><a href={organisation.href("contributions") + search({ member_id: member.id })}>{t.members.moreHistory}</a></p> : null}
    </>
  );
}

function MemberFacts({ member }: { member: Member }) {
  const { t } = useI18n();
  const place = [member.postal_code, member.city].filter(Boolean).join(" ");
  const address = [member.street, place, member.country && member.country !== "FR" ? member.country : ""].filter(Boolean);
  return (
    <Facts items={[
      { label: t.members.factNumber, value: String(member.number) },
      { label: t.members.legalForm, value: t.enums.legalForm[member.legal_form] },
      { label: t.members.siret, value: member.siret ? siretGroups(member.siret) : "" },
      { label: t.members.siren, value: member.siret ? "" : member.siren ?? "" },
      { label: t.members.rna, value: member.rna ?? "" },
      { label: t.members.contact, value: [member.contact_name, member.contact_role].filter(Boolean).join(", ") },
      { label: t.members.email, value: member.email ? <a href={"mailto:" + member.email}>{member.email}</a> : "" },
      { label: t.members.phone, value: member.phone ? <a href={"tel:" + member.phone.replace(/[^+\d]/g, "")}>{member.phone}</a> : "" },
      { label: t.members.postal, value: address.length ? address.map((line, index) => <>{index ? <br /> : null}{line}</>) : "" },
      { label: t.members.iban, value: member.iban ? <span class="mono">{grouped(member.iban)}</span> : "" },
      { label: t.members.accountHolder, value: member.account_holder ?? "" },
      { label: t.members.notes, value: member.notes ? <span class="pre">{member.notes}</span> : "" },
      { label: t.members.status, value: member.left_on ? <Badge>{t.members.left}</Badge> : "" },
    ]} />
  );
}
