-- Several connections at once: one lock per organisation, one booking per key, parallel attempts counted. Each
-- connection is a server's; this session only looks on.
SELECT plan(27);
SELECT format('host=%s dbname=%s user=grenier_server', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()) AS server \gset
BEGIN;
\ir fixtures.psql
COMMIT;
SELECT dblink_connect('c1', :'server'), dblink_connect('c2', :'server'), dblink_connect('c3', :'server') \gset

-- One statement on a connection, its single column as text.
CREATE FUNCTION pg_temp.run(p_connection text, p_sql text) RETURNS text LANGUAGE sql AS $$
  SELECT x FROM tap.dblink(p_connection, 'SELECT (' || p_sql || ')::text') AS d(x text)
$$;
CREATE FUNCTION pg_temp.result(p_connection text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v text;
BEGIN
  SELECT x INTO v FROM tap.dblink_get_result(p_connection) AS d(x text);
  PERFORM x FROM tap.dblink_get_result(p_connection) AS d(x text); -- the end of the results
  RETURN v;
END $$;
CREATE FUNCTION pg_temp.is_blocked(p_connection text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 400 LOOP
    IF tap.dblink_is_busy(p_connection) = 0 THEN RETURN false; END IF;
    IF EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted) THEN RETURN tap.dblink_is_busy(p_connection) = 1; END IF;
    PERFORM pg_sleep(0.025);
  END LOOP;
  RETURN NULL;
END $$;
CREATE FUNCTION pg_temp.context(p_organisation uuid, p_request text, p_key text DEFAULT NULL, p_hash text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT format('api.set_context(%L, NULL, %L, %L, %L, %L, %L, %L, %L, %L)', p_organisation, 'user:11111111-1111-4111-8111-111111111111',
    'administrator', p_request, 'PATCH /x', '192.0.2.1', p_key, CASE WHEN p_hash IS NOT NULL THEN pg_temp.hash(p_hash)::text END, '*')
$$;
CREATE FUNCTION pg_temp.patch(p_name text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT name || '' '' || version FROM api.organisation_update(''{}'', %L)', jsonb_build_object('name', p_name))
$$;
\set r1 aaaaaaaa-0000-7000-8000-000000000001
\set r2 aaaaaaaa-0000-7000-8000-000000000002
\set r3 aaaaaaaa-0000-7000-8000-000000000003

-- The same key twice at the same time: one write, two equal answers -------------------------------------------------
SELECT dblink_exec('c1', 'BEGIN'), dblink_exec('c2', 'BEGIN'), dblink_exec('c3', 'BEGIN') \gset
SELECT pg_temp.run('c1', pg_temp.context(:'a', :'r1', 'k', 'x')), pg_temp.run('c2', pg_temp.context(:'a', :'r2', 'k', 'x')),
       pg_temp.run('c3', pg_temp.context(:'b', :'r3', 'k', 'y')) \gset
SELECT is(pg_temp.run('c1', '(' || pg_temp.patch('Une fois') || ')'), 'Une fois 2', 'the first writes');
SELECT is(dblink_send_query('c2', pg_temp.patch('Une fois')), 1, 'the second begins');
SELECT ok(pg_temp.is_blocked('c2'), 'and waits');
SELECT is(pg_temp.run('c3', '(' || pg_temp.patch('Ailleurs') || ')'), 'Ailleurs 2', 'another organisation does not');
SELECT is(dblink_exec('c3', 'COMMIT'), 'COMMIT', 'nor for its commit');
SELECT is(dblink_exec('c1', 'COMMIT'), 'COMMIT', 'the first commits');
SELECT is(pg_temp.result('c2'), 'Une fois 2', 'the second answers the same');
SELECT is(dblink_exec('c2', 'COMMIT'), 'COMMIT', 'and commits');
SELECT is((SELECT version FROM fund.organisation WHERE id = :'a'), 2, 'one change was made');
SELECT is((SELECT count(*) FROM audit.event WHERE request_id IN (:'r1', :'r2')), 1::bigint, 'one event tells of it');

-- The first rolls back: the key is free again ------------------------------------------------------------------------
SELECT dblink_exec('c1', 'BEGIN'), dblink_exec('c2', 'BEGIN') \gset
SELECT pg_temp.run('c1', pg_temp.context(:'a', gen_random_uuid()::text, 'k2', 'x')), pg_temp.run('c2', pg_temp.context(:'a', gen_random_uuid()::text, 'k2', 'x')) \gset
SELECT is(pg_temp.run('c1', '(' || pg_temp.patch('Perdu') || ')'), 'Perdu 3', 'a write');
SELECT dblink_send_query('c2', pg_temp.patch('Gardé')) \gset
SELECT ok(pg_temp.is_blocked('c2'), 'another with the same key waits');
SELECT dblink_exec('c1', 'ROLLBACK') \gset
SELECT is(pg_temp.result('c2'), 'Gardé 3', 'and writes, when the first one is rolled back');
SELECT dblink_exec('c2', 'COMMIT') \gset

-- An unanswered COMMIT -----------------------------------------------------------------------------------------------
SELECT gen_random_uuid() AS request \gset
SELECT dblink_exec('c1', 'BEGIN') \gset
SELECT pg_temp.run('c1', pg_temp.context(:'a', :'request')), pg_temp.run('c1', '(' || pg_temp.patch('En route') || ')') \gset
SELECT dblink_exec('c2', 'BEGIN') \gset
SELECT pg_temp.run('c2', pg_temp.context(:'a', gen_random_uuid()::text)) \gset
SELECT dblink_send_query('c2', format('SELECT api.request_outcome(%L)::text', :'request')) \gset
SELECT ok(pg_temp.is_blocked('c2'), 'asking for an outcome waits for a writer at work');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT is(pg_temp.result('c2'), 'true', 'and then knows');
SELECT dblink_exec('c2', 'COMMIT'), dblink_exec('c1', 'BEGIN') \gset
SELECT pg_temp.run('c1', pg_temp.context(:'a', :'request')) \gset
SELECT is(pg_temp.run('c1', '(' || pg_temp.patch('En route') || ')'), 'En route 4', 'the same request run again answers what it answered');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT is((SELECT version FROM fund.organisation WHERE id = :'a'), 4, 'and writes nothing');

-- Recorded instants: distinct and growing, also when the clock stands behind ----------------------------------------
SET ROLE grenier_owner;
SELECT set_config('app.organisation_id', :'a', false) \gset
UPDATE fund.organisation SET last_recorded_at = '2100-01-01';
RESET ROLE;
SELECT dblink_exec('c1', 'BEGIN'), dblink_exec('c2', 'BEGIN') \gset
SELECT pg_temp.run('c1', pg_temp.context(:'a', gen_random_uuid()::text)), pg_temp.run('c2', pg_temp.context(:'a', gen_random_uuid()::text)) \gset
SELECT pg_temp.run('c1', '(' || pg_temp.patch('Un') || ')') \gset
SELECT dblink_send_query('c2', pg_temp.patch('Deux')) \gset
SELECT ok(pg_temp.is_blocked('c2'), 'two writers with different requests wait for each other too');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT is(pg_temp.result('c2'), 'Deux 6', 'the second sees what the first wrote');
SELECT dblink_exec('c2', 'COMMIT') \gset
SELECT results_eq($$SELECT d.after, e.at FROM audit.event e JOIN audit.detail d ON d.event_id = e.id WHERE e.at > '2100-01-01' ORDER BY e.at$$,
  $$VALUES ('Un', '2100-01-01 00:00:00.000001+00'::timestamptz), ('Deux', '2100-01-01 00:00:00.000002+00')$$, 'each has its instant');

-- Recorded instants grow in the order of the commits -------------------------------------------------------------------
SELECT is_empty($$SELECT FROM (SELECT at, lag(at) OVER (PARTITION BY organisation_id ORDER BY id) AS before FROM audit.event) x WHERE at < before$$,
  'events are recorded in order');

-- Attempts in parallel are all counted --------------------------------------------------------------------------------
SELECT dblink_exec('c1', 'BEGIN'), dblink_exec('c2', 'BEGIN') \gset
SELECT pg_temp.run('c1', format('(SELECT count(*) FROM generate_series(1, 4) WHERE api.throttle_check(%L, %L) IS NULL)', 'anna@example.org', '203.0.113.1')) AS n1 \gset
SELECT dblink_send_query('c2', format('SELECT count(*)::text FROM generate_series(1, 4) WHERE api.throttle_check(%L, %L) IS NULL', 'anna@example.org', '203.0.113.1')) \gset
SELECT ok(pg_temp.is_blocked('c2'), 'an attempt waits for another of the same person at the same address');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT is(:'n1' || ' + ' || pg_temp.result('c2'), '4 + 1', 'together they have five');
SELECT dblink_exec('c2', 'COMMIT') \gset

-- A link used twice at the same time ---------------------------------------------------------------------------------
BEGIN;
SET ROLE grenier_owner;
SELECT app.link_create('password', :'max', pg_temp.hash('link'), '1 day', 'cli:tests') \gset
COMMIT;
RESET ROLE;
SELECT dblink_exec('c1', 'BEGIN') \gset
SELECT is(pg_temp.run('c1', $$SELECT email FROM api.one_time_link_use(sha256('link'), '$argon2id$one', '{}')$$), 'max@example.org', 'a link is used');
SELECT dblink_send_query('c2', $$SELECT email FROM api.one_time_link_use(sha256('link'), '$argon2id$two', '{}')$$) \gset
SELECT ok(pg_temp.is_blocked('c2'), 'its second use waits');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT throws_ok($$SELECT * FROM dblink_get_result('c2') AS x(x text)$$, 'GR001', 'link.used', 'and is refused');

-- One purge at a time ------------------------------------------------------------------------------------------------
SELECT dblink_disconnect('c2'), dblink_connect('c2', :'server') \gset
SELECT dblink_exec('c1', 'BEGIN') \gset
SELECT pg_temp.run('c1', '(SELECT count(*) FROM api.purge())') AS rules \gset
SELECT is(:'rules' || ' ' || pg_temp.run('c2', '(SELECT count(*) FROM api.purge())'), (SELECT count(*) FROM app.purge_rule) || ' 0', 'a second purge leaves it to the first');
SELECT dblink_exec('c1', 'COMMIT') \gset

SELECT * FROM finish();
