-- Row-level security of every table of schemas fund and audit, found in the catalog: run again after each migrate.
--
-- organisation (permissive, all commands): only rows of the context's organisation, for reading and writing. Without a
--   context fund.current_organisation() is NULL and no row matches.
-- member (restrictive, SELECT): a person with the role member only sees the rows of its own structure. A table that is
--   not in the list below is hidden from members altogether.
--
-- The context is read in scalar subqueries: once per query instead of once per row (a sum over a million lines takes
-- 94 ms instead of 580), and as an index condition. IS NULL stands inside: outside, the planner would expect one row in
-- 200.
--
-- A policy's definition is kept in its comment, so that nothing is dropped or locked when it is already right.

DO $policies$
DECLARE
  c_member_conditions constant jsonb := jsonb_build_object(
    'fund.organisation',         'true',
    'fund.fund',                 'true',
    'fund.project',              'true',
    'fund.fiscal_year',          'true',
    'fund.member',               'id = fund.current_member()',
    'fund.contribution',         'member_id = fund.current_member()',
    'fund.in_kind_contribution', 'member_id = fund.current_member()',
    -- a member's own retried request must find its answer
    'fund.idempotency_key',      'actor = current_setting(''app.actor'', true)');
  t record;
  p record;
BEGIN
  FOR t IN
    SELECT c.oid, c.oid::regclass::text AS printed, n.nspname || '.' || c.relname AS name, c.relrowsecurity,
           c.relforcerowsecurity
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('fund', 'audit') AND c.relkind IN ('r', 'p')
    ORDER BY n.nspname, c.relname
  LOOP
    IF NOT t.relrowsecurity THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.printed);
    END IF;
    IF NOT t.relforcerowsecurity THEN
      EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.printed);
    END IF;
    FOR p IN
      SELECT * FROM (VALUES
        ('organisation',
         'AS PERMISSIVE FOR ALL TO PUBLIC USING (organisation_id = (SELECT fund.current_organisation()))'),
        ('member', format('AS RESTRICTIVE FOR SELECT TO PUBLIC USING ((SELECT fund.current_member() IS NULL)%s)',
                          COALESCE(' OR (' || (c_member_conditions ->> t.name) || ')', '')))
      ) AS wanted(name, definition)
    LOOP
      CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_policy q WHERE q.polrelid = t.oid AND q.polname = p.name
                            AND obj_description(q.oid, 'pg_policy') = p.definition);
      IF EXISTS (SELECT FROM pg_catalog.pg_policy q WHERE q.polrelid = t.oid AND q.polname = p.name) THEN
        EXECUTE format('DROP POLICY %I ON %s', p.name, t.printed);
      END IF;
      EXECUTE format('CREATE POLICY %I ON %s %s', p.name, t.printed, p.definition);
      EXECUTE format('COMMENT ON POLICY %I ON %s IS %L', p.name, t.printed, p.definition);
    END LOOP;
  END LOOP;
END
$policies$;
