-- Rules that hold for the whole schema, found in the catalog: whoever adds a table, a function or a constraint is held
-- to them without being named here.
\set problems `cat "$PROBLEMS"/*.def`
\set roles :sql '/roles.sql'
\set policies :sql '/policies.sql'
\set grants :sql '/grants.sql'
BEGIN;
SELECT plan(41);

CREATE TEMP VIEW our_schema AS
  SELECT n.oid, n.nspname AS schema FROM pg_namespace n WHERE n.nspname IN ('fund', 'audit', 'app', 'api', 'reference');
CREATE TEMP VIEW our_table AS
  SELECT c.oid, s.schema, c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relkind, c.reloptions
  FROM pg_class c JOIN our_schema s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f');
CREATE TEMP VIEW our_function AS
  SELECT p.oid, s.schema, p.proname AS name, p.oid::regprocedure::text AS signature, p.prosrc, p.prosecdef, p.provolatile,
         p.proconfig, p.proowner, p.prosqlbody, p.prorettype, p.proacl
  FROM pg_proc p JOIN our_schema s ON s.oid = p.pronamespace;

-- Organisations ----------------------------------------------------------------------------------------------------

SELECT is_empty($$
  SELECT schema || '.' || name FROM our_table t
  WHERE schema IN ('fund', 'audit') AND relkind IN ('r', 'p') AND (schema, name) <> ('fund', 'organisation')
    AND NOT EXISTS (SELECT FROM pg_constraint k
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                    WHERE k.conrelid = t.oid AND k.contype = 'p' AND a.attname = 'organisation_id' AND a.attnotnull
                      AND a.atttypid = 'uuid'::regtype)
$$, 'every table of fund and audit has organisation_id first in its primary key');

SELECT is_empty($$
  SELECT k.conname FROM pg_constraint k JOIN our_table t ON t.oid = k.conrelid
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
  JOIN our_table ft ON ft.oid = k.confrelid
  WHERE k.contype = 'f' AND ft.schema IN ('fund', 'audit')
    AND NOT (a.attname = 'organisation_id' AND (f.attname = 'organisation_id' OR ft.name = 'organisation'))
$$, 'every foreign key into fund or audit begins with organisation_id: no row points into another organisation');

SELECT is_empty($$
  SELECT schema || '.' || name FROM our_table
  WHERE schema IN ('fund', 'audit') AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
$$, 'row-level security is enabled and forced on every table of fund and audit');

SELECT is_empty($$
  SELECT t.schema || '.' || t.name FROM our_table t
  WHERE t.schema IN ('fund', 'audit') AND t.relkind IN ('r', 'p')
    AND ARRAY['member', 'organisation']::name[] IS DISTINCT FROM
        (SELECT array_agg(p.polname ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = t.oid)
$$, 'every table of fund and audit has the two policies and no other');

SELECT is_empty($$
  SELECT p.polrelid::regclass FROM pg_policy p
  WHERE p.polname = 'organisation'
    AND NOT (p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}' AND p.polwithcheck IS NULL
             AND pg_get_expr(p.polqual, p.polrelid) ~ '^\(organisation_id = \( SELECT .*\)\)$')
     OR p.polname = 'member' AND (p.polpermissive OR p.polcmd <> 'r' OR p.polroles <> '{0}')
$$, 'the policies say what policies.sql says');

SELECT set_eq($$
  SELECT p.polrelid::regclass::text FROM pg_policy p
  WHERE p.polname = 'member' AND pg_get_expr(p.polqual, p.polrelid) ~ ' OR '
$$, $$
  SELECT name FROM unnest(ARRAY['fund.organisation', 'fund.fund', 'fund.project', 'fund.fiscal_year', 'fund.member',
    'fund.contribution', 'fund.in_kind_contribution', 'fund.idempotency_key']) AS name WHERE to_regclass(name) IS NOT NULL
$$, 'these tables, and no others, show rows to a member');

SELECT is_empty($$
  SELECT schema || '.' || name FROM our_table WHERE schema = 'reference' AND relkind IN ('r', 'p') AND EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = our_table.oid AND a.attname = 'organisation_id' AND NOT attisdropped)
$$, 'reference data belongs to no organisation');

-- Keys and indexes -------------------------------------------------------------------------------------------------

SELECT is_empty($$
  SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k JOIN our_table t ON t.oid = k.conrelid
  WHERE k.contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = k.conrelid AND i.indisvalid
      -- the key's columns, in whatever order, come first in the index
      AND (SELECT array_agg(c ORDER BY c) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) c)
        = (SELECT array_agg(c ORDER BY c) FROM unnest(k.conkey) c)
      -- a partial index serves where it only leaves out rows without a value
      AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) IN (
        SELECT '(' || quote_ident(a.attname) || ' IS NOT NULL)' FROM pg_attribute a
        WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))))
$$, 'every foreign key has an index');

SELECT is_empty($$
  SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k JOIN our_table t ON t.oid = k.conrelid
  WHERE k.contype <> 't' AND NOT starts_with(k.conname, t.name || '_')
    AND NOT starts_with(k.conname, t.schema || '_' || t.name || '_')
$$, 'constraints are named <table>_<rule>');

SELECT is_empty($$
  SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN our_table t ON t.oid = a.attrelid
  WHERE a.attnum > 0 AND NOT a.attisdropped AND t.relkind IN ('r', 'p')
    AND a.atttypid IN ('float4'::regtype, 'float8'::regtype, 'money'::regtype, 'timestamp'::regtype, 'json'::regtype)
$$, 'no column is a floating point number, money, json or an instant without a zone');

SELECT is_empty($$
  SELECT t.schema || '.' || t.name FROM our_table t
  WHERE t.schema = 'fund' AND t.relkind IN ('r', 'p')
    AND t.name NOT IN ('line', 'line_match', 'balance', 'year_balance', 'counter', 'serial', 'idempotency_key', 'journal',
                       -- told by the event of their fund, bank statement or match
                       'fund_setting', 'bank_transaction', 'bank_statement_transaction', 'match_transaction', 'match_part',
                       'match_line')
    AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgfoid = 'audit.record_change()'::regprocedure)
$$, 'every table of fund is audited, but for those whose changes another event tells');

SELECT is_empty($$
  SELECT a.attname FROM pg_attribute a
  WHERE a.attrelid = 'fund.organisation'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attname <> 'last_recorded_at'
    AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = a.attrelid AND g.tgname = 'organisation_audit_change'
                    AND a.attnum = ANY (g.tgattr::int2[]))
$$, 'a change of any column of an organisation is audited, but for the instant it gives out');

-- Problems ---------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE registered_constraint AS
  SELECT m[1] AS name, m[2] AS problem FROM regexp_matches(:'problems', '^CONSTRAINT\((\w+),\s*(\w+),', 'gn') AS m;
CREATE TEMP TABLE registered_problem AS
  SELECT m[1] AS name, m[2]::int AS status, m[3] AS code
  FROM regexp_matches(:'problems', '^PROBLEM\((\w+),\s*(\d+),\s*"([^"]+)"', 'gn') AS m;

SELECT cmp_ok((SELECT count(*) FROM registered_problem), '>', 50::bigint, 'the problem registry was read');

SELECT is_empty($$
  SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k JOIN our_table t ON t.oid = k.conrelid
  WHERE k.conname NOT IN (SELECT name FROM registered_constraint)
  UNION ALL
  SELECT i.indexrelid::regclass || '' FROM pg_index i JOIN our_table t ON t.oid = i.indrelid
  JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indisunique AND c.relname NOT IN (SELECT name FROM registered_constraint)
  UNION ALL
  SELECT t.relname || '_append_only' FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
  WHERE g.tgfoid = 'app.append_only()'::regprocedure
    AND t.relname || '_append_only' NOT IN (SELECT name FROM registered_constraint)
$$, 'every constraint, unique index and append-only rule is in the problem registry');

SELECT is_empty($$
  SELECT r.name FROM registered_constraint r
  WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conname = r.name)
    AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relkind = 'i' AND c.relname = r.name)
    AND NOT EXISTS (SELECT FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
                    WHERE g.tgfoid = 'app.append_only()'::regprocedure AND t.relname || '_append_only' = r.name)
    AND NOT EXISTS (SELECT FROM our_function f WHERE position(quote_literal(r.name) IN f.prosrc) > 0)
$$, 'the problem registry names no constraint that is gone');

SELECT is_empty($$
  SELECT name FROM registered_constraint GROUP BY name HAVING count(*) > 1
  UNION ALL SELECT code FROM registered_problem GROUP BY code HAVING count(*) > 1
$$, 'nothing is in the problem registry twice');

SELECT is_empty($$
  SELECT f.signature || ': ' || m[2] FROM our_function f,
    regexp_matches(f.prosrc, 'app\.(fail|fault)\(\s*''([a-z0-9_.]+)''', 'g') AS m
  WHERE m[2] NOT IN (SELECT code FROM registered_problem)
$$, 'every problem code raised by a function is in the registry');

-- Functions --------------------------------------------------------------------------------------------------------

SELECT is_empty($$
  SELECT f.signature FROM our_function f JOIN pg_proc p ON p.oid = f.oid
  WHERE f.prosqlbody IS NULL AND NOT COALESCE('search_path=pg_catalog, pg_temp' = ANY (f.proconfig), false)
    AND (p.prosecdef OR f.schema = 'api' OR p.prorettype = 'trigger'::regtype)
$$, 'what runs with the owner''s rights, what the server calls and triggers pin search_path, or have a body bound when it was made');

SELECT is_empty($$
  SELECT f.signature FROM our_function f
  WHERE f.prosrc ~ 'app\.begin_write\(' AND f.prosrc !~ 'app\.end_write\(' AND f.signature NOT LIKE 'app.begin_write%'
$$, 'whoever begins a write ends it: without, a retry would book again');

SELECT is_empty($$
  SELECT signature FROM our_function WHERE obj_description(oid, 'pg_proc') IS NULL
  UNION ALL
  SELECT schema || '.' || name FROM our_table WHERE obj_description(oid, 'pg_class') IS NULL
  UNION ALL
  SELECT schema FROM our_schema WHERE obj_description(oid, 'pg_namespace') IS NULL
$$, 'every schema, table, view and function has a comment');

-- What the server reaches with the owner's rights without taking the organisation's lock. A new line here is a decision.
-- Not meant: reading functions that run so only to say a problem (app.fail): row-level security holds the owner too.
SELECT set_eq($$
  SELECT signature FROM our_function WHERE schema = 'api' AND prosecdef AND prosrc !~ 'app\.begin_write\(\)'
    AND (provolatile = 'v' OR EXISTS (SELECT FROM regexp_matches(prosrc, '\mapp\.(\w+)', 'g') m
                                      WHERE m[1] NOT IN ('fail', 'fault', 'fail_all')))
$$, ARRAY[
  'api.actor_name(text)',
  'api.authenticate(text,bytea,text,text)',
  'api.my_organisations(uuid,uuid)',
  'api.one_time_link_get(bytea)',
  'api.one_time_link_use(bytea,text,jsonb)',
  'api.purge()',
  'api.record_read(text,text)',
  'api.request_outcome(uuid)',
  'api.schema_version()',
  'api.session_create(uuid,bytea,text,text)',
  'api.session_end(bytea)',
  'api.session_list(uuid,uuid)',
  'api.session_revoke(uuid,uuid)',
  'api.sign_in_lookup(text)',
  'api.sign_in_result(text,text,text,boolean)',
  'api.sign_in_throttled(text,text)',
  'api.throttle_check(text,text)'
], 'only these functions of api run with the owner''s rights without being an organisation''s write');

SELECT is_empty($$
  SELECT signature FROM our_function
  WHERE schema = 'api' AND prosrc ~ 'app\.begin_write\(\)'
    AND NOT (prosecdef AND provolatile = 'v' AND prosrc ~ 'app\.end_write\(')
$$, 'every write function is SECURITY DEFINER, VOLATILE and ends with app.end_write');

SELECT is_empty($$
  SELECT f.signature FROM our_function f, regexp_split_to_table(f.prosrc, ';') AS statement
  WHERE statement ~* 'FOR\s+(NO\s+KEY\s+)?UPDATE' AND statement ~* '\m(sum|count|max|min|array_agg|jsonb_agg)\s*\('
$$, 'no statement locks and sums at once');

SELECT is_empty($$
  SELECT signature FROM our_function WHERE prosrc ~* '\mEXECUTE\s+(format|''|\$)' AND schema <> 'audit'
$$, 'no dynamic SQL');

SELECT is_empty($$
  SELECT signature FROM our_function WHERE prosecdef AND schema NOT IN ('api', 'audit', 'app', 'fund')
  UNION ALL
  SELECT signature FROM our_function WHERE prosecdef AND schema <> 'api' AND prorettype <> 'trigger'::regtype
    AND signature <> 'audit.organisations()' -- which organisations there are, for the auditor alone (its rights: below)
$$, 'outside api only triggers run with the owner''s rights');

-- Views ------------------------------------------------------------------------------------------------------------

SELECT is_empty($$
  SELECT schema || '.' || name FROM our_table
  WHERE relkind IN ('v', 'm') AND NOT COALESCE('security_invoker=true' = ANY (reloptions), false)
$$, 'every view reads with the rights of its reader');
SELECT is_empty($$ SELECT name FROM our_table WHERE schema = 'api' AND relkind <> 'v' $$, 'api holds no data');
SELECT is_empty($$
  SELECT k.objid::regclass FROM pg_depend k JOIN our_table t ON t.oid = k.refobjid AND t.schema = 'api'
  JOIN pg_class c ON c.oid = k.objid JOIN our_schema s ON s.oid = c.relnamespace AND s.schema <> 'api'
$$, 'nothing outside api rests on it');

-- Rights -----------------------------------------------------------------------------------------------------------

SELECT is_empty($$
  SELECT schema || '.' || name FROM our_table WHERE relowner <> 'grenier_owner'::regrole
  UNION ALL SELECT signature FROM our_function WHERE proowner <> 'grenier_owner'::regrole
$$, 'grenier_owner owns everything');

SELECT is_empty($$
  SELECT schema || '.' || t.name || ' ' || r || ' ' || p
  FROM our_table t, unnest(ARRAY['grenier_server', 'grenier_auditor']) r,
       unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
  WHERE has_table_privilege(r, t.oid, p)
$$, 'server and auditor write no table');
SELECT is_empty($$
  SELECT r || ' ' || c.oid::regclass FROM pg_class c JOIN our_schema s ON s.oid = c.relnamespace,
    unnest(ARRAY['grenier_server', 'grenier_auditor']) r
  WHERE c.relkind = 'S' AND has_sequence_privilege(r, c.oid, 'USAGE,SELECT,UPDATE')
$$, 'server and auditor touch no sequence');
SELECT is_empty($$
  SELECT r || ' ' || what FROM unnest(ARRAY['grenier_server', 'grenier_auditor']) r CROSS JOIN LATERAL (
    SELECT 'schema' AS what WHERE has_schema_privilege(r, 'app', 'USAGE') OR has_schema_privilege(r, 'app', 'CREATE')
    UNION ALL SELECT name FROM our_table WHERE schema = 'app' AND has_table_privilege(r, oid, 'SELECT')
    UNION ALL SELECT signature FROM our_function WHERE schema = 'app' AND has_function_privilege(r, oid, 'EXECUTE')) x
$$, 'server and auditor have nothing on schema app');
SELECT is_empty($$
  SELECT signature FROM our_function
  WHERE schema <> 'api' AND (provolatile = 'v' OR prosecdef) AND has_function_privilege('grenier_server', oid, 'EXECUTE')
$$, 'outside api the server calls only functions that read with its own rights');
SELECT is_empty($$
  SELECT signature FROM our_function WHERE schema = 'api' AND NOT has_function_privilege('grenier_server', oid, 'EXECUTE')
$$, 'the server may call every function of api');
SELECT set_eq($$
  SELECT signature FROM our_function
  WHERE (provolatile = 'v' OR prosecdef) AND has_function_privilege('grenier_auditor', oid, 'EXECUTE')
$$, ARRAY['api.actor_name(text)', 'audit.organisations()'], 'the auditor calls nothing that writes');
SELECT is_empty($$
  SELECT signature FROM our_function
  WHERE proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0)
  UNION ALL
  SELECT schema || '.' || t.name FROM our_table t JOIN pg_class c ON c.oid = t.oid, aclexplode(c.relacl) a
  WHERE a.grantee = 0
  UNION ALL
  SELECT n.nspname::text FROM pg_namespace n, aclexplode(n.nspacl) a
  WHERE n.nspname IN ('fund', 'audit', 'app', 'api', 'reference', 'public') AND a.grantee = 0
$$, 'PUBLIC has no right on anything of ours');
SELECT is_empty($$
  SELECT rolname FROM pg_roles
  WHERE rolname ~ '^grenier_' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
     OR rolname = 'grenier_owner' AND rolcanlogin
$$, 'no role may bypass row-level security; the owner cannot log in');
SELECT is_empty($$
  SELECT m.member::regrole FROM pg_auth_members m
  WHERE m.roleid = 'grenier_owner'::regrole AND m.member <> 'grenier_migrate'::regrole
     OR m.member IN ('grenier_server'::regrole, 'grenier_auditor'::regrole)
$$, 'server and auditor are members of no role');
SELECT is((SELECT string_agg(s, ' ' ORDER BY s) FROM dblink(
  format('host=%s dbname=%s user=grenier_server', split_part(current_setting('unix_socket_directories'), ',', 1), current_database()),
  $$SELECT name || '=' || setting FROM pg_settings WHERE name IN ('search_path', 'TimeZone', 'statement_timeout',
    'lock_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_isolation')$$) AS x(s text)),
  'TimeZone=UTC default_transaction_isolation=read committed idle_in_transaction_session_timeout=15000 lock_timeout=10000 search_path=pg_catalog statement_timeout=30000',
  'the server''s sessions have their limits');

-- Once more -------------------------------------------------------------------------------------------------------

CREATE TEMP VIEW state AS
  SELECT 'policy ' || p.oid AS what FROM pg_policy p
  UNION ALL SELECT format('%s %s %s', c.oid::regclass, c.relowner, c.relacl) FROM pg_class c JOIN our_schema s ON s.oid = c.relnamespace
  UNION ALL SELECT format('%s %s', signature, proacl) FROM our_function
  UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace
  UNION ALL SELECT format('%s %s %s', r.oid, r.rolname, d.setconfig) FROM pg_roles r LEFT JOIN pg_db_role_setting d ON d.setrole = r.oid;
CREATE TEMP TABLE before AS SELECT * FROM state;
CREATE TABLE fund.fresh (organisation_id uuid NOT NULL, id bigint, PRIMARY KEY (organisation_id, id));
ALTER TABLE fund.fresh OWNER TO grenier_owner;
GRANT ALL ON fund.fresh TO PUBLIC, grenier_server;
\i :roles
SET ROLE grenier_owner;
\i :policies
\i :grants
RESET ROLE;
SELECT ok(has_table_privilege('grenier_server', 'fund.fresh', 'SELECT') AND NOT has_table_privilege('grenier_server', 'fund.fresh', 'INSERT')
          AND (SELECT relforcerowsecurity FROM pg_class WHERE oid = 'fund.fresh'::regclass), 'a new table gets its policies and rights without being named');
DROP TABLE fund.fresh;
SELECT set_eq('SELECT what FROM state', 'SELECT what FROM before', 'run again, roles, policies and grants change nothing');

SELECT * FROM finish();
ROLLBACK;
