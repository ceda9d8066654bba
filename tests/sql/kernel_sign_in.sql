-- Who are you: sessions, tokens, roles, throttling, one-time links, purges. The server's role throughout; time passes by
-- moving what is stored into the past.
BEGIN;
SELECT plan(102);
\ir fixtures.psql

CREATE FUNCTION pg_temp.auth(p_kind text, p_token text, p_slug text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', COALESCE(problem, 'ok'), array_to_string(roles, ','), member_id)
  FROM api.authenticate(p_kind, pg_temp.hash(p_token), p_slug, '192.0.2.9')
$$;

-- Sessions ---------------------------------------------------------------------------------------------------------

SET ROLE grenier_server;
SELECT pg_temp.enter(NULL, 'anonymous');
SELECT is(pg_temp.auth('session', 'anna'), 'unauthenticated', 'an unknown session');
SELECT id AS session FROM api.session_create(:'anna', pg_temp.hash('anna'), '192.0.2.1', 'Firefox') \gset
SELECT results_eq($$SELECT actor, user_name, user_email, language, roles, organisation_id, currency, token_id, problem FROM api.authenticate('session', pg_temp.hash('anna'), NULL, '192.0.2.1')$$,
  format($$VALUES ('user:%s', 'Anna Martin', 'anna@example.org', 'fr', NULL::text[], NULL::uuid, NULL::text, NULL::uuid, NULL::text)$$, :'anna'),
  'a session says who, without an organisation');
SELECT results_eq($$SELECT user_id, session_id, roles, organisation_slug, organisation_name, currency, currency_digits, time_zone, organisation_language, member_id, problem FROM api.authenticate('session', pg_temp.hash('anna'), 'reseau-a', '192.0.2.1')$$,
  format($$VALUES ('%s'::uuid, '%s'::uuid, '{administrator,treasurer}'::text[], 'reseau-a', 'Réseau A', 'EUR', 2, 'Europe/Paris', 'fr', NULL::uuid, NULL::text)$$, :'anna', :'session'),
  'and in an organisation, with what roles');
SELECT is(pg_temp.auth('session', 'anna', 'reseau-b'), 'not_found', 'no role in an organisation');
SELECT is(pg_temp.auth('session', 'anna', 'reseau-z'), 'not_found', 'no such organisation: the same answer');
SELECT is((SELECT to_jsonb(x) FROM api.authenticate('session', pg_temp.hash('anna'), 'reseau-b', NULL) x),
          (SELECT to_jsonb(x) FROM api.authenticate('session', pg_temp.hash('anna'), 'reseau-z', NULL) x), 'in every column');
SELECT is(fund.current_organisation(), NULL, 'authenticating leaves the context as it was');
SELECT throws_ok($$SELECT * FROM api.authenticate('cookie', NULL, NULL, NULL)$$, '22023', NULL, 'another kind of credential is a mistake of ours');

RESET ROLE;
SELECT is((SELECT count(*) FROM app.session WHERE last_address IS DISTINCT FROM '192.0.2.1'), 0::bigint, 'within a minute nothing is written');
UPDATE app.session SET last_seen_at = last_seen_at - interval '61 s' WHERE user_id = :'anna';
SET ROLE grenier_server;
SELECT is(pg_temp.auth('session', 'anna'), 'ok', 'a minute later');
RESET ROLE;
SELECT results_eq($$SELECT last_address, clock_timestamp() - last_seen_at < interval '30 s' FROM app.session$$, $$VALUES ('192.0.2.9', true)$$, 'last seen is written');
UPDATE app.session SET last_seen_at = clock_timestamp() - interval '8 hours 1 s';
SELECT is(pg_temp.auth('session', 'anna'), 'session.expired', 'an idle session expires');
SELECT is((SELECT clock_timestamp() - last_seen_at > interval '8 hours' FROM app.session), true, 'and is not revived by the attempt');
UPDATE app.session SET last_seen_at = clock_timestamp() - interval '7 hours 59 min';
SELECT is(pg_temp.auth('session', 'anna'), 'ok', 'one used in time does not');
UPDATE app.session SET expires_at = clock_timestamp();
SELECT is(pg_temp.auth('session', 'anna'), 'session.expired', 'a used session expires too, in the end');
UPDATE app.session SET expires_at = clock_timestamp() + interval '1 day';
UPDATE app.account_user SET disabled_at = now() WHERE id = :'anna';
SELECT is(pg_temp.auth('session', 'anna'), 'unauthenticated', 'a disabled person has no session');
SELECT is(pg_temp.problem(format($$SELECT api.session_create(%L, pg_temp.hash('x'), NULL, NULL)$$, :'anna')), 'unauthenticated', 'nor opens one');
UPDATE app.account_user SET disabled_at = NULL;
SET ROLE grenier_server;
SELECT lives_ok($$SELECT api.session_create((SELECT user_id FROM api.sign_in_lookup('anna@example.org')), pg_temp.hash('anna2'), '192.0.2.2', repeat('x', 1000))$$, 'a second session');
SELECT results_eq(format($$SELECT address, user_agent, current FROM api.session_list(%L, %L)$$, :'anna', :'session'),
  $$VALUES ('192.0.2.2', repeat('x', 400), false), ('192.0.2.1', 'Firefox', true)$$, 'a person''s sessions, the current one marked');
SELECT is_empty(format($$SELECT FROM api.session_list(%L, NULL)$$, :'bea'), 'another person''s are not among them');
SELECT is(pg_temp.problem(format($$SELECT api.session_revoke(%L, %L)$$, :'bea', :'session')), 'not_found', 'nor revoked by others');
SELECT lives_ok(format($$SELECT api.session_revoke(%L, %L)$$, :'anna', :'session'), 'a person revokes a session');
SELECT is(pg_temp.auth('session', 'anna'), 'unauthenticated', 'a revoked session is none');
SELECT is(pg_temp.auth('session', 'anna2'), 'ok', 'the other lives on');
SELECT lives_ok($$SELECT api.session_end(pg_temp.hash('anna2')), api.session_end(pg_temp.hash('anna2'))$$, 'sign-out, twice');
SELECT is(pg_temp.auth('session', 'anna2'), 'unauthenticated', 'a session ended is none');
SELECT is((SELECT count(*) FROM generate_series(1, 22) n, api.session_create(:'anna', pg_temp.hash('s' || n), NULL, NULL)), 22::bigint, 'many sessions');
SELECT is((SELECT count(*) FROM api.session_list(:'anna', NULL)), 20::bigint, 'the oldest end');
SELECT is(pg_temp.auth('session', 's2') || ', ' || pg_temp.auth('session', 's3'), 'unauthenticated, ok', 'those and no others');
RESET ROLE;

-- Roles and their days ----------------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT gen_random_uuid() AS structure \gset
SELECT app.uuid7() AS m1, app.uuid7() AS m2 \gset
RESET ROLE;
-- The member structure need not exist for this: no foreign keys, no triggers until the end of the part.
SET LOCAL session_replication_role = replica;
INSERT INTO app.membership (id, organisation_id, user_id, role, member_id, starts_on) VALUES (:'m1', :'a', :'max', 'member', :'structure', '2020-01-01');
SET ROLE grenier_server;
SELECT lives_ok(format($$SELECT api.session_create(%L, pg_temp.hash('max'), NULL, NULL)$$, :'max'), 'a member signs in');
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'ok member ' || :'structure', 'a member is held to its structure');
RESET ROLE;
INSERT INTO app.membership (id, organisation_id, user_id, role, starts_on, ends_on) VALUES (:'m2', :'a', :'max', 'administrator', '2020-01-01', NULL);
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'ok administrator,member ' || :'structure', 'an administrator too, who reads no books');
UPDATE app.membership SET role = 'board' WHERE id = :'m2';
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'ok board,member', 'a board member reads everything');
SELECT app.today_at('Europe/Paris') AS today \gset
UPDATE app.membership SET ends_on = :'today'::date - 1 WHERE id = :'m2';
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'ok member ' || :'structure', 'a role that ended yesterday is none');
UPDATE app.membership SET ends_on = :'today'::date WHERE id = :'m2';
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'ok board,member', 'one that ends today still is');
UPDATE app.membership SET starts_on = :'today'::date + 1, ends_on = NULL WHERE id = :'m2';
UPDATE app.membership SET ends_on = :'today'::date - 1 WHERE id = :'m1';
SELECT is(pg_temp.auth('session', 'max', 'reseau-a'), 'not_found', 'a role of tomorrow is none today');
SET ROLE grenier_server;
SELECT is_empty(format($$SELECT FROM api.my_organisations(%L, NULL)$$, :'max'), 'nor are these organisations one''s own');
SELECT results_eq(format($$SELECT slug, name, currency, currency_digits, roles, member_id FROM api.my_organisations(%L, NULL)$$, :'anna'),
  $$VALUES ('reseau-a', 'Réseau A', 'EUR', 2, '["administrator", "treasurer"]'::jsonb, NULL::uuid)$$, 'the organisations of a person');
RESET ROLE;
SET LOCAL session_replication_role = DEFAULT;
SELECT is(pg_temp.problem(format($$SELECT app.membership_create(%L, 'reseau-a', 'treasurer', NULL, 'cli:tests')$$, :'anna')), 'membership_role_unique', 'a role is given once');
SELECT is(pg_temp.problem(format($$SELECT app.membership_create(%L, 'reseau-a', 'king', NULL, 'cli:tests')$$, :'anna')), 'membership_role_known', 'there are five roles');
SELECT is(pg_temp.problem(format($$SELECT app.membership_create(%L, 'reseau-a', 'member', NULL, 'cli:tests')$$, :'anna')), 'membership_member_given', 'a member has a structure');
SELECT is(pg_temp.problem(format($$SELECT app.membership_create(%L, 'reseau-a', 'member', gen_random_uuid(), 'cli:tests')$$, :'anna')), 'membership_member_fkey', 'which exists in the organisation');
SELECT is(pg_temp.problem($$SELECT app.token_create('reseau-a', 'member', sha256('m'), gen_random_uuid(), NULL, 'x', 'cli:tests')$$), 'token_member_fkey', 'so does a token''s');
SELECT is(pg_temp.problem(format($$SELECT app.membership_create(%L, 'reseau-z', 'board', NULL, 'cli:tests')$$, :'anna')), 'not_found /organisation', 'in an organisation that exists');
SELECT is(pg_temp.problem($$SELECT app.user_create('ANNA@example.org', 'x', 'fr', 'cli:tests')$$), 'account_user_email_unique', 'an e-mail is one person''s, whatever its case');
SELECT throws_ok($$SELECT app.user_create('x@example.org', 'x', 'fr', 'root')$$, '22023', NULL, 'an actor has a kind');

-- Tokens -----------------------------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT app.token_create('reseau-a', 'auditor', pg_temp.hash('key'), NULL, NULL, 'Tableur', 'cli:tests') AS token \gset
SELECT results_eq($$SELECT action, columns FROM api.audit_event WHERE subject_kind = 'token'$$,
  $$VALUES ('insert', '["created_by", "expires_at", "name", "role"]'::jsonb)$$, 'a token made is an event, without the hash');
RESET ROLE;
SET ROLE grenier_server;
SELECT is(pg_temp.auth('token', 'key', 'reseau-a'), 'ok auditor', 'a token has its role');
SELECT is(pg_temp.auth('token', 'key', 'reseau-b'), 'not_found', 'in its organisation only');
SELECT is(pg_temp.auth('token', 'key'), 'ok', 'without an organisation asked');
SELECT is(pg_temp.auth('session', 'key'), 'unauthenticated', 'a token is no session');
SELECT results_eq($$SELECT actor, user_id, user_name, language FROM api.authenticate('token', pg_temp.hash('key'), 'reseau-a', NULL)$$,
  format($$VALUES ('token:%s', NULL::uuid, 'Tableur', 'fr')$$, :'token'), 'it acts under its own name');
SELECT results_eq(format($$SELECT slug, roles FROM api.my_organisations(NULL, %L)$$, :'token'), $$VALUES ('reseau-a', '["auditor"]'::jsonb)$$, 'its organisation');
SELECT pg_temp.enter(:'a');
SELECT is(api.actor_name('token:' || :'token'), 'Tableur', 'its name in the log');
RESET ROLE;
SELECT ok((SELECT last_seen_at IS NOT NULL AND expires_at BETWEEN now() + interval '89 days' AND now() + interval '91 days' FROM app.token), 'last seen is kept; 90 days by default');
UPDATE app.token SET expires_at = clock_timestamp();
SELECT is(pg_temp.auth('token', 'key', 'reseau-a'), 'unauthenticated', 'a token expires');
UPDATE app.token SET expires_at = now() + interval '1 day', revoked_at = now();
SELECT is(pg_temp.auth('token', 'key', 'reseau-a'), 'unauthenticated', 'a revoked token is none');

-- Sign-in ----------------------------------------------------------------------------------------------------------

SET ROLE grenier_server;
SELECT results_eq($$SELECT user_id, password_hash FROM api.sign_in_lookup('nobody@example.org')$$, $$VALUES (NULL::uuid, NULL::text)$$, 'an unknown person is a row too');
SELECT results_eq($$SELECT user_id FROM api.sign_in_lookup(' Anna@Example.org ')$$, format($$VALUES (%L::uuid)$$, :'anna'), 'case and blanks do not matter');
SELECT pg_temp.enter(NULL, 'anonymous');
SELECT lives_ok($$SELECT api.sign_in_result('nobody@example.org', '192.0.2.1', 'Firefox', false)$$, 'a failed sign-in of an unknown person is recorded');
SELECT lives_ok($$SELECT api.sign_in_result('anna@example.org', '192.0.2.1', 'Firefox', false)$$, 'and of a known one');
RESET ROLE;
SELECT results_eq($$SELECT e.action, e.actor, e.subject_id, e.address, d.after FROM app.security_event e JOIN app.security_detail d ON d.event_id = e.id
  WHERE e.action LIKE 'sign_in%' AND d.column_name = 'email' ORDER BY e.id$$,
  format($$VALUES ('sign_in_failed', 'anonymous', NULL, '192.0.2.1', 'nobody@example.org'), ('sign_in_failed', 'anonymous', '%s', '192.0.2.1', 'anna@example.org')$$, :'anna'),
  'with whom and from where');
SET ROLE grenier_server;
SELECT pg_temp.enter(:'a');
SELECT results_eq($$SELECT action, actor, subject_kind, subject_id FROM api.audit_event WHERE action ~ 'sign'$$,
  format($$VALUES ('sign_in_failed', 'anonymous', 'user', '%s')$$, :'anna'), 'her organisation''s log says so');
SELECT pg_temp.enter(:'b');
SELECT is_empty($$SELECT FROM api.audit_event WHERE action ~ 'sign'$$, 'no other organisation''s does');
SELECT pg_temp.enter(NULL, 'anonymous');
SELECT throws_ok($$SELECT api.sign_in_result('nobody@example.org', '192.0.2.1', 'Firefox', true)$$, 'XX000', NULL, 'nobody cannot succeed');

-- Throttling: five at once for a stranger, then one a minute
SELECT is(ARRAY(SELECT w BETWEEN 45 AND 60 FROM (SELECT api.throttle_check('bea@example.org', '203.0.113.5') AS w FROM generate_series(1, 7)) x), ARRAY[NULL, NULL, NULL, NULL, NULL, true, true],
          'after five failures the sixth waits a minute');
SELECT ok(api.throttle_check('BEA@example.org ', '203.0.113.5') > 45, 'however the e-mail is written');
SELECT is(api.throttle_check('bea@example.org', '203.0.113.6'), NULL, 'the person elsewhere does not wait');
SELECT is(api.throttle_check('anna@example.org', '203.0.113.5'), NULL, 'nor another person there');
SELECT is(api.throttle_check('nobody@example.org', '203.0.113.5'), NULL, 'an unknown person is counted alike');
SELECT api.sign_in_result('bea@example.org', '203.0.113.6', 'Firefox', true);
RESET ROLE;
SELECT is((SELECT count(*) FROM app.known_address WHERE user_id = :'bea'), 1::bigint, 'a sign-in makes the address known');
SELECT is((SELECT actor FROM app.security_event ORDER BY id DESC LIMIT 1), 'user:' || :'bea', 'and is the person''s own act');
SET ROLE grenier_server;
SELECT is((SELECT count(*) FILTER (WHERE w IS NULL) FROM (SELECT api.throttle_check('bea@example.org', '203.0.113.6') AS w FROM generate_series(1, 25)) x),
          20::bigint, 'where she is known she has more attempts');
SELECT cmp_ok(api.throttle_check('bea@example.org', '203.0.113.6'), '<=', 5, 'and waits seconds, not minutes');
RESET ROLE;
UPDATE app.throttle SET tat = tat - interval '61 s';
SET ROLE grenier_server;
SELECT is(ARRAY(SELECT w BETWEEN 1 AND 60 FROM (SELECT api.throttle_check('bea@example.org', '203.0.113.5') AS w FROM generate_series(1, 2)) x), ARRAY[NULL, true], 'after a minute one more');
-- A flood from one address
SELECT is((SELECT count(*) FILTER (WHERE w IS NULL) FROM (SELECT api.throttle_check('u' || n || '@example.org', '203.0.113.7') AS w FROM generate_series(1, 60) n) x),
          50::bigint, 'one address has fifty failures for all people together');
SELECT cmp_ok(api.throttle_check('bea@example.org', '203.0.113.7'), '>', 0, 'then strangers wait there');
RESET ROLE;
INSERT INTO app.known_address (user_id, address_key) VALUES (:'bea', app.address_key('203.0.113.7'));
SET ROLE grenier_server;
SELECT is(api.throttle_check('bea@example.org', '203.0.113.7'), NULL, 'who is known there does not');
SELECT is(api.throttle_check('x@example.org', '2001:db8:1:2::1'), NULL, 'IPv6');
SELECT is((SELECT count(*) FILTER (WHERE w IS NULL) FROM (SELECT api.throttle_check('x@example.org', '2001:db8:1:2::' || n) AS w FROM generate_series(2, 9) n) x), 4::bigint, 'counted by /64');
SELECT is(api.throttle_check('x@example.org', '2001:db8:1:3::1'), NULL, 'and by no more');
SELECT is(api.throttle_check('x@example.org', 'unix socket'), NULL, 'an address of another kind is counted as it is written');
-- Success gives back
SELECT is(ARRAY(SELECT api.throttle_check('anna@example.org', '203.0.113.9') FROM generate_series(1, 4)), ARRAY[NULL, NULL, NULL, NULL]::int[], 'four failures');
SELECT api.sign_in_result('anna@example.org', '203.0.113.9', NULL, true);
RESET ROLE;
SELECT ok((SELECT extract(epoch FROM tat - clock_timestamp()) BETWEEN 20 AND 30 FROM app.throttle WHERE bucket = app.throttle_bucket('address', NULL, '203.0.113.9')),
          'success gives the address back that one attempt');
SELECT is_empty($$SELECT FROM app.throttle WHERE bucket = app.throttle_bucket('person', 'anna@example.org', '203.0.113.9')$$, 'and clears the person''s counter there');

-- One-time links ---------------------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT app.link_create('password', :'max', pg_temp.hash('l1'), '1 day', 'cli:tests'), app.link_create('password', :'max', pg_temp.hash('l2'), '1 day', 'cli:tests'),
       app.link_create('password', :'bea', pg_temp.hash('l3'), '-1 s', 'cli:tests') \gset
SELECT is(pg_temp.problem($$SELECT app.link_create('setup', NULL, pg_temp.hash('l4'), '1 day', 'cli:tests')$$), 'link.setup_done', 'no setup where there are people');
RESET ROLE;
SET ROLE grenier_server;
SELECT results_eq($$SELECT purpose, user_name, user_email, language FROM api.one_time_link_get(pg_temp.hash('l1'))$$, $$VALUES ('password', 'Max Petit', 'max@example.org', 'en')$$, 'a link says for whom');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_get(pg_temp.hash('l0'))$$), 'link.unknown', 'an unknown link');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_get(pg_temp.hash('l3'))$$), 'link.expired', 'an expired link');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_use(pg_temp.hash('l3'), '$argon2id$x', '{}')$$), 'link.expired', 'is of no use');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_use(pg_temp.hash('l1'), 'plain text', '{}')$$), 'account_user_password_hash_form', 'a password is stored as Argon2id or not at all');
SELECT results_eq($$SELECT user_id, email, organisation_slug FROM api.one_time_link_use(pg_temp.hash('l1'), '$argon2id$v=19$max', '{}')$$,
  format($$VALUES ('%s'::uuid, 'max@example.org', NULL::text)$$, :'max'), 'a link sets the password');
SELECT is((SELECT password_hash FROM api.sign_in_lookup('max@example.org')), '$argon2id$v=19$max', 'which is then the one to verify');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_use(pg_temp.hash('l1'), '$argon2id$x', '{}')$$), 'link.used', 'a link works once');
SELECT is(pg_temp.problem($$SELECT * FROM api.one_time_link_get(pg_temp.hash('l2'))$$), 'link.used', 'the person''s other links are spent with it');
SELECT is(pg_temp.auth('session', 'max'), 'unauthenticated', 'and the sessions ended');
RESET ROLE;
SELECT is((SELECT count(*) FROM app.security_event WHERE action IN ('link_used', 'password_set') AND actor = 'user:' || :'max'), 2::bigint, 'both are events');
SELECT is_empty($$SELECT FROM app.security_detail WHERE concat(before, after) ~ 'argon2'$$, 'no event holds a password''s hash');

-- Purge ------------------------------------------------------------------------------------------------------------

UPDATE app.session SET expires_at = now() - interval '31 days' WHERE token_hash = pg_temp.hash('s5');
UPDATE app.session SET expires_at = now() - interval '29 days' WHERE token_hash = pg_temp.hash('s6');
UPDATE app.one_time_link SET used_at = now() - interval '31 days' WHERE token_hash = pg_temp.hash('l1');
UPDATE app.throttle SET tat = now() - interval '2 days' WHERE bucket = app.throttle_bucket('address', NULL, '203.0.113.9');
SET LOCAL session_replication_role = replica; -- past the append-only rule
UPDATE app.security_event SET at = now() - interval '1 year 1 day' WHERE id = (SELECT min(id) FROM app.security_event);
SET LOCAL session_replication_role = DEFAULT;
INSERT INTO fund.idempotency_key (organisation_id, actor, route, key, result, created_at)
SELECT o, 'system', 'x', k, 'null', now() - age FROM unnest(ARRAY[:'a', :'b']::uuid[]) o, (VALUES ('old', interval '73 h'), ('new', interval '71 h')) v(k, age);
SET ROLE grenier_server;
SELECT pg_temp.enter(:'a', 'system');
SELECT results_eq('SELECT name, removed FROM api.purge()', $$VALUES ('idempotency_key', 2::bigint), ('known_address', 0), ('one_time_link', 1), ('security_event', 1), ('session', 1), ('throttle', 1)$$,
  'what has been kept long enough goes, in every organisation');
SELECT is(fund.current_organisation(), :'a'::uuid, 'the context is as before');
RESET ROLE;
SELECT is((SELECT count(*) FROM fund.idempotency_key WHERE key = 'new'), 2::bigint, 'the rest stays');
SELECT is(pg_temp.problem('DELETE FROM app.security_event'), 'security_event_append_only', 'nobody else removes security events');

SELECT * FROM finish();
ROLLBACK;
