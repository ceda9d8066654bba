-- What a bank line is: every kind, one into several, several into one, undo, what is refused.
\ir members_setup.psql
\ir bank_setup.psql
SELECT plan(104);

BEGIN;
SELECT act(a());
SELECT api.member_create('{}', '{"name": "Jardins", "legal_form": "association", "joined_on": "2020-01-15"}');
SELECT act(a());
SELECT api.member_create('{}', '{"name": "Scop Bois", "legal_form": "scop", "joined_on": "2020-01-15"}');
SELECT act(a());
SELECT api.bank_account_create('{}', '{"name": "Courant", "iban": "FR7642559100000801234567812"}');
SELECT act(a());
SELECT api.bank_account_create('{}', '{"name": "Livret", "identifier": "LIVRET1"}');
SELECT act(a());
SELECT import('courant', jsonb_build_array(statement('2025-01-01', '2025-12-31', 0, 0, jsonb_build_array(
  line('2025-01-10', 35000, 'split'), line('2025-01-12', 25000, 'direct'), line('2025-01-15', 51000, 'slip'),
  line('2025-01-25', -6000, 'bounced'), line('2025-01-25', -1200, 'bounce fee'), line('2025-02-01', 16500, 'platform'),
  line('2025-02-03', -100000, 'to livret'), line('2025-02-05', 8000, 'who is it'), line('2025-02-06', -5000, 'who was paid'),
  line('2025-02-10', 200000, 'awaited'), line('2025-02-11', -45000, 'rent'), line('2025-02-12', 1250, 'interest'),
  line('2025-02-12', -750, 'agios'), line('2025-02-13', 5000, 'avoir'), line('2025-02-14', -2500, 'refund'),
  line('2025-02-15', 30000, 'half 1'), line('2025-02-18', 20000, 'half 2'), line('2025-02-20', 40000, 'held'),
  line('2025-02-21', -40000, 'passed on'), line('2025-02-22', 0, 'zero'), line('2025-02-23', 10000, 'late'),
  line('2025-03-02', 7000, 'cash'), line('2025-03-03', 9900, 'second'), line('2025-12-31', -381950, 'rest')))));
SELECT act(a());
SELECT import('livret', jsonb_build_array(statement('2025-01-01', '2025-12-31', 0, 100000, jsonb_build_array(
  line('2025-02-04', 100000, 'from courant'), line('2025-06-01', -30000, 'livret out')), '{"account": "LIVRET1", "iban": null}')));
SAVEPOINT start;

-- ---- One line into several ------------------------------------------------------------------------------------------
SELECT act(a());
SELECT is(refusal(format($$SELECT match('split', '{"create": [{"kind": "contribution", "amount": 10000, "member_id": "%s", "nature": "dues"},
  {"kind": "contribution", "amount": 24000, "member_id": "%s", "nature": "financial_contribution"}]}')$$, who('Jardins')->>'id', who('Jardins')->>'id')),
  'match.sum /create money:34000 money:35000 money:1000', 'parts that do not sum say by how much');
SELECT act(a());
SELECT match('split', format('{"create": [{"kind": "contribution", "amount": 10000, "member_id": "%s", "nature": "dues"},
  {"kind": "contribution", "amount": 25000, "member_id": "%s", "nature": "financial_contribution", "label": "Fonds 2025"}]}',
  who('Jardins')->>'id', who('Jardins')->>'id')::jsonb) AS split \gset
SELECT is(parts(:'split'), 'created contribution 10000, created contribution 25000', 'dues and contribution in one payment');
SELECT is(balances(), '512 gen 10000, 512 sol 25000, 7551 sol -25000, 7561 gen -10000', 'each in its fund, at the bank');
SELECT is((SELECT string_agg(concat_ws(' ', nature, means, received_on, matched), ', ' ORDER BY amount) FROM api.contribution),
          'dues transfer 2025-01-10 t, financial_contribution transfer 2025-01-10 t', 'as contributions received that day, matched');
SELECT is((SELECT format('%s %s', status, match_id = :'split') FROM api.bank_transaction WHERE remittance = 'split'), 'matched t', 'the line is matched');
SELECT is((SELECT (SELECT string_agg(p->>'nature' || ' ' || (p->>'amount') || ' ' || (p->>'member_name'), ', ') FROM jsonb_array_elements(m.parts) p) FROM api.bank_match m),
          'dues 100.00 Jardins, financial_contribution 250.00 Jardins', 'the match says so in words');
SELECT is(refusal($$SELECT act(a()), match('split', '{"create": [{"kind": "unknown", "amount": 35000}]}')$$), 'bank_transaction.matched ', 'a line is matched once');
SELECT is(refusal(format($$INSERT INTO fund.match_transaction (organisation_id, match_id, bank_transaction_id) VALUES (%L, %L, %L)$$, a(), :'split', tx('split'))),
          '23505 match_transaction_pkey', 'the database says so too');
SELECT act(a());
SELECT give('Jardins', '{"amount": 700, "nature": "dues", "received_on": "2025-01-11"}') AS stray \gset
SELECT is(refusal(format($$INSERT INTO fund.line_match (organisation_id, line_id, match_id, matched_at, matched_by)
  SELECT organisation_id, id, %L, now(), 'x' FROM fund.line WHERE amount = 700$$, :'split')), 'match.sum  money:35700 money:35000 money:-700', 'a match that no longer adds up is refused whoever writes it');
SELECT is(refusal(format($$UPDATE fund.line_match SET cancelled_at = clock_timestamp() WHERE match_id = %L AND line_id = (SELECT min(line_id) FROM fund.line_match WHERE match_id = %L)$$, :'split', :'split')),
          'match.sum  money:25000 money:35000 money:10000', 'so is one that loses a line');
SELECT is(refusal('UPDATE fund.match SET amount = 1'), '23000 match ' || :'split' || ' does not change', 'a match does not change');
SELECT is(refusal('UPDATE fund.match_part SET amount = 1'), '23000 match_part_append_only', 'nor do its parts');
SELECT is(refusal('UPDATE fund.match_transaction SET cancelled_at = now()') LIKE 'match.sum%', true, 'nor does it lose its bank line');
SELECT act(a());
SELECT api.contribution_cancel(jsonb_build_object('id', :'stray'::uuid), '{"reason": "x"}');
SELECT is(refusal(format($$SELECT act(a()), fund.contribution_cancel('%s', NULL, 'x')$$, (SELECT id FROM fund.contribution WHERE nature = 'dues' AND status = 'recorded'))),
          'contribution.matched ', 'a matched contribution is not cancelled behind the bank''s back');
SELECT act(a());
SELECT is(undo('split'), 'cancelled', 'undone');
SELECT is(balances(), NULL, 'what it booked is reversed');
SELECT is((SELECT string_agg(DISTINCT status, ',') FROM fund.contribution), 'cancelled', 'its contributions are cancelled');
SELECT is((SELECT status FROM api.bank_transaction WHERE remittance = 'split'), 'unmatched', 'the line is free');
SELECT is((SELECT count(*)::int FROM fund.match_part), 2, 'the match is kept');
SELECT is(refusal(format($$SELECT act(a()), api.bank_match_cancel('{"id": "%s", "match_id": "%s"}', '{}')$$, tx('split'), :'split')), 'match.cancelled ', 'and undone once');
SELECT act(a());
SELECT is(parts(match('split', '{"create": [{"kind": "unknown", "amount": 35000}]}')), 'created unknown 35000', 'it can be matched again');
ROLLBACK TO start;

-- ---- What was recorded before -----------------------------------------------------------------------------------------
SELECT act(a());
SELECT give('Jardins', '{"amount": 25000, "nature": "financial_contribution", "received_on": "2025-01-11"}') AS direct \gset
SELECT act(a());
SELECT is(parts(match('direct', format('{"contribution_ids": ["%s"]}', :'direct')::jsonb)), 'linked contribution 25000', 'a recorded transfer is linked');
SELECT is((SELECT count(*)::int FROM fund.entry), 1, 'nothing more is booked');
SELECT is((SELECT ledger_unmatched_count FROM api.bank_account WHERE account = '512'), 0, 'the ledger line is matched');
SELECT is(refusal(format($$SELECT act(a()), match('late', '{"contribution_ids": ["%s"], "create": [{"kind": "unknown", "amount": -15000}]}')$$, :'direct')),
          'line.matched /contribution_ids/0', 'a contribution is matched once');
SELECT act(a());
SELECT undo('direct');
SELECT is(balances(), '512 sol 25000, 7551 sol -25000', 'undone, what was only linked stays');
SELECT is((SELECT status FROM fund.contribution), 'recorded', 'the contribution too');
ROLLBACK TO start;

-- ---- A slip of five cheques; one returned -----------------------------------------------------------------------------
CREATE TEMP TABLE cheque (n int, id uuid) ON COMMIT DROP;
SELECT act(a());
INSERT INTO cheque SELECT 1, give('Jardins', '{"amount": 6000, "nature": "dues", "means": "cheque", "received_on": "2025-01-08"}');
SELECT act(a());
INSERT INTO cheque SELECT 2, give('Scop Bois', '{"amount": 15000, "nature": "dues", "means": "cheque", "received_on": "2025-01-08"}');
SELECT act(a());
INSERT INTO cheque SELECT 3, give('Scop Bois', '{"amount": 10000, "nature": "donation", "means": "cheque", "received_on": "2025-01-08"}');
SELECT act(a());
INSERT INTO cheque SELECT 4, give('Jardins', '{"amount": 10000, "nature": "financial_contribution", "means": "cheque", "received_on": "2025-01-09"}');
SELECT act(a());
INSERT INTO cheque SELECT 5, give('Jardins', '{"amount": 10000, "nature": "dues", "means": "cheque", "received_on": "2025-01-09"}');
SELECT is(balances(), '5112 gen 31000, 5112 sol 20000, 75411 sol -10000, 7551 sol -10000, 7561 gen -31000', 'five cheques wait, in two funds');
SELECT act(a());
SELECT match('slip', jsonb_build_object('contribution_ids', (SELECT jsonb_agg(id ORDER BY n) FROM cheque))) AS slip \gset
SELECT is(parts(:'slip'), 'settled contribution 6000, settled contribution 15000, settled contribution 10000, settled contribution 10000, settled contribution 10000', 'one slip');
SELECT is(balances(), '512 gen 31000, 512 sol 20000, 75411 sol -10000, 7551 sol -10000, 7561 gen -31000', '512 against 5112, by fund');
SELECT is((SELECT format('%s %s %s', e.label, e.total, e.line_count) FROM fund.entry e WHERE e.source_kind = 'match'), 'Remise de chèques (5) 51000 7', 'in one entry');
SELECT is((SELECT count(*)::int FROM api.waiting_line WHERE account IN ('512', '5112')), 0, 'nothing waits any more');
SELECT is(refusal(format($$SELECT act(a()), match('bounced', '{"create": [{"kind": "returned", "amount": -6000, "contribution_id": "%s"}]}')$$, (SELECT id FROM cheque WHERE n = 2))),
          'match.returned_amount /create/0/amount money:15000', 'the bank takes a cheque back as a whole');
SELECT act(a());
SELECT is(parts(match('bounced', format('{"create": [{"kind": "returned", "amount": -6000, "contribution_id": "%s"}]}', (SELECT id FROM cheque WHERE n = 1))::jsonb)),
          'created returned -6000', 'one is returned');
SELECT is((SELECT status FROM fund.contribution WHERE id = (SELECT id FROM cheque WHERE n = 1)), 'returned', 'that member owes again');
SELECT is((SELECT sum(l.amount)::int FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id WHERE a.number = '512'), 45000, '512 = 450.00 before the fee');
SELECT act(a());
SELECT match('bounce fee', '{"create": [{"kind": "expense", "amount": -1200, "category": "bank_fees"}]}');
SELECT is(balances(), '512 gen 23800, 512 sol 20000, 627 gen 1200, 75411 sol -10000, 7551 sol -10000, 7561 gen -25000', 'income back, and the fee on 627');
SELECT is(refusal($$SELECT act(a()), undo('slip')$$), 'match.returned_since ', 'the slip is not undone under the return');
SELECT act(a());
SELECT undo('bounced');
SELECT is((SELECT status || coalesce(reason, '') FROM fund.contribution WHERE id = (SELECT id FROM cheque WHERE n = 1)), 'recorded', 'the return undone, it is recorded again');
SELECT act(a());
SELECT undo('slip');
SELECT is(balances(), '5112 gen 31000, 5112 sol 20000, 512 gen -1200, 627 gen 1200, 75411 sol -10000, 7551 sol -10000, 7561 gen -31000', 'and the cheques wait again');
ROLLBACK TO start;

-- ---- A platform's payout with its fee ---------------------------------------------------------------------------------
CREATE TEMP TABLE gift (id uuid) ON COMMIT DROP;
SELECT act(a());
INSERT INTO gift SELECT give('Scop Bois', '{"amount": 5000, "nature": "donation", "means": "platform", "received_on": "2024-12-28"}');
SELECT act(a());
INSERT INTO gift SELECT give('Scop Bois', '{"amount": 10000, "nature": "donation", "means": "platform", "received_on": "2024-12-28"}');
SELECT act(a());
INSERT INTO gift SELECT give('Scop Bois', '{"amount": 2000, "nature": "donation", "means": "platform", "received_on": "2024-12-28"}');
SELECT is((SELECT sum(l.amount)::int FROM fund.line l JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
             JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id WHERE a.number = '517' AND e.date <= '2024-12-31'), 17000,
          'income of December: 517 = 170 at closing');
SELECT act(a());
SELECT is(parts(match('platform', jsonb_build_object('contribution_ids', (SELECT jsonb_agg(id) FROM gift), 'create',
  '[{"kind": "expense", "amount": -500, "category": "bank_fees"}]'::jsonb))),
  'settled contribution 5000, settled contribution 10000, settled contribution 2000, created expense -500', 'three gifts less a fee');
SELECT is(balances(), '512 gen -500, 512 sol 17000, 627 gen 500, 75411 sol -17000', 'the gifts whole, the fee of the general fund');
ROLLBACK TO start;

-- ---- Between own accounts ---------------------------------------------------------------------------------------------
SELECT act(a());
SELECT match('to livret', format('{"create": [{"kind": "internal_transfer", "amount": -100000, "transaction_id": "%s"}]}', tx('from courant'))::jsonb) AS out \gset
SELECT is((SELECT string_agg(concat_ws(' ', t.remittance, t.status), ', ' ORDER BY t.remittance) FROM api.bank_transaction t WHERE t.match_id IS NOT NULL),
          'from courant matched, to livret matched', 'both sides in one act');
SELECT is(balances(), '512 gen -100000, 51202 gen 100000', '58 is nil again');
SELECT is((SELECT count(*)::int FROM fund.match m JOIN fund.match p ON p.id = m.pair_id AND p.pair_id = m.id), 2, 'paired');
SELECT act(a());
SELECT undo('from courant');
SELECT is((SELECT count(*)::int FROM api.bank_transaction t WHERE t.match_id IS NOT NULL), 0, 'undone together');
SELECT is(balances(), NULL, 'and reversed');
SELECT act(a());
SELECT match('to livret', '{"create": [{"kind": "internal_transfer", "amount": -100000}]}');
SELECT is(balances(), '512 gen -100000, 58 gen 100000', 'alone, the money is under way on 58');
SELECT act(a());
SELECT match('from courant', '{"create": [{"kind": "internal_transfer", "amount": 100000}]}');
SELECT is(balances(), '512 gen -100000, 51202 gen 100000', 'until the other side comes');
SELECT is((SELECT count(*)::int FROM fund.match m JOIN fund.match p ON p.id = m.pair_id AND p.pair_id = m.id), 2, 'which is paired by itself');
SELECT act(a());
SELECT undo('from courant');
SELECT is((SELECT string_agg(t.remittance, ',') FROM api.bank_transaction t WHERE t.match_id IS NOT NULL), 'to livret', 'two acts are undone one by one');
SELECT is(refusal(format($$SELECT act(a()), match('livret out', '{"create": [{"kind": "internal_transfer", "amount": -30000, "transaction_id": "%s"}]}')$$, tx('half 2'))),
          'match.pair_amount /create/0/transaction_id money:20000', 'two amounts are no transfer');
SELECT is(refusal(format($$SELECT act(a()), match('half 1', '{"create": [{"kind": "internal_transfer", "amount": 30000, "transaction_id": "%s"}]}')$$, tx('direct'))),
          'match.pair_account /create/0/transaction_id', 'nor is one account');
ROLLBACK TO start;

-- ---- Correcting what is matched ---------------------------------------------------------------------------------------
SELECT act(a());
SELECT match('direct', format('{"create": [{"kind": "contribution", "amount": 25000, "member_id": "%s", "nature": "dues"}]}', who('Jardins')->>'id')::jsonb) AS m \gset
SELECT id AS wrong FROM fund.contribution \gset
SELECT act(a());
SELECT c.id AS better FROM api.contribution_correct(jsonb_build_object('id', :'wrong'::uuid), '{"reason": "C''était pour le fonds", "nature": "financial_contribution"}') c \gset
SELECT is(balances(), '512 sol 25000, 7551 sol -25000', 'corrected in one act, the money follows to its fund');
SELECT is((SELECT count(*)::int FROM fund.line_match WHERE match_id = :'m' AND cancelled_at IS NULL), 3, 'and stays matched: what was, what takes it back, what replaces it');
SELECT is((SELECT ledger_unmatched_count FROM api.bank_account WHERE account = '512'), 0, 'nothing waits for the bank');
SELECT is((SELECT p->>'contribution_id' || ' ' || (p->>'nature') FROM api.bank_match m, jsonb_array_elements(m.parts) p), :'better' || ' financial_contribution', 'the match speaks of what it is now');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_correct('{"id": "%s"}', '{"reason": "x", "amount": 26000}')$$, :'better')), 'contribution.matched ', 'the amount is the bank''s');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_correct('{"id": "%s"}', '{"reason": "x", "received_on": "2025-01-13"}')$$, :'better')), 'contribution.matched ', 'so is the day');
SELECT is(refusal(format($$SELECT act(a()), api.contribution_cancel('{"id": "%s"}', '{"reason": "x"}')$$, :'better')), 'contribution.matched ', 'it is not cancelled alone');
SELECT act(a());
SELECT is(undo('direct'), 'cancelled', 'the match is undone');
SELECT is((SELECT status FROM fund.contribution WHERE id = :'better'), 'cancelled', 'with the contribution it became');
SELECT is(balances(), NULL, 'and nothing is left');
ROLLBACK TO start;

-- ---- Unknown, then explained ------------------------------------------------------------------------------------------
SELECT act(a());
SELECT match('who is it', '{"create": [{"kind": "unknown", "amount": 8000}]}') AS unknown \gset
SELECT is(balances(), '471 gen -8000, 512 gen 8000', 'unknown waits on 471');
SELECT is((SELECT amount::int FROM api.bank_unknown), 8000, 'and is reported');
SELECT act(a());
SELECT api.fiscal_year_lock(jsonb_build_object('id', (SELECT id FROM fund.fiscal_year WHERE starts_on = '2025-01-01')), '{"through": "2025-02-28", "reason": "mois clos"}');
SELECT is(refusal($$SELECT act(a()), undo('who is it')$$), 'period.locked  date:2025-02-05 date:2025-02-28', 'in a locked month a match is not undone');
SELECT act(a());
SELECT is((SELECT (SELECT string_agg(concat_ws(' ', p->>'kind', p->>'amount', p->>'clears', p->>'cleared'), ', ') FROM jsonb_array_elements(m.parts) p)
             FROM api.bank_match_clear(jsonb_build_object('id', tx('who is it'), 'match_id', :'unknown'::uuid), format('{"create": [
               {"kind": "contribution", "amount": 6000, "member_id": "%s", "nature": "financial_contribution"}, {"kind": "third_party", "amount": 2000}]}', who('Jardins')->>'id')::jsonb) m),
          'unknown 80.00 true, unknown -80.00 1 false, contribution 60.00 1 false, third_party 20.00 1 false', 'but explained');
SELECT is(balances(), '467 gen -2000, 512 gen 2000, 512 sol 6000, 7551 sol -6000', 'the money follows to its fund');
SELECT is((SELECT count(*)::int FROM api.bank_unknown), 0, 'nothing is unknown any more');
SELECT is((SELECT format('%s %s', c.received_on, e.date = fund.today()) FROM fund.contribution c JOIN fund.entry e ON e.id = c.entry_id), '2025-02-05 t', 'received then, booked today');
SELECT is(refusal(format($$SELECT act(a()), api.bank_match_clear('{"id": "%s", "match_id": "%s"}', '{"create": [{"kind": "third_party", "amount": 8000}]}')$$, tx('who is it'), :'unknown')), 'match.nothing_unknown ', 'once');
SELECT is(refusal($$SELECT act(a()), match('who was paid', '{"create": [{"kind": "unknown", "amount": -5000}]}')$$), 'period.locked  date:2025-02-06 date:2025-02-28', 'a locked month takes no new booking');
ROLLBACK TO start;

-- ---- An agreement signed before; several lines for one --------------------------------------------------------------------
SELECT act(a());
SELECT c.id AS agreed FROM api.contribution_create('{}', format('{"member_id": "%s", "amount": 200000, "nature": "financial_contribution",
  "agreement_signed_on": "2024-12-15", "means": "transfer"}', who('Jardins')->>'id')::jsonb) c \gset
SELECT is(balances(), '467 sol 200000, 7551 sol -200000', 'income at signature');
SELECT act(a());
SELECT is(parts(match('awaited', format('{"contribution_ids": ["%s"]}', :'agreed')::jsonb)), 'received contribution 200000', 'the bank settles it');
SELECT is(balances(), '512 sol 200000, 7551 sol -200000', 'at the bank');
SELECT is((SELECT format('%s %s', status, received_on) FROM fund.contribution), 'recorded 2025-02-10', 'received that day');
SELECT act(a());
SELECT undo('awaited');
SELECT is((SELECT format('%s %s', status, balances()) FROM fund.contribution), 'awaited 467 sol 200000, 7551 sol -200000', 'undone, it is awaited again');
SELECT act(a());
SELECT is(parts(match('awaited', format('{"entry_line_ids": ["%s"]}', (SELECT l.id FROM fund.line l JOIN fund.contribution c ON c.entry_id = l.entry_id WHERE l.amount > 0))::jsonb)), 'received contribution 200000', 'its claim stands for it');
SELECT act(a());
SELECT c.id AS halves FROM api.contribution_create('{}', format('{"member_id": "%s", "amount": 50000, "nature": "financial_contribution",
  "received_on": "2025-02-15", "means": "transfer"}', who('Jardins')->>'id')::jsonb) c \gset
SELECT act(a());
SELECT is(parts(match('half 1', format('{"contribution_ids": ["%s"], "transaction_ids": ["%s"]}', :'halves', tx('half 2'))::jsonb)), 'linked contribution 50000', 'two lines of the bank for one payment');
SELECT is((SELECT jsonb_array_length(transaction_ids) FROM api.bank_match WHERE amount = 50000), 2, 'in one match');
SELECT is(refusal(format($$SELECT act(a()), match('late', '{"create": [{"kind": "unknown", "amount": 110000}], "transaction_ids": ["%s"]}')$$, tx('from courant'))),
          'match.accounts /transaction_ids/0', 'of one account');
ROLLBACK TO start;

-- ---- The other kinds --------------------------------------------------------------------------------------------------
SELECT act(a());
SELECT match('rent', '{"create": [{"kind": "expense", "amount": -45000, "category": "rent", "label": "Loyer de février"}]}');
SELECT act(a());
SELECT match('interest', '{"create": [{"kind": "interest", "amount": 1250}]}');
SELECT act(a());
SELECT match('agios', '{"create": [{"kind": "interest", "amount": -750}]}');
SELECT act(a());
SELECT match('avoir', '{"create": [{"kind": "refund", "amount": 5000, "category": "insurance"}]}');
SELECT act(a());
SELECT match('held', '{"create": [{"kind": "third_party", "amount": 40000, "label": "Pour la Scierie"}]}');
SELECT is(balances(), '467 gen -40000, 512 gen 500, 6132 gen 45000, 616 gen -5000, 661 gen 750, 768 gen -1250', 'rent, interest both ways, a refund of an expense, money of a third party');
SELECT is((SELECT string_agg(e.label, ', ' ORDER BY e.number) FROM fund.entry e), 'Loyer de février, Intérêts reçus, Intérêts payés, Remboursement reçu, Pour la Scierie', 'labels in words');
SELECT act(a());
SELECT is(parts(match('passed on', format('{"entry_line_ids": ["%s"]}', (SELECT l.id FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id WHERE a.number = '467'))::jsonb)),
          'settled entry_line -40000', 'what was held is passed on');
SELECT is((SELECT count(*)::int FROM api.waiting_line WHERE account = '467'), 0, 'and settled');
SELECT act(a());
SELECT give('Scop Bois', '{"amount": 9900, "nature": "donation", "received_on": "2025-03-03"}') AS twice \gset
SELECT act(a());
SELECT is(refusal(format($$SELECT match('refund', '{"create": [{"kind": "refund", "amount": -2500, "contribution_id": "%s", "category": "rent"}]}')$$, :'twice')),
          'match.field_of_other_kind /create/0/category category', 'a refund to a giver has no category');
SELECT act(a());
SELECT match('refund', format('{"create": [{"kind": "refund", "amount": -2500, "contribution_id": "%s"}]}', :'twice')::jsonb);
SELECT is((SELECT sum(l.amount)::int FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id WHERE a.number = '75411'), -7400, 'a refund to a giver takes the income back');
SELECT is(refusal(format($$SELECT act(a()), match('who was paid', '{"create": [{"kind": "refund", "amount": -7500, "contribution_id": "%s"}, {"kind": "unknown", "amount": 2500}]}')$$, :'twice')),
          'match.refund_amount /create/0/amount money:7400', 'never more than was paid');
SELECT act(a());
SELECT api.account_create('{}', '{"number": "51209", "title": "Ancien compte"}');
SELECT act(a());
SELECT e.id AS manual FROM api.entry_create('{}', '{"journal": "OD", "date": "2025-03-01", "label": "Reçu sur l''ancien compte", "lines": [
  {"account": "51209", "debit": 10000}, {"account": "7588", "credit": 10000}]}') e \gset
SELECT act(a());
SELECT api.entry_validate(jsonb_build_object('id', :'manual'::uuid), '{}');
SELECT act(a());
SELECT is(parts(match('late', format('{"entry_line_ids": ["%s"]}', (SELECT l.id FROM fund.line l WHERE l.entry_id = :'manual' AND l.amount > 0))::jsonb)), 'settled entry_line 10000', 'a line on another account of class 5 is brought to this one');
SELECT is((SELECT string_agg(concat_ws(' ', a.number, l.amount), ', ' ORDER BY l.position) FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
             JOIN fund.entry e ON e.id = l.entry_id WHERE e.label = 'Règlement' AND e.date = '2025-02-23'), '512 10000, 51209 -10000', 'by an entry of its own');
SELECT is(refusal(format($$SELECT act(a()), match('cash', '{"entry_line_ids": ["%s"]}')$$, (SELECT l.id FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id WHERE a.number = '768'))),
          'match.line_account /entry_line_ids/0 768', 'income is no claim');
ROLLBACK TO start;

-- ---- What is refused ----------------------------------------------------------------------------------------------------
SELECT is(refusal(format($$SELECT act(a()), match('%s', '%s')$$, t.line, t.body)), t.why, t.name)
  FROM (VALUES
    ('late', '{}', 'match.empty /create', 'nothing said'),
    ('zero', '{"create": [{"kind": "unknown", "amount": 1}]}', 'bank_transaction.zero ', 'a line of zero'),
    ('late', '{"create": [{"kind": "expense", "amount": 10000, "category": "rent"}]}', 'match.part_out /create/0/amount', 'an expense goes out'),
    ('rent', '{"create": [{"kind": "contribution", "amount": -45000, "nature": "dues"}]}', 'match.part_in /create/0/amount', 'a contribution comes in'),
    ('rent', '{"create": [{"kind": "expense", "amount": -45000}, {"kind": "interest", "amount": 0, "nature": "dues"}]}',
     'field.required /create/0/category; match.field_of_other_kind /create/1/nature nature; match.part_zero /create/1/amount', 'all faults at once'),
    ('rent', '{"create": [{"kind": "expense", "amount": -45000, "category": "party"}]}', 'match.category_unknown /create/0/category party', 'an unknown category'),
    ('late', '{"create": [{"kind": "contribution", "amount": 10000, "nature": "dues"}]}', 'contribution.giver_missing /create/0/member_id', 'a contribution without a giver'),
    ('late', '{"contribution_ids": ["00000000-0000-7000-8000-000000000000"]}', 'not_found /contribution_ids/0', 'a contribution of nobody'),
    ('late', '{"entry_line_ids": ["999999"]}', 'not_found /entry_line_ids/0', 'a line of nobody'),
    ('late', '{"create": [{"kind": "third_party", "amount": 10000, "fund_id": "00000000-0000-7000-8000-000000000000"}]}', 'not_found /create/0/fund_id', 'a fund of nobody')) AS t (line, body, why, name);
SELECT is(refusal(format($$SELECT act(a()), match('late', '{"create": [{"kind": "contribution", "amount": 10000, "nature": "donation", "member_id": "%s"}]}')$$, who('Jardins')->>'id')) LIKE 'nature.donation /create/0/nature%', true, 'a nature this giver cannot have');
SELECT tx('late') AS late \gset
SELECT act(b());
SELECT is(refusal(format($$SELECT act(b()), api.bank_match_create('{"id": "%s"}', '{"create": [{"kind": "unknown", "amount": 10000}]}')$$, :'late')), 'not_found ', 'another organisation''s line');
ROLLBACK;
