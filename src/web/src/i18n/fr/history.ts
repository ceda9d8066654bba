export const history = {
  title: "Historique",
  lead: "Ce qui a été fait, par qui, quand et pourquoi. Rien ne s’efface ici.",
  caption: "Ce qui s’est passé, le plus récent d’abord",
  at: "Quand",
  who: "Qui",
  what: "Quoi",
  kinds: "Montrer",
  changes: "Les changements",
  access: "Les consultations et connexions",
  everything: "Tout",
  reason: "Motif",
  empty: "Rien n’est encore arrivé",
};
