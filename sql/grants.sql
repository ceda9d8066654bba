-- Who may what, found in the catalog: run again after each migrate, after the policies.
--
--   grenier_server   EXECUTE on every function of api; SELECT on fund, audit, reference and the views of api (row-level
--                    security applies); EXECUTE on what reads in fund and audit (policies and views call it as the
--                    reader). Nothing on schema app. No INSERT, UPDATE, DELETE, TRUNCATE anywhere.
--   grenier_auditor  the same reading, without what writes and without what runs with the owner's rights. Sees what
--                    SET app.organisation_id = '<id>' chooses.

DO $grants$
DECLARE
  s text;
  f record;
BEGIN
  FOREACH s IN ARRAY ARRAY['fund', 'audit', 'app', 'api', 'reference'] LOOP
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM '
            'PUBLIC, grenier_server, grenier_auditor, grenier_migrate', s);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM '
            'PUBLIC, grenier_server, grenier_auditor, grenier_migrate', s);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM '
            'PUBLIC, grenier_server, grenier_auditor, grenier_migrate', s);
    EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA %I FROM '
            'PUBLIC, grenier_server, grenier_auditor, grenier_migrate', s);
  END LOOP;
  FOREACH s IN ARRAY ARRAY['fund', 'audit', 'api', 'reference'] LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO grenier_server, grenier_auditor', s);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO grenier_server, grenier_auditor', s);
  END LOOP;
  EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO grenier_server';
  FOR f IN
    SELECT p.oid::regprocedure::text AS printed, n.nspname AS schema
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('fund', 'audit', 'reference', 'api') AND p.provolatile <> 'v' AND NOT p.prosecdef
      AND p.prorettype <> 'trigger'::regtype
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO grenier_auditor', f.printed);
    IF f.schema <> 'api' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO grenier_server', f.printed);
    END IF;
  END LOOP;
  -- The auditor enters the organisations one by one, and reads through the views too: what it needs that looks into app.
  EXECUTE 'GRANT EXECUTE ON FUNCTION audit.organisations() TO grenier_auditor';
  EXECUTE 'GRANT EXECUTE ON FUNCTION api.actor_name(text) TO grenier_auditor';
END
$grants$;
