// The paths on which money is booked, and the books as they are seen from beside: what the fault tests share.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import readline from "node:readline";

/** `--long` of tests/run: every n, every mode. */
export const long = process.env.GRENIER_LONG === "1";

const year = new Date().getUTCFullYear();
export const day = `${year}-01-02`;
const IBAN = "FR7642559100000801234567812";

/** One psql that stays open: {rows of text}, as superuser, beside the server. */
export class Sql {
  constructor(dir, name, as = {}) {
    this.process = spawn("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", dir, "-U", "postgres", "-d", name],
      { ...as, cwd: "/", stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, PGTZ: "UTC", PGOPTIONS: "" } });
    this.waiting = [];
    this.lines = [];
    this.ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.on("exit", () => this.waiting.splice(0).forEach((w) => w.reject(new Error("psql ended"))));
    this.process.stdin.on("error", () => {});
    readline.createInterface({ input: this.process.stdout }).on("line", (line) => {
      if (line === "-- end --") this.waiting.shift().resolve(this.lines.splice(0));
      else this.lines.push(line);
    });
  }

  rows(text) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(`${text};\n\\echo -- end --\n`);
    });
  }

  async close() {
    this.process.stdin.end();
    await this.ended;
  }
}

/** Every table of fund and audit: how many rows, and a sum that any row written, changed or removed makes another. */
export class Books {
  static async open(dir, name) {
    const books = Object.assign(new Books(), { dir, name, sql: new Sql(dir, name) });
    const tables = await books.sql.rows(`SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
      WHERE schemaname IN ('fund', 'audit') ORDER BY 1`);
    assert.ok(tables.length > 20, `${tables}`);
    books.query = tables.map((t) => `SELECT '${t}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM ${t}`).join(" UNION ALL ");
    return books;
  }

  /** {table: [rows, sum]}; on a new connection where the old one was ended, with all others, by the death of a backend. */
  async look() {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#look();
      } catch (error) {
        if (tries === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
        this.sql = new Sql(this.dir, this.name);
      }
    }
  }

  async #look() {
    return Object.fromEntries((await this.sql.rows(this.query)).map((row) => row.split("|")).map(([t, n, sum]) => [t, [Number(n), sum]]));
  }

  /** {table: rows more} between two looks, the unchanged left out. */
  static grown(before, after) {
    return Object.fromEntries(Object.keys(after).map((t) => [t, after[t][0] - before[t][0]]).filter(([, n]) => n !== 0));
  }

  close() { return this.sql.close(); }
}

/** What a body is made of, without its values: a reply with something missing has another. */
export function shape(value) {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
}

const dayNumber = (n) => new Date(Date.UTC(year - 2, 0, 1 + n)).toISOString().slice(0, 10);

/** The nth camt.053, of one day, with `lines` payments of 7.00 after the `before` of the files before it. */
function camt(n, before, lines) {
  const on = dayNumber(n), amount = (cents) => `<Amt Ccy="EUR">${(cents / 100).toFixed(2)}</Amt><CdtDbtInd>CRDT</CdtDbtInd>`;
  const balance = (code, cents) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(cents)}<Dt><Dt>${on}</Dt></Dt></Bal>`;
  const entries = Array.from({ length: lines }, (_, i) => `<Ntry>${amount(700)}<Sts>BOOK</Sts><BookgDt><Dt>${on}</Dt></BookgDt><ValDt><Dt>${on}</Dt></ValDt>
<AcctSvcrRef>R${n}-${i}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>PAIEMENT ${n} ${i}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`);
  return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>${on}T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S${n}</Id><CreDtTm>${on}T20:00:00</CreDtTm>
<FrToDt><FrDtTm>${on}T00:00:00</FrDtTm><ToDtTm>${on}T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>${IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>
${balance("OPBD", before * 700)}${balance("CLBD", (before + lines) * 700)}${entries.join("\n")}</Stmt></BkToCstmrStmt></Document>`;
}

export const PATHS = ["contribution", "correction", "cancellation", "validation", "reversal", "bank import", "match", "undone match",
  "import of members"];

/**
 * The money paths of an organisation of their own: {name: {first(), send(key, made), status}}. `first` makes what the request needs and
 * is called again only once that was used up.
 */
export async function moneyPaths(api) {
  const own = api.organisation("own", { starts: `${year - 2}-01-01` });
  for (const y of [year - 1, year]) await own.make("fiscal-years", { starts_on: `${y}-01-01`, ends_on: `${y}-12-31` });
  const member = await own.make("members", { name: "Les Jardins", legal_form: "association", joined_on: day });
  await own.make("bank-accounts", { name: "Courant", iban: IBAN });
  const gift = () => ({ member_id: member.id, amount: "10.00", means: "cheque", nature: "dues", received_on: day, label: "Cotisation" });
  const lines = [{ account: "512", debit: "1.00" }, { account: "7561", credit: "1.00" }];
  const draft = () => own.make("entries", { journal: "OD", date: day, label: "Divers", lines });
  let files = 0, payments = 0, bank = [];
  const file = (lines) => camt(files++, (payments += lines) - lines, lines);
  const bankLine = async () => {
    if (bank.length === 0) {
      const reply = await own.upload("bank-statements", "releve.xml", file(400));
      assert.equal(reply.status, 201, reply.text);
      bank = (await own.get("bank-transactions?status=unmatched&limit=500")).body.items;
    }
    return bank.pop();
  };
  const part = () => ({ create: [{ kind: "contribution", amount: "7.00", member_id: member.id, nature: "dues" }] });
  const key = (k) => (k === null ? {} : { headers: { "Idempotency-Key": k } });
  return {
    "contribution": { send: (k) => own.post("contributions", gift(), key(k)) },
    "correction": { first: () => own.make("contributions", gift()),
      send: (k, made) => own.post(`contributions/${made.id}/corrections`, { reason: "wrong", amount: "11.00" }, key(k)) },
    "cancellation": { first: () => own.make("contributions", gift()),
      send: (k, made) => own.post(`contributions/${made.id}/cancellations`, { reason: "wrong" }, key(k)) },
    "validation": { first: draft, send: (k, made) => own.call("POST", `entries/${made.id}/validations`, key(k)) },
    "reversal": { first: async () => {
        const made = await draft();
        await own.make(`entries/${made.id}/validations`);
        return made;
      },
      send: (k, made) => own.post(`entries/${made.id}/reversals`, { date: day, reason: "wrong" }, key(k)) },
    "bank import": { first: () => file(1), send: (k, made) => own.upload("bank-statements", "jour.xml", made, key(k)) },
    "match": { first: bankLine, send: (k, made) => own.post(`bank-transactions/${made.id}/matches`, part(), key(k)) },
    "undone match": { first: async () => {
        const line = await bankLine();
        return { line: line.id, match: (await own.make(`bank-transactions/${line.id}/matches`, part())).id };
      },
      send: (k, made) => own.post(`bank-transactions/${made.line}/matches/${made.match}/cancellations`, { reason: "wrong" }, key(k)) },
    "import of members": { first: () => `nom;forme;adhésion\nNom ${randomUUID()};personne;${day}\n`,
      send: (k, made) => own.upload("member-imports", "m.csv", made, key(k)) },
  };
}

/**
 * One path with one fault after the other. Each attempt is judged: a success has written exactly what an undisturbed one
 * writes and says all that it says; a refusal has left every table as it was.
 */
export class Walk {
  static async start(books, path) {
    const walk = Object.assign(new Walk(), { books, path, refused: 0, succeeded: 0, made: undefined, used: true });
    for (let i = 0; i < 2; i++) { // the first opens accounts and months
      await walk.prepare();
      const reply = await path.send(randomUUID(), walk.made);
      assert.ok(reply.status < 300, reply.text);
      walk.used = true;
      const after = await books.look();
      Object.assign(walk, { rows: Books.grown(walk.before, after), status: reply.status, shape: shape(reply.body), before: after });
    }
    return walk;
  }

  async prepare() {
    if (!this.used) return;
    if (this.path.first !== undefined) this.made = await this.path.first();
    this.before = await this.books.look();
    this.used = false;
  }

  /** Sends under `key` with the fault that `arm` has set; `codes`: the problems that may be answered. */
  async attempt(what, key, codes) {
    const reply = await this.path.send(key, this.made);
    const after = await this.books.look(), grown = Books.grown(this.before, after);
    if (reply.status >= 200 && reply.status < 300) {
      this.succeeds(what, reply, grown);
      this.succeeded++;
      this.used = true;
      this.before = after;
      return reply;
    }
    this.refused++;
    if (reply.status === 0) {
      assert.deepEqual(after, this.before, `${what}: nothing is written`);
      return reply;
    }
    // Without memory for words there is the status alone.
    const code = reply.status === 500 && reply.text === "" ? "wordless" : reply.body.type?.replace("urn:grenier:problem:", "");
    assert.ok(codes.includes(code), `${what}: ${reply.status} ${reply.text}`);
    if ((code === "outcome.unknown" || code === "wordless") && Object.keys(grown).length > 0) {
      assert.deepEqual(grown, this.rows, `${what}: all or nothing is written`);
      this.before = after;
      this.unknown = true;
    } else {
      assert.deepEqual(after, this.before, `${what}: ${reply.status} ${code}: nothing is written`);
      this.unknown = false;
    }
    return reply;
  }

  succeeds(what, reply, grown) {
    assert.equal(reply.status, this.status, `${what}: ${reply.text}`);
    assert.deepEqual(grown, this.rows, `${what}: exactly its rows are written`);
    assert.deepEqual(shape(reply.body), this.shape, `${what}: ${reply.text}`);
  }

  /** After a success: the same again under the same key is answered the same, and nothing more is written. */
  async replayed(what, key) {
    const reply = await this.path.send(key, this.made);
    assert.deepEqual([reply.status, shape(reply.body)], [this.status, this.shape], `${what}, asked again: ${reply.text}`);
    assert.deepEqual(await this.books.look(), this.before, `${what}: asked again, nothing more`);
  }

  /** After a refusal: the same again, undisturbed, under the same key; booked now, or answered from what was booked. */
  async again(what, key) {
    const reply = await this.path.send(key, this.made);
    const after = await this.books.look();
    this.succeeds(`${what}, asked again`, reply, this.unknown ? this.rows : Books.grown(this.before, after));
    if (this.unknown) assert.deepEqual(after, this.before, `${what}: asked again, nothing more`);
    this.unknown = false;
    this.used = true;
    this.before = after;
  }
}
