-- Books of :lines lines over :years fiscal years for one organisation, set-based, straight into the tables: two lines to
-- an entry, numbers without gap, hashes, kept balances. Row triggers and foreign keys are left out for speed
-- (session_replication_role); CHECK, UNIQUE and NOT NULL hold, and `grenier check` reads all of it afterwards.
-- Half of the entries touch the bank; the other accounts are drawn with a skew (a few are busy, most are not).
\set QUIET on
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL work_mem = '256MB';
SET LOCAL synchronous_commit = off;
SELECT set_config('app.organisation_id', :'organisation', true), set_config('app.actor', 'system', true) \gset ignored_
SELECT setseed(0.42) \gset ignored_

INSERT INTO fund.fiscal_year (organisation_id, id, starts_on, ends_on)
SELECT :'organisation', app.uuid7(), y::date, (y + interval '1 year - 1 day')::date
  FROM fund.fiscal_year f, generate_series(f.starts_on + interval '1 year', f.starts_on + make_interval(years => :years - 1),
                                           interval '1 year') y
 WHERE f.organisation_id = :'organisation';
INSERT INTO fund.fund (organisation_id, id, name, kind)
SELECT :'organisation', app.uuid7(), 'Projet ' || n, 'restricted' FROM generate_series(1, 2) n;
INSERT INTO fund.member (organisation_id, id, number, name, legal_form, joined_on)
SELECT :'organisation', app.uuid7(), n, 'Association ' || n, 'association', f.starts_on
  FROM generate_series(1, 300) n, (SELECT min(starts_on) AS starts_on FROM fund.fiscal_year
                                    WHERE organisation_id = :'organisation') f;
-- Sub-accounts of the organisation's own, until there are enough.
INSERT INTO fund.account (organisation_id, number, title, kind, own, valid_from)
SELECT :'organisation', '6257' || lpad(n::text, 4, '0'), 'Déplacement ' || n, 'expense', true, '2020-01-01'
  FROM generate_series(1, greatest(0, :accounts - (SELECT count(*)::int FROM fund.account
                                                     WHERE organisation_id = :'organisation'))) n;

CREATE TEMP TABLE account ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY md5(number), id) - 1 AS n, id FROM fund.account
 WHERE organisation_id = :'organisation' AND number <> '512' LIMIT :accounts;
CREATE TEMP TABLE fund_of ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY created_at, id) - 1 AS n, id FROM fund.fund WHERE organisation_id = :'organisation';
CREATE TEMP TABLE member_of ON COMMIT DROP AS
SELECT number AS n, id FROM fund.member WHERE organisation_id = :'organisation';
CREATE TEMP TABLE bank ON COMMIT DROP AS
SELECT id FROM fund.account WHERE organisation_id = :'organisation' AND number = '512' ORDER BY valid_from DESC LIMIT 1;

CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT r.n, r.date, r.journal, r.amount, r.bank, r.debit, r.credit, r.fund, r.member, y.id AS fiscal_year_id,
       app.uuid7() AS id, row_number() OVER (PARTITION BY y.id, r.journal ORDER BY r.date, r.n)::integer AS number
  FROM (SELECT n, s.first + floor((n - 1)::numeric * (s.last - s.first + 1) / (:lines / 2))::integer AS date,
               CASE WHEN random() < 0.5 THEN 'BQ' ELSE 'OD' END AS journal, 100 + floor(random() * 100000)::bigint AS amount,
               random() < 0.5 AS bank, floor(:accounts * power(random(), 3))::integer AS debit,
               floor(:accounts * power(random(), 3))::integer AS credit, floor(4 * power(random(), 2))::integer AS fund,
               CASE WHEN random() < 0.3 THEN 1 + floor(random() * 300)::integer END AS member
          FROM generate_series(1, :lines / 2) n,
               (SELECT min(starts_on) AS first, least(max(ends_on), current_date) AS last FROM fund.fiscal_year
                 WHERE organisation_id = :'organisation') s) r
  JOIN fund.fiscal_year y ON y.organisation_id = :'organisation' AND r.date BETWEEN y.starts_on AND y.ends_on
 ORDER BY r.n;

CREATE TEMP TABLE made_line ON COMMIT DROP AS
SELECT m.n, m.id AS entry_id, m.date, 1 AS position,
       CASE WHEN m.bank AND m.n % 2 = 0 THEN (SELECT id FROM bank) ELSE d.id END AS account_id, m.amount, f.id AS fund_id,
       b.id AS member_id
  FROM made m JOIN account d ON d.n = m.debit % (SELECT count(*) FROM account) JOIN fund_of f ON f.n = m.fund
  LEFT JOIN member_of b ON b.n = m.member
UNION ALL
SELECT m.n, m.id, m.date, 2, CASE WHEN m.bank AND m.n % 2 = 1 THEN (SELECT id FROM bank) ELSE c.id END, -m.amount, f.id, NULL
  FROM made m JOIN account c ON c.n = m.credit % (SELECT count(*) FROM account) JOIN fund_of f ON f.n = m.fund;
CREATE INDEX ON made_line (entry_id);
ANALYZE made;
ANALYZE made_line;

INSERT INTO fund.entry
SELECT (e.entry).organisation_id, (e.entry).id, (e.entry).fiscal_year_id, (e.entry).journal_code, (e.entry).number,
       (e.entry).date, (e.entry).label, (e.entry).line_count, (e.entry).total, (e.entry).source_kind, (e.entry).source_id,
       (e.entry).reverses_entry_id, (e.entry).reason, (e.entry).recorded_at, (e.entry).recorded_by,
       sha256(convert_to(fund.entry_text(e.entry) || e.lines, 'UTF8'))
  FROM (SELECT m.n, ROW(:'organisation'::uuid, m.id, m.fiscal_year_id, m.journal, m.number, m.date, 'Écriture ' || m.n, 2,
                        m.amount, 'manual', NULL, NULL, NULL,
                        o.created_at + m.n * interval '1 microsecond', 'system', NULL)::fund.entry AS entry,
               (SELECT string_agg(fund.line_text(l.position, l.account_id, l.amount, l.fund_id, NULL, l.member_id, NULL), ''
                                  ORDER BY l.position) FROM made_line l WHERE l.entry_id = m.id) AS lines
          FROM made m, fund.organisation o WHERE o.id = :'organisation') e
 ORDER BY e.n;
INSERT INTO fund.line (organisation_id, entry_id, position, date, account_id, amount, fund_id, member_id)
SELECT :'organisation', l.entry_id, l.position, l.date, l.account_id, l.amount, l.fund_id, l.member_id FROM made_line l
 ORDER BY l.n, l.position;
INSERT INTO fund.counter (organisation_id, fiscal_year_id, journal_code, last)
SELECT :'organisation', fiscal_year_id, journal, max(number) FROM made GROUP BY 2, 3;
INSERT INTO fund.balance (organisation_id, fiscal_year_id, account_id, fund_id, month, debit, credit, lines)
SELECT :'organisation', m.fiscal_year_id, l.account_id, l.fund_id, date_trunc('month', m.date)::date,
       sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0)), count(*)
  FROM made_line l JOIN made m ON m.id = l.entry_id GROUP BY 2, 3, 4, 5 ORDER BY 5, 3, 4;
INSERT INTO fund.year_balance (organisation_id, fiscal_year_id, account_id, fund_id, debit, credit, lines)
SELECT b.organisation_id, b.fiscal_year_id, b.account_id, b.fund_id, sum(b.debit), sum(b.credit), sum(b.lines)
  FROM fund.balance b WHERE b.organisation_id = :'organisation' GROUP BY 1, 2, 3, 4 ORDER BY min(b.month), 3;
UPDATE fund.organisation SET last_recorded_at = clock_timestamp() WHERE id = :'organisation';
COMMIT;
VACUUM (ANALYZE) fund.entry, fund.line, fund.balance, fund.year_balance, fund.account, fund.member, fund.fund, fund.counter, fund.fiscal_year;
