export const nav = {
  main: "Principale",
  menu: "Menu",
  home: "Accueil",
  members: "Adhérents",
  mine: "Ma fiche",
  contributions: "Versements",
  bank: "Banque",
  entries: "Écritures",
  position: "Situation du fonds",
  history: "Historique",
  settings: "Paramètres",
  waitingCount: (count: number) => `, à traiter : ${count}`,
};

export const shell = {
  searchLabel: "Chercher un adhérent",
  searchPlaceholder: "Adhérent : nom, numéro…",
  account: "Vos identifiants et sessions",
  switchOrganisation: "Changer",
  licence: "Grenier, logiciel libre (AGPL 3.0)",
  otherLanguage: "English",
  otherLanguageCode: "en",
};

export const chooser = {
  title: "Choisir une association",
  lead: "Vous tenez ou suivez les comptes de plusieurs associations.",
  none: "Vous n’avez de droits sur aucune association",
  noneDetail: "Demandez à la personne qui administre votre association de vous en donner.",
};
