// Broken and malicious files from elsewhere, as a stranger would send them: bank files to the import, JSON as the body of a
// request. Each gets the verdict written down here and in docs/reliability.md, within a second and 64 MiB.
// Needs the folder of real files: $GRENIER_SHARED_DATA, else ../shared/data; skips visibly without it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Api } from "../lib/api.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const folder = [process.env.GRENIER_SHARED_DATA, path.join(root, "../shared/data")].find((p) => p && existsSync(path.join(p, "hostile")));
const skip = folder ? false : "the folder of hostile files is absent";
const MS = 1000, KIB = 64 * 1024;

let api, own;
before(() => {
  if (skip) return;
  api = new Api();
  own = api.organisation("own");
});
after(() => api?.close());

const memory = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${api.process.pid}/status`, "utf8"))[1]);

// The reply, and what it took: milliseconds, and how far the process grew above what it had (KiB; sanitizers included).
async function measured(work) {
  writeFileSync(`/proc/${api.process.pid}/clear_refs`, "5"); // the peak begins anew
  const before = memory("VmRSS"), start = process.hrtime.bigint();
  const reply = await work();
  const ms = Number(process.hrtime.bigint() - start) / 1e6, kib = memory("VmHWM") - before;
  return { reply, ms, kib };
}

const files = skip ? [] : ["hostile", "hostile/json"].flatMap((under) => readdirSync(path.join(folder, under), { withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => path.join(under, entry.name).slice("hostile/".length)));

// What the import answers: the status and the problem's name, and where the fault stands.
const bank = {
  "camt-hbci4java-test-camt-parse-5200108-invalid-saldo.xml": "422 bank_file.camt_052",
  "camt-hbci4java-test-camt-parse-5200108-missing-date.xml": "422 bank_file.camt_052",
  "camt-hbci4java-test-camt-parse-none.xml": "422 bank_file.camt_052",
  "cfonb-end_of_statement_without_beginning.txt": "422 bank_file.kind",
  "cfonb-invalid_date.txt": "422 bank_file.kind",
  "cfonb-operation_already_defined.txt": "422 bank_file.kind",
  "oca-test_ofx_wrong.ofx": "422 bank_file.missing",
  "ofx-libofx-failing-ofx-file1.xml": "422 bank_file.unknown",
  "ofx-libofx-failing-ofx-file2.xml": "422 bank_file.broken",
  "ofx-libofx-heap-buffer-overflow-2.ofx": "422 bank_file.unknown",
  "ofx-libofx-null-ptr-deref-1.ofx": "422 bank_file.broken",
  "ofx-libofx-null-ptr-deref-2.ofx": "422 bank_file.broken",
  "ofx-ofxparse-date_missing.ofx": "422 bank_file.missing",
  "ofx-ofxparse-decimal_error.ofx": "422 bank_file.amount",
  "ofx-ofxparse-empty_balance.ofx": "201", // its only transaction is whole; the empty balance is noted
  "xml-defusedxml-xmlbomb.xml": "422 bank_file.dtd",
  "xml-patt-classic-xxe-passwd.xml": "422 bank_file.dtd",
};

// Files of JSONTestSuite: n_ is no JSON, y_ is, i_ is left to the reader. Whatever is JSON but no object, or an object of
// members we do not know, is refused by its own name.
const json = {
  "n_structure_no_data.json": "422 invalid", // no body is an empty object, which lacks what is required
  "n_structure_100000_opening_arrays.json": "413 body.length",
  "n_structure_open_array_object.json": "413 body.length",
  "y_object_escaped_null_in_key.json": "400 body.json", // NUL is no character of ours
  "i_number_double_huge_neg_exp.json": "400 body.object", // JSON to us; every other i_ is not
};

function jsonVerdict(name, bytes) {
  if (name in json) return json[name];
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  const readable = Buffer.from(text.decode(bytes)).equals(bytes) && !bytes.includes(0);
  if (!name.startsWith("y_")) return readable ? "400 body.json" : "400 body.utf8";
  const value = JSON.parse(bytes);
  return value !== null && typeof value === "object" && !Array.isArray(value) ? "422 invalid" : "400 body.object";
}

async function verdict(send, file, wanted) {
  const { reply, ms, kib } = await measured(send);
  const body = typeof reply.body === "string" ? JSON.parse(reply.body) : reply.body;
  const name = body.type?.replace("urn:grenier:problem:", "");
  assert.equal([reply.status, name].filter(Boolean).join(" "), wanted, `${file}: ${JSON.stringify(body)}`);
  assert.ok(!JSON.stringify(body).includes("root:x:0:0"), file);
  assert.ok(ms < MS, `${file}: ${ms} ms`);
  assert.ok(kib < KIB, `${file}: ${kib} KiB`);
  return { ms, kib };
}

const worst = (seen) => `${seen.length} files, at most ${Math.max(...seen.map((s) => s.ms)).toFixed(0)} ms and ${Math.max(...seen.map((s) => s.kib))} KiB`;

test("hostile bank files: the verdict of each, within a second and 64 MiB", { skip }, async (t) => {
  const names = files.filter((name) => !name.startsWith("json/")), seen = [];
  assert.deepEqual(names.sort(), Object.keys(bank).sort());
  for (const name of names) {
    const bytes = readFileSync(path.join(folder, "hostile", name));
    seen.push(await verdict(() => own.upload("bank-statements", name, bytes), name, bank[name]));
  }
  assert.equal(own.sql("SELECT count(*) FROM fund.bank_statement"), "1", "only the accepted one is there");
  t.diagnostic(worst(seen));
});

test("hostile JSON: the verdict of each, within a second and 64 MiB", { skip }, async (t) => {
  const names = files.filter((name) => name.startsWith("json/")), seen = [];
  assert.ok(names.length > 100);
  for (const name of names) {
    const bytes = readFileSync(path.join(folder, "hostile", name));
    const request = { method: "POST", path: "/api/v1/organisations/own/members", body_base64: bytes.toString("base64"),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${own.tokens.treasurer}` } };
    seen.push(await verdict(() => api.send(request), name, jsonVerdict(name.slice("json/".length), bytes)));
  }
  assert.equal(own.sql("SELECT count(*) FROM fund.member"), "0", "nothing was written");
  t.diagnostic(worst(seen));
});
