import type { ContributionStatus, FundKind, InKindKind, LegalForm, Means, Nature, Role } from "../../model";

/** Words for the values of enumerated fields; the order is the order of choice lists. */
export const enums: {
  role: Record<Role, string>;
  legalForm: Record<LegalForm, string>;
  means: Record<Means, string>;
  nature: Record<Nature, string>;
  natureHelp: Record<Nature, string>;
  fundKind: Record<FundKind, string>;
  contributionStatus: Record<ContributionStatus, string>;
  contributionMatched: string;
  inKind: Record<InKindKind, string>;
} = {
  role: {
    treasurer: "trésorerie",
    board: "bureau",
    member: "adhérent",
    auditor: "contrôle des comptes",
    administrator: "administration",
  },
  legalForm: {
    association: "Association",
    scop: "SCOP",
    scic: "SCIC",
    sole_trader: "Entreprise individuelle",
    company: "Société",
    local_authority: "Collectivité",
    elected_official: "Élu·e",
    person: "Particulier",
  },
  means: {
    transfer: "Virement",
    cheque: "Chèque",
    cash: "Espèces",
    card: "Carte",
    direct_debit: "Prélèvement",
    platform: "Plateforme",
  },
  nature: {
    dues: "Cotisation",
    financial_contribution: "Versement de soutien",
    donation: "Don",
    patronage: "Mécénat",
    sponsorship: "Parrainage",
    subsidy: "Subvention",
    equity_without_return: "Apport définitif",
    equity_with_return: "Apport avec droit de reprise",
    repayable: "Somme à rembourser",
  },
  natureHelp: {
    dues: "Ce que chaque adhérent verse chaque année, fixé par l’assemblée.",
    financial_contribution: "Soutien libre d’une autre association, acquis à la vôtre.",
    donation: "Donné librement, sans contrepartie ; acquis à l’association.",
    patronage: "Don d’une entreprise sous convention, sans publicité en échange.",
    sponsorship: "Une entreprise paie pour être visible : c’est une vente, avec facture.",
    subsidy: "Argent public accordé par écrit.",
    equity_without_return: "Donné pour renforcer l’association ; il ne sera jamais rendu.",
    equity_with_return: "Rendu seulement si l’activité s’arrête ou si l’association est dissoute ; sans date.",
    repayable: "Argent prêté à l’association : une dette. À vérifier avec l’expert-comptable.",
  },
  fundKind: {
    general: "Fonctionnement",
    solidarity: "Fonds de solidarité",
    designated: "Réserve décidée par le bureau",
    restricted: "Réservé par un financeur",
  },
  contributionStatus: {
    recorded: "enregistré",
    awaited: "attendu",
    cancelled: "annulé",
    corrected: "corrigé",
    returned: "rejeté par la banque",
  },
  contributionMatched: "rapproché",
  inKind: {
    volunteer_time: "Temps bénévole",
    goods: "Biens donnés",
    premises: "Locaux prêtés",
    services: "Services rendus",
  },
};
