#!/usr/bin/env node
// Import of 100,000 bank lines (camt.053, files of 25,000: a file has at most 20 MiB) through REST, beside the least that
// has to be done: xmllint reads the same files, and COPY writes the same rows into a table with the same columns and keys.
//   LINES=100000 tests/bench/import.mjs
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { Bench, compare, repeat, run, say, setting } from "./bench.mjs";

const lines = setting("LINES", 100_000);
const each = Math.min(lines, 25_000);
const bench = new Bench();

const day = (i) => new Date(Date.UTC(new Date().getFullYear(), 0, 1 + Math.floor((i * 300) / lines))).toISOString().slice(0, 10);

function entry(i) {
  const amount = (10 + (i % 9999) / 100).toFixed(2);
  const side = i % 3 === 0 ? "DBIT" : "CRDT";
  const [party, account] = side === "CRDT" ? ["Dbtr", "DbtrAcct"] : ["Cdtr", "CdtrAcct"];
  return `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day(i)}</Dt></BookgDt><ValDt><Dt>${day(i)}</Dt></ValDt><AcctSvcrRef>R${i}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E2E-${i}</EndToEndId></Refs><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><RltdPties><${party}><Pty><Nm>ASSOCIATION NUMERO ${i % 300}</Nm></Pty></${party}><${account}><Id><IBAN>FR7699951000420001234567877</IBAN></Id></${account}></RltdPties><RmtInf><Ustrd>COTISATION ${i} DE L'ANNEE</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n`;
}

/** The files of one organisation, of its own account: nothing is a duplicate of another round. */
function files(iban) {
  const made = [];
  for (let first = 0; first < lines; first += each) {
    const n = Math.min(each, lines - first);
    const body = Array.from({ length: n }, (_, k) => entry(first + k)).join("");
    made.push(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M${first}</MsgId><CreDtTm>${day(first + n - 1)}T05:30:00+01:00</CreDtTm></GrpHdr>
<Stmt><Id>S${first}</Id><CreDtTm>${day(first + n - 1)}T05:30:00+01:00</CreDtTm><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day(first)}</Dt></Dt></Bal>
${body}</Stmt></BkToCstmrStmt></Document>\n`);
  }
  return made;
}

function multipart(content) {
  const boundary = "bench" + process.pid;
  return { type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="releve.xml"\r\nContent-Type: application/xml\r\n\r\n`), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)]) };
}

try {
  const server = await bench.server();
  const made = files("FR7630006000011234567890189");
  const paths = made.map((content, i) => {
    const file = path.join(bench.dir, `file-${i}.xml`);
    writeFileSync(file, content);
    return file;
  });
  console.log(`## import of ${lines} bank lines, ${made.length} files of ${(made[0].length / 1048576).toFixed(1)} MiB`);
  const parts = [];
  let serial = 0;
  const rss = [];
  const ours = async () => {
    const slug = `import-${++serial}`;
    bench.grenier("organisation", "create", "--slug", slug, "--name", slug);
    const token = bench.token(slug);
    const bodies = made.map(multipart);
    const from = performance.now();
    for (const { type, body } of bodies) {
      const reply = await server.request(`/api/v1/organisations/${slug}/bank-statements`, { token, method: "POST", body, headers: { "Content-Type": type }, keep: true });
      if (reply.status !== 201) throw new Error(`import: ${reply.status} ${reply.body.slice(0, 500)}`);
    }
    rss.push(server.rss() / 1024);
    return performance.now() - from;
  };
  const theirs = async () => {
    const rows = path.join(bench.dir, "rows.copy");
    bench.sql(`DROP TABLE IF EXISTS public.rows; CREATE TABLE public.rows (LIKE fund.bank_transaction INCLUDING CONSTRAINTS INCLUDING INDEXES);
      \\copy (SELECT * FROM fund.bank_transaction WHERE organisation_id = (SELECT organisation_id FROM app.directory WHERE slug = 'import-1')) TO '${rows}'
      CHECKPOINT`);
    let from = performance.now();
    for (const file of paths) run("xmllint", ["--noout", "--huge", file]);
    const parsed = performance.now() - from;
    from = performance.now();
    bench.sql(`\\copy public.rows FROM '${rows}'`);
    const copied = performance.now() - from;
    parts.push([parsed, copied]);
    rmSync(rows);
    return parsed + copied;
  };
  await compare("import", ours, theirs, { mark: "ratio ≤ 3" });
  say("  of that, xmllint", parts.slice(1).map((p) => p[0]), " ms");
  say("  of that, COPY", parts.slice(1).map((p) => p[1]), " ms");
  say("memory of the server after it (RSS)", rss.slice(1), " MiB");
  const count = bench.sql("SELECT count(*) FROM fund.bank_transaction");
  if (Number(count) !== lines * (repeat + 1)) throw new Error(`${count} lines were written`);
  bench.sql("DROP TABLE public.rows");
  await bench.finish();
} catch (error) {
  await bench.close();
  throw error;
}
