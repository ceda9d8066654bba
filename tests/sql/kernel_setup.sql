-- The first start: one setup link makes the first organisation and its first user; two at once make one.
SELECT plan(22);
SELECT format('host=%s dbname=%s user=grenier_server', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()) AS server \gset
CREATE FUNCTION pg_temp.hash(p_text text) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(convert_to(p_text, 'UTF8')) $$;

SET ROLE grenier_owner;
SELECT app.link_create('setup', NULL, pg_temp.hash('s1'), '1 day', 'cli:tests'), app.link_create('setup', NULL, pg_temp.hash('s2'), '1 day', 'cli:tests') \gset
RESET ROLE;

SELECT dblink_connect('c1', :'server'), dblink_connect('c2', :'server') \gset
SELECT is((SELECT x FROM dblink('c1', $$SELECT purpose || COALESCE(user_name, '') FROM api.one_time_link_get(sha256('s1'))$$) AS x(x text)), 'setup', 'a setup link');

-- What is wrong is refused whole, and the link is not spent.
SELECT throws_ok($$SELECT * FROM dblink('c1', $q$SELECT email FROM api.one_time_link_use(sha256('s1'), '$argon2id$x',
  '{"organisation_name": "", "slug": "premier", "fiscal_year_starts_on": "2026-09-01", "name": "Anna", "email": "anna@example.org"}')$q$) AS x(x text)$$,
  '23514', NULL, 'an organisation without a name is refused');
SELECT is((SELECT count(*) FROM fund.organisation), 0::bigint, 'nothing was made');
SELECT is((SELECT x FROM dblink('c1', $$SELECT purpose FROM api.one_time_link_get(sha256('s1'))$$) AS x(x text)), 'setup', 'the link still works');

-- Two people use two links at the same time.
SELECT dblink_exec('c1', 'BEGIN') \gset
SELECT * FROM dblink('c1', $$SELECT api.set_context(NULL, NULL, 'anonymous', '', 'aaaaaaaa-0000-7000-8000-000000000001', 'POST /api/v1/one-time-links/{token}/uses', '192.0.2.1', NULL, NULL, NULL)::text$$) AS x(x text) \gset
SELECT results_eq($$SELECT * FROM dblink('c1', $q$SELECT email, organisation_slug FROM api.one_time_link_use(sha256('s1'), '$argon2id$x',
  '{"organisation_name": "Premier réseau", "slug": "premier", "fiscal_year_starts_on": "2026-09-01", "name": "Anna Martin", "email": "anna@example.org", "language": "en", "time_zone": "Indian/Reunion"}')$q$) AS x(email text, slug text)$$,
  $$VALUES ('anna@example.org', 'premier')$$, 'the link makes organisation and user');
SELECT dblink_send_query('c2', $$SELECT email FROM api.one_time_link_use(sha256('s2'), '$argon2id$x',
  '{"organisation_name": "Second", "slug": "second", "fiscal_year_starts_on": "2026-01-01", "name": "Bob", "email": "bob@example.org"}')$$) \gset
DO $$ BEGIN
  FOR i IN 1 .. 200 LOOP
    EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory');
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;
SELECT is(dblink_is_busy('c2'), 1, 'the second one waits for the first');
SELECT dblink_exec('c1', 'COMMIT') \gset
SELECT throws_ok($$SELECT * FROM dblink_get_result('c2') AS x(x text)$$, 'GR001', 'link.setup_done', 'and is refused');
SELECT results_eq('SELECT slug, name, time_zone, language, version FROM fund.organisation', $$VALUES ('premier', 'Premier réseau', 'Indian/Reunion', 'en', 1)$$, 'one organisation');
SELECT results_eq('SELECT email, name, language, password_hash FROM app.account_user', $$VALUES ('anna@example.org', 'Anna Martin', 'en', '$argon2id$x')$$, 'one user');
SELECT results_eq('SELECT role, starts_on, ends_on FROM app.membership ORDER BY role', $$SELECT r, app.today_at('Indian/Reunion'), NULL::date FROM unnest(ARRAY['administrator', 'treasurer']) r$$, 'treasurer and administrator from today on');
SELECT results_eq('SELECT DISTINCT actor FROM audit.event', format($$SELECT 'link:' || id FROM app.one_time_link WHERE token_hash = sha256('s1')$$), 'the link did it');
SELECT dblink_disconnect('c2'), dblink_connect('c2', :'server') \gset
SELECT ok((SELECT x::boolean FROM dblink('c1', $$SELECT api.request_outcome('aaaaaaaa-0000-7000-8000-000000000001')$$) AS x(x text)), 'the request''s outcome is known outside an organisation too');
SELECT throws_ok($$SELECT * FROM dblink('c2', $q$SELECT purpose FROM api.one_time_link_get(sha256('s2'))$q$) AS x(x text)$$, 'GR001', 'link.setup_done', 'the second link is of no use any more');

-- What every organisation has (the ledger's part), seen as the server
SELECT * FROM dblink('c1', format($$SELECT set_config('app.organisation_id', %L, false)$$, (SELECT id FROM fund.organisation))) AS x(x text) \gset
SELECT results_eq($$SELECT * FROM dblink('c1', 'SELECT name, kind FROM fund.fund ORDER BY kind') AS x(name text, kind text)$$,
  $$VALUES ('Fonctionnement', 'general'), ('Fonds de solidarité', 'solidarity')$$, 'two funds');
SELECT results_eq($$SELECT * FROM dblink('c1', 'SELECT starts_on, ends_on FROM fund.fiscal_year') AS x(a date, b date)$$,
  $$VALUES ('2026-09-01'::date, '2027-08-31'::date)$$, 'a fiscal year that begins when asked');

-- The operator's way
BEGIN;
SET ROLE grenier_owner;
SELECT lives_ok($$SELECT app.organisation_create('deuxieme', 'Deuxième', NULL, 'cli:tests')$$, 'the operator makes another organisation');
SELECT results_eq('SELECT starts_on FROM fund.fiscal_year', $$SELECT date_trunc('year', fund.today())::date$$, 'without a date, its year begins on January 1st');
SELECT throws_ok($$SELECT app.organisation_create('deuxieme', 'Encore', NULL, 'cli:tests')$$, '23505', NULL, 'a slug is taken once');
SELECT throws_ok($$SELECT app.organisation_create('Deux ieme', 'Encore', NULL, 'cli:tests')$$, '23514', NULL, 'a slug has its form');
SELECT throws_ok($$SELECT app.organisation_create('troisieme', 'Encore', NULL, 'cli:tests', 'euros')$$, '23514', NULL, 'a currency has its form');
SELECT throws_ok($$SELECT app.organisation_create('troisieme', 'Encore', NULL, 'cli:tests', p_time_zone => 'Mars')$$, 'GR001', 'organisation.time_zone', 'a time zone exists');
ROLLBACK;
SELECT is((SELECT x FROM dblink('c1', 'SELECT api.schema_version()') AS x(x int)), (SELECT max(number) FROM app.schema_migration), 'the schema''s version');

SELECT * FROM finish();
