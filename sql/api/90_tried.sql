-- For each function that writes, api.<name>_tried: the same write under its own context and in a subtransaction of its own,
-- so that a writer can send all that waits in one transaction (group commit) and one bad request leaves the others alone.
-- Made here from the catalog, once, when the schema is built: no statement is put together while the server runs.

DO $generate$
DECLARE
  f record;
BEGIN
  FOR f IN
    SELECT p.proname AS name, p.prorettype::regtype::text AS row_type
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
    WHERE n.nspname = 'api' AND p.provolatile = 'v' AND p.prosecdef AND p.proretset AND t.typtype = 'c'
      AND p.proargtypes::regtype[] = '[0:1]={jsonb,jsonb}'::regtype[]
  LOOP
    EXECUTE format($create$
CREATE FUNCTION api.%1$s_tried(p_organisation uuid, p_member uuid, p_actor text, p_roles text, p_request_id uuid,
                               p_route text, p_address text, p_idempotency_key text, p_idempotency_hash bytea,
                               p_if_match text, p_path jsonb, p_body jsonb, OUT state text, OUT constraint_name text,
                               OUT detail text, OUT message text, OUT written boolean, OUT answer %2$s)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  PERFORM api.set_context(p_organisation, p_member, p_actor, p_roles, p_request_id, p_route, p_address,
                          p_idempotency_key, p_idempotency_hash, p_if_match);
  SELECT * INTO answer FROM api.%1$s(p_path, p_body);
  written := FOUND;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME,
                          detail = PG_EXCEPTION_DETAIL, message = MESSAGE_TEXT;
  -- Refusals, data and constraints concern this request. What concerns the transaction, the server or the disk ends it.
  IF state <> 'GR001' AND state NOT LIKE '22%%' AND state NOT LIKE '23%%' THEN
    RAISE;
  END IF;
END
$body$$create$, f.name, f.row_type);
    EXECUTE format($comment$COMMENT ON FUNCTION api.%1$s_tried IS
      'api.%1$s under its own context, in a subtransaction: what it refused comes back as state, constraint_name, '
      'detail and message. written: it answered a row.'$comment$, f.name);
  END LOOP;
END
$generate$;
