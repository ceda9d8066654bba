import type { Messages } from "..";
import { strong } from "../typography";

export const position: Messages["position"] = {
  title: "Position of the fund",
  can: (fund, amount) => `${fund} can promise ${strong(amount)} today.`,
  ladder: "From the bank to what is available",
};
