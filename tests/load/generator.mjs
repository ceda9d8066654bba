// Random operations on one organisation's books, and what must come of each. A seed fixes the operations and their
// arguments; what the server names (ids) is known by its ordinal. Every reply is foretold: the status, the problem of a
// refusal, and through Books what the operation does to the balances.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { multipart } from "../lib/api.mjs";
import { BUSINESS, EXPENSES, IN_KIND, LEGAL_FORMS, MEANS, NATURAL, NATURES, Books } from "./books.mjs";
import { camt, decimal, iban, minor, ofx } from "./files.mjs";
import { Random } from "./random.mjs";

const POOL = 300; // open things kept to choose from; what falls out stays in the books
const ACCOUNTS = ["512", "530", "5112", "517", "401", "411", "467", "468", "471", "1024", "1681", "2742", "7561", "7551", "626", "627",
  "6132", "6571", "864", "875"];
const FIRST = "2024-01-01", LAST = "2025-12-31", DAY = 86_400_000;
const ordinalDay = (date) => Date.parse(date) / DAY;
export const dayAfter = (date, n) => new Date(Date.parse(date) + n * DAY).toISOString().slice(0, 10);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const lastOfMonth = (date) => new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).toISOString().slice(0, 10);

/** A list from which one is chosen, and leaves, in constant time; the oldest are forgotten beyond POOL. */
class Pool {
  items = [];
  add(item) {
    this.items.push(item);
    if (this.items.length > POOL) this.items.shift();
    return item;
  }
  remove(item) {
    const at = this.items.indexOf(item);
    if (at >= 0) this.items.splice(at, 1);
  }
  /** One for which `fits`, tried a few times. */
  pick(random, fits = () => true, tries = 12) {
    for (let i = 0; i < tries && this.items.length > 0; i++) {
      const item = random.pick(this.items);
      if (fits(item)) return item;
    }
    return null;
  }
}

export class Load {
  /**
   * `send`: a raw request to its raw reply; `tokens`: by role; `foreign`: a member's id of another organisation; `conforms`:
   * checks a reply against the OpenAPI document.
   */
  constructor({ send, tokens, slug, seed, today, conforms }) {
    Object.assign(this, { send, tokens, slug, seed, today, conforms, foreign: null });
    this.random = new Random(`${seed}/${slug}`);
    this.hash = createHash("sha256");
    this.names = new Map(); // an id of the server → its ordinal
    this.counts = {};
    this.operations = 0;
    this.serial = 0;
    this.acts = 0;
    for (const name of ["contributions", "drafts", "manual", "inKind", "matches", "keyed", "members", "files"]) this[name] = new Pool();
    this.funds = [];
    this.projects = [];
    this.banks = [];
    this.transfers = []; // internal transfers that wait for their other side
    this.counterpart = false;
    this.settingsVersion = null;
  }

  // ---- talking to the server ----

  name(kind, id) {
    if (!this.names.has(id)) this.names.set(id, `${kind}${this.names.size}`);
    return id;
  }

  /** One operation: its request, and the reply it must get (`expect`: 2xx, or [status, problem]). */
  async ask(kind, method, path, { body, form, as = "treasurer", key, etag, expect = "2xx", token } = {}) {
    const request = { method, path: `/api/v1/organisations/${this.slug}${path === "" ? "" : "/" + path}`, headers: { "Accept-Language": "en" } };
    const secret = token === undefined ? this.tokens[as] : token;
    if (secret !== null) request.headers.Authorization = `Bearer ${secret}`;
    if (form !== undefined) {
      const parts = multipart([{ name: "file", content: form, file: "releve" }]);
      request.headers["Content-Type"] = parts.type;
      request.body_base64 = parts.body.toString("base64");
    } else if (body !== undefined) {
      request.headers["Content-Type"] = "application/json";
      request.body = typeof body === "string" ? body : JSON.stringify(body);
    }
    if (key !== undefined) request.headers["Idempotency-Key"] = key;
    if (etag !== undefined) request.headers["If-Match"] = etag;
    const told = `${kind} ${method} ${request.path} ${as} ${key ?? ""} ${etag ?? ""} ${form ?? request.body ?? ""}`;
    this.hash.update(told.replace(UUID, (id) => this.names.get(id) ?? id).replace(/"entry_line_ids":\[[^\]]*\]/, (list) =>
      list.replace(/"(\d+)"/g, (_, id) => this.names.get(id))) + "\n");
    this.operations++;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const reply = await this.send(request);
    const what = `${told}\n  answered ${reply.status} ${reply.body}\n  (SEED=${this.seed}, operation ${this.operations} of ${this.slug})`;
    if (expect === "2xx") {
      assert.ok(reply.status >= 200 && reply.status < 300, what);
    } else {
      const problem = JSON.parse(reply.body);
      const codes = [problem.type?.split(":").at(-1), ...(problem.errors ?? []).map((e) => e.code)];
      assert.equal(reply.status, expect[0], `wanted ${expect}: ${what}`);
      if (expect[1] !== undefined) assert.ok(codes.includes(expect[1]), `wanted ${expect}: ${what}`);
    }
    if (this.operations % 50 === 0) await this.conforms(method, request.path, reply);
    if (key !== undefined && expect === "2xx") this.keyed.add({ request, reply, kind });
    return expect === "2xx" && reply.status !== 204 && reply.body !== "" ? JSON.parse(reply.body) : null;
  }

  /** A write that must be done; some carry an Idempotency-Key. */
  async write(kind, path, body, options = {}) {
    const key = this.random.chance(30) ? `${this.slug}-${this.operations}` : undefined;
    return this.ask(kind, "POST", path, { body, key, ...options });
  }

  async refused(kind, method, path, status, code, options = {}) {
    await this.ask(`refused: ${kind}`, method, path, { ...options, expect: [status, code] });
  }

  /** A report or list, as somebody who may read; no operation. */
  async read(path) {
    const as = ["treasurer", "board", "auditor"][this.operations % 3];
    const reply = await this.send({ method: "GET", path: `/api/v1/organisations/${this.slug}${path === "" ? "" : "/" + path}`,
      headers: { "Accept-Language": "en", Authorization: `Bearer ${this.tokens[as]}` } });
    assert.equal(reply.status, 200, `${path}: ${reply.body}`);
    return JSON.parse(reply.body);
  }

  // ---- the beginning ----

  async start() {
    const until = Number(dayAfter(this.today, 1).slice(0, 4)); // not even midnight of New Year's Eve leaves the years
    const years = [{ starts: FIRST, ends: "2024-12-31", locked: "" }];
    for (let y = 2025; y <= until; y++) {
      years.push({ starts: `${y}-01-01`, ends: `${y}-12-31`, locked: "" });
      await this.ask("fiscal year", "POST", "fiscal-years", { body: { starts_on: `${y}-01-01`, ends_on: `${y}-12-31` } });
    }
    for (const year of (await this.read("fiscal-years?limit=500")).items)
      years.find((y) => y.starts === year.starts_on).id = this.name("year", year.id);
    this.books = new Books(years, this.today);
    for (const fund of (await this.read("funds")).items) this.addFund(fund);
    this.general = this.funds.find((f) => f.kind === "general");
    this.solidarity = this.funds.find((f) => f.kind === "solidarity");
    for (const kind of ["designated", "restricted"]) await this.makeFund(kind);
    for (const form of LEGAL_FORMS) await this.makeMember(form);
    this.association = this.members.items.find((m) => m.form === "association").id;
    for (let i = 0; i < 2; i++) {
      const body = { name: `Compte ${i + 1}`, iban: iban(this.random.below(2 ** 31)) };
      const made = await this.ask("bank account", "POST", "bank-accounts", { body });
      this.banks.push({ id: this.name("bank", made.id), iban: body.iban, account: made.account, day: "2023-12-31", balance: 0n,
        unmatched: new Pool(), waiting: 0, waitingAmount: 0n, taken: new Set(), opening: null });
      assert.equal(made.account, i === 0 ? "512" : "51202");
    }
    for (const bank of this.banks) await this.opening(bank);
    await this.project();
  }

  /** What was there before: an entry, a first statement that begins with it, and the match of both. */
  async opening(bank) {
    const lines = [this.general, this.solidarity].map((fund) => ({ account: bank.account, amount: this.random.amount(), fund }));
    for (const line of [...lines]) lines.push({ account: "1024", amount: -line.amount, fund: line.fund });
    const entry = await this.postManual("AN", FIRST, lines);
    bank.balance = lines[0].amount + lines[1].amount;
    const imported = await this.importFile(bank);
    bank.opening = { statement: this.name("statement", imported.items[0].id), lines: entry.lines.slice(0, 2), match: null };
    for (const line of entry.lines) this.manual.remove(line);
    await this.openingMatch(bank);
  }

  async openingMatch(bank) {
    const made = await this.write("opening match", `bank-statements/${bank.opening.statement}/opening-matches`,
      { entry_line_ids: bank.opening.lines.map((line) => line.id) });
    bank.opening.match = this.name("match", made.id);
    for (const line of bank.opening.lines) this.books.cover(line, bank.opening);
  }

  // ---- funds, projects, members, settings, periods ----

  addFund(made) {
    const fund = { id: this.name("fund", made.id), kind: made.kind, floor: minor(made.floor), version: made.version };
    this.funds.push(fund);
    return fund;
  }

  async makeFund(kind) {
    const body = { name: `Fonds ${++this.serial}`, kind, ...(this.random.chance(50) ? { floor: decimal(this.random.amount()) } : {}) };
    const made = await this.write("fund", "funds", body);
    assert.equal(this.addFund(made).floor, body.floor === undefined ? 0n : minor(body.floor));
  }

  async fund() {
    if (this.funds.length < 12) await this.makeFund(this.random.pick(["general", "solidarity", "designated", "restricted"]));
    else await this.changeFund();
  }

  async changeFund() {
    const fund = this.random.pick(this.funds), floor = this.random.amount();
    const made = await this.ask("change of a fund", "PATCH", `funds/${fund.id}`, { body: { floor: decimal(floor) }, etag: `"v${fund.version}"` });
    Object.assign(fund, { floor, version: fund.version + 1 });
    assert.equal(made.version, fund.version);
  }

  async project() {
    const made = await this.write("project", "projects", { name: `Projet ${++this.serial}` });
    this.projects.push(this.name("project", made.id));
    if (this.projects.length > 20) this.projects.shift();
  }

  async makeMember(form = this.random.pick(LEGAL_FORMS)) {
    const body = { name: `Membre ${++this.serial}`, legal_form: form, joined_on: this.date() };
    const made = await this.write("member", "members", body);
    this.members.add({ id: this.name("member", made.id), form, ordinal: this.serial, version: made.version });
  }

  async changeMember() {
    const member = this.members.pick(this.random);
    await this.ask("change of a member", "PATCH", `members/${member.id}`, { body: { notes: `Note ${++this.serial}` }, etag: `"v${member.version}"` });
    member.version++;
  }

  async settings() {
    this.settingsVersion ??= (await this.read("")).version;
    this.counterpart = !this.counterpart;
    const made = await this.ask("settings", "PATCH", "", { as: "administrator", body: { dues_with_counterpart: this.counterpart },
      etag: `"v${this.settingsVersion}"` });
    this.settingsVersion = made.version;
  }

  async lock() {
    const year = this.random.pick(this.books.years.slice(0, 2));
    const through = lastOfMonth(dayAfter(year.starts, this.random.below(150)));
    if (through <= year.locked) {
      await this.refused("locked already", "POST", `fiscal-years/${year.id}/locks`, 409, "period.already_locked", { body: { through, reason: "Contrôlé" } });
      return;
    }
    await this.write("lock", `fiscal-years/${year.id}/locks`, { through, reason: "Contrôlé" });
    year.locked = through;
  }

  async unlock() {
    const year = this.books.years.slice(0, 2).find((y) => y.locked !== "");
    if (year === undefined) return this.lock();
    await this.write("unlock", `fiscal-years/${year.id}/unlocks`, { through: null, reason: "Rouvert" });
    year.locked = "";
  }

  // ---- what operations are made of ----

  date() { return dayAfter(FIRST, this.random.below(ordinalDay(LAST) - ordinalDay(FIRST) + 1)); }
  /** A day in an open period, of 2024 or 2025. */
  openDate() {
    for (;;) {
      const date = this.date();
      if (this.books.open(date)) return date;
    }
  }
  /** A day in an open period, not before another: today where there is none (today's year is never locked). */
  openDateFrom(from) {
    const date = dayAfter(from, this.random.below(60));
    return date <= LAST && this.books.open(date) ? date : this.today;
  }

  giver(forms) {
    const form = this.random.pick(forms);
    const member = this.random.chance(85) ? this.members.pick(this.random, (m) => m.form === form, 25) : null;
    return member === null ? { form, member: null, body: { donor: { name: `Donateur ${++this.serial}`, legal_form: form } } }
      : { form, member, body: { member_id: member.id } };
  }

  /** The body of a contribution, and the contribution it makes; `agreement`: may be signed before it is received. */
  contribution(amount, agreement = true) {
    const nature = this.random.weighted([[30, "dues"], [20, "donation"], [10, "patronage"], [5, "sponsorship"], [15, "financial_contribution"],
      [8, "subsidy"], [5, "equity_without_return"], [4, "equity_with_return"], [6, "repayable"]]);
    const giver = this.giver(NATURES[nature].forms);
    const c = { ordinal: ++this.serial, amount, nature, form: giver.form, member: giver.member, fund: this.defaultFund(nature), means: null,
      receivedOn: null, signedOn: null, refunded: 0n, entry: null, receipt: null, back: null, correctedBy: null, file: null };
    const body = { ...giver.body, amount: decimal(amount), nature };
    if (this.random.chance(25)) body.fund_id = (c.fund = this.random.pick(this.funds)).id;
    if (this.random.chance(20)) body.project_id = this.random.pick(this.projects);
    if (this.random.chance(20)) body.label = `Versement ${this.serial}`;
    if (agreement && this.random.chance(40) && NATURES[nature].claim) body.agreement_signed_on = c.signedOn = this.openDate();
    if (nature === "repayable") {
      Object.assign(body, { repayable_on: "2099-12-31", legal_basis: "Apport associatif" });
      if ([...BUSINESS, ...NATURAL].includes(giver.form)) body.accountant_note = "Avis du 3 mars";
    }
    return { body, c };
  }

  defaultFund(nature) { return nature === "dues" ? this.general : this.solidarity; }

  /** Books a contribution as its rules say, at the given days. */
  record(c, signedOn, receivedOn) {
    const claim = signedOn !== null ? NATURES[c.nature].claim ?? null : null;
    const line = (account, amount) => ({ account, amount, fund: c.fund.id, member: c.member });
    const income = this.books.incomeAccount(c.nature, claim !== null ? signedOn : receivedOn, this.counterpart);
    c.receipt = null;
    if (claim !== null) c.entry = this.books.post(signedOn, [line(claim, c.amount), line(income, -c.amount)], c.ordinal);
    if (receivedOn === null) return void (c.status = "awaited");
    const entry = this.books.post(receivedOn, [line(c.cash, c.amount), line(claim ?? income, -c.amount)], c.ordinal);
    if (claim !== null) c.receipt = entry;
    else c.entry = entry;
    c.status = "recorded";
  }

  /** The line of the money, on an account of class 5. */
  cashLine(c) { return (c.receipt ?? c.entry).lines[0]; }
  matched(c) { return [c.entry, c.receipt].some((entry) => entry?.lines.some((line) => line.match !== null)); }
  now(c) {
    while (c.correctedBy !== null) c = c.correctedBy;
    return c;
  }

  keepContribution(c, made) {
    c.id = this.name("contribution", made.id);
    c.entry.id = this.name("entry", made.entry_id);
    return this.contributions.add(c);
  }

  // ---- contributions ----

  async recordContribution() {
    const { body, c } = this.contribution(this.random.amount());
    c.means = body.means = this.random.pick(Object.keys(MEANS));
    c.cash = MEANS[c.means];
    if (c.cash === "512" && this.random.chance(30)) {
      const bank = this.random.pick(this.banks);
      [body.bank_account_id, c.cash] = [bank.id, bank.account];
    }
    if (c.signedOn === null || this.random.chance(50)) body.received_on = c.receivedOn = this.openDate();
    else if (body.bank_account_id !== undefined || this.random.chance(50)) delete body.bank_account_id;
    const made = await this.write("contribution", "contributions", body);
    this.record(c, c.signedOn, c.receivedOn);
    assert.equal(made.status, c.status);
    this.keepContribution(c, made);
  }

  async receive() {
    const c = this.contributions.pick(this.random, (x) => x.status === "awaited" || (x.status === "returned" && x.receipt !== null));
    if (c === null) return this.recordContribution();
    const body = { received_on: this.openDate(), means: this.random.pick(Object.keys(MEANS)) };
    await this.write("receipt", `contributions/${c.id}/receipts`, body);
    this.settle(c, body.received_on, body.means, MEANS[body.means]);
  }

  settle(c, receivedOn, means, cash) {
    const claim = c.entry.lines[0].account;
    const line = (account, amount) => ({ account, amount, fund: c.fund.id, member: c.member });
    Object.assign(c, { receivedOn, means, cash, status: "recorded", back: null });
    c.receipt = this.books.post(receivedOn, [line(cash, c.amount), line(claim, -c.amount)], c.ordinal);
  }

  takeBack(c, date) {
    for (const entry of c.status === "returned" ? [c.entry] : [c.entry, c.receipt])
      if (entry !== null) this.books.reverse(entry, date ?? this.books.backOn(entry.date));
  }

  async cancel() {
    const c = this.contributions.pick(this.random, (x) => x.status === "recorded" || x.status === "awaited");
    if (c === null) return this.recordContribution();
    const body = { reason: "Erreur" };
    if (this.matched(c)) return this.refused("matched", "POST", `contributions/${c.id}/cancellations`, 409, "contribution.matched", { body });
    if (this.random.chance(30)) {
      const last = [c.entry, c.receipt].filter((e) => e !== null).map((e) => e.date).sort().at(-1);
      body.date = this.openDateFrom(last);
    }
    await this.write("cancellation", `contributions/${c.id}/cancellations`, body);
    this.takeBack(c, body.date ?? null);
    c.status = "cancelled";
    this.contributions.remove(c);
    this.cancelled = c;
  }

  async correct() {
    const old = this.contributions.pick(this.random, (x) => x.status === "recorded" || x.status === "awaited");
    if (old === null) return this.recordContribution();
    const matched = this.matched(old), atBank = old.status === "recorded" && this.cashLine(old).account.startsWith("512");
    const body = { reason: "Corrigé" }, c = { ...old, correctedBy: null, ordinal: ++this.serial };
    const what = this.random.pick(matched ? ["label", "fund", "nature"] : ["label", "fund", "nature", "amount", "means", "member"]);
    if (what === "nature") this.otherNature(old, c, body);
    else if (what === "fund" && (!matched || atBank)) body.fund_id = (c.fund = this.random.pick(this.funds.filter((f) => f !== old.fund))).id;
    else if (what === "amount") body.amount = decimal(c.amount = old.amount + 1n + BigInt(this.random.below(5000)));
    else if (what === "means" && old.status === "recorded") this.otherMeans(old, c, body);
    else if (what === "member") this.otherMember(old, c, body);
    else body.label = `Libellé ${this.serial}`;
    if (matched && !atBank && c.fund !== old.fund)
      return this.refused("fund of a paid-in cheque", "POST", `contributions/${old.id}/corrections`, 409, "contribution.matched", { body });
    const made = await this.write("correction", `contributions/${old.id}/corrections`, body);
    const covered = [old.entry, old.receipt].flatMap((e) => e?.lines ?? []).filter((line) => line.match !== null);
    const reversals = new Map();
    for (const entry of [old.entry, old.receipt])
      if (entry !== null) reversals.set(entry, this.books.reverse(entry, this.books.backOn(entry.date)));
    const on = (date) => (date === null ? null : this.books.backOn(date));
    this.record(c, on(c.signedOn), on(c.receivedOn));
    for (const line of covered) {
      this.books.cover(reversals.get(line.entry).lines[line.entry.lines.indexOf(line)], line.match);
      for (const next of (c.receipt ?? c.entry).lines)
        if (next.account === line.account && next.amount === line.amount) this.books.cover(next, line.match);
    }
    for (const line of covered) line.match.covered.push(...[...reversals.values(), c.receipt ?? c.entry].flatMap((e) => e.lines)
      .filter((l) => l.match === line.match && !line.match.covered.includes(l)));
    Object.assign(old, { status: "corrected", correctedBy: c });
    this.contributions.remove(old);
    this.keepContribution(c, made);
    assert.equal(made.status, c.status);
  }

  /** Another nature that this giver can have and that needs nothing more; a fund that was the default follows. */
  otherNature(old, c, body) {
    const fits = Object.keys(NATURES).filter((n) => n !== old.nature && n !== "repayable" && NATURES[n].forms.includes(old.form)
      && (old.status === "recorded" || NATURES[n].claim));
    // A claim at signature needs the day of signature open, or it is booked today: both are right.
    if (fits.length === 0) return void (body.label = `Libellé ${this.serial}`);
    body.nature = c.nature = this.random.pick(fits);
    if (old.fund === this.defaultFund(old.nature)) c.fund = this.defaultFund(c.nature);
  }

  otherMeans(old, c, body) {
    body.means = c.means = this.random.pick(Object.keys(MEANS).filter((m) => m !== old.means));
    c.cash = MEANS[c.means];
  }

  otherMember(old, c, body) {
    const member = this.members.pick(this.random, (m) => m.form === old.form && m !== old.member, 25);
    if (member === null) return void (body.label = `Libellé ${this.serial}`);
    body.member_id = (c.member = member).id;
  }

  async recordInKind() {
    const kind = this.random.pick(Object.keys(IN_KIND)), value = this.random.amount(), giver = this.giver(LEGAL_FORMS);
    const body = { ...giver.body, kind, value: decimal(value), given_on: this.openDate() };
    if (kind === "volunteer_time" && this.random.chance(50)) body.hours = `${1 + this.random.below(40)}.5`;
    const made = await this.write("in kind", "in-kind-contributions", body);
    const [debit, credit] = IN_KIND[kind], fund = this.general.id;
    const entry = this.books.post(body.given_on, [{ account: debit, amount: value, fund, member: giver.member },
      { account: credit, amount: -value, fund, member: giver.member }]);
    this.inKind.add({ id: this.name("kind", made.id), entry });
  }

  async cancelInKind() {
    const gift = this.inKind.pick(this.random);
    if (gift === null) return this.recordInKind();
    const body = { reason: "Doublon", ...(this.random.chance(30) ? { date: this.openDateFrom(gift.entry.date) } : {}) };
    await this.write("cancellation in kind", `in-kind-contributions/${gift.id}/cancellations`, body);
    this.books.reverse(gift.entry, body.date ?? this.books.backOn(gift.entry.date));
    this.inKind.remove(gift);
    await this.refused("cancelled already", "POST", `in-kind-contributions/${gift.id}/cancellations`, 409, "contribution.cancelled", { body });
  }

  // ---- entries by hand ----

  wire(lines) {
    return lines.map((line) => ({ account: line.account, [line.amount > 0n ? "debit" : "credit"]: decimal(line.amount > 0n ? line.amount : -line.amount),
      ...(line.named === false ? {} : { fund_id: line.fund.id }), ...(line.member ? { member_id: line.member.id } : {}) }));
  }

  manualLines() {
    const lines = [], fund = this.random.pick(this.funds);
    let sum = 0n;
    for (let i = this.random.below(4); i >= 0; i--) {
      const amount = this.random.amount() * (this.random.chance(50) ? 1n : -1n);
      sum += amount;
      lines.push({ account: this.random.pick(ACCOUNTS), amount, fund: this.random.chance(85) ? fund : this.random.pick(this.funds),
        ...(this.random.chance(30) ? { member: this.members.pick(this.random) } : {}) });
    }
    if (sum !== 0n && this.random.chance(92)) lines.push({ account: this.random.pick(["512", "51202", "530", "467"]), amount: -sum, fund });
    if (this.random.chance(20)) {
      // Without a fund a line takes the only one that the others name, else the general one.
      const line = this.random.pick(lines), others = new Set(lines.filter((l) => l !== line).map((l) => l.fund));
      line.named = false;
      line.fund = others.size === 1 ? [...others][0] : this.general;
    }
    return lines;
  }

  async draft() {
    const body = { journal: this.random.pick(["OD", "BQ", "CA", "AC", "VE"]), date: this.openDate(), label: `Écriture ${++this.serial}` };
    const lines = this.manualLines();
    const made = await this.write("draft", "entries", { ...body, lines: this.wire(lines) });
    this.drafts.add({ id: this.name("entry", made.id), date: body.date, lines, version: made.version });
  }

  async changeDraft() {
    const draft = this.drafts.pick(this.random, (d) => this.books.open(d.date));
    if (draft === null) return this.draft();
    const lines = this.manualLines();
    const made = await this.ask("change of a draft", "PATCH", `entries/${draft.id}`, { body: { lines: this.wire(lines) }, etag: `"v${draft.version}"` });
    Object.assign(draft, { lines, version: made.version });
  }

  async deleteDraft() {
    const draft = this.drafts.pick(this.random);
    if (draft === null) return this.draft();
    await this.ask("deletion of a draft", "DELETE", `entries/${draft.id}`, { etag: `"v${draft.version}"` });
    this.drafts.remove(draft);
  }

  async validate() {
    const draft = this.drafts.pick(this.random);
    if (draft === null) return this.draft();
    const sum = draft.lines.reduce((total, line) => total + line.amount, 0n), path = `entries/${draft.id}/validations`;
    if (!this.books.open(draft.date)) return this.refused("draft in a locked period", "POST", path, 422, "period.locked");
    if (sum !== 0n) return this.refused("unbalanced draft", "POST", path, 422, "entry.unbalanced");
    const made = await this.ask("validation", "POST", path, { key: this.random.chance(30) ? `${this.slug}-${this.operations}` : undefined });
    this.drafts.remove(draft);
    this.bookManual(draft.id, draft.date, draft.lines, made);
  }

  bookManual(id, date, lines, made) {
    const entry = this.books.post(date, lines.map(({ account, amount, fund, member }) => ({ account, amount, fund: fund.id, member })));
    entry.id = id;
    entry.lines.forEach((line, i) => { line.id = this.name("line", made.lines[i].id); });
    for (const line of entry.lines) this.manual.add(line);
    return entry;
  }

  async postManual(journal, date, lines) {
    const made = await this.ask("draft", "POST", "entries", { body: { journal, date, label: "À-nouveaux", lines: this.wire(lines) } });
    this.name("entry", made.id);
    return this.bookManual(made.id, date, lines, await this.ask("validation", "POST", `entries/${made.id}/validations`));
  }

  async reverse() {
    const line = this.manual.pick(this.random);
    if (line === null) return this.draft();
    const entry = line.entry, path = `entries/${entry.id}/reversals`, body = { date: this.openDateFrom(entry.date), reason: "Contre-passée" };
    if (entry.reversed) return this.refused("reversed already", "POST", path, 409, "entry.already_reversed", { body });
    if (entry.lines.some((l) => l.match !== null)) return this.refused("matched entry", "POST", path, 409, "entry.matched", { body });
    await this.write("reversal", path, body);
    this.books.reverse(entry, body.date);
    for (const l of entry.lines) this.manual.remove(l);
    this.reversed = entry;
  }

  // ---- the bank: files ----

  /** One more statement of an account; some of its lines are what somebody waits for. */
  statement(bank) {
    const from = dayAfter(bank.day, 1), to = dayAfter(from, this.random.below(3)), file = ++this.serial;
    const lines = [];
    for (let i = this.random.below(24); i >= 0; i--) {
      const on = dayAfter(from, this.random.below(ordinalDay(to) - ordinalDay(from) + 1));
      const line = { bank, on, ...this.statementAmount(bank, on), name: `TIERS ${file % 97}`, text: `K${String(file).padStart(7, "0")}X${i + 10}` };
      // No two of a day and amount: which of them another format's file means would be a guess.
      while (bank.taken.has(line.on + line.amount)) {
        line.amount += line.amount > 0n ? 1n : -1n;
        delete line.hint;
      }
      bank.taken.add(line.on + line.amount);
      lines.push(line);
    }
    lines.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
    return { bank, from, to, opening: bank.balance, closing: lines.reduce((sum, l) => sum + l.amount, bank.balance), lines,
      iban: bank.iban, id: `S${file}` };
  }

  statementAmount(bank, on) {
    const other = this.banks.find((b) => b !== bank);
    switch (this.random.below(5)) {
      case 0: { // what a contribution or an entry waits for
        const c = this.contributions.pick(this.random, (x) => x.status === "awaited" || (x.status === "recorded" && !this.matched(x)));
        if (c !== null) return { amount: c.amount, hint: { link: c } };
        break;
      }
      case 1: { // what the bank takes back
        const c = this.contributions.pick(this.random, (x) => x.status === "recorded" && this.matched(x) && x.refunded === 0n);
        if (c !== null) return { amount: -c.amount, hint: { returned: c } };
        break;
      }
      case 2: { // the other side of a line of the other account
        const line = other?.unmatched.pick(this.random, (l) => Math.abs(ordinalDay(l.on) - ordinalDay(on)) < 25);
        if (line) return { amount: -line.amount, hint: { pair: line } };
        break;
      }
    }
    return { amount: this.random.amount() * (this.random.chance(60) ? 1n : -1n) };
  }

  render(statement, format) { return format === "ofx" ? ofx(statement) : camt(statement); }

  async importFile(bank, again = []) {
    const statement = this.statement(bank), format = again.length > 0 ? again[0].format : this.random.pick(["ofx", "camt"]);
    if (again.length > 0) {
      Object.assign(statement, { from: again[0].statement.from, opening: again[0].statement.opening,
        lines: [...again[0].statement.lines, ...statement.lines] });
    }
    const key = this.random.chance(30) ? `${this.slug}-${this.operations}` : undefined;
    const made = await this.ask("bank file", "POST", "bank-statements", { form: this.render(statement, format), key });
    const fresh = statement.lines.filter((line) => line.id === undefined);
    assert.equal(made.items[0].new_transactions, fresh.length, "lines of the bank are added once");
    assert.notEqual(made.items[0].balanced, false);
    Object.assign(bank, { day: statement.to, balance: statement.closing });
    const csv = await this.send({ method: "GET", headers: { Authorization: `Bearer ${this.tokens.board}` },
      path: `/api/v1/organisations/${this.slug}/bank-transactions?format=csv&bank_account_id=${bank.id}&from=${statement.from}&to=${statement.to}` });
    assert.equal(csv.status, 200, csv.body);
    const ids = new Map(csv.body.split("\n").map((row) => [row.match(/K\d{7}X\d\d/)?.[0], row.match(/^[0-9a-f-]{36}/)?.[0]]));
    for (const line of fresh) {
      assert.ok(ids.get(line.text), `${line.text} is among the lines of the bank`);
      line.id = this.name("bankline", ids.get(line.text));
      line.match = null;
      bank.unmatched.add(line);
      bank.waiting++;
      bank.waitingAmount += line.amount;
    }
    this.files.add({ statement, format });
    return made;
  }

  async bankFile() {
    const bank = this.random.pick(this.banks.filter((b) => b.day < dayAfter(LAST, -3)));
    if (bank === undefined) return this.match();
    const last = this.files.items.at(-1);
    await this.importFile(bank, this.random.chance(15) && last?.statement.bank === bank && last.statement.closing === bank.balance ? [last] : []);
  }

  /** The same file again, or the same statement as the other format has it: nothing is added. */
  async fileAgain() {
    const file = this.files.pick(this.random);
    const format = this.random.chance(50) ? file.format : file.format === "ofx" ? "camt" : "ofx";
    const made = await this.ask("bank file again", "POST", "bank-statements", { form: this.render(file.statement, format) });
    assert.equal(made.items[0].new_transactions, 0, `nothing new (SEED=${this.seed})`);
  }

  // ---- the bank: matches ----

  async match() {
    const bank = this.random.pick(this.banks), line = bank.unmatched.pick(this.random, (l) => this.books.open(l.on));
    if (line === null) return this.bankFile();
    const lines = [line], second = this.random.chance(12) ? bank.unmatched.pick(this.random, (l) => l !== line) : null;
    if (second !== null && line.hint === undefined) lines.push(second);
    const amount = lines.reduce((sum, l) => sum + l.amount, 0n), date = lines.map((l) => l.on).sort().at(-1);
    const match = { ordinal: ++this.serial, bank, lines, amount, date, parts: [], covered: [], pair: null, act: ++this.acts, cancelled: false };
    const plan = this.plan(match);
    const path = `bank-transactions/${line.id}/matches`;
    if (!this.books.open(date) && (plan.body.create || plan.settles))
      return this.refused("match in a locked period", "POST", path, 422, "period.locked", { body: plan.body });
    if (!this.books.open(date)) return;
    if (lines.length > 1) plan.body.transaction_ids = lines.slice(1).map((l) => l.id);
    const made = await this.write("match", path, plan.body);
    plan.book();
    this.keepMatch(match, made.id, made.parts);
    if (plan.other) this.keepMatch(plan.other, made.pair_id, null);
  }

  keepMatch(match, id, parts) {
    match.id = this.name("match", id);
    this.matches.add(match);
    for (const line of match.lines) {
      line.match = match;
      match.bank.unmatched.remove(line);
      match.bank.waiting--;
      match.bank.waitingAmount -= line.amount;
    }
    for (const part of match.parts) {
      if (part.kind !== "contribution" || part.act !== "created") continue;
      const made = parts.find((p) => p.position === part.position);
      part.contribution.id = this.name("contribution", made.contribution_id);
      part.contribution.entry.id ??= this.name("entry", made.entry_id);
      this.contributions.add(part.contribution);
    }
  }

  /** What to say of the lines of a match: the body, and what it books. */
  plan(match) {
    const hint = match.lines.length === 1 ? match.lines[0].hint : undefined, pair = hint?.pair;
    if (pair !== undefined && pair.match === null && this.random.chance(70)) return this.planTransfer(match, pair);
    const links = this.links(match, hint?.link), body = {}, steps = [];
    let rest = match.amount;
    for (const link of links) rest -= link.amount;
    const contributions = links.filter((l) => l.contribution), entryLines = links.filter((l) => !l.contribution);
    if (contributions.length > 0) body.contribution_ids = contributions.map((l) => l.contribution.id);
    if (entryLines.length > 0) body.entry_line_ids = entryLines.map((l) => l.line.id);
    steps.push(() => this.bookLinks(match, [...contributions, ...entryLines]));
    const returned = hint?.returned;
    if (returned !== undefined && links.length === 0 && returned.status === "recorded" && returned.refunded === 0n && rest === -returned.amount) {
      body.create = [{ kind: "returned", amount: decimal(rest), contribution_id: returned.id }];
      steps.push(() => this.bookReturn(match, returned, rest));
    } else if (rest !== 0n) {
      const parts = this.parts(match, rest, match.date, match.date);
      body.create = parts.map((p) => p.body);
      steps.push(...parts.map((p) => p.book));
    }
    return { body, settles: links.some((l) => l.awaited || l.line?.account !== match.bank.account), book: () => steps.forEach((step) => step()) };
  }

  /** A few of what waits in the books. */
  links(match, hinted) {
    const links = [];
    const addContribution = (c) => {
      if (c === null || links.some((l) => l.contribution === c)) return;
      if (c.status === "awaited") links.push({ contribution: c, awaited: true, amount: c.amount });
      else if (c.status === "recorded" && this.cashLine(c).match === null) links.push({ contribution: c, line: this.cashLine(c), amount: c.amount });
    };
    const addLine = (line) => {
      if (line === null || links.some((l) => l.line === line)) return;
      if (line.match === null && !line.entry.reversed && /^[145]/.test(line.account) && line.account !== "471")
        links.push({ line, amount: line.amount });
    };
    if (hinted !== undefined) addContribution(this.now(hinted));
    else if (this.random.chance(45))
      for (let i = this.random.below(3); i >= 0; i--) {
        if (this.random.chance(60)) addContribution(this.contributions.pick(this.random));
        else addLine(this.manual.pick(this.random));
      }
    return links;
  }

  cover(match, line) {
    this.books.cover(line, match);
    match.covered.push(line);
  }

  addPart(match, part) {
    match.parts.push({ position: match.parts.length + 1, entry: null, contribution: null, clears: null, ...part });
    return match.parts.at(-1);
  }

  bookLinks(match, links) {
    const settled = [];
    for (const link of links) {
      const c = link.contribution ?? null, kind = c === null ? "entry_line" : "contribution";
      if (link.awaited) {
        this.settle(c, match.date, "transfer", match.bank.account);
        this.cover(match, c.receipt.lines[0]);
        this.addPart(match, { act: "received", kind, amount: link.amount, contribution: c, entry: c.receipt, receipt: c.receipt });
      } else {
        this.cover(match, link.line);
        if (link.line.account === match.bank.account) this.addPart(match, { act: "linked", kind, amount: link.amount, contribution: c, receipt: link.line.entry });
        else settled.push({ ...link, kind });
      }
    }
    if (settled.length === 0) return;
    const funds = new Map();
    for (const { line } of settled) funds.set(line.fund, (funds.get(line.fund) ?? 0n) + line.amount);
    const entry = this.books.post(match.date, [...[...funds].filter(([, amount]) => amount !== 0n)
      .map(([fund, amount]) => ({ account: match.bank.account, amount, fund })),
    ...settled.map(({ line }) => ({ account: line.account, amount: -line.amount, fund: line.fund, member: line.member }))]);
    for (const line of entry.lines) this.cover(match, line);
    for (const link of settled)
      this.addPart(match, { act: "settled", kind: link.kind, amount: link.amount, contribution: link.contribution ?? null, entry, receipt: link.line.entry });
  }

  /** Books a part on the bank account against another account, within one fund. */
  bookPart(match, kind, amount, date, fund, account, member = null, more = {}) {
    const entry = this.books.post(date, [{ account: match.bank.account, amount, fund }, { account, amount: -amount, fund, member }]);
    this.cover(match, entry.lines[0]);
    return this.addPart(match, { act: "created", kind, amount, entry, fund, ...more });
  }

  /** What a contribution's money was booked against, as it is taken back on a day. */
  takenFrom(c, date) {
    const account = (c.receipt ?? c.entry).lines[1].account;
    return c.receipt === null && c.nature === "subsidy" ? this.books.incomeAccount(c.nature, date, false) : account;
  }

  bookReturn(match, c, amount, date = match.date, clears = null) {
    const line = (account, value, member = null) => ({ account, amount: value, fund: c.fund.id, member });
    const entry = this.books.post(date, [line(this.takenFrom(c, date), -amount, c.member), line(match.bank.account, amount)], c.ordinal);
    this.cover(match, entry.lines[1]);
    this.addPart(match, { act: "created", kind: "returned", amount, entry, contribution: c, clears });
    Object.assign(c, { status: "returned", back: entry });
  }

  /** One to three parts that make an amount; `explaining`: of an unknown part, which neither of two kinds can do. */
  parts(match, amount, date, receivedOn, explaining = null) {
    const pieces = [];
    let rest = amount;
    for (let i = this.random.below(3); i > 0 && (rest > 1n || rest < -1n); i--) {
      const piece = (rest < 0n ? -1n : 1n) * BigInt(1 + this.random.below(Number((rest < 0n ? -rest : rest) - 1n)));
      pieces.push(piece);
      rest -= piece;
    }
    pieces.push(rest);
    return pieces.map((piece, i) => this.part(match, piece, date, receivedOn, explaining, pieces.length === 1 && i === 0));
  }

  part(match, amount, date, receivedOn, clears, whole) {
    const incoming = amount > 0n, kinds = incoming
      ? [[40, "contribution"], [8, "interest"], [8, "refund"], [10, "third_party"]] : [[40, "expense"], [8, "interest"], [12, "refund out"], [10, "third_party"]];
    if (clears === null) kinds.push([12, "unknown"]);
    if (clears === null && whole) kinds.push([8, "internal_transfer"]);
    const kind = this.random.weighted(kinds), body = { kind: kind.split(" ")[0], amount: decimal(amount) };
    const fund = this.random.chance(40) && !["contribution", "refund out"].includes(kind) ? this.random.pick(this.funds) : null;
    if (fund !== null) body.fund_id = fund.id;
    const into = (fund ?? this.general).id, more = { clears };
    switch (kind) {
      case "contribution": return this.partContribution(match, amount, date, receivedOn, clears);
      case "expense": case "refund":
        body.category = this.random.pick(Object.keys(EXPENSES));
        return { body, book: () => this.bookPart(match, body.kind, amount, date, into, EXPENSES[body.category], null, more) };
      case "interest": return { body, book: () => this.bookPart(match, kind, amount, date, into, incoming ? "768" : "661", null, more) };
      case "unknown": return { body, book: () => this.bookPart(match, kind, amount, date, into, "471", null, more) };
      case "third_party": {
        const member = this.random.chance(50) ? this.members.pick(this.random) : null;
        if (member !== null) body.member_id = member.id;
        return { body, book: () => this.bookPart(match, kind, amount, date, into, "467", member, more) };
      }
      case "refund out": return this.partRefund(match, amount, date, clears);
      default: return { body, book: () => this.bookTransfer(match, amount, fund) };
    }
  }

  partContribution(match, amount, date, receivedOn, clears) {
    const { body, c } = this.contribution(amount);
    Object.assign(c, { means: "transfer", cash: match.bank.account, receivedOn });
    return { body: { kind: "contribution", ...body }, book: () => {
      this.record(c, c.signedOn, date);
      const receipt = c.receipt ?? c.entry;
      this.cover(match, receipt.lines[0]);
      this.addPart(match, { act: "created", kind: "contribution", amount, entry: receipt, contribution: c, receipt, clears });
    } };
  }

  partRefund(match, amount, date, clears) {
    const c = this.contributions.pick(this.random, (x) => x.status === "recorded" && x.amount - x.refunded >= -amount && !x.refunding
      && !match.parts.some((p) => p.contribution === x));
    if (c === null || match.refunding) {
      const body = { kind: "expense", amount: decimal(amount), category: "other" };
      return { body, book: () => this.bookPart(match, "expense", amount, date, this.general.id, "628", null, { clears }) };
    }
    match.refunding = true; // two parts of one act are each checked against what was refunded before it
    return { body: { kind: "refund", amount: decimal(amount), contribution_id: c.id }, book: () => {
      const line = (account, value, member = null) => ({ account, amount: value, fund: c.fund.id, member });
      const entry = this.books.post(date, [line(this.takenFrom(c, date), -amount, c.member), line(match.bank.account, amount)]);
      this.cover(match, entry.lines[1]);
      this.addPart(match, { act: "created", kind: "refund", amount, entry, contribution: c, clears });
      c.refunded -= amount;
    } };
  }

  // ---- transfers between own accounts ----

  /** Both sides in one act. */
  planTransfer(match, pair) {
    const part = { kind: "internal_transfer", amount: decimal(match.amount), transaction_id: pair.id };
    const fund = this.random.chance(40) ? this.random.pick(this.funds) : null;
    if (fund !== null) part.fund_id = fund.id;
    const other = { ordinal: ++this.serial, bank: pair.bank, lines: [pair], amount: pair.amount, date: pair.on, parts: [], covered: [],
      pair: match, act: match.act, cancelled: false };
    if (!this.books.open(pair.on)) return { body: { create: [{ kind: "unknown", amount: decimal(match.amount) }] }, book: () =>
      this.bookPart(match, "unknown", match.amount, match.date, this.general.id, "471") };
    return { body: { create: [part] }, other, book: () => {
      const into = (fund ?? this.general).id;
      this.bookPart(match, "internal_transfer", match.amount, match.date, into, "58");
      this.bookPart(other, "internal_transfer", other.amount, other.date, into, "58");
      match.pair = other;
    } };
  }

  /** One side alone: paired with the nearest that waits on another account, whose fund it then follows. */
  bookTransfer(match, amount, fund) {
    const far = (m) => Math.abs(ordinalDay(m.date) - ordinalDay(match.date)), side = (m) => m.parts.find((p) => p.kind === "internal_transfer");
    const waiting = this.transfers.filter((m) => m.bank !== match.bank && side(m).amount === -amount && far(m) <= 31
      && (fund === null || side(m).fund === fund.id));
    waiting.sort((a, b) => far(a) - far(b) || a.act - b.act);
    const pair = waiting[0] ?? null;
    this.bookPart(match, "internal_transfer", amount, match.date, pair === null ? (fund ?? this.general).id : side(pair).fund, "58");
    if (pair === null) return void this.transfers.push(match);
    Object.assign(match, { pair });
    pair.pair = match;
    this.transfers = this.transfers.filter((m) => m !== pair);
  }

  // ---- undoing and explaining ----

  /** Why a match cannot be undone, or null: the first thing the server says. */
  undoProblem(match) {
    for (const part of match.parts) {
      const c = part.contribution === null || part.kind !== "contribution" ? null : this.now(part.contribution);
      for (const entry of [part.entry, ...(c !== null && ["created", "received"].includes(part.act) ? [c.entry, c.receipt] : [])])
        if (entry && !this.books.open(entry.date)) return [422, "period.locked"];
    }
    for (const part of [...match.parts].reverse()) {
      if (part.contribution === null) continue;
      const c = this.now(part.contribution);
      if (c.status === "returned" && part.kind !== "returned") return [409, "match.returned_since"];
      if (part.kind === "contribution" && part.contribution.receipt !== null && part.contribution.receipt !== part.receipt)
        return [409, "match.returned_since"];
      const here = match.parts.reduce((sum, p) => (p.kind === "refund" && p.contribution !== null && this.now(p.contribution) === c ? sum - p.amount : sum), 0n);
      if (part.kind === "contribution" && c.refunded > here)
        return [409, "match.refunded_since"];
      if (part.kind === "returned" && (c.status !== "returned" || c.back !== part.entry)) return [409];
      if (part.act === "received" && c.status !== "recorded") return [409];
      if (part.act === "created" && part.kind === "contribution" && !["recorded", "cancelled"].includes(c.status)) return [409];
    }
    return null;
  }

  undo(match) {
    for (const line of match.covered) this.books.cover(line, null);
    for (const part of [...match.parts].reverse()) {
      const c = part.contribution === null ? null : this.now(part.contribution);
      if (part.act === "linked") continue;
      if (part.kind === "contribution" && (part.act === "created" || (part.act === "received" && c.receipt === null))) {
        if (c.status === "cancelled") continue;
        this.takeBack(c, null);
        c.status = "cancelled";
        this.contributions.remove(c);
      } else if (part.act === "received") {
        this.books.reverse(c.receipt, this.books.backOn(c.receipt.date));
        Object.assign(c, { status: "awaited", receivedOn: null, receipt: null });
      } else if (!part.entry.reversed) {
        this.books.reverse(part.entry, part.entry.date);
        if (part.kind === "returned") Object.assign(c, { status: "recorded", back: null });
        if (part.kind === "refund" && c !== null) c.refunded += part.amount;
      }
    }
    match.cancelled = true;
    this.matches.remove(match);
    for (const line of match.lines) {
      line.match = null;
      match.bank.unmatched.add(line);
      match.bank.waiting++;
      match.bank.waitingAmount += line.amount;
    }
    this.transfers = this.transfers.filter((m) => m !== match);
  }

  async undoMatch() {
    const match = this.matches.pick(this.random);
    if (match === null) return this.match();
    const path = `bank-transactions/${match.lines[0].id}/matches/${match.id}/cancellations`, pair = match.pair;
    const together = pair !== null && pair.act === match.act;
    const problem = this.undoProblem(match) ?? (together ? this.undoProblem(pair) : null);
    if (problem !== null) return this.refused("undo", "POST", path, problem[0], problem[1], { body: { reason: "Défait" } });
    await this.write("undo", path, this.random.chance(50) ? { reason: "Défait" } : {});
    this.undo(match);
    if (pair !== null) pair.pair = null;
    if (together) this.undo(pair);
    else if (pair !== null) this.transfers.push(pair);
    this.undone = match;
  }

  async clear() {
    const open = (m) => m.parts.find((p) => p.kind === "unknown" && p.clears === null && !p.cleared);
    const match = this.matches.pick(this.random, (m) => open(m) !== undefined, 60);
    if (match === null) return this.match();
    const unknown = open(match), date = this.books.backOn(match.date);
    const path = `bank-transactions/${match.lines[0].id}/matches/${match.id}/clearings`;
    match.refunding = false;
    const parts = this.parts(match, unknown.amount, date, match.date, unknown.position);
    const made = await this.write("clearing", path, { position: unknown.position, create: parts.map((p) => p.body) });
    unknown.cleared = true;
    const entry = this.books.post(date, [{ account: "471", amount: unknown.amount, fund: unknown.fund },
      { account: match.bank.account, amount: -unknown.amount, fund: unknown.fund }]);
    this.cover(match, entry.lines[1]);
    this.addPart(match, { act: "created", kind: "unknown", amount: -unknown.amount, entry, fund: unknown.fund, clears: unknown.position });
    for (const part of parts) part.book();
    for (const part of match.parts)
      if (part.clears === unknown.position && part.kind === "contribution") {
        const said = made.parts.find((p) => p.position === part.position);
        part.contribution.id = this.name("contribution", said.contribution_id);
        part.contribution.entry.id ??= this.name("entry", said.entry_id);
        this.contributions.add(part.contribution);
      }
  }

  async openingAgain() {
    const bank = this.random.pick(this.banks), path = `bank-statements/${bank.opening.statement}/opening-matches`;
    if (bank.opening.match === null) return this.openingMatch(bank);
    if (this.random.chance(50)) return this.refused("opening matched already", "POST", path, 409, "match.opening_done",
      { body: { entry_line_ids: bank.opening.lines.map((line) => line.id) } });
    await this.write("undo of an opening", `${path}/${bank.opening.match}/cancellations`, {});
    bank.opening.match = null;
    for (const line of bank.opening.lines) this.books.cover(line, null);
  }

  // ---- the same again, and what must be refused ----

  async retry() {
    const kept = this.keyed.pick(this.random);
    if (kept === null) return this.recordContribution();
    this.operations++;
    this.counts.retry = (this.counts.retry ?? 0) + 1;
    this.hash.update(`retry ${kept.request.headers["Idempotency-Key"]}\n`);
    const reply = await this.send(kept.request);
    assert.deepEqual([reply.status, reply.body], [kept.reply.status, kept.reply.body], `${kept.kind} again (SEED=${this.seed})`);
  }

  async bad() {
    const r = this.random, gift = () => ({ member_id: this.association, amount: "10.00", nature: "dues",
      means: "cash", received_on: this.openDate() });
    const post = (kind, path, body, status, code, options) => this.refused(kind, "POST", path, status, code, { body, ...options });
    const locked = this.books.years.find((y) => y.locked !== "");
    const bankLine = this.banks[0].unmatched.pick(r, (l) => this.books.open(l.on));
    const active = this.matches.pick(r), manual = this.manual.pick(r), recorded = this.contributions.pick(r, (c) => c.status === "recorded");
    const draft = this.drafts.pick(r);
    const cases = [
      () => post("amount", "contributions", { ...gift(), amount: r.pick(["0.00", "-5.00", "1.001", "1e3", "", "99999999999999999999.00", "1,00", "NaN"]) }, 422),
      () => post("amount as a number", "contributions", { ...gift(), amount: 10 }, 422, "money.type"),
      () => post("nature", "contributions", { ...gift(), nature: "donation" }, 422, "nature.donation"),
      () => post("future", "contributions", { ...gift(), received_on: "2999-01-01" }, 422, "contribution.future"),
      () => post("no such day", "contributions", { ...gift(), received_on: "2025-02-30" }, 422, "date.format"),
      () => post("before the first year", "contributions", { ...gift(), received_on: "2019-05-05" }, 422, "fiscal_year.none"),
      () => post("nobody", "contributions", { ...gift(), member_id: r.uuid() }, 404, "not_found"),
      () => post("another organisation's member", "contributions", { ...gift(), member_id: this.foreign }, 404, "not_found"),
      () => post("giver twice", "contributions", { ...gift(), donor: { name: "X", legal_form: "person" } }, 422, "contribution.giver_twice"),
      () => post("unknown field", "contributions", { ...gift(), organisation_id: r.uuid() }, 422, "field.unknown"),
      () => post("missing field", "contributions", { nature: "dues" }, 422, "field.required"),
      () => post("broken JSON", "contributions", '{"amount":', 400, "body.json"),
      () => post("role", "contributions", gift(), 403, "forbidden", { as: r.pick(["board", "auditor", "administrator"]) }),
      () => post("nobody signed in", "contributions", gift(), 401, "unauthenticated", { token: "A".repeat(43) }),
      () => post("no key and no cookie", "contributions", gift(), 403, "csrf", { token: null }),
      () => post("lock within a month", `fiscal-years/${this.books.years[0].id}/locks`, { through: "2024-03-15", reason: "x" }, 422, "period.lock_date"),
      () => post("no such account", "entries", { journal: "OD", date: this.openDate(), label: "x", lines: [{ account: "5129999", debit: "1.00" }] }, 422, "account.unknown"),
      () => post("both sides", "entries", { journal: "OD", date: this.openDate(), label: "x", lines: [{ account: "512", debit: "1.00", credit: "1.00" }] }, 422, "line.side"),
      () => post("no such journal", "entries", { journal: "ZZ", date: this.openDate(), label: "x", lines: this.wire(this.manualLines()) }, 422, "journal.unknown"),
      () => post("not a bank file", "bank-statements", undefined, 422, undefined, { form: "Date;Montant\n2025-01-01;10,00\n" }),
      () => post("no such contribution", `contributions/${r.uuid()}/cancellations`, { reason: "x" }, 404, "not_found"),
    ];
    if (locked !== undefined) {
      cases.push(() => post("locked period", "contributions", { ...gift(), received_on: locked.starts }, 422, "period.locked"));
      cases.push(() => post("locked period in kind", "in-kind-contributions", { donor: { name: "X", legal_form: "person" }, kind: "goods", value: "1.00", given_on: locked.starts }, 422, "period.locked"));
    }
    if (bankLine !== null) {
      const path = `bank-transactions/${bankLine.id}/matches`, amount = decimal(bankLine.amount + 1n);
      cases.push(() => post("sum of parts", path, { create: [{ kind: "third_party", amount: amount === "0.00" ? "0.02" : amount }] }, 422, "match.sum"));
      cases.push(() => post("nothing said", path, {}, 422, "match.empty"));
      cases.push(() => post("unknown line", path, { entry_line_ids: ["999999999999"] }, 404, "not_found"));
      if (active !== null) cases.push(() => post("lines of a match", path, { transaction_ids: [active.lines[0].id], create: [{ kind: "unknown", amount: "1.00" }] },
        active.bank === this.banks[0] ? 409 : 422));
    }
    if (active !== null) {
      cases.push(() => post("matched line", `bank-transactions/${active.lines[0].id}/matches`, { create: [{ kind: "unknown", amount: "1.00" }] }, 409, "bank_transaction.matched"));
      cases.push(() => post("nothing to explain", `bank-transactions/${active.lines[0].id}/matches/${r.uuid()}/clearings`, { create: [{ kind: "third_party", amount: "1.00" }] }, 404, "not_found"));
    }
    if (this.undone?.cancelled) cases.push(() => post("undone already", `bank-transactions/${this.undone.lines[0].id}/matches/${this.undone.id}/cancellations`, {}, 409, "match.cancelled"));
    if (this.cancelled) cases.push(() => post("cancelled already", `contributions/${this.cancelled.id}/cancellations`, { reason: "x" }, 409, "contribution.cancelled"));
    if (this.reversed) cases.push(() => post("reversed already", `entries/${this.reversed.id}/reversals`, { date: this.today, reason: "x" }, 409, "entry.already_reversed"));
    if (manual !== null) {
      cases.push(() => this.refused("validated entry", "DELETE", `entries/${manual.entry.id}`, 409, "entry.immutable", { etag: '"v1"' }));
      cases.push(() => post("validated already", `entries/${manual.entry.id}/validations`, undefined, 409, "entry.already_validated"));
      cases.push(() => post("before its entry", `entries/${manual.entry.id}/reversals`, { date: "2023-12-31", reason: "x" }, manual.entry.reversed ? 409 : 422));
    }
    if (recorded !== null) {
      cases.push(() => post("entry of a contribution", `entries/${recorded.entry.id}/reversals`, { date: this.today, reason: "x" }, 409, "entry.owned"));
      cases.push(() => post("nothing corrected", `contributions/${recorded.id}/corrections`, { reason: "x", amount: decimal(recorded.amount) }, 422, "contribution.nothing_changed"));
      if (recorded.status === "recorded") cases.push(() => post("received already", `contributions/${recorded.id}/receipts`, { received_on: this.openDate(), means: "cash" }, 409, "contribution.recorded"));
    }
    if (draft !== null) {
      cases.push(() => this.refused("old version", "PATCH", `entries/${draft.id}`, 412, "precondition.failed", { body: { label: "x" }, etag: '"v99"' }));
      cases.push(() => this.refused("no version", "PATCH", `entries/${draft.id}`, 428, "precondition.required", { body: { label: "x" } }));
      cases.push(() => post("draft reversed", `entries/${draft.id}/reversals`, { date: this.today, reason: "x" }, 409, "entry.is_draft"));
    }
    const kept = this.keyed.items.findLast((k) => k.request.path.endsWith("/contributions"));
    if (kept !== undefined) cases.push(() => post("key of another request", "contributions", gift(), 422, "idempotency.mismatch", { key: kept.request.headers["Idempotency-Key"] }));
    await r.pick(cases)();
  }

  // ---- one after the other ----

  static WEIGHTS = [[230, "recordContribution"], [45, "receive"], [45, "cancel"], [60, "correct"], [35, "recordInKind"], [12, "cancelInKind"],
    [110, "draft"], [95, "validate"], [25, "changeDraft"], [15, "deleteDraft"], [35, "reverse"], [14, "bankFile"], [4, "fileAgain"], [130, "match"],
    [35, "undoMatch"], [25, "clear"], [3, "openingAgain"], [25, "makeMember"], [12, "changeMember"], [2, "fund"], [6, "changeFund"], [3, "project"],
    [2, "settings"], [4, "lock"], [4, "unlock"], [35, "retry"], [90, "bad"]];

  async step() { await this[this.random.weighted(Load.WEIGHTS)](); }

  /** The server's reports against the model. */
  async compare() {
    const far = `${Number(this.today.slice(0, 4)) + 2}-12-31`, day = this.date(), year = this.books.years[1], fund = this.random.pick(this.funds);
    const at = `after operation ${this.operations} of ${this.slug}, SEED=${this.seed}`;
    const rows = (report) => {
      const sums = {};
      for (const item of report.items) {
        sums[item.account] ??= [0n, 0n, 0n];
        sums[item.account][0] += minor(item.debit);
        sums[item.account][1] += minor(item.credit);
        sums[item.account][2] += item.opening == null ? 0n : minor(item.opening);
      }
      return Object.fromEntries(Object.entries(sums).sort());
    };
    const mine = (map, opened) => Object.fromEntries([...map].map(([account, r]) =>
      [account, [r.debit, r.credit, opened && account < "6" ? r.before : 0n]]).filter(([, r]) => r.some((n) => n !== 0n)).sort());
    const nonzero = (sums) => Object.fromEntries(Object.entries(sums).filter(([, r]) => r.some((n) => n !== 0n)));
    const same = (report, model, opened, what) => assert.deepEqual(nonzero(rows(report)), mine(model, opened), `trial balance ${what}, ${at}`);
    const whole = await this.read(`reports/trial-balance?as_of=${far}`);
    same(whole, this.books.trialBalance(far), false, "of everything");
    assert.equal(whole.total_debit, whole.total_credit);
    same(await this.read(`reports/trial-balance?as_of=${day}&fund_id=${fund.id}`), this.books.trialBalance(day, fund.id), false, `of a fund, ${day}`);
    const within = day < year.starts ? year.ends : day;
    same(await this.read(`reports/trial-balance?as_of=${within}&fiscal_year_id=${year.id}`), this.books.trialBalance(within, null, year.starts), true, `of 2025, ${within}`);
    for (const asOf of [far, day]) {
      const position = await this.read(`reports/fund-position?as_of=${asOf}`);
      assert.equal(position.items.length, this.funds.length);
      for (const item of position.items) {
        const mineToo = this.books.position(item.fund_id, asOf), floor = this.funds.find((f) => f.id === item.fund_id).floor;
        for (const key of Object.keys(mineToo)) assert.equal(item[key], decimal(mineToo[key]), `${key} of ${item.name} on ${asOf}, ${at}`);
        assert.equal(item.floor, decimal(floor));
        assert.equal(item.available, decimal(mineToo.held - mineToo.held_for_others - floor), `available, ${item.name} on ${asOf}, ${at}`);
      }
    }
    for (const account of (await this.read("bank-accounts")).items) {
      const bank = this.banks.find((b) => b.id === account.id);
      assert.deepEqual([account.unmatched_count, account.unmatched_amount, account.bank_balance, account.ledger_balance, account.gaps.length],
        [bank.waiting, decimal(bank.waitingAmount), decimal(bank.balance), decimal(this.books.balance(bank.account, account.balance_on)), 0], `${account.name}, ${at}`);
    }
    // As known at an earlier comparison: the same, whatever was recorded since.
    if (this.earlier) assert.deepEqual((await this.read(`reports/trial-balance?as_of=${far}&known_at=${this.earlier.known_at}`)), this.earlier, `as known then, ${at}`);
    if (!this.earlier || this.random.chance(30)) this.earlier = whole;
  }

  digest() { return this.hash.copy().digest("hex"); }
}
