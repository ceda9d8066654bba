-- The bank as the server sees it: accounts with what agrees and what does not, the import of statements, the lines,
-- and the matches that say what each line is.

-- ---------------------------------------------------------------------------------------------------------------
-- Reading: amounts, the chain of balances, accounts, statements, lines
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.minor_text(p_minor bigint, p_digits integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_text text := ltrim(p_minor::text, '-');
BEGIN
  IF p_minor IS NULL OR p_digits = 0 THEN
    RETURN p_minor::text;
  END IF;
  v_text := repeat('0', p_digits + 1 - length(v_text)) || v_text;
  RETURN CASE WHEN p_minor < 0 THEN '-' ELSE '' END || left(v_text, -p_digits) || '.' || right(v_text, p_digits);
END $fn$;
COMMENT ON FUNCTION api.minor_text(bigint, integer) IS
  'Decimal string of an amount in a currency that may not be the organisation''s.';

CREATE FUNCTION api.amount_arg(p_minor bigint, p_account fund.bank_account) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT CASE WHEN p_account.currency = o.currency THEN 'money:' || p_minor
              ELSE api.minor_text(p_minor, p_account.currency_digits) || ' ' || p_account.currency END
    FROM fund.organisation o WHERE o.id = p_account.organisation_id
$fn$;
COMMENT ON FUNCTION api.amount_arg(bigint, fund.bank_account) IS
  'An amount of a bank account as an argument of a note: written for the reader where it is in the books'' currency.';

CREATE FUNCTION api.bank_statement_gap(p_statement uuid)
RETURNS TABLE (previous_id uuid, from_on date, to_on date, previous_closing bigint, opening bigint, missing bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  s          fund.bank_statement;
  p          fund.bank_statement;
  v_start    bigint;
  v_before   date;
  v_expected numeric;
BEGIN
  SELECT b.* INTO s FROM fund.bank_statement b
   WHERE b.organisation_id = fund.current_organisation() AND b.id = p_statement AND b.closing IS NOT NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- A file without an opening balance (OFX): what its closing balance and entries say it was.
  v_start := coalesce(s.opening, s.closing - s.sum_in - s.sum_out);
  SELECT max(b.closing_on) INTO v_before FROM fund.bank_statement b
   WHERE b.organisation_id = s.organisation_id AND b.bank_account_id = s.bank_account_id AND b.closing IS NOT NULL
     AND b.id <> s.id AND b.closing_on < coalesce(s.from_on, s.closing_on);
  -- Another statement ends where this one begins, or ends alike: nothing is missing.
  IF EXISTS (SELECT FROM fund.bank_statement b
              WHERE b.organisation_id = s.organisation_id AND b.bank_account_id = s.bank_account_id AND b.id <> s.id
                AND ((b.closing = v_start AND b.closing_on BETWEEN coalesce(v_before, '-infinity')
                                                               AND coalesce(s.from_on, s.closing_on))
                     OR (b.closing = s.closing AND b.closing_on = s.closing_on))) THEN
    RETURN;
  END IF;
  SELECT b.* INTO p FROM fund.bank_statement b
   WHERE b.organisation_id = s.organisation_id AND b.bank_account_id = s.bank_account_id AND b.closing IS NOT NULL
     AND b.closing_on < s.closing_on
   ORDER BY b.closing_on DESC, b.from_on DESC NULLS LAST, b.recorded_at DESC, b.file_position DESC LIMIT 1;
  IF NOT FOUND THEN
    -- Among the first of the account: one of them may begin the chain.
    SELECT b.* INTO p FROM fund.bank_statement b
     WHERE b.organisation_id = s.organisation_id AND b.bank_account_id = s.bank_account_id AND b.closing IS NOT NULL
       AND b.closing_on = s.closing_on AND (b.recorded_at, b.file_position, b.id) < (s.recorded_at, s.file_position, s.id)
       AND NOT EXISTS (SELECT FROM fund.bank_statement o
                        WHERE o.organisation_id = b.organisation_id AND o.bank_account_id = b.bank_account_id
                          AND o.id <> b.id AND o.closing_on = b.closing_on
                          AND o.closing IN (b.closing, coalesce(b.opening, b.closing - b.sum_in - b.sum_out)))
     ORDER BY b.recorded_at, b.file_position, b.id LIMIT 1;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  ELSIF s.opening IS NULL OR s.from_on <= p.closing_on THEN
    -- Overlapping, or without an opening: the balance moved by what this statement has and none that ended before.
    SELECT p.closing + coalesce(sum(t.amount), 0) INTO v_expected
      FROM fund.bank_statement_transaction x
      JOIN fund.bank_transaction t ON t.organisation_id = x.organisation_id AND t.id = x.bank_transaction_id
     WHERE x.organisation_id = s.organisation_id AND x.bank_statement_id = s.id
       AND t.booked_on >= coalesce(p.from_on, p.closing_on)
       AND NOT EXISTS (SELECT FROM fund.bank_statement_transaction y
                         JOIN fund.bank_statement b ON b.organisation_id = y.organisation_id AND b.id = y.bank_statement_id
                        WHERE y.organisation_id = t.organisation_id AND y.bank_transaction_id = t.id
                          AND b.closing_on <= p.closing_on AND b.id <> s.id);
    IF v_expected = s.closing THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT p.id, p.closing_on, coalesce(s.from_on, s.closing_on), p.closing, v_start, v_start - p.closing;
END $fn$;
COMMENT ON FUNCTION api.bank_statement_gap(uuid) IS
  'The gap before a statement, if there is one: no other statement of the account ends with the balance it begins with. '
  'Found from all statements as they are now, so the order of imports is indifferent; overlapping statements are '
  'compared by the lines that are new in them. missing: by how much the balance moved that no statement explains.';

CREATE FUNCTION api.bank_balance_on(p_account uuid, p_as_of date, OUT balance bigint, OUT balance_on date)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  s fund.bank_statement;
BEGIN
  SELECT least(max(b.closing_on), p_as_of) INTO balance_on FROM fund.bank_statement b
   WHERE b.organisation_id = v_organisation AND b.bank_account_id = p_account AND b.closing IS NOT NULL;
  IF balance_on IS NULL THEN
    RETURN;
  END IF;
  SELECT b.* INTO s FROM fund.bank_statement b
   WHERE b.organisation_id = v_organisation AND b.bank_account_id = p_account AND b.closing IS NOT NULL
     AND b.closing_on <= balance_on
   ORDER BY b.closing_on DESC, (SELECT count(*) FROM fund.bank_statement o
                                 WHERE o.organisation_id = v_organisation AND o.bank_account_id = p_account
                                   AND o.closing_on = b.closing_on AND o.opening = b.closing AND o.id <> b.id),
            b.recorded_at DESC, b.file_position DESC LIMIT 1;
  IF FOUND THEN
    -- From the last closing balance on: what a later statement has booked up to that day.
    SELECT s.closing + coalesce(sum(t.amount), 0) INTO balance FROM fund.bank_transaction t
     WHERE t.organisation_id = v_organisation AND t.bank_account_id = p_account
       AND t.booked_on > s.closing_on AND t.booked_on <= balance_on;
    RETURN;
  END IF;
  SELECT b.* INTO s FROM fund.bank_statement b
   WHERE b.organisation_id = v_organisation AND b.bank_account_id = p_account AND b.closing IS NOT NULL
   ORDER BY b.closing_on, b.from_on, b.recorded_at, b.file_position LIMIT 1;
  SELECT coalesce(s.opening, s.closing - s.sum_in - s.sum_out) + coalesce(sum(t.amount), 0) INTO balance
    FROM fund.bank_transaction t
   WHERE t.organisation_id = v_organisation AND t.bank_account_id = p_account AND t.booked_on <= balance_on;
END $fn$;
COMMENT ON FUNCTION api.bank_balance_on(uuid, date) IS
  'What the bank says there was at the end of a day (null: the last day known): the last closing balance up to then and '
  'what was booked after it; before the first closing, the opening balance and what was booked since. balance_on is '
  'never later than the last statement.';

CREATE FUNCTION api.ledger_balance_on(p_number text, p_as_of date) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT (coalesce((SELECT sum(b.debit - b.credit) FROM fund.balance b
                      JOIN fund.account a ON a.organisation_id = b.organisation_id AND a.id = b.account_id
                     WHERE b.organisation_id = fund.current_organisation() AND a.number = p_number
                       AND b.month < date_trunc('month', p_as_of)), 0)
        + coalesce((SELECT sum(l.amount) FROM fund.entry e
                      JOIN fund.line l ON l.organisation_id = e.organisation_id AND l.entry_id = e.id
                      JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
                     WHERE e.organisation_id = fund.current_organisation() AND a.number = p_number
                       AND e.date BETWEEN date_trunc('month', p_as_of)::date AND p_as_of), 0))::bigint
$fn$;
COMMENT ON FUNCTION api.ledger_balance_on(text, date) IS
  'Debit minus credit of an account of the ledger at the end of a day, from validated entries.';

CREATE VIEW api.waiting_line WITH (security_invoker = true) AS
SELECT l.organisation_id, l.id, l.entry_id, e.date, e.recorded_at, e.journal_code, e.number, e.label AS entry_label,
       a.number AS account, l.amount, l.fund_id, l.project_id, l.member_id, l.label, e.source_kind, e.source_id
  FROM fund.line l
  JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
  JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
 WHERE e.reverses_entry_id IS NULL
   AND NOT EXISTS (SELECT FROM fund.entry r WHERE r.organisation_id = e.organisation_id AND r.reverses_entry_id = e.id)
   AND NOT EXISTS (SELECT FROM fund.line_match x
                    WHERE x.organisation_id = l.organisation_id AND x.line_id = l.id AND x.cancelled_at IS NULL);
COMMENT ON VIEW api.waiting_line IS
  'Lines of the books that no match covers, those of reversed entries and of their reversals left out.';

CREATE FUNCTION api.bank_account_list(p_as_of date)
RETURNS TABLE (id uuid, name text, iban text, identifier text, currency text, account text, status text,
               bank_balance text, balance_on date, ledger_balance text, difference text, agrees boolean,
               unmatched_count integer, unmatched_amount text, ledger_unmatched_count integer,
               ledger_unmatched_amount text, statements integer, last_imported_at timestamptz, gaps jsonb,
               confirmed_at timestamptz, version integer, created_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT a.id, a.name, a.iban, a.identifier, a.currency, a.account_number,
         CASE WHEN a.currency <> o.currency THEN 'other_currency' WHEN a.confirmed_at IS NULL THEN 'unconfirmed'
              ELSE 'confirmed' END,
         api.minor_text(b.balance, a.currency_digits), b.balance_on,
         api.minor_text(l.balance, a.currency_digits), api.minor_text(b.balance - l.balance, a.currency_digits),
         b.balance = l.balance,
         t.count, api.minor_text(t.amount, a.currency_digits),
         w.count, api.minor_text(w.amount, a.currency_digits),
         s.count, s.last_at, s.gaps, a.confirmed_at, a.version, a.created_at
    FROM fund.bank_account a
    JOIN fund.organisation o ON o.id = a.organisation_id
   CROSS JOIN LATERAL api.bank_balance_on(a.id, p_as_of) b
   CROSS JOIN LATERAL (SELECT CASE WHEN a.account_number IS NOT NULL AND a.currency = o.currency
                                   THEN api.ledger_balance_on(a.account_number, coalesce(b.balance_on, p_as_of, fund.today()))
                              END AS balance) l
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS count, coalesce(sum(x.amount), 0)::bigint AS amount
       FROM fund.bank_transaction x
      WHERE x.organisation_id = a.organisation_id AND x.bank_account_id = a.id AND x.amount <> 0
        AND x.currency = o.currency AND (p_as_of IS NULL OR x.booked_on <= p_as_of)
        AND NOT EXISTS (SELECT FROM fund.match_transaction m
                         WHERE m.organisation_id = x.organisation_id AND m.bank_transaction_id = x.id
                           AND m.cancelled_at IS NULL)) t
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS count, coalesce(sum(x.amount), 0)::bigint AS amount
       FROM api.waiting_line x
      WHERE x.account = a.account_number AND (p_as_of IS NULL OR x.date <= p_as_of)) w
   CROSS JOIN LATERAL (
     SELECT count(*)::integer AS count, max(x.recorded_at) AS last_at,
            coalesce(jsonb_agg(jsonb_build_object(
              'statement_id', x.id, 'from_on', g.from_on, 'to_on', g.to_on,
              'previous_closing', api.minor_text(g.previous_closing, a.currency_digits),
              'opening', api.minor_text(g.opening, a.currency_digits),
              'missing', api.minor_text(g.missing, a.currency_digits)) ORDER BY g.from_on, g.to_on)
              FILTER (WHERE g.previous_id IS NOT NULL), '[]') AS gaps
       FROM fund.bank_statement x
       LEFT JOIN LATERAL api.bank_statement_gap(x.id) g ON true
      WHERE x.organisation_id = a.organisation_id AND x.bank_account_id = a.id) s
   ORDER BY a.confirmed_at NULLS LAST, a.created_at, a.id
$fn$;
COMMENT ON FUNCTION api.bank_account_list(date) IS
  'Bank accounts at the end of a day (null: as far as the statements go): the bank''s balance, the ledger''s at the same '
  'day, what differs, lines of either side that nobody has matched, gaps between statements.';

CREATE VIEW api.bank_account WITH (security_invoker = true) AS SELECT * FROM api.bank_account_list(NULL);
COMMENT ON VIEW api.bank_account IS 'Bank accounts as far as their statements go: see api.bank_account_list.';

CREATE VIEW api.bank_statement WITH (security_invoker = true) AS
SELECT s.id, s.bank_account_id, a.name AS bank_account_name, s.account_number AS account, a.iban, a.currency,
       CASE WHEN a.currency <> o.currency THEN 'other_currency' WHEN a.confirmed_at IS NULL THEN 'unconfirmed'
            ELSE 'confirmed' END AS account_status, a.currency_digits, s.format, s.format_version, s.file_name,
       encode(s.file_sha256, 'hex') AS file_sha256, s.reference, s.number,
       s.from_on, coalesce(s.to_on, s.closing_on, s.from_on) AS to_on,
       api.minor_text(s.opening, a.currency_digits) AS opening_balance,
       api.minor_text(s.closing, a.currency_digits) AS closing_balance, s.closing_on,
       api.minor_text(s.sum_in, a.currency_digits) AS sum_in, api.minor_text(s.sum_out, a.currency_digits) AS sum_out,
       s.transactions, s.new_transactions, s.balanced, g.previous_id IS NOT NULL AS gap,
       s.notes || CASE WHEN g.previous_id IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
         'code', 'bank_note.gap', 'args', jsonb_build_array(
           'date:' || g.from_on, api.amount_arg(g.previous_closing, a), 'date:' || g.to_on, api.amount_arg(g.opening, a)))) END
         AS notes,
       s.recorded_at, s.recorded_by, coalesce(s.closing_on, s.to_on, s.recorded_at::date) AS sorted_on
  FROM fund.bank_statement s
  JOIN fund.bank_account a ON a.organisation_id = s.organisation_id AND a.id = s.bank_account_id
  JOIN fund.organisation o ON o.id = s.organisation_id
  LEFT JOIN LATERAL api.bank_statement_gap(s.id) g ON true;
COMMENT ON VIEW api.bank_statement IS
  'Imported statements; notes are codes with arguments, written for the reader by the server. A gap is found as it is read.';

CREATE VIEW api.bank_transaction WITH (security_invoker = true) AS
SELECT t.id, t.bank_account_id, a.name AS bank_account_name, api.minor_text(t.amount, a.currency_digits) AS amount,
       t.currency, t.booked_on, t.value_on, t.counterparty_name, t.counterparty_iban, t.ultimate_name, t.remittance,
       t.additional_text, t.bank_reference, t.end_to_end_id, t.mandate_id, t.cheque_number, t.type_code, t.return_reason,
       t.is_reversal, t.details, m.match_id,
       CASE WHEN m.match_id IS NOT NULL THEN 'matched'
            WHEN t.amount = 0 OR t.currency <> o.currency OR a.currency <> o.currency THEN 'not_bookable'
            ELSE 'unmatched' END AS status,
       CASE WHEN m.match_id IS NULL AND t.amount <> 0 AND t.currency = o.currency AND a.currency = o.currency
            THEN t.amount::text END AS suggestions,
       t.amount AS amount_minor, t.searched, t.recorded_at, t.position
  FROM fund.bank_transaction t
  JOIN fund.bank_account a ON a.organisation_id = t.organisation_id AND a.id = t.bank_account_id
  JOIN fund.organisation o ON o.id = t.organisation_id
  LEFT JOIN fund.match_transaction m ON m.organisation_id = t.organisation_id AND m.bank_transaction_id = t.id
                                    AND m.cancelled_at IS NULL;
COMMENT ON VIEW api.bank_transaction IS
  'Lines of the bank. not_bookable: a line of zero, or in another currency. suggestions: not null where some may be '
  'computed; the server writes them.';

CREATE VIEW api.expense_category WITH (security_invoker = true) AS
SELECT c.category AS id, c.category, c.account, CASE WHEN o.language = 'fr' THEN c.fr ELSE c.en END AS title, c.fr, c.en, c.rank
  FROM fund.organisation o
  JOIN reference.expense_category c
    ON fund.chart_date(fund.year_start(fund.today())) BETWEEN c.valid_from AND coalesce(c.valid_to, 'infinity');
COMMENT ON VIEW api.expense_category IS 'What an expense can be today, in words, with the account it is booked on.';

-- ---------------------------------------------------------------------------------------------------------------
-- Accounts
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.next_bank_account_number(p_name text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_start date := (SELECT max(y.starts_on) FROM fund.fiscal_year y WHERE y.organisation_id = v_organisation);
  v_number text;
BEGIN
  FOR v_rank IN 1 .. 99 LOOP
    v_number := CASE v_rank WHEN 1 THEN '512' ELSE '512' || lpad(v_rank::text, 2, '0') END;
    CONTINUE WHEN EXISTS (SELECT FROM fund.bank_account b
                           WHERE b.organisation_id = v_organisation AND b.account_number = v_number);
    -- A sub-account somebody opened by hand under this number is something else's.
    CONTINUE WHEN v_rank > 1 AND (fund.account_lookup(v_number, v_start)).title IS NOT NULL;
    IF v_rank > 1 THEN
      PERFORM fund.open_account(v_number, left('Banque – ' || p_name, 200), v_start);
    END IF;
    RETURN v_number;
  END LOOP;
  PERFORM app.fail('bank_account.too_many', '');
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION api.next_bank_account_number(text) IS
  'Account of the ledger for one more bank account: 512, then 51202 to 51299, opened with the account''s name.';

CREATE FUNCTION api.bank_account_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_account;
  v_id uuid := app.uuid7();
  v_currency text;
  v_digits integer;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_account, v_replay);
    RETURN;
  END IF;
  SELECT o.currency, o.currency_digits INTO STRICT v_currency, v_digits FROM fund.organisation o
   WHERE o.id = fund.current_organisation();
  IF num_nonnulls(p_body->>'iban', p_body->>'identifier') <> 1 THEN
    PERFORM app.fail('bank_account.one_name', CASE WHEN p_body->>'iban' IS NULL THEN '/iban' ELSE '/identifier' END);
  END IF;
  INSERT INTO fund.bank_account (organisation_id, id, name, iban, identifier, currency, currency_digits, account_number,
                                 confirmed_at, created_at)
  VALUES (fund.current_organisation(), v_id, p_body->>'name', p_body->>'iban', p_body->>'identifier', v_currency, v_digits,
          api.next_bank_account_number(p_body->>'name'), app.recorded_at(), app.recorded_at());
  SELECT * INTO STRICT v_row FROM api.bank_account a WHERE a.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_account_create(jsonb, jsonb) IS
  'Makes a confirmed bank account in the organisation''s currency: name, iban or identifier.';

CREATE FUNCTION api.bank_account_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_account;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_account, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.bank_account a WHERE a.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  PERFORM app.check_version(v_row.version);
  UPDATE fund.bank_account a SET name = coalesce(p_body->>'name', a.name), version = a.version + 1
   WHERE a.organisation_id = fund.current_organisation() AND a.id = v_id;
  SELECT * INTO STRICT v_row FROM api.bank_account a WHERE a.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_account_update(jsonb, jsonb) IS 'Changes the name of a bank account; If-Match.';

CREATE FUNCTION api.bank_account_confirm(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_account;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_account, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.bank_account a WHERE a.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_row.status = 'other_currency' THEN
    PERFORM app.fail('bank_account.currency', '', v_row.currency,
                     (SELECT o.currency FROM fund.organisation o WHERE o.id = fund.current_organisation()));
  ELSIF v_row.status = 'confirmed' THEN
    PERFORM app.fail('bank_account.confirmed', '');
  END IF;
  UPDATE fund.bank_account a
     SET name = coalesce(p_body->>'name', a.name), confirmed_at = app.recorded_at(), version = a.version + 1,
         account_number = api.next_bank_account_number(coalesce(p_body->>'name', a.name))
   WHERE a.organisation_id = fund.current_organisation() AND a.id = v_id;
  SELECT * INTO STRICT v_row FROM api.bank_account a WHERE a.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_account_confirm(jsonb, jsonb) IS
  'A person says that an account an import found is the association''s (name?): it gets its account of the ledger and its '
  'lines can be matched. Refused for another currency.';

-- ---------------------------------------------------------------------------------------------------------------
-- Importing statements
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.bank_account_of(p_statement jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_iban text := p_statement->>'iban';
  v_identifier text := p_statement->>'account';
  v_id uuid;
  v_count bigint;
BEGIN
  SELECT a.id INTO v_id FROM fund.bank_account a
   WHERE a.organisation_id = v_organisation AND a.currency = p_statement->>'currency' AND a.iban = v_iban;
  IF NOT FOUND THEN
    SELECT a.id INTO v_id FROM fund.bank_account a
     WHERE a.organisation_id = v_organisation AND a.currency = p_statement->>'currency' AND a.identifier = v_identifier;
  END IF;
  IF v_id IS NULL THEN
    -- Typed by hand as the number alone, or known by its IBAN while this file has the number alone: if only one fits.
    SELECT (array_agg(a.id))[1], count(*) INTO v_id, v_count FROM fund.bank_account a
     WHERE a.organisation_id = v_organisation AND a.currency = p_statement->>'currency'
       AND ((a.iban IS NULL AND upper(regexp_replace(a.identifier, '[^[:alnum:]]', '', 'g'))
               IN (p_statement->>'number_alone', regexp_replace(v_identifier, '[^[:alnum:]]', '', 'g')))
            OR (v_iban IS NULL AND a.iban LIKE 'FR%' AND length(p_statement->>'number_alone') >= 8
                AND substr(a.iban, 15, 11) = lpad(p_statement->>'number_alone', 11, '0')));
    IF v_count <> 1 THEN
      v_id := NULL;
    END IF;
  END IF;
  IF v_id IS NOT NULL THEN
    UPDATE fund.bank_account a SET iban = v_iban, version = a.version + 1
     WHERE a.organisation_id = v_organisation AND a.id = v_id AND a.iban IS NULL AND v_iban IS NOT NULL;
    RETURN v_id;
  END IF;
  v_id := app.uuid7();
  INSERT INTO fund.bank_account (organisation_id, id, name, iban, identifier, currency, currency_digits, created_at)
  VALUES (v_organisation, v_id, left(coalesce(p_statement->>'account_name', v_iban, v_identifier), 100), v_iban,
          CASE WHEN v_iban IS NULL THEN left(v_identifier, 100) END, p_statement->>'currency',
          (p_statement->>'digits')::integer, app.recorded_at());
  RETURN v_id;
END $fn$;
COMMENT ON FUNCTION api.bank_account_of(jsonb) IS
  'The bank account of a statement, by IBAN, identifier, or (when only one fits) account number; made unconfirmed when '
  'there is none. An account known by its number learns its IBAN.';

CREATE FUNCTION api.bank_statement_lines(p_account uuid, p_statement uuid, p_format text, p_entries jsonb,
                                         OUT added integer, OUT other_format integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
BEGIN
  WITH entry AS MATERIALIZED (
    SELECT e.rank, e.id, e.searched, decode(e.fingerprint, 'hex') AS fingerprint, e.amount, e.currency, e.booked_on, e.value_on,
           e.counterparty_name, e.counterparty_iban, e.ultimate_name, e.remittance, e.additional_text, e.bank_reference,
           e.end_to_end_id, e.mandate_id, e.cheque_number, e.type_code, e.return_reason,
           coalesce(e.is_reversal, false) AS is_reversal, coalesce(e.details, '[]') AS details
      FROM ROWS FROM (jsonb_to_recordset(p_entries) AS (
             id uuid, searched text, fingerprint text, amount bigint, currency text, booked_on date, value_on date, counterparty_name text,
             counterparty_iban text, ultimate_name text, remittance text, additional_text text, bank_reference text,
             end_to_end_id text, mandate_id text, cheque_number text, type_code text, return_reason text,
             is_reversal boolean, details jsonb)) WITH ORDINALITY AS e (
             id, searched, fingerprint, amount, currency, booked_on, value_on, counterparty_name, counterparty_iban, ultimate_name,
             remittance, additional_text, bank_reference, end_to_end_id, mandate_id, cheque_number, type_code,
             return_reason, is_reversal, details, rank)
  ), known AS MATERIALIZED (
    SELECT e.rank, t.id FROM entry e
      JOIN fund.bank_transaction t ON t.organisation_id = v_organisation AND t.bank_account_id = p_account
                                  AND t.fingerprint = e.fingerprint
    UNION
    SELECT e.rank, t.id FROM entry e
      JOIN fund.bank_statement_transaction x ON x.organisation_id = v_organisation AND x.fingerprint = e.fingerprint
      JOIN fund.bank_transaction t ON t.organisation_id = v_organisation AND t.bank_account_id = p_account
                                  AND t.id = x.bank_transaction_id
  ), elsewhere AS MATERIALIZED (
    -- The same line of the bank in another format has other texts and another fingerprint: the nth line of a day and
    -- amount that only the other format has said is the nth that this file says and nobody knows.
    SELECT e.rank, o.id
      FROM (SELECT e.rank, e.booked_on, e.amount,
                   row_number() OVER (PARTITION BY e.booked_on, e.amount ORDER BY e.rank) AS nth
              FROM entry e WHERE NOT EXISTS (SELECT FROM known k WHERE k.rank = e.rank)) e
      JOIN (SELECT t.id, t.booked_on, t.amount,
                   row_number() OVER (PARTITION BY t.booked_on, t.amount ORDER BY t.position) AS nth
              FROM fund.bank_transaction t
             WHERE t.organisation_id = v_organisation AND t.bank_account_id = p_account
               AND t.booked_on BETWEEN (SELECT min(e.booked_on) FROM entry e) AND (SELECT max(e.booked_on) FROM entry e)
               AND NOT EXISTS (SELECT FROM fund.bank_statement_transaction x
                                 JOIN fund.bank_statement s ON s.organisation_id = x.organisation_id
                                                           AND s.id = x.bank_statement_id
                                WHERE x.organisation_id = t.organisation_id AND x.bank_transaction_id = t.id
                                  AND s.format = p_format)) o
        ON o.booked_on = e.booked_on AND o.amount = e.amount AND o.nth = e.nth
  ), added AS (
    INSERT INTO fund.bank_transaction (organisation_id, id, bank_account_id, fingerprint, amount, currency, booked_on,
                                       value_on, counterparty_name, counterparty_iban, ultimate_name, remittance,
                                       additional_text, bank_reference, end_to_end_id, mandate_id, cheque_number,
                                       type_code, return_reason, is_reversal, details, searched, recorded_at)
    SELECT v_organisation, e.id, p_account, e.fingerprint, e.amount, e.currency, e.booked_on, e.value_on,
           e.counterparty_name, e.counterparty_iban, e.ultimate_name, e.remittance, e.additional_text, e.bank_reference,
           e.end_to_end_id, e.mandate_id, e.cheque_number, e.type_code, e.return_reason, e.is_reversal, e.details,
           e.searched, app.recorded_at()
      FROM entry e
     WHERE NOT EXISTS (SELECT FROM known k WHERE k.rank = e.rank)
       AND NOT EXISTS (SELECT FROM elsewhere o WHERE o.rank = e.rank)
     ORDER BY e.rank
    RETURNING id
  ), linked AS (
    INSERT INTO fund.bank_statement_transaction (organisation_id, bank_statement_id, bank_transaction_id, fingerprint)
    SELECT v_organisation, p_statement, x.id, x.fingerprint
      FROM (SELECT a.id, NULL::bytea AS fingerprint FROM added a
            UNION SELECT k.id, NULL FROM known k
            UNION SELECT o.id, e.fingerprint FROM elsewhere o JOIN entry e ON e.rank = o.rank) x
  )
  SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM elsewhere) INTO added, other_format;
END $fn$;
COMMENT ON FUNCTION api.bank_statement_lines(uuid, uuid, text, jsonb) IS
  'Stores the entries of a statement, set-based: those whose fingerprint the account knows, and those that a file of '
  'another format has brought already, are linked to the statement and not added; what such a line is known by in this '
  'format is kept for the next file.';

CREATE FUNCTION api.bank_import(p_path jsonb, p_body jsonb) RETURNS TABLE (items jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_sha256 bytea := decode(p_body->>'sha256', 'hex');
  v_position integer := -1;
  v_statement jsonb;
  v_id uuid;
  v_account uuid;
  v_added integer;
  v_other_format integer;
  v_notes jsonb;
  v_known timestamptz;
BEGIN
  items := app.begin_write();
  IF items IS NOT NULL THEN
    RETURN NEXT;
    RETURN;
  END IF;
  items := '[]';
  FOR v_statement IN SELECT s FROM jsonb_array_elements(p_body->'statements') s LOOP
    v_position := v_position + 1;
    v_notes := '[]';
    SELECT s.id, s.recorded_at INTO v_id, v_known FROM fund.bank_statement s
     WHERE s.organisation_id = v_organisation AND s.file_sha256 = v_sha256 AND s.file_position = v_position;
    IF FOUND THEN
      v_notes := jsonb_build_array(jsonb_build_object('code', 'bank_note.same_file', 'args', jsonb_build_array(
        'date:' || (v_known AT TIME ZONE (SELECT o.time_zone FROM fund.organisation o WHERE o.id = v_organisation))::date)));
    ELSE
      v_id := app.uuid7();
      v_account := api.bank_account_of(v_statement);
      -- The counts are known once the lines are stored, and a statement is written once: the lines' reference to it is
      -- checked at the end.
      SELECT l.added, l.other_format INTO v_added, v_other_format
        FROM api.bank_statement_lines(v_account, v_id, p_body->>'format', v_statement->'entries') l;
      IF v_other_format > 0 THEN
        v_notes := jsonb_build_array(jsonb_build_object('code', 'bank_note.other_format',
                                                        'args', jsonb_build_array(v_other_format::text)));
      END IF;
      INSERT INTO fund.bank_statement (organisation_id, id, bank_account_id, file_sha256, file_position, file_name, format,
                                       format_version, account_number, reference, number, from_on, to_on, opening, closing, closing_on,
                                       transactions, new_transactions, sum_in, sum_out, balanced, notes, recorded_at,
                                       recorded_by)
      VALUES (v_organisation, v_id, v_account, v_sha256, v_position, left(p_body->>'file_name', 255), p_body->>'format',
              p_body->>'version', v_statement->>'account_number', v_statement->>'reference', v_statement->>'number', (v_statement->>'from_on')::date,
              (v_statement->>'to_on')::date, (v_statement->>'opening')::bigint, (v_statement->>'closing')::bigint,
              (v_statement->>'closing_on')::date, jsonb_array_length(v_statement->'entries'), v_added,
              (v_statement->>'sum_in')::bigint, (v_statement->>'sum_out')::bigint, (v_statement->>'balanced')::boolean,
              v_statement->'notes' || v_notes, app.recorded_at(), app.actor());
      v_notes := '[]';
    END IF;
    items := items || jsonb_build_array(jsonb_build_object('id', v_id, 'notes', v_notes,
                                                           'added', CASE WHEN v_known IS NULL THEN v_added ELSE 0 END));
    v_known := NULL;
  END LOOP;
  -- What the statements say now, gaps between them included, once all are in.
  SELECT jsonb_agg(to_jsonb(s) - 'sorted_on' || jsonb_build_object(
                     'new_transactions', i.item->'added', 'notes', s.notes || (i.item->'notes')) ORDER BY i.position)
    INTO items
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, position)
    JOIN api.bank_statement s ON s.id = (i.item->>'id')::uuid;
  PERFORM app.end_write(items);
  RETURN NEXT;
END $fn$;
COMMENT ON FUNCTION api.bank_import(jsonb, jsonb) IS
  'Stores a bank file as the reader understood it, all of it or nothing: {file_name, sha256, format, version, statements: '
  '[{account, account_number, number_alone, iban, account_name, currency, digits, reference, number, from_on, to_on, opening, closing, '
  'closing_on, sum_in, sum_out, balanced, notes, entries}]}. A statement of the same file is known by its place in it and '
  'adds nothing. Answers the statements.';

-- ---------------------------------------------------------------------------------------------------------------
-- Matches: reading
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.contribution_now(p_id uuid) RETURNS fund.contribution
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  WITH RECURSIVE chain AS (
    SELECT c.* FROM fund.contribution c WHERE c.organisation_id = fund.current_organisation() AND c.id = p_id
    UNION ALL
    SELECT n.* FROM chain c JOIN fund.contribution n ON n.organisation_id = c.organisation_id AND n.id = c.corrected_by_id
  )
  SELECT c.* FROM chain c WHERE c.corrected_by_id IS NULL
$fn$;
COMMENT ON FUNCTION api.contribution_now(uuid) IS 'A contribution, or the one that corrects it in the end.';

CREATE FUNCTION api.contribution_past(p_id uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  WITH RECURSIVE chain AS (
    SELECT c.id, c.corrects_id FROM fund.contribution c
     WHERE c.organisation_id = fund.current_organisation() AND c.id = p_id
    UNION ALL
    SELECT o.id, o.corrects_id FROM chain c
      JOIN fund.contribution o ON o.organisation_id = fund.current_organisation() AND o.id = c.corrects_id
  )
  SELECT array_agg(c.id) FROM chain c
$fn$;
COMMENT ON FUNCTION api.contribution_past(uuid) IS
  'A contribution and those it corrects: what was refunded of any of them was refunded of it.';

CREATE VIEW api.bank_match WITH (security_invoker = true) AS
SELECT m.id, m.bank_account_id, m.amount, m.date, CASE WHEN m.cancelled_at IS NULL THEN 'active' ELSE 'cancelled' END AS status,
       m.statement_id, m.pair_id,
       (SELECT coalesce(jsonb_agg(x.bank_transaction_id ORDER BY t.booked_on, t.position), '[]')
          FROM fund.match_transaction x
          JOIN fund.bank_transaction t ON t.organisation_id = x.organisation_id AND t.id = x.bank_transaction_id
         WHERE x.organisation_id = m.organisation_id AND x.match_id = m.id) AS transaction_ids,
       (SELECT jsonb_agg(jsonb_build_object(
                 'position', p.position, 'act', p.act, 'kind', p.kind, 'amount', fund.money_text(p.amount),
                 'contribution_id', coalesce(n.id, p.contribution_id), 'entry_id', p.entry_id, 'line_id', p.line_id::text,
                 'line_entry_id', w.id, 'line_label', coalesce(l.label, w.label),
                 'category', p.category, 'nature', coalesce(n.nature, p.nature),
                 'member_id', coalesce(n.member_id, p.member_id), 'member_name', b.name,
                 'giver_name', coalesce(b.name, n.donor_name), 'fund_id', coalesce(n.fund_id, p.fund_id),
                 'fund_name', f.name, 'project_id', p.project_id, 'label', p.label, 'clears', p.clears,
                 'cleared', EXISTS (SELECT FROM fund.match_part c WHERE c.organisation_id = p.organisation_id
                                       AND c.match_id = p.match_id AND c.clears = p.position)) ORDER BY p.position)
          FROM fund.match_part p
          LEFT JOIN LATERAL api.contribution_now(p.contribution_id) n ON true
          LEFT JOIN fund.member b ON b.organisation_id = p.organisation_id AND b.id = coalesce(n.member_id, p.member_id)
          LEFT JOIN fund.fund f ON f.organisation_id = p.organisation_id AND f.id = coalesce(n.fund_id, p.fund_id)
          LEFT JOIN fund.line l ON l.organisation_id = p.organisation_id AND l.id = p.line_id
          LEFT JOIN fund.entry w ON w.organisation_id = l.organisation_id AND w.id = l.entry_id
         WHERE p.organisation_id = m.organisation_id AND p.match_id = m.id) AS parts,
       (SELECT coalesce(jsonb_agg(DISTINCT p.entry_id), '[]') FROM fund.match_part p
         WHERE p.organisation_id = m.organisation_id AND p.match_id = m.id AND p.entry_id IS NOT NULL) AS entry_ids,
       m.matched_at, m.matched_by, api.actor_name(m.matched_by) AS matched_by_name,
       m.cancelled_at, m.cancelled_by, api.actor_name(m.cancelled_by) AS cancelled_by_name, m.cancel_reason,
       CASE WHEN m.cancelled_at IS NULL THEN 1 ELSE 2 END
         + (SELECT count(DISTINCT p.posted_at)::integer - 1 FROM fund.match_part p
             WHERE p.organisation_id = m.organisation_id AND p.match_id = m.id) AS version
  FROM fund.match m;
COMMENT ON VIEW api.bank_match IS
  'Matches with their bank lines and parts. A part speaks of its contribution as it is now, after corrections.';

CREATE VIEW api.bank_unknown WITH (security_invoker = true) AS
SELECT m.id AS match_id, p.position, p.amount, m.date, p.fund_id, m.bank_account_id
  FROM fund.match m
  JOIN fund.match_part p ON p.organisation_id = m.organisation_id AND p.match_id = m.id
 WHERE m.cancelled_at IS NULL AND p.kind = 'unknown' AND p.clears IS NULL
   AND NOT EXISTS (SELECT FROM fund.match_part c WHERE c.organisation_id = p.organisation_id
                     AND c.match_id = p.match_id AND c.clears = p.position);
COMMENT ON VIEW api.bank_unknown IS 'Parts matched as unknown (471) that nobody has explained yet.';

-- ---------------------------------------------------------------------------------------------------------------
-- Matches: checking
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.match_transactions(p_ids uuid[], p_pointers text[]) RETURNS SETOF fund.bank_transaction
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  t fund.bank_transaction;
  v_first uuid;
  v_account fund.bank_account;
  v_currency text := (SELECT o.currency FROM fund.organisation o WHERE o.id = v_organisation);
BEGIN
  FOR i IN 1 .. cardinality(p_ids) LOOP
    SELECT b.* INTO t FROM fund.bank_transaction b WHERE b.organisation_id = v_organisation AND b.id = p_ids[i];
    IF NOT FOUND THEN
      PERFORM app.fail('not_found', p_pointers[i]);
    ELSIF p_ids[i] = ANY (p_ids[:i - 1]) THEN
      PERFORM app.fail('match.repeated', p_pointers[i]);
    END IF;
    SELECT a.* INTO STRICT v_account FROM fund.bank_account a
     WHERE a.organisation_id = v_organisation AND a.id = t.bank_account_id;
    IF v_account.currency <> v_currency OR t.currency <> v_currency THEN
      PERFORM app.fail('bank_account.currency', p_pointers[i],
                       CASE WHEN t.currency <> v_currency THEN t.currency ELSE v_account.currency END, v_currency);
    ELSIF v_account.confirmed_at IS NULL THEN
      PERFORM app.fail('bank_account.unconfirmed', p_pointers[i], v_account.name);
    ELSIF t.amount = 0 THEN
      PERFORM app.fail('bank_transaction.zero', p_pointers[i]);
    ELSIF coalesce(v_first, t.bank_account_id) <> t.bank_account_id THEN
      PERFORM app.fail('match.accounts', p_pointers[i]);
    ELSIF EXISTS (SELECT FROM fund.match_transaction x WHERE x.organisation_id = v_organisation
                     AND x.bank_transaction_id = t.id AND x.cancelled_at IS NULL) THEN
      PERFORM app.fail('bank_transaction.matched', p_pointers[i]);
    END IF;
    v_first := t.bank_account_id;
    RETURN NEXT t;
  END LOOP;
END $fn$;
COMMENT ON FUNCTION api.match_transactions(uuid[], text[]) IS
  'The bank lines to match, each at its pointer: of one confirmed account in the organisation''s currency, not zero, not '
  'matched already. Problems: not_found, match.repeated, bank_account.currency, bank_account.unconfirmed, '
  'bank_transaction.zero, match.accounts, bank_transaction.matched.';

CREATE FUNCTION api.match_links(p_body jsonb, p_account text)
RETURNS TABLE (pointer text, contribution_id uuid, line_id bigint, account text, amount bigint, fund_id uuid,
               project_id uuid, member_id uuid, label text, awaited boolean, entry_date date)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_organisation uuid := fund.current_organisation();
  c fund.contribution;
  w record;
  v_seen text[] := '{}';
BEGIN
  FOR pointer, contribution_id, line_id IN
    SELECT '/contribution_ids/' || (i.position - 1), i.value::uuid, NULL::bigint
      FROM jsonb_array_elements_text(coalesce(p_body->'contribution_ids', '[]')) WITH ORDINALITY AS i (value, position)
    UNION ALL
    SELECT '/entry_line_ids/' || (i.position - 1), NULL, i.value::bigint
      FROM jsonb_array_elements_text(coalesce(p_body->'entry_line_ids', '[]')) WITH ORDINALITY AS i (value, position)
  LOOP
    IF line_id IS NOT NULL THEN
      -- The claim of an awaited contribution stands for the contribution.
      SELECT d.id INTO contribution_id FROM fund.line l
        JOIN fund.contribution d ON d.organisation_id = l.organisation_id AND d.entry_id = l.entry_id
       WHERE l.organisation_id = v_organisation AND l.id = line_id AND l.amount > 0 AND d.status = 'awaited';
    END IF;
    awaited := false;
    IF contribution_id IS NOT NULL THEN
      c := fund.contribution_get(contribution_id, '{recorded,awaited}', pointer);
      awaited := c.status = 'awaited';
      amount := c.amount; fund_id := c.fund_id; project_id := c.project_id; member_id := c.member_id;
      IF awaited THEN
        line_id := NULL; account := NULL;
      ELSE
        SELECT l.id INTO line_id FROM fund.line l
          JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
         WHERE l.organisation_id = v_organisation AND l.entry_id = coalesce(c.receipt_entry_id, c.entry_id)
           AND l.amount > 0 AND a.number LIKE '5%';
      END IF;
    END IF;
    IF line_id IS NOT NULL THEN
      SELECT l.id, a.number, l.amount, l.fund_id, l.project_id, l.member_id, l.label, e.date, e.reverses_entry_id,
             EXISTS (SELECT FROM fund.entry r WHERE r.organisation_id = e.organisation_id AND r.reverses_entry_id = e.id)
               AS reversed,
             EXISTS (SELECT FROM fund.line_match x WHERE x.organisation_id = l.organisation_id AND x.line_id = l.id
                        AND x.cancelled_at IS NULL) AS matched
        INTO w
        FROM fund.line l
        JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
        JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
       WHERE l.organisation_id = v_organisation AND l.id = line_id;
      IF NOT FOUND THEN
        PERFORM app.fail('not_found', pointer);
      ELSIF w.matched THEN
        PERFORM app.fail('line.matched', pointer);
      ELSIF w.reversed OR w.reverses_entry_id IS NOT NULL THEN
        PERFORM app.fail('match.line_reversed', pointer);
      ELSIF w.number !~ '^[145]' OR w.number LIKE '471%' THEN
        -- Income and expense are no claim, and what is on 471 is explained, not settled.
        PERFORM app.fail('match.line_account', pointer, w.number);
      END IF;
      account := w.number; amount := w.amount; fund_id := w.fund_id; project_id := w.project_id;
      member_id := w.member_id; label := w.label; entry_date := w.date;
    END IF;
    IF coalesce(line_id::text, contribution_id::text) = ANY (v_seen) THEN
      PERFORM app.fail('match.repeated', pointer);
    END IF;
    v_seen := v_seen || coalesce(line_id::text, contribution_id::text);
    RETURN NEXT;
  END LOOP;
END $fn$;
COMMENT ON FUNCTION api.match_links(jsonb, text) IS
  'What contribution_ids and entry_line_ids point to: the line of the books that waits for the bank, with the amount the '
  'bank line has for it (debit positive); an awaited contribution has no such line yet.';

CREATE FUNCTION api.match_part_faults(p_part jsonb, p_pointer text, p_date date) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  c_fields constant jsonb := '{
    "contribution": ["member_id", "donor", "nature", "fund_id", "project_id", "label", "means", "repayable_on",
                     "legal_basis", "accountant_note", "agreement_signed_on"],
    "expense": ["category", "fund_id", "project_id", "member_id", "label"],
    "interest": ["fund_id", "label"],
    "internal_transfer": ["fund_id", "label", "transaction_id"],
    "refund": ["category", "contribution_id", "fund_id", "project_id", "label"],
    "returned": ["contribution_id", "label"],
    "third_party": ["fund_id", "project_id", "member_id", "label"],
    "unknown": ["fund_id", "label"]}';
  v_organisation uuid := fund.current_organisation();
  v_kind text := p_part->>'kind';
  v_amount bigint := (p_part->>'amount')::bigint;
  v_faults jsonb := '[]';
  v_key text;
  c fund.contribution;
  v_refunded bigint;
BEGIN
  FOR v_key IN SELECT k FROM jsonb_object_keys(p_part - '{kind,amount}'::text[]) k LOOP
    IF NOT c_fields->v_kind ? v_key THEN
      v_faults := v_faults || app.fault('match.field_of_other_kind', p_pointer || '/' || v_key, v_key);
    END IF;
  END LOOP;
  IF v_amount = 0 THEN
    v_faults := v_faults || app.fault('match.part_zero', p_pointer || '/amount');
  ELSIF (v_kind = 'contribution' AND v_amount < 0) OR (v_kind IN ('expense', 'returned') AND v_amount > 0) THEN
    v_faults := v_faults || app.fault(CASE WHEN v_amount < 0 THEN 'match.part_in' ELSE 'match.part_out' END,
                                      p_pointer || '/amount');
  END IF;
  IF v_kind = 'contribution' AND p_part->>'nature' IS NULL THEN
    v_faults := v_faults || app.fault('field.required', p_pointer || '/nature');
  END IF;
  IF v_kind = 'expense' OR (v_kind = 'refund' AND v_amount > 0) THEN
    IF p_part->>'category' IS NULL THEN
      v_faults := v_faults || app.fault('field.required', p_pointer || '/category');
    ELSIF api.expense_account(p_part->>'category', p_date) IS NULL THEN
      v_faults := v_faults || app.fault('match.category_unknown', p_pointer || '/category', p_part->>'category');
    END IF;
  ELSIF v_kind = 'refund' AND p_part ? 'category' THEN
    v_faults := v_faults || app.fault('match.field_of_other_kind', p_pointer || '/category', 'category');
  END IF;
  IF v_kind = 'returned' OR (v_kind = 'refund' AND v_amount < 0) THEN
    IF p_part->>'contribution_id' IS NULL THEN
      v_faults := v_faults || app.fault('field.required', p_pointer || '/contribution_id');
    ELSE
      c := fund.contribution_get((p_part->>'contribution_id')::uuid, '{recorded}', p_pointer || '/contribution_id');
      SELECT coalesce(-sum(p.amount), 0) INTO v_refunded
        FROM fund.match_part p JOIN fund.match m ON m.organisation_id = p.organisation_id AND m.id = p.match_id
       WHERE p.organisation_id = v_organisation AND p.contribution_id = ANY (api.contribution_past(c.id)) AND p.kind = 'refund'
         AND m.cancelled_at IS NULL;
      IF v_kind = 'returned' AND -v_amount <> c.amount THEN
        v_faults := v_faults || app.fault('match.returned_amount', p_pointer || '/amount', 'money:' || c.amount);
      ELSIF v_kind = 'returned' AND v_refunded > 0 THEN
        v_faults := v_faults || app.fault('match.refunded', p_pointer || '/contribution_id', 'money:' || v_refunded);
      ELSIF v_kind = 'refund' AND -v_amount > c.amount - v_refunded THEN
        v_faults := v_faults || app.fault('match.refund_amount', p_pointer || '/amount',
                                          'money:' || (c.amount - v_refunded));
      END IF;
    END IF;
  ELSIF v_kind = 'refund' AND p_part ? 'contribution_id' THEN
    v_faults := v_faults || app.fault('match.field_of_other_kind', p_pointer || '/contribution_id', 'contribution_id');
  END IF;
  -- fund.contribution_faults looks at the references of a contribution itself.
  IF v_kind <> 'contribution' THEN
    IF p_part->>'fund_id' IS NOT NULL AND NOT EXISTS (SELECT FROM fund.fund f
        WHERE f.organisation_id = v_organisation AND f.id = (p_part->>'fund_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', p_pointer || '/fund_id');
    END IF;
    IF p_part->>'project_id' IS NOT NULL AND NOT EXISTS (SELECT FROM fund.project j
        WHERE j.organisation_id = v_organisation AND j.id = (p_part->>'project_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', p_pointer || '/project_id');
    END IF;
    IF p_part->>'member_id' IS NOT NULL AND NOT EXISTS (SELECT FROM fund.member m
        WHERE m.organisation_id = v_organisation AND m.id = (p_part->>'member_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', p_pointer || '/member_id');
    END IF;
  END IF;
  RETURN v_faults;
END $fn$;
COMMENT ON FUNCTION api.match_part_faults(jsonb, text, date) IS
  'What speaks against a part to create: fields of another kind, the wrong sign, what its kind needs, references.';

CREATE FUNCTION api.expense_account(p_category text, p_date date) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT c.account FROM reference.expense_category c
   WHERE c.category = p_category
     AND fund.chart_date(fund.year_start(p_date)) BETWEEN c.valid_from AND coalesce(c.valid_to, 'infinity')
$fn$;
COMMENT ON FUNCTION api.expense_account(text, date) IS 'Account an expense of this category is booked on at a date; null for no such category.';

-- ---------------------------------------------------------------------------------------------------------------
-- Matches: booking. Internal to the write functions below; all need the organisation's lock.
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.match_word(p_key text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT CASE WHEN o.language = 'fr' THEN w.fr ELSE w.en END
    FROM fund.organisation o
    JOIN (VALUES ('interest_in', 'Intérêts reçus', 'Interest received'),
                 ('interest_out', 'Intérêts payés', 'Interest paid'),
                 ('internal_transfer', 'Virement entre nos comptes', 'Transfer between own accounts'),
                 ('refund_in', 'Remboursement reçu', 'Refund received'),
                 ('refund_out', 'Versement remboursé', 'Payment refunded'),
                 ('returned', 'Versement rejeté par la banque', 'Payment returned by the bank'),
                 ('third_party', 'Argent pour un tiers', 'Money of a third party'),
                 ('unknown', 'À identifier', 'To be identified'),
                 ('unknown_cleared', 'À identifier : expliqué', 'To be identified: explained'),
                 ('cheques', 'Remise de chèques', 'Cheques paid in'),
                 ('platform', 'Versement de la plateforme', 'Payout of the platform'),
                 ('cash', 'Espèces déposées', 'Cash paid in'),
                 ('settled', 'Règlement', 'Settlement')) AS w (key, fr, en) ON w.key = p_key
   WHERE o.id = fund.current_organisation()
$fn$;
COMMENT ON FUNCTION api.match_word(text) IS 'Label of what a match books, in the organisation''s language; names nobody.';

CREATE FUNCTION api.match_cover(p_match uuid, p_lines bigint[]) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
  INSERT INTO fund.line_match (organisation_id, line_id, match_id, matched_at, matched_by)
  SELECT fund.current_organisation(), l, p_match, app.recorded_at(), app.actor() FROM unnest(p_lines) l
$fn$;
COMMENT ON FUNCTION api.match_cover(uuid, bigint[]) IS 'Lines of the books are covered by a match.';

CREATE FUNCTION api.entry_lines_on(p_entry uuid, p_account text) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT coalesce(array_agg(l.id ORDER BY l.position), '{}') FROM fund.line l
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE l.organisation_id = fund.current_organisation() AND l.entry_id = p_entry AND a.number = p_account
$fn$;
COMMENT ON FUNCTION api.entry_lines_on(uuid, text) IS 'Lines of an entry on an account.';

CREATE FUNCTION api.match_settle(p_match uuid, p_date date, p_account text, p_links jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_lines jsonb;
  v_label text;
  v_entry uuid := app.uuid7();
  v_accounts text[];
BEGIN
  SELECT array_agg(DISTINCT x->>'account') INTO v_accounts FROM jsonb_array_elements(p_links) x;
  v_label := api.match_word(CASE WHEN v_accounts <@ '{5112}' THEN 'cheques' WHEN v_accounts <@ '{517}' THEN 'platform'
                                 WHEN v_accounts <@ '{53,530}' THEN 'cash' ELSE 'settled' END)
             || CASE WHEN jsonb_array_length(p_links) > 1 THEN ' (' || jsonb_array_length(p_links) || ')' ELSE '' END;
  -- On the bank account one line per fund, as the bank has one; on the other side each line that waited, for itself.
  SELECT jsonb_agg(y.line ORDER BY y.side, y.place) INTO v_lines FROM (
    SELECT 1 AS side, min(x.position) AS place,
           jsonb_build_object('account', p_account, 'fund_id', x.link->>'fund_id', 'amount',
                              sum((x.link->>'amount')::bigint)) AS line
      FROM jsonb_array_elements(p_links) WITH ORDINALITY AS x (link, position)
     GROUP BY x.link->>'fund_id' HAVING sum((x.link->>'amount')::bigint) <> 0
    UNION ALL
    SELECT 2, x.position, jsonb_strip_nulls(jsonb_build_object(
             'account', x.link->>'account', 'amount', -(x.link->>'amount')::bigint, 'fund_id', x.link->>'fund_id',
             'project_id', x.link->>'project_id', 'member_id', x.link->>'member_id', 'label', x.link->>'label'))
      FROM jsonb_array_elements(p_links) WITH ORDINALITY AS x (link, position)) y;
  PERFORM fund.post_entry(v_entry, 'BQ', p_date, v_label, 'match', p_match, v_lines, p_date_pointer => '');
  PERFORM api.match_cover(p_match, (SELECT array_agg(l.id) FROM fund.line l
                                     WHERE l.organisation_id = fund.current_organisation() AND l.entry_id = v_entry));
  RETURN v_entry;
END $fn$;
COMMENT ON FUNCTION api.match_settle(uuid, date, text, jsonb) IS
  'Brings lines that wait elsewhere (cheques, platform, cash, claims, debts) to the bank account in one entry, balanced '
  'within each fund; p_links: [{account, amount, fund_id, project_id, member_id, label}].';

CREATE FUNCTION api.match_pair(p_match uuid, p_account uuid, p_part jsonb, p_date date) RETURNS fund.match_part
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT p.* FROM fund.match_part p
    JOIN fund.match m ON m.organisation_id = p.organisation_id AND m.id = p.match_id
   WHERE p.organisation_id = fund.current_organisation() AND p.kind = 'internal_transfer'
     AND m.cancelled_at IS NULL AND m.pair_id IS NULL AND m.id <> p_match AND m.bank_account_id <> p_account
     AND p.amount = -(p_part->>'amount')::bigint AND abs(m.date - p_date) <= 31
     AND (p_part->>'fund_id' IS NULL OR p.fund_id = (p_part->>'fund_id')::uuid)
   ORDER BY abs(m.date - p_date), m.matched_at LIMIT 1
$fn$;
COMMENT ON FUNCTION api.match_pair(uuid, uuid, jsonb, date) IS
  'The other side of a transfer between own accounts that was matched before: opposite amount on another account within '
  '31 days, not paired yet; the nearest.';

CREATE FUNCTION api.match_post(p_match uuid, p_account text, p_part jsonb, p_date date, p_received_on date, p_pointer text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_kind text := p_part->>'kind';
  v_amount bigint := (p_part->>'amount')::bigint;
  v_fund uuid := coalesce((p_part->>'fund_id')::uuid, fund.default_fund('general'));
  v_entry uuid := app.uuid7();
  v_other jsonb;
  v_label text := p_part->>'label';
  v fund.contribution;
BEGIN
  IF v_kind = 'contribution' THEN
    v := fund.contribution_from(p_part - '{kind}'::text[]
           || jsonb_build_object('received_on', p_received_on, 'means', coalesce(p_part->>'means', 'transfer')));
    PERFORM app.fail_all(fund.contribution_faults(v, p_pointer, NULL, p_date));
    PERFORM fund.contribution_write(v, (p_part->>'id')::uuid, NULL,
                                    fund.contribution_scheme(v, p_account, NULL, p_date), p_pointer);
    SELECT coalesce(c.receipt_entry_id, c.entry_id) INTO STRICT v_entry FROM fund.contribution c
     WHERE c.organisation_id = fund.current_organisation() AND c.id = (p_part->>'id')::uuid;
  ELSIF v_kind = 'returned' THEN
    v_other := fund.contribution_return_lines((p_part->>'contribution_id')::uuid, p_date);
    -- The contribution's own entry, so that its claim, where there is one, is seen to stand again.
    PERFORM fund.post_entry(v_entry, 'BQ', p_date, coalesce(v_label, api.match_word('returned')), 'contribution',
      (p_part->>'contribution_id')::uuid, v_other || jsonb_build_array(
        jsonb_build_object('account', p_account, 'amount', v_amount, 'fund_id', v_other->0->>'fund_id')), p_date_pointer => '');
    PERFORM fund.contribution_return((p_part->>'contribution_id')::uuid, v_entry,
                                     coalesce(v_label, api.match_word('returned')));
  ELSIF v_kind = 'refund' AND v_amount < 0 THEN
    v_other := fund.contribution_return_lines((p_part->>'contribution_id')::uuid, p_date);
    PERFORM fund.post_entry(v_entry, 'BQ', p_date, coalesce(v_label, api.match_word('refund_out')), 'match', p_match,
      jsonb_build_array(v_other->0 || jsonb_build_object('amount', -v_amount),
        jsonb_build_object('account', p_account, 'amount', v_amount, 'fund_id', v_other->0->>'fund_id')), p_date_pointer => '');
  ELSE
    v_other := jsonb_strip_nulls(jsonb_build_object('fund_id', v_fund, 'project_id', p_part->>'project_id',
      'member_id', p_part->>'member_id', 'amount', -v_amount, 'account', CASE v_kind
        WHEN 'expense' THEN api.expense_account(p_part->>'category', p_date)
        WHEN 'refund' THEN api.expense_account(p_part->>'category', p_date)
        WHEN 'interest' THEN CASE WHEN v_amount > 0 THEN '768' ELSE '661' END
        WHEN 'internal_transfer' THEN '58' WHEN 'third_party' THEN '467' WHEN 'unknown' THEN '471' END));
    v_label := coalesce(v_label, CASE v_kind
      WHEN 'expense' THEN (SELECT CASE WHEN o.language = 'fr' THEN c.fr ELSE c.en END
                             FROM fund.organisation o, reference.expense_category c
                            WHERE o.id = fund.current_organisation() AND c.category = p_part->>'category' LIMIT 1)
      WHEN 'interest' THEN api.match_word(CASE WHEN v_amount > 0 THEN 'interest_in' ELSE 'interest_out' END)
      WHEN 'refund' THEN api.match_word('refund_in') ELSE api.match_word(v_kind) END);
    PERFORM fund.post_entry(v_entry, 'BQ', p_date, v_label, 'match', p_match, jsonb_build_array(
      jsonb_build_object('account', p_account, 'amount', v_amount, 'fund_id', v_fund), v_other), p_date_pointer => '');
  END IF;
  PERFORM api.match_cover(p_match, api.entry_lines_on(v_entry, p_account));
  RETURN v_entry;
END $fn$;
COMMENT ON FUNCTION api.match_post(uuid, text, jsonb, date, date, text) IS
  'Books one part: the bank account against what its kind says, within one fund (default: the general one; a contribution '
  'by its own rule). p_date: accounting date; p_received_on: the bank''s, for a contribution. Covers the line on the bank '
  'account. Answers the entry.';

CREATE FUNCTION api.match_add_part(p_match uuid, p_act text, p_part jsonb, p_entry uuid, p_line bigint, p_clears integer)
RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
  INSERT INTO fund.match_part (organisation_id, match_id, position, act, kind, amount, entry_id, line_id, contribution_id,
                               category, nature, member_id, fund_id, project_id, label, clears, posted_at, posted_by)
  SELECT fund.current_organisation(), p_match,
         1 + (SELECT count(*) FROM fund.match_part p
               WHERE p.organisation_id = fund.current_organisation() AND p.match_id = p_match),
         p_act, p_part->>'kind', (p_part->>'amount')::bigint, p_entry, p_line,
         coalesce(p_part->>'contribution_id', p_part->>'id')::uuid, p_part->>'category', p_part->>'nature',
         (p_part->>'member_id')::uuid, coalesce((p_part->>'fund_id')::uuid,
           (SELECT l.fund_id FROM fund.line l WHERE l.organisation_id = fund.current_organisation() AND l.entry_id = p_entry
             ORDER BY l.position LIMIT 1)),
         (p_part->>'project_id')::uuid, p_part->>'label', p_clears, app.recorded_at(), app.actor()
$fn$;
COMMENT ON FUNCTION api.match_add_part(uuid, text, jsonb, uuid, bigint, integer) IS 'Writes down one part of a match.';

CREATE FUNCTION api.match_sum_check(p_sum bigint, p_amount bigint, p_pointer text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF p_sum <> p_amount THEN
    PERFORM app.fail('match.sum', p_pointer, 'money:' || p_sum::text, 'money:' || p_amount::text,
                     'money:' || (p_amount - p_sum)::text);
  END IF;
END $fn$;
COMMENT ON FUNCTION api.match_sum_check(bigint, bigint, text) IS 'Fails with match.sum and the difference.';

CREATE FUNCTION api.match_book(p_match uuid, p_account fund.bank_account, p_date date, p_body jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_links jsonb := '[]';
  v_link jsonb;
  v_part jsonb;
  v_entry uuid;
  v_pair fund.match_part;
  i integer := -1;
BEGIN
  FOR v_link IN SELECT to_jsonb(l) || jsonb_build_object('kind', CASE WHEN l.contribution_id IS NULL THEN 'entry_line'
                                                                       ELSE 'contribution' END)
                  FROM api.match_links(p_body, p_account.account_number) l LOOP
    IF (v_link->>'awaited')::boolean THEN
      v_entry := fund.contribution_settle((v_link->>'contribution_id')::uuid, p_date, 'transfer',
                                          p_account.account_number, v_link->>'pointer');
      PERFORM api.match_cover(p_match, api.entry_lines_on(v_entry, p_account.account_number));
      PERFORM api.match_add_part(p_match, 'received', v_link, v_entry, NULL, NULL);
    ELSIF v_link->>'account' = p_account.account_number THEN
      PERFORM api.match_cover(p_match, ARRAY[(v_link->>'line_id')::bigint]);
      PERFORM api.match_add_part(p_match, 'linked', v_link, NULL, (v_link->>'line_id')::bigint, NULL);
    ELSE
      PERFORM api.match_cover(p_match, ARRAY[(v_link->>'line_id')::bigint]);
      v_links := v_links || v_link;
    END IF;
  END LOOP;
  IF jsonb_array_length(v_links) > 0 THEN
    v_entry := api.match_settle(p_match, p_date, p_account.account_number, v_links);
    FOR v_link IN SELECT l FROM jsonb_array_elements(v_links) l LOOP
      PERFORM api.match_add_part(p_match, 'settled', v_link, v_entry, (v_link->>'line_id')::bigint, NULL);
    END LOOP;
  END IF;
  FOR v_part IN SELECT p FROM jsonb_array_elements(coalesce(p_body->'create', '[]')) p LOOP
    i := i + 1;
    IF v_part->>'kind' = 'contribution' THEN
      v_part := v_part || jsonb_build_object('id', app.uuid7());
    ELSIF v_part->>'kind' = 'internal_transfer' AND v_part->>'transaction_id' IS NULL THEN
      v_pair := api.match_pair(p_match, p_account.id, v_part, p_date);
      IF v_pair.match_id IS NOT NULL THEN
        v_part := v_part || jsonb_build_object('fund_id', v_pair.fund_id);
        UPDATE fund.match m SET pair_id = v_pair.match_id
         WHERE m.organisation_id = v_pair.organisation_id AND m.id = p_match;
        UPDATE fund.match m SET pair_id = p_match
         WHERE m.organisation_id = v_pair.organisation_id AND m.id = v_pair.match_id;
      END IF;
    END IF;
    v_entry := api.match_post(p_match, p_account.account_number, v_part, p_date, p_date, '/create/' || i);
    PERFORM api.match_add_part(p_match, 'created', v_part, v_entry, NULL, NULL);
  END LOOP;
END $fn$;
COMMENT ON FUNCTION api.match_book(uuid, fund.bank_account, date, jsonb) IS
  'Links, settles, receives and creates what the body of a match says, all checked before.';

CREATE FUNCTION api.match_write(p_transactions fund.bank_transaction[], p_body jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_id uuid := app.uuid7();
  v_account fund.bank_account;
  v_amount bigint;
  v_date date;
  v_sum bigint;
  v_faults jsonb := '[]';
BEGIN
  SELECT sum(t.amount), max(t.booked_on) INTO v_amount, v_date FROM unnest(p_transactions) t;
  SELECT a.* INTO STRICT v_account FROM fund.bank_account a
   WHERE a.organisation_id = v_organisation AND a.id = (p_transactions[1]).bank_account_id;
  SELECT coalesce(jsonb_agg(f ORDER BY p.position), '[]') INTO v_faults
    FROM jsonb_array_elements(coalesce(p_body->'create', '[]')) WITH ORDINALITY AS p (part, position),
         jsonb_array_elements(api.match_part_faults(p.part, '/create/' || (p.position - 1), v_date)) f;
  PERFORM app.fail_all(v_faults);
  SELECT coalesce((SELECT sum(l.amount) FROM api.match_links(p_body, v_account.account_number) l), 0)
       + coalesce((SELECT sum((p->>'amount')::bigint) FROM jsonb_array_elements(coalesce(p_body->'create', '[]')) p), 0)
    INTO v_sum;
  PERFORM api.match_sum_check(v_sum, v_amount, CASE WHEN jsonb_array_length(coalesce(p_body->'create', '[]')) > 0
    THEN '/create' WHEN p_body ? 'contribution_ids' THEN '/contribution_ids' ELSE '/entry_line_ids' END);
  INSERT INTO fund.match (organisation_id, id, bank_account_id, amount, date, matched_at, matched_by)
  VALUES (v_organisation, v_id, v_account.id, v_amount, v_date, app.recorded_at(), app.actor());
  INSERT INTO fund.match_transaction (organisation_id, match_id, bank_transaction_id)
  SELECT v_organisation, v_id, t.id FROM unnest(p_transactions) t;
  PERFORM api.match_book(v_id, v_account, v_date, p_body);
  RETURN v_id;
END $fn$;
COMMENT ON FUNCTION api.match_write(fund.bank_transaction[], jsonb) IS
  'Checks the parts and their sum, then writes the match and books it, at the day of the last of its bank lines.';

CREATE FUNCTION api.match_other_side(p_transaction fund.bank_transaction, p_part jsonb, p_pointer text)
RETURNS fund.bank_transaction
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_other fund.bank_transaction;
BEGIN
  SELECT t.* INTO v_other
    FROM api.match_transactions(ARRAY[(p_part->>'transaction_id')::uuid], ARRAY[p_pointer || '/transaction_id']) t;
  IF v_other.bank_account_id = p_transaction.bank_account_id THEN
    PERFORM app.fail('match.pair_account', p_pointer || '/transaction_id');
  ELSIF v_other.amount <> -(p_part->>'amount')::bigint THEN
    PERFORM app.fail('match.pair_amount', p_pointer || '/transaction_id', 'money:' || v_other.amount);
  END IF;
  RETURN v_other;
END $fn$;
COMMENT ON FUNCTION api.match_other_side(fund.bank_transaction, jsonb, text) IS
  'The bank line of another own account that a transfer names as its other side: opposite amount, not matched.';

-- ---------------------------------------------------------------------------------------------------------------
-- Matches: writing
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.bank_match_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_match
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_match;
  v_ids uuid[];
  v_pointers text[];
  v_transactions fund.bank_transaction[];
  v_part jsonb;
  v_other fund.bank_transaction;
  v_id uuid;
  v_pair uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_match, v_replay);
    RETURN;
  END IF;
  p_body := jsonb_strip_nulls(p_body);
  SELECT ARRAY[(p_path->>'id')::uuid] || coalesce(array_agg(i.value::uuid ORDER BY i.position), '{}'),
         ARRAY[''] || coalesce(array_agg('/transaction_ids/' || (i.position - 1) ORDER BY i.position), '{}')
    INTO v_ids, v_pointers
    FROM jsonb_array_elements_text(coalesce(p_body->'transaction_ids', '[]')) WITH ORDINALITY AS i (value, position)
   WHERE i.value::uuid <> (p_path->>'id')::uuid;
  SELECT array_agg(t) INTO v_transactions FROM api.match_transactions(v_ids, v_pointers) t;
  IF jsonb_array_length(coalesce(p_body->'contribution_ids', '[]') || coalesce(p_body->'entry_line_ids', '[]')
                        || coalesce(p_body->'create', '[]')) = 0 THEN
    PERFORM app.fail('match.empty', '/create');
  END IF;
  SELECT p.part INTO v_part
    FROM jsonb_array_elements(coalesce(p_body->'create', '[]')) WITH ORDINALITY AS p (part, position)
   WHERE p.part->>'transaction_id' IS NOT NULL ORDER BY p.position LIMIT 1;
  IF v_part IS NOT NULL THEN
    v_other := api.match_other_side(v_transactions[1], v_part, '/create/' || (
      SELECT p.position - 1 FROM jsonb_array_elements(p_body->'create') WITH ORDINALITY AS p (part, position)
       WHERE p.part->>'transaction_id' IS NOT NULL ORDER BY p.position LIMIT 1));
  END IF;
  v_id := api.match_write(v_transactions, p_body);
  IF v_other.id IS NOT NULL THEN
    -- The other side in the same act, in the same fund, so that 58 is nil again.
    v_pair := api.match_write(ARRAY[v_other], jsonb_build_object('create', jsonb_build_array(
      v_part || jsonb_build_object('amount', v_other.amount, 'transaction_id', v_transactions[1].id))));
    UPDATE fund.match m SET pair_id = CASE m.id WHEN v_id THEN v_pair ELSE v_id END
     WHERE m.organisation_id = fund.current_organisation() AND m.id IN (v_id, v_pair) AND m.pair_id IS NULL;
  END IF;
  SELECT * INTO STRICT v_row FROM api.bank_match m WHERE m.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_match_create(jsonb, jsonb) IS
  'Says what a bank line is, and books it in the same act: contribution_ids and entry_line_ids that wait for it, parts to '
  'create, transaction_ids of further lines of the same account. Amounts (signed as the line) must sum to the lines.';

CREATE FUNCTION api.match_undo_part(p fund.match_part, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  c fund.contribution;
  v_date date;
BEGIN
  c := api.contribution_now(p.contribution_id);
  IF c.status = 'returned' AND p.kind <> 'returned' OR p.kind = 'contribution' AND EXISTS (
      -- Returned and paid again since: the payment that is there now is another one.
      SELECT FROM fund.contribution o
       WHERE o.organisation_id = p.organisation_id AND o.id = p.contribution_id AND o.receipt_entry_id <> coalesce(
         (SELECT l.entry_id FROM fund.line l WHERE l.organisation_id = p.organisation_id AND l.id = p.line_id), p.entry_id)) THEN
    PERFORM app.fail('match.returned_since', '');
  ELSIF c.id IS NOT NULL AND p.kind = 'contribution' AND EXISTS (
      SELECT FROM fund.match_part r JOIN fund.match m ON m.organisation_id = r.organisation_id AND m.id = r.match_id
       WHERE r.organisation_id = p.organisation_id AND r.kind = 'refund' AND r.contribution_id = ANY (api.contribution_past(c.id))
         AND m.cancelled_at IS NULL AND m.id <> p.match_id) THEN
    PERFORM app.fail('match.refunded_since', '');
  END IF;
  IF p.act = 'linked' THEN
    RETURN;
  ELSIF p.kind = 'contribution' AND (p.act = 'created' OR (p.act = 'received' AND c.status = 'recorded' AND c.receipt_entry_id IS NULL)) THEN
    -- (What was received and then corrected to something that no agreement announces cannot be awaited again.)
    IF c.status <> 'cancelled' THEN
      PERFORM fund.contribution_cancel(c.id, NULL, p_reason);
    END IF;
  ELSIF p.act = 'received' THEN
    PERFORM fund.contribution_unsettle(c.id, NULL, p_reason);
  ELSIF NOT EXISTS (SELECT FROM fund.entry r WHERE r.organisation_id = p.organisation_id AND r.reverses_entry_id = p.entry_id) THEN
    SELECT e.date INTO STRICT v_date FROM fund.entry e WHERE e.organisation_id = p.organisation_id AND e.id = p.entry_id;
    PERFORM fund.reverse_entry(p.entry_id, v_date, p_reason, app.uuid7(), '');
    IF p.kind = 'returned' THEN
      PERFORM fund.contribution_return_undo(c.id);
    END IF;
  END IF;
END $fn$;
COMMENT ON FUNCTION api.match_undo_part(fund.match_part, text) IS
  'Takes back what a part booked, at its own date: a contribution it created is cancelled (as it is now, after '
  'corrections), one it received is awaited again (or cancelled, where nothing announces it any more), one it returned is '
  'recorded again.';

CREATE FUNCTION api.match_undo(p_match fund.match, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_part fund.match_part;
BEGIN
  -- While the period is open: nothing is moved to another day behind anybody's back.
  PERFORM fund.open_period(e.date, '')
     FROM fund.match_part p
     LEFT JOIN LATERAL api.contribution_now(p.contribution_id) c ON p.act IN ('created', 'received')
     JOIN fund.entry e ON e.organisation_id = p.organisation_id
                      AND e.id IN (p.entry_id, CASE WHEN p.kind = 'contribution' THEN c.entry_id END,
                                   CASE WHEN p.kind = 'contribution' THEN c.receipt_entry_id END)
    WHERE p.organisation_id = p_match.organisation_id AND p.match_id = p_match.id
    ORDER BY e.date;
  UPDATE fund.line_match x SET cancelled_at = app.recorded_at()
   WHERE x.organisation_id = p_match.organisation_id AND x.match_id = p_match.id AND x.cancelled_at IS NULL;
  UPDATE fund.match_transaction x SET cancelled_at = app.recorded_at()
   WHERE x.organisation_id = p_match.organisation_id AND x.match_id = p_match.id AND x.cancelled_at IS NULL;
  FOR v_part IN SELECT p.* FROM fund.match_part p
                 WHERE p.organisation_id = p_match.organisation_id AND p.match_id = p_match.id
                 ORDER BY p.position DESC LOOP
    PERFORM api.match_undo_part(v_part, p_reason);
  END LOOP;
  UPDATE fund.match m SET cancelled_at = app.recorded_at(), cancelled_by = app.actor(), cancel_reason = p_reason
   WHERE m.organisation_id = p_match.organisation_id AND m.id = p_match.id;
END $fn$;
COMMENT ON FUNCTION api.match_undo(fund.match, text) IS
  'Undoes one match: what it only linked waits again, what it booked is reversed.';

CREATE FUNCTION api.bank_match_cancel(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_match
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_match;
  v_match fund.match;
  v_pair fund.match;
  v_reason text;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_match, v_replay);
    RETURN;
  END IF;
  SELECT m.* INTO v_match FROM fund.match m
    JOIN fund.match_transaction x ON x.organisation_id = m.organisation_id AND x.match_id = m.id
   WHERE m.organisation_id = fund.current_organisation() AND m.id = (p_path->>'match_id')::uuid
     AND x.bank_transaction_id = (p_path->>'id')::uuid;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_match.cancelled_at IS NOT NULL THEN
    PERFORM app.fail('match.cancelled', '');
  END IF;
  SELECT coalesce(nullif(btrim(p_body->>'reason'), ''), CASE o.language WHEN 'fr' THEN 'Rapprochement défait'
                                                             ELSE 'Match undone' END) INTO v_reason
    FROM fund.organisation o WHERE o.id = fund.current_organisation();
  PERFORM set_config('app.reason', v_reason, true);
  SELECT m.* INTO v_pair FROM fund.match m
   WHERE m.organisation_id = v_match.organisation_id AND m.id = v_match.pair_id AND m.cancelled_at IS NULL;
  IF v_pair.id IS NOT NULL THEN
    UPDATE fund.match m SET pair_id = NULL WHERE m.organisation_id = v_match.organisation_id AND m.id = v_pair.id;
    v_pair.pair_id := NULL;
  END IF;
  PERFORM api.match_undo(v_match, v_reason);
  IF v_pair.matched_at = v_match.matched_at THEN
    -- Both sides were one act.
    PERFORM api.match_undo(v_pair, v_reason);
  END IF;
  SELECT * INTO STRICT v_row FROM api.bank_match m WHERE m.id = v_match.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_match_cancel(jsonb, jsonb) IS
  'Undoes a match while its period is open: reason. The other side of a transfer goes too when one act matched both.';

CREATE FUNCTION api.bank_match_clear(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_match
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_replay jsonb;
  v_row api.bank_match;
  v_match fund.match;
  v_account fund.bank_account;
  v_unknown fund.match_part;
  v_part jsonb;
  v_faults jsonb;
  v_sum bigint;
  v_date date;
  v_entry uuid := app.uuid7();
  i integer := -1;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_match, v_replay);
    RETURN;
  END IF;
  SELECT m.* INTO v_match FROM fund.match m
    JOIN fund.match_transaction x ON x.organisation_id = m.organisation_id AND x.match_id = m.id
   WHERE m.organisation_id = v_organisation AND m.id = (p_path->>'match_id')::uuid
     AND x.bank_transaction_id = (p_path->>'id')::uuid AND m.cancelled_at IS NULL;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  p_body := jsonb_strip_nulls(p_body);
  SELECT p.* INTO v_unknown FROM fund.match_part p
    JOIN api.bank_unknown u ON u.match_id = p.match_id AND u.position = p.position
   WHERE p.organisation_id = v_organisation AND p.match_id = v_match.id
     AND (p_body->>'position' IS NULL OR p.position = (p_body->>'position')::integer)
   ORDER BY p.position LIMIT 1;
  IF NOT FOUND THEN
    PERFORM app.fail('match.nothing_unknown', '');
  END IF;
  SELECT a.* INTO STRICT v_account FROM fund.bank_account a
   WHERE a.organisation_id = v_organisation AND a.id = v_match.bank_account_id;
  v_date := fund.accounting_date(v_match.date);
  SELECT coalesce(jsonb_agg(f ORDER BY p.position), '[]'), sum((p.part->>'amount')::bigint) INTO v_faults, v_sum
    FROM jsonb_array_elements(p_body->'create') WITH ORDINALITY AS p (part, position)
    LEFT JOIN LATERAL jsonb_array_elements(
      CASE WHEN p.part->>'kind' IN ('unknown', 'internal_transfer')
           THEN jsonb_build_array(app.fault('match.clear_kind', '/create/' || (p.position - 1) || '/kind'))
           ELSE api.match_part_faults(p.part, '/create/' || (p.position - 1), v_date) END) f ON true;
  SELECT sum((p->>'amount')::bigint) INTO v_sum FROM jsonb_array_elements(p_body->'create') p;
  PERFORM app.fail_all((SELECT coalesce(jsonb_agg(f), '[]') FROM jsonb_array_elements(v_faults) f WHERE f <> 'null'));
  PERFORM api.match_sum_check(v_sum, v_unknown.amount, '/create');
  -- 471 is taken back at the day of the clearing, and the money booked as what it is: on the bank account both cancel
  -- each other out but for the fund, which follows.
  PERFORM fund.post_entry(v_entry, 'BQ', v_date, api.match_word('unknown_cleared'), 'match', v_match.id, jsonb_build_array(
    jsonb_build_object('account', '471', 'amount', v_unknown.amount, 'fund_id', v_unknown.fund_id),
    jsonb_build_object('account', v_account.account_number, 'amount', -v_unknown.amount, 'fund_id', v_unknown.fund_id)),
    p_date_pointer => '');
  PERFORM api.match_cover(v_match.id, api.entry_lines_on(v_entry, v_account.account_number));
  PERFORM api.match_add_part(v_match.id, 'created', jsonb_build_object('kind', 'unknown', 'amount', -v_unknown.amount,
    'fund_id', v_unknown.fund_id), v_entry, NULL, v_unknown.position);
  FOR v_part IN SELECT p FROM jsonb_array_elements(p_body->'create') p LOOP
    i := i + 1;
    IF v_part->>'kind' = 'contribution' THEN
      v_part := v_part || jsonb_build_object('id', app.uuid7());
    END IF;
    v_entry := api.match_post(v_match.id, v_account.account_number, v_part, v_date, v_match.date, '/create/' || i);
    PERFORM api.match_add_part(v_match.id, 'created', v_part, v_entry, NULL, v_unknown.position);
  END LOOP;
  SELECT * INTO STRICT v_row FROM api.bank_match m WHERE m.id = v_match.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_match_clear(jsonb, jsonb) IS
  'Explains an unknown part of a match, also after its period was locked: position? (default: the first one), create as '
  'in a match. Booked at the bank''s day while that is open, else today.';

CREATE FUNCTION api.bank_opening_match(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_match
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_replay jsonb;
  v_row api.bank_match;
  v_statement fund.bank_statement;
  v_account fund.bank_account;
  v_id uuid := app.uuid7();
  v_opening bigint;
  v_sum bigint;
  v_link record;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_match, v_replay);
    RETURN;
  END IF;
  SELECT s.* INTO v_statement FROM fund.bank_statement s
   WHERE s.organisation_id = v_organisation AND s.id = (p_path->>'id')::uuid;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  SELECT a.* INTO STRICT v_account FROM fund.bank_account a
   WHERE a.organisation_id = v_organisation AND a.id = v_statement.bank_account_id;
  v_opening := coalesce(v_statement.opening, v_statement.closing - v_statement.sum_in - v_statement.sum_out);
  IF v_account.confirmed_at IS NULL THEN
    PERFORM app.fail('bank_account.unconfirmed', '', v_account.name);
  ELSIF v_opening IS NULL OR v_opening = 0 OR EXISTS (
      SELECT FROM fund.bank_statement s WHERE s.organisation_id = v_organisation AND s.bank_account_id = v_account.id
         AND s.closing_on < coalesce(v_statement.from_on, v_statement.closing_on)) THEN
    PERFORM app.fail('match.opening_not_first', '');
  ELSIF EXISTS (SELECT FROM fund.match m WHERE m.organisation_id = v_organisation AND m.bank_account_id = v_account.id
                   AND m.statement_id IS NOT NULL AND m.cancelled_at IS NULL) THEN
    PERFORM app.fail('match.opening_done', '');
  END IF;
  SELECT coalesce(sum(l.amount), 0) INTO v_sum FROM api.match_links(p_body, v_account.account_number) l;
  PERFORM api.match_sum_check(v_sum, v_opening, '/entry_line_ids');
  INSERT INTO fund.match (organisation_id, id, bank_account_id, amount, date, statement_id, matched_at, matched_by)
  VALUES (v_organisation, v_id, v_account.id, v_opening, coalesce(v_statement.from_on, v_statement.closing_on),
          v_statement.id, app.recorded_at(), app.actor());
  FOR v_link IN SELECT l.* FROM api.match_links(p_body, v_account.account_number) l LOOP
    IF v_link.account <> v_account.account_number THEN
      PERFORM app.fail('match.opening_account', v_link.pointer, v_account.account_number);
    END IF;
    PERFORM api.match_cover(v_id, ARRAY[v_link.line_id]);
    PERFORM api.match_add_part(v_id, 'linked', to_jsonb(v_link) || '{"kind": "entry_line"}', NULL, v_link.line_id, NULL);
  END LOOP;
  SELECT * INTO STRICT v_row FROM api.bank_match m WHERE m.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_opening_match(jsonb, jsonb) IS
  'What was on the account before the books began: entry_line_ids, lines of its account of the ledger that make the '
  'opening balance of its first statement. Without it that money would never count as seen at the bank.';

CREATE FUNCTION api.bank_opening_cancel(p_path jsonb, p_body jsonb) RETURNS SETOF api.bank_match
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.bank_match;
  v_match fund.match;
  v_reason text;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.bank_match, v_replay);
    RETURN;
  END IF;
  SELECT m.* INTO v_match FROM fund.match m
   WHERE m.organisation_id = fund.current_organisation() AND m.id = (p_path->>'match_id')::uuid
     AND m.statement_id = (p_path->>'id')::uuid;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_match.cancelled_at IS NOT NULL THEN
    PERFORM app.fail('match.cancelled', '');
  END IF;
  SELECT coalesce(nullif(btrim(p_body->>'reason'), ''), CASE o.language WHEN 'fr' THEN 'Rapprochement défait'
                                                             ELSE 'Match undone' END) INTO v_reason
    FROM fund.organisation o WHERE o.id = fund.current_organisation();
  PERFORM set_config('app.reason', v_reason, true);
  PERFORM api.match_undo(v_match, v_reason);
  SELECT * INTO STRICT v_row FROM api.bank_match m WHERE m.id = v_match.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.bank_opening_cancel(jsonb, jsonb) IS 'Undoes the match of an opening balance: reason.';

-- ---------------------------------------------------------------------------------------------------------------
-- What suggestions are made from
-- ---------------------------------------------------------------------------------------------------------------

CREATE VIEW api.matching_member WITH (security_invoker = true) AS
SELECT m.id, m.name, m.account_holder, m.contact_name, m.iban, m.legal_form,
       (SELECT string_agg(n.nature, ',' ORDER BY n.nature) FROM api.contribution_nature n
         WHERE n.legal_form = m.legal_form) AS natures,
       (SELECT c.amount FROM fund.contribution c
         WHERE c.organisation_id = m.organisation_id AND c.member_id = m.id AND c.nature = 'dues' AND c.status = 'recorded'
         ORDER BY c.received_on DESC, c.recorded_at DESC LIMIT 1) AS dues,
       m.left_on IS NOT NULL AND m.left_on <= fund.today() AS left
  FROM fund.member m;
COMMENT ON VIEW api.matching_member IS 'Members as suggestions need them: names, IBAN, natures they may give, last dues.';

CREATE VIEW api.matching_open WITH (security_invoker = true) AS
SELECT true AS is_contribution, c.status = 'awaited' AS awaited, c.id::text AS id, c.member_id, c.donor_name AS name, c.amount,
       coalesce(c.received_on, c.agreement_signed_on) AS date,
       CASE WHEN c.status = 'awaited' THEN 'transfer' ELSE c.means END AS means, c.nature
  FROM fund.contribution c
 WHERE c.status = 'awaited'
    OR (c.status = 'recorded' AND NOT EXISTS (
          SELECT FROM fund.line l
            JOIN fund.line_match x ON x.organisation_id = l.organisation_id AND x.line_id = l.id AND x.cancelled_at IS NULL
           WHERE l.organisation_id = c.organisation_id AND l.entry_id = coalesce(c.receipt_entry_id, c.entry_id)
             AND l.amount > 0))
UNION ALL
SELECT false, false, w.id::text, w.member_id, coalesce(w.label, w.entry_label), w.amount, w.date,
       CASE WHEN w.account LIKE '511%' THEN 'cheque' WHEN w.account LIKE '53%' THEN 'cash' WHEN w.account LIKE '517%'
            THEN 'platform' WHEN w.account LIKE '512%' THEN 'transfer' ELSE 'other' END, NULL
  FROM api.waiting_line w
 WHERE w.source_kind = 'manual' AND (w.account ~ '^(511|512|517|53|40|42|43|44|45|467|468)' OR w.account LIKE '41%');
COMMENT ON VIEW api.matching_open IS
  'What waits for the bank: contributions recorded or awaited, and lines of manual entries on accounts that the bank settles.';

CREATE VIEW api.bank_open_item WITH (security_invoker = true) AS
SELECT o.id, CASE WHEN o.is_contribution THEN 'contribution' ELSE 'entry_line' END AS kind,
       CASE WHEN o.is_contribution THEN o.id::uuid END AS contribution_id,
       CASE WHEN NOT o.is_contribution THEN o.id::bigint END AS line_id,
       o.amount, o.date, o.awaited, coalesce(m.name, o.name, '') AS giver_name, o.member_id,
       CASE WHEN o.is_contribution THEN o.nature END AS nature, o.means
  FROM api.matching_open o
  LEFT JOIN fund.member m ON m.organisation_id = fund.current_organisation() AND m.id = o.member_id;
COMMENT ON VIEW api.bank_open_item IS
  'What waits for the bank, for a person to choose from: amounts signed as the bank line would have them.';

CREATE VIEW api.matching_received WITH (security_invoker = true) AS
SELECT c.id, c.member_id, coalesce(m.name, c.donor_name) AS name, c.amount, c.received_on AS date
  FROM fund.contribution c
  LEFT JOIN fund.member m ON m.organisation_id = c.organisation_id AND m.id = c.member_id
 WHERE c.status = 'recorded'
   AND EXISTS (SELECT FROM fund.line l
                 JOIN fund.line_match x ON x.organisation_id = l.organisation_id AND x.line_id = l.id AND x.cancelled_at IS NULL
                WHERE l.organisation_id = c.organisation_id AND l.entry_id = coalesce(c.receipt_entry_id, c.entry_id)
                  AND l.amount > 0);
COMMENT ON VIEW api.matching_received IS 'Contributions that came through the bank: what it can take back, or what can be refunded.';

CREATE VIEW api.matching_past WITH (security_invoker = true) AS
SELECT m.id AS match_id, m.matched_at, t.amount AS line_amount, t.booked_on AS date, t.counterparty_name, t.counterparty_iban,
       t.ultimate_name, t.remittance, t.additional_text, p.position, p.kind, p.amount, p.category,
       coalesce(c.nature, p.nature) AS nature, coalesce(c.member_id, p.member_id) AS member_id, c.donor_name,
       c.donor_legal_form, coalesce(c.fund_id, p.fund_id) AS fund_id, coalesce(c.project_id, p.project_id) AS project_id,
       p.contribution_id
  FROM fund.match m
  JOIN fund.match_transaction x ON x.organisation_id = m.organisation_id AND x.match_id = m.id AND x.cancelled_at IS NULL
  JOIN fund.bank_transaction t ON t.organisation_id = x.organisation_id AND t.id = x.bank_transaction_id
  JOIN fund.match_part p ON p.organisation_id = m.organisation_id AND p.match_id = m.id
  LEFT JOIN LATERAL api.contribution_now(p.contribution_id) c ON true
 WHERE m.cancelled_at IS NULL AND t.amount = m.amount
   AND NOT EXISTS (SELECT FROM fund.match_part o
                    WHERE o.organisation_id = m.organisation_id AND o.match_id = m.id
                      AND (o.act = 'settled' OR o.kind IN ('entry_line', 'unknown') OR o.clears IS NOT NULL));
COMMENT ON VIEW api.matching_past IS
  'Bank lines matched before, one row per part: what was answered for that account or text. Slips, lines of manual '
  'entries and what is unknown teach nothing.';
