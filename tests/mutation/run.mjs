// The mutation run: is every operator that handles money, numbers and repeated requests held by a test? See tests/mutation/run.
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { build, cluster, psql, root } from "../lib/cluster.mjs";
import { ofC, ofSql } from "./operators.mjs";

const TIMEOUT_MS = 180_000, LANES = Math.min(2, cpus().length);
// Words with a point are functions: only those.
const only = process.argv.slice(2).filter((word) => !word.includes(".")), named = process.argv.slice(2).filter((word) => word.includes("."));
const work = mkdtempSync(path.join(tmpdir(), "gmutation."));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const run = (program, args, options = {}) => new Promise((resolve) =>
  execFile(program, args, { timeout: TIMEOUT_MS, maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) =>
    resolve({ status: error === null ? 0 : (error.code ?? error.signal), stdout, stderr })));

/** Survivors known to change nothing that can be seen, with the reason: "place from to", by their line's text. */
const equivalent = readFileSync(path.join(root, "tests/mutation/equivalent"), "utf8").split("\n").filter((l) => l && !l.startsWith("#"));

const results = [];

async function each(list, judge) {
  let next = 0;
  await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
    while (next < list.length) {
      const mutant = list[next++];
      const verdict = await judge(mutant, lane);
      results.push({ ...mutant, verdict });
      if (verdict === "survived" || verdict === "timeout") console.log(`# ${verdict} ${where(mutant)}`);
    }
  }));
}

const where = (m) => `${m.place}:${m.line}: "${m.from}" made "${m.to}": ${m.source.split("\n")[m.line - 1].trim()}`;

// ---- C: the unit test of the file, linked with the mutant before the library that has the original ----

async function c(file, test) {
  const source = readFileSync(path.join(root, file), "utf8");
  const list = ofC(source).map((m) => ({ ...m, place: file, source }));
  const flags = ["-std=c17", "-D_GNU_SOURCE", "-w", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", `-I${path.join(root, "src")}`, `-I${path.join(root, "tests")}`];
  const object = path.join(work, "test.o");
  const made = spawnSync("cc", [...flags, "-c", path.join(root, test), "-o", object], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  await each(list, async (mutant, lane) => {
    const text = path.join(work, `mutant${lane}.c`), program = path.join(work, `mutant${lane}`);
    writeFileSync(text, mutant.text);
    const libraries = ["-ljansson", "-lcrypto", "-largon2", "-lpthread"];
    const linked = await run("cc", [...flags, text, object, path.join(build, "libbase.a"), ...libraries, "-o", program]);
    if (linked.status !== 0) return "invalid";
    return (await run(program, [], { timeout: 10_000, cwd: root })).status === 0 ? "survived" : "killed";
  });
}

// ---- SQL: the function made again with the mutant in a copy of the database, then the pgTAP files that should see it ----

const TEMPLATE = `mutation_${process.pid}`;

function template() {
  const dir = cluster();
  psql(dir, "postgres", `CREATE DATABASE ${TEMPLATE} TEMPLATE grenier_template`);
  psql(dir, TEMPLATE, "CREATE SCHEMA tap; CREATE EXTENSION pgtap SCHEMA tap; CREATE EXTENSION dblink SCHEMA tap; GRANT USAGE ON SCHEMA tap TO PUBLIC");
  return dir;
}

/** "passed" (its plan kept, nothing "not ok"), "failed" (stopped at the first sign of it) or "timeout", of a pgTAP file. */
const judge = (dir, database, file) => new Promise((resolve) => {
  const child = spawn("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", `root=${root}`, "-v", `sql=${path.join(root, "sql")}`,
    "-h", dir, "-U", "postgres", "-d", database, "-f", path.join(root, file)],
    { cwd: root, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, PGHOST: dir, PGUSER: "postgres", PGTZ: "UTC", PGOPTIONS: "-c search_path=pg_catalog,tap", PROBLEMS: path.join(root, "src/base/problems") } });
  let planned = 0, good = 0, verdict = null;
  const stop = (why) => { verdict ??= why; child.kill("SIGKILL"); };
  const clock = setTimeout(() => stop("timeout"), TIMEOUT_MS);
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("not ok")) stop("failed");
    good += line.startsWith("ok ");
    planned = /^1\.\.(\d+)$/.exec(line)?.[1] ?? planned;
  });
  child.on("close", (code) => {
    clearTimeout(clock);
    resolve(verdict ?? (code === 0 && Number(planned) === good ? "passed" : "failed"));
  });
});

async function sql(names, files) {
  const dir = template();
  const list = names.filter((name) => named.length === 0 || named.includes(name)).flatMap((name) => {
    const source = psql(dir, TEMPLATE, `SELECT pg_get_functiondef('${name}'::regproc)`);
    return ofSql(source).map((m) => ({ ...m, place: name, source }));
  });
  const on = (database, text) => run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", dir, "-U", "postgres", "-d", database, ...text.flatMap((t) => ["-c", t])]);
  let copying = Promise.resolve();
  // Files keep what they set up: each begins with a copy of its own.
  const fresh = (name) => (copying = copying.then(() => on("postgres", [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`])));
  // They must pass with nothing mutated, or every mutant would seem killed.
  for (const file of files) {
    await fresh(`${TEMPLATE}_0`);
    if (await judge(dir, `${TEMPLATE}_0`, file) !== "passed") throw new Error(`${file} fails without any mutant`);
  }
  await each(list, async (mutant, lane) => {
    const database = `${TEMPLATE}_${lane}`;
    for (const file of files) {
      await fresh(database);
      if ((await on(database, [`SET ROLE grenier_owner; ${mutant.text}`])).status !== 0) return "invalid";
      const said = await judge(dir, database, file);
      if (said !== "passed") return said === "failed" ? "killed" : "timeout";
    }
    return "survived";
  });
  for (const name of [...Array.from({ length: LANES }, (_, lane) => `${TEMPLATE}_${lane}`), TEMPLATE]) psql(dir, "postgres", `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

const LEDGER = ["tests/sql/ledger_entries.sql", "tests/sql/ledger.sql", "tests/sql/bank_match.sql"];
const targets = {
  money: () => c("src/base/money.c", "tests/unit/money_test.c"),
  posting: () => sql(["fund.post_entry", "fund.add_to_balances", "fund.open_period", "fund.period_fault", "fund.entry_period", "fund.entry_balanced", "fund.line_complete",
    "fund.account_lookup", "fund.account_id", "fund.chart_date", "fund.default_fund", "fund.entry_text", "fund.line_text", "fund.reverse_entry"], LEDGER),
  numbering: () => sql(["fund.next_number"], LEDGER),
  idempotency: () => sql(["app.begin_write", "app.end_write", "app.stamp", "app.lock_organisation", "app.recorded_at", "app.context"],
    ["tests/sql/kernel_context.sql"]),
};

const chosen = only.length > 0 ? only : Object.keys(targets);
for (const name of chosen) {
  if (!(name in targets)) throw new Error(`no target ${name} (${Object.keys(targets).join(" ")})`);
  const from = results.length, start = Date.now();
  await targets[name]();
  const own = results.slice(from), of = (verdict) => own.filter((r) => r.verdict === verdict).length;
  console.log(`# ${name}: ${of("killed")} of ${own.length - of("invalid")} mutants killed (${of("invalid")} do not compile), ${Math.round((Date.now() - start) / 1000)} s`);
}

const key = (m) => `${m.place} ${m.from} ${m.to || "nothing"} | ${m.source.split("\n")[m.line - 1].trim()}`;
// A mutant that did not end in time proves nothing on a busy machine: it counts as not killed.
const survivors = results.filter((r) => r.verdict === "survived" || r.verdict === "timeout");
const unexplained = survivors.filter((m) => !equivalent.includes(key(m)));
const judged = results.filter((r) => r.verdict !== "invalid").length;
const share = judged === 0 ? 0 : (judged - survivors.length) / judged;
for (const m of unexplained) console.log(`# unexplained: ${key(m)}`);
const right = share >= 0.9 && unexplained.length === 0;
console.log(`${right ? "ok" : "not ok"} - ${judged - survivors.length} of ${judged} mutants killed (${(share * 100).toFixed(1)} %), ${survivors.length} survived, ${unexplained.length} of them unexplained`);
console.log(right ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exitCode = right ? 0 : 1;
