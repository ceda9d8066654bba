-- Members and money in as the server sees them: views of what can be read, functions that write, the import.

-- ---------------------------------------------------------------------------------------------------------------
-- Members
-- ---------------------------------------------------------------------------------------------------------------

CREATE VIEW api.member WITH (security_invoker = true) AS
SELECT m.id, m.number, m.name, m.legal_form, CASE WHEN m.left_on <= t.today THEN 'left' ELSE 'current' END AS status,
       m.siret, m.siren, m.rna, m.email, m.phone, m.street, m.postal_code, m.city, m.country, m.iban, m.account_holder,
       m.contact_name, m.contact_role, m.joined_on, m.left_on,
       CASE WHEN fund.current_member() IS NULL THEN m.notes END AS notes,
       c.contributed_this_year, c.contributed_total, c.last_contribution_on, c.dues_paid_this_year, m.version, m.created_at,
       m.name_folded,
       concat_ws(' ', m.name_folded, fund.fold(concat_ws(' ', m.number, m.city, m.postal_code, m.contact_name, m.email)),
                 m.siret, m.rna, m.iban) AS searched
  FROM fund.member m
 CROSS JOIN (SELECT fund.today() AS today) t
  LEFT JOIN LATERAL (SELECT y.starts_on, y.ends_on FROM fund.fiscal_year y WHERE y.starts_on <= t.today
                      ORDER BY y.starts_on DESC LIMIT 1) y ON true
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(c.amount) FILTER (WHERE c.received_on BETWEEN y.starts_on AND y.ends_on), 0)::bigint
            AS contributed_this_year,
          coalesce(sum(c.amount), 0)::bigint AS contributed_total,
          max(c.received_on) AS last_contribution_on,
          coalesce(sum(c.amount) FILTER (WHERE c.nature = 'dues' AND c.received_on BETWEEN y.starts_on AND y.ends_on),
                   0)::bigint AS dues_paid_this_year
     FROM fund.contribution c
    WHERE c.organisation_id = m.organisation_id AND c.member_id = m.id AND c.status = 'recorded') c;
COMMENT ON VIEW api.member IS
  'Members with what they have paid: recorded contributions of any nature, dues included, by the day they were received; '
  '"this year" is the fiscal year around today. A member sees itself, without the treasurer''s notes.';

CREATE FUNCTION api.member_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.member
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.member;
  v_id uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.member, v_replay);
    RETURN;
  END IF;
  v_id := fund.member_insert(p_body);
  SELECT * INTO STRICT v_row FROM api.member m WHERE m.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.member_create(jsonb, jsonb) IS 'Makes a member with the next number. Problems: member.*_taken, member.left_before_joined.';

CREATE FUNCTION api.member_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.member
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.member;
  v_old fund.member;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.member, v_replay);
    RETURN;
  END IF;
  SELECT m.* INTO v_old FROM fund.member m
   WHERE m.organisation_id = fund.current_organisation() AND m.id = (p_path->>'id')::uuid;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  PERFORM app.check_version(v_old.version);
  PERFORM fund.member_change(v_old, p_body);
  SELECT * INTO STRICT v_row FROM api.member m WHERE m.id = v_old.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.member_update(jsonb, jsonb) IS
  'PATCH of a member: a key present is set, null clears, If-Match required. A new SIRET brings its SIREN with it.';

-- ---------------------------------------------------------------------------------------------------------------
-- Importing members
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.member_import_plan(p_lines jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_items jsonb[] := '{}';
  v_line record;
  v_old fund.member;
  v_new fund.member;
  v_faults jsonb;
  v_changes jsonb;
BEGIN
  FOR v_line IN SELECT * FROM fund.member_import_lines(p_lines) LOOP
    v_old := NULL;
    IF v_line.member_id IS NOT NULL THEN
      SELECT m.* INTO STRICT v_old FROM fund.member m
       WHERE m.organisation_id = fund.current_organisation() AND m.id = v_line.member_id;
    END IF;
    v_new := fund.member_changed(v_old, v_line.body);
    v_changes := fund.member_changes(v_old, v_new);
    v_faults := v_line.faults;
    IF v_old.id IS NULL OR v_changes <> '[]' THEN
      v_faults := v_faults || fund.member_faults(v_new);
    END IF;
    IF v_new.name IS NULL THEN
      v_faults := v_faults || app.fault('field.required', '/name');
    END IF;
    IF v_new.legal_form IS NULL AND NOT v_line.refused THEN
      v_faults := v_faults || app.fault('field.required', '/legal_form');
    END IF;
    v_items := v_items || jsonb_build_object(
      'line', v_line.line,
      'action', CASE WHEN v_line.refused OR v_faults <> '[]' THEN 'refused' WHEN v_old.id IS NULL THEN 'create'
                     WHEN v_changes = '[]' THEN 'unchanged' ELSE 'update' END,
      'name', v_new.name, 'member_id', v_old.id, 'number', v_old.number, 'identified_by', v_line.identified_by,
      'changes', v_changes, 'faults', v_faults, 'body', v_line.body);
  END LOOP;
  RETURN to_jsonb(v_items);
END $fn$;
COMMENT ON FUNCTION api.member_import_plan(jsonb) IS
  'What a file would do, line by line: [{"line", "action": create | update | unchanged | refused, "name", "member_id", '
  '"number", "identified_by", "changes": [{"field", "before", "after"}], "faults", "body"}]; writes nothing. p_lines: '
  '[{"line", "member": fields present, "refused": true where a cell could not be read}]. An empty cell is an absent field: '
  'it changes nothing.';

CREATE FUNCTION api.member_import(p_path jsonb, p_body jsonb) RETURNS TABLE (items jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_items jsonb[] := '{}';
  v_item jsonb;
  v_old fund.member;
  v_id uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    items := v_replay;
    RETURN NEXT;
    RETURN;
  END IF;
  FOR v_item IN SELECT i FROM jsonb_array_elements(api.member_import_plan(p_body->'lines')) i LOOP
    IF v_item->>'action' = 'refused' THEN
      -- The caller looked at the plan first: only a change made meanwhile leads here.
      PERFORM app.fail('member_import.changed');
    ELSIF v_item->>'action' = 'create' THEN
      v_id := fund.member_insert(v_item->'body');
      v_item := v_item || jsonb_build_object('member_id', v_id, 'number',
        (SELECT m.number FROM fund.member m WHERE m.organisation_id = fund.current_organisation() AND m.id = v_id));
    ELSIF v_item->>'action' = 'update' THEN
      SELECT m.* INTO STRICT v_old FROM fund.member m
       WHERE m.organisation_id = fund.current_organisation() AND m.id = (v_item->>'member_id')::uuid;
      PERFORM fund.member_change(v_old, v_item->'body');
    END IF;
    v_items := v_items || (v_item - 'body');
  END LOOP;
  items := to_jsonb(v_items);
  PERFORM app.end_write(items);
  RETURN NEXT;
END $fn$;
COMMENT ON FUNCTION api.member_import(jsonb, jsonb) IS
  'Does what api.member_import_plan says, all of it or (member_import.changed, another member''s identifier) nothing; '
  'answers the plan with the ids and numbers of the new members. p_body: {"lines"}.';

-- ---------------------------------------------------------------------------------------------------------------
-- Contributions
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.contribution_notes(p_nature text, p_agreement_signed_on date, p_received_on date, p_joined_on date,
                                       p_left_on date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN to_jsonb(array_remove(ARRAY[
  CASE WHEN coalesce(p_received_on, p_agreement_signed_on) < p_joined_on THEN 'before_joining' END,
  CASE WHEN coalesce(p_received_on, p_agreement_signed_on) >= p_left_on THEN 'after_leaving' END,
  CASE WHEN p_nature = 'patronage' AND p_agreement_signed_on IS NULL THEN 'patronage_without_agreement' END,
  CASE WHEN p_nature = 'repayable' THEN 'to_repay' END], NULL));
COMMENT ON FUNCTION api.contribution_notes(text, date, date, date, date) IS
  'What is worth a look and refuses nothing: before_joining, after_leaving, patronage_without_agreement (then usually a '
  'donation), to_repay (a debt: never counted in what can be lent).';

CREATE VIEW api.contribution WITH (security_invoker = true) AS
SELECT c.id, coalesce(c.received_on, c.agreement_signed_on) AS date, c.member_id, m.number AS member_number,
       m.name AS member_name,
       CASE WHEN c.donor_name IS NOT NULL
            THEN jsonb_build_object('name', c.donor_name, 'legal_form', c.donor_legal_form) END AS donor,
       coalesce(m.name, c.donor_name) AS giver_name, c.giver_legal_form,
       c.amount, c.received_on, c.means, c.nature, c.fund_id, f.name AS fund_name, c.project_id, p.name AS project_name,
       c.label, c.agreement_signed_on, c.repayable_on, c.legal_basis, c.accountant_note, c.status, c.entry_id,
       c.receipt_entry_id, c.return_entry_id,
       (SELECT r.id FROM fund.entry r
         WHERE r.organisation_id = c.organisation_id AND r.reverses_entry_id = c.entry_id) AS reversal_entry_id,
       c.corrects_id, c.corrected_by_id, c.reason,
       EXISTS (SELECT FROM fund.line l
                 JOIN fund.line_match x ON x.organisation_id = l.organisation_id AND x.line_id = l.id
                WHERE l.organisation_id = c.organisation_id AND l.entry_id IN (c.entry_id, c.receipt_entry_id)
                  AND x.cancelled_at IS NULL) AS matched,
       api.contribution_notes(c.nature, c.agreement_signed_on, c.received_on, m.joined_on, m.left_on) AS notes,
       c.recorded_at, c.recorded_by,
       fund.fold(concat_ws(' ', coalesce(m.name, c.donor_name), c.label, m.number)) AS searched
  FROM fund.contribution c
  JOIN fund.fund f ON f.organisation_id = c.organisation_id AND f.id = c.fund_id
  LEFT JOIN fund.member m ON m.organisation_id = c.organisation_id AND m.id = c.member_id
  LEFT JOIN fund.project p ON p.organisation_id = c.organisation_id AND p.id = c.project_id;
COMMENT ON VIEW api.contribution IS
  'Money in; date is the day it was received or, while it is awaited, the day of the agreement. A member sees its own.';

CREATE VIEW api.contribution_nature WITH (security_invoker = true) AS
SELECT n.legal_form || '.' || n.nature AS id, n.legal_form, n.nature,
       CASE WHEN o.dues_with_counterpart THEN coalesce(n.counterpart_account, n.account) ELSE n.account END AS account,
       n.agreement_account, n.default_fund AS default_fund_kind, fund.default_fund(n.default_fund) AS default_fund_id,
       to_jsonb(n.needs) AS needs, n.lendable, n.source
  FROM fund.organisation o
 CROSS JOIN (SELECT fund.chart_date(fund.year_start(fund.today())) AS on_date) t
  JOIN reference.nature n ON t.on_date BETWEEN n.valid_from AND coalesce(n.valid_to, 'infinity')
 WHERE n.account IS NOT NULL;
COMMENT ON VIEW api.contribution_nature IS
  'Which natures of contribution each legal form can have today, how they are booked, and what they need.';

CREATE FUNCTION api.contribution_account(p_bank_account text, p_means text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_account text;
  v_name text;
BEGIN
  IF p_bank_account IS NULL THEN
    RETURN NULL;
  END IF;
  IF p_means NOT IN ('transfer', 'direct_debit') THEN
    PERFORM app.fail('contribution.bank_account_means', '/bank_account_id');
  END IF;
  SELECT b.account_number, b.name INTO v_account, v_name FROM fund.bank_account b
   WHERE b.organisation_id = fund.current_organisation() AND b.id = p_bank_account::uuid;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', '/bank_account_id');
  ELSIF v_account IS NULL THEN
    PERFORM app.fail('bank_account.unconfirmed', '/bank_account_id', v_name);
  END IF;
  RETURN v_account;
END $fn$;
COMMENT ON FUNCTION api.contribution_account(text, text) IS
  'Ledger account of the bank account that a body names, where money came by transfer or direct debit; null when it names '
  'none (then the first one, 512). Problems: contribution.bank_account_means, not_found, bank_account.unconfirmed.';

CREATE FUNCTION api.contribution_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.contribution;
  v_id uuid := app.uuid7();
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.contribution, v_replay);
    RETURN;
  END IF;
  PERFORM fund.contribution_record(v_id, p_body,
                                   api.contribution_account(p_body->>'bank_account_id', p_body->>'means'));
  SELECT * INTO STRICT v_row FROM api.contribution c WHERE c.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.contribution_create(jsonb, jsonb) IS
  'Records money in and posts its validated entry in the same transaction; see fund.contribution_record.';

CREATE FUNCTION api.contribution_receive(p_path jsonb, p_body jsonb) RETURNS SETOF api.contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.contribution;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.contribution, v_replay);
    RETURN;
  END IF;
  PERFORM fund.contribution_settle(v_id, (p_body->>'received_on')::date, p_body->>'means', api.contribution_account(
    p_body->>'bank_account_id', coalesce(p_body->>'means', (SELECT c.means FROM api.contribution c WHERE c.id = v_id))));
  SELECT * INTO STRICT v_row FROM api.contribution c WHERE c.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.contribution_receive(jsonb, jsonb) IS
  'The money of a signed agreement came: received_on, means. Posts the entry that settles the claim.';

CREATE FUNCTION api.contribution_cancel(p_path jsonb, p_body jsonb) RETURNS SETOF api.contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.contribution;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.contribution, v_replay);
    RETURN;
  END IF;
  PERFORM fund.contribution_cancel(v_id, (p_body->>'date')::date, p_body->>'reason');
  SELECT * INTO STRICT v_row FROM api.contribution c WHERE c.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.contribution_cancel(jsonb, jsonb) IS
  'Takes a contribution back: reason, date (default: its own date while that period is open, else today).';

CREATE FUNCTION api.contribution_correct(p_path jsonb, p_body jsonb) RETURNS SETOF api.contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.contribution;
  v_id uuid := app.uuid7();
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.contribution, v_replay);
    RETURN;
  END IF;
  PERFORM fund.contribution_correct((p_path->>'id')::uuid, p_body - 'bank_account_id', v_id, api.contribution_account(
    p_body->>'bank_account_id',
    coalesce(p_body->>'means', (SELECT c.means FROM api.contribution c WHERE c.id = (p_path->>'id')::uuid))));
  SELECT * INTO STRICT v_row FROM api.contribution c WHERE c.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.contribution_correct(jsonb, jsonb) IS
  'Corrects a contribution (reason, changed fields) and answers the one that replaces it; see fund.contribution_correct.';

CREATE FUNCTION api.contribution_preview(p_path jsonb, p_body jsonb)
RETURNS TABLE (entries jsonb, fund_id uuid, fund_name text, status text, notes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v fund.contribution := fund.contribution_from(p_body);
  v_account text := api.contribution_account(p_body->>'bank_account_id', p_body->>'means');
BEGIN
  PERFORM app.fail_all(fund.contribution_faults(v));
  RETURN QUERY
    SELECT (SELECT jsonb_agg(e.entry - 'lines' - 'part' || jsonb_build_object('lines',
                     (SELECT jsonb_agg(jsonb_build_object(
                               'account', l.line->>'account',
                               'title', (fund.account_lookup(l.line->>'account',
                                                             fund.year_start((e.entry->>'date')::date))).title,
                               'debit', CASE WHEN a.amount > 0 THEN fund.money_text(a.amount) END,
                               'credit', CASE WHEN a.amount < 0 THEN fund.money_text(-a.amount) END,
                               'fund_id', f.id, 'fund_name', f.name) ORDER BY l.position)
                        FROM jsonb_array_elements(e.entry->'lines') WITH ORDINALITY AS l (line, position)
                       CROSS JOIN LATERAL (SELECT (l.line->>'amount')::bigint AS amount) a)) ORDER BY e.position)
              FROM jsonb_array_elements(fund.contribution_scheme(v, v_account)) WITH ORDINALITY AS e (entry, position)),
           f.id, f.name, v.status,
           api.contribution_notes(v.nature, v.agreement_signed_on, v.received_on, m.joined_on, m.left_on)
      FROM fund.fund f
      LEFT JOIN fund.member m ON m.organisation_id = f.organisation_id AND m.id = v.member_id
     WHERE f.organisation_id = fund.current_organisation() AND f.id = v.fund_id;
END $fn$;
COMMENT ON FUNCTION api.contribution_preview(jsonb, jsonb) IS
  'What POST contributions with the same body would write, or what it would refuse; writes nothing.';

-- ---------------------------------------------------------------------------------------------------------------
-- Given in kind
-- ---------------------------------------------------------------------------------------------------------------

CREATE VIEW api.in_kind_contribution WITH (security_invoker = true) AS
SELECT k.id, k.given_on, k.kind, k.value, k.hours::text AS hours, k.member_id, m.number AS member_number,
       m.name AS member_name,
       CASE WHEN k.donor_name IS NOT NULL
            THEN jsonb_build_object('name', k.donor_name, 'legal_form', k.donor_legal_form) END AS donor,
       coalesce(m.name, k.donor_name) AS giver_name, k.project_id, p.name AS project_name, k.label, k.status, k.entry_id,
       (SELECT r.id FROM fund.entry r
         WHERE r.organisation_id = k.organisation_id AND r.reverses_entry_id = k.entry_id) AS reversal_entry_id,
       k.reason, k.recorded_at, k.recorded_by
  FROM fund.in_kind_contribution k
  LEFT JOIN fund.member m ON m.organisation_id = k.organisation_id AND m.id = k.member_id
  LEFT JOIN fund.project p ON p.organisation_id = k.organisation_id AND p.id = k.project_id;
COMMENT ON VIEW api.in_kind_contribution IS 'Volunteer time, goods, premises and services given. A member sees its own.';

CREATE FUNCTION api.in_kind_contribution_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.in_kind_contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.in_kind_contribution;
  v_id uuid := app.uuid7();
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.in_kind_contribution, v_replay);
    RETURN;
  END IF;
  PERFORM fund.in_kind_record(v_id, p_body);
  SELECT * INTO STRICT v_row FROM api.in_kind_contribution k WHERE k.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.in_kind_contribution_create(jsonb, jsonb) IS 'Records what was given in kind and posts its entry in classes 86 and 87.';

CREATE FUNCTION api.in_kind_contribution_cancel(p_path jsonb, p_body jsonb) RETURNS SETOF api.in_kind_contribution
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.in_kind_contribution;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.in_kind_contribution, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.in_kind_contribution k WHERE k.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_row.status = 'cancelled' THEN
    PERFORM app.fail('contribution.cancelled');
  END IF;
  PERFORM set_config('app.reason', p_body->>'reason', true);
  PERFORM fund.reverse_entry(v_row.entry_id, coalesce((p_body->>'date')::date, fund.accounting_date(v_row.given_on)),
                             p_body->>'reason', app.uuid7());
  UPDATE fund.in_kind_contribution k SET status = 'cancelled', reason = p_body->>'reason'
   WHERE k.organisation_id = fund.current_organisation() AND k.id = v_id;
  SELECT * INTO STRICT v_row FROM api.in_kind_contribution k WHERE k.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.in_kind_contribution_cancel(jsonb, jsonb) IS 'Takes it back by a reversal: reason, date.';
