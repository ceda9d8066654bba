-- The ledger: posting, immutability, balance, numbers, periods, chart vintages, kept balances, known_at, drafts, reversals.
-- Everything runs as grenier_owner, on which row-level security is forced as on the server.
\ir ledger.inc

-- Two organisations, committed, that every part below starts from.
CREATE TABLE public.it (name text PRIMARY KEY, id uuid NOT NULL);
INSERT INTO it SELECT 'a', app.organisation_create('alpha', 'Alpha', DATE '2024-01-01', 'cli:test');
INSERT INTO it SELECT 'b', app.organisation_create('beta', 'Beta', DATE '2026-01-01', 'cli:test');
CREATE FUNCTION public.a() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM public.it WHERE name = 'a' $$;
CREATE FUNCTION public.b() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM public.it WHERE name = 'b' $$;
BEGIN;
SELECT act(a());
SELECT FROM api.fiscal_year_create('{}', '{"starts_on": "2025-01-01", "ends_on": "2025-12-31"}');
SELECT act(a());
SELECT FROM api.fiscal_year_create('{}', '{"starts_on": "2026-01-01", "ends_on": "2026-12-31"}');
COMMIT;

SELECT plan(114);

-- ---- What an organisation starts with --------------------------------------------------------------------------
BEGIN;
SELECT act(b());
SELECT is((SELECT count(*) FROM fund.account)::int,
          (SELECT count(*) FROM reference.account r WHERE r.core AND (r.valid_to IS NULL OR r.valid_to >= '2026-01-01'))::int,
          'a new organisation has the core accounts of its chart');
SELECT bag_eq('SELECT name, kind FROM fund.fund',
              $$VALUES ('Fonctionnement', 'general'), ('Fonds de solidarité', 'solidarity')$$, 'and two funds');
SELECT bag_eq('SELECT starts_on, ends_on FROM fund.fiscal_year', $$VALUES (DATE '2026-01-01', DATE '2026-12-31')$$,
              'and its first fiscal year');
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM fund.journal), 'AC AN BQ CA CH OD VE', 'and its journals');
SELECT is((SELECT count(*) FROM reference.account WHERE number = '757')::int, 2, 'the chart holds both vintages of 757');
SELECT is((SELECT count(*) FROM reference.account r WHERE parent IS NOT NULL
             AND NOT EXISTS (SELECT FROM reference.account p WHERE p.number = r.parent))::int, 0,
          'every parent of the chart is in the chart');
SELECT is((SELECT count(*) FROM reference.account x JOIN reference.account y USING (number)
            WHERE x.valid_from < y.valid_from AND coalesce(x.valid_to, 'infinity') >= y.valid_from)::int, 0,
          'vintages of a number do not overlap');
ROLLBACK;

-- ---- Posting -------------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT lives_ok($$SELECT post('2026-03-04', two('512', '7561', 5000), 'BQ')$$, 'a balanced entry is posted');
SELECT row_eq($$SELECT e.number, e.line_count, e.total, e.recorded_by, e.recorded_at = o.last_recorded_at
                  FROM fund.entry e JOIN fund.organisation o ON o.id = e.organisation_id$$,
              ROW(1, 2, 5000::bigint, 'token:00000000-0000-0000-0000-000000000001'::text, true),
              'with number, count, total, who and when');
SELECT is((SELECT count(DISTINCT l.fund_id)::text || ' ' || bool_and(l.fund_id = fund.default_fund('general')) FROM fund.line l),
          '1 true', 'lines without fund go to the general fund');
SELECT is(problem($$SELECT post('2026-03-04', '[{"account": "512", "amount": 100}, {"account": "7561", "amount": -90}]')$$),
          'entry.unbalanced /lines money:100 money:90', 'unbalanced: both totals are said');
SELECT is(problem($$SELECT post('2026-03-04', '[{"account": "512", "amount": 0}]')$$), 'entry.lines_missing /lines',
          'one line is not an entry');
SELECT is(problem($$SELECT post('2026-03-04', '[]')$$), 'entry.lines_missing /lines', 'no line is not an entry');
SELECT is(problem($$SELECT post('2026-03-04', '[{"account": "512", "amount": 0}, {"account": "7561", "amount": 0}]')$$),
          '23514 entry_total', 'an entry of nothing is refused');
SELECT is(problem($$SELECT post('2026-03-04', '[{"account": "9", "amount": 1}, {"account": "512", "amount": 1},
                                               {"account": "7", "amount": -1}, {"account": "68999", "amount": -1, "pointer": "/x"}]')$$),
          'account.unknown /lines/0/account 9; account.unknown /lines/2/account 7; account.unknown /x 68999',
          'every unknown account is said, where it stands; a class is not an account');
SELECT is(problem($$SELECT post('2023-12-31', two('512', '7561', 1))$$), 'fiscal_year.none /date date:2023-12-31',
          'a date before all years');
SELECT is(problem($$SELECT post('2027-01-01', two('512', '7561', 1))$$), 'fiscal_year.none /date date:2027-01-01',
          'a date after all years');
SELECT is(problem($$SELECT post('2026-03-04', two('512', '7561', 1), 'XX')$$), '23503 counter_journal', 'an unknown journal');
SELECT is(problem(format($$SELECT post('2026-03-04', '[{"account": "512", "amount": 1, "fund_id": %s},
                                                       {"account": "7561", "amount": -1}]', 'OD', 'contribution')$$,
                         to_jsonb(fund.default_fund('solidarity')))),
          'entry.fund_unbalanced /lines', 'what the program writes balances within each fund');
SELECT is(problem(format($$SELECT post('2026-03-04', '[{"account": "512", "amount": 1, "fund_id": %s},
                                                       {"account": "512", "amount": -1}]')$$,
                         to_jsonb(fund.default_fund('solidarity')))),
          'none', 'a person may move money from a fund to another');
SELECT is((SELECT string_agg(e.journal_code || e.number, ' ' ORDER BY e.recorded_at) FROM fund.entry e), 'BQ1 OD1',
          'refused entries took no number');
SELECT bag_eq($$SELECT a.number, b.month, sum(b.debit) AS debit, sum(b.credit) AS credit FROM fund.balance b
                  JOIN fund.account a ON a.id = b.account_id GROUP BY 1, 2$$,
              $$VALUES ('512', DATE '2026-03-01', 5001::numeric, 1::numeric), ('7561', '2026-03-01', 0, 5000)$$,
              'balances are kept by month');
SELECT is_empty('SELECT * FROM fund.check_books()', 'and the books check');
SELECT is(problem($$SELECT post('2026-03-04', two('512', '7561', 9223372036854775807)
                                || two('512', '7561', 9223372036854775807))$$),
          'money.range /lines', 'a total beyond what an amount can hold is refused');
SELECT lives_ok($$SELECT post('2026-03-04', two('6064', '401', 9223372036854775807))$$, 'and the last one it can hold is not');
SELECT is((SELECT count(*) FROM fund.account a
            WHERE a.valid_to IS NOT NULL AND (fund.account_lookup(a.number, a.valid_to)).id IS DISTINCT FROM a.id), 0::bigint,
          'an account is in force for a year that begins on its last day');
SELECT is((SELECT count(*) FROM reference.account r WHERE r.number ~ '^[1-8][0-9]{1,7}$'
             AND (r.title, r.title) IS DISTINCT FROM ((fund.account_lookup(r.number, r.valid_from)).title,
                   (fund.account_lookup(r.number, coalesce(r.valid_to, r.valid_from))).title)), 0::bigint,
          'what the chart says of a number holds from its first day to its last, used before or not');
ROLLBACK;

-- ---- Immutable -----------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT post('2026-03-04', two('512', '7561', 5000)) AS id;
SELECT FROM app.end_write();
SELECT is(problem('UPDATE fund.entry SET label = $$x$$'), '23000 entry_append_only', 'UPDATE of an entry');
SELECT is(problem('DELETE FROM fund.entry'), '23000 entry_append_only', 'DELETE of an entry');
SELECT matches(problem('TRUNCATE fund.entry CASCADE'), '^23000 .*_append_only', 'TRUNCATE of entries');
SELECT is(problem('UPDATE fund.line SET amount = amount * 2'), '23000 line_append_only', 'UPDATE of a line');
SELECT is(problem('DELETE FROM fund.line'), '23000 line_append_only', 'DELETE of a line');
SELECT matches(problem('TRUNCATE fund.line CASCADE'), '^23000 .*_append_only', 'TRUNCATE of lines');
SELECT act(b());
SELECT is(problem('DELETE FROM fund.line'), '23000 line_append_only',
          'also where row-level security would silently touch nothing');
SELECT act(a());
SELECT is(problem($$INSERT INTO fund.line (organisation_id, entry_id, position, date, account_id, amount, fund_id)
                    SELECT l.organisation_id, l.entry_id, l.position + 2, l.date, l.account_id, l.amount, l.fund_id FROM fund.line l$$),
          '23000 line_append_only', 'a balanced pair cannot join an entry later');
SELECT is(problem('DELETE FROM fund.line_match'), '23000 line_match_append_only', 'matches are not deleted');
SET ROLE grenier_server;
SELECT problem('INSERT INTO fund.entry DEFAULT VALUES') AS s1, problem('UPDATE fund.balance SET debit = 1') AS s2,
       problem('DELETE FROM fund.draft') AS s3 \gset
SELECT problem($$SELECT fund.post_entry(NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$) AS s4 \gset
SET ROLE grenier_owner;
SELECT is(ARRAY[:'s1', :'s2', :'s3', :'s4'] :: text[],
          ARRAY['42501 permission denied for table entry', '42501 permission denied for table balance',
                '42501 permission denied for table draft', '42501 permission denied for function post_entry'],
          'the server may write to none of it directly');
ROLLBACK;

-- ---- The balance is checked when the transaction ends, whatever the context says then --------------------------------
CREATE FUNCTION public.write_raw(p_amounts bigint[], p_total bigint) RETURNS void LANGUAGE sql AS $fn$
  INSERT INTO fund.entry (organisation_id, id, fiscal_year_id, journal_code, number, date, label, line_count, total,
                          source_kind, recorded_at, recorded_by, hash)
  SELECT fund.current_organisation(), '00000000-0000-7000-8000-000000000001', y.id, 'OD', 1, y.starts_on, 'raw',
         cardinality(p_amounts), p_total, 'manual', now(), 'system', sha256('')
    FROM fund.fiscal_year y ORDER BY y.starts_on DESC LIMIT 1;
  INSERT INTO fund.line (organisation_id, entry_id, position, date, account_id, amount, fund_id)
  SELECT fund.current_organisation(), '00000000-0000-7000-8000-000000000001', u.position,
         (SELECT e.date FROM fund.entry e WHERE e.id = '00000000-0000-7000-8000-000000000001'), fund.account_id('512', '2026-01-01'),
         u.amount, fund.default_fund('general')
    FROM unnest(p_amounts) WITH ORDINALITY AS u (amount, position)
$fn$;
BEGIN;
SELECT act(a());
SELECT is(problem($$SELECT write_raw('{100,-100}', 100)$$), 'none', 'what the next tests vary is right');
SELECT act(a());
ROLLBACK;
BEGIN;
SELECT act(a());
SELECT is(problem($$SELECT write_raw('{100,-90}', 100)$$), 'entry.unbalanced /lines money:100 money:90', 'unbalanced in the database');
SELECT is(problem($$SELECT write_raw('{100,-100}', 90)$$) LIKE '23000%', true, 'a total that is not that of the lines');
SELECT is(problem($$SELECT write_raw('{100}', 100)$$) <> 'none', true, 'one line only');
SELECT is(problem($$SELECT write_raw('{}', 100)$$) <> 'none', true, 'no line at all');
SELECT is(problem($$SELECT write_raw('{100,-90}', 100); SELECT act(b())$$), 'entry.unbalanced /lines money:0 money:0',
          'unbalanced, and the context is another organisation''s when it is checked');
SELECT is(problem($$SELECT write_raw('{100,-100}', 100); SELECT act(b())$$), 'entry.unbalanced /lines money:0 money:0',
          'no line visible is a failure, never a balance');
SELECT is(problem($$SELECT write_raw('{100,-100}', 100); SELECT act(NULL)$$), 'entry.unbalanced /lines money:0 money:0',
          'nor without a context');
SELECT is(problem($$SELECT post('2026-01-05', two('512', '7561', 5)); SELECT app.end_write(); SELECT act(b());
                    SELECT post('2026-01-05', two('512', '7561', 7)); SELECT app.end_write()$$),
          'none', 'two organisations post in one transaction, each checked under its own context');
SELECT is((SELECT sum(debit) FROM fund.balance), 7::numeric, 'and neither sees the other''s');
ROLLBACK;

-- ---- Numbers ---------------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT FROM unnest('{BQ,BQ,OD,BQ,CA}'::text[]) AS j, post('2026-01-05', two('512', '7561', 1), j);
SELECT FROM post('2025-01-05', two('512', '7561', 1), 'BQ');
SELECT is((SELECT string_agg(to_char(e.date, 'YY') || e.journal_code || e.number, ' ' ORDER BY e.recorded_at) FROM fund.entry e),
          '26BQ1 26BQ2 26OD1 26BQ3 26CA1 25BQ1', 'numbered by journal and fiscal year');
SELECT is((SELECT count(DISTINCT recorded_at) FROM fund.entry)::int, 6, 'recorded instants never repeat');
ROLLBACK;

-- Two writers: the second waits for the first, and takes the number that the first gives back.
\set dsn '\'host=' :HOST ' dbname=' :DBNAME ' user=' :USER '\''
RESET ROLE;
SELECT dblink_connect('one', :dsn || ' options=''-c search_path=pg_catalog,public,tap -c role=grenier_owner''') AS one,
       dblink_connect('two', :dsn || ' options=''-c search_path=pg_catalog,public,tap -c role=grenier_owner''') AS two \gset
SET ROLE grenier_owner;
SELECT dblink_exec('one', 'BEGIN') AS one, dblink_exec('two', 'BEGIN') AS two \gset
SELECT FROM dblink('one', 'SELECT act(a())') AS x (n text);
SELECT n AS id_one FROM dblink('one', $$SELECT post('2026-01-05', two('512', '7561', 1), 'BQ')$$) AS x (n text) \gset
SELECT FROM dblink('two', 'SELECT act(a())') AS x (n text);
SELECT dblink_send_query('two', $$SELECT post('2026-01-06', two('512', '7561', 2), 'BQ')$$) AS sent \gset
SELECT pg_sleep(0.3);
SELECT is(dblink_is_busy('two'), 1, 'a second writer of the organisation waits');
SELECT dblink_exec('one', 'ROLLBACK') AS done \gset
SELECT FROM dblink_get_result('two') AS x (n text);
SELECT FROM dblink_get_result('two') AS x (n text);
SELECT n AS number_two FROM dblink('two', 'SELECT number FROM fund.entry ORDER BY recorded_at DESC LIMIT 1') AS x (n int) \gset
SELECT is(:number_two, 1, 'the number of a transaction that rolled back is used again');
SELECT dblink_exec('two', 'COMMIT') AS done \gset

-- Four writers at once, a third of their transactions rolled back: no gap, no repeat, balances right.
RESET ROLE;
SELECT FROM generate_series(1, 4) w,
  dblink_connect('w' || w, :dsn || ' options=''-c search_path=pg_catalog,public,tap -c role=grenier_owner''');
SET ROLE grenier_owner;
SELECT FROM generate_series(1, 4) w, dblink_send_query('w' || w, (SELECT string_agg(format(
         'BEGIN; SELECT act(a()); SELECT post(%L, two(%L, %L, %s), %L); SELECT app.end_write(); %s;',
         DATE '2026-01-01' + (n * 7 % 300), CASE WHEN n % 2 = 0 THEN '512' ELSE '530' END, '7561', n + w,
         (ARRAY['BQ', 'OD', 'CA'])[1 + n % 3], CASE WHEN (n + w) % 3 = 0 THEN 'ROLLBACK' ELSE 'COMMIT' END), ' ')
         FROM generate_series(1, 60) n));
DO $$
DECLARE
  v_rows bigint;
BEGIN
  FOR w IN 1 .. 4 LOOP
    LOOP -- a result for each statement, then none; an error of a writer is ours
      SELECT count(*) INTO v_rows FROM tap.dblink_get_result('w' || w) AS x (n text);
      EXIT WHEN v_rows = 0;
    END LOOP;
  END LOOP;
END $$;
SELECT FROM unnest('{one,two,w1,w2,w3,w4}'::text[]) n, dblink_disconnect(n);
BEGIN;
SELECT act(a());
SELECT is((SELECT count(*) FROM fund.entry)::int, 161, 'every transaction that committed is there, and no other');
SELECT bag_eq('SELECT journal_code, max(number)::bigint FROM fund.entry GROUP BY 1',
              'SELECT journal_code, count(DISTINCT number) FROM fund.entry GROUP BY 1', 'numbers have no gap and no repeat');
SELECT is_empty('SELECT * FROM fund.check_books()', 'the books check after four writers at once');
SELECT is((SELECT count(*) FROM fund.entry e JOIN fund.entry f ON f.recorded_at = e.recorded_at AND f.id <> e.id)::int, 0,
          'no two writers got the same recorded instant');
SELECT bag_eq($$SELECT id FROM fund.entry ORDER BY recorded_at$$,
              $$SELECT subject_id::uuid FROM audit.event WHERE subject_kind = 'entry' AND action = 'insert'$$,
              'each entry has its audit event, each event its entry');
ROLLBACK;

-- ---- Kept balances and known_at, over random books -----------------------------------------------------------------------
SELECT setseed(0.42);
BEGIN;
SELECT act(b());
CREATE TEMP TABLE instants ON COMMIT DROP AS SELECT 0 AS n, clock_timestamp() AS at LIMIT 0;
DO $$
DECLARE
  v_accounts text[] := '{512,530,5112,7561,7551,626,627,468,1024,2742}';
  v_lines jsonb;
  v_sum bigint;
  v_amount bigint;
  v_ids uuid[] := '{}';
BEGIN
  FOR i IN 1 .. 200 LOOP
    PERFORM public.act(fund.current_organisation());
    PERFORM app.begin_write();
    IF i % 13 = 0 THEN
      PERFORM fund.reverse_entry(v_ids[i - 1], DATE '2026-12-31' - (i % 5), 'reason', app.uuid7());
      v_ids := v_ids || gen_random_uuid();
    ELSE
      v_lines := '[]'; v_sum := 0;
      FOR k IN 1 .. 1 + floor(random() * 4)::int LOOP
        v_amount := 1 + floor(random() * 100000)::bigint * CASE WHEN random() < 0.5 THEN -1 ELSE 1 END;
        CONTINUE WHEN v_amount = 0 OR v_sum + v_amount = 0;
        v_sum := v_sum + v_amount;
        v_lines := v_lines || jsonb_build_object('account', v_accounts[1 + floor(random() * 10)::int], 'amount', v_amount,
          'fund_id', fund.default_fund(CASE WHEN random() < 0.5 THEN 'general' ELSE 'solidarity' END));
      END LOOP;
      v_lines := v_lines || jsonb_build_object('account', '512', 'amount', -v_sum);
      v_ids := v_ids || fund.post_entry(app.uuid7(), 'OD', DATE '2026-01-01' + floor(random() * 360)::int, 'random', 'manual',
                                        NULL, v_lines);
    END IF;
    PERFORM app.end_write();
    INSERT INTO instants VALUES (i, app.recorded_at());
  END LOOP;
END $$;
SELECT is_empty('SELECT * FROM fund.check_books()', 'kept balances equal the lines after random postings and reversals');
CREATE FUNCTION public.lines_balance(p_as_of date, p_known_at timestamptz) RETURNS TABLE (account text, debit bigint, credit bigint)
LANGUAGE sql AS $fn$
  SELECT a.number, coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0)::bigint,
         coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0)::bigint
    FROM fund.line l JOIN fund.entry e ON e.id = l.entry_id JOIN fund.account a ON a.id = l.account_id
   WHERE e.date <= p_as_of AND e.recorded_at <= p_known_at GROUP BY 1
$fn$;
SELECT is((SELECT count(*) FROM generate_series(DATE '2025-12-31', '2027-01-01', '7 days') d
            CROSS JOIN LATERAL (
              (SELECT account, debit, credit FROM api.trial_balance(d::date, api.known_at(NULL), NULL, NULL)
               EXCEPT SELECT * FROM lines_balance(d::date, 'infinity'))
              UNION ALL
              (SELECT * FROM lines_balance(d::date, 'infinity')
               EXCEPT SELECT account, debit, credit FROM api.trial_balance(d::date, api.known_at(NULL), NULL, NULL))) x)::int,
          0, 'the trial balance from kept balances equals the sums of lines, on 53 days');
SELECT is((SELECT count(*) FROM instants i
            CROSS JOIN LATERAL (
              (SELECT account, debit, credit FROM api.trial_balance('2026-09-15', i.at, NULL, NULL)
               EXCEPT SELECT * FROM lines_balance('2026-09-15', i.at))
              UNION ALL
              (SELECT * FROM lines_balance('2026-09-15', i.at)
               EXCEPT SELECT account, debit, credit FROM api.trial_balance('2026-09-15', i.at, NULL, NULL))) x
            WHERE i.n % 20 = 0)::int, 0, 'and as known at earlier instants');
SELECT is((SELECT bool_and(s.debit = s.credit)
             FROM instants i CROSS JOIN LATERAL (SELECT sum(debit) AS debit, sum(credit) AS credit
                                                   FROM api.trial_balance('2026-12-31', i.at, NULL, NULL)) s
            WHERE i.n % 10 = 0), true, 'debits equal credits at any instant');
SELECT act(b());
CREATE TEMP TABLE before ON COMMIT DROP AS
  SELECT t.*, api.known_at('infinity') AS known FROM api.trial_balance('2026-12-31', api.known_at('infinity'), NULL, NULL) t;
SELECT FROM post('2026-05-05', two('627', '512', 123));
SELECT bag_eq($$SELECT account, debit, credit FROM api.trial_balance('2026-12-31', (SELECT max(known) FROM before), NULL, NULL)$$,
              'SELECT account, debit, credit FROM before', 'a report is made again as it was, after later postings');
SELECT isnt((SELECT debit FROM api.trial_balance('2026-12-31', api.known_at(NULL), NULL, NULL) WHERE account = '627'),
            (SELECT debit FROM before WHERE account = '627'), 'and as known now it is another');
SELECT is(api.known_at('2100-01-01'), (SELECT last_recorded_at FROM fund.organisation), 'known_at is brought back to the last recorded instant');
SELECT is((SELECT sum(debit - credit) FROM api.trial_balance('2026-12-31', api.known_at(NULL), NULL, fund.default_fund('general'))),
          -(SELECT sum(debit - credit) FROM api.trial_balance('2026-12-31', api.known_at(NULL), NULL, fund.default_fund('solidarity'))),
          'what one fund lacks the other has');
ROLLBACK;

-- What check_books sees when something is wrong: kept balances can be broken by their owner.
BEGIN;
SELECT act(a());
UPDATE fund.balance SET debit = debit + 1 WHERE (account_id, month) = (SELECT account_id, month FROM fund.balance LIMIT 1);
SELECT is((SELECT count(*) FROM app.check_books() WHERE organisation = 'alpha' AND problem LIKE 'kept balance of account%, its lines sum to%')::int,
          (SELECT count(*) FROM fund.balance WHERE (account_id, month) = (SELECT account_id, month FROM fund.balance LIMIT 1))::int,
          'a kept balance that is wrong is found');
SELECT is((SELECT count(*) FROM app.check_books() WHERE organisation = 'alpha' AND problem LIKE 'kept balance of account%year from%')::int,
          1, 'and the year''s that its months do not add up to');
UPDATE fund.counter SET last = last + 1 WHERE journal_code = 'BQ';
SELECT is((SELECT count(*) FROM app.check_books(a()) WHERE problem LIKE 'journal BQ of the year from 2026-01-01: % counter at %')::int,
          1, 'and a counter that does not fit its entries');
ALTER TABLE fund.line DISABLE TRIGGER line_append_only;
UPDATE fund.line SET amount = amount * 2 WHERE entry_id = (SELECT id FROM fund.entry ORDER BY id LIMIT 1);
UPDATE fund.line SET label = 'changed' WHERE entry_id = (SELECT id FROM fund.entry ORDER BY id DESC LIMIT 1);
SELECT is((SELECT count(*) FROM app.check_books(a()) WHERE problem LIKE '%sum to%it was written with%')::int, 1,
          'lines changed behind the trigger''s back are found');
SELECT is((SELECT count(*) FROM app.check_books(a()) WHERE problem LIKE '%it or its lines are not as they were written')::int, 2,
          'also where they still balance');
ALTER TABLE fund.entry DISABLE TRIGGER entry_append_only;
UPDATE fund.entry SET recorded_at = recorded_at - interval '1 microsecond' WHERE id = (SELECT id FROM fund.entry ORDER BY id OFFSET 5 LIMIT 1);
SELECT is((SELECT count(*) FROM app.check_books(a()) WHERE problem LIKE '%it or its lines are not as they were written')::int, 3,
          'and an entry that says another instant');
ROLLBACK;

-- ---- Two vintages of the chart ----------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT FROM post('2024-06-30', two('512', '757', 100));
SELECT FROM post('2025-06-30', two('512', '757', 200));
SELECT is((SELECT string_agg(title || ' ' || credit, '; ' ORDER BY credit) FROM api.trial_balance('2026-01-01', api.known_at(NULL), NULL, NULL)
            WHERE account = '757'),
          'Gains de change sur créances et dettes d''exploitation 100; '
          || 'Produits des cessions d''immobilisations incorporelles et corporelles 200',
          'an entry of 2024 uses the old meaning of a number, one of 2025 the new one');
SELECT is(problem($$SELECT post('2024-06-30', two('512', '741', 1))$$), 'account.unknown /lines/1/account 741', '741 is unknown before 2025');
SELECT is(problem($$SELECT post('2024-06-30', two('512', '740', 1))$$), 'none', '740 is known before 2025');
SELECT is(problem($$SELECT post('2025-01-01', two('512', '740', 1))$$), 'account.unknown /lines/1/account 740', '740 is unknown from 2025 on');
SELECT is(problem($$SELECT act(a()); SELECT app.begin_write();
                    SELECT fund.reverse_entry((SELECT entry_id FROM fund.line l JOIN fund.account x ON x.id = l.account_id
                                                WHERE x.number = '757' AND x.valid_to IS NOT NULL), '2025-02-01', 'error', app.uuid7())$$),
          'none', 'an entry of the old chart is reversed in a year of the new one');
SELECT is((SELECT string_agg(debit || ' ' || credit, '; ' ORDER BY credit) FROM api.trial_balance('2026-01-01', api.known_at(NULL), NULL, NULL)
            WHERE account = '757'), '100 100; 0 200', 'on the account it was written on');
ROLLBACK;
BEGIN;
SELECT act(a());
SELECT row_eq($$SELECT number, title, kind, own, valid_from FROM api.account_create('{}', '{"number": "51299", "title": "Livret"}')$$,
              ROW('51299'::text, 'Livret'::text, 'asset'::text, true, DATE '2020-01-01'), 'a sub-account takes its parent''s kind');
SELECT act(a());
SELECT is(problem($$SELECT api.account_create('{}', '{"number": "51299", "title": "x"}')$$), 'account.exists /number 51299 Livret',
          'a number is opened once');
SELECT act(a());
SELECT is(problem($$SELECT api.account_create('{}', '{"number": "5121", "title": "x"}')$$), 'account.exists /number 5121 Comptes en euros',
          'and not where the chart has it');
SELECT act(a());
SELECT is(problem($$SELECT api.account_create('{}', '{"number": "9121", "title": "x"}')$$), 'account.number /number 9121', 'class 9 does not exist');
SELECT act(a());
SELECT is(problem($$SELECT api.account_create('{}', '{"number": "8441", "title": "x"}')$$), 'account.parent_unknown /number 8441',
          'there must be something to divide');
ROLLBACK;

-- ---- Fiscal years and locks --------------------------------------------------------------------------------------------
BEGIN;
SELECT act(b());
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2026-12-31", "ends_on": "2027-12-31"}')$$),
          'fiscal_year.overlap /starts_on date:2026-12-31', 'years do not overlap');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2026-01-01", "ends_on": "2026-12-31"}')$$),
          'fiscal_year.overlap /starts_on date:2026-12-31', 'nor twice the same');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2027-01-02", "ends_on": "2027-12-31"}')$$),
          'fiscal_year.gap /starts_on date:2026-12-31 date:2027-01-02', 'nor leave a day between them');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2024-01-01", "ends_on": "2024-12-31"}')$$),
          'fiscal_year.gap /ends_on date:2024-12-31 date:2026-01-01', 'before the first one neither');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2027-01-01", "ends_on": "2027-01-30"}')$$),
          'fiscal_year.length /ends_on', 'less than a month is too short');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2027-01-01", "ends_on": "2029-01-01"}')$$),
          'fiscal_year.length /ends_on', 'two years and a day are too long');
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2027-01-01", "ends_on": "2028-12-31"}')$$), 'none', 'two years are not');
SELECT act(b());
SELECT is(problem($$SELECT api.fiscal_year_create('{}', '{"starts_on": "2025-12-01", "ends_on": "2025-12-31"}')$$), 'none',
          'a year of a month, before the first');
SELECT is(problem($$UPDATE fund.fiscal_year SET ends_on = ends_on + 1 WHERE starts_on = '2026-01-01'$$), 'fiscal_year.fixed ',
          'years keep their dates');
SELECT is(problem($$INSERT INTO fund.fiscal_year (organisation_id, id, starts_on, ends_on)
                    VALUES (b(), app.uuid7(), '2029-02-01', '2029-12-31')$$),
          'fiscal_year.gap /starts_on date:2028-12-31 date:2029-02-01', 'the database refuses a gap by itself');
SELECT id AS year FROM fund.fiscal_year WHERE starts_on = '2026-01-01' \gset
CREATE FUNCTION public.lock(p_year uuid, p_act text, p_body jsonb) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM public.act(fund.current_organisation());
  RETURN public.problem(format('SELECT api.fiscal_year_%s(%L, %L)', p_act, jsonb_build_object('id', p_year), p_body));
END $fn$;
SELECT is(lock(:'year', 'lock', '{"through": "2026-02-15", "reason": "r"}'), 'period.lock_date /through date:2026-01-01 date:2026-12-31',
          'months are locked whole');
SELECT is(lock(:'year', 'lock', '{"through": "2027-01-31", "reason": "r"}'), 'period.lock_date /through date:2026-01-01 date:2026-12-31',
          'within the year');
SELECT is(lock(:'year', 'lock', '{"through": "2026-02-28", "reason": "VAT sent"}'), 'none', 'a period is locked');
SELECT is((SELECT reason FROM audit.event WHERE subject_kind = 'fiscal_year' ORDER BY id DESC LIMIT 1), 'VAT sent', 'the log says why');
SELECT is(lock(:'year', 'lock', '{"through": "2026-02-28", "reason": "r"}'), 'period.already_locked /through date:2026-02-28', 'once');
SELECT is(problem($$SELECT post('2026-02-28', two('512', '7561', 1))$$), 'period.locked /date date:2026-02-28 date:2026-02-28', 'nothing is posted in it');
SELECT is(problem($$SELECT post('2026-03-01', two('512', '7561', 1))$$), 'none', 'the day after it is open');
SELECT is(problem($$SELECT write_raw('{1,-1}', 1) FROM (SELECT set_config('x.x', '', true)) x$$) || '; ' ||
          problem($$UPDATE fund.fiscal_year SET closed_at = now() WHERE starts_on = '2027-01-01'; SELECT write_raw('{1,-1}', 1)$$),
          'none; fiscal_year.closed /date date:2027-01-01 date:2028-12-31', 'the database refuses an entry in a closed year by itself');
SELECT is(lock(:'year', 'unlock', '{"through": "2026-03-31", "reason": "r"}'), 'period.not_locked /through', 'unlocking goes back only');
SELECT is(lock(:'year', 'unlock', '{"through": "2026-01-31", "reason": "forgotten invoice"}'), 'none', 'a month is opened again');
SELECT is(problem($$SELECT post('2026-02-28', two('512', '7561', 1))$$), 'none', 'and can be posted in');
SELECT is(lock(:'year', 'unlock', '{"through": null, "reason": "r"}'), 'none', 'all is opened again');
SELECT is((SELECT locked_through FROM fund.fiscal_year WHERE id = :'year'), NULL, 'nothing is locked then');
ROLLBACK;

-- ---- Trial balance of a year --------------------------------------------------------------------------------------------
BEGIN;
SELECT act(b());
SELECT FROM api.fiscal_year_create('{}', '{"starts_on": "2027-01-01", "ends_on": "2027-12-31"}');
SELECT FROM post('2026-06-01', two('512', '7561', 1000));
SELECT FROM post('2026-07-01', two('627', '512', 100));
SELECT FROM post('2026-07-02', two('864', '875', 7));
SELECT FROM post('2027-02-01', two('512', '7561', 50));
SELECT bag_eq($$SELECT account, opening, debit, credit, balance, closing FROM api.trial_balance('2027-12-31', api.known_at(NULL), '2027-01-01', NULL)$$,
              $$VALUES ('512', 900::bigint, 50::bigint, 0::bigint, 50::bigint, 950::bigint), ('7561', 0, 0, 50, -50, -50)$$,
              'a year: assets and liabilities carry an opening, income, expense and class 8 start again');
SELECT bag_eq($$SELECT account, opening, debit, credit, balance, closing FROM api.trial_balance('2027-01-31', api.known_at(NULL), '2027-01-01', NULL)$$,
              $$VALUES ('512', 900::bigint, 0::bigint, 0::bigint, 0::bigint, 900::bigint)$$, 'before its first movement: the opening only');
SELECT bag_eq($$SELECT account, opening, debit, credit, balance FROM api.trial_balance('2027-12-31', api.known_at(NULL), NULL, NULL)$$,
              $$VALUES ('512', NULL::bigint, 1050::bigint, 100::bigint, 950::bigint), ('627', NULL, 100, 0, 100), ('7561', NULL, 0, 1050, -1050),
                       ('864', NULL, 7, 0, 7), ('875', NULL, 0, 7, -7)$$, 'without a year: every line');
SELECT is((SELECT as_of FROM api.trial_balance_frame(NULL, NULL, (SELECT id FROM fund.fiscal_year WHERE starts_on = '2026-01-01'), NULL)),
          DATE '2026-12-31', 'a year''s trial balance is at its end unless said');
SELECT is(problem($$SELECT api.trial_balance_frame('2025-12-31', NULL, (SELECT id FROM fund.fiscal_year WHERE starts_on = '2026-01-01'), NULL)$$),
          'report.before_year ?as_of date:2026-01-01', 'and never before its beginning');
ROLLBACK;

-- ---- Kept balances say at any day what the lines say ------------------------------------------------------------------
BEGIN;
SELECT act(b());
-- Years that begin and end within a month, and one longer than a year.
SELECT FROM api.fiscal_year_create('{}', '{"starts_on": "2027-01-01", "ends_on": "2027-05-14"}');
SELECT act(b());
SELECT FROM api.fiscal_year_create('{}', '{"starts_on": "2027-05-15", "ends_on": "2028-09-30"}');
DO $do$
BEGIN
  FOR i IN 1..300 LOOP
    PERFORM post(DATE '2026-01-01' + i * 37 % 1000, (
      SELECT jsonb_agg(x || jsonb_build_object('fund_id', fund.default_fund(CASE WHEN i % 5 < 2 THEN 'solidarity' ELSE 'general' END)))
        FROM jsonb_array_elements(two((ARRAY['512', '627', '467', '864'])[1 + i % 4], (ARRAY['7561', '512', '875'])[1 + i % 3], i * 7)) x));
  END LOOP;
END $do$;
CREATE TEMP TABLE asked ON COMMIT DROP AS
SELECT d::date AS as_of, y.starts_on, f.id AS fund_id
  FROM generate_series(DATE '2025-12-30', DATE '2028-10-02', interval '1 day') d
 CROSS JOIN (SELECT starts_on FROM fund.fiscal_year UNION ALL SELECT NULL) y
 CROSS JOIN (SELECT fund.default_fund('solidarity') AS id UNION ALL SELECT NULL) f
 WHERE extract(day FROM d) IN (1, 15, 16, 31) AND (y.starts_on <= d) IS NOT FALSE;
SELECT is_empty($$
  WITH now AS (SELECT a.*, s.* FROM asked a, api.sums_now(a.as_of, a.starts_on, a.fund_id) s WHERE (before, debit, credit) <> (0, 0, 0)),
       line AS (SELECT a.*, s.* FROM asked a, api.sums_then(a.as_of, 'infinity', a.starts_on, a.fund_id) s)
  (SELECT 'kept', * FROM now EXCEPT SELECT 'kept', * FROM line) UNION ALL (SELECT 'line', * FROM line EXCEPT SELECT 'line', * FROM now)
$$, 'trial balances of every account, year and fund, about month ends and middles');
CREATE TEMP TABLE ranged ON COMMIT DROP AS
SELECT a.as_of, b.as_of AS from_on, a.fund_id, n.number, p.prefix, y.id AS fiscal_year_id
  FROM (SELECT DISTINCT as_of, fund_id FROM asked WHERE extract(month FROM as_of) IN (5, 9)) a
 CROSS JOIN (VALUES (DATE '2026-05-16'), ('2027-05-15'), ('2028-12-01'), (NULL)) b (as_of)
 CROSS JOIN (VALUES ('512', NULL), (NULL, '6'), (NULL, NULL), ('9', NULL)) n (number, prefix0)
 CROSS JOIN LATERAL (SELECT n.prefix0) p (prefix)
 CROSS JOIN (SELECT NULL::uuid AS id UNION ALL (SELECT id FROM fund.fiscal_year ORDER BY starts_on DESC LIMIT 1)) y;
SELECT is_empty($$
  SELECT r.*, t.*, l.* FROM ranged r,
    api.line_totals(r.prefix, r.number, r.fund_id, NULL, NULL, r.fiscal_year_id, NULL, r.from_on, r.as_of, NULL, NULL, NULL, NULL) t,
    LATERAL (SELECT count(*), coalesce(sum(e.debit), 0)::bigint AS debit, coalesce(sum(e.credit), 0)::bigint AS credit FROM api.entry_line e
              WHERE (r.number IS NULL OR e.account = r.number) AND (r.prefix IS NULL OR e.account LIKE r.prefix || '%')
                AND (r.fund_id IS NULL OR e.fund_id = r.fund_id) AND (r.from_on IS NULL OR e.date >= r.from_on) AND e.date <= r.as_of
                AND (r.fiscal_year_id IS NULL OR e.fiscal_year_id = r.fiscal_year_id)) l
   WHERE (t.count, t.debit, t.credit) <> (l.count, l.debit, l.credit)
$$, 'and totals of the lines of accounts, a fund and a year between two days');
SELECT is((SELECT count(*)::int FROM ranged r,
             api.line_totals(r.prefix, r.number, r.fund_id, NULL, NULL, r.fiscal_year_id, NULL, r.from_on, r.as_of, NULL, NULL, NULL, NULL) t
            WHERE t.count > 0) > 200, true, 'most of which are not nothing');
SELECT is(problem($$SELECT FROM app.check_books(b())$$), 'none', 'the books can be checked');
SELECT is_empty($$SELECT * FROM app.check_books(b())$$, 'and are right');
ROLLBACK;
