-- Schema api: the only surface the server uses. Functions and views, no data. The migrator drops the schema; this file
-- makes it again, and the others follow in the order of their names.

CREATE SCHEMA api;
COMMENT ON SCHEMA api IS
  'Functions and views: the only surface the server uses. Holds no data; made again at each migrate.';

---------------------------------------------------------------------------------------------------------------------
-- The request's context
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.set_context(p_organisation uuid, p_member uuid, p_actor text, p_roles text, p_request_id uuid,
                                p_route text, p_address text, p_idempotency_key text, p_idempotency_hash bytea,
                                p_if_match text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  PERFORM set_config('app.organisation_id',  COALESCE(p_organisation::text, ''), true),
          set_config('app.member_id',        COALESCE(p_member::text, ''), true),
          set_config('app.actor',            COALESCE(p_actor, ''), true),
          set_config('app.roles',            COALESCE(p_roles, ''), true),
          set_config('app.request_id',       COALESCE(p_request_id::text, ''), true),
          set_config('app.route',            COALESCE(p_route, ''), true),
          set_config('app.address',          COALESCE(p_address, ''), true),
          set_config('app.idempotency_key',  COALESCE(p_idempotency_key, ''), true),
          set_config('app.idempotency_hash', COALESCE(encode(p_idempotency_hash, 'hex'), ''), true),
          set_config('app.if_match',         COALESCE(p_if_match, ''), true),
          set_config('app.recorded_at',      '', true),
          set_config('app.reason',           '', true),
          set_config('app.new_request',      'true', true);
  -- Kept for fund.money_text, which is called once per amount.
  PERFORM set_config('app.currency_digits',
    CASE WHEN p_organisation IS NULL THEN ''
         ELSE COALESCE((SELECT o.currency_digits::text FROM fund.organisation o WHERE o.id = p_organisation), '') END,
    true);
END
$fn$;
COMMENT ON FUNCTION api.set_context(uuid, uuid, text, text, uuid, text, text, text, bytea, text) IS
  'First statement of every transaction of the server: organisation, member limit, actor, roles (comma separated), '
  'request id, route template, address, Idempotency-Key and its hash, If-Match (bare version). Lasts until the '
  'transaction ends.';

CREATE FUNCTION api.request_outcome(p_request uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  -- The lock waits for a writer that is still committing: the answer is final.
  IF fund.current_organisation() IS NOT NULL THEN
    PERFORM app.lock_organisation();
  END IF;
  RETURN EXISTS (SELECT FROM audit.event e
                 WHERE e.organisation_id = fund.current_organisation() AND e.request_id = p_request)
      OR EXISTS (SELECT FROM fund.idempotency_key k
                 WHERE k.organisation_id = fund.current_organisation() AND k.key = 'request:' || p_request)
      OR EXISTS (SELECT FROM app.security_event s WHERE s.request_id = p_request);
END
$fn$;
COMMENT ON FUNCTION api.request_outcome(uuid) IS
  'Was this request committed? For a COMMIT whose answer was lost; ask on a new connection, in the same '
  'organisation''s context. Waits for a writer still at work.';

---------------------------------------------------------------------------------------------------------------------
-- Instance
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.schema_version() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT COALESCE(max(number), 0) FROM app.schema_migration
$fn$;
COMMENT ON FUNCTION api.schema_version() IS 'Number of the last migration applied; 0 for none.';

---------------------------------------------------------------------------------------------------------------------
-- Who are you
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.authenticate(p_kind text, p_hash bytea, p_slug text, p_address text)
RETURNS TABLE (problem text, actor text, user_id uuid, user_name text, user_email text, language text, roles text[],
               organisation_id uuid, organisation_slug text, organisation_name text, currency text,
               currency_digits integer, time_zone text, organisation_language text, member_id uuid, session_id uuid,
               token_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  c_minute constant interval := interval '1 minute';
  v_now          timestamptz := clock_timestamp();
  v_session      app.session;
  v_token        app.token;
  v_user         app.account_user;
  v_organisation fund.organisation;
BEGIN
  problem := 'unauthenticated';
  IF p_kind = 'session' THEN
    SELECT s.* INTO v_session FROM app.session s WHERE s.token_hash = p_hash;
    IF NOT FOUND OR v_session.revoked_at IS NOT NULL THEN RETURN NEXT; RETURN; END IF;
    SELECT u.* INTO STRICT v_user FROM app.account_user u WHERE u.id = v_session.user_id;
    IF v_user.disabled_at IS NOT NULL THEN RETURN NEXT; RETURN; END IF;
    IF v_now >= v_session.expires_at OR v_now >= v_session.last_seen_at + v_session.idle_limit
       OR app.not_made_yet(v_session.created_at, v_now) THEN
      problem := 'session.expired'; RETURN NEXT; RETURN;
    END IF;
    IF v_session.last_seen_at <= v_now - c_minute AND NOT current_setting('transaction_read_only')::boolean THEN
      UPDATE app.session s SET last_seen_at = v_now, last_address = p_address
      WHERE s.token_hash = p_hash AND s.last_seen_at <= v_now - c_minute;
    END IF;
    actor := 'user:' || v_user.id; session_id := v_session.id;
    user_id := v_user.id; user_name := v_user.name; user_email := v_user.email; language := v_user.language;
  ELSIF p_kind = 'token' THEN
    SELECT t.* INTO v_token FROM app.token t WHERE t.token_hash = p_hash;
    IF NOT FOUND OR v_token.revoked_at IS NOT NULL OR v_now >= v_token.expires_at
       OR app.not_made_yet(v_token.created_at, v_now) THEN
      RETURN NEXT; RETURN;
    END IF;
    IF (v_token.last_seen_at IS NULL OR v_token.last_seen_at <= v_now - c_minute)
       AND NOT current_setting('transaction_read_only')::boolean THEN
      UPDATE app.token t SET last_seen_at = v_now
      WHERE t.token_hash = p_hash AND (t.last_seen_at IS NULL OR t.last_seen_at <= v_now - c_minute);
    END IF;
    actor := 'token:' || v_token.id; token_id := v_token.id; user_name := v_token.name;
  ELSE
    RAISE EXCEPTION 'unknown kind of credential "%"', p_kind USING ERRCODE = 'invalid_parameter_value';
  END IF;
  problem := NULL;
  IF p_slug IS NULL THEN RETURN NEXT; RETURN; END IF;

  -- The same answer, and the same work, whether there is no such organisation or no role in it.
  problem := 'not_found';
  SELECT o.* INTO v_organisation
  FROM app.organisation_row(COALESCE((SELECT d.organisation_id FROM app.directory d WHERE d.slug = p_slug),
                                     '00000000-0000-0000-0000-000000000000')) o;
  IF p_kind = 'session' THEN
    SELECT array_agg(m.role ORDER BY m.role), max(m.member_id::text) FILTER (WHERE m.role = 'member')
      INTO roles, member_id
      FROM app.membership m
     WHERE m.user_id = v_user.id AND m.ended_at IS NULL AND m.organisation_id
           = COALESCE(v_organisation.id, '00000000-0000-0000-0000-000000000000')
       AND app.today_at(v_organisation.time_zone) BETWEEN m.starts_on AND COALESCE(m.ends_on, 'infinity');
    -- Who may read the books for another reason is not held to one member's rows.
    IF roles && ARRAY['treasurer', 'board', 'auditor'] THEN member_id := NULL; END IF;
  ELSIF v_token.organisation_id = v_organisation.id THEN
    roles := ARRAY[v_token.role]; member_id := v_token.member_id; language := v_organisation.language;
  END IF;
  IF roles IS NULL THEN RETURN NEXT; RETURN; END IF;
  problem := NULL;
  organisation_id := v_organisation.id; organisation_slug := v_organisation.slug;
  organisation_name := v_organisation.name; currency := v_organisation.currency;
  currency_digits := v_organisation.currency_digits; time_zone := v_organisation.time_zone;
  organisation_language := v_organisation.language;
  RETURN NEXT;
END
$fn$;
COMMENT ON FUNCTION api.authenticate(text, bytea, text, text) IS
  'Who holds this credential (p_kind session or token, p_hash its SHA-256) and what may they be in the '
  'organisation p_slug (NULL: none asked). Always one row; problem is NULL, unauthenticated, session.expired or '
  'not_found (no such organisation and no role in it answer alike). Writes last_seen at most once a minute; run it '
  'in a transaction of its own.';

CREATE FUNCTION api.my_organisations(p_user uuid, p_token uuid)
RETURNS TABLE (id uuid, slug text, name text, currency text, currency_digits integer, time_zone text, language text,
               roles jsonb, member_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  RETURN QUERY
    SELECT o.id, o.slug, o.name, o.currency, o.currency_digits, o.time_zone, o.language,
           jsonb_agg(r.role ORDER BY r.role),
           CASE WHEN NOT array_agg(r.role) && ARRAY['treasurer', 'board', 'auditor']
                THEN max(r.member_id::text)::uuid END
    FROM (SELECT m.organisation_id, m.role, m.member_id, m.starts_on, m.ends_on FROM app.membership m
          WHERE m.user_id = p_user AND m.ended_at IS NULL
          UNION ALL
          SELECT t.organisation_id, t.role, t.member_id, '-infinity', NULL FROM app.token t
          WHERE t.id = p_token AND p_user IS NULL) r
    CROSS JOIN LATERAL app.organisation_row(r.organisation_id) o
    WHERE app.today_at(o.time_zone) BETWEEN r.starts_on AND COALESCE(r.ends_on, 'infinity')
    GROUP BY o.id, o.slug, o.name, o.currency, o.currency_digits, o.time_zone, o.language
    ORDER BY o.name COLLATE "und-x-icu", o.id;
END
$fn$;
COMMENT ON FUNCTION api.my_organisations(uuid, uuid) IS
  'The organisations in which a user, or (p_user NULL) a token, has a role today, with the roles.';

CREATE FUNCTION api.actor_name(p_actor text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF p_actor LIKE 'user:%' THEN
    RETURN (SELECT u.name FROM app.account_user u
            WHERE u.id = substr(p_actor, 6)::uuid
              AND EXISTS (SELECT FROM app.membership m
                          WHERE m.user_id = u.id AND m.organisation_id = fund.current_organisation()));
  ELSIF p_actor LIKE 'token:%' THEN
    RETURN (SELECT t.name FROM app.token t
            WHERE t.id = substr(p_actor, 7)::uuid AND t.organisation_id = fund.current_organisation());
  ELSIF p_actor LIKE 'cli:%' THEN
    RETURN substr(p_actor, 5);
  END IF;
  RETURN NULL;
END
$fn$;
COMMENT ON FUNCTION api.actor_name(text) IS
  'The name to show for an actor: of a person who has or had a role in the current organisation, of its token, of '
  'the operator''s account; NULL otherwise.';

---------------------------------------------------------------------------------------------------------------------
-- Sign-in
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.sign_in_lookup(p_email text) RETURNS TABLE (user_id uuid, password_hash text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  RETURN QUERY
    SELECT u.id, u.password_hash
    FROM (SELECT 1) AS one
    LEFT JOIN app.account_user u ON lower(u.email) = lower(btrim(p_email)) AND u.disabled_at IS NULL;
END
$fn$;
COMMENT ON FUNCTION api.sign_in_lookup(text) IS
  'The person of an e-mail and the Argon2id hash to verify. Always one row: both NULL for an unknown or disabled '
  'person, hash NULL without a password; the caller then verifies against a dummy hash, so that time tells nothing.';

CREATE FUNCTION api.throttle_check(p_email text, p_address text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_now     timestamptz := clock_timestamp();
  v_known   boolean := app.address_is_known(p_email, p_address);
  v_person  bytea := app.throttle_bucket('person', p_email, p_address);
  v_address bytea := app.throttle_bucket('address', NULL, p_address);
  v_wait    interval;
BEGIN
  -- Lock order: the address, then the person. Both are asked before either is charged: a refused attempt costs nothing.
  v_wait := CASE WHEN v_known THEN interval '0' ELSE app.throttle_wait('address', v_address, v_now) END;
  v_wait := greatest(v_wait, app.throttle_wait(app.throttle_kind(v_known), v_person, v_now));
  IF v_wait > interval '0' THEN
    RETURN greatest(1, ceil(extract(epoch FROM v_wait)))::integer;
  END IF;
  IF NOT v_known THEN
    PERFORM app.throttle_charge('address', v_address, v_now);
  END IF;
  PERFORM app.throttle_charge(app.throttle_kind(v_known), v_person, v_now);
  RETURN NULL;
END
$fn$;
COMMENT ON FUNCTION api.throttle_check(text, text) IS
  'May a password now be tried for this e-mail from this address? NULL: yes, and the attempt is counted already '
  '(commit before verifying, so that parallel attempts are counted too; api.sign_in_result gives it back on '
  'success). Otherwise the seconds to wait. Limits: app.throttle_rule.';

CREATE FUNCTION api.sign_in_throttled(p_email text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  c_quiet   constant interval := interval '1 minute';
  v_now     timestamptz := clock_timestamp();
  v_person  bytea := app.throttle_bucket('person', p_email, p_address);
  v_address bytea := app.throttle_bucket('address', NULL, p_address);
  v_bucket  bytea;
BEGIN
  -- The narrowest counter there is. Read first: a flood of refused attempts writes nothing.
  SELECT t.bucket INTO v_bucket FROM app.throttle t WHERE t.bucket IN (v_person, v_address)
  ORDER BY t.bucket = v_person DESC LIMIT 1;
  PERFORM FROM app.throttle t WHERE t.bucket = v_bucket AND (t.refused_at IS NULL OR t.refused_at <= v_now - c_quiet);
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE app.throttle t SET refused_at = v_now
  WHERE t.bucket = v_bucket AND (t.refused_at IS NULL OR t.refused_at <= v_now - c_quiet);
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM app.write_security_event('sign_in_throttled', 'user',
    (SELECT u.id::text FROM app.account_user u WHERE lower(u.email) = lower(btrim(p_email))), NULL,
    jsonb_build_object('email', left(p_email, 254), 'address', p_address));
END
$fn$;
COMMENT ON FUNCTION api.sign_in_throttled(text, text) IS
  'Records that an attempt to sign in was refused without looking at its password; once a minute for each counter, '
  'however many there are. A transaction of its own: the refusal itself is rolled back.';

CREATE FUNCTION api.sign_in_result(p_email text, p_address text, p_user_agent text, p_ok boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_user         uuid;
  v_known        boolean := app.address_is_known(p_email, p_address);
  v_action       text := CASE WHEN p_ok THEN 'sign_in' ELSE 'sign_in_failed' END;
  v_context      uuid := fund.current_organisation();
  v_organisation uuid;
BEGIN
  SELECT u.id INTO v_user FROM app.account_user u WHERE lower(u.email) = lower(btrim(p_email));
  IF p_ok AND v_user IS NULL THEN
    RAISE EXCEPTION 'sign-in of an unknown person' USING ERRCODE = 'internal_error';
  END IF;
  IF p_ok THEN
    IF NOT v_known THEN
      PERFORM app.throttle_refund('address', app.throttle_bucket('address', NULL, p_address));
    END IF;
    DELETE FROM app.throttle t WHERE t.bucket = app.throttle_bucket('person', p_email, p_address);
    INSERT INTO app.known_address (user_id, address_key) VALUES (v_user, app.address_key(p_address))
    ON CONFLICT ON CONSTRAINT known_address_pkey DO UPDATE SET last_seen_at = clock_timestamp();
    PERFORM app.act_as('user:' || v_user);
  END IF;
  PERFORM app.write_security_event(v_action, 'user', v_user::text, NULL,
    jsonb_build_object('email', left(p_email, 254), 'address', p_address, 'user_agent', left(p_user_agent, 400)));
  FOR v_organisation IN SELECT o.id FROM api.my_organisations(v_user, NULL) o ORDER BY o.id LOOP
    PERFORM app.enter_organisation(v_organisation);
    PERFORM audit.write_event(v_organisation, v_action, 'user', v_user::text);
  END LOOP;
  PERFORM app.enter_organisation(v_context);
END
$fn$;
COMMENT ON FUNCTION api.sign_in_result(text, text, text, boolean) IS
  'Records a sign-in or a failed one (also of an unknown person), for the installation and in the audit log of '
  'each organisation where the person has a role; success clears the counters of that person at that address. A '
  'transaction of its own where it failed.';

CREATE FUNCTION api.session_create(p_user uuid, p_hash bytea, p_address text, p_user_agent text)
RETURNS TABLE (id uuid, created_at timestamptz, expires_at timestamptz, idle_seconds integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_now timestamptz := clock_timestamp();
  v_id  uuid := app.uuid7();
BEGIN
  PERFORM FROM app.account_user u WHERE u.id = p_user AND u.disabled_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM app.fail('unauthenticated');
  END IF;
  INSERT INTO app.session (token_hash, id, user_id, created_at, last_seen_at, idle_limit, expires_at, address,
                           last_address, user_agent)
  VALUES (p_hash, v_id, p_user, v_now, v_now, app.setting('session_idle_limit')::interval,
          v_now + app.setting('session_absolute_limit')::interval, p_address, p_address, left(p_user_agent, 400));
  UPDATE app.session s SET revoked_at = v_now
  WHERE s.user_id = p_user AND s.revoked_at IS NULL AND s.token_hash NOT IN (
    SELECT n.token_hash FROM app.session n WHERE n.user_id = p_user AND n.revoked_at IS NULL
    ORDER BY n.created_at DESC, n.id DESC LIMIT app.setting('sessions_per_user')::integer);
  PERFORM app.write_security_event('session_created', 'session', v_id::text);
  RETURN QUERY SELECT s.id, s.created_at, s.expires_at, extract(epoch FROM s.idle_limit)::integer
               FROM app.session s WHERE s.token_hash = p_hash;
END
$fn$;
COMMENT ON FUNCTION api.session_create(uuid, bytea, text, text) IS
  'Opens a session (p_hash: SHA-256 of its token) with the installation''s idle and absolute limits; the oldest '
  'beyond sessions_per_user end.';

CREATE FUNCTION api.session_end(p_hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_id uuid;
BEGIN
  UPDATE app.session s SET revoked_at = clock_timestamp() WHERE s.token_hash = p_hash AND s.revoked_at IS NULL
  RETURNING s.id INTO v_id;
  IF FOUND THEN
    PERFORM app.write_security_event('sign_out', 'session', v_id::text);
  END IF;
END
$fn$;
COMMENT ON FUNCTION api.session_end(bytea) IS
  'Sign-out: ends the session of this token; nothing when it has ended already.';

CREATE FUNCTION api.session_list(p_user uuid, p_current uuid)
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, address text,
               last_address text, user_agent text, current boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  RETURN QUERY
    SELECT s.id, s.created_at, s.last_seen_at, least(s.expires_at, s.last_seen_at + s.idle_limit), s.address,
           s.last_address, s.user_agent, s.id IS NOT DISTINCT FROM p_current
    FROM app.session s
    WHERE s.user_id = p_user AND s.revoked_at IS NULL
      AND clock_timestamp() < least(s.expires_at, s.last_seen_at + s.idle_limit)
      AND NOT app.not_made_yet(s.created_at, clock_timestamp())
    ORDER BY s.created_at DESC, s.id DESC;
END
$fn$;
COMMENT ON FUNCTION api.session_list(uuid, uuid) IS
  'A person''s live sessions, newest first; p_current marks the one asking.';

CREATE FUNCTION api.session_revoke(p_user uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  UPDATE app.session s SET revoked_at = COALESCE(s.revoked_at, clock_timestamp())
  WHERE s.id = p_id AND s.user_id = p_user;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  PERFORM app.write_security_event('session_revoked', 'session', p_id::text);
END
$fn$;
COMMENT ON FUNCTION api.session_revoke(uuid, uuid) IS
  'Ends one of a person''s own sessions; another person''s is not_found.';

---------------------------------------------------------------------------------------------------------------------
-- One-time links
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.one_time_link_get(p_hash bytea)
RETURNS TABLE (purpose text, user_name text, user_email text, language text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_link app.one_time_link;
BEGIN
  v_link := app.link_check(p_hash);
  RETURN QUERY
    SELECT v_link.purpose, u.name, u.email, COALESCE(u.language, 'fr'), v_link.expires_at
    FROM (SELECT 1) AS one LEFT JOIN app.account_user u ON u.id = v_link.user_id;
END
$fn$;
COMMENT ON FUNCTION api.one_time_link_get(bytea) IS
  'What a link is for and for whom, so that the page can ask the right things; fails with link.unknown, link.used '
  'or link.expired.';

CREATE FUNCTION api.one_time_link_use(p_hash bytea, p_password_hash text, p_body jsonb)
RETURNS TABLE (user_id uuid, email text, organisation_slug text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_link app.one_time_link;
BEGIN
  PERFORM FROM app.one_time_link l WHERE l.token_hash = p_hash FOR NO KEY UPDATE;
  v_link := app.link_check(p_hash);
  UPDATE app.one_time_link l SET used_at = clock_timestamp() WHERE l.token_hash = p_hash;
  IF v_link.purpose = 'password' THEN
    user_id := v_link.user_id;
    PERFORM app.act_as('user:' || user_id);
  ELSE
    organisation_slug := p_body ->> 'slug';
    user_id := app.first_setup('link:' || v_link.id, p_body);
  END IF;
  PERFORM app.write_security_event('link_used', 'one_time_link', v_link.id::text);
  PERFORM app.password_set(user_id, p_password_hash);
  SELECT u.email INTO STRICT email FROM app.account_user u WHERE u.id = user_id;
  RETURN NEXT;
END
$fn$;
COMMENT ON FUNCTION api.one_time_link_use(bytea, text, jsonb) IS
  'Uses a link once, with the hash of the chosen password. Purpose password: sets it, ends the person''s sessions '
  'and other links. Purpose setup: p_body {organisation_name, slug, fiscal_year_starts_on, name, email, language?, '
  'currency?, currency_digits?, time_zone?} makes the organisation and its first user, treasurer and administrator.';

---------------------------------------------------------------------------------------------------------------------
-- The organisation
---------------------------------------------------------------------------------------------------------------------

CREATE VIEW api.organisation WITH (security_invoker = true) AS
  SELECT o.id, o.slug, o.name, o.currency, o.currency_digits, o.time_zone, o.language, o.siret, o.rna, o.email,
         o.street, o.postal_code, o.city, o.dues_with_counterpart, o.version, o.created_at
  FROM fund.organisation o;
COMMENT ON VIEW api.organisation IS 'The current organisation and its settings: one row.';

CREATE FUNCTION api.organisation_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.organisation
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row    api.organisation;
  v_old    fund.organisation;
  v_new    fund.organisation;
  v_field  text;
  v_faults jsonb := '[]';
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.organisation, v_replay);
    RETURN;
  END IF;
  SELECT o.* INTO STRICT v_old FROM fund.organisation o WHERE o.id = fund.current_organisation();
  PERFORM app.check_version(v_old.version);
  v_new := jsonb_populate_record(v_old, p_body - '{id,organisation_id,last_recorded_at,version,created_at}'::text[]);
  FOREACH v_field IN ARRAY ARRAY['slug', 'name', 'time_zone', 'language', 'dues_with_counterpart'] LOOP
    IF p_body -> v_field = 'null' THEN
      v_faults := v_faults || app.fault('field.null', '/' || v_field);
    END IF;
  END LOOP;
  IF v_new.currency IS DISTINCT FROM v_old.currency THEN
    v_faults := v_faults || app.fault('organisation.currency_fixed', '/currency');
  END IF;
  IF v_new.currency_digits IS DISTINCT FROM v_old.currency_digits THEN
    v_faults := v_faults || app.fault('organisation.currency_fixed', '/currency_digits');
  END IF;
  PERFORM app.fail_all(v_faults);
  IF v_new.time_zone <> v_old.time_zone THEN
    PERFORM app.check_time_zone(v_new.time_zone, '/time_zone');
  END IF;
  UPDATE fund.organisation o
     SET slug = v_new.slug, name = v_new.name, time_zone = v_new.time_zone, language = v_new.language,
         siret = v_new.siret, rna = v_new.rna, email = v_new.email, street = v_new.street,
         postal_code = v_new.postal_code, city = v_new.city, dues_with_counterpart = v_new.dues_with_counterpart,
         version = o.version + 1
   WHERE o.id = v_old.id;
  SELECT * INTO STRICT v_row FROM api.organisation o WHERE o.id = v_old.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END
$fn$;
COMMENT ON FUNCTION api.organisation_update(jsonb, jsonb) IS
  'PATCH of the organisation: a key present is set, null clears, If-Match required. Currency and digits are fixed '
  'at creation.';

---------------------------------------------------------------------------------------------------------------------
-- Audit
---------------------------------------------------------------------------------------------------------------------

CREATE VIEW api.audit_event WITH (security_invoker = true) AS
  SELECT e.id::text AS id, e.at, e.actor, api.actor_name(e.actor) AS actor_name, to_jsonb(e.roles) AS roles, e.action,
         e.subject_kind, e.subject_id, e.route, e.request_id, to_jsonb(e.columns) AS columns,
         COALESCE((SELECT jsonb_agg(jsonb_build_object('column', c.name, 'before', c.before, 'after', c.after)
                                    ORDER BY c.name COLLATE "C")
                   FROM audit.detail d
                  CROSS JOIN LATERAL (
                     SELECT d.column_name AS name, d.before, d.after WHERE d.column_name <> '*'
                     UNION ALL
                     SELECT w.key, CASE WHEN d.before IS NOT NULL THEN w.value END, CASE WHEN d.after IS NOT NULL THEN w.value END
                       FROM jsonb_each_text(CASE WHEN d.column_name = '*' THEN COALESCE(d.after, d.before)::jsonb END) w) c
                  WHERE d.organisation_id = e.organisation_id AND d.event_id = e.id),
                  '[]'::jsonb) AS changes,
         e.reason, e.id AS number
  FROM audit.event e;
COMMENT ON VIEW api.audit_event IS 'What happened in the organisation, with the values that have not been erased.';

CREATE FUNCTION api.record_read(p_subject_kind text, p_subject_id text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  PERFORM audit.write_event(fund.current_organisation(), 'read', p_subject_kind, p_subject_id);
END
$fn$;
COMMENT ON FUNCTION api.record_read(text, text) IS
  'Writes the audit event of a sensitive read; committed before the read.';

---------------------------------------------------------------------------------------------------------------------
-- What goes when
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.purge() RETURNS TABLE (name text, removed bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_now          timestamptz := clock_timestamp();
  v_before       timestamptz;
  v_context      uuid := fund.current_organisation();
  v_organisation uuid;
  v_count        bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('grenier.purge')) THEN
    RETURN; -- another server is at it
  END IF;
  FOR name, v_before IN SELECT r.name, v_now - r.keep FROM app.purge_rule r ORDER BY r.name LOOP
    removed := 0;
    CASE name
      WHEN 'session' THEN
        DELETE FROM app.session s
        WHERE least(s.expires_at, s.last_seen_at + s.idle_limit, s.revoked_at) < v_before;
        GET DIAGNOSTICS removed = ROW_COUNT;
      WHEN 'one_time_link' THEN
        DELETE FROM app.one_time_link l WHERE least(l.expires_at, l.used_at) < v_before;
        GET DIAGNOSTICS removed = ROW_COUNT;
      WHEN 'throttle' THEN
        DELETE FROM app.throttle t WHERE t.tat < v_before;
        GET DIAGNOSTICS removed = ROW_COUNT;
      WHEN 'known_address' THEN
        DELETE FROM app.known_address k WHERE k.last_seen_at < v_before;
        GET DIAGNOSTICS removed = ROW_COUNT;
      WHEN 'security_event' THEN
        DELETE FROM app.security_detail d USING app.security_event e WHERE e.id = d.event_id AND e.at < v_before;
        DELETE FROM app.security_event e WHERE e.at < v_before;
        GET DIAGNOSTICS removed = ROW_COUNT;
      WHEN 'idempotency_key' THEN
        FOR v_organisation IN SELECT d.organisation_id FROM app.directory d ORDER BY d.organisation_id LOOP
          PERFORM app.enter_organisation(v_organisation);
          DELETE FROM fund.idempotency_key k WHERE k.organisation_id = v_organisation AND k.created_at < v_before;
          GET DIAGNOSTICS v_count = ROW_COUNT;
          removed := removed + v_count;
        END LOOP;
        PERFORM app.enter_organisation(v_context);
    END CASE;
    RETURN NEXT;
  END LOOP;
END
$fn$;
COMMENT ON FUNCTION api.purge() IS
  'Removes what app.purge_rule says has been kept long enough; returns how many rows of each. Called now and then '
  'by any server; one at a time.';
