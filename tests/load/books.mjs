// Books kept a second time, in memory, by the rules of docs/accounting*.md and docs/matching.md: what the server's trial
// balance and fund position are held against. Nothing here is asked of the server but the names it gives.

export const LEGAL_FORMS = ["association", "scop", "scic", "sole_trader", "company", "local_authority", "elected_official", "person"];
export const BUSINESS = ["scop", "scic", "company"], NATURAL = ["sole_trader", "elected_official", "person"];

/** Who can give what, where it is booked, and the claim at signature (docs/accounting-contributions.md). */
export const NATURES = {
  dues: { forms: LEGAL_FORMS, account: "7561", counterpart: "7562", fund: "general" },
  donation: { forms: [...BUSINESS, ...NATURAL], account: "75411" },
  patronage: { forms: BUSINESS, account: "7542", claim: "467" },
  sponsorship: { forms: BUSINESS, account: "7063" },
  financial_contribution: { forms: ["association"], account: "7551", claim: "467" },
  subsidy: { forms: ["local_authority"], account: "741", before2025: "74", claim: "441" },
  equity_without_return: { forms: ["association", ...BUSINESS], account: "1024", claim: "467" },
  equity_with_return: { forms: ["association", ...BUSINESS], account: "1034" },
  repayable: { forms: LEGAL_FORMS, account: "1681" },
};
export const MEANS = { transfer: "512", direct_debit: "512", cheque: "5112", cash: "530", card: "517", platform: "517" };
export const IN_KIND = { volunteer_time: ["864", "875"], goods: ["860", "870"], premises: ["861", "871"], services: ["862", "871"] };
export const EXPENSES = { bank_fees: "627", rent: "6132", insurance: "616", energy: "6061", supplies: "6064", small_equipment: "6063",
  post: "626", travel: "6251", reception: "6257", fees: "6226", services: "604", communication: "6237", documentation: "6181",
  subscriptions: "6281", maintenance: "615", tax: "635", other: "628" };

const OWED = /^(467|468|471|1681)/;

const add = (map, key, amount) => map.set(key, (map.get(key) ?? 0n) + amount);
const within = (map, key) => {
  if (!map.has(key)) map.set(key, new Map());
  return map.get(key);
};
/** The sum of a day → amount map up to a day. */
const until = (days, day) => {
  let sum = 0n;
  for (const [on, amount] of days) if (on <= day) sum += amount;
  return sum;
};

export class Books {
  /** `years`: [{starts, ends, locked (last locked day or "")}], one after the other; `today` as the organisation has it. */
  constructor(years, today) {
    Object.assign(this, { years, today });
    this.debits = new Map(); // fund → account → day → amount
    this.credits = new Map();
    this.owed = new Map(); // fund → account and to whom → day → amount
    this.seen = new Map(); // fund → day → amount on 512 that a match with the bank covers
    this.entries = 0;
  }

  year(date) { return this.years.find((y) => y.starts <= date && date <= y.ends); }
  open(date) { return date > this.year(date).locked; }
  /** When something of that day is taken back: that day, or today where its period is locked. */
  backOn(date) { return this.open(date) ? date : this.today; }

  /** The account that a nature's money is income on, in the year of a date. */
  incomeAccount(nature, date, counterpart) {
    const rule = NATURES[nature];
    if (rule.before2025 && this.year(date).starts < "2025-01-01") return rule.before2025;
    return counterpart && rule.counterpart ? rule.counterpart : rule.account;
  }

  /** Books an entry: lines {account, amount (debit positive), fund, member?}; `claim`: whose claim its 467 is, if anybody's. */
  post(date, lines, claim = "") {
    const sum = lines.reduce((total, line) => total + line.amount, 0n);
    if (sum !== 0n) throw new Error(`the model books ${sum}`);
    const entry = { date, lines, claim, reversed: false };
    for (const line of lines) {
      line.match = null;
      line.entry = entry;
      const side = line.amount > 0n ? this.debits : this.credits;
      add(within(within(side, line.fund), line.account), date, line.amount > 0n ? line.amount : -line.amount);
      if (OWED.test(line.account)) {
        const whom = `${line.account} ${line.member?.ordinal ?? ""} ${line.account.startsWith("467") ? claim : ""}`;
        add(within(within(this.owed, line.fund), whom), date, line.amount);
      }
    }
    this.entries++;
    return entry;
  }

  reverse(entry, date) {
    entry.reversed = true;
    return this.post(date, entry.lines.map((line) => ({ ...line, amount: -line.amount })), entry.claim);
  }

  /** A match covers a line, or (null) no longer. */
  cover(line, match) {
    if (line.account.startsWith("512") && (line.match === null) !== (match === null))
      add(within(this.seen, line.fund), line.entry.date, match === null ? -line.amount : line.amount);
    line.match = match;
  }

  /** account → {debit, credit} up to a day, of one fund or of all; what happened before `since` apart, as `before`. */
  trialBalance(asOf, fund = null, since = "") {
    const rows = new Map();
    for (const [side, funds] of [["debit", this.debits], ["credit", this.credits]])
      for (const [id, accounts] of funds) {
        if (fund !== null && id !== fund) continue;
        for (const [account, days] of accounts)
          for (const [on, amount] of days) {
            if (on > asOf) continue;
            if (!rows.has(account)) rows.set(account, { debit: 0n, credit: 0n, before: 0n });
            const row = rows.get(account);
            if (on >= since) row[side] += amount;
            else row.before += side === "debit" ? amount : -amount;
          }
      }
    return rows;
  }

  balance(account, asOf) {
    let sum = 0n;
    for (const accounts of this.debits.values()) if (accounts.has(account)) sum += until(accounts.get(account), asOf);
    for (const accounts of this.credits.values()) if (accounts.has(account)) sum -= until(accounts.get(account), asOf);
    return sum;
  }

  /** What a fund holds at the end of a day, as GET reports/fund-position calls it. */
  position(fund, asOf) {
    const on = (pattern) => {
      let sum = 0n;
      for (const [side, sign] of [[this.debits, 1n], [this.credits, -1n]])
        for (const [account, days] of side.get(fund) ?? []) if (pattern.test(account)) sum += sign * until(days, asOf);
      return sum;
    };
    const held = until(this.seen.get(fund) ?? [], asOf);
    let others = 0n;
    for (const days of (this.owed.get(fund) ?? new Map()).values()) {
      const balance = until(days, asOf);
      if (balance < 0n) others -= balance;
    }
    return { held, held_for_others: others, cheques: on(/^511/), platforms: on(/^517/), cash: on(/^53/), unmatched: on(/^512/) - held };
  }
}
