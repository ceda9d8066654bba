import * as bank from "./bank";
import * as common from "./common";
import * as conflict from "./conflict";
import * as contributions from "./contributions";
import * as entries from "./entries";
import { enums } from "./enums";
import * as history from "./history";
import * as home from "./home";
import * as members from "./members";
import * as position from "./position";
import * as session from "./session";
import * as settings from "./settings";
import * as shell from "./shell";

import type { Messages } from "..";

/** The English dictionary: a key missing here does not compile. */
export const en: Messages = { ...common, ...conflict, ...shell, ...session, ...home, ...members, ...contributions, ...entries, ...bank, ...settings, ...history, ...position, enums };
