export const conflict = {
  title: "Ce qui a changé entre-temps",
  same: "La version enregistrée dit la même chose que celle d’où vous êtes parti·e.",
  keep: "Garder ma saisie",
  take: "Reprendre la version enregistrée",
  keepHint: "Garder sa saisie n’enregistre rien encore : relisez, puis enregistrez.",
};
