// A stand-in for grenierd: the files of the web interface and an API in memory, with the real one's shapes and plausible
// data. Only for looking at pages; what it computes proves nothing.
import { createServer } from "node:http";
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", png: "image/png", html: "text/html; charset=utf-8" };

const NAMES = [
  ["Les Jardins de Tourneciel", "association", "Beauvallon"], ["Ressourcerie Troisponts", "association", "Troisponts"],
  ["Menuiserie Passelame", "scop", "Beauvallon"], ["Coopérative Ormevent", "scop", "Ormevent"], ["Épicerie du Lavoir-Neuf", "association", "Lavoir-Neuf"],
  ["Atelier Brindesol", "sole_trader", "Troisponts"], ["Cyclo-Bocageron", "association", "Le Bocage"], ["Jardinerie du Quai-Perdu", "company", "Quai-Perdu"],
  ["Imprimerie Feuille-Morte", "scop", "Beauvallon"], ["Maison des Sources", "association", "Sources"], ["Radio Val-d’Aspre", "association", "Aspre"],
  ["Boulangerie du Levain-Doux", "scic", "Beauvallon"], ["Théâtre de la Grange-Haute", "association", "Grange-Haute"], ["Solène Arvieux", "elected_official", "Beauvallon"],
  ["Habitat Partagé des Noyers", "association", "Les Noyers"], ["Café des Trois Écluses", "association", "Écluses"], ["Informatique Libre-Pré", "sole_trader", "Pré-Libre"],
  ["Ferme des Alouettes", "sole_trader", "Alouettes"], ["Crèche Les Petits-Pas", "association", "Aspre"], ["Bastien Courteil", "elected_official", "Aspre"],
  ["Transport Solidaire du Haut-Pays", "association", "Haut-Pays"], ["Scierie des Deux-Vallées", "scop", "Deux-Vallées"], ["Commune de Beauvallon", "local_authority", "Beauvallon"],
  ["Fabrique Textile Filandière", "scop", "Filandière"], ["Librairie L’Heure Claire", "sole_trader", "Beauvallon"],
];
const ORG = { id: randomUUID(), slug: "demo", name: "Réseau de la coopération (démonstration)", currency: "EUR", currency_digits: 2, time_zone: "Europe/Paris", language: "fr",
  siret: null, rna: "W691000001", email: "bonjour@reseau.example", street: "3 place du Marché", postal_code: "69000", city: "Beauvallon", dues_with_counterpart: false, version: 1, created_at: "2026-01-02T09:00:00Z" };
const FUNDS = [
  { id: randomUUID(), name: "Fonctionnement", kind: "general", floor: "0.00", is_default: true, version: 1, created_at: ORG.created_at },
  { id: randomUUID(), name: "Fonds de solidarité", kind: "solidarity", floor: "8000.00", is_default: true, version: 1, created_at: ORG.created_at },
];
const NATURES = { association: ["dues", "financial_contribution", "equity_without_return", "equity_with_return", "repayable"],
  scop: ["dues", "donation", "patronage", "sponsorship", "equity_without_return", "equity_with_return"], scic: ["dues", "donation", "patronage", "sponsorship"],
  company: ["dues", "donation", "patronage", "sponsorship"], sole_trader: ["dues", "donation"], elected_official: ["dues", "donation"], person: ["dues", "donation"], local_authority: ["dues", "subsidy"] };
const ACCOUNTS = { dues: ["7561", "Cotisations sans contrepartie"], donation: ["75411", "Dons manuels"], patronage: ["7542", "Mécénats"], sponsorship: ["7063", "Parrainages"],
  financial_contribution: ["7551", "Contributions financières d’autres organismes"], subsidy: ["741", "Subventions d’exploitation"], equity_without_return: ["1024", "Fonds propres sans droit de reprise"],
  equity_with_return: ["1034", "Fonds propres avec droit de reprise"], repayable: ["1681", "Autres emprunts"] };
const CASH = { transfer: ["512", "Banques"], direct_debit: ["512", "Banques"], cheque: ["5112", "Chèques à encaisser"], cash: ["530", "Caisse"], card: ["517", "Autres organismes financiers"], platform: ["517", "Autres organismes financiers"] };

const cents = (text) => Math.round(Number(text) * 100);
const text = (value) => (value < 0 ? "-" : "") + (Math.abs(value) / 100).toFixed(2);

export function makeBooks({ empty = false } = {}) {
  const now = new Date();
  const day = (ago) => new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
  const books = { members: [], contributions: [], inKind: [], entries: new Map(), seen: new Map(), signedIn: true, role: ["treasurer", "administrator"], sessions: [] };
  books.sessions = [
    { id: randomUUID(), created_at: now.toISOString(), last_seen_at: now.toISOString(), expires_at: now.toISOString(), address: "127.0.0.1", last_address: "127.0.0.1", user_agent: "Mozilla/5.0 (X11; Linux x86_64) Gecko Firefox/140.0", current: true },
    { id: randomUUID(), created_at: "2026-11-02T18:20:00Z", last_seen_at: "2026-11-19T20:41:00Z", expires_at: "2026-12-02T18:20:00Z", address: "192.0.2.14", last_address: "192.0.2.20", user_agent: "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile", current: false },
  ];
  if (empty) return books;
  NAMES.forEach(([name, legal_form, city], index) => addMember(books, { name, legal_form, city, joined_on: `20${21 + (index % 5)}-0${1 + (index % 9)}-18`, email: `bonjour${index + 1}@adherent.example`, postal_code: "69000", street: `${index + 2} rue des Tilleuls`, contact_name: "Camille Verdier", contact_role: "présidence" }));
  const means = ["transfer", "cheque", "transfer", "card", "transfer", "cash"];
  books.members.forEach((member, index) => {
    if (index % 6 !== 5) addContribution(books, { member_id: member.id, amount: "250.00", received_on: day(200 - index * 3), means: means[index % 6], nature: "dues" });
    const nature = NATURES[member.legal_form][1];
    if (index % 2 === 0) addContribution(books, { member_id: member.id, amount: text(40000 + index * 12550), received_on: day(60 - index * 2), means: means[(index + 2) % 6], nature });
  });
  addContribution(books, { member_id: books.members[1].id, amount: "1500.00", agreement_signed_on: day(40), means: "transfer", nature: "financial_contribution" });
  return books;
}

function addMember(books, body) {
  const member = { id: randomUUID(), number: books.members.length + 1, siret: null, siren: null, rna: null, email: null, phone: null, street: null, postal_code: null, city: null, country: "FR", iban: null,
    account_holder: null, contact_name: null, contact_role: null, left_on: null, notes: null, version: 1, created_at: new Date().toISOString(), ...body };
  books.members.push(member);
  return member;
}

function memberOut(books, member) {
  const own = books.contributions.filter((one) => one.member_id === member.id && one.status === "recorded");
  const sum = (rows) => text(rows.reduce((total, one) => total + cents(one.amount), 0));
  const year = String(new Date().getUTCFullYear());
  const recent = own.filter((one) => one.received_on.startsWith(year));
  return { ...member, status: member.left_on ? "left" : "current", contributed_this_year: sum(recent), contributed_total: sum(own), dues_paid_this_year: sum(recent.filter((one) => one.nature === "dues")),
    last_contribution_on: own.map((one) => one.received_on).sort().at(-1) ?? null };
}

function schemes(books, body) {
  const fund = FUNDS.find((one) => one.id === body.fund_id) ?? (body.nature === "dues" ? FUNDS[0] : FUNDS[1]);
  const member = books.members.find((one) => one.id === body.member_id);
  const line = ([account, title], debit, credit) => ({ account, title, debit, credit, fund_id: fund.id, fund_name: fund.name });
  const label = `${{ dues: "Cotisation" }[body.nature] ?? "Versement"} de ${member?.name ?? body.donor?.name}`;
  if (!body.agreement_signed_on) return [{ date: body.received_on, journal: "BQ", label, lines: [line(CASH[body.means], body.amount, null), line(ACCOUNTS[body.nature], null, body.amount)] }];
  const entries = [{ date: body.agreement_signed_on, journal: "OD", label: label + ", convention", lines: [line(["467", "Débiteurs divers"], body.amount, null), line(ACCOUNTS[body.nature], null, body.amount)] }];
  if (body.received_on) entries.push({ date: body.received_on, journal: "BQ", label, lines: [line(CASH[body.means], body.amount, null), line(["467", "Débiteurs divers"], null, body.amount)] });
  return entries;
}

function addEntry(books, scheme) {
  const entry = { id: randomUUID(), status: "validated", journal: scheme.journal, number: books.entries.size + 1, date: scheme.date, label: scheme.label, total: scheme.lines[0].debit,
    lines: scheme.lines.map((line, index) => ({ id: String(index + 1), project_id: null, member_id: null, member_name: null, label: null, ...line })), source_kind: "contribution", source_id: null, reverses_entry_id: null,
    reversed_by_entry_id: null, reason: null, fiscal_year_id: randomUUID(), recorded_at: new Date().toISOString(), recorded_by: "user:1", version: 1 };
  books.entries.set(entry.id, entry);
  return entry.id;
}

function addContribution(books, body) {
  const member = books.members.find((one) => one.id === body.member_id);
  const fund = FUNDS.find((one) => one.id === body.fund_id) ?? (body.nature === "dues" ? FUNDS[0] : FUNDS[1]);
  const [entry, receipt] = schemes(books, body).map((scheme) => addEntry(books, scheme));
  const one = { id: randomUUID(), date: body.received_on ?? body.agreement_signed_on, member_id: member?.id ?? null, member_number: member?.number ?? null, member_name: member?.name ?? null, donor: body.donor ?? null,
    giver_name: member?.name ?? body.donor.name, giver_legal_form: member?.legal_form ?? body.donor.legal_form, amount: body.amount, received_on: body.received_on ?? null, means: body.means, nature: body.nature, fund_id: fund.id, fund_name: fund.name,
    project_id: null, project_name: null, label: body.label ?? null, agreement_signed_on: body.agreement_signed_on ?? null, repayable_on: body.repayable_on ?? null, legal_basis: body.legal_basis ?? null,
    status: body.received_on ? "recorded" : "awaited", entry_id: entry, receipt_entry_id: receipt ?? null, return_entry_id: null, reversal_entry_id: null, corrects_id: null, corrected_by_id: null, reason: null, matched: false, notes: [],
    recorded_at: new Date().toISOString(), recorded_by: "user:1" };
  books.contributions.push(one);
  return one;
}

class Refusal extends Error {
  constructor(status, title, errors) { super(title); Object.assign(this, { status, title, errors }); }
}

function contributionFaults(body) {
  const errors = [];
  if (body.received_on && body.received_on < `${new Date().getUTCFullYear()}-01-01`) errors.push({ pointer: "/received_on", code: "fiscal_year.none", detail: `Aucun exercice n’est ouvert à cette date. Donnez une date à partir du 1er janvier ${new Date().getUTCFullYear()}.` });
  if (errors.length) throw new Refusal(422, "Des champs sont à corriger", errors);
}

function page(query, rows) {
  const limit = Number(query.get("limit") ?? 50);
  const start = Number(query.get("after") ?? 0);
  return { items: rows.slice(start, start + limit), next: start + limit < rows.length ? String(start + limit) : null };
}

function sorted(query, rows, fallback) {
  const sort = query.get("sort") || fallback;
  const key = sort.replace(/^-/, "");
  const value = (row) => (key === "amount" ? cents(row.amount) : row[key] ?? "");
  const order = [...rows].sort((a, b) => (typeof value(a) === "number" ? value(a) - value(b) : String(value(a)).localeCompare(String(value(b)), "fr")));
  return sort.startsWith("-") ? order.reverse() : order;
}

const ROUTES = [
  ["GET", /^\/me$/, ({ books }) => ({ actor: "user:1", id: "1", name: "Solène Arvieux", email: "solene@reseau.example", organisations: [{ ...ORG, roles: books.role, member_id: null }] })],
  ["POST", /^\/sessions$/, ({ books, body }) => {
    if (body.password === "faux") throw new Refusal(401, "Adresse ou mot de passe inconnu");
    books.signedIn = true;
    return { signed_in: true };
  }, true],
  ["GET", /^\/sessions$/, ({ books }) => ({ items: books.sessions, next: null })],
  ["POST", /^\/sessions\/([^/]+)\/revocations$/, ({ books, args }) => { books.sessions = books.sessions.filter((one) => one.id !== args[0]); return undefined; }],
  ["DELETE", /^\/sessions\/current$/, ({ books }) => { books.signedIn = false; return undefined; }],
  ["GET", /^\/one-time-links\/([^/]+)$/, ({ args }) => {
    if (args[0] === "used") throw new Refusal(404, "Lien inconnu");
    return args[0] === "setup" ? { purpose: "setup", user_name: null, user_email: null, language: "fr", expires_at: "2026-12-01T00:00:00Z" } : { purpose: "password", user_name: "Solène Arvieux", user_email: "solene@reseau.example", language: "fr", expires_at: "2026-12-01T00:00:00Z" };
  }, true],
  ["POST", /^\/one-time-links\/([^/]+)\/uses$/, ({ books, body }) => { books.signedIn = true; return { email: body.email ?? "solene@reseau.example", organisation: "demo" }; }, true],
  ["GET", /^\/o$/, () => ORG],
  ["GET", /^\/o\/funds$/, () => ({ items: FUNDS, next: null })],
  ["GET", /^\/o\/projects$/, () => ({ items: [{ id: randomUUID(), code: "ATELIERS", name: "Mutualiser nos ateliers", version: 1 }], next: null })],
  ["GET", /^\/o\/contribution-natures$/, () => ({ items: Object.entries(NATURES).flatMap(([legal_form, natures]) => natures.map((nature) => ({ id: legal_form + "." + nature, legal_form, nature, account: ACCOUNTS[nature][0],
    agreement_account: null, default_fund_kind: nature === "dues" ? "general" : "solidarity", default_fund_id: FUNDS[nature === "dues" ? 0 : 1].id, needs: [], lendable: true, source: "" }))), next: null })],
  ["GET", /^\/o\/members$/, ({ books, query }) => {
    const q = (query.get("q") ?? "").toLowerCase();
    const rows = books.members.map((one) => memberOut(books, one)).filter((one) => (!q || (one.name + " " + one.number).toLowerCase().includes(q)) && (!query.get("legal_form") || one.legal_form === query.get("legal_form"))
      && (!query.get("status") || one.status === query.get("status")));
    return page(query, sorted(query, rows, "name"));
  }],
  ["POST", /^\/o\/members$/, ({ books, body }) => {
    if (body.siret && body.siret.length !== 14) throw new Refusal(422, "Des champs sont à corriger", [{ pointer: "/siret", code: "siret.invalid", detail: `Ce SIRET a ${body.siret.length} chiffres, il en faut 14.` }]);
    return memberOut(books, addMember(books, body));
  }],
  ["GET", /^\/o\/members\/([^/]+)$/, ({ books, args }) => memberOut(books, find(books.members, args[0]))],
  ["PATCH", /^\/o\/members\/([^/]+)$/, ({ books, args, body, headers }) => {
    const member = find(books.members, args[0]);
    if (headers["if-match"] !== `"${member.version}"`) throw new Refusal(412, "Quelqu’un d’autre a modifié cette fiche");
    Object.assign(member, body, { version: member.version + 1 });
    return memberOut(books, member);
  }],
  ["POST", /^\/o\/member-imports$/, ({ books, query, file }) => {
    const lines = file.split(/\r?\n/).slice(1).filter(Boolean);
    const items = lines.map((row, index) => {
      const [name, form] = row.split(/[;,]/);
      const bad = !(form in NATURES);
      const known = books.members.some((one) => one.name === name);
      return { line: index + 2, name, action: bad ? "refused" : known ? "unchanged" : "create", errors: bad ? [{ pointer: "/legal_form", code: "enum", detail: `« ${form} » n’est pas une forme juridique connue.` }] : [] };
    });
    if (!query.get("dry_run") && items.every((one) => one.action !== "refused")) lines.forEach((row, index) => { if (items[index].action === "create") addMember(books, { name: row.split(/[;,]/)[0], legal_form: row.split(/[;,]/)[1], joined_on: "2026-01-01" }); });
    return { items };
  }],
  ["GET", /^\/o\/contributions$/, ({ books, query }) => {
    const is = (name, key = name) => (one) => !query.get(name) || one[key] === query.get(name);
    const q = (query.get("q") ?? "").toLowerCase();
    const rows = books.contributions.filter((one) => is("member_id")(one) && is("nature")(one) && is("means")(one) && is("status")(one) && (!q || one.giver_name.toLowerCase().includes(q))
      && (!query.get("from") || one.date >= query.get("from")) && (!query.get("to") || one.date <= query.get("to")));
    return page(query, sorted(query, rows, "-received_on"));
  }],
  ["POST", /^\/o\/contributions$/, ({ books, body }) => { contributionFaults(body); return addContribution(books, body); }],
  ["POST", /^\/o\/contribution-previews$/, ({ books, body }) => {
    contributionFaults(body);
    const fund = FUNDS.find((one) => one.id === body.fund_id) ?? (body.nature === "dues" ? FUNDS[0] : FUNDS[1]);
    return { entries: schemes(books, body), fund_id: fund.id, fund_name: fund.name, status: "recorded", notes: body.nature === "patronage" && !body.agreement_signed_on ? ["patronage_without_agreement"] : [] };
  }],
  ["GET", /^\/o\/contributions\/([^/]+)$/, ({ books, args }) => find(books.contributions, args[0])],
  ["POST", /^\/o\/contributions\/([^/]+)\/cancellations$/, ({ books, args, body }) => Object.assign(find(books.contributions, args[0]), { status: "cancelled", reason: body.reason })],
  ["POST", /^\/o\/contributions\/([^/]+)\/receipts$/, ({ books, args, body }) => Object.assign(find(books.contributions, args[0]), { status: "recorded", ...body })],
  ["POST", /^\/o\/contributions\/([^/]+)\/corrections$/, ({ books, args, body }) => {
    const old = find(books.contributions, args[0]);
    const { reason, ...change } = body;
    const one = addContribution(books, { member_id: old.member_id, donor: old.donor, amount: old.amount, received_on: old.received_on, means: old.means, nature: old.nature, fund_id: old.fund_id, ...change });
    Object.assign(one, { corrects_id: old.id, reason });
    Object.assign(old, { status: "corrected", corrected_by_id: one.id, reason });
    return one;
  }],
  ["GET", /^\/o\/in-kind-contributions$/, ({ books, query }) => page(query, books.inKind)],
  ["POST", /^\/o\/in-kind-contributions$/, ({ books, body }) => {
    const member = books.members.find((one) => one.id === body.member_id);
    const one = { id: randomUUID(), hours: null, label: null, donor: null, ...body, member_id: member?.id ?? null, member_number: null, member_name: member?.name ?? null, giver_name: member?.name ?? body.donor.name, project_id: null, project_name: null, status: "recorded", reason: null, entry_id: null, recorded_at: new Date().toISOString() };
    books.inKind.push(one);
    return one;
  }],
  ["POST", /^\/o\/in-kind-contributions\/([^/]+)\/cancellations$/, ({ books, args, body }) => Object.assign(find(books.inKind, args[0]), { status: "cancelled", reason: body.reason })],
  ["GET", /^\/o\/entries\/([^/]+)$/, ({ books, args }) => books.entries.get(args[0]) ?? missing()],
  ["GET", /^\/o\/reports\/to-do$/, ({ books }) => (books.members.length ? { items: [
    { kind: "bank_transactions", count: 6, amount: "4387.50", oldest_on: new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10) },
    { kind: "awaited_contributions", count: 1, amount: "1500.00", oldest_on: new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10) },
    { kind: "undeposited_cheques", count: 3, amount: "750.00", oldest_on: new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10) },
    { kind: "drafts", count: 2, amount: "310.00", oldest_on: new Date(Date.now() - 1 * 86_400_000).toISOString().slice(0, 10) },
  ], bank: { agrees: false, difference: "4387.50", on: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10) } } : { items: [], bank: { agrees: true, difference: "0.00", on: null } })],
  ["GET", /^\/o\/reports\/fund-position$/, () => ({ as_of: "2026-11-23", known_at: new Date().toISOString(), items: FUNDS.map((fund, index) => (index
    ? { fund_id: fund.id, name: fund.name, held: "48312.40", held_for_others: "1250.00", promised: "9500.00", reserved: "11850.00", floor: "8000.00", available: "17712.40" }
    : { fund_id: fund.id, name: fund.name, held: "3120.00", held_for_others: "0.00", promised: "0.00", reserved: "0.00", floor: "0.00", available: "3120.00" })), months: [] })],
];

function missing() { throw new Refusal(404, "Introuvable"); }
function find(rows, id) { return rows.find((one) => one.id === id) ?? missing(); }

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function startMock({ port = 0, web, books = makeBooks() }) {
  const state = { books };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://x");
    const send = (status, data, headers = {}) => {
      response.writeHead(status, { "Content-Type": status >= 400 ? "application/problem+json" : "application/json", "X-Content-Type-Options": "nosniff", ...headers });
      response.end(data === undefined ? undefined : JSON.stringify(data));
    };
    if (!url.pathname.startsWith("/api/v1/")) {
      const name = url.pathname.slice(1);
      const file = name && !name.includes("/") && existsSync(join(web, name)) ? name : "index.html";
      response.writeHead(200, { "Content-Type": TYPES[file.split(".").at(-1)], "Content-Security-Policy": CSP, "Cache-Control": "no-store" });
      response.end(readFileSync(join(web, file)));
      return;
    }
    const raw = await bodyOf(request);
    const path = url.pathname.slice(7).replace(/^\/organisations\/demo(?=\/|$)/, "/o");
    for (const [method, pattern, work, open] of ROUTES) {
      const found = method === request.method ? pattern.exec(path) : null;
      if (!found) continue;
      try {
        if (!open && !state.books.signedIn) throw new Refusal(401, "Connectez-vous");
        const key = request.headers["idempotency-key"];
        const multipart = (request.headers["content-type"] ?? "").startsWith("multipart/");
        const body = raw.length && !multipart ? JSON.parse(raw) : {};
        const file = multipart ? raw.toString("utf8").split("\r\n\r\n").slice(1).join("").split("\r\n--")[0] : "";
        const replayed = key && state.books.seen.get(key);
        const data = replayed ?? work({ books: state.books, args: found.slice(1), body, query: url.searchParams, headers: request.headers, file });
        if (key && data !== undefined) state.books.seen.set(key, data);
        send(data === undefined ? 204 : request.method === "POST" ? 201 : 200, data, data?.version ? { ETag: `"${data.version}"` } : {});
      } catch (error) {
        if (!(error instanceof Refusal)) { console.error(error); send(500, { type: "about:blank", title: "mock failed", status: 500 }); return; }
        send(error.status, { type: "https://grenier.example/errors#mock", title: error.title, status: error.status, ...(error.errors ? { errors: error.errors } : {}) });
      }
      return;
    }
    send(404, { type: "about:blank", title: "Introuvable", status: 404 });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, state, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}

if (process.argv[1]?.endsWith("server.mjs")) {
  const { url } = await startMock({ port: Number(process.env.PORT ?? 0), web: process.env.GRENIER_WEB_OUT ?? "build/web", books: makeBooks({ empty: process.env.EMPTY === "1" }) });
  console.log("mock at " + url);
}
