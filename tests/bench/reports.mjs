#!/usr/bin/env node
// The reports over big books: trial balance through REST beside an index-only SUM, the pages of the general ledger in
// time of the database, the fund position.
//   LINES=1000000 tests/bench/reports.mjs         (and 10000000)
import { Bench, Session, compare, repeat, say, setting } from "./bench.mjs";

const lines = setting("LINES", 1_000_000);
const bench = new Bench();
try {
  const books = bench.books(`lines-${lines}`, lines);
  // What SUM reads: an index that holds all it needs, the table's visibility map complete.
  bench.sql("CREATE INDEX IF NOT EXISTS bench_sum ON fund.line (organisation_id, account_id, amount)");
  bench.sql("VACUUM fund.line");
  const session = new Session(bench, { organisation: books.id, settings: "SET enable_seqscan = off; SET enable_bitmapscan = off;" });
  const sum = () => session.ms("SELECT account_id, sum(amount) FROM fund.line GROUP BY account_id");
  if (process.env.EXPLAIN) {
    console.log(bench.sql("SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN (ANALYZE, BUFFERS) SELECT account_id, sum(amount) FROM fund.line GROUP BY account_id", { organisation: books.id, server: true }));
    console.log(bench.sql("EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM api.trial_balance(current_date, api.known_at(NULL), NULL, NULL)", { organisation: books.id, server: true }));
  }
  const server = await bench.server();
  const base = `/api/v1/organisations/${books.slug}/`;
  const get = (pathname) => () => server.ms(base + pathname, { token: books.token });
  const now = new Date();
  const year = now.getFullYear();
  const iso = (d) => d.toISOString().slice(0, 10);
  const years = JSON.parse((await server.request(`${base}fiscal-years`, { token: books.token, keep: true })).body).items;
  const mark = lines >= 10_000_000 ? "0.03" : lines >= 1_000_000 ? "0.06" : "";
  console.log(`## ${lines} lines, ten years`);
  for (const [what, query] of [
    ["today", ""],
    ["today, with its year and openings", `?fiscal_year_id=${years[0].id}&as_of=${iso(now)}`],
    ["the 15th of last month", `?as_of=${iso(new Date(Date.UTC(year, now.getMonth() - 1, 15)))}`],
    ["the end of last month", `?as_of=${iso(new Date(Date.UTC(year, now.getMonth(), 0)))}`],
    ["15 June five years ago, with its year", `?fiscal_year_id=${years[5].id}&as_of=${year - 5}-06-15`],
  ]) {
    for (let i = 0; i < 8 * 4; i++) await get(`reports/trial-balance${query}`)(); // each reader's connection, and its plan
    await compare(`trial balance, ${what}`, get(`reports/trial-balance${query}`), sum, { mark: mark && `ratio ≤ ${mark}` });
  }
  session.end();
  await server.stop();

  bench.logDurations(true);
  const logged = await bench.server();
  const busy = bench.sql(`SELECT a.number FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
                           WHERE l.organisation_id = '${books.id}' GROUP BY 1 ORDER BY count(*) DESC`).split("\n");
  for (const [what, pathname, target] of [
    [`lines of ${busy[0]}, the busiest account, first page`, `entry-lines?account_number=${busy[0]}`, "≤ 5 ms"],
    ["  the same, page five years back", `entry-lines?account_number=${busy[0]}&as_of=${year - 5}-06-15`, "≤ 5 ms"],
    ["  the same of its last year, oldest first", `entry-lines?account_number=${busy[0]}&fiscal_year_id=${years[1].id}&from=${years[1].starts_on}&as_of=${years[1].ends_on}&sort=date`, "≤ 5 ms"],
    [`lines of ${busy[20]}, a middling account`, `entry-lines?account_number=${busy[20]}`, "≤ 5 ms"],
    [`lines of ${busy.at(-1)}, the quietest account`, `entry-lines?account_number=${busy.at(-1)}`, "≤ 5 ms"],
    ["all lines, first page", "entry-lines", "≤ 5 ms"],
    [`number and sums of the lines of ${busy[0]}`, `reports/entry-line-totals?account_number=${busy[0]}`, "≤ 5 ms"],
    ["  the same between two days", `reports/entry-line-totals?account_number=${busy[0]}&from=${year - 7}-02-12&as_of=${year - 2}-08-20`, "≤ 5 ms"],
    ["entries, first page", "entries", ""],
    ["members, first page", "members", ""],
    ["fund position", "reports/fund-position", ""],
    ["what is to do", "reports/to-do", ""],
  ]) {
    const ms = [];
    const warm = /fund-position/.test(pathname) ? 2 : 8 * 7;
    for (let i = 0; i < warm; i++) await logged.ms(base + pathname, { token: books.token });
    for (let i = 0; i < Math.max(repeat, 5); i++) ms.push((await bench.databaseTime(logged, base + pathname, { token: books.token })).ms);
    say(`${what}: time of the database`, ms, " ms", target);
  }
  await logged.stop();
  bench.logDurations(false);
  await bench.finish();
} catch (error) {
  await bench.close();
  throw error;
}
