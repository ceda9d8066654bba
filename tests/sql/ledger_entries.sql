-- Drafts, their validation, reversals, and what the views show of them: the functions the server calls.
\ir ledger.inc

-- Matches are the bank's; here only that a line has one.
ALTER TABLE fund.line_match DROP CONSTRAINT IF EXISTS line_match_match;
DROP TRIGGER IF EXISTS line_match_sums ON fund.line_match;

CREATE TABLE public.it (name text PRIMARY KEY, id uuid NOT NULL);
INSERT INTO it SELECT 'a', app.organisation_create('alpha', 'Alpha', DATE '2026-01-01', 'cli:test');
INSERT INTO it SELECT 'b', app.organisation_create('beta', 'Beta', DATE '2026-01-01', 'cli:test');
CREATE FUNCTION public.a() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM public.it WHERE name = 'a' $$;
CREATE FUNCTION public.b() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM public.it WHERE name = 'b' $$;
CREATE FUNCTION public.body(p_lines jsonb, p_date text DEFAULT '2026-03-04', p_journal text DEFAULT 'OD') RETURNS jsonb
LANGUAGE sql AS $$ SELECT jsonb_build_object('journal', p_journal, 'date', p_date, 'label', 'Test', 'lines', p_lines) $$;
CREATE FUNCTION public.draft(p_lines jsonb, p_date text DEFAULT '2026-03-04') RETURNS uuid LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM public.act(fund.current_organisation());
  RETURN (SELECT id FROM api.entry_create('{}', public.body(p_lines, p_date)));
END $fn$;
CREATE FUNCTION public.call(p_function text, p_id uuid, p_body jsonb DEFAULT '{}', p_if_match text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM public.act(fund.current_organisation(), p_if_match);
  RETURN public.problem(format('SELECT api.%I(%L, %L)', p_function, jsonb_build_object('id', p_id), p_body));
END $fn$;
COMMENT ON FUNCTION public.call(text, uuid, jsonb, text) IS 'A request of its own: what went wrong, or none.';

SELECT plan(43);

BEGIN;
SELECT act(b());
SELECT fund.default_fund('solidarity') AS foreign_fund \gset
SELECT act(a());
SELECT fund.default_fund('general') AS general, fund.default_fund('solidarity') AS solidarity \gset

-- ---- Writing a draft ----------------------------------------------------------------------------------------------
SELECT draft('[{"account": "512", "debit": 1000}, {"account": "7561", "credit": 900, "label": "Dues"}]') AS d \gset
SELECT row_eq(format('SELECT status, journal, number, total, version, recorded_at, recorded_by FROM api.entry WHERE id = %L', :'d'),
              ROW('draft'::text, 'OD'::text, NULL::int, 1000::bigint, 1, NULL::timestamptz, 'token:00000000-0000-0000-0000-000000000001'::text),
              'a draft need not balance');
SELECT is((SELECT lines->0 FROM api.entry WHERE id = :'d'),
          jsonb_build_object('id', NULL, 'account', '512', 'title', 'Banques', 'debit', '10.00', 'credit', NULL,
            'fund_id', :'general', 'fund_name', 'Fonctionnement', 'project_id', NULL, 'member_id', NULL, 'member_name', NULL, 'label', NULL),
          'its lines are in wire form, amounts as decimal strings');
SELECT is((SELECT lines->1->>'credit' || (lines->1->>'label') FROM api.entry WHERE id = :'d'), '9.00Dues', 'on both sides');
SELECT is((SELECT count(*) FROM fund.line) + (SELECT count(*) FROM fund.balance), 0::bigint, 'and count nowhere');
SELECT is(problem(format($$SELECT api.entry_create('{}', body('[{"account": "512", "debit": 1, "credit": 1}, {"account": "512"},
    {"account": "99", "debit": 1}, {"account": "512", "debit": 1, "fund_id": "%1$s", "member_id": "%1$s", "project_id": "%1$s"}]',
    '2027-02-01', 'ZZ'))$$, :'foreign_fund')),
  'journal.unknown /journal ZZ; fiscal_year.none /date date:2027-02-01; line.side /lines/0; line.side /lines/1; '
  || 'account.unknown /lines/2/account 99; not_found /lines/3/fund_id; not_found /lines/3/project_id; not_found /lines/3/member_id',
  'every fault is said at once; another organisation''s fund is not found');
SELECT is((SELECT count(*) FROM fund.draft), 1::bigint, 'and nothing is written');
SELECT draft(jsonb_build_array('{"account": "512", "debit": 5, "credit": 0}'::jsonb,
                               jsonb_build_object('account', '7551', 'credit', 5, 'fund_id', :'solidarity'))) AS s \gset
SELECT is((SELECT array_agg(DISTINCT l->>'fund_id') FROM api.entry e, jsonb_array_elements(e.lines) l WHERE e.id = :'s'),
          ARRAY[:'solidarity'], 'a line without fund follows the one the others name');
SELECT draft(jsonb_build_array('{"account": "512", "debit": 5}'::jsonb,
                               jsonb_build_object('account', '512', 'credit', 4, 'fund_id', :'solidarity'),
                               jsonb_build_object('account', '512', 'credit', 1, 'fund_id', :'general'))) AS t \gset
SELECT is((SELECT lines->0->>'fund_id' FROM api.entry WHERE id = :'t'), :'general', 'with several named, the general fund');

-- ---- Changing and deleting it ---------------------------------------------------------------------------------------
SELECT is(call('entry_update', :'d', '{"label": "x"}'), 'precondition.required ', 'a change needs If-Match');
SELECT is(call('entry_update', :'d', '{"label": "x"}', '7'), 'precondition.failed ', 'of the version that is there');
SELECT is(call('entry_update', :'d', '{"label": "Other", "date": "2026-04-01"}', '1'), 'none', 'a draft changes');
SELECT row_eq(format('SELECT label, date, journal, total, version FROM api.entry WHERE id = %L', :'d'),
              ROW('Other'::text, DATE '2026-04-01', 'OD'::text, 1000::bigint, 2), 'what is not given stays');
SELECT is(call('entry_update', :'d', '{"lines": [{"account": "512", "debit": 7}, {"account": "758", "debit": 7}]}', '2'), 'none', 'lines are replaced');
SELECT is((SELECT jsonb_array_length(lines)::text || ' ' || total FROM api.entry WHERE id = :'d'), '2 14', 'as a whole');
SELECT is(call('entry_update', :'d', '{"date": "2025-01-01", "journal": "Q"}', '3'),
          'journal.unknown /journal Q; fiscal_year.none /date date:2025-01-01', 'faults of a change');
SELECT is(call('entry_delete', :'t', '{}', '1'), 'none', 'a draft is deleted');
SELECT is(call('entry_delete', :'t', '{}', '1'), 'not_found ', 'once');
SELECT is((SELECT count(*) FROM audit.event WHERE subject_kind = 'draft' AND subject_id = :'t' AND action = 'delete'), 1::bigint, 'the log knows');

-- ---- Validating it --------------------------------------------------------------------------------------------------
SELECT is(call('entry_validate', :'d'), 'entry.unbalanced /lines money:14 money:0', 'unbalanced: refused with both totals');
SELECT is(call('entry_update', :'d', '{"lines": [{"account": "512", "debit": 7}, {"account": "758", "credit": 7}]}', '3'), 'none', 'put right');
SELECT is(call('entry_validate', :'d'), 'none', 'validated');
SELECT row_eq(format($$SELECT status, number, total, version, source_kind, recorded_at IS NOT NULL FROM api.entry WHERE id = %L$$, :'d'),
              ROW('validated'::text, 1, 7::bigint, 1, 'manual'::text, true), 'under its id, with a number');
SELECT is((SELECT count(*) FROM api.entry WHERE id = :'d'), 1::bigint, 'it is a draft no more');
SELECT is(call('entry_validate', :'d'), 'entry.already_validated  OD 1', 'validating again');
SELECT is(call('entry_update', :'d', '{"label": "x"}', '1'), 'entry.immutable ', 'changing a validated entry');
SELECT is(call('entry_delete', :'d', '{}', '1'), 'entry.immutable ', 'deleting a validated entry');
SELECT is(call('entry_validate', gen_random_uuid()), 'not_found ', 'validating what is not there');

-- ---- Reversing it -----------------------------------------------------------------------------------------------------
SELECT is(call('entry_reverse', :'s', '{"date": "2026-05-01", "reason": "error"}'), 'entry.is_draft ', 'a draft is not reversed');
SELECT is(call('entry_reverse', :'d', '{"date": "2026-03-31", "reason": "error"}'), 'reversal.before_entry /date date:2026-04-01', 'nor before its date');
SELECT is(call('entry_reverse', :'d', '{"date": "2026-05-01", "reason": "  "}'), 'reason.required /reason', 'nor without a reason');
SELECT is(call('entry_reverse', :'d', '{"date": "2027-05-01", "reason": "error"}'), 'fiscal_year.none /date date:2027-05-01', 'nor outside the years');
SELECT is(call('entry_reverse', :'d', '{"date": "2026-05-01", "reason": " error "}'), 'none', 'reversed');
SELECT row_eq(format($$SELECT r.number, r.date, r.reason, r.lines->0->>'credit', r.lines->1->>'debit', r.label, e.version
                         FROM api.entry e JOIN api.entry r ON r.id = e.reversed_by_entry_id AND r.reverses_entry_id = e.id
                        WHERE e.id = %L$$, :'d'),
              ROW(2, DATE '2026-05-01', 'error'::text, '0.07'::text, '0.07'::text, 'Other'::text, 2), 'linked both ways, sides swapped, with the reason');
SELECT is((SELECT sum(debit) || ' ' || sum(credit) FROM fund.balance), '14 14', 'both count');
SELECT is(call('entry_reverse', :'d', '{"date": "2026-05-01", "reason": "error"}'), 'entry.already_reversed  OD 2 date:2026-05-01', 'once only');
SELECT is(call('entry_reverse', (SELECT reversed_by_entry_id FROM api.entry WHERE id = :'d'), '{"date": "2026-05-01", "reason": "error"}'),
          'entry.is_reversal ', 'a reversal is not reversed');
SELECT post('2026-06-01', two('512', '7561', 10), 'BQ', 'contribution') AS c \gset
SELECT matches(call('entry_reverse', :'c', '{"date": "2026-06-01", "reason": "error"}'), '^entry.owned  a contribution: cancel', 'what an operation wrote is its own');
SELECT post('2026-06-01', two('512', '7561', 10), 'BQ') AS m \gset
SELECT FROM app.end_write();
INSERT INTO fund.line_match (organisation_id, line_id, match_id, matched_at, matched_by)
SELECT a(), l.id, gen_random_uuid(), now(), 'system' FROM fund.line l WHERE l.entry_id = :'m' AND l.amount > 0;
SELECT is(call('entry_reverse', :'m', '{"date": "2026-06-01", "reason": "error"}'), 'entry.matched ', 'what is matched with the bank is unmatched first');
SELECT is((SELECT string_agg(account || matched, ' ' ORDER BY account) FROM api.entry_line WHERE entry_id = :'m'), '512true 7561false', 'matched lines show');
SELECT is_empty('SELECT * FROM fund.check_books()', 'the books check');

-- ---- What others see ----------------------------------------------------------------------------------------------------
SELECT act(b());
SELECT is((SELECT count(*) FROM api.entry) + (SELECT count(*) FROM api.entry_line), 0::bigint, 'another organisation sees nothing of it');
SELECT is(call('entry_validate', :'s'), 'not_found ', 'and changes nothing');
ROLLBACK;

-- ---- A request repeated under its key books once ----------------------------------------------------------------------------
BEGIN;
CREATE FUNCTION public.keyed() RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM api.set_context(public.a(), NULL, 'token:00000000-0000-0000-0000-000000000001', 'treasurer', gen_random_uuid(),
                          'POST /entries', NULL, 'key-1', sha256('x'), NULL);
  RETURN (SELECT id::text || total FROM api.entry_create('{}', public.body('[{"account": "512", "debit": 7}]')));
END $fn$;
SELECT keyed() AS k1 \gset
SELECT keyed() AS k2 \gset
SELECT is(:'k1'::text, :'k2', 'the same key answers the same draft');
ROLLBACK;
