import { frenchPlural as plural } from "../typography";

export const common = {
  product: "Grenier",
  skip: "Aller au contenu",
  loading: "Chargement…",
  retry: "Réessayer",
  cancel: "Annuler",
  close: "Fermer",
  dismiss: "Fermer",
  optional: "(facultatif)",
  no: "non",
  none: "aucun",
  crumbs: "Vous êtes ici",
  /** {page} and {pages} become the numbers on paper. */
  printedPage: "page {page} sur {pages}",
  sameInTable: "Les mêmes chiffres en tableau",
  print: "Imprimer",
  showPassword: "Afficher",
  hidePassword: "Masquer",
};

export const failure = {
  lostTitle: "La connexion a été perdue : on ne sait pas si c’est enregistré",
  lostDetail: "Tout ce que vous avez tapé est gardé. Envoyez encore : si le premier envoi est arrivé, rien ne sera enregistré deux fois.",
  sentTitle: "Un premier envoi, avec d’autres réponses, a déjà été enregistré",
  sentDetail: "Rien de plus n’est enregistré. Regardez d’abord la liste : si vous envoyez encore, il y en aura deux.",
  busyTitle: "Le service est momentanément indisponible",
  busyDetail: "Tout ce que vous avez tapé est gardé. Réessayez dans quelques instants : rien ne sera enregistré deux fois.",
  otherTitle: "Une erreur est survenue dans le service",
  otherDetail: "Tout ce que vous avez tapé est gardé. Réessayez ; si cela dure, prévenez la personne qui s’occupe de Grenier.",
  offlineTitle: "Pas de connexion avec le service",
  offlineDetail: "Vérifiez votre accès à Internet, puis réessayez.",
  notFoundTitle: "Cette page n’existe pas",
  notFoundDetail: "L’adresse est fausse, ou ce qu’elle désignait n’est pas visible avec vos droits.",
  forbiddenTitle: "Vos droits ne permettent pas de voir cette page",
  forbiddenDetail: "Demandez à la personne qui administre l’association si vous en avez besoin.",
};

export const form = {
  refused: (faults: number) => (faults < 2 ? "Rien n’est enregistré : une réponse est à corriger" : `Rien n’est enregistré : ${faults} réponses à corriger`),
  fieldFault: (label: string, detail: string) => `${label.replace(/[ \u202f\u00a0]*[?:]$/, "")} : ${detail}`,
  required: "Cette réponse est nécessaire.",
  draftKept: (hour: number, minute: number) => `Brouillon gardé sur cet appareil à ${hour} h ${String(minute).padStart(2, "0")}.`,
  draftRestored: "Votre brouillon a été retrouvé sur cet appareil.",
  draftDrop: "Effacer le brouillon",
  save: "Enregistrer",
  abandon: "Abandonner",
};

export const list = {
  filters: "Filtrer la liste",
  clear: "Tout afficher",
  exportAs: "Exporter :",
  search: "Chercher",
  all: "Tous",
  allFeminine: "Toutes",
  pages: "Pages de la liste",
  previous: "Précédentes",
  next: "Suivantes",
  nothingFound: "Rien ne correspond à ces filtres.",
  shown: (count: number, part: boolean) => (part ? `${count} ${plural(count, "ligne", "lignes")} sur cette page` : `${count} ${plural(count, "ligne", "lignes")}`),
  from: "Du",
  to: "Au",
};

export const money = {
  syntax: "Ce montant n’est pas compris : écrivez par exemple 1 250,50.",
  precision: "Deux décimales au plus.",
  ambiguous: "Mille ou décimales ? Écrivez 1250, 1 250 ou 1,25.",
  negative: "Le montant s’écrit sans signe moins.",
  zero: "Le montant doit être supérieur à zéro.",
  too_big: "Ce montant est trop grand.",
  empty: "Donnez le montant.",
  hint: "Par exemple 1 250,5 ou 1250.50",
};

export const date = {
  syntax: "Cette date n’est pas comprise : écrivez par exemple 12/03/2026.",
  unknown_day: "Ce jour n’existe pas dans le calendrier.",
  range: "L’année doit être entre 1900 et 2199.",
  empty: "Donnez la date.",
  hint: "12/03/2026, 12 mars, hier",
  openCalendar: (label: string) => `Choisir dans un calendrier : ${label}`,
};

export const file = {
  choose: "Choisir un fichier",
  other: "Choisir un autre fichier",
  chosen: (name: string, kilobytes: number) => `${name} (${kilobytes} Ko)`,
  required: "Choisissez un fichier.",
};

export const combo = {
  list: "Propositions",
  none: "Aucun nom ne correspond",
  count: (count: number) => `${count} ${plural(count, "proposition", "propositions")}, flèches pour choisir`,
  more: (count: number) => `Et ${count} ${plural(count, "autre", "autres")} : continuez à taper.`,
};

export const ledger = {
  account: "Compte comptable",
  debit: "Débit",
  credit: "Crédit",
  total: "Total",
};
