-- Members: what a record must hold, numbers, uniqueness, changes, what a member sees, and the import of a file.
\ir members_setup.psql
SELECT plan(65);

-- ---- A member ----------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT is(fund.fold('Épicerie d’Aspre – Œuvre & Cœur'), 'EPICERIE D ASPRE OEUVRE COEUR', 'folding takes accents, ligatures and signs away');
SELECT is((SELECT format('%s %s %s %s', number, status, siren, country) FROM api.member_create('{}',
             '{"name": "Les Tisserands", "legal_form": "association", "joined_on": "2020-01-15", "siret": "73282932000074"}')),
          '1 current 732829320 FR', 'a member gets number 1, the SIREN of its SIRET, and is current');
SELECT act(a());
SELECT is((SELECT number FROM api.member_create('{}', '{"name": "La Scierie", "legal_form": "scop", "joined_on": "2021-03-01"}')),
          2, 'the next one gets the next number');
SELECT act(b());
SELECT is((SELECT number FROM api.member_create('{}', '{"name": "Ailleurs", "legal_form": "scop", "joined_on": "2021-03-01",
             "siret": "73282932000074"}')), 1, 'numbers and identifiers are each organisation''s own');
INSERT INTO it SELECT 'other', m.id FROM fund.member m;
SELECT act(a());
SELECT is((SELECT count(*)::int FROM api.member), 2, 'another organisation''s members are not seen');
SELECT is((SELECT string_agg(format('%s=%s', e.columns && '{name}', e.action), ' ') FROM audit.event e
            WHERE e.subject_kind = 'member'), 't=insert t=insert', 'each is an audit event');
SELECT is((SELECT count(*)::int FROM audit.detail d WHERE d.column_name LIKE '%folded'), 0, 'what is derived is not audited');
COMMIT;

-- What input can break
BEGIN;
SELECT act(a());
SELECT is(refusal($$SELECT FROM api.member_create('{}', '{"name": "X", "legal_form": "scop", "siret": "73282932000074"}')$$),
          'member.siret_taken /siret 1 Les Tisserands', 'a SIRET belongs to one current member, who is named');
SELECT lives_ok($$SELECT act(a()), api.member_create('{}', '{"name": "Y", "legal_form": "association", "rna": "W751234567",
  "iban": "FR7630006000011234567890189"}')$$, 'RNA and IBAN');
SELECT is(refusal($$SELECT act(a()), api.member_create('{}', '{"name": "Z", "legal_form": "association", "rna": "W751234567",
  "iban": "FR7630006000011234567890189", "siret": "73282932000074", "joined_on": "2026-01-02", "left_on": null}')$$),
  'member.siret_taken /siret 1 Les Tisserands; member.rna_taken /rna 3 Y; member.iban_taken /iban 3 Y',
  'all that is taken is said at once');
SELECT is(refusal($$SELECT act(a()), api.member_create('{}', '{"name": "Z", "legal_form": "association",
  "joined_on": "2026-01-02", "left_on": "2026-01-01"}')$$), 'member.left_before_joined /left_on date:2026-01-02', 'nobody leaves before joining');
SELECT is(refusal($$SELECT act(a()), api.member_create('{}', '{"name": "Z", "legal_form": "association",
  "siret": "55210055400013", "siren": "732829320"}')$$), 'member.siren_of_siret /siren 552100554', 'SIREN and SIRET agree');
SELECT is(refusal(format($$INSERT INTO fund.member (organisation_id, id, number, name, legal_form, %s) VALUES
  (%L, gen_random_uuid(), 99, 'Z', 'association', %s)$$, t.columns, a(), t.row)), '23514 ' || t.name, t.name)
  FROM (VALUES ('siret, siren', $$'12345678912X45', '123456789'$$, 'member_siret_form'), ('siren', $$'12345678X'$$, 'member_siren_form'),
               ('siret, siren', $$'73282932000074', '552100554'$$, 'member_siren_of_siret'),
               ('rna', $$'X123456789'$$, 'member_rna_form'), ('iban', $$'FR76 3000'$$, 'member_iban_form'),
               ('email', $$'nobody'$$, 'member_email_form'), ('country', $$'fr'$$, 'member_country_form'),
               ('notes', $$''$$, 'member_notes_length'), ('phone', $$''$$, 'member_phone_length'),
               ('joined_on, left_on', $$'2026-01-02', '2026-01-01'$$, 'member_left_after_joined')) AS t (columns, row, name);
SELECT is(refusal(format($$INSERT INTO fund.member (organisation_id, id, number, name, legal_form, %s) VALUES
  (%L, gen_random_uuid(), 99, 'Z', 'association', %s)$$, t.columns, a(), t.row)), '23505 ' || t.name, t.name)
  FROM (VALUES ('siret, siren', $$'73282932000074', '732829320'$$, 'member_siret_unique'),
               ('rna', $$'W751234567'$$, 'member_rna_unique'),
               ('iban', $$'FR7630006000011234567890189'$$, 'member_iban_unique')) AS t (columns, row, name);
SELECT is(refusal(format($$INSERT INTO fund.member (organisation_id, id, number, name, legal_form) VALUES
  (%L, gen_random_uuid(), 1, 'Z', 'association')$$, a())), '23505 member_number_once', 'a number is given once');
SELECT is(refusal(format($$INSERT INTO fund.member (organisation_id, id, number, name, legal_form) VALUES
  (%L, gen_random_uuid(), 98, 'Z', 'club')$$, a())), '23514 member_legal_form', 'a legal form is one of eight');
SELECT is(refusal('DELETE FROM fund.member'), '23000 member_append_only', 'members are not deleted');
ROLLBACK;

-- Changes
BEGIN;
SELECT act(a());
SELECT is(refusal($$SELECT api.member_update(who('Les Tisserands'), '{"city": "Uzès"}')$$), 'precondition.required ', 'a change needs If-Match');
SELECT act(a(), '7');
SELECT is(refusal($$SELECT api.member_update(who('Les Tisserands'), '{"city": "Uzès"}')$$), 'precondition.failed ', 'of the version one saw');
SELECT act(a(), '1');
SELECT is((SELECT format('%s %s %s', city, version, siret) FROM api.member_update(who('Les Tisserands'), '{"city": "Uzès"}')),
          'Uzès 2 73282932000074', 'a key present is set, others stay');
SELECT act(a(), '2');
SELECT is((SELECT version FROM api.member_update(who('Les Tisserands'), '{"city": "Uzès"}')), 2, 'the same again changes nothing');
SELECT act(a(), '2');
SELECT is((SELECT format('%s/%s/%s', siret, siren, city) FROM api.member_update(who('Les Tisserands'), '{"siret": null, "city": null}')),
          '/732829320/', 'null clears; the SIREN stands alone');
SELECT act(a(), '3');
SELECT is((SELECT siren FROM api.member_update(who('Les Tisserands'), '{"siret": "55210055400013"}')), '552100554', 'a new SIRET brings its SIREN');
SELECT act(a(), '1');
SELECT is(refusal($$SELECT api.member_update('{"id": "01900000-0000-7000-8000-000000000000"}', '{"city": "X"}')$$), 'not_found ', 'no such member');
SELECT is(refusal(format($$SELECT api.member_update(%L, '{"city": "X"}')$$, (SELECT jsonb_build_object('id', other_member())))),
          'not_found ', 'nor another organisation''s');
SELECT act(a(), '4');
SELECT is((SELECT status FROM api.member_update(who('Les Tisserands'), jsonb_build_object('left_on', fund.today()))), 'left',
          'a member has left from its leaving date on');
SELECT act(a());
SELECT is((SELECT status || number FROM api.member_create('{}', '{"name": "Les Tisserands", "legal_form": "scic", "siret": "55210055400013"}')),
          'current3', 'and its SIRET is free again');
ROLLBACK;

-- What they paid
BEGIN;
SELECT act(a());
SELECT FROM give('Les Tisserands', '{"amount": 10000, "nature": "dues"}');
SELECT act(a());
SELECT FROM give('Les Tisserands', '{"amount": 25050, "nature": "financial_contribution"}');
SELECT act(a());
SELECT FROM give('Les Tisserands', jsonb_build_object('amount', 7000, 'nature', 'dues', 'received_on', last_year()));
SELECT act(a());
SELECT give('Les Tisserands', jsonb_build_object('amount', 99900, 'nature', 'financial_contribution', 'received_on', NULL,
                                                 'agreement_signed_on', fund.today()));
SELECT is((SELECT format('%s %s %s %s', contributed_this_year, contributed_total, dues_paid_this_year, last_contribution_on = fund.today())
             FROM api.member WHERE name = 'Les Tisserands'), '35050 42050 10000 t',
          'money received counts, this fiscal year and in all; what is awaited does not');
SELECT act(a());
SELECT FROM api.contribution_cancel(jsonb_build_object('id', (SELECT id FROM api.contribution WHERE nature = 'dues' AND received_on = fund.today())),
                               '{"reason": "x"}');
SELECT is((SELECT format('%s %s %s', contributed_this_year, contributed_total, dues_paid_this_year) FROM api.member WHERE name = 'Les Tisserands'),
          '25050 32050 0', 'what is cancelled no longer does');

-- What a member sees
SELECT act(a(), '1');
SELECT FROM api.member_update(who('La Scierie'), '{"notes": "late twice"}');
SELECT act(a());
SELECT FROM give('La Scierie', '{"amount": 500, "nature": "dues"}');
SELECT (who('Les Tisserands')->>'id') AS tisserands, (who('La Scierie')->>'id') AS scierie \gset
SET LOCAL ROLE grenier_server;
SELECT is((SELECT notes FROM api.member WHERE id = :'scierie'), 'late twice', 'the treasurer reads the notes');
SELECT act(a(), NULL, :'scierie');
SELECT results_eq('SELECT name, notes, contributed_this_year FROM api.member', $$VALUES ('La Scierie', NULL::text, 500::bigint)$$,
                  'a member sees itself alone, without the treasurer''s notes');
SELECT is((SELECT count(*)::int FROM api.contribution), 1, 'and its own contributions');
SELECT is((SELECT giver_name FROM api.contribution), 'La Scierie', 'which are its own');
SELECT throws_ok($$SELECT fund.member_insert('{}')$$, '42501', NULL, 'the server writes no member but through the api');
ROLLBACK;

-- ---- Identifying the line of a file ------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
SELECT FROM api.member_create('{}', '{"name": "Épicerie du Pont", "legal_form": "association", "siret": "55210055400013",
  "rna": "W751234567", "iban": "FR7630006000011234567890189", "email": "Pont@example.org"}');
SELECT act(a());
SELECT FROM api.member_create('{}', '{"name": "Lune", "legal_form": "association", "email": "deux@example.org"}');
SELECT act(a());
SELECT FROM api.member_create('{}', '{"name": "Soleil", "legal_form": "association", "email": "deux@example.org"}');
SELECT is((SELECT format('%s %s', k.identified_by, m.name) FROM fund.member_identify(t.siret, t.rna, t.iban, t.email, fund.fold(t.name)) k
             LEFT JOIN fund.member m ON m.id = k.member_id), t.expected, t.why)
  FROM (VALUES
    ('55210055400013', NULL, NULL, NULL, 'Lune', 'siret Épicerie du Pont', 'by SIRET first'),
    (NULL, 'W751234567', NULL, NULL, 'Lune', 'rna Épicerie du Pont', 'else by RNA'),
    (NULL, NULL, 'FR7630006000011234567890189', NULL, 'Lune', 'iban Épicerie du Pont', 'else by IBAN'),
    (NULL, NULL, NULL, 'pont@example.org', 'Lune', 'email Épicerie du Pont', 'else by e-mail, whatever its case'),
    (NULL, NULL, NULL, NULL, 'EPICERIE DU PONT', 'name Épicerie du Pont', 'else by name, without accents or case'),
    ('73282932000074', 'W751234567', NULL, 'pont@example.org', 'Épicerie du Pont', 'siret Les Tisserands', 'the surest decides'),
    ('35600000009075', 'W751234567', NULL, 'pont@example.org', 'Épicerie du Pont', ' ', 'another SIRET is somebody else'),
    (NULL, NULL, NULL, 'deux@example.org', 'Soleil', 'name Soleil', 'an e-mail that two members share says nothing'),
    (NULL, NULL, NULL, 'deux@example.org', 'Étoile', ' ', 'and then a new name is a new member'))
    AS t (siret, rna, iban, email, name, expected, why);
ROLLBACK;

-- ---- The import --------------------------------------------------------------------------------------------------
BEGIN;
SELECT act(a());
CREATE FUNCTION pg_temp.plan(p_lines jsonb) RETURNS text LANGUAGE sql AS $fn$
  SELECT string_agg(concat_ws(' ', i->>'line', i->>'action', i->>'identified_by',
           (SELECT string_agg(format('%s:%s>%s', c->>'field', c->>'before', c->>'after'), ' ') FROM jsonb_array_elements(i->'changes') c
             WHERE i->>'action' = 'update'),
           (SELECT string_agg(concat_ws(' ', f->>'code', f->>'pointer', f->'args'->>0), ' ') FROM jsonb_array_elements(i->'faults') f)), ', ')
    FROM jsonb_array_elements(api.member_import_plan(p_lines)) i
$fn$;
SELECT is(pg_temp.plan('[
  {"line": 2, "member": {"name": "Les Tisserands", "city": "Uzès", "siret": "73282932000074"}},
  {"line": 3, "member": {"name": "LA SCIERIE"}},
  {"line": 4, "member": {"name": "La Scierie", "legal_form": "scop"}},
  {"line": 5, "member": {"name": "Nouvelle", "legal_form": "scic", "joined_on": "2024-05-06"}},
  {"line": 6, "member": {"name": "Sans forme"}},
  {"line": 7, "member": {"legal_form": "scop"}},
  {"line": 8, "refused": true, "member": {"name": "Illisible"}}]'),
  '2 update siret city:>Uzès, 3 update name name:La Scierie>LA SCIERIE, 4 refused name member_import.twice /name 3, 5 create, '
  '6 refused field.required /legal_form, 7 refused field.required /name, 8 refused', 'each line says what it would do, and why not');
SELECT is(pg_temp.plan('[
  {"line": 2, "member": {"name": "A", "legal_form": "scop", "siret": "55210055400013"}},
  {"line": 3, "member": {"name": "B", "legal_form": "scop", "siret": "55210055400013"}},
  {"line": 4, "member": {"name": "Ñandú", "legal_form": "scop"}},
  {"line": 5, "member": {"name": "nandu", "legal_form": "scop"}},
  {"line": 6, "member": {"name": "Jumelles", "legal_form": "association", "rna": "W751234567"}},
  {"line": 7, "member": {"name": "Jumelles", "legal_form": "association", "rna": "W751234568"}},
  {"line": 8, "member": {"name": "Une", "legal_form": "scop", "email": "m@example.org"}},
  {"line": 9, "member": {"name": "Deux", "legal_form": "scop", "email": "M@example.org"}}]'),
  '2 create, 3 refused member_import.twice /siret 2, 4 create, 5 refused member_import.twice /name 4, 6 create, 7 create, '
  '8 create, 9 create', 'a second line for one new member is refused; two that an RNA or a name tells apart are not');
SELECT act(a(), '1');
SELECT FROM api.member_update(who('La Scierie'), '{"email": "gue@example.org"}');
SELECT is(pg_temp.plan('[
  {"line": 2, "member": {"name": "Moulin", "legal_form": "scop", "email": "gue@example.org"}},
  {"line": 3, "member": {"name": "Barrage", "legal_form": "scop", "email": "gue@example.org"}}]'), '2 create, 3 create',
  'an e-mail on two lines of the file is nobody''s');
SELECT is((SELECT count(*)::int FROM fund.member), 2, 'a plan writes nothing');
SELECT act(a());
CREATE TEMP TABLE done AS SELECT i.value AS item FROM api.member_import('{}', '{"lines": [
  {"line": 2, "member": {"name": "Les Tisserands", "city": "Uzès", "siret": "73282932000074"}},
  {"line": 3, "member": {"name": "La Scierie"}},
  {"line": 4, "member": {"name": "Nouvelle", "legal_form": "scic", "joined_on": "2024-05-06"}}]}') m,
  jsonb_array_elements(m.items) i;
SELECT is((SELECT string_agg(concat_ws(' ', item->>'line', item->>'action', item->>'number'), ', ') FROM done),
          '2 update 1, 3 unchanged 2, 4 create 3', 'the import does it');
SELECT is((SELECT count(*)::int FROM done WHERE item ? 'body'), 0, 'and answers without the lines themselves');
SELECT is((SELECT string_agg(format('%s %s %s %s', number, name, city, version), ', ' ORDER BY number) FROM api.member),
          '1 Les Tisserands Uzès 2, 2 La Scierie  2, 3 Nouvelle  1', 'what was unchanged was not touched');
SELECT is(refusal($$SELECT act(a()), api.member_import('{}', '{"lines": [
  {"line": 2, "member": {"name": "Bonne", "legal_form": "scop"}}, {"line": 3, "member": {"name": "Mauvaise"}}]}')$$),
  'member_import.changed ', 'a line that is refused stops the whole import');
SELECT is((SELECT count(*)::int FROM fund.member WHERE name = 'Bonne'), 0, 'of which nothing stays');
SELECT act(a(), NULL, NULL, 'key');
SELECT FROM api.member_import('{}', '{"lines": [{"line": 2, "member": {"name": "Encore", "legal_form": "scop"}}]}');
SELECT act(a(), NULL, NULL, 'key');
SELECT is((SELECT items->0->>'action' FROM api.member_import('{}', '{"lines": [{"line": 2, "member": {"name": "Encore", "legal_form": "scop"}}]}')),
          'create', 'a retry answers the first answer');
SELECT is((SELECT count(*)::int FROM fund.member WHERE name = 'Encore'), 1, 'and makes nobody twice');
ROLLBACK;
