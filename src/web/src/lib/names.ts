// Names and choices that several pages share.
import type { Collection, Contribution, Fund, LegalForm, Means, Member, Project, Role } from "../model";
import { useI18n } from "../i18n";
import type { Messages } from "../i18n";
import { useOrganisation } from "../session";
import type { ComboOption } from "../ui/combo";
import type { Option } from "../ui/fields";
import { useGet } from "./query";

/** Who gave: the member, or the donor's own name. */
export function giver(contribution: Pick<Contribution, "giver_name">): string {
  return contribution.giver_name;
}

/** "trésorerie, administration". */
export function roleNames(roles: readonly string[], t: Messages): string {
  return roles.map((role) => (role in t.enums.role ? t.enums.role[role as Role] : role)).join(", ");
}

/** The word for a means of payment; "" while the money is awaited and nobody said how it will come. */
export function meansName(means: Means | null, t: Messages): string {
  return means ? t.enums.means[means] : "";
}

/** An enumeration's words as options, in the dictionary's order. */
export function choices<T extends string>(words: Record<T, string>): Option<T>[] {
  return (Object.keys(words) as T[]).map((value) => ({ value, label: words[value] }));
}

/** Most networks have some twenty-five members; beyond this many the picker asks the server. */
const MEMBERS_MAX = 500;

export interface MemberChoice {
  options: ComboOption[];
  find: (id: string) => Member | undefined;
  loading: boolean;
}

/** The organisation's members for a picker; `typed` narrows on the server when there are more than fit. */
export function useMembers(typed = ""): MemberChoice {
  const organisation = useOrganisation();
  const { t } = useI18n();
  const all = useGet<Collection<Member>>(organisation.path("members"), { limit: MEMBERS_MAX, sort: "name", status: "current" });
  const many = Boolean(all.data?.next) && typed.trim().length > 1;
  const some = useGet<Collection<Member>>(many ? organisation.path("members") : null, { limit: 20, q: typed.trim() }, { keepPrevious: true });
  const members = (many ? some.data?.items : undefined) ?? all.data?.items ?? [];
  return {
    options: members.map((member) => ({ id: member.id, label: member.name, note: t.members.numbered(member.number), keywords: String(member.number) })),
    find: (id) => members.find((member) => member.id === id) ?? all.data?.items.find((member) => member.id === id),
    loading: all.loading,
  };
}

export function useFunds(): Fund[] {
  const organisation = useOrganisation();
  return useGet<Collection<Fund>>(organisation.path("funds")).data?.items ?? [];
}

export function useProjects(): Project[] {
  const organisation = useOrganisation();
  return useGet<Collection<Project>>(organisation.path("projects")).data?.items ?? [];
}

/** The fund money goes to when nobody says otherwise: dues to running costs, everything else to the solidarity fund. */
export function defaultFund(funds: readonly Fund[], nature: string): Fund | undefined {
  const kind = nature === "dues" ? "general" : "solidarity";
  return funds.find((fund) => fund.kind === kind && fund.is_default) ?? funds.find((fund) => fund.kind === kind);
}

export function isLegalForm(text: string, words: Record<LegalForm, string>): text is LegalForm {
  return text in words;
}
