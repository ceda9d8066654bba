-- Roles of a Grenier database. Run by the connecting superuser (or a role with CREATEROLE that owns the database)
-- before the migrations, at each migrate; changes nothing when all is as written here.
--
--   grenier_owner    owns every schema and object; cannot log in; row-level security is forced on it too
--   grenier_migrate  logs in to migrate and to act as the operator: a member of grenier_owner (SET ROLE)
--   grenier_server   what the server is: EXECUTE on schema api, SELECT under row-level security, nothing else
--   grenier_auditor  a person reading the database itself: SELECT under row-level security, read only
--
-- Roles belong to the cluster, not to the database: several databases may run this at the same time, so nothing is
-- altered that is already right (two concurrent ALTER ROLE fail with "tuple concurrently updated").

DO $roles$
DECLARE
  r record;
  v_setting text;
BEGIN
  FOR r IN
    SELECT * FROM (VALUES
      ('grenier_owner',   false),
      ('grenier_migrate', true),
      ('grenier_server',  true),
      ('grenier_auditor', true)
    ) AS wanted(name, login)
  LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name) THEN
        EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT',
                       r.name, CASE WHEN r.login THEN 'LOGIN' ELSE 'NOLOGIN' END);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- another database of the cluster was faster
    END;
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'role "%" may bypass row-level security', r.name
        USING HINT = 'Alter the role to NOSUPERUSER NOBYPASSRLS, then migrate again.';
    END IF;
  END LOOP;

  IF NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                 JOIN pg_catalog.pg_roles o ON o.oid = m.roleid AND o.rolname = 'grenier_owner'
                 JOIN pg_catalog.pg_roles g ON g.oid = m.member AND g.rolname = 'grenier_migrate') THEN
    GRANT grenier_owner TO grenier_migrate;
  END IF;
  -- The operator checks the books with the auditor's rights.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                 JOIN pg_catalog.pg_roles o ON o.oid = m.roleid AND o.rolname = 'grenier_auditor'
                 JOIN pg_catalog.pg_roles g ON g.oid = m.member AND g.rolname = 'grenier_migrate') THEN
    GRANT grenier_auditor TO grenier_migrate;
  END IF;
  -- Migrations run as grenier_owner: a superuser may become it anyway, another role must be a member.
  IF NOT pg_has_role(current_user, 'grenier_owner', 'MEMBER') THEN
    EXECUTE format('GRANT grenier_owner TO %I', current_user);
  END IF;

  FOR r IN
    SELECT * FROM (VALUES
      ('grenier_migrate', 'search_path',                         'pg_catalog'),
      ('grenier_migrate', 'timezone',                            'UTC'),
      ('grenier_migrate', 'lock_timeout',                        '10s'),
      ('grenier_migrate', 'default_transaction_isolation',       'read committed'),
      ('grenier_server',  'search_path',                         'pg_catalog'),
      ('grenier_server',  'timezone',                            'UTC'),
      ('grenier_server',  'statement_timeout',                   '30s'),
      ('grenier_server',  'lock_timeout',                        '10s'),
      ('grenier_server',  'idle_in_transaction_session_timeout', '15s'),
      ('grenier_server',  'default_transaction_isolation',       'read committed'),
      ('grenier_auditor', 'search_path',                         'pg_catalog'),
      ('grenier_auditor', 'timezone',                            'UTC'),
      ('grenier_auditor', 'statement_timeout',                   '5min'),
      ('grenier_auditor', 'idle_in_transaction_session_timeout', '15min'),
      ('grenier_auditor', 'default_transaction_isolation',       'repeatable read'),
      ('grenier_auditor', 'default_transaction_read_only',       'on')
    ) AS wanted(name, setting, value)
  LOOP
    v_setting := r.setting || '=' || r.value;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s
                   JOIN pg_catalog.pg_roles o ON o.oid = s.setrole AND o.rolname = r.name
                   WHERE s.setdatabase = 0 AND v_setting ILIKE ANY (s.setconfig)) THEN
      EXECUTE format('ALTER ROLE %I SET %I = %L', r.name, r.setting, r.value);
    END IF;
  END LOOP;

  -- The database: nobody connects, nothing is created in it, but for these roles.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO grenier_owner', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO grenier_migrate, grenier_server, grenier_auditor',
                 current_database());
  IF to_regnamespace('public') IS NOT NULL THEN
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
  END IF;
END
$roles$;
