-- What the specs share: short hands in a schema of their own, used by the sessions as the server's role. Loaded once into the
-- database; iso.fresh() makes new books for each permutation, since nothing of the old ones can be removed.
\ir ../sql/bank_setup.psql
RESET ROLE;
CREATE SCHEMA iso;
CREATE TABLE iso.books (organisation uuid NOT NULL, fiscal_year uuid NOT NULL);
CREATE TABLE iso.spent (organisation uuid NOT NULL, amount bigint NOT NULL);

CREATE FUNCTION iso.enter(p_key text DEFAULT NULL, p_content text DEFAULT 'same') RETURNS void LANGUAGE sql AS $$
  SELECT api.set_context((SELECT organisation FROM iso.books), NULL, 'user:11111111-1111-4111-8111-111111111111', 'treasurer',
                         gen_random_uuid(), 'POST /tests', '192.0.2.1', p_key, sha256(convert_to(p_content, 'UTF8')), NULL) $$;

CREATE FUNCTION iso.fresh() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_organisation uuid := app.organisation_create('iso-' || left(md5(random()::text), 12), 'Réseau', '2026-01-01', 'cli:tests');
BEGIN
  DELETE FROM iso.books;
  INSERT INTO iso.books SELECT v_organisation, y.id FROM fund.fiscal_year y WHERE y.organisation_id = v_organisation;
  PERFORM iso.enter();
  PERFORM api.bank_account_create('{}', '{"name": "Courant", "iban": "FR7642559100000801234567812"}');
  PERFORM iso.enter();
  PERFORM public.import('janvier', jsonb_build_array(public.statement('2026-01-01', '2026-01-31', 0, 8000,
    jsonb_build_array(public.line('2026-01-10', 8000, 'line')))));
END $$;

-- The words of a refusal, where the statement is one that may be refused.
CREATE FUNCTION iso.said(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_text text;
BEGIN
  EXECUTE p_sql INTO STRICT v_text;
  RETURN v_text;
EXCEPTION WHEN SQLSTATE 'GR001' THEN
  RETURN 'refused: ' || SQLERRM;
END $$;

CREATE FUNCTION iso.give(p_label text, p_amount bigint DEFAULT 1000) RETURNS text LANGUAGE sql AS $$
  SELECT iso.said(format('SELECT format(''%%s %%s: %%s'', e.journal_code, e.number, c.label)
    FROM api.contribution_create(''{}'', %L) c, LATERAL iso.entry_number(c.entry_id) e',
    jsonb_build_object('donor', jsonb_build_object('name', 'X', 'legal_form', 'person'), 'amount', p_amount, 'means', 'transfer',
      'nature', 'donation', 'received_on', '2026-01-15', 'label', p_label))) $$;

-- As written by the request itself: a query of its own does not see what it wrote.
CREATE FUNCTION iso.entry_number(p_id uuid) RETURNS TABLE (journal_code text, number int) LANGUAGE sql VOLATILE AS $$
  SELECT e.journal_code, e.number FROM fund.entry e WHERE e.id = p_id $$;

CREATE FUNCTION iso.lock_january() RETURNS text LANGUAGE sql AS $$
  SELECT iso.said(format('SELECT ''locked through '' || locked_through FROM api.fiscal_year_lock(%L, ''{"through": "2026-01-31", "reason": "closed"}'')',
    jsonb_build_object('id', (SELECT fiscal_year FROM iso.books)))) $$;

CREATE FUNCTION iso.match(p_kind text) RETURNS text LANGUAGE sql AS $$
  SELECT iso.said(format('SELECT m.status || '' '' || (SELECT string_agg(p->>''kind'', '','') FROM jsonb_array_elements(m.parts) p) FROM api.bank_match_create(%L, %L) m',
    jsonb_build_object('id', public.tx('line')), jsonb_build_object('create', jsonb_build_array(jsonb_build_object('kind', p_kind, 'amount', 8000))))) $$;

CREATE FUNCTION iso.undo() RETURNS text LANGUAGE sql AS $$ SELECT iso.said('SELECT public.undo(''line'')') $$;

CREATE FUNCTION iso.numbers() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(string_agg(e.journal_code || ' ' || e.number, ', ' ORDER BY e.journal_code COLLATE "C", e.number), 'no entry')
    || CASE WHEN bool_and(e.in_order) IS FALSE THEN ', not recorded in this order' ELSE '' END
    FROM (SELECT e.*, e.recorded_at > coalesce(lag(e.recorded_at) OVER (PARTITION BY e.journal_code ORDER BY e.number), '-infinity') AS in_order
            FROM fund.entry e WHERE e.organisation_id = (SELECT organisation FROM iso.books)) e $$;

-- A cap of 100, kept by the product's lock: the sum is another statement than the lock.
CREATE FUNCTION iso.spend(p_amount bigint) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
  v_sum bigint;
BEGIN
  PERFORM app.begin_write();
  SELECT coalesce(sum(s.amount), 0) INTO v_sum FROM iso.spent s WHERE s.organisation = fund.current_organisation();
  IF v_sum + p_amount > 100 THEN
    RETURN format('refused: %s are spent', v_sum);
  END IF;
  INSERT INTO iso.spent VALUES (fund.current_organisation(), p_amount);
  RETURN 'spent';
END $$;

-- The same with lock and sum in one statement, which is wrong: its snapshot is older than the lock.
CREATE FUNCTION iso.spend_in_one_statement(p_amount bigint) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
  v_sum bigint;
BEGIN
  WITH locked AS MATERIALIZED (SELECT o.id FROM fund.organisation o WHERE o.id = fund.current_organisation() FOR NO KEY UPDATE)
  SELECT coalesce(sum(s.amount), 0) INTO v_sum FROM locked LEFT JOIN iso.spent s ON s.organisation = locked.id;
  IF v_sum + p_amount > 100 THEN
    RETURN format('refused: %s are spent', v_sum);
  END IF;
  INSERT INTO iso.spent VALUES (fund.current_organisation(), p_amount);
  RETURN 'spent';
END $$;

CREATE FUNCTION iso.total() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(amount), 0)::bigint FROM iso.spent WHERE organisation = (SELECT organisation FROM iso.books) $$;

GRANT USAGE ON SCHEMA iso TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA iso TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA iso, public TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
