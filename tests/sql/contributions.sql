-- Money in: every nature of every legal form in both vintages, means, default funds, agreements, receipts, cancelling,
-- correcting, returning, what is given in kind.
\ir members_setup.psql

-- What the entries of a contribution say: "2026-03-12 BQ 512 +1000 7561 -1000; …", oldest first, reversals included.
CREATE FUNCTION public.booked(p_contribution uuid, p_dates boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(x.text, '; ' ORDER BY x.id)
    FROM (SELECT e.id,
                 concat_ws(' ', CASE WHEN p_dates THEN e.date END, e.journal_code,
                           CASE WHEN e.reverses_entry_id IS NOT NULL THEN 'reversal' END,
                           (SELECT string_agg(a.number || ' ' || to_char(l.amount, 'FMSG999999999'), ' ' ORDER BY l.position)
                              FROM fund.line l JOIN fund.account a ON a.id = l.account_id WHERE l.entry_id = e.id)) AS text
            FROM fund.entry e WHERE e.source_id = p_contribution) x
$$;
CREATE FUNCTION public.gift(p_form text, p_body jsonb) RETURNS uuid LANGUAGE sql AS $$
  SELECT act(a());
  SELECT c.id FROM api.contribution_create('{}', jsonb_strip_nulls(jsonb_build_object(
    'donor', jsonb_build_object('name', 'Donateur', 'legal_form', p_form),
    'amount', 1000, 'means', 'transfer', 'received_on', fund.today()) || p_body)) c $$;
COMMENT ON FUNCTION public.gift(text, jsonb) IS 'A contribution of somebody who is no member, today by transfer unless the body says otherwise.';
CREATE FUNCTION public.fund_of(p_contribution uuid) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(DISTINCT f.kind, ' ') FROM fund.entry e JOIN fund.line l ON l.entry_id = e.id JOIN fund.fund f ON f.id = l.fund_id
   WHERE e.source_id = p_contribution $$;
CREATE FUNCTION public.seen(p_contribution uuid) RETURNS api.contribution LANGUAGE sql AS $$
  SELECT c FROM api.contribution c WHERE c.id = p_contribution $$;
CREATE FUNCTION public.label_of(p_contribution uuid) RETURNS text LANGUAGE sql AS $$
  SELECT e.label FROM fund.entry e WHERE e.source_id = p_contribution $$;
COMMENT ON FUNCTION public.seen(uuid) IS 'VOLATILE, as the two others: it sees what its argument has just written.';
CREATE FUNCTION public.day(p_text text) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT p_text::date $$;

BEGIN;
SELECT act(a());
SELECT FROM api.member_create('{}', '{"name": "Les Tisserands", "legal_form": "association", "joined_on": "2025-03-01"}');
SELECT act(a());
SELECT FROM api.member_create('{}', '{"name": "Jeanne Martin", "legal_form": "sole_trader", "joined_on": "2025-03-01"}');
SELECT act(b());
SELECT FROM api.member_create('{}', '{"name": "Ailleurs", "legal_form": "association"}');
INSERT INTO it SELECT 'other', m.id FROM fund.member m;
COMMIT;
SELECT plan(268);

-- ---- Who can give what, and how it is booked: one row a cell, - where it is refused ------------------------------
CREATE TEMP TABLE cell AS
SELECT f.legal_form, n.nature, n.codes[f.place] AS account
  FROM unnest(ARRAY['association', 'scop', 'scic', 'company', 'sole_trader', 'elected_official', 'person', 'local_authority'])
       WITH ORDINALITY AS f (legal_form, place)
 CROSS JOIN (VALUES
   -- association scop scic company sole_trader elected_official person local_authority
   ('dues',                   '{7561,7561,7561,7561,7561,7561,7561,7561}'::text[]),
   ('donation',               '{-,75411,75411,75411,75411,75411,75411,-}'),
   ('patronage',              '{-,7542,7542,7542,-,-,-,-}'),
   ('sponsorship',            '{-,7063,7063,7063,-,-,-,-}'),
   ('financial_contribution', '{7551,-,-,-,-,-,-,-}'),
   ('subsidy',                '{-,-,-,-,-,-,-,741}'),
   ('equity_without_return',  '{1024,1024,1024,1024,-,-,-,-}'),
   ('equity_with_return',     '{1034,1034,1034,1034,-,-,-,-}'),
   ('repayable',              '{1681,1681,1681,1681,1681,1681,1681,1681}')) AS n (nature, codes);
CREATE FUNCTION pg_temp.body(p_nature text, p_on date) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('nature', p_nature, 'received_on', p_on)
      || CASE WHEN p_nature = 'repayable' THEN jsonb_build_object('repayable_on', p_on + 400, 'legal_basis', 'Convention de trésorerie',
           'accountant_note', 'Avis du 3 mars') ELSE '{}' END $$;
BEGIN;
SELECT is(booked(gift(c.legal_form, pg_temp.body(c.nature, v.on_date))),
          'BQ 512 +1000 ' || CASE WHEN c.account = '741' THEN v.subsidy ELSE c.account END || ' -1000',
          format('%s from %s in %s', c.nature, c.legal_form, v.name))
  FROM cell c CROSS JOIN (VALUES (day('2024-12-31'), '74', 'a year opened before 2025'), (day('2025-01-01'), '741', 'a year opened in 2025'))
       AS v (on_date, subsidy, name)
 WHERE c.account <> '-';
SELECT is(split_part(refusal(format('SELECT gift(%L, %L)', c.legal_form, pg_temp.body(c.nature, '2025-06-01'))), ' ', 1) || ' '
          || split_part(refusal(format('SELECT gift(%L, %L)', c.legal_form, pg_temp.body(c.nature, '2025-06-01'))), ' ', 2),
          'nature.' || c.nature || ' /nature', format('no %s from %s', c.nature, c.legal_form))
  FROM cell c WHERE c.account = '-';
SELECT is((SELECT count(*)::int FROM api.contribution_nature), (SELECT count(*)::int FROM cell WHERE account <> '-'),
          'the list of natures has the cells that are possible');
SELECT is_empty($$SELECT n.id FROM api.contribution_nature n LEFT JOIN cell c USING (legal_form, nature) WHERE n.account IS DISTINCT FROM c.account$$,
                'with their accounts');
SELECT is((SELECT string_agg(DISTINCT nature, ' ') FROM api.contribution_nature WHERE NOT lendable), 'repayable', 'what is owed back is not lent');
SELECT is((SELECT count(*)::int FROM reference.nature n WHERE NOT EXISTS (SELECT FROM reference.account r
             WHERE r.number = n.account AND daterange(r.valid_from, r.valid_to, '[]') @> daterange(n.valid_from, n.valid_to, '[]'))
             AND n.account IS NOT NULL), 0, 'every account of a rule is in the chart as long as the rule holds');
SELECT is((SELECT count(*)::int FROM reference.nature x JOIN reference.nature y USING (nature, legal_form)
            WHERE x.valid_from < y.valid_from AND coalesce(x.valid_to, 'infinity') >= y.valid_from), 0, 'no two rules hold at once');
ROLLBACK;

-- What it says when it refuses: what this giver can have, in both languages
BEGIN;
SELECT is(refusal($$SELECT gift('scop', '{"nature": "financial_contribution"}')$$),
  'nature.financial_contribution /nature a SCOP une SCOP dues, contribution to equity with right of return, contribution to equity, '
  'definitive, donation, patronage, sponsorship cotisation, apport avec droit de reprise, apport définitif, don, mécénat, parrainage',
  'a SCOP''s money is no financial contribution (treasurer A3), and it says what it can be');
SELECT is(refusal($$SELECT gift('person', '{"nature": "subsidy"}')$$),
  'nature.subsidy /nature a person un·e particulier·ère dues, donation cotisation, don', 'a person gives dues or a donation');
ROLLBACK;

-- ---- Means, journals, default funds, axes, labels ----------------------------------------------------------------
BEGIN;
SELECT is(booked(gift('person', jsonb_build_object('nature', 'donation', 'means', m.means))), m.expected, m.means)
  FROM (VALUES ('transfer', 'BQ 512 +1000 75411 -1000'), ('direct_debit', 'BQ 512 +1000 75411 -1000'),
               ('cheque', 'CH 5112 +1000 75411 -1000'), ('cash', 'CA 530 +1000 75411 -1000'),
               ('card', 'CH 517 +1000 75411 -1000'), ('platform', 'CH 517 +1000 75411 -1000')) AS m (means, expected);
SELECT is(fund_of(gift('scop', pg_temp.body(n.nature, fund.today()))), CASE n.nature WHEN 'dues' THEN 'general' ELSE 'solidarity' END,
          n.nature || ' goes to its default fund')
  FROM (SELECT DISTINCT nature FROM cell WHERE legal_form = 'scop' AND account <> '-') n CROSS JOIN (SELECT act(a())) x;
SELECT act(a());
SELECT FROM api.fund_create('{}', '{"name": "Hiver", "kind": "designated"}');
SELECT act(a());
SELECT FROM api.project_create('{}', '{"name": "Toit"}');
SELECT act(a());
SELECT give('Les Tisserands', jsonb_build_object('nature', 'dues', 'fund_id', (SELECT id FROM fund.fund WHERE name = 'Hiver'),
                                                 'project_id', (SELECT id FROM fund.project))) AS c \gset
SELECT is((SELECT count(*)::int FROM fund.line l JOIN fund.entry e ON e.id = l.entry_id WHERE e.source_id = :'c'
             AND l.fund_id = (SELECT id FROM fund.fund WHERE name = 'Hiver') AND l.project_id = (SELECT id FROM fund.project)
             AND l.member_id = (who('Les Tisserands')->>'id')::uuid), 2, 'both lines carry fund, project and member');
SELECT is((SELECT status || ' ' || fund_name || ' ' || project_name || ' ' || giver_name || matched FROM api.contribution WHERE id = :'c'),
          'recorded Hiver Toit Les Tisserandsfalse', 'and so does the contribution');
SELECT is((SELECT e.label FROM fund.entry e WHERE e.source_id = :'c'), 'Cotisation – Les Tisserands', 'its label names a structure');
SELECT act(a());
SELECT is(label_of(give('Jeanne Martin', '{"nature": "donation"}')),
          U&'Don – adhérent n°\00A02', 'a natural person is named by number');
SELECT is(label_of(gift('person', '{"nature": "donation"}')), 'Don', 'or not at all');
SELECT is(label_of(gift('person', '{"nature": "donation", "label": "Collecte"}')),
          'Collecte', 'unless somebody wrote a label');
SELECT act(a(), '1');
SELECT FROM api.organisation_update('{}', '{"dues_with_counterpart": true}');
SELECT is(booked(gift('person', '{"nature": "dues"}')), 'BQ 512 +1000 7562 -1000', 'dues that buy something go to 7562');
SELECT is(booked(gift('person', '{"nature": "donation"}')), 'BQ 512 +1000 75411 -1000', 'and nothing else does');
SELECT is((SELECT DISTINCT account FROM api.contribution_nature WHERE nature = 'dues'), '7562', 'the list of natures says so');
ROLLBACK;

-- ---- What is refused ---------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is(refusal(format('SELECT act(a()), api.contribution_create(%L, %L)', '{}',
            jsonb_strip_nulls(jsonb_build_object('amount', 1000, 'means', 'cheque', 'received_on', fund.today(), 'nature', 'dues',
              'member_id', who('Les Tisserands')->>'id') || t.body))), t.expected, t.why)
  FROM (VALUES
    ('{"member_id": null}'::jsonb, 'contribution.giver_missing /member_id', 'somebody gives'),
    ('{"donor": {"name": "X", "legal_form": "person"}}', 'contribution.giver_twice /donor', 'and only one'),
    (jsonb_build_object('member_id', other_member()), 'not_found /member_id', 'another organisation''s member is not found'),
    ('{"member_id": "01900000-0000-7000-8000-000000000000", "received_on": "1999-01-01"}', 'not_found /member_id', 'nor one that is not; nothing else is said'),
    ('{"fund_id": "01900000-0000-7000-8000-000000000000", "project_id": "01900000-0000-7000-8000-000000000000"}',
     'not_found /fund_id; not_found /project_id', 'fund and project exist'),
    ('{"received_on": null}', 'contribution.received_on_missing /received_on', 'no date without an agreement'),
    ('{"means": null}', 'contribution.means_missing /means', 'money came somehow'),
    (jsonb_build_object('received_on', fund.today() + 1), 'contribution.future /received_on date:' || fund.today(), 'not tomorrow'),
    (jsonb_build_object('received_on', null, 'nature', 'financial_contribution', 'agreement_signed_on', fund.today() + 1),
     'contribution.future /agreement_signed_on date:' || fund.today(), 'nor signed tomorrow'),
    ('{"received_on": "2023-12-31"}', 'fiscal_year.none /received_on date:2023-12-31', 'in a fiscal year'),
    ('{"received_on": "2023-12-31", "nature": "donation", "donor": {"name": "X", "legal_form": "person"}}',
     'contribution.giver_twice /donor; fiscal_year.none /received_on date:2023-12-31; nature.donation /nature an association '
     'une association dues, contribution to equity with right of return, contribution to equity, definitive, financial contribution '
     'cotisation, apport avec droit de reprise, apport définitif, contribution financière', 'everything at once'),
    ('{"nature": "dues", "received_on": null, "agreement_signed_on": "2026-01-05"}', 'contribution.counts_when_received /received_on',
     'dues count when they come'),
    ('{"nature": "equity_with_return", "received_on": null, "agreement_signed_on": "2026-01-05"}',
     'contribution.counts_when_received /received_on', 'so does equity with right of return'),
    ('{"nature": "repayable"}', 'contribution.repayable_terms /repayable_on; contribution.repayable_terms /legal_basis',
     'a debt has a date and a basis'),
    (jsonb_build_object('nature', 'repayable', 'legal_basis', 'x', 'repayable_on', fund.today()),
     'contribution.repayable_before /repayable_on date:' || fund.today(), 'and is repaid later'),
    ('{"repayable_on": "2030-01-01"}', 'contribution.terms_without_debt /repayable_on', 'dues are not repaid'),
    ('{"legal_basis": "x"}', 'contribution.terms_without_debt /legal_basis', 'and have no such basis')) AS t (body, expected, why);
SELECT is(refusal(format($$SELECT gift(%L, '{"nature": "repayable", "repayable_on": "2030-01-01", "legal_basis": "Prêt isolé"}')$$, t.form)),
          t.expected, 'repayable from ' || t.form)
  FROM (VALUES ('association', 'none'), ('local_authority', 'none'),
               ('company', 'contribution.repayable_from_public /accountant_note'), ('scop', 'contribution.repayable_from_public /accountant_note'),
               ('scic', 'contribution.repayable_from_public /accountant_note'), ('person', 'contribution.repayable_from_public /accountant_note'),
               ('sole_trader', 'contribution.repayable_from_public /accountant_note'),
               ('elected_official', 'contribution.repayable_from_public /accountant_note')) AS t (form, expected);
SELECT act(a());
SELECT FROM api.fiscal_year_lock(jsonb_build_object('id', (SELECT id FROM fund.fiscal_year WHERE starts_on = '2025-01-01')),
                                 '{"through": "2025-03-31", "reason": "x"}');
SELECT is(refusal($$SELECT gift('person', '{"nature": "dues", "received_on": "2025-03-31"}')$$),
          'period.locked /received_on date:2025-03-31 date:2025-03-31', 'not in a locked month');
SELECT is(refusal($$SELECT gift('person', '{"nature": "dues", "received_on": "2025-04-01"}')$$), 'none', 'the day after is open');
SELECT is(refusal($$SELECT gift('association', '{"nature": "financial_contribution", "agreement_signed_on": "2025-03-30"}')$$),
          'period.locked /agreement_signed_on date:2025-03-30 date:2025-03-31', 'nor an agreement of a locked month');
SELECT is(refusal($$SELECT gift('person', '{"nature": "dues", "agreement_signed_on": "2025-03-30"}')$$), 'none',
          'an agreement that books nothing is only a date');
SELECT is((SELECT count(*)::int FROM fund.contribution), 4, 'only what was not refused was recorded');
ROLLBACK;

-- Notes refuse nothing
BEGIN;
SELECT act(a(), '1');
SELECT FROM api.member_update(who('Les Tisserands'), '{"left_on": "2026-02-01"}');
SELECT act(a());
SELECT is((seen(give('Les Tisserands', '{"nature": "dues", "received_on": "2025-02-28"}'))).notes,
          '["before_joining"]', 'dues before joining are noted');
SELECT act(a());
SELECT is((seen(give('Les Tisserands', '{"nature": "dues", "received_on": "2026-02-01"}'))).notes,
          '["after_leaving"]', 'and after leaving');
SELECT is((seen(gift('scop', '{"nature": "patronage"}'))).notes, '["patronage_without_agreement"]',
          'and patronage without agreement');
SELECT is((seen(gift('association', pg_temp.body('repayable', '2026-01-05')))).notes, '["to_repay"]',
          'and what is owed back');
ROLLBACK;

-- ---- Agreements --------------------------------------------------------------------------------------------------
BEGIN;
SELECT gift('association', '{"nature": "financial_contribution", "amount": 200000, "received_on": null,
                             "agreement_signed_on": "2024-12-15", "means": null}') AS c \gset
SELECT is(booked(:'c', true), '2024-12-15 OD 467 +200000 7551 -200000', 'a signed agreement is income at signature (treasurer, case 2)');
SELECT is((SELECT format('%s %s %s', status, received_on, date) FROM api.contribution WHERE id = :'c'), 'awaited  2024-12-15', 'its money is awaited');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_receive('{"id": "%s"}', '{"received_on": "2025-01-20"}')$$, :'c')),
          'contribution.means_missing /means', 'received somehow');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_receive('{"id": "%s"}', '{"received_on": "%s", "means": "cash"}')$$, :'c', fund.today() + 1)),
          'contribution.future /received_on date:' || fund.today(), 'not tomorrow');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_receive('{"id": "%s"}', '{"received_on": "2023-01-20", "means": "cash"}')$$, :'c')),
          'fiscal_year.none /received_on date:2023-01-20', 'in a fiscal year');
SELECT act(a());
SELECT is((SELECT format('%s %s %s', status, received_on, means) FROM api.contribution_receive(jsonb_build_object('id', :'c'),
             '{"received_on": "2025-01-20", "means": "transfer"}')), 'recorded 2025-01-20 transfer', 'the money comes in January');
SELECT is(booked(:'c', true), '2024-12-15 OD 467 +200000 7551 -200000; 2025-01-20 BQ 512 +200000 467 -200000',
          'and settles the claim, each in its own year');
SELECT is((SELECT sum(l.amount) FROM fund.line l JOIN fund.account a ON a.id = l.account_id JOIN fund.entry e ON e.id = l.entry_id
            WHERE a.number = '467' AND e.date <= '2024-12-31'), 200000::numeric, '467 stands at 2,000 at the closing of 2024');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_receive('{"id": "%s"}', '{"received_on": "2025-01-20", "means": "transfer"}')$$, :'c')),
          'contribution.recorded ', 'it is received once');
SELECT is(booked(gift(t.form, jsonb_build_object('nature', t.nature, 'received_on', '2025-02-01', 'agreement_signed_on', '2024-12-20',
                                                 'means', 'cheque')), true), t.expected, t.nature || ' with both dates')
  FROM (VALUES
    ('association', 'financial_contribution', '2024-12-20 OD 467 +1000 7551 -1000; 2025-02-01 CH 5112 +1000 467 -1000'),
    ('scop', 'patronage', '2024-12-20 OD 467 +1000 7542 -1000; 2025-02-01 CH 5112 +1000 467 -1000'),
    ('local_authority', 'subsidy', '2024-12-20 OD 441 +1000 74 -1000; 2025-02-01 CH 5112 +1000 441 -1000'),
    ('scop', 'equity_without_return', '2024-12-20 OD 467 +1000 1024 -1000; 2025-02-01 CH 5112 +1000 467 -1000'),
    ('scop', 'equity_with_return', '2025-02-01 CH 5112 +1000 1034 -1000'),
    ('scop', 'sponsorship', '2025-02-01 CH 5112 +1000 7063 -1000'),
    ('person', 'dues', '2025-02-01 CH 5112 +1000 7561 -1000')) AS t (form, nature, expected);
SELECT gift('local_authority', '{"nature": "subsidy", "received_on": null, "agreement_signed_on": "2025-03-01"}') AS s \gset
SELECT is(booked(:'s'), 'OD 441 +1000 741 -1000', 'a subsidy is income at notification');
SELECT act(a());
SELECT is((SELECT status || means FROM api.contribution_receive(jsonb_build_object('id', :'s'), '{"received_on": "2025-04-01"}')),
          'recordedtransfer', 'means as announced');
ROLLBACK;

-- What was true when it was recorded holds: a rule that changes, a member that becomes something else
BEGIN;
SELECT act(a());
SELECT give('Les Tisserands', '{"nature": "financial_contribution", "received_on": null, "agreement_signed_on": "2025-12-15"}') AS c \gset
SELECT act(a());
SELECT give('Les Tisserands', '{"nature": "financial_contribution", "received_on": "2025-12-15"}') AS d \gset
UPDATE reference.nature SET agreement_account = '468' WHERE nature = 'financial_contribution' AND account IS NOT NULL;
SELECT act(a(), '1');
SELECT FROM api.member_update(who('Les Tisserands'), '{"legal_form": "scic"}');
SELECT act(a());
SELECT is((SELECT giver_legal_form FROM api.contribution_receive(jsonb_build_object('id', :'c'), '{"received_on": "2026-01-05", "means": "transfer"}')),
          'association', 'an association that becomes a SCIC gave as an association');
SELECT is(booked(:'c', true), '2025-12-15 OD 467 +1000 7551 -1000; 2026-01-05 BQ 512 +1000 467 -1000', 'and its claim is settled as it was booked');
SELECT act(a());
SELECT id AS e FROM api.contribution_correct(jsonb_build_object('id', :'d'), '{"reason": "x", "amount": 900}') \gset
SELECT is(booked(:'e') || ' ' || (seen(:'e')).giver_legal_form, 'BQ 512 +900 7551 -900 association', 'its earlier gift can be corrected');
SELECT act(a());
SELECT is(split_part(refusal($$SELECT give('Les Tisserands', '{"nature": "financial_contribution"}')$$), ' ', 1), 'nature.financial_contribution',
          'a new one is a SCIC''s');
ROLLBACK;

-- Money before the signature: the claim is settled in advance
BEGIN;
SELECT is(booked(gift('association', '{"nature": "financial_contribution", "received_on": "2025-01-10", "agreement_signed_on": "2025-01-20"}'), true),
          '2025-01-20 OD 467 +1000 7551 -1000; 2025-01-10 BQ 512 +1000 467 -1000', 'money may come before the signature');
ROLLBACK;

-- ---- Cancelling --------------------------------------------------------------------------------------------------
BEGIN;
SELECT gift('person', '{"nature": "donation", "received_on": "2025-05-02"}') AS c \gset
SELECT act(a());
SELECT is((SELECT format('%s %s %s', status, reason, reversal_entry_id IS NOT NULL) FROM api.contribution_cancel(jsonb_build_object('id', :'c'),
             '{"reason": " typed twice "}')), 'cancelled typed twice t', 'a contribution is cancelled with its reason');
SELECT is(booked(:'c', true), '2025-05-02 BQ 512 +1000 75411 -1000; 2025-05-02 BQ reversal 512 -1000 75411 +1000', 'at its own date while that is open');
SELECT is((SELECT e.reason FROM audit.event e WHERE e.subject_id = :'c' AND e.action = 'update'), 'typed twice', 'the event has the reason');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x"}')$$, :'c')), 'contribution.cancelled ', 'once');
SELECT gift('person', '{"nature": "donation", "received_on": "2025-05-03"}') AS d \gset
SELECT is(refusal(format($$SELECT act(a()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x", "date": "2025-05-01"}')$$, :'d')),
          'reversal.before_entry /date date:2025-05-03', 'not before it was');
SELECT act(a());
SELECT FROM api.fiscal_year_lock(jsonb_build_object('id', (SELECT id FROM fund.fiscal_year WHERE starts_on = '2025-01-01')),
                                 '{"through": "2025-12-31", "reason": "x"}');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x", "date": "2025-06-01"}')$$, :'d')),
          'period.locked /date date:2025-06-01 date:2025-12-31', 'not in a locked period');
SELECT act(a());
SELECT FROM api.contribution_cancel(jsonb_build_object('id', :'d'), '{"reason": "x"}');
SELECT is(booked(:'d', true), format('2025-05-03 BQ 512 +1000 75411 -1000; %s BQ reversal 512 -1000 75411 +1000', fund.today()),
          'today when its own date is locked');
SELECT is(refusal($$SELECT act(a()), api.contribution_cancel('{"id": "01900000-0000-7000-8000-000000000000"}', '{"reason": "x"}')$$),
          'not_found ', 'no such contribution');
ROLLBACK;

BEGIN; -- both entries of an agreement
SELECT gift('scop', '{"nature": "patronage", "received_on": "2026-01-20", "agreement_signed_on": "2025-12-15"}') AS c \gset
SELECT act(a());
SELECT FROM api.contribution_cancel(jsonb_build_object('id', :'c'), '{"reason": "x"}');
SELECT is(booked(:'c', true), '2025-12-15 OD 467 +1000 7542 -1000; 2026-01-20 BQ 512 +1000 467 -1000; '
          '2026-01-20 BQ reversal 512 -1000 467 +1000; 2025-12-15 OD reversal 467 -1000 7542 +1000', 'both entries are reversed');
ROLLBACK;

-- The ledger cannot take it back behind its back
BEGIN;
SELECT gift('person', '{"nature": "donation"}') AS c \gset
SELECT is(refusal(format($$SELECT act(a()), app.begin_write(), fund.reverse_entry((SELECT entry_id FROM fund.contribution WHERE id = %L), fund.today(), 'x', app.uuid7())$$, :'c')),
          'contribution.reversed_alone ', 'a reversal alone is refused');
SELECT is(refusal(format('UPDATE fund.contribution SET amount = 1 WHERE id = %L', :'c')), 'contribution.immutable ', 'what was recorded does not change');
SELECT is(refusal(format($$UPDATE fund.contribution SET status = 'awaited' WHERE id = %L$$, :'c')), '23514 contribution_status_receipt', 'a status says what is');
SELECT is(refusal('DELETE FROM fund.contribution'), '23000 contribution_append_only', 'and nothing is deleted');
SELECT is(refusal(format($$UPDATE fund.contribution SET status = 'cancelled' WHERE id = %L$$, :'c')), '23514 contribution_status_reason', 'with a reason');
ROLLBACK;

-- ---- Correcting --------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT give('Les Tisserands', '{"nature": "dues", "amount": 152000, "means": "cheque", "received_on": "2025-03-12", "label": "Appel"}') AS c \gset
SELECT act(a());
SELECT id AS n FROM api.contribution_correct(jsonb_build_object('id', :'c'), '{"reason": "inverted digits", "amount": 125000}') \gset
SELECT is(booked(:'c', true), '2025-03-12 CH 5112 +152000 7561 -152000; 2025-03-12 CH reversal 5112 -152000 7561 +152000', 'the old one is reversed');
SELECT is(booked(:'n', true), '2025-03-12 CH 5112 +125000 7561 -125000', 'the new one is booked in the same act');
SELECT is((SELECT format('%s %s %s', status, reason, corrected_by_id = :'n') FROM api.contribution WHERE id = :'c'), 'corrected inverted digits t', 'linked');
SELECT is((SELECT format('%s %s %s %s', status, corrects_id = :'c', label, amount) FROM api.contribution WHERE id = :'n'), 'recorded t Appel 125000', 'both ways; what was not named stays');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_correct('{"id": "%s"}', '{"reason": "x", "amount": 1}')$$, :'c')), 'contribution.corrected ', 'an old version is not corrected again');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_correct('{"id": "%s"}', '{"reason": "x", "amount": 125000}')$$, :'n')), 'contribution.nothing_changed ', 'nothing to correct');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_correct('{"id": "%s"}', '{"reason": "x", "nature": "subsidy", "received_on": "2031-01-01"}')$$, :'n')),
          'contribution.future /received_on date:' || fund.today() || '; nature.subsidy /nature an association une association dues, contribution to equity with right of return, contribution to equity, definitive, financial contribution cotisation, apport avec droit de reprise, apport définitif, contribution financière',
          'a correction is checked like the first time');
SELECT is((SELECT status FROM api.contribution WHERE id = :'n'), 'recorded', 'and refused as a whole');
SELECT act(a());
SELECT id AS m FROM api.contribution_correct(jsonb_build_object('id', :'n'), '{"reason": "x", "nature": "financial_contribution"}') \gset
SELECT is(booked(:'m') || ' ' || fund_of(:'m'), 'CH 5112 +125000 7551 -125000 solidarity', 'a fund that was the default follows the nature');
SELECT act(a());
SELECT id AS p FROM api.contribution_correct(jsonb_build_object('id', :'m'),
  '{"reason": "x", "donor": {"name": "Paul", "legal_form": "person"}, "nature": "donation", "label": null, "means": "cash"}') \gset
SELECT is((SELECT format('%s %s %s %s', member_id, giver_name, label, means) FROM api.contribution WHERE id = :'p'), ' Paul  cash', 'a donor takes the member''s place; null takes away');
SELECT act(a());
SELECT id AS q FROM api.contribution_correct(jsonb_build_object('id', :'p'), jsonb_build_object('reason', 'x', 'nature', 'repayable', 'repayable_on', '2030-01-01',
  'legal_basis', 'x', 'accountant_note', 'y', 'member_id', who('Les Tisserands')->>'id')) \gset
SELECT act(a());
SELECT is((SELECT format('%s %s %s', repayable_on, legal_basis, giver_name) FROM api.contribution_correct(jsonb_build_object('id', :'q'), '{"reason": "x", "nature": "dues"}')),
          '  Les Tisserands', 'terms of a debt go with it');
SELECT is((SELECT sum(l.amount) FROM fund.line l JOIN fund.account a ON a.id = l.account_id WHERE a.number IN ('512', '5112', '530')), 125000::numeric,
          'after five corrections the money is there once');
ROLLBACK;

BEGIN; -- in a period that is over
SELECT gift('scop', '{"nature": "patronage", "received_on": "2025-02-20", "agreement_signed_on": "2024-12-15", "amount": 5000}') AS c \gset
SELECT act(a());
SELECT FROM api.fiscal_year_lock(jsonb_build_object('id', (SELECT id FROM fund.fiscal_year WHERE starts_on = '2024-01-01')),
                                 '{"through": "2024-12-31", "reason": "x"}');
SELECT act(a());
SELECT id AS n FROM api.contribution_correct(jsonb_build_object('id', :'c'), '{"reason": "x", "amount": 4000}') \gset
SELECT is(booked(:'n', true), format('%s OD 467 +4000 7542 -4000; 2025-02-20 BQ 512 +4000 467 -4000', fund.today()),
          'what can no longer be posted at its date is posted today, the rest at its own');
SELECT is((SELECT format('%s %s', agreement_signed_on, received_on) FROM api.contribution WHERE id = :'n'), '2024-12-15 2025-02-20', 'the facts keep their dates');
ROLLBACK;

BEGIN; -- an awaited one
SELECT gift('scop', '{"nature": "patronage", "received_on": null, "agreement_signed_on": "2025-12-15", "amount": 5000}') AS c \gset
SELECT act(a());
SELECT id AS n FROM api.contribution_correct(jsonb_build_object('id', :'c'), '{"reason": "x", "received_on": "2025-12-20"}') \gset
SELECT is(booked(:'n', true), '2025-12-15 OD 467 +5000 7542 -5000; 2025-12-20 BQ 512 +5000 467 -5000', 'an awaited one is corrected to received');
ROLLBACK;

-- ---- Returned by the bank ----------------------------------------------------------------------------------------
BEGIN;
CREATE FUNCTION pg_temp.bounce(p_contribution uuid, p_on date) RETURNS uuid LANGUAGE plpgsql AS $fn$
DECLARE
  v_lines jsonb;
BEGIN
  PERFORM act(a()), app.begin_write();
  v_lines := fund.contribution_return_lines(p_contribution, p_on);
  PERFORM fund.contribution_return(p_contribution, fund.post_entry(app.uuid7(), 'BQ', p_on, 'Chèque impayé', 'match', p_contribution,
    v_lines || jsonb_build_array((v_lines->0) || jsonb_build_object('account', '512', 'amount', -(v_lines->0->>'amount')::bigint))), 'unpaid');
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
  RETURN p_contribution;
END $fn$;
SELECT gift('person', '{"nature": "dues", "means": "cheque", "received_on": "2025-06-01", "amount": 6000}') AS c \gset
SELECT is(booked(pg_temp.bounce(:'c', '2025-06-10'), true), '2025-06-01 CH 5112 +6000 7561 -6000; 2025-06-10 BQ 7561 +6000 512 -6000',
          'an unpaid cheque takes its income back');
SELECT is((SELECT format('%s %s', status, reason) FROM api.contribution WHERE id = :'c'), 'returned unpaid', 'its giver owes again');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x"}')$$, :'c')), 'contribution.returned ', 'there is nothing left to cancel');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_receive('{"id": "%s"}', '{"received_on": "2025-07-01"}')$$, :'c')), 'contribution.returned ', 'it is paid again by a new one');
SELECT lives_ok(format($$SELECT act(a()), app.begin_write(), fund.contribution_return_undo(%L)$$, :'c'), 'the return can be undone');
SELECT is((SELECT format('%s %s %s', status, reason, return_entry_id) FROM api.contribution WHERE id = :'c'), 'recorded  ', 'and it is recorded again');
SELECT is(booked(pg_temp.bounce(gift('local_authority', '{"nature": "subsidy", "received_on": "2024-12-20"}'), '2025-01-10'), true),
          '2024-12-20 BQ 512 +1000 74 -1000; 2025-01-10 BQ 741 +1000 512 -1000', 'in another year on the account of that year');
SELECT gift('person', '{"nature": "dues", "received_on": "2025-06-01"}') AS q \gset
SELECT act(a(), '1');
SELECT FROM api.organisation_update('{}', '{"dues_with_counterpart": true}');
SELECT is(booked(pg_temp.bounce(:'q', '2025-06-10')), 'BQ 512 +1000 7561 -1000; BQ 7561 +1000 512 -1000', 'on the account it was, whatever the settings say since');
SELECT gift('local_authority', '{"nature": "subsidy", "received_on": "2024-12-20", "agreement_signed_on": "2024-12-01"}') AS s \gset
SELECT is(booked(pg_temp.bounce(:'s', '2025-01-10'), true), '2024-12-01 OD 441 +1000 74 -1000; 2024-12-20 BQ 512 +1000 441 -1000; 2025-01-10 BQ 441 +1000 512 -1000',
          'of an agreement, the claim stands again');
SELECT act(a());
SELECT is((SELECT status FROM api.contribution_receive(jsonb_build_object('id', :'s'), '{"received_on": "2025-02-01", "means": "transfer"}')), 'recorded', 'which is paid again');
SELECT is((SELECT sum(l.amount) FROM fund.line l JOIN fund.account a ON a.id = l.account_id JOIN fund.entry e ON e.id = l.entry_id
            WHERE e.source_id = :'s' AND a.number = '441'), 0::numeric, 'to the cent');
SELECT FROM pg_temp.bounce(:'s', '2025-02-10');
SELECT act(a());
SELECT is((SELECT status FROM api.contribution_cancel(jsonb_build_object('id', :'s'), '{"reason": "given up", "date": "2025-03-01"}')), 'cancelled', 'or the claim is given up');
SELECT is((SELECT string_agg(a.number || ' ' || s.sum, ', ' ORDER BY a.number) FROM (SELECT l.account_id, sum(l.amount) FROM fund.line l
             JOIN fund.entry e ON e.id = l.entry_id WHERE e.source_id = :'s' GROUP BY 1) s JOIN fund.account a ON a.id = s.account_id),
          '441 0, 512 0, 74 0', 'and nothing is left of it');
ROLLBACK;

-- A receipt that the bank's match settled is taken back with the match
BEGIN;
SELECT gift('scop', '{"nature": "patronage", "received_on": null, "agreement_signed_on": "2025-12-15"}') AS c \gset
SELECT act(a()), app.begin_write();
SELECT fund.contribution_settle(:'c', '2026-01-05', 'transfer', '5121') AS r \gset
SELECT is((SELECT string_agg(a.number, ' ' ORDER BY l.position) FROM fund.line l JOIN fund.account a ON a.id = l.account_id
            WHERE l.entry_id = :'r'), '5121 467', 'on the bank account it came to');
SELECT lives_ok(format($$SELECT fund.contribution_unsettle(%L, '2026-01-05', 'wrong line')$$, :'c'), 'unsettled');
SELECT is((SELECT format('%s %s %s', status, received_on, receipt_entry_id) FROM fund.contribution WHERE id = :'c'), 'awaited  ', 'it is awaited again');
SELECT is(refusal('SELECT 1'), 'none', 'and the deferred checks agree');
ROLLBACK;

-- ---- Preview, retry ----------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
CREATE TEMP TABLE shown AS SELECT * FROM api.contribution_preview('{}', jsonb_build_object('member_id', who('Les Tisserands')->>'id',
  'amount', 25000, 'nature', 'financial_contribution', 'means', 'cheque', 'received_on', '2025-01-10', 'agreement_signed_on', '2024-12-30'));
SELECT is((SELECT string_agg(concat_ws(' ', e->>'date', e->>'journal', e->>'label',
             (SELECT string_agg(concat_ws(' ', l->>'account', l->>'title', l->>'debit', l->>'credit', l->>'fund_name'), ' | ') FROM jsonb_array_elements(e->'lines') l)), '; ')
             FROM shown, jsonb_array_elements(entries) e),
  '2024-12-30 OD Contribution financière – Les Tisserands 467 Divers comptes débiteurs et produits à recevoir 250.00 Fonds de solidarité | '
  '7551 Contributions financières d''autres organismes 250.00 Fonds de solidarité; '
  '2025-01-10 CH Contribution financière – Les Tisserands 5112 Chèques à encaisser 250.00 Fonds de solidarité | '
  '467 Divers comptes débiteurs et produits à recevoir 250.00 Fonds de solidarité', 'a preview shows the entries');
SELECT is((SELECT format('%s %s %s', status, fund_name, notes) FROM shown), 'recorded Fonds de solidarité ["before_joining"]', 'fund and notes');
SELECT is((SELECT count(*)::int FROM fund.entry), 0, 'and writes nothing');
SELECT is(refusal($$SELECT * FROM api.contribution_preview('{}', '{"nature": "dues", "amount": 1}')$$),
          'contribution.giver_missing /member_id; contribution.received_on_missing /received_on', 'it refuses what would be refused');
SELECT act(a(), NULL, NULL, 'k1');
SELECT give('Les Tisserands', '{"nature": "dues"}') AS c \gset
SELECT act(a(), NULL, NULL, 'k1');
SELECT is(give('Les Tisserands', '{"nature": "dues"}'), :'c', 'a retry answers the same contribution');
SELECT is((SELECT count(*)::int FROM fund.entry), 1, 'and books once');
SELECT act(b());
SELECT is((SELECT count(*)::int FROM api.contribution), 0, 'another organisation sees nothing of it');
SELECT is(refusal(format($$SELECT act(b()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x"}')$$, :'c')), 'not_found ', 'and cancels nothing');
ROLLBACK;

-- ---- In kind -----------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is((SELECT booked(i.id) || ' ' || fund_of(i.id) FROM api.in_kind_contribution_create('{}', jsonb_build_object('member_id', who('Jeanne Martin')->>'id',
             'kind', t.kind, 'value', 1500, 'given_on', '2025-04-01')) i), t.expected || ' general', t.kind)
  FROM (VALUES ('volunteer_time', 'OD 864 +1500 875 -1500'), ('goods', 'OD 860 +1500 870 -1500'), ('premises', 'OD 861 +1500 871 -1500'),
               ('services', 'OD 862 +1500 871 -1500')) AS t (kind, expected)
 CROSS JOIN LATERAL (SELECT act(a()), t.kind) x;
SELECT act(a());
SELECT id AS k FROM api.in_kind_contribution_create('{}', '{"donor": {"name": "Bénévoles du repas", "legal_form": "person"},
  "kind": "volunteer_time", "value": 12000, "hours": "10.5", "given_on": "2025-04-01"}') \gset
SELECT is((SELECT format('%s %s %s', hours, giver_name, status) FROM api.in_kind_contribution WHERE id = :'k'), '10.50 Bénévoles du repas recorded', 'with hours and a donor');
SELECT is((SELECT label FROM fund.entry WHERE source_id = :'k'), 'Bénévolat', 'its label names nobody');
SELECT is(refusal(format($$SELECT act(a()), app.begin_write(), fund.reverse_entry((SELECT entry_id FROM fund.in_kind_contribution WHERE id = %L), fund.today(), 'x', app.uuid7())$$, :'k')),
          'contribution.reversed_alone ', 'its entry is not reversed alone');
SELECT act(a());
SELECT is((SELECT format('%s %s', status, reason) FROM api.in_kind_contribution_cancel(jsonb_build_object('id', :'k'), '{"reason": "counted twice"}')),
          'cancelled counted twice', 'it is cancelled');
SELECT is(booked(:'k'), 'OD 864 +12000 875 -12000; OD reversal 864 -12000 875 +12000', 'by a reversal');
SELECT is(refusal(format($$SELECT act(a()), api.in_kind_contribution_cancel('{"id": "%s"}', '{"reason": "x"}')$$, :'k')), 'contribution.cancelled ', 'once');
SELECT is(refusal(format('SELECT act(a()), api.in_kind_contribution_create(%L, %L)', '{}',
            jsonb_strip_nulls('{"donor": {"name": "X", "legal_form": "person"}, "kind": "volunteer_time", "value": 1, "given_on": "2025-04-01"}' || t.body))),
          t.expected, t.expected)
  FROM (VALUES ('{"donor": null}'::jsonb, 'contribution.giver_missing /member_id'), ('{"hours": "0"}', 'in_kind.hours /hours'), ('{"hours": "2,5"}', 'in_kind.hours /hours'),
               ('{"hours": "2", "kind": "goods"}', 'in_kind.hours_of_people /hours'), ('{"given_on": "2023-12-31"}', 'fiscal_year.none /given_on date:2023-12-31'),
               (jsonb_build_object('given_on', fund.today() + 1), 'contribution.future /given_on date:' || fund.today()),
               (jsonb_build_object('donor', null, 'member_id', other_member()), 'not_found /member_id')) AS t (body, expected);
SELECT is((SELECT contributed_total FROM api.member WHERE name = 'Jeanne Martin'), 0::bigint, 'what is given in kind is no money');
ROLLBACK;
