-- Bank files: accounts found and confirmed, the same line only once, the chain of balances, what agrees.
\ir members_setup.psql
\ir bank_setup.psql
SELECT plan(49);

-- ---- An unknown account --------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is((SELECT format('%s %s %s %s %s', i->>'account', i->>'opening_balance', i->>'closing_balance', i->>'transactions', i->>'new_transactions')
             FROM jsonb_array_elements(import('jan', jsonb_build_array(statement('2025-01-01', '2025-01-31', 100000, 134900,
               jsonb_build_array(line('2025-01-05', 35000, 'COTIS + FONDS'), line('2025-01-20', -100, 'FRAIS')))))) i),
          'FR7642559100000801234567812 1000.00 1349.00 2 2', 'a statement comes in with its balances and lines');
SELECT is((SELECT format('%s %s %s %s', name, status, coalesce(account, '-'), bank_balance) FROM api.bank_account),
          'FR7642559100000801234567812 unconfirmed - 1349.00', 'its account is unknown: unconfirmed, readable');
SELECT is((SELECT string_agg(format('%s %s %s', amount, status, suggestions), ', ' ORDER BY booked_on) FROM api.bank_transaction),
          '350.00 unmatched 35000, -1.00 unmatched -100', 'its lines can be read');
SELECT is(refusal($$SELECT act(a()), match('FRAIS', '{"create": [{"kind": "expense", "amount": -100, "category": "bank_fees"}]}')$$),
          'bank_account.unconfirmed  FR7642559100000801234567812', 'nothing is booked from an unconfirmed account');
SELECT act(a());
SELECT is((SELECT format('%s %s %s %s', name, status, account, version) FROM api.bank_account_confirm(
             jsonb_build_object('id', (SELECT id FROM fund.bank_account)), '{"name": "Compte courant"}')),
          'Compte courant confirmed 512 2', 'confirmed, it is account 512');
SELECT act(a());
SELECT is(refusal($$SELECT api.bank_account_confirm(jsonb_build_object('id', (SELECT id FROM fund.bank_account)), '{}')$$),
          'bank_account.confirmed ', 'once');
SELECT is((SELECT format('%s|%s|%s|%s|%s', bank_balance, balance_on, ledger_balance, difference, agrees) FROM api.bank_account),
          '1349.00|2025-01-31|0.00|1349.00|f', 'bank, ledger and difference at the day of the statement');
SELECT is((SELECT format('%s %s', bank_balance, balance_on) FROM api.bank_account_list('2025-01-10')), '1350.00 2025-01-10',
          'at a day inside the statement: the opening balance and what was booked since');
SELECT is((SELECT format('%s %s', bank_balance, balance_on) FROM api.bank_account_list('2026-06-30')), '1349.00 2025-01-31',
          'never later than the last statement');
SELECT is((SELECT string_agg(e.subject_kind || ' ' || e.action, ', ' ORDER BY e.id) FROM audit.event e
            WHERE e.subject_kind LIKE 'bank%'), 'bank_account insert, bank_statement insert, bank_account update', 'audited by statement');

-- the same again, an overlap, the next month
SELECT act(a());
SELECT is((SELECT format('%s %s %s %s', i->>'transactions', i->>'new_transactions', i->'notes'->0->>'code', i->>'id' = (SELECT id::text FROM fund.bank_statement))
             FROM jsonb_array_elements(import('jan', jsonb_build_array(statement('2025-01-01', '2025-01-31', 100000, 134900, jsonb_build_array(
               line('2025-01-05', 35000, 'COTIS + FONDS'), line('2025-01-20', -100, 'FRAIS')))))) i),
          '2 0 bank_note.same_file t', 'the same file adds nothing and says when it came');
SELECT act(a());
SELECT is((SELECT format('%s %s', i->>'transactions', i->>'new_transactions') FROM jsonb_array_elements(import('jan-feb',
             jsonb_build_array(statement('2025-01-15', '2025-02-15', 135000, 144900, jsonb_build_array(
               line('2025-01-20', -100, 'FRAIS'), line('2025-02-10', 10000, 'DON')))))) i),
          '2 1', 'an overlapping file adds what is new');
SELECT is((SELECT gaps FROM api.bank_account), '[]', 'and makes no gap');
SELECT act(a());
SELECT is((SELECT string_agg(n->>'code' || ' ' || (n->'args')::text, ', ') FROM jsonb_array_elements(import('apr', jsonb_build_array(
             statement('2025-04-01', '2025-04-30', 150000, 149000, jsonb_build_array(line('2025-04-02', -1000, 'FOURNITURES')))))) i,
             jsonb_array_elements(i->'notes') n),
          'bank_note.gap ["date:2025-02-15", "money:144900", "date:2025-04-01", "money:150000"]', 'a gap is said');
SELECT is((SELECT gaps #>> '{0,missing}' FROM api.bank_account), '51.00', 'with what is missing, on the account too');
SELECT act(a());
SELECT is((SELECT count(*)::int FROM import('march', jsonb_build_array(statement('2025-02-16', '2025-03-31', 144900, 150000,
             jsonb_build_array(line('2025-03-02', 5100, 'ADHESION')))))), 1, 'the missing one comes later');
SELECT is((SELECT format('%s %s', gaps, statements) FROM api.bank_account), '[] 4', 'and the gap is gone');
SELECT is((SELECT string_agg(gap::text, '') FROM api.bank_statement), 'falsefalsefalsefalse', 'from every statement');
SELECT act(a());
SELECT is((SELECT format('%s %s', i->>'balanced', i->>'closing_balance') FROM jsonb_array_elements(import('may', jsonb_build_array(
             statement('2025-05-01', '2025-05-31', 149000, 149500, '[]')))) i), 'false 1495.00', 'what does not add up is kept and said');
ROLLBACK;

-- ---- Any order, files without opening balances, several statements a day -------------------------------------------
BEGIN;
SELECT act(a());
CREATE FUNCTION pg_temp.day(p_name text, p_day text, p_opening bigint) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM act(a());
  PERFORM import(p_name, jsonb_build_array(statement(p_day, p_day, p_opening, p_opening + 100, jsonb_build_array(line(p_day, 100, p_name)))));
  RETURN (SELECT jsonb_array_length(gaps) FROM api.bank_account);
END $$;
SELECT is(ARRAY[pg_temp.day('d4', '2025-03-04', 300), pg_temp.day('d1', '2025-03-01', 0), pg_temp.day('d2', '2025-03-02', 100),
                pg_temp.day('d3', '2025-03-03', 200)], '{0,1,1,0}', 'in any order: a gap is there until it is filled');
SELECT is((SELECT gaps FROM api.bank_account), '[]', 'and then there is none');
SELECT act(a());
SELECT is((SELECT sum((i->>'new_transactions')::int)::int FROM jsonb_array_elements(import('month', jsonb_build_array(statement(
             '2025-03-01', '2025-03-31', 0, 500, jsonb_build_array(line('2025-03-01', 100, 'd1'), line('2025-03-02', 100, 'd2'),
             line('2025-03-03', 100, 'd3'), line('2025-03-04', 100, 'd4'), line('2025-03-20', 100, 'd20')))))) i), 1,
          'the month over its days adds the day that was missing');
SELECT is((SELECT gaps FROM api.bank_account), '[]', 'without a gap');
SELECT act(a());
SELECT is((SELECT format('%s %s', i->>'opening_balance', i->>'new_transactions') FROM jsonb_array_elements(import('april.ofx', jsonb_build_array(
             statement('2025-03-10', '2025-04-10', NULL, 700, jsonb_build_array(line('2025-03-20', 100, 'D20 autrement', '{"value_on": "2025-03-21"}'),
             line('2025-04-02', 200, 'd33')))), 'ofx')) i), ' 1', 'another format: its texts differ, the line is the same');
SELECT is((SELECT n->'args'->>0 FROM fund.bank_statement s, jsonb_array_elements(s.notes) n WHERE s.format = 'ofx'), '1', 'which is said');
SELECT is((SELECT gaps FROM api.bank_account), '[]', 'no opening balance: what the closing says is compared');
SELECT act(a());
SELECT is((SELECT i->'notes'->0->'args' FROM jsonb_array_elements(import('june.ofx', jsonb_build_array(
             statement('2025-05-20', '2025-06-10', NULL, 1000, jsonb_build_array(line('2025-06-02', 200, 'd60')))), 'ofx')) i),
          '["date:2025-04-10", "money:700", "date:2025-05-20", "money:800"]', 'and a hole is found');
SELECT act(a());
SELECT is((SELECT string_agg(i->>'new_transactions', ',') FROM jsonb_array_elements(import('twice', jsonb_build_array(
             statement('2025-06-11', '2025-06-11', 1000, 1500, jsonb_build_array(line('2025-06-11', 500, 'morning'))),
             statement('2025-06-11', '2025-06-11', 1500, 1200, jsonb_build_array(line('2025-06-11', -300, 'evening')))))) i), '1,1',
          'two statements of one day');
SELECT is((SELECT jsonb_array_length(gaps) FROM api.bank_account), 1, 'chain by their balances');
SELECT is((SELECT bank_balance FROM api.bank_account), '12.00', 'and the balance is that of the last');
SELECT act(a());
SELECT is((SELECT i->>'new_transactions' FROM jsonb_array_elements(import('same day', jsonb_build_array(
             statement('2025-06-12', '2025-06-12', 1200, 3200, jsonb_build_array(line('2025-06-12', 1000, 'twin'),
               line('2025-06-12', 1000, 'twin', '{"fingerprint": "aa"}') || jsonb_build_object('fingerprint', encode(sha256('2'), 'hex'))))))) i), '2',
          'two equal payments of a day stay two');
ROLLBACK;

-- ---- Other currencies, identifiers, several accounts ----------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is((SELECT string_agg(format('%s %s %s', i->>'account', i->>'currency', i->>'account_status'), ', ') FROM jsonb_array_elements(import('multi', jsonb_build_array(
             statement('2025-01-01', '2025-01-31', 0, 100, jsonb_build_array(line('2025-01-02', 100, 'x'))),
             statement('2025-01-01', '2025-01-31', 0, 5000, jsonb_build_array(line('2025-01-02', 5000, 'chf', '{"currency": "CHF"}')),
               '{"account": "CH2909000000250094239", "iban": "CH2909000000250094239", "currency": "CHF"}'),
             statement('2025-01-01', '2025-01-31', 0, 1500, jsonb_build_array(line('2025-01-02', 1500, 'yen', '{"currency": "JPY"}')),
               '{"account": "10807/00010/01019640927", "iban": null, "number_alone": "01019640927", "currency": "JPY", "digits": 0}')))) i),
          'FR7642559100000801234567812 EUR unconfirmed, CH2909000000250094239 CHF other_currency, 10807/00010/01019640927 JPY other_currency',
          'several accounts of a file, any identifier');
SELECT is((SELECT string_agg(format('%s %s %s', amount, currency, status), ', ' ORDER BY amount_minor) FROM api.bank_transaction),
          '1.00 EUR unmatched, 1500 JPY not_bookable, 50.00 CHF not_bookable', 'each in its own digits');
SELECT is(refusal($$SELECT act(a()), api.bank_account_confirm(jsonb_build_object('id', (SELECT id FROM fund.bank_account WHERE currency = 'CHF')), '{}')$$),
          'bank_account.currency  CHF EUR', 'another currency is never confirmed');
SELECT is(refusal($$SELECT act(a()), match('chf', '{"create": [{"kind": "unknown", "amount": 5000}]}')$$),
          'bank_account.currency  CHF EUR', 'nor booked');
SELECT act(a());
SELECT is((SELECT format('%s %s', account, status) FROM api.bank_account_create('{}', '{"name": "Livret", "identifier": "00012345678"}')),
          '512 confirmed', 'made by hand, an account is confirmed at once');
SELECT act(a());
SELECT is((SELECT format('%s %s', account, name) FROM api.bank_account_create('{}', '{"name": "Compte à terme", "iban": "FR1420041010050500013M02606"}')),
          '51202 Compte à terme', 'the next is 51202');
SELECT is((SELECT a.title FROM fund.account a WHERE a.number = '51202'), 'Banque – Compte à terme', 'a sub-account of the ledger');
SELECT is(refusal($$SELECT act(a()), api.bank_account_create('{}', '{"name": "Encore", "iban": "FR1420041010050500013M02606"}')$$),
          '23505 bank_account_iban_once', 'an IBAN once');
SELECT is(refusal($$SELECT act(a()), api.bank_account_create('{}', '{"name": "Deux", "iban": "FR1420041010050500013M02606", "identifier": "1"}')$$),
          'bank_account.one_name /identifier', 'one name or the other');
SELECT act(a());
SELECT is((SELECT i->>'bank_account_name' FROM jsonb_array_elements(import('livret', jsonb_build_array(statement('2025-01-01', '2025-01-31', 0, 100,
             jsonb_build_array(line('2025-01-02', 100, 'liv')), '{"account": "30006/00001/00012345678", "iban": "FR7630006000010001234567890", "number_alone": "00012345678"}')))) i),
          'Livret', 'an account typed as a number is recognised');
SELECT is((SELECT iban FROM fund.bank_account WHERE name = 'Livret'), 'FR7630006000010001234567890', 'and learns its IBAN');
SELECT act(a(), '"x"');
SELECT is(refusal($$SELECT act(a(), '7'), api.bank_account_update(jsonb_build_object('id', (SELECT id FROM fund.bank_account WHERE name = 'Livret')), '{"name": "L"}')$$),
          'precondition.failed ', 'a name changes with its version');
SELECT act(a(), '2');
SELECT is((SELECT name FROM api.bank_account_update(jsonb_build_object('id', (SELECT id FROM fund.bank_account WHERE name = 'Livret')), '{"name": "Livret A"}')), 'Livret A', 'renamed');
SELECT act(b());
SELECT is((SELECT count(*)::int FROM api.bank_account) + (SELECT count(*)::int FROM api.bank_transaction), 0, 'another organisation sees none of it');
SELECT is(refusal(format($$SELECT act(b()), api.bank_account_confirm('{"id": "%s"}', '{}')$$, (SELECT id FROM it WHERE name = 'a'))), 'not_found ', 'nor can it confirm');
ROLLBACK;

-- ---- What never changes ----------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is((SELECT count(*)::int FROM import('x', jsonb_build_array(statement('2025-01-01', '2025-01-31', 0, 100, jsonb_build_array(line('2025-01-02', 100, 'x')))))), 1, 'a line');
SELECT is(refusal(s), '23000 ' || t || '_append_only', t || ' is append-only')
  FROM (VALUES ('UPDATE fund.bank_transaction SET amount = 1', 'bank_transaction'), ('DELETE FROM fund.bank_statement', 'bank_statement')) v (s, t);
ROLLBACK;
