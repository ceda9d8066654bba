#!/usr/bin/env node
// Many organisations in one installation: 1,000 with 200 accounts each. Nothing of an organisation stays in the server;
// 200 requests a second, four reads to a write, spread over all of them; and what a two-line entry takes on the disk.
//   ORGANISATIONS=1000 RATE=200 SECONDS_EACH=10 tests/bench/many.mjs
import { createHash, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { Bench, percentile, repeat, say, setting, sleep } from "./bench.mjs";

const organisations = setting("ORGANISATIONS", 1000);
const rate = setting("RATE", 200);
const seconds = setting("SECONDS_EACH", 10);
const bench = new Bench();

/** Organisations with their accounts, members, tokens and some entries, made by the functions that make them. */
function make() {
  const secrets = Array.from({ length: organisations }, () => randomBytes(32).toString("base64url"));
  const hashes = secrets.map((s) => `'${createHash("sha256").update(s).digest("hex")}'`);
  const from = performance.now();
  bench.sql(`
    DO $do$
    DECLARE
      v_hashes text[] := ARRAY[${hashes}];
      v_id uuid;
      v_member uuid;
    BEGIN
      FOR i IN 1..${organisations} LOOP
        v_id := app.organisation_create('many-' || i, 'Association ' || i, (date_trunc('year', current_date))::date, 'system');
        PERFORM app.token_create('many-' || i, 'treasurer', decode(v_hashes[i], 'hex'), NULL, NULL, 'bench', 'system');
        PERFORM app.enter_organisation(v_id);
        PERFORM app.lock_organisation(), app.stamp();
        INSERT INTO fund.account (organisation_id, number, title, kind, own, valid_from)
        SELECT v_id, '6257' || lpad(n::text, 4, '0'), 'Déplacement ' || n, 'expense', true, '2020-01-01'
          FROM generate_series(1, greatest(25, 200 - (SELECT count(*)::int FROM fund.account WHERE organisation_id = v_id))) n;
        FOR k IN 1..20 LOOP
          PERFORM fund.post_entry(app.uuid7(), 'OD', (date_trunc('year', current_date))::date + k * 10, 'Écriture ' || k, 'manual', NULL,
            jsonb_build_array(jsonb_build_object('account', '6257' || lpad((1 + k)::text, 4, '0'), 'amount', 100 * k),
                              jsonb_build_object('account', '512', 'amount', -100 * k)));
        END LOOP;
        -- Deferred checks see the organisation they are about.
        SET CONSTRAINTS ALL IMMEDIATE;
        SET CONSTRAINTS ALL DEFERRED;
      END LOOP;
    END $do$`);
  bench.sql("VACUUM ANALYZE");
  console.log(`# ${organisations} organisations of ${bench.sql("SELECT round(avg(n)) FROM (SELECT count(*) AS n FROM fund.account GROUP BY organisation_id) x")} accounts, 20 entries each: made in ${((performance.now() - from) / 1000).toFixed(0)} s`);
  return secrets;
}

/** Bytes on disk of all tables and indexes that an entry is written to. */
const bytes = () => Number(bench.sql(`VACUUM fund.entry, fund.line, fund.balance, fund.year_balance, fund.counter, fund.organisation, audit.event, audit.detail, fund.idempotency_key, fund.contribution;
  SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('fund', 'audit') AND c.relkind = 'r'`));

/** Two-line entries with their audit event; what each took. */
function disk() {
  const n = 10000, each = 250; // in transactions of their own: rows written again and again within one are slow to find
  const before = bytes();
  for (let from = 0; from < n; from += each) bench.sql(`DO $do$
    DECLARE v_id uuid;
    BEGIN
      SELECT organisation_id INTO v_id FROM app.directory WHERE slug = 'many-1';
      FOR i IN ${from + 1}..${from + each} LOOP
        PERFORM api.set_context(v_id, NULL, 'system', 'treasurer', gen_random_uuid(), 'entry_validate', '127.0.0.1', NULL, NULL, NULL);
        PERFORM app.begin_write();
        PERFORM fund.post_entry(app.uuid7(), 'OD', (date_trunc('year', current_date))::date + i % 300, 'Frais de déplacement ' || i, 'manual', NULL,
          jsonb_build_array(jsonb_build_object('account', '6257' || lpad((1 + i % 25)::text, 4, '0'), 'amount', 100 + i),
                            jsonb_build_object('account', '512', 'amount', -100 - i)));
        PERFORM app.end_write();
      END LOOP;
    END $do$`);
  say("disk for a two-line entry, with its audit event and all indexes", [(bytes() - before) / n], " bytes", "≤ 900");
}

try {
  const secrets = make();
  const server = await bench.server();
  const base = (i) => `/api/v1/organisations/many-${i + 1}/`;
  await server.ms("/api/v1/health");
  const members = [];
  // The first reads that touch everybody: whatever grew with them would show.
  const first = Math.min(100, organisations);
  for (let i = 0; i < first; i++) await server.ms(`${base(i)}reports/trial-balance`, { token: secrets[i] });
  const few = server.pss() / 1024;
  for (let i = first; i < organisations; i++) await server.ms(`${base(i)}reports/trial-balance`, { token: secrets[i] });
  say(`memory of the server after ${first} organisations`, [few], " MiB");
  say(`memory of the server after ${organisations} organisations`, [server.pss() / 1024], " MiB", "no more: nothing resident per organisation");
  for (let i = 0; i < organisations; i++) {
    const reply = await server.request(`${base(i)}members`, { token: secrets[i], method: "POST", keep: true, body: JSON.stringify({ name: "Les Jardins", legal_form: "association", joined_on: `${new Date().getFullYear()}-01-01` }) });
    members.push(JSON.parse(reply.body).id);
  }
  const reads = ["reports/trial-balance", "entry-lines", "entries", "members", "funds", "accounts", "reports/to-do", "reports/fund-position", "contributions", "entry-lines?account_number=512"];
  const refused = [], p50 = [], p99 = [], p99reads = [], p99writes = [];
  for (let round = -1; round < repeat; round++) {
    const all = [], r = [], w = [], under_way = [];
    let failed = 0;
    const from = performance.now();
    const pace = round < 0 ? rate / 4 : rate; // at first every connection plans what it has not run yet
    for (let n = 0; n < rate * seconds; n++) {
      // On time whatever the ones before take: an open loop.
      const wait = from + (n * 1000) / pace - performance.now();
      if (wait > 0) await sleep(wait);
      const i = Math.floor(Math.random() * organisations);
      const write = n % 5 === 0;
      const due = from + (n * 1000) / pace;
      under_way.push((write
        ? server.ms(`${base(i)}contributions`, { token: secrets[i], method: "POST", wanted: 201, headers: { "Idempotency-Key": `${round}-${n}` },
            body: JSON.stringify({ member_id: members[i], amount: "250.00", received_on: `${new Date().getFullYear()}-01-15`, means: "transfer", nature: "dues" }) })
        : server.ms(base(i) + reads[n % reads.length], { token: secrets[i] })
      ).then(() => { const ms = performance.now() - due; all.push(ms); (write ? w : r).push(ms); }, () => failed++));
    }
    await Promise.all(under_way);
    if (round < 0) continue;
    refused.push(failed);
    p50.push(percentile(all, 50)); p99.push(percentile(all, 99)); p99reads.push(percentile(r, 99)); p99writes.push(percentile(w, 99));
  }
  console.log(`## ${rate} requests a second over ${organisations} organisations, 80 % reads, 20 % contributions, ${seconds} s each`);
  say("requests refused (503)", refused, "", "0");
  say("median", p50, " ms");
  say("p99", p99, " ms", "≤ 50 ms");
  say("  p99 of reads", p99reads, " ms");
  say("  p99 of writes", p99writes, " ms");
  say("memory of the server after it", [server.pss() / 1024], " MiB");
  await server.stop();
  disk();
  await bench.finish();
} catch (error) {
  await bench.close();
  throw error;
}
