-- The kernel: schemas, the request's context, write transactions (lock, recorded instant, idempotency), people,
-- sessions, tokens, links, throttles, the organisation and the audit log.
--
-- Run as grenier_owner (roles.sql made the roles). Later migrations add tables to `fund`; policies.sql and grants.sql,
-- run again after every migration, give them their row-level security and privileges without being named.

CREATE SCHEMA fund;
COMMENT ON SCHEMA fund IS
  'An organisation''s data. Every table has organisation_id first in its keys and forced row-level security.';
CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS
  'Who did what, and when: append-only events; the values apart, so that personal data can go without breaking a '
  'proof.';
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS
  'The installation: users, sessions, tokens, memberships, links, throttles, settings. The server has no right '
  'here; it passes through named functions of schema api.';
CREATE SCHEMA reference;
COMMENT ON SCHEMA reference IS
  'Shared data that nobody edits: chart of accounts, rules. No organisation, readable by all roles.';

-- Functions are executable by PUBLIC unless said otherwise; here nothing is, from the first one.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

---------------------------------------------------------------------------------------------------------------------
-- Errors
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.fault(p_code text, p_pointer text, VARIADIC p_args text[] DEFAULT '{}') RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_code, 'pointer', COALESCE(p_pointer, ''), 'args', to_jsonb(p_args));
COMMENT ON FUNCTION app.fault(text, text, text[]) IS
  'One fault for app.fail_all: problem code, JSON pointer into the request body ('''' = the whole), arguments of '
  'its texts as plain text ("money:12345" and "date:2026-01-31" are formatted for the reader).';

CREATE FUNCTION app.fail_all(p_faults jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $fn$
BEGIN
  IF jsonb_typeof(p_faults) IS DISTINCT FROM 'array' OR jsonb_array_length(p_faults) = 0 THEN
    RETURN;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'GR001', MESSAGE = p_faults -> 0 ->> 'code', DETAIL = p_faults::text;
END
$fn$;
COMMENT ON FUNCTION app.fail_all(jsonb) IS
  'Raises SQLSTATE GR001 with every fault of the array (elements made by app.fault) as DETAIL; an empty array or '
  'NULL raises nothing.';

CREATE FUNCTION app.fail(p_code text, p_pointer text DEFAULT '', VARIADIC p_args text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $fn$
BEGIN
  PERFORM app.fail_all(jsonb_build_array(app.fault(p_code, p_pointer, VARIADIC p_args)));
END
$fn$;
COMMENT ON FUNCTION app.fail(text, text, text[]) IS 'Raises SQLSTATE GR001 with one fault: see app.fault.';

---------------------------------------------------------------------------------------------------------------------
-- Identifiers and the request's context
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.uuid7() RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_us    bigint := floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  v_bytes bytea  := uuid_send(gen_random_uuid());
  v_sub   int    := ((v_us % 1000) * 4096 / 1000)::int;
BEGIN
  -- RFC 9562 §6.2 method 3: the 12 bits after the version hold the fraction of the millisecond.
  v_bytes := overlay(v_bytes PLACING substring(int8send(v_us / 1000) FROM 3) FROM 1 FOR 6);
  v_bytes := set_byte(v_bytes, 6, 112 + (v_sub >> 8));
  v_bytes := set_byte(v_bytes, 7, v_sub & 255);
  RETURN encode(v_bytes, 'hex')::uuid;
END
$fn$;
COMMENT ON FUNCTION app.uuid7() IS
  'A UUID version 7: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits.';

CREATE FUNCTION fund.current_organisation() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.organisation_id', true), '')::uuid;
COMMENT ON FUNCTION fund.current_organisation() IS
  'The organisation of the request''s context; NULL without one (then no row is visible).';

CREATE FUNCTION fund.current_member() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.member_id', true), '')::uuid;
COMMENT ON FUNCTION fund.current_member() IS
  'The member structure whose rows alone the request may see (role member); NULL = no such limit.';

CREATE FUNCTION app.context(p_name text) RETURNS text
LANGUAGE sql STABLE
RETURN NULLIF(current_setting('app.' || p_name, true), '');
COMMENT ON FUNCTION app.context(text) IS
  'A value of the request''s context (actor, roles, request_id, route, address, reason, …); NULL when absent. '
  'Settings read '''' after their transaction, never NULL: hence this function.';

CREATE FUNCTION app.actor() RETURNS text
LANGUAGE sql STABLE
RETURN COALESCE(NULLIF(current_setting('app.actor', true), ''), 'system');
COMMENT ON FUNCTION app.actor() IS
  'Who acts: user:<id>, token:<id>, link:<id>, cli:<os user>, anonymous; system without a context.';

CREATE FUNCTION app.recorded_at() RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN COALESCE(NULLIF(current_setting('app.recorded_at', true), '')::timestamptz, clock_timestamp());
COMMENT ON FUNCTION app.recorded_at() IS
  'The instant this request is recorded at, set by app.begin_write under the organisation''s lock; outside a '
  'write, the clock.';

---------------------------------------------------------------------------------------------------------------------
-- Append-only tables
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  -- An argument names the one function that may delete; it must be on the call stack.
  IF TG_OP = 'DELETE' AND TG_NARGS = 1 THEN
    GET DIAGNOSTICS v_stack = PG_CONTEXT;
    IF position(' ' || TG_ARGV[0] || '(' IN v_stack) > 0 THEN
      RETURN NULL;
    END IF;
  END IF;
  RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
          CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$fn$;
COMMENT ON FUNCTION app.append_only() IS
  'Statement trigger BEFORE UPDATE OR DELETE OR TRUNCATE: refuses, also where row-level security would silently '
  'touch no row. Optional argument: the one function (schema.name) during which DELETE is allowed.';

---------------------------------------------------------------------------------------------------------------------
-- The organisation
---------------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.organisation (
  id                     uuid NOT NULL,
  organisation_id        uuid NOT NULL GENERATED ALWAYS AS (id) STORED,
  slug                   text NOT NULL,
  name                   text NOT NULL,
  currency               text NOT NULL DEFAULT 'EUR',
  currency_digits        integer NOT NULL DEFAULT 2,
  time_zone              text NOT NULL DEFAULT 'Europe/Paris',
  language               text NOT NULL DEFAULT 'fr',
  siret                  text,
  rna                    text,
  email                  text,
  street                 text,
  postal_code            text,
  city                   text,
  dues_with_counterpart  boolean NOT NULL DEFAULT false,
  last_recorded_at       timestamptz NOT NULL DEFAULT '-infinity',
  version                integer NOT NULL DEFAULT 1,
  created_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT organisation_pkey PRIMARY KEY (id),
  CONSTRAINT organisation_slug_unique UNIQUE (slug),
  CONSTRAINT organisation_slug_form CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$'),
  CONSTRAINT organisation_name_length CHECK (char_length(name) BETWEEN 1 AND 200 AND btrim(name) <> ''),
  CONSTRAINT organisation_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT organisation_currency_digits_range CHECK (currency_digits BETWEEN 0 AND 4),
  CONSTRAINT organisation_language_known CHECK (language IN ('fr', 'en')),
  CONSTRAINT organisation_siret_form CHECK (siret ~ '^[0-9]{14}$'),
  CONSTRAINT organisation_rna_form CHECK (rna ~ '^W[0-9A-Z]{9}$'),
  CONSTRAINT organisation_email_form CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(email) <= 254),
  CONSTRAINT organisation_street_length CHECK (char_length(street) <= 400),
  CONSTRAINT organisation_postal_code_length CHECK (char_length(postal_code) <= 20),
  CONSTRAINT organisation_city_length CHECK (char_length(city) <= 200)
) WITH (fillfactor = 50); -- updated by each write (last_recorded_at): room for the new version in the same page
COMMENT ON TABLE fund.organisation IS
  'An association that keeps its books here. Its row is the lock: a write that moves or commits money takes it FOR '
  'NO KEY UPDATE first (app.begin_write), so writes within an organisation are serial.';
COMMENT ON COLUMN fund.organisation.organisation_id IS 'Same as id: one policy fits every table of the schema.';
COMMENT ON COLUMN fund.organisation.slug IS 'The organisation in URLs; may change, is never shared.';
COMMENT ON COLUMN fund.organisation.currency IS
  'ISO 4217; fixed at creation: amounts are stored in its smallest unit.';
COMMENT ON COLUMN fund.organisation.currency_digits IS
  'Digits of the currency''s smallest unit (EUR 2); fixed at creation.';
COMMENT ON COLUMN fund.organisation.time_zone IS 'IANA name; "today" is this zone''s.';
COMMENT ON COLUMN fund.organisation.language IS
  'Language of the texts the organisation produces (labels of entries, documents).';
COMMENT ON COLUMN fund.organisation.dues_with_counterpart IS
  'Dues buy something (services, access): booked on 7562 instead of 7561.';
COMMENT ON COLUMN fund.organisation.last_recorded_at IS
  'The last recorded instant given out: the next is at least 1 µs later.';
COMMENT ON COLUMN fund.organisation.version IS 'Counts the changes; its ETag.';

CREATE TABLE fund.idempotency_key (
  organisation_id uuid NOT NULL,
  actor           text NOT NULL,
  route           text NOT NULL,
  key             text NOT NULL,
  hash            bytea,
  result          jsonb NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (organisation_id, actor, route, key),
  CONSTRAINT idempotency_key_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES fund.organisation (id),
  CONSTRAINT idempotency_key_key_length CHECK (octet_length(key) BETWEEN 1 AND 300),
  CONSTRAINT idempotency_key_hash_length CHECK (octet_length(hash) = 32)
);
CREATE INDEX idempotency_key_created_at_idx ON fund.idempotency_key (organisation_id, created_at);
COMMENT ON TABLE fund.idempotency_key IS
  'Writes already done and the row they answered, so that a repeated request answers again instead of booking '
  'again. Purged after app.purge_rule idempotency_key.';
COMMENT ON COLUMN fund.idempotency_key.key IS
  '"client:" and the Idempotency-Key header, or "request:" and the request id where there was none: a request '
  'whose COMMIT was not answered can be run again under the same id.';
COMMENT ON COLUMN fund.idempotency_key.hash IS
  'SHA-256 over the parsed fields, path parameters and file digests; the same key with another hash is refused.';
COMMENT ON COLUMN fund.idempotency_key.result IS
  'The row the write function returned; JSON null for none.';

CREATE FUNCTION fund.today() RETURNS date
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  RETURN (SELECT (now() AT TIME ZONE o.time_zone)::date FROM fund.organisation o
          WHERE o.id = fund.current_organisation());
END
$fn$;
COMMENT ON FUNCTION fund.today() IS 'Today where the organisation is; NULL without a context.';

CREATE FUNCTION fund.money_text(p_minor bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_digits int := NULLIF(current_setting('app.currency_digits', true), '')::int;
  v_text   text;
BEGIN
  IF v_digits IS NULL THEN
    SELECT o.currency_digits INTO STRICT v_digits FROM fund.organisation o WHERE o.id = fund.current_organisation();
  END IF;
  IF p_minor IS NULL OR v_digits = 0 THEN
    RETURN p_minor::text;
  END IF;
  v_text := ltrim(p_minor::text, '-');
  v_text := repeat('0', v_digits + 1 - length(v_text)) || v_text; -- repeat of a negative count is empty
  RETURN CASE WHEN p_minor < 0 THEN '-' ELSE '' END || left(v_text, -v_digits) || '.' || right(v_text, v_digits);
END
$fn$;
COMMENT ON FUNCTION fund.money_text(bigint) IS
  'An amount in minor units as the wire writes it: decimal string with exactly the organisation''s digits '
  '("-0.05"). api.set_context keeps the digits in app.currency_digits.';

---------------------------------------------------------------------------------------------------------------------
-- People and what they hold
---------------------------------------------------------------------------------------------------------------------

CREATE TABLE app.directory (
  organisation_id uuid NOT NULL,
  slug            text NOT NULL,
  CONSTRAINT directory_pkey PRIMARY KEY (organisation_id),
  CONSTRAINT directory_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES fund.organisation (id),
  CONSTRAINT directory_slug_unique UNIQUE (slug)
);
COMMENT ON TABLE app.directory IS
  'Slug → organisation, kept by a trigger on fund.organisation: row-level security hides organisations until one '
  'is chosen, and choosing one starts from its slug.';

CREATE FUNCTION app.directory_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO app.directory (organisation_id, slug) VALUES (NEW.id, NEW.slug);
  ELSE
    UPDATE app.directory SET slug = NEW.slug WHERE organisation_id = NEW.id;
  END IF;
  RETURN NULL;
END
$fn$;
COMMENT ON FUNCTION app.directory_keep() IS 'Keeps app.directory equal to the slugs of fund.organisation.';
CREATE TRIGGER organisation_directory_insert AFTER INSERT ON fund.organisation
  FOR EACH ROW EXECUTE FUNCTION app.directory_keep();
CREATE TRIGGER organisation_directory_update AFTER UPDATE OF slug ON fund.organisation
  FOR EACH ROW WHEN (OLD.slug IS DISTINCT FROM NEW.slug) EXECUTE FUNCTION app.directory_keep();

CREATE TABLE app.account_user (
  id            uuid NOT NULL,
  email         text NOT NULL,
  name          text NOT NULL,
  language      text NOT NULL DEFAULT 'fr',
  password_hash text,
  password_set_at timestamptz,
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT account_user_pkey PRIMARY KEY (id),
  CONSTRAINT account_user_email_form CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(email) <= 254),
  CONSTRAINT account_user_name_length CHECK (char_length(name) BETWEEN 1 AND 200 AND btrim(name) <> ''),
  CONSTRAINT account_user_language_known CHECK (language IN ('fr', 'en')),
  CONSTRAINT account_user_password_hash_form CHECK (password_hash LIKE '$argon2id$%')
);
CREATE UNIQUE INDEX account_user_email_unique ON app.account_user (lower(email));
COMMENT ON TABLE app.account_user IS 'A person who can sign in. Belongs to no organisation; memberships give roles.';
COMMENT ON COLUMN app.account_user.password_hash IS
  'Argon2id in PHC form, made and verified by the server; NULL until the person has chosen one by a one-time link.';
COMMENT ON COLUMN app.account_user.disabled_at IS
  'Since when the person can no longer sign in; sessions die at once.';

CREATE TABLE app.membership (
  id              uuid NOT NULL,
  organisation_id uuid NOT NULL,
  user_id         uuid NOT NULL,
  role            text NOT NULL,
  member_id       uuid,
  starts_on       date NOT NULL,
  ends_on         date,
  ended_at        timestamptz,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT membership_pkey PRIMARY KEY (id),
  CONSTRAINT membership_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES fund.organisation (id),
  CONSTRAINT membership_user_fkey FOREIGN KEY (user_id) REFERENCES app.account_user (id),
  CONSTRAINT membership_role_known CHECK (role IN ('treasurer', 'board', 'member', 'auditor', 'administrator')),
  CONSTRAINT membership_member_given CHECK ((role = 'member') = (member_id IS NOT NULL)),
  CONSTRAINT membership_dates_ordered CHECK (ends_on >= starts_on),
  CONSTRAINT membership_end_dated CHECK (ended_at IS NULL OR ends_on IS NOT NULL)
);
CREATE UNIQUE INDEX membership_role_unique ON app.membership (organisation_id, user_id, role) WHERE ends_on IS NULL;
CREATE INDEX membership_user_idx ON app.membership (user_id);
CREATE INDEX membership_member_idx ON app.membership (organisation_id, member_id);
COMMENT ON TABLE app.membership IS
  'A role of a person in an organisation, for a time. Several roles per person; ended, never deleted.';
COMMENT ON COLUMN app.membership.ended_at IS
  'Taken away at this instant: the role is over at once, not at the end of ends_on.';
COMMENT ON COLUMN app.membership.member_id IS
  'The member structure the person speaks for (role member only): the only rows it shows.';
COMMENT ON COLUMN app.membership.ends_on IS 'The last day of the role.';

CREATE TABLE app.session (
  token_hash   bytea NOT NULL,
  id           uuid NOT NULL,
  user_id      uuid NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  idle_limit   interval NOT NULL,
  expires_at   timestamptz NOT NULL,
  address      text,
  last_address text,
  user_agent   text,
  revoked_at   timestamptz,
  CONSTRAINT session_pkey PRIMARY KEY (token_hash),
  CONSTRAINT session_id_unique UNIQUE (id),
  CONSTRAINT session_user_fkey FOREIGN KEY (user_id) REFERENCES app.account_user (id),
  CONSTRAINT session_token_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX session_user_idx ON app.session (user_id);
CREATE INDEX session_expires_at_idx ON app.session (expires_at);
COMMENT ON TABLE app.session IS 'A signed-in browser. The cookie holds the token; only its SHA-256 is here.';
COMMENT ON COLUMN app.session.idle_limit IS 'Ends when unused for so long.';
COMMENT ON COLUMN app.session.expires_at IS 'Ends then, whatever happens.';
COMMENT ON COLUMN app.session.last_seen_at IS 'Written at most once a minute.';

CREATE TABLE app.token (
  token_hash      bytea NOT NULL,
  id              uuid NOT NULL,
  organisation_id uuid NOT NULL,
  role            text NOT NULL,
  member_id       uuid,
  name            text NOT NULL,
  created_by      text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  last_seen_at    timestamptz,
  CONSTRAINT token_pkey PRIMARY KEY (token_hash),
  CONSTRAINT token_id_unique UNIQUE (id),
  CONSTRAINT token_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES fund.organisation (id),
  CONSTRAINT token_hash_length CHECK (octet_length(token_hash) = 32),
  CONSTRAINT token_role_known CHECK (role IN ('treasurer', 'board', 'member', 'auditor', 'administrator')),
  CONSTRAINT token_member_given CHECK ((role = 'member') = (member_id IS NOT NULL)),
  CONSTRAINT token_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
CREATE INDEX token_organisation_idx ON app.token (organisation_id, member_id);
COMMENT ON TABLE app.token IS
  'A program''s access: one role in one organisation until a date. Only the token''s SHA-256 is here; never '
  'deleted, so that the audit log can name it.';
COMMENT ON COLUMN app.token.created_by IS 'Actor: cli:<os user> or user:<id>.';

CREATE TABLE app.one_time_link (
  token_hash bytea NOT NULL,
  id         uuid NOT NULL,
  purpose    text NOT NULL,
  user_id    uuid,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  CONSTRAINT one_time_link_pkey PRIMARY KEY (token_hash),
  CONSTRAINT one_time_link_id_unique UNIQUE (id),
  CONSTRAINT one_time_link_user_fkey FOREIGN KEY (user_id) REFERENCES app.account_user (id),
  CONSTRAINT one_time_link_hash_length CHECK (octet_length(token_hash) = 32),
  CONSTRAINT one_time_link_purpose_known CHECK (purpose IN ('password', 'setup')),
  CONSTRAINT one_time_link_user_given CHECK ((purpose = 'password') = (user_id IS NOT NULL))
);
CREATE INDEX one_time_link_user_idx ON app.one_time_link (user_id);
COMMENT ON TABLE app.one_time_link IS
  'A link that works once: "password" lets a user choose a password, "setup" makes the first organisation and its '
  'first user. Only the SHA-256 of its token is here.';

CREATE TABLE app.known_address (
  user_id      uuid NOT NULL,
  address_key  bytea NOT NULL,
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT known_address_pkey PRIMARY KEY (user_id, address_key),
  CONSTRAINT known_address_user_fkey FOREIGN KEY (user_id) REFERENCES app.account_user (id)
);
COMMENT ON TABLE app.known_address IS
  'From where a person has signed in: a flood of wrong passwords by others at the same address does not lock out '
  'who is known there.';
COMMENT ON COLUMN app.known_address.address_key IS
  'app.address_key of the address, so that no list of addresses is kept.';

CREATE TABLE app.throttle_rule (
  kind     text NOT NULL,
  burst    integer NOT NULL,
  refill   interval NOT NULL,
  remark   text NOT NULL,
  CONSTRAINT throttle_rule_pkey PRIMARY KEY (kind),
  CONSTRAINT throttle_rule_burst_range CHECK (burst >= 1),
  CONSTRAINT throttle_rule_refill_range CHECK (refill > interval '0')
);
COMMENT ON TABLE app.throttle_rule IS
  'The limits on failed sign-ins: burst failures at once, then one more every refill.';
INSERT INTO app.throttle_rule (kind, burst, refill, remark) VALUES
  ('person_at_address', 5, '60 s', 'One e-mail from one address where nobody has signed in with it before.'),
  ('person_at_known_address', 20, '5 s', 'One e-mail from an address where its owner has signed in before: others'' '
                                         'attempts hardly delay the owner.'),
  ('address', 50, '10 s', 'All e-mails from one address; those who are known there are exempt.');

CREATE TABLE app.throttle (
  bucket bytea NOT NULL,
  kind   text NOT NULL,
  tat    timestamptz NOT NULL,
  refused_at timestamptz,
  CONSTRAINT throttle_pkey PRIMARY KEY (bucket)
);
CREATE INDEX throttle_tat_idx ON app.throttle (tat);
COMMENT ON TABLE app.throttle IS
  'Failed sign-ins counted (generic cell rate algorithm): one row per bucket, purged once full again.';
COMMENT ON COLUMN app.throttle.bucket IS 'SHA-256 of what is counted.';
COMMENT ON COLUMN app.throttle.tat IS
  'Theoretical arrival time: when the bucket is full again. Each failure moves it by its rule''s refill.';
COMMENT ON COLUMN app.throttle.refused_at IS
  'When a refused attempt was last recorded as a security event: at most one a minute.';

CREATE TABLE app.instance_setting (
  name   text NOT NULL,
  value  text NOT NULL,
  remark text NOT NULL,
  CONSTRAINT instance_setting_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE app.instance_setting IS 'Settings of the whole installation, changed by the operator.';
INSERT INTO app.instance_setting (name, value, remark) VALUES
  ('session_idle_limit', '8 hours', 'A session unused for so long ends.'),
  ('session_absolute_limit', '7 days', 'A session ends so long after the sign-in.'),
  ('sessions_per_user', '20', 'Older sessions of a person end when there would be more.');

CREATE FUNCTION app.setting(p_name text) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_value text;
BEGIN
  SELECT s.value INTO STRICT v_value FROM app.instance_setting s WHERE s.name = p_name;
  RETURN v_value;
END
$fn$;
COMMENT ON FUNCTION app.setting(text) IS 'An instance setting; an unknown name is an error.';

CREATE TABLE app.schema_migration (
  number     integer NOT NULL,
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (number)
);
COMMENT ON TABLE app.schema_migration IS 'Migrations applied to this database, written by the migrator.';
COMMENT ON COLUMN app.schema_migration.checksum IS
  'SHA-256 of the file in hexadecimal: a released migration never changes.';

---------------------------------------------------------------------------------------------------------------------
-- Audit
---------------------------------------------------------------------------------------------------------------------

CREATE TABLE audit.event (
  organisation_id uuid NOT NULL,
  id              bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  at              timestamptz NOT NULL,
  request_id      uuid,
  actor           text NOT NULL,
  roles           text[] NOT NULL DEFAULT '{}',
  address         text,
  route           text,
  action          text NOT NULL,
  subject_kind    text NOT NULL,
  subject_id      text,
  columns         text[] NOT NULL DEFAULT '{}',
  commitments     jsonb NOT NULL DEFAULT '{}',
  reason          text,
  CONSTRAINT event_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT event_organisation_fkey FOREIGN KEY (organisation_id) REFERENCES fund.organisation (id),
  CONSTRAINT event_action_known CHECK (action IN
    ('insert', 'update', 'delete', 'read', 'sign_in', 'sign_in_failed', 'erase', 'export')),
  CONSTRAINT event_commitments_object CHECK (jsonb_typeof(commitments) = 'object')
);
CREATE INDEX event_at_idx ON audit.event (organisation_id, at, id);
CREATE INDEX event_subject_idx ON audit.event (organisation_id, subject_kind, subject_id, id);
CREATE INDEX event_request_idx ON audit.event (organisation_id, request_id);
COMMENT ON TABLE audit.event IS
  'What happened, one row per changed row or sensitive read: who, when, what, which columns. Append-only. Values '
  'are in audit.detail; here only their salted commitments.';
COMMENT ON COLUMN audit.event.at IS 'The recorded instant of the request: equal for all events of one write.';
COMMENT ON COLUMN audit.event.actor IS 'user:<id>, token:<id>, link:<id>, cli:<os user>, system, anonymous.';
COMMENT ON COLUMN audit.event.route IS 'Method and route template, never the URL.';
COMMENT ON COLUMN audit.event.columns IS 'The columns recorded, sorted; of an erasure, the names of the values removed.';
COMMENT ON COLUMN audit.event.commitments IS
  'Name of a value in audit.detail → SHA-256 in hexadecimal over salt, before, after: audit.commitment.';

CREATE TABLE audit.detail (
  organisation_id uuid NOT NULL,
  event_id        bigint NOT NULL,
  column_name     text NOT NULL,
  before          text,
  after           text,
  salt            bytea NOT NULL,
  CONSTRAINT detail_pkey PRIMARY KEY (organisation_id, event_id, column_name),
  CONSTRAINT detail_event_fkey FOREIGN KEY (organisation_id, event_id) REFERENCES audit.event (organisation_id, id),
  CONSTRAINT detail_salt_length CHECK (octet_length(salt) = 32)
);
COMMENT ON TABLE audit.detail IS
  'The values of an event''s columns before and after. Loses rows only through audit.erase, which leaves the '
  'commitments: the proof holds, the value is gone.';
COMMENT ON COLUMN audit.detail.column_name IS
  'A column, or * for the columns of a row that came or went, together: one value costs a tenth of fifteen.';
COMMENT ON COLUMN audit.detail.before IS
  'As PostgreSQL writes the value in JSON, unquoted; of *, the text of a JSON object without nulls. NULL = no value.';

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER detail_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.detail
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only('audit.erase');

CREATE TABLE app.security_event (
  id           bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  request_id   uuid,
  actor        text NOT NULL,
  address      text,
  route        text,
  action       text NOT NULL,
  subject_kind text NOT NULL,
  subject_id   text,
  columns      text[] NOT NULL DEFAULT '{}',
  commitments  jsonb NOT NULL DEFAULT '{}',
  reason       text,
  CONSTRAINT security_event_pkey PRIMARY KEY (id)
);
CREATE INDEX security_event_at_idx ON app.security_event (at);
CREATE INDEX security_event_subject_idx ON app.security_event (subject_kind, subject_id, id);
CREATE INDEX security_event_request_idx ON app.security_event (request_id);
COMMENT ON TABLE app.security_event IS
  'Events that belong to no organisation: sign-ins and failed ones (also of unknown people), sessions, passwords, '
  'links, users. Same shape as audit.event; append-only; purged after app.purge_rule security_event.';

CREATE TABLE app.security_detail (
  event_id    bigint NOT NULL,
  column_name text NOT NULL,
  before      text,
  after       text,
  salt        bytea NOT NULL,
  CONSTRAINT security_detail_pkey PRIMARY KEY (event_id, column_name),
  CONSTRAINT security_detail_event_fkey FOREIGN KEY (event_id) REFERENCES app.security_event (id)
);
COMMENT ON TABLE app.security_detail IS 'The values of a security event''s columns, as audit.detail.';

CREATE TRIGGER security_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON app.security_event
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only('api.purge');
CREATE TRIGGER security_detail_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON app.security_detail
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only('api.purge');

-- STABLE like convert_to: declared stricter than what they call, SQL functions are not inlined but planned at each call.
CREATE FUNCTION audit.canonical(p_value text) RETURNS bytea
LANGUAGE sql STABLE
RETURN CASE WHEN p_value IS NULL THEN '\x00'::bytea
            ELSE '\x01'::bytea || int8send(octet_length(convert_to(p_value, 'UTF8')))
                 || convert_to(p_value, 'UTF8') END;
COMMENT ON FUNCTION audit.canonical(text) IS
  'A value as bytes, unambiguous when concatenated: 00 for none; 01, length in 8 bytes big-endian, UTF-8 bytes '
  'otherwise.';

CREATE FUNCTION audit.commitment(p_salt bytea, p_before text, p_after text) RETURNS text
LANGUAGE sql STABLE
RETURN encode(sha256(p_salt || audit.canonical(p_before) || audit.canonical(p_after)), 'hex');
COMMENT ON FUNCTION audit.commitment(bytea, text, text) IS
  'SHA-256 in hexadecimal over salt (32 bytes), canonical before, canonical after.';

CREATE FUNCTION audit.new_salt() RETURNS bytea
LANGUAGE sql VOLATILE
RETURN uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
COMMENT ON FUNCTION audit.new_salt() IS 'A salt of 32 bytes, 244 of its bits random.';

CREATE FUNCTION audit.change_set(p_before jsonb, p_after jsonb, p_excluded text[])
RETURNS TABLE (column_name text, before text, after text, salt bytea)
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  RETURN QUERY
    SELECT k.name, p_before ->> k.name, p_after ->> k.name,
           audit.new_salt()
    FROM jsonb_object_keys(COALESCE(p_after, p_before)) AS k(name)
    WHERE k.name <> ALL (p_excluded)
      AND (p_before ->> k.name) IS DISTINCT FROM (p_after ->> k.name)
    ORDER BY k.name COLLATE "C";
END
$fn$;
COMMENT ON FUNCTION audit.change_set(jsonb, jsonb, text[]) IS
  'The columns that differ between two states of a row (NULL: no row then), with their texts and a fresh salt each.';

CREATE FUNCTION audit.write_event(p_organisation uuid, p_action text, p_subject_kind text, p_subject_id text,
                                  p_columns text[] DEFAULT '{}', p_commitments jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  -- Not INSERT … RETURNING: a person limited to one member may write events and read none.
  v_id      bigint := nextval('audit.event_id_seq');
  v_at      timestamptz := app.recorded_at();
  v_request uuid := app.context('request_id')::uuid;
  v_actor   text := app.actor();
  v_roles   text[] := COALESCE(string_to_array(app.context('roles'), ','), '{}');
  v_address text := app.context('address');
  v_route   text := app.context('route');
  v_reason  text := app.context('reason');
BEGIN
  INSERT INTO audit.event (organisation_id, id, at, request_id, actor, roles, address, route, action, subject_kind,
                           subject_id, columns, commitments, reason)
  VALUES (p_organisation, v_id, v_at, v_request, v_actor, v_roles, v_address, v_route, p_action, p_subject_kind,
          p_subject_id, p_columns, p_commitments, v_reason);
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION audit.write_event(uuid, text, text, text, text[], jsonb) IS
  'Writes one event; who, when and why come from the request''s context. Returns its id.';

CREATE FUNCTION audit.write_row(p_organisation uuid, p_action text, p_subject_kind text, p_subject_id text, p_row jsonb,
                                p_apart text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_columns     text[] := ARRAY(SELECT k FROM jsonb_object_keys(p_row) AS k ORDER BY k COLLATE "C");
  v_text        text := (p_row - p_apart)::text;
  v_salt        bytea := audit.new_salt();
  v_commitments jsonb;
  v_before      text := CASE WHEN p_action = 'delete' THEN v_text END;
  v_after       text := CASE WHEN p_action = 'insert' THEN v_text END;
  v_id          bigint;
  v_names       text[] := '{*}';
  v_befores     text[] := ARRAY[v_before];
  v_afters      text[] := ARRAY[v_after];
  v_salts       bytea[] := ARRAY[v_salt];
  v_name        text;
BEGIN
  v_commitments := jsonb_build_object('*', audit.commitment(v_salt, v_before, v_after));
  FOREACH v_name IN ARRAY p_apart LOOP
    CONTINUE WHEN p_row ->> v_name IS NULL;
    v_salt := audit.new_salt();
    v_before := CASE WHEN p_action = 'delete' THEN p_row ->> v_name END;
    v_after := CASE WHEN p_action = 'insert' THEN p_row ->> v_name END;
    v_commitments := v_commitments || jsonb_build_object(v_name, audit.commitment(v_salt, v_before, v_after));
    v_names := v_names || v_name;
    v_befores := v_befores || v_before;
    v_afters := v_afters || v_after;
    v_salts := v_salts || v_salt;
  END LOOP;
  v_id := audit.write_event(p_organisation, p_action, p_subject_kind, p_subject_id, v_columns, v_commitments);
  FOR i IN 1 .. cardinality(v_names) LOOP
    INSERT INTO audit.detail (organisation_id, event_id, column_name, before, after, salt)
    VALUES (p_organisation, v_id, v_names[i], v_befores[i], v_afters[i], v_salts[i]);
  END LOOP;
END
$fn$;
COMMENT ON FUNCTION audit.write_row(uuid, text, text, text, jsonb, text[]) IS
  'The event of a row that came or went: one value named * holds its columns as the text of a JSON object, and one each '
  'those of p_apart, which can be erased alone.';

CREATE FUNCTION audit.write_change(p_organisation uuid, p_subject_kind text, p_subject_id text, p_before jsonb,
                                   p_after jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id          bigint;
  v_names       text[];
  v_before      text[];
  v_after       text[];
  v_salts       bytea[];
  v_commitments jsonb;
BEGIN
  SELECT array_agg(c.column_name), array_agg(c.before), array_agg(c.after), array_agg(c.salt),
         jsonb_object_agg(c.column_name, audit.commitment(c.salt, c.before, c.after))
    INTO v_names, v_before, v_after, v_salts, v_commitments
    FROM audit.change_set(p_before, p_after, '{}') c;
  v_id := audit.write_event(p_organisation, 'update', p_subject_kind, p_subject_id, v_names, v_commitments);
  INSERT INTO audit.detail (organisation_id, event_id, column_name, before, after, salt)
  SELECT p_organisation, v_id, d.column_name, d.before, d.after, d.salt
  FROM unnest(v_names, v_before, v_after, v_salts) AS d(column_name, before, after, salt);
END
$fn$;
COMMENT ON FUNCTION audit.write_change(uuid, text, text, jsonb, jsonb) IS
  'The event of a row that changed: one value for each column that differs between its two states.';

CREATE FUNCTION audit.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_before       jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  v_after        jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  v_row          jsonb := COALESCE(v_after, v_before);
  v_organisation uuid := (v_row ->> 'organisation_id')::uuid;
  v_excluded     text[] := '{organisation_id,id,version}';
  v_apart        text[] := '{}';
  v_nested       jsonb := '{}';
  v_subject      text := 'id';
  v_arg          text;
BEGIN
  FOREACH v_arg IN ARRAY COALESCE(TG_ARGV, '{}') LOOP
    IF v_arg LIKE 'subject:%' THEN
      v_subject := substr(v_arg, 9);
    ELSIF v_arg LIKE 'nested:%' THEN
      v_nested := v_nested || jsonb_build_object(substr(v_arg, 8), v_row -> substr(v_arg, 8));
    ELSIF v_arg LIKE 'apart:%' THEN
      v_apart := v_apart || substr(v_arg, 7);
    ELSE
      v_excluded := v_excluded || v_arg;
    END IF;
  END LOOP;
  IF TG_OP <> 'UPDATE' THEN
    PERFORM audit.write_row(v_organisation, lower(TG_OP), TG_TABLE_NAME, v_row ->> v_subject,
                            jsonb_strip_nulls(v_row - v_excluded) || v_nested, v_apart);
  ELSIF (v_before - v_excluded) <> (v_after - v_excluded) THEN
    PERFORM audit.write_change(v_organisation, TG_TABLE_NAME, v_row ->> v_subject, v_before - v_excluded,
                               v_after - v_excluded);
  END IF;
  RETURN NULL;
END
$fn$;
COMMENT ON FUNCTION audit.record_change() IS
  'AFTER INSERT OR UPDATE OR DELETE row trigger: one audit event per changed row. Arguments: columns left out '
  '(organisation_id, id and version always are), "subject:<column>" where the subject is not named by id, and '
  '"apart:<column>" for what speaks of a person in a row that mostly does not: it has a value and a commitment of its own. '
  '"nested:<column>" for a jsonb column: the nulls inside it are values, not absent ones.';

CREATE FUNCTION audit.erase(p_subject_kind text, p_subject_id text, p_columns text[], p_reason text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_erased  bigint;
  v_columns text[];
BEGIN
  IF btrim(COALESCE(p_reason, '')) = '' THEN
    PERFORM app.fail('reason.required', '/reason');
  END IF;
  WITH gone AS (
    DELETE FROM audit.detail d USING audit.event e
    WHERE d.organisation_id = fund.current_organisation() AND e.organisation_id = d.organisation_id
      AND e.id = d.event_id AND e.subject_kind = p_subject_kind AND e.subject_id = p_subject_id
      AND (p_columns IS NULL OR d.column_name = ANY (p_columns)
           OR (d.column_name = '*' AND COALESCE(d.after, d.before)::jsonb ?| p_columns))
    RETURNING d.column_name)
  SELECT count(*), COALESCE(p_columns, array_agg(DISTINCT gone.column_name ORDER BY gone.column_name))
    INTO v_erased, v_columns FROM gone;
  IF v_erased > 0 THEN
    PERFORM set_config('app.reason', p_reason, true);
    PERFORM audit.write_event(fund.current_organisation(), 'erase', p_subject_kind, p_subject_id, v_columns);
  END IF;
  RETURN v_erased;
END
$fn$;
COMMENT ON FUNCTION audit.erase(text, text, text[], text) IS
  'Removes the recorded values of a subject (the given columns, or all when NULL) in the context''s organisation, and '
  'with them the whole of a row recorded as it came or went if one of the columns stands in it; '
  'the events and their commitments stay, and the erasure is an event of its own. Returns how many values went. '
  'Only the owner may call it.';

CREATE TRIGGER organisation_audit AFTER INSERT OR DELETE ON fund.organisation
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('last_recorded_at', 'created_at');
-- Every column but the recorded instant, which each write gives out (app.stamp).
CREATE TRIGGER organisation_audit_change
  AFTER UPDATE OF id, slug, name, currency, currency_digits, time_zone, language, siret, rna, email, street, postal_code,
    city, dues_with_counterpart, version, created_at ON fund.organisation
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('last_recorded_at', 'created_at');
CREATE TRIGGER membership_audit AFTER INSERT OR UPDATE OR DELETE ON app.membership
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at');
CREATE TRIGGER token_audit
  AFTER INSERT OR DELETE OR UPDATE OF role, member_id, name, expires_at, revoked_at ON app.token
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('token_hash', 'created_at', 'last_seen_at');

CREATE FUNCTION app.write_security_event(p_action text, p_subject_kind text, p_subject_id text,
                                         p_before jsonb DEFAULT NULL, p_after jsonb DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id          bigint := nextval('app.security_event_id_seq');
  v_names       text[];
  v_before      text[];
  v_after       text[];
  v_salts       bytea[];
  v_commitments jsonb;
BEGIN
  SELECT array_agg(c.column_name), array_agg(c.before), array_agg(c.after), array_agg(c.salt),
         jsonb_object_agg(c.column_name, audit.commitment(c.salt, c.before, c.after))
    INTO v_names, v_before, v_after, v_salts, v_commitments
    FROM audit.change_set(p_before, p_after, '{}') c;
  INSERT INTO app.security_event (id, request_id, actor, address, route, action, subject_kind, subject_id, columns,
                                  commitments, reason)
  VALUES (v_id, app.context('request_id')::uuid, app.actor(), app.context('address'), app.context('route'), p_action,
          p_subject_kind, p_subject_id, COALESCE(v_names, '{}'), COALESCE(v_commitments, '{}'), app.context('reason'));
  IF v_names IS NOT NULL THEN
    INSERT INTO app.security_detail (event_id, column_name, before, after, salt)
    SELECT v_id, d.column_name, d.before, d.after, d.salt
    FROM unnest(v_names, v_before, v_after, v_salts) AS d(column_name, before, after, salt);
  END IF;
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.write_security_event(text, text, text, jsonb, jsonb) IS
  'As audit.write_event, for what belongs to no organisation.';

---------------------------------------------------------------------------------------------------------------------
-- Writing: the lock, the recorded instant, the idempotency key
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.lock_organisation() RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  PERFORM FROM fund.organisation o WHERE o.id = fund.current_organisation() FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
END
$fn$;
COMMENT ON FUNCTION app.lock_organisation() IS
  'The one lock: the current organisation''s row, before anything else is locked or read. What the next statements '
  'read is at least as new as what its previous holder wrote. Fails with not_found.';

CREATE FUNCTION app.stamp() RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_instant timestamptz;
BEGIN
  UPDATE fund.organisation o
     SET last_recorded_at = greatest(clock_timestamp(), o.last_recorded_at + interval '1 microsecond')
   WHERE o.id = fund.current_organisation() RETURNING o.last_recorded_at INTO STRICT v_instant;
  PERFORM set_config('app.recorded_at', v_instant::text, true);
END
$fn$;
COMMENT ON FUNCTION app.stamp() IS
  'Gives out the next recorded instant of the organisation, which app.lock_organisation has locked: the clock''s, '
  'but always later than the last.';

CREATE FUNCTION app.begin_write() RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  -- Variables, not calls in the statements: row-level security keeps an expression that might leak away from the index.
  v_organisation uuid := fund.current_organisation();
  v_actor        text := app.actor();
  v_route        text := COALESCE(app.context('route'), '');
  v_key          text := COALESCE('client:' || app.context('idempotency_key'), 'request:' || app.context('request_id'));
  v_hash         bytea := decode(app.context('idempotency_hash'), 'hex');
  v_stored_hash  bytea;
  v_result       jsonb;
BEGIN
  IF app.context('new_request') = 'false' THEN
    RETURN NULL; -- called again within the same request: the first call holds
  END IF;
  PERFORM app.lock_organisation();
  IF v_key IS NOT NULL THEN
    SELECT k.hash, k.result INTO v_stored_hash, v_result FROM fund.idempotency_key k
    WHERE k.organisation_id = v_organisation AND k.actor = v_actor AND k.route = v_route AND k.key = v_key;
    IF FOUND THEN
      IF v_stored_hash IS DISTINCT FROM v_hash THEN
        PERFORM app.fail('idempotency.mismatch');
      END IF;
      RETURN v_result;
    END IF;
  END IF;
  PERFORM app.stamp(), set_config('app.new_request', 'false', true);
  RETURN NULL;
END
$fn$;
COMMENT ON FUNCTION app.begin_write() IS
  'First statement of every write function, of which a request calls one: takes the organisation''s lock, looks for '
  'the idempotency key (under the lock nobody else can bring it meanwhile), sets app.recorded_at. Not NULL: the request '
  'was already done, and this is the row it answered (JSON null for none).';

CREATE FUNCTION app.end_write(p_result jsonb DEFAULT 'null') RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_actor        text := app.actor();
  v_route        text := COALESCE(app.context('route'), '');
  v_key          text := COALESCE('client:' || app.context('idempotency_key'), 'request:' || app.context('request_id'));
BEGIN
  -- Deferred checks run here, under this request's own context: at COMMIT, row-level security would hide the rows.
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
  IF v_key IS NOT NULL THEN
    INSERT INTO fund.idempotency_key (organisation_id, actor, route, key, hash, result)
    VALUES (v_organisation, v_actor, v_route, v_key, decode(app.context('idempotency_hash'), 'hex'),
            COALESCE(p_result, 'null'));
  END IF;
END
$fn$;
COMMENT ON FUNCTION app.end_write(jsonb) IS
  'Last statement of every write function: runs the deferred checks and stores the answered row under the '
  'idempotency key.';

CREATE FUNCTION app.check_version(p_current integer) RETURNS void
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_if_match text := app.context('if_match');
BEGIN
  IF v_if_match IS NULL THEN
    PERFORM app.fail('precondition.required');
  ELSIF v_if_match NOT IN (p_current::text, '*') THEN
    PERFORM app.fail('precondition.failed');
  END IF;
END
$fn$;
COMMENT ON FUNCTION app.check_version(integer) IS
  'Compares the resource''s version with the If-Match of the request (bare version text, or *): '
  'precondition.required without, precondition.failed when it differs. Call it after the lock.';

---------------------------------------------------------------------------------------------------------------------
-- Making organisations, people, links and tokens: the operator's functions
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.enter_organisation(p_organisation uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  PERFORM set_config('app.organisation_id', COALESCE(p_organisation::text, ''), true),
          set_config('app.member_id', '', true),
          set_config('app.currency_digits', '', true),
          set_config('app.recorded_at', '', true),
          set_config('app.new_request', 'true', true);
END
$fn$;
COMMENT ON FUNCTION app.enter_organisation(uuid) IS
  'Makes an organisation the current one, keeping the actor and the rest of the context, and a write to begin '
  'anew; for code that acts for several.';

CREATE FUNCTION audit.organisations() RETURNS TABLE (organisation_id uuid, slug text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT d.organisation_id, d.slug FROM app.directory d
$fn$;
COMMENT ON FUNCTION audit.organisations() IS
  'Every organisation of the installation by its slug, for the auditor of the database: row-level security shows one '
  'only once its id is known.';

CREATE FUNCTION app.organisation_row(p_organisation uuid) RETURNS SETOF fund.organisation
LANGUAGE plpgsql STABLE ROWS 1 AS $fn$
DECLARE
  v_context text := COALESCE(current_setting('app.organisation_id', true), '');
BEGIN
  PERFORM set_config('app.organisation_id', p_organisation::text, true);
  RETURN QUERY SELECT o.* FROM fund.organisation o WHERE o.id = p_organisation;
  PERFORM set_config('app.organisation_id', v_context, true);
END
$fn$;
COMMENT ON FUNCTION app.organisation_row(uuid) IS
  'An organisation''s row whatever the current one is: for sign-in, before any is chosen. The context is as before '
  'afterwards.';

CREATE FUNCTION app.today_at(p_time_zone text) RETURNS date
LANGUAGE sql STABLE
RETURN (now() AT TIME ZONE p_time_zone)::date;
COMMENT ON FUNCTION app.today_at(text) IS 'Today in a time zone.';

CREATE FUNCTION app.act_as(p_actor text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  IF p_actor !~ '^(user:|token:|link:|cli:).|^(system|anonymous)$' THEN
    RAISE EXCEPTION 'unknown kind of actor "%"', p_actor USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('app.actor', p_actor, true), set_config('app.roles', '', true);
END
$fn$;
COMMENT ON FUNCTION app.act_as(text) IS 'Says who acts, for functions called by the operator without a request.';

CREATE FUNCTION app.check_time_zone(p_name text, p_pointer text) RETURNS void
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_name AND p_name !~ '^(posix|right)/') THEN
    PERFORM app.fail('organisation.time_zone', p_pointer, p_name);
  END IF;
END
$fn$;
COMMENT ON FUNCTION app.check_time_zone(text, text) IS 'Refuses what is no IANA time zone name.';

CREATE FUNCTION app.organisation_create(p_slug text, p_name text, p_fiscal_year_starts_on date, p_actor text,
                                        p_currency text DEFAULT 'EUR', p_currency_digits integer DEFAULT 2,
                                        p_time_zone text DEFAULT 'Europe/Paris', p_language text DEFAULT 'fr')
RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id uuid := app.uuid7();
BEGIN
  PERFORM app.check_time_zone(p_time_zone, '/time_zone');
  PERFORM app.act_as(p_actor);
  PERFORM app.enter_organisation(v_id);
  INSERT INTO fund.organisation (id, slug, name, currency, currency_digits, time_zone, language)
  VALUES (v_id, p_slug, p_name, p_currency, p_currency_digits, p_time_zone, p_language);
  PERFORM app.lock_organisation();
  PERFORM app.stamp();
  -- Accounts, journals, the two funds, the first fiscal year: the ledger's part. The start of that year travels in the
  -- context; '' lets the ledger choose (January 1st of the organisation's current year).
  PERFORM set_config('app.fiscal_year_starts_on', COALESCE(p_fiscal_year_starts_on::text, ''), true);
  PERFORM fund.organisation_seed(v_id);
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.organisation_create(text, text, date, text, text, integer, text, text) IS
  'Makes an organisation with what every one has (fund.organisation_seed) and leaves it the current one. Actor: '
  'cli:<os user> or link:<id>.';

CREATE FUNCTION app.user_create(p_email text, p_name text, p_language text, p_actor text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id  uuid := app.uuid7();
  v_row app.account_user;
BEGIN
  PERFORM app.act_as(p_actor);
  INSERT INTO app.account_user (id, email, name, language)
  VALUES (v_id, btrim(p_email), btrim(p_name), COALESCE(p_language, 'fr')) RETURNING * INTO v_row;
  PERFORM app.write_security_event('user_created', 'user', v_id::text, NULL,
    jsonb_build_object('email', v_row.email, 'name', v_row.name, 'language', v_row.language));
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.user_create(text, text, text, text) IS
  'Makes a person without password or role. The e-mail is unique whatever its case (account_user_email_unique).';

CREATE FUNCTION app.organisation_by_slug(p_slug text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_id uuid;
BEGIN
  SELECT d.organisation_id INTO v_id FROM app.directory d WHERE d.slug = p_slug;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', '/organisation');
  END IF;
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.organisation_by_slug(text) IS 'The organisation of a slug; fails with not_found.';

CREATE FUNCTION app.membership_create(p_user uuid, p_slug text, p_role text, p_member uuid, p_actor text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id uuid := app.uuid7();
BEGIN
  PERFORM app.act_as(p_actor);
  PERFORM app.enter_organisation(app.organisation_by_slug(p_slug));
  PERFORM app.lock_organisation();
  PERFORM app.stamp();
  INSERT INTO app.membership (id, organisation_id, user_id, role, member_id, starts_on)
  VALUES (v_id, fund.current_organisation(), p_user, p_role, p_member, fund.today());
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.membership_create(uuid, text, text, uuid, text) IS
  'Gives a person a role in an organisation from today on.';

CREATE FUNCTION app.membership_end(p_slug text, p_email text, p_roles text[], p_actor text) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_user uuid;
  v_now  timestamptz := clock_timestamp();
BEGIN
  PERFORM app.act_as(p_actor);
  PERFORM app.enter_organisation(app.organisation_by_slug(p_slug));
  PERFORM app.lock_organisation();
  PERFORM app.stamp();
  SELECT u.id INTO v_user FROM app.account_user u WHERE lower(u.email) = lower(btrim(p_email));
  RETURN QUERY
    UPDATE app.membership m SET ended_at = v_now, ends_on = greatest(fund.today(), m.starts_on)
    WHERE m.organisation_id = fund.current_organisation() AND m.user_id = v_user AND m.ended_at IS NULL
      AND COALESCE(m.ends_on, 'infinity') >= fund.today() AND (p_roles IS NULL OR m.role = ANY (p_roles))
    RETURNING m.role;
  IF NOT EXISTS (SELECT FROM app.membership m WHERE m.user_id = v_user AND m.ended_at IS NULL
                                                AND COALESCE(m.ends_on, 'infinity') >= current_date) THEN
    UPDATE app.session s SET revoked_at = v_now WHERE s.user_id = v_user AND s.revoked_at IS NULL;
  END IF;
END
$fn$;
COMMENT ON FUNCTION app.membership_end(text, text, text[], text) IS
  'Takes roles (NULL: all) from the person with this e-mail in an organisation, at once; answers those taken. Who has '
  'no role anywhere any more is signed out.';

CREATE FUNCTION app.link_create(p_purpose text, p_user uuid, p_hash bytea, p_lifetime interval, p_actor text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id uuid := app.uuid7();
BEGIN
  PERFORM app.act_as(p_actor);
  IF p_purpose = 'setup' AND EXISTS (SELECT FROM app.account_user) THEN
    PERFORM app.fail('link.setup_done');
  END IF;
  INSERT INTO app.one_time_link (token_hash, id, purpose, user_id, created_by, expires_at)
  VALUES (p_hash, v_id, p_purpose, p_user, p_actor, clock_timestamp() + p_lifetime);
  PERFORM app.write_security_event('link_created', 'one_time_link', v_id::text, NULL,
    jsonb_build_object('purpose', p_purpose, 'user_id', p_user));
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.link_create(text, uuid, bytea, interval, text) IS
  'Stores a one-time link: purpose password (with its user) or setup (only while there is no user). p_hash: '
  'SHA-256 of its token.';

CREATE FUNCTION app.token_create(p_slug text, p_role text, p_hash bytea, p_member uuid, p_expires_at timestamptz,
                                 p_name text, p_actor text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_id uuid := app.uuid7();
BEGIN
  PERFORM app.act_as(p_actor);
  PERFORM app.enter_organisation(app.organisation_by_slug(p_slug));
  PERFORM app.lock_organisation();
  PERFORM app.stamp();
  INSERT INTO app.token (token_hash, id, organisation_id, role, member_id, name, created_by, expires_at)
  VALUES (p_hash, v_id, fund.current_organisation(), p_role, p_member, p_name, p_actor,
          COALESCE(p_expires_at, clock_timestamp() + interval '90 days'));
  RETURN v_id;
END
$fn$;
COMMENT ON FUNCTION app.token_create(text, text, bytea, uuid, timestamptz, text, text) IS
  'Stores a program''s token: one role in one organisation; expires after 90 days unless said otherwise. p_hash: '
  'SHA-256 of the token.';

CREATE FUNCTION app.token_revoke(p_slug text, p_id uuid, p_actor text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_name text;
BEGIN
  PERFORM app.act_as(p_actor);
  PERFORM app.enter_organisation(app.organisation_by_slug(p_slug));
  PERFORM app.lock_organisation();
  PERFORM app.stamp();
  UPDATE app.token t SET revoked_at = COALESCE(t.revoked_at, clock_timestamp())
  WHERE t.organisation_id = fund.current_organisation() AND t.id = p_id RETURNING t.name INTO v_name;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', '/id');
  END IF;
  RETURN v_name;
END
$fn$;
COMMENT ON FUNCTION app.token_revoke(text, uuid, text) IS
  'Ends a program''s token at once and answers its name; one that has ended stays as it ended.';

---------------------------------------------------------------------------------------------------------------------
-- Sign-in: counting failures, passwords, links
---------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION app.address_key(p_address text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $fn$
DECLARE
  v_text text := COALESCE(p_address, '');
BEGIN
  RETURN sha256(convert_to(
    CASE family(v_text::inet) WHEN 6 THEN network(set_masklen(v_text::inet, 64))::text
                              ELSE host(v_text::inet) END, 'UTF8'));
EXCEPTION WHEN invalid_text_representation THEN
  RETURN sha256(convert_to(v_text, 'UTF8'));
END
$fn$;
COMMENT ON FUNCTION app.address_key(text) IS
  'An address as it is counted and remembered: its SHA-256; of IPv6 the /64, since whoever has one address there '
  'has them all.';

CREATE FUNCTION app.address_is_known(p_email text, p_address text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  RETURN EXISTS (SELECT FROM app.account_user u JOIN app.known_address k ON k.user_id = u.id
                 WHERE lower(u.email) = lower(btrim(p_email)) AND k.address_key = app.address_key(p_address));
END
$fn$;
COMMENT ON FUNCTION app.address_is_known(text, text) IS
  'Has the person of this e-mail signed in from this address before?';

CREATE FUNCTION app.throttle_bucket(p_what text, p_email text, p_address text) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN sha256(audit.canonical(p_what) || audit.canonical(lower(btrim(p_email))) || app.address_key(p_address));
COMMENT ON FUNCTION app.throttle_bucket(text, text, text) IS 'The key under which failures are counted.';

CREATE FUNCTION app.throttle_kind(p_known boolean) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_known THEN 'person_at_known_address' ELSE 'person_at_address' END;
COMMENT ON FUNCTION app.throttle_kind(boolean) IS 'The rule for one e-mail from one address.';

CREATE FUNCTION app.throttle_wait(p_kind text, p_bucket bytea, p_now timestamptz) RETURNS interval
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_rule app.throttle_rule;
  v_tat  timestamptz;
BEGIN
  SELECT r.* INTO STRICT v_rule FROM app.throttle_rule r WHERE r.kind = p_kind;
  LOOP
    INSERT INTO app.throttle (bucket, kind, tat) VALUES (p_bucket, p_kind, p_now) ON CONFLICT DO NOTHING;
    SELECT t.tat INTO v_tat FROM app.throttle t WHERE t.bucket = p_bucket FOR NO KEY UPDATE;
    EXIT WHEN FOUND; -- not found: a success or a purge removed it in between
  END LOOP;
  -- Never later than burst refills, but where the clock ran ahead and was set back: nobody waits for it to be there again.
  IF v_tat > p_now + v_rule.burst * v_rule.refill THEN
    v_tat := p_now;
    UPDATE app.throttle t SET tat = v_tat WHERE t.bucket = p_bucket;
  END IF;
  -- A failure fits while the bucket, with it, would be full again within burst refills.
  RETURN greatest(interval '0', v_tat + v_rule.refill - (p_now + v_rule.burst * v_rule.refill));
END
$fn$;
COMMENT ON FUNCTION app.throttle_wait(text, bytea, timestamptz) IS
  'Locks a bucket and says how long until one more failure fits; 0 = now.';

CREATE FUNCTION app.throttle_charge(p_kind text, p_bucket bytea, p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  UPDATE app.throttle t SET kind = p_kind, tat = greatest(t.tat, p_now) + r.refill
  FROM app.throttle_rule r WHERE t.bucket = p_bucket AND r.kind = p_kind;
END
$fn$;
COMMENT ON FUNCTION app.throttle_charge(text, bytea, timestamptz) IS
  'Counts one attempt in a bucket that app.throttle_wait has locked.';

CREATE FUNCTION app.throttle_refund(p_kind text, p_bucket bytea) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  UPDATE app.throttle t SET tat = t.tat - r.refill
  FROM app.throttle_rule r WHERE t.bucket = p_bucket AND r.kind = p_kind;
END
$fn$;
COMMENT ON FUNCTION app.throttle_refund(text, bytea) IS 'Takes back one counted attempt: it was no failure.';

CREATE FUNCTION app.not_made_yet(p_created_at timestamptz, p_now timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN p_created_at > p_now + interval '1 hour';
COMMENT ON FUNCTION app.not_made_yet(timestamptz, timestamptz) IS
  'Was this made while the clock ran ahead, and has the clock been set back since? A session, token or link of '
  'then would outlive its time by as much as the clock was wrong: it is not valid before the clock is there again.';

CREATE FUNCTION app.link_check(p_hash bytea) RETURNS app.one_time_link
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_link app.one_time_link;
BEGIN
  SELECT l.* INTO v_link FROM app.one_time_link l WHERE l.token_hash = p_hash;
  IF NOT FOUND THEN
    PERFORM app.fail('link.unknown');
  ELSIF v_link.used_at IS NOT NULL THEN
    PERFORM app.fail('link.used');
  ELSIF clock_timestamp() >= v_link.expires_at OR app.not_made_yet(v_link.created_at, clock_timestamp()) THEN
    PERFORM app.fail('link.expired');
  ELSIF v_link.purpose = 'setup' AND EXISTS (SELECT FROM app.account_user) THEN
    PERFORM app.fail('link.setup_done');
  ELSIF EXISTS (SELECT FROM app.account_user u WHERE u.id = v_link.user_id AND u.disabled_at IS NOT NULL) THEN
    PERFORM app.fail('link.unknown');
  END IF;
  RETURN v_link;
END
$fn$;
COMMENT ON FUNCTION app.link_check(bytea) IS
  'The link of a token''s SHA-256 if it may be used now; fails with the reason otherwise.';

CREATE FUNCTION app.password_set(p_user uuid, p_password_hash text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
BEGIN
  UPDATE app.account_user SET password_hash = p_password_hash, password_set_at = clock_timestamp() WHERE id = p_user;
  UPDATE app.session SET revoked_at = clock_timestamp() WHERE user_id = p_user AND revoked_at IS NULL;
  UPDATE app.one_time_link SET used_at = clock_timestamp() WHERE user_id = p_user AND used_at IS NULL;
  PERFORM app.write_security_event('password_set', 'user', p_user::text);
END
$fn$;
COMMENT ON FUNCTION app.password_set(uuid, text) IS
  'Sets a password (PHC string) and ends all sessions and open links of the person.';

CREATE FUNCTION app.first_setup(p_actor text, p_body jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_user uuid;
  v_slug text := p_body ->> 'slug';
BEGIN
  -- Two setup links used at the same time must not make two first users.
  PERFORM pg_advisory_xact_lock(hashtext('grenier.setup'));
  IF EXISTS (SELECT FROM app.account_user) THEN
    PERFORM app.fail('link.setup_done');
  END IF;
  PERFORM app.organisation_create(v_slug, p_body ->> 'organisation_name', (p_body ->> 'fiscal_year_starts_on')::date,
    p_actor, COALESCE(p_body ->> 'currency', 'EUR'), COALESCE((p_body ->> 'currency_digits')::integer, 2),
    COALESCE(p_body ->> 'time_zone', 'Europe/Paris'), COALESCE(p_body ->> 'language', 'fr'));
  v_user := app.user_create(p_body ->> 'email', p_body ->> 'name', p_body ->> 'language', p_actor);
  PERFORM app.membership_create(v_user, v_slug, 'treasurer', NULL, p_actor),
          app.membership_create(v_user, v_slug, 'administrator', NULL, p_actor);
  RETURN v_user;
END
$fn$;
COMMENT ON FUNCTION app.first_setup(text, jsonb) IS
  'The first start: makes the organisation and its first user (treasurer and administrator), only while there is '
  'no user. Keys of the body: see api.one_time_link_use.';

---------------------------------------------------------------------------------------------------------------------
-- What goes when
---------------------------------------------------------------------------------------------------------------------

CREATE TABLE app.purge_rule (
  name   text NOT NULL,
  keep   interval NOT NULL,
  remark text NOT NULL,
  CONSTRAINT purge_rule_pkey PRIMARY KEY (name),
  CONSTRAINT purge_rule_keep_range CHECK (keep >= interval '0')
);
COMMENT ON TABLE app.purge_rule IS
  'What api.purge removes, and how long it is kept first. Nothing else is ever removed by itself.';
INSERT INTO app.purge_rule (name, keep, remark) VALUES
  ('session', '30 days', 'Sessions, so long after they ended.'),
  ('one_time_link', '30 days', 'Links, so long after they were used or expired.'),
  ('throttle', '1 day', 'Counters of failed sign-ins, so long after they were full again.'),
  ('known_address', '180 days', 'Addresses a person signed in from, when not seen for so long.'),
  ('idempotency_key', '72 hours', 'Answers kept for repeated requests (48 hours are promised).'),
  ('security_event', '1 year', 'Sign-ins and other security events with their values, addresses included.');
