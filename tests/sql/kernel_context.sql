-- The request's context, organisations kept apart, writes: lock, recorded instant, idempotency, versions.
BEGIN;
SELECT plan(67);
\ir fixtures.psql

-- Identifiers, errors, amounts -------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT matches(app.uuid7()::text, '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'uuid7 is of version 7');
SELECT ok(abs(extract(epoch FROM clock_timestamp()) * 1000
              - ('x' || lpad(left(replace(app.uuid7()::text, '-', ''), 12), 16, '0'))::bit(64)::bigint) < 2000, 'uuid7 begins with the clock');
SELECT is((SELECT count(DISTINCT app.uuid7()) FROM generate_series(1, 10000)), 10000::bigint, 'uuid7 does not repeat');
SELECT ok((SELECT bool_and(ordered) FROM (SELECT u > lag(u) OVER (ORDER BY n) AS ordered FROM (
  SELECT n, app.uuid7() AS u, pg_sleep(0.0005) FROM generate_series(1, 50) n) x) y), 'uuid7 grows with time');
RESET ROLE;

SELECT is(pg_temp.problem($$SELECT app.fail('a.b')$$), 'a.b', 'fail raises its code');
SELECT is(pg_temp.problem($$SELECT app.fail('a.b', '/lines/2/amount', 'x', 'y')$$), 'a.b /lines/2/amount', 'fail raises its pointer');
SELECT is(app.fault('a.b', NULL, 'x', NULL, 'money:12'), '{"code": "a.b", "pointer": "", "args": ["x", null, "money:12"]}',
          'a fault has code, pointer and arguments');
SELECT is(pg_temp.problem($$SELECT app.fail_all(jsonb_build_array(app.fault('a', '/x'), app.fault('b', '/y')))$$), 'a /x, b /y',
          'fail_all raises every fault');
SELECT lives_ok($$SELECT app.fail_all('[]'), app.fail_all(NULL)$$, 'no fault, no failure');
SELECT throws_ok($$SELECT app.fail('a.b')$$, 'GR001', 'a.b', 'the SQLSTATE is ours');

SELECT pg_temp.enter(:'a');
SELECT is(ARRAY(SELECT fund.money_text(m) FROM unnest(ARRAY[0, 5, -5, 12, 100, -100, 123456, 9223372036854775807,
            -9223372036854775808, NULL]::bigint[]) m),
          ARRAY['0.00', '0.05', '-0.05', '0.12', '1.00', '-1.00', '1234.56', '92233720368547758.07',
                '-92233720368547758.08', NULL], 'amounts are written with two digits');
SELECT pg_temp.enter(:'b');
SELECT is(fund.money_text(-123456), '-123456', 'amounts of a currency without digits');
SELECT set_config('app.currency_digits', '', true);
SELECT is(fund.money_text(7), '7', 'the digits are looked up when the context does not hold them');
SELECT set_config('app.currency_digits', '3', true);
SELECT is(fund.money_text(-7), '-0.007', 'three digits');
SELECT is(fund.today(), (now() AT TIME ZONE 'Pacific/Tahiti')::date, 'today is the organisation''s');

-- Organisations apart ----------------------------------------------------------------------------------------------

SET ROLE grenier_server;
SELECT set_config('app.organisation_id', '', true);
SELECT is_empty('SELECT FROM fund.organisation', 'without a context, no organisation');
SELECT is_empty('SELECT FROM audit.event', 'without a context, no event');
SELECT is_empty('SELECT FROM api.organisation', 'without a context, nothing through a view');
SELECT is(fund.today(), NULL, 'without a context, no today');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{}')$$), 'not_found', 'without a context, nothing to write');
SELECT pg_temp.enter(:'a');
SELECT results_eq('SELECT slug FROM fund.organisation', ARRAY['reseau-a'], 'one organisation is visible');
SELECT is((SELECT count(DISTINCT organisation_id) FROM audit.event), 1::bigint, 'one organisation''s events are visible');
SELECT is(pg_temp.problem(format($$SELECT 1 / (count(*))::int FROM fund.organisation WHERE id = %L$$, :'b')), 'division by zero',
          'the other one is not, even by its id');
SELECT throws_ok($$INSERT INTO fund.organisation (id, slug, name) VALUES (gen_random_uuid(), 'x-y', 'x')$$, '42501', NULL, 'the server inserts nothing');
SELECT throws_ok($$UPDATE fund.organisation SET name = 'x'$$, '42501', NULL, 'the server updates nothing');
SELECT throws_ok($$DELETE FROM fund.organisation$$, '42501', NULL, 'the server deletes nothing');
SELECT throws_ok($$SELECT * FROM app.session$$, '42501', NULL, 'the server does not see schema app');
SELECT throws_ok($$SELECT app.recorded_at()$$, '42501', NULL, 'the server calls nothing in schema app');
RESET ROLE;

SET ROLE grenier_owner; -- the rights with which every write function runs
SELECT results_eq('SELECT slug FROM fund.organisation', ARRAY['reseau-a'], 'row-level security holds the owner too');
SELECT throws_ok(format($$INSERT INTO audit.event (organisation_id, at, actor, action, subject_kind) VALUES (%L, now(), 'system', 'read', 'x')$$, :'b'),
                 '42501', NULL, 'a row of another organisation cannot be written');
WITH changed AS (UPDATE fund.organisation SET name = 'stolen' WHERE id = :'b' RETURNING 1)
SELECT is((SELECT count(*) FROM changed), 0::bigint, 'another organisation''s row is out of reach');
SELECT throws_ok(format($$UPDATE fund.idempotency_key SET organisation_id = %L$$, :'b'), NULL, NULL, 'a row cannot be moved to another organisation')
  FROM (SELECT app.begin_write(), app.end_write()) x;
RESET ROLE;

-- A member sees what is its own
SET ROLE grenier_server;
SELECT pg_temp.enter(:'a', 'user:' || :'max', p_member => gen_random_uuid());
SELECT isnt_empty('SELECT FROM fund.organisation', 'a member sees the organisation');
SELECT is_empty('SELECT FROM audit.event', 'a member sees no event');
SELECT is_empty('SELECT FROM fund.idempotency_key', 'a member sees no other actor''s keys');
RESET ROLE;
-- … but what it does is recorded
SET ROLE grenier_owner;
SELECT lives_ok(format($$SELECT audit.write_event(%L, 'read', 'member', 'x')$$, :'a'), 'a member''s act is an event');
SELECT is(app.begin_write(), NULL, 'a member may write where a function lets it');
SELECT lives_ok($$SELECT app.end_write('{"id": 3}')$$, 'and end the write');
RESET ROLE;

-- The auditor of the database
SET ROLE grenier_auditor;
SELECT set_config('app.organisation_id', :'a', true), set_config('app.member_id', '', true);
SELECT isnt_empty('SELECT * FROM api.audit_event', 'the auditor reads through the views');
SELECT throws_ok($$SELECT api.purge()$$, '42501', NULL, 'the auditor calls nothing that writes');
RESET ROLE;

-- Writes -----------------------------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT pg_temp.enter(:'a', 'user:' || :'anna');
SELECT is(app.begin_write(), NULL, 'a new write begins');
SELECT app.recorded_at() AS first \gset
SELECT is((SELECT last_recorded_at FROM fund.organisation), :'first'::timestamptz, 'the recorded instant is kept on the organisation');
SELECT ok(:'first'::timestamptz BETWEEN clock_timestamp() - interval '5 s' AND clock_timestamp(), 'the recorded instant is the clock''s');
SELECT is(app.begin_write(), NULL, 'a write that begins within another is the same');
SELECT is(app.recorded_at(), :'first'::timestamptz, 'with the same recorded instant');
SELECT app.end_write('{"x": 1}');
UPDATE fund.organisation SET last_recorded_at = '2100-01-01';
SELECT pg_temp.enter(:'a', 'user:' || :'anna');
SELECT app.begin_write();
SELECT is(app.recorded_at(), '2100-01-01 00:00:00.000001+00'::timestamptz, 'recorded instants grow even when the clock does not');
UPDATE fund.organisation SET last_recorded_at = now();

-- Idempotency
SELECT pg_temp.enter(:'a', 'user:' || :'anna', 'k1', pg_temp.hash('one'));
SELECT app.begin_write();
SELECT app.end_write('{"id": 1}');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', 'k1', pg_temp.hash('one'));
SELECT is(app.begin_write(), '{"id": 1}', 'the same key with the same content answers the first answer');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', 'k1', pg_temp.hash('two'));
SELECT is(pg_temp.problem('SELECT app.begin_write()'), 'idempotency.mismatch', 'the same key with other content is refused');
SELECT pg_temp.enter(:'a', 'user:' || :'bea', 'k1', pg_temp.hash('two'));
SELECT is(app.begin_write(), NULL, 'another actor''s key is another');
SELECT app.end_write();
SELECT pg_temp.enter(:'a', 'user:' || :'bea', 'k1', pg_temp.hash('two'));
SELECT is(app.begin_write(), 'null', 'a write without an answer is not done again either');
SELECT pg_temp.enter(:'a', 'user:' || :'bea', 'k1', pg_temp.hash('two'), p_route => 'POST /others');
SELECT is(app.begin_write(), NULL, 'another route''s key is another');
SELECT pg_temp.enter(:'b', 'user:' || :'bea', 'k1', pg_temp.hash('two'));
SELECT is(app.begin_write(), NULL, 'another organisation''s key is another');
SELECT gen_random_uuid() AS request \gset
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_request => :'request');
SELECT app.begin_write();
SELECT app.end_write('{"id": 2}');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_request => :'request');
SELECT is(app.begin_write(), '{"id": 2}', 'without a key, a request run again under its id answers again');

-- Deferred checks
SELECT pg_temp.enter(:'a', 'user:' || :'anna');
SELECT app.begin_write();
CREATE TEMP TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
SELECT lives_ok('INSERT INTO once VALUES (1), (1)', 'a deferred check does not run at once');
SELECT throws_ok('SELECT app.end_write()', '23505', NULL, 'but at the end of the write, before COMMIT');
SELECT lives_ok('UPDATE once SET n = 2 WHERE ctid IN (SELECT min(ctid) FROM once); SELECT app.end_write(); INSERT INTO once VALUES (1)',
                'and the next write''s are deferred again');
DELETE FROM once;
RESET ROLE;

SET ROLE grenier_server;
SELECT pg_temp.enter(:'a');
SELECT ok(api.request_outcome(:'request'), 'a request that was committed is known');
SELECT ok(NOT api.request_outcome(gen_random_uuid()), 'one that was not is not');
SELECT pg_temp.enter(:'b');
SELECT ok(NOT api.request_outcome(:'request'), 'nor is another organisation''s');

-- The organisation itself ------------------------------------------------------------------------------------------

SELECT pg_temp.enter(:'a', 'user:' || :'anna');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{"name": "Autre"}')$$), 'precondition.required', 'If-Match is required');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '7');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{"name": "Autre"}')$$), 'precondition.failed', 'another version is refused');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', 'patch', pg_temp.hash('x'), p_if_match => '1');
SELECT results_eq($$SELECT name, city, street, version FROM api.organisation_update('{}', '{"name": "Réseau d’à côté", "city": "Apt", "street": null}')$$,
  $$VALUES ('Réseau d’à côté', 'Apt', NULL::text, 2)$$, 'keys present are set, null clears, the version grows');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', 'patch', pg_temp.hash('x'), p_if_match => '1');
SELECT results_eq($$SELECT name, city, street, version FROM api.organisation_update('{}', '{"name": "Réseau d’à côté", "city": "Apt", "street": null}')$$,
  $$VALUES ('Réseau d’à côté', 'Apt', NULL::text, 2)$$, 'repeated, it answers the same and changes nothing');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '2');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{"name": null, "currency": "USD", "language": null}')$$),
  'field.null /name, field.null /language, organisation.currency_fixed /currency', 'every fault is said at once');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '2');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{"time_zone": "Europe/Appt"}')$$), 'organisation.time_zone /time_zone', 'a time zone must exist');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '2');
SELECT is(pg_temp.problem($$SELECT api.organisation_update('{}', '{"slug": "reseau-b"}')$$), 'organisation_slug_unique', 'a slug is taken once');
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '*');
SELECT api.organisation_update('{}', '{"slug": "reseau-neuf"}');
RESET ROLE;
SELECT results_eq('SELECT slug FROM app.directory ORDER BY slug', ARRAY['reseau-b', 'reseau-neuf'], 'the directory follows the slugs');

SELECT * FROM finish();
ROLLBACK;
