import type { Messages } from "..";

export const settings: Messages["settings"] = {
  title: "Settings",
  lead: "What the association is, and the rules its books follow.",
  identity: "Identity and address",
  name: "Name of the association",
  siret: "SIRET",
  rna: "RNA number",
  email: "E-mail",
  address: "Address",
  funds: "Funds",
  fundsCaption: "The association’s funds",
  fundName: "Name",
  fundKind: "Use",
  fundFloor: (sign) => `Minimum to keep (${sign})`,
};
