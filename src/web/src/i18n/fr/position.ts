import { strong } from "../typography";

export const position = {
  title: "Situation du fonds",
  can: (fund: string, amount: string) => `${fund} peut promettre ${strong(amount)} aujourd’hui.`,
  ladder: "De la banque au disponible",
};
