-- The ledger as the server sees it: views of what can be read, functions that write, the trial balance.

-- ---------------------------------------------------------------------------------------------------------------
-- Funds, projects, journals, accounts, fiscal years
-- ---------------------------------------------------------------------------------------------------------------

CREATE VIEW api.fund WITH (security_invoker = true) AS
SELECT f.id, f.name, f.kind, f.floor, f.id = fund.default_fund(f.kind) AS is_default, f.version, f.created_at
  FROM fund.fund f;
COMMENT ON VIEW api.fund IS 'Funds; is_default marks the one that money of its kind goes to when nothing is said.';

CREATE VIEW api.project WITH (security_invoker = true) AS
SELECT p.id, p.code, p.name, p.version, p.created_at FROM fund.project p;
COMMENT ON VIEW api.project IS 'Projects.';

CREATE VIEW api.journal WITH (security_invoker = true) AS
SELECT j.code AS id, j.code, j.name FROM fund.journal j;
COMMENT ON VIEW api.journal IS 'Journals.';

CREATE VIEW api.account WITH (security_invoker = true) AS
SELECT a.number || '@' || a.valid_from AS id, a.number, a.title, a.kind, a.own, true AS used, a.valid_from, a.valid_to
  FROM fund.account a
UNION ALL
SELECT r.number || '@' || r.valid_from, r.number, r.title, r.kind, false, false, r.valid_from, r.valid_to
  FROM reference.account r
 WHERE r.number ~ '^[1-8][0-9]' AND fund.current_organisation() IS NOT NULL
   AND NOT EXISTS (SELECT FROM fund.account a
                    WHERE a.number = r.number AND a.valid_from <= coalesce(r.valid_to, 'infinity')
                      AND coalesce(a.valid_to, 'infinity') >= r.valid_from);
COMMENT ON VIEW api.account IS
  'Accounts that can be booked on: those the organisation uses, and the rest of the chart, each in its vintages.';

CREATE FUNCTION api.chart_covers(p_valid_from date, p_valid_to date, p_on date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT v.on_date >= p_valid_from AND (p_valid_to IS NULL OR v.on_date <= p_valid_to)
    FROM (SELECT fund.chart_date(fund.year_start(p_on)) AS on_date) v
$fn$;
COMMENT ON FUNCTION api.chart_covers(date, date, date) IS
  'Whether an account of this validity is in the chart of the fiscal year around a date.';

CREATE VIEW api.fiscal_year WITH (security_invoker = true) AS
SELECT y.id, y.starts_on, y.ends_on, y.locked_through,
       CASE WHEN y.closed_at IS NULL THEN 'open' ELSE 'closed' END AS state, y.version, y.created_at
  FROM fund.fiscal_year y;
COMMENT ON VIEW api.fiscal_year IS 'Fiscal years with their state and lock.';

CREATE FUNCTION api.fund_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.fund
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.fund;
  v_id uuid := app.uuid7();
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.fund, v_replay);
    RETURN;
  END IF;
  INSERT INTO fund.fund (organisation_id, id, name, kind, floor, created_at)
  VALUES (fund.current_organisation(), v_id, p_body->>'name', p_body->>'kind', coalesce((p_body->>'floor')::bigint, 0),
          app.recorded_at());
  SELECT * INTO STRICT v_row FROM api.fund f WHERE f.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.fund_create(jsonb, jsonb) IS 'Makes a fund: name, kind, floor.';

CREATE FUNCTION api.fund_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.fund
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.fund;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.fund, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.fund f WHERE f.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  PERFORM app.check_version(v_row.version);
  UPDATE fund.fund f
     SET name = coalesce(p_body->>'name', f.name), floor = coalesce((p_body->>'floor')::bigint, f.floor),
         version = f.version + 1
   WHERE f.organisation_id = fund.current_organisation() AND f.id = v_id;
  SELECT * INTO STRICT v_row FROM api.fund f WHERE f.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.fund_update(jsonb, jsonb) IS 'Changes the name or the floor of a fund; If-Match.';

CREATE FUNCTION api.project_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.project
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.project;
  v_id uuid := app.uuid7();
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.project, v_replay);
    RETURN;
  END IF;
  INSERT INTO fund.project (organisation_id, id, code, name, created_at)
  VALUES (fund.current_organisation(), v_id, p_body->>'code', p_body->>'name', app.recorded_at());
  SELECT * INTO STRICT v_row FROM api.project p WHERE p.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.project_create(jsonb, jsonb) IS 'Makes a project: name, code.';

CREATE FUNCTION api.project_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.project
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.project;
  v_id uuid := (p_path->>'id')::uuid;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.project, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.project p WHERE p.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  END IF;
  PERFORM app.check_version(v_row.version);
  UPDATE fund.project p
     SET name = coalesce(p_body->>'name', p.name),
         code = CASE WHEN p_body ? 'code' THEN p_body->>'code' ELSE p.code END, version = p.version + 1
   WHERE p.organisation_id = fund.current_organisation() AND p.id = v_id;
  SELECT * INTO STRICT v_row FROM api.project p WHERE p.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.project_update(jsonb, jsonb) IS
  'Changes the name or the code of a project (null removes the code); If-Match.';

CREATE FUNCTION api.account_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.account
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.account;
  v_start date;
  v_id bigint;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.account, v_replay);
    RETURN;
  END IF;
  SELECT y.starts_on INTO v_start FROM fund.fiscal_year y
   WHERE y.organisation_id = fund.current_organisation()
     AND (p_body->>'fiscal_year_id' IS NULL OR y.id = (p_body->>'fiscal_year_id')::uuid)
   ORDER BY y.starts_on DESC LIMIT 1;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', '/fiscal_year_id');
  END IF;
  v_id := fund.open_account(p_body->>'number', p_body->>'title', v_start);
  SELECT v.* INTO STRICT v_row
    FROM fund.account a JOIN api.account v ON v.id = a.number || '@' || a.valid_from
   WHERE a.organisation_id = fund.current_organisation() AND a.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.account_create(jsonb, jsonb) IS
  'Opens a sub-account: number, title; in the chart of the given fiscal year, else of the latest one.';

CREATE FUNCTION api.fiscal_year_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.fiscal_year
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.fiscal_year;
  v_id uuid := app.uuid7();
  v_starts_on date := (p_body->>'starts_on')::date;
  v_ends_on date := (p_body->>'ends_on')::date;
  v_first date;
  v_last date;
  v_other date;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.fiscal_year, v_replay);
    RETURN;
  END IF;
  IF v_ends_on < (v_starts_on + interval '1 month' - interval '1 day')::date
     OR v_ends_on > (v_starts_on + interval '24 months' - interval '1 day')::date THEN
    PERFORM app.fail('fiscal_year.length', '/ends_on');
  END IF;
  SELECT min(y.starts_on), max(y.ends_on),
         max(y.ends_on) FILTER (WHERE y.starts_on <= v_ends_on AND y.ends_on >= v_starts_on)
    INTO v_first, v_last, v_other
    FROM fund.fiscal_year y WHERE y.organisation_id = fund.current_organisation();
  IF v_other IS NOT NULL THEN
    PERFORM app.fail('fiscal_year.overlap', '/starts_on', 'date:' || v_other::text);
  ELSIF v_starts_on > v_last + 1 THEN
    PERFORM app.fail('fiscal_year.gap', '/starts_on', 'date:' || v_last::text, 'date:' || v_starts_on::text);
  ELSIF v_ends_on < v_first - 1 THEN
    PERFORM app.fail('fiscal_year.gap', '/ends_on', 'date:' || v_ends_on::text, 'date:' || v_first::text);
  END IF;
  INSERT INTO fund.fiscal_year (organisation_id, id, starts_on, ends_on, created_at)
  VALUES (fund.current_organisation(), v_id, v_starts_on, v_ends_on, app.recorded_at());
  SELECT * INTO STRICT v_row FROM api.fiscal_year y WHERE y.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.fiscal_year_create(jsonb, jsonb) IS
  'Opens a fiscal year of 1 to 24 months right after the last one, or right before the first.';

CREATE FUNCTION api.fiscal_year_lock(p_path jsonb, p_body jsonb) RETURNS SETOF api.fiscal_year
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.fiscal_year;
  v_id uuid := (p_path->>'id')::uuid;
  v_through date := (p_body->>'through')::date;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.fiscal_year, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.fiscal_year y WHERE y.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_row.state = 'closed' THEN
    PERFORM app.fail('fiscal_year.closed', '', 'date:' || v_row.starts_on::text, 'date:' || v_row.ends_on::text);
  ELSIF v_through NOT BETWEEN v_row.starts_on AND v_row.ends_on
        OR (v_through <> v_row.ends_on AND extract(day FROM v_through + 1) <> 1) THEN
    PERFORM app.fail('period.lock_date', '/through', 'date:' || v_row.starts_on::text, 'date:' || v_row.ends_on::text);
  ELSIF v_through <= v_row.locked_through THEN
    PERFORM app.fail('period.already_locked', '/through', 'date:' || v_row.locked_through::text);
  END IF;
  PERFORM set_config('app.reason', p_body->>'reason', true);
  UPDATE fund.fiscal_year y SET locked_through = v_through, version = y.version + 1
   WHERE y.organisation_id = fund.current_organisation() AND y.id = v_id;
  SELECT * INTO STRICT v_row FROM api.fiscal_year y WHERE y.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.fiscal_year_lock(jsonb, jsonb) IS
  'Locks a year up to the end of a month (through), with a reason: nothing more is posted on or before that day.';

CREATE FUNCTION api.fiscal_year_unlock(p_path jsonb, p_body jsonb) RETURNS SETOF api.fiscal_year
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.fiscal_year;
  v_id uuid := (p_path->>'id')::uuid;
  v_through date := (p_body->>'through')::date;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.fiscal_year, v_replay);
    RETURN;
  END IF;
  SELECT * INTO v_row FROM api.fiscal_year y WHERE y.id = v_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF v_row.state = 'closed' THEN
    PERFORM app.fail('fiscal_year.closed', '', 'date:' || v_row.starts_on::text, 'date:' || v_row.ends_on::text);
  ELSIF v_row.locked_through IS NULL OR v_through >= v_row.locked_through THEN
    PERFORM app.fail('period.not_locked', '/through');
  ELSIF v_through < v_row.starts_on OR extract(day FROM v_through + 1) <> 1 THEN
    PERFORM app.fail('period.lock_date', '/through', 'date:' || v_row.starts_on::text, 'date:' || v_row.ends_on::text);
  END IF;
  PERFORM set_config('app.reason', p_body->>'reason', true);
  UPDATE fund.fiscal_year y SET locked_through = v_through, version = y.version + 1
   WHERE y.organisation_id = fund.current_organisation() AND y.id = v_id;
  SELECT * INTO STRICT v_row FROM api.fiscal_year y WHERE y.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.fiscal_year_unlock(jsonb, jsonb) IS
  'Brings the lock of a year back to an earlier month, or takes it away (through null), with a reason; an audit '
  'event says so.';

-- ---------------------------------------------------------------------------------------------------------------
-- Entries
-- ---------------------------------------------------------------------------------------------------------------

CREATE VIEW api.entry WITH (security_invoker = true) AS
SELECT b.id, b.status, b.journal, b.number, b.date, b.label, b.total,
       -- What costs stands out here, not in the union: it is computed for the rows of a page, after the sort.
       CASE WHEN b.draft_lines IS NULL THEN
         (SELECT jsonb_agg(jsonb_build_object(
                   'id', l.id::text, 'account', a.number, 'title', a.title,
                   'debit', CASE WHEN l.amount > 0 THEN fund.money_text(l.amount) END,
                   'credit', CASE WHEN l.amount < 0 THEN fund.money_text(-l.amount) END,
                   'fund_id', l.fund_id, 'fund_name', f.name, 'project_id', l.project_id,
                   'member_id', l.member_id, 'member_name', m.name, 'label', l.label) ORDER BY l.position)
            FROM fund.line l
            JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
            JOIN fund.fund f ON f.organisation_id = l.organisation_id AND f.id = l.fund_id
            LEFT JOIN fund.member m ON m.organisation_id = l.organisation_id AND m.id = l.member_id
           WHERE l.organisation_id = b.organisation_id AND l.entry_id = b.id)
       ELSE
         (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', NULL, 'account', x.line->>'account',
                   'title', (fund.account_lookup(x.line->>'account', fund.year_start(b.date))).title,
                   'debit', CASE WHEN (x.line->>'amount')::bigint > 0
                                 THEN fund.money_text((x.line->>'amount')::bigint) END,
                   'credit', CASE WHEN (x.line->>'amount')::bigint < 0
                                  THEN fund.money_text(-(x.line->>'amount')::bigint) END,
                   'fund_id', x.line->>'fund_id', 'fund_name', f.name, 'project_id', x.line->>'project_id',
                   'member_id', x.line->>'member_id', 'member_name', m.name, 'label', x.line->>'label')
                   ORDER BY x.position), '[]')
            FROM jsonb_array_elements(b.draft_lines) WITH ORDINALITY AS x (line, position)
            LEFT JOIN fund.fund f ON f.organisation_id = b.organisation_id AND f.id = (x.line->>'fund_id')::uuid
            LEFT JOIN fund.member m ON m.organisation_id = b.organisation_id AND m.id = (x.line->>'member_id')::uuid)
       END AS lines,
       b.source_kind, b.source_id, b.reverses_entry_id,
       (SELECT r.id FROM fund.entry r
         WHERE r.organisation_id = b.organisation_id AND r.reverses_entry_id = b.id) AS reversed_by_entry_id,
       b.reason, b.fiscal_year_id, b.recorded_at, b.recorded_by, api.actor_name(b.recorded_by) AS recorded_by_name,
       -- The one thing that ever changes about a validated entry is that another one reverses it.
       coalesce(b.draft_version,
                (SELECT 2 FROM fund.entry r
                  WHERE r.organisation_id = b.organisation_id AND r.reverses_entry_id = b.id),
                1) AS version,
       CASE WHEN b.draft_lines IS NULL THEN
         (SELECT array_agg(a.number)
            FROM fund.line l JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
           WHERE l.organisation_id = b.organisation_id AND l.entry_id = b.id)
       ELSE (SELECT array_agg(x.line->>'account') FROM jsonb_array_elements(b.draft_lines) AS x (line)) END AS accounts,
       CASE WHEN b.draft_lines IS NULL THEN
         (SELECT array_agg(l.fund_id) FROM fund.line l
           WHERE l.organisation_id = b.organisation_id AND l.entry_id = b.id)
       ELSE (SELECT array_agg((x.line->>'fund_id')::uuid) FROM jsonb_array_elements(b.draft_lines) AS x (line))
       END AS fund_ids,
       CASE WHEN b.draft_lines IS NULL THEN
         (SELECT array_agg(l.member_id) FROM fund.line l
           WHERE l.organisation_id = b.organisation_id AND l.entry_id = b.id)
       ELSE (SELECT array_agg((x.line->>'member_id')::uuid) FROM jsonb_array_elements(b.draft_lines) AS x (line))
       END AS member_ids,
       CASE WHEN b.draft_lines IS NULL THEN
         (SELECT array_agg(l.project_id) FROM fund.line l
           WHERE l.organisation_id = b.organisation_id AND l.entry_id = b.id)
       ELSE (SELECT array_agg((x.line->>'project_id')::uuid) FROM jsonb_array_elements(b.draft_lines) AS x (line))
       END AS project_ids
  FROM (SELECT e.organisation_id, e.id, 'validated'::text AS status, e.journal_code AS journal, e.number, e.date,
               e.label, e.total, NULL::jsonb AS draft_lines, e.source_kind, e.source_id, e.reverses_entry_id, e.reason,
               e.fiscal_year_id, e.recorded_at, e.recorded_by, NULL::integer AS draft_version
          FROM fund.entry e
        UNION ALL
        SELECT d.organisation_id, d.id, 'draft', d.journal_code, NULL, d.date, d.label,
               (SELECT coalesce(sum(greatest((x.line->>'amount')::bigint, 0)), 0)::bigint
                  FROM jsonb_array_elements(d.lines) AS x (line)),
               d.lines, 'manual', NULL, NULL, NULL, NULL, NULL, d.created_by, d.version
          FROM fund.draft d) b
 -- Said here again so that the planner may merge both by an index's order instead of sorting all entries: it does not
 -- draw that from the policies within the union.
 WHERE b.organisation_id = (SELECT fund.current_organisation());
COMMENT ON VIEW api.entry IS
  'Validated entries and drafts, with their lines in wire form. accounts, fund_ids, member_ids and project_ids are '
  'for filters.';

CREATE VIEW api.entry_line WITH (security_invoker = true) AS
SELECT l.id, l.entry_id, l.date, e.journal_code AS journal, e.number, e.label AS entry_label, l.label, l.account_id,
       a.number AS account, a.title, CASE WHEN l.amount > 0 THEN l.amount END AS debit,
       CASE WHEN l.amount < 0 THEN -l.amount END AS credit,
       l.fund_id, f.name AS fund_name, l.member_id, m.name AS member_name, l.project_id,
       t.line_id IS NOT NULL AS matched, t.match_id, e.fiscal_year_id, e.recorded_at
  FROM fund.line l
  JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
  JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
  JOIN fund.fund f ON f.organisation_id = l.organisation_id AND f.id = l.fund_id
  LEFT JOIN fund.member m ON m.organisation_id = l.organisation_id AND m.id = l.member_id
  LEFT JOIN fund.line_match t
         ON t.organisation_id = l.organisation_id AND t.line_id = l.id AND t.cancelled_at IS NULL;
COMMENT ON VIEW api.entry_line IS
  'Lines of validated entries: what every figure of a report opens. matched: covered by a match with the bank now.';

CREATE FUNCTION api.line_matched_at(p_line bigint, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT EXISTS (SELECT FROM fund.line_match x
                  WHERE x.organisation_id = fund.current_organisation() AND x.line_id = p_line AND x.matched_at <= p_at
                    AND (x.cancelled_at IS NULL OR x.cancelled_at > p_at))
$fn$;
COMMENT ON FUNCTION api.line_matched_at(bigint, timestamptz) IS
  'Whether a line was covered by a match with the bank at an instant: what a report as known then counted.';

CREATE FUNCTION api.entry_create(p_path jsonb, p_body jsonb) RETURNS SETOF api.entry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.entry;
  v_id uuid := app.uuid7();
  v_date date := (p_body->>'date')::date;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.entry, v_replay);
    RETURN;
  END IF;
  INSERT INTO fund.draft (organisation_id, id, journal_code, date, label, lines, created_by, created_at)
  VALUES (fund.current_organisation(), v_id, p_body->>'journal', v_date, p_body->>'label',
          fund.draft_lines(p_body->'lines', v_date, fund.draft_faults(p_body->>'journal', v_date)),
          app.actor(), app.recorded_at());
  SELECT * INTO STRICT v_row FROM api.entry e WHERE e.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.entry_create(jsonb, jsonb) IS
  'Writes a draft: journal, date, label, lines; it need not balance yet.';

CREATE FUNCTION api.entry_update(p_path jsonb, p_body jsonb) RETURNS SETOF api.entry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.entry;
  v_draft fund.draft;
  v_faults jsonb;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.entry, v_replay);
    RETURN;
  END IF;
  v_draft := fund.draft_for_change((p_path->>'id')::uuid, true);
  v_draft.journal_code := coalesce(p_body->>'journal', v_draft.journal_code);
  v_draft.date := coalesce((p_body->>'date')::date, v_draft.date);
  v_draft.label := coalesce(p_body->>'label', v_draft.label);
  v_faults := fund.draft_faults(v_draft.journal_code, v_draft.date);
  IF p_body ? 'lines' THEN
    v_draft.lines := fund.draft_lines(p_body->'lines', v_draft.date, v_faults);
  ELSE
    -- Lines that stay are looked at again: another date may mean another chart.
    SELECT v_faults || coalesce(jsonb_agg(app.fault('account.unknown', '/lines/' || (x.position - 1) || '/account',
                                                    x.line->>'account') ORDER BY x.position), '[]')
      INTO v_faults
      FROM jsonb_array_elements(v_draft.lines) WITH ORDINALITY AS x (line, position)
     WHERE (fund.account_lookup(x.line->>'account', fund.year_start(v_draft.date))).title IS NULL;
    PERFORM app.fail_all(v_faults);
  END IF;
  UPDATE fund.draft d
     SET journal_code = v_draft.journal_code, date = v_draft.date, label = v_draft.label, lines = v_draft.lines,
         version = d.version + 1
   WHERE d.organisation_id = fund.current_organisation() AND d.id = v_draft.id;
  SELECT * INTO STRICT v_row FROM api.entry e WHERE e.id = v_draft.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.entry_update(jsonb, jsonb) IS 'Changes a draft (lines are replaced as a whole); If-Match.';

CREATE FUNCTION api.entry_delete(p_path jsonb, p_body jsonb) RETURNS SETOF api.entry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_draft fund.draft;
BEGIN
  IF app.begin_write() IS NOT NULL THEN
    RETURN;
  END IF;
  v_draft := fund.draft_for_change((p_path->>'id')::uuid, true);
  DELETE FROM fund.draft d WHERE d.organisation_id = fund.current_organisation() AND d.id = v_draft.id;
  PERFORM app.end_write();
END $fn$;
COMMENT ON FUNCTION api.entry_delete(jsonb, jsonb) IS
  'Deletes a draft; If-Match. A validated entry is refused. Returns no row.';

CREATE FUNCTION api.entry_validate(p_path jsonb, p_body jsonb) RETURNS SETOF api.entry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.entry;
  v_draft fund.draft;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.entry, v_replay);
    RETURN;
  END IF;
  v_draft := fund.draft_for_change((p_path->>'id')::uuid, false);
  PERFORM fund.post_entry(v_draft.id, v_draft.journal_code, v_draft.date, v_draft.label, 'manual', NULL, v_draft.lines);
  DELETE FROM fund.draft d WHERE d.organisation_id = fund.current_organisation() AND d.id = v_draft.id;
  SELECT * INTO STRICT v_row FROM api.entry e WHERE e.id = v_draft.id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.entry_validate(jsonb, jsonb) IS
  'Posts a draft under its id: it gets its number and never changes again. entry.unbalanced says both totals.';

CREATE FUNCTION api.entry_reverse(p_path jsonb, p_body jsonb) RETURNS SETOF api.entry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_replay jsonb;
  v_row api.entry;
  v_id uuid := app.uuid7();
  v_entry fund.entry;
BEGIN
  v_replay := app.begin_write();
  IF v_replay IS NOT NULL THEN
    RETURN QUERY SELECT * FROM jsonb_populate_record(NULL::api.entry, v_replay);
    RETURN;
  END IF;
  SELECT e.* INTO v_entry FROM fund.entry e
   WHERE e.organisation_id = fund.current_organisation() AND e.id = (p_path->>'id')::uuid;
  IF NOT FOUND AND EXISTS (SELECT FROM fund.draft d WHERE d.organisation_id = fund.current_organisation()
                             AND d.id = (p_path->>'id')::uuid) THEN
    PERFORM app.fail('entry.is_draft');
  ELSIF v_entry.source_kind <> 'manual' AND v_entry.reverses_entry_id IS NULL AND NOT EXISTS (
          SELECT FROM fund.entry r
           WHERE r.organisation_id = v_entry.organisation_id AND r.reverses_entry_id = v_entry.id) THEN
    -- What wrote the entry must take it back itself, or its own state would say something else than the books.
    PERFORM app.fail('entry.owned', '',
      CASE v_entry.source_kind WHEN 'contribution' THEN 'a contribution: cancel or correct the contribution'
                               WHEN 'in_kind' THEN 'a contribution in kind: cancel that contribution'
                               WHEN 'match' THEN 'a match with the bank: undo the match'
                               ELSE 'another operation: cancel that operation' END,
      CASE v_entry.source_kind WHEN 'contribution' THEN 'un versement reçu : annulez ou corrigez ce versement'
                               WHEN 'in_kind' THEN 'un don en nature : annulez ce don'
                               WHEN 'match' THEN 'un rapprochement bancaire : défaites ce rapprochement'
                               ELSE 'une autre opération : annulez cette opération' END);
  END IF;
  PERFORM set_config('app.reason', p_body->>'reason', true);
  PERFORM fund.reverse_entry((p_path->>'id')::uuid, (p_body->>'date')::date, p_body->>'reason', v_id);
  SELECT * INTO STRICT v_row FROM api.entry e WHERE e.id = v_id;
  PERFORM app.end_write(to_jsonb(v_row));
  RETURN NEXT v_row;
END $fn$;
COMMENT ON FUNCTION api.entry_reverse(jsonb, jsonb) IS
  'Takes a manual entry back: posts its opposite at a date, with the reason. An entry that an operation wrote is '
  'refused (entry.owned): the operation is cancelled instead.';

-- ---------------------------------------------------------------------------------------------------------------
-- Trial balance
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION api.known_at(p_known_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT least(p_known_at, greatest(o.last_recorded_at, o.created_at)) FROM fund.organisation o
   WHERE o.id = fund.current_organisation()
$fn$;
COMMENT ON FUNCTION api.known_at(timestamptz) IS
  'The instant a report is "as known at": never later than the last recorded one, which null stands for, so that '
  'the same report can be made again whatever is recorded meanwhile.';

CREATE FUNCTION api.trial_balance_frame(p_as_of date, p_known_at timestamptz, p_fiscal_year_id uuid, p_fund_id uuid,
                                        OUT as_of date, OUT known_at timestamptz, OUT fiscal_year_id uuid,
                                        OUT year_starts_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_year fund.fiscal_year;
BEGIN
  known_at := api.known_at(p_known_at);
  as_of := coalesce(p_as_of, fund.today());
  IF p_fund_id IS NOT NULL AND NOT EXISTS (SELECT FROM fund.fund f WHERE f.organisation_id = fund.current_organisation()
                                             AND f.id = p_fund_id) THEN
    PERFORM app.fail('not_found', '?fund_id');
  END IF;
  IF p_fiscal_year_id IS NOT NULL THEN
    SELECT y.* INTO v_year FROM fund.fiscal_year y
     WHERE y.organisation_id = fund.current_organisation() AND y.id = p_fiscal_year_id;
    IF NOT FOUND THEN
      PERFORM app.fail('not_found', '?fiscal_year_id');
    ELSIF p_as_of < v_year.starts_on THEN
      PERFORM app.fail('report.before_year', '?as_of', 'date:' || v_year.starts_on::text);
    END IF;
    as_of := least(coalesce(p_as_of, v_year.ends_on), v_year.ends_on);
    fiscal_year_id := v_year.id;
    year_starts_on := v_year.starts_on;
  END IF;
END $fn$;
COMMENT ON FUNCTION api.trial_balance_frame(date, timestamptz, uuid, uuid) IS
  'What a trial balance is about once defaults are filled in: as_of is today, or the end of the year asked for and '
  'never later; known_at is api.known_at. Problems: not_found, report.before_year.';

CREATE FUNCTION api.movements_frame(p_as_of date, OUT first date, OUT fiscal_year_id uuid, OUT months_from date,
                                    OUT months_to date, OUT sign integer)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  first := date_trunc('month', (p_as_of + 15)::timestamp)::date;
  sign := 1;
  SELECT y.id, m.from_on, m.to_on, m.sign INTO fiscal_year_id, months_from, months_to, sign
    FROM fund.fiscal_year y
   CROSS JOIN LATERAL (
     SELECT first, 'infinity'::date, -1 WHERE first - y.starts_on > y.ends_on - first
     UNION ALL
     SELECT '-infinity'::date, first, 1 WHERE first - y.starts_on <= y.ends_on - first) AS m (from_on, to_on, sign)
   WHERE y.organisation_id = fund.current_organisation() AND y.starts_on < first AND y.ends_on >= first;
END $fn$;
COMMENT ON FUNCTION api.movements_frame(date) IS
  'How api.movements goes about a day. first: the first of a month that is nearest to it. fiscal_year_id: the year around '
  'first, if any; its months before first count, or (sign -1) the whole year counts less its months from first on, '
  'whichever are fewer.';

CREATE FUNCTION api.movements(p_as_of date, p_first date, p_fiscal_year_id uuid, p_months_from date, p_months_to date,
                              p_sign integer)
RETURNS TABLE (account_id bigint, fund_id uuid, year_starts_on date, date date, debit bigint, credit bigint, lines bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT k.account_id, k.fund_id, y.starts_on, NULL::date, k.debit, k.credit, k.lines
    FROM fund.fiscal_year y
    JOIN fund.year_balance k ON k.organisation_id = y.organisation_id AND k.fiscal_year_id = y.id
   WHERE y.organisation_id = (SELECT fund.current_organisation())
     AND (y.ends_on < p_first OR (p_sign < 0 AND y.id = p_fiscal_year_id))
  UNION ALL
  SELECT k.account_id, k.fund_id, y.starts_on, NULL::date, p_sign * k.debit, p_sign * k.credit, p_sign * k.lines
    FROM fund.fiscal_year y
    JOIN fund.balance k ON k.organisation_id = y.organisation_id AND k.fiscal_year_id = y.id
                       AND k.month >= p_months_from AND k.month < p_months_to
   WHERE y.organisation_id = (SELECT fund.current_organisation()) AND y.id = p_fiscal_year_id
  UNION ALL
  SELECT l.account_id, l.fund_id, NULL::date, l.date, greatest(l.amount, 0), greatest(-l.amount, 0), 1::bigint
    FROM fund.line l
   WHERE l.organisation_id = (SELECT fund.current_organisation()) AND l.date >= p_first AND l.date <= p_as_of
  UNION ALL
  SELECT l.account_id, l.fund_id, NULL::date, l.date, -greatest(l.amount, 0), -greatest(-l.amount, 0), -1::bigint
    FROM fund.line l
   WHERE l.organisation_id = (SELECT fund.current_organisation()) AND l.date > p_as_of AND l.date < p_first;
END;
COMMENT ON FUNCTION api.movements(date, date, uuid, date, date, integer) IS
  'Signed parts that add up to the movements of validated lines dated up to a day, as known now (the rest: '
  'api.movements_frame of that day): kept balances, with their year''s first day, and the lines of half a month at most, '
  'with their date. In SQL, so that it becomes part of the statement that sums.';

CREATE FUNCTION api.is_known_now(p_known_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT p_known_at >= greatest(o.last_recorded_at, o.created_at) FROM fund.organisation o
   WHERE o.id = fund.current_organisation()
$fn$;
COMMENT ON FUNCTION api.is_known_now(timestamptz) IS
  'Whether nothing was recorded after an instant: then kept balances say what was known at it.';

CREATE FUNCTION api.sums_now(p_as_of date, p_year_starts_on date, p_fund_id uuid)
RETURNS TABLE (account_id bigint, before bigint, debit bigint, credit bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v record;
BEGIN
  SELECT * INTO v FROM api.movements_frame(p_as_of);
  RETURN QUERY
    SELECT m.account_id, coalesce(sum(m.debit - m.credit) FILTER (WHERE NOT m.in_year), 0)::bigint,
           coalesce(sum(m.debit) FILTER (WHERE m.in_year IS NOT FALSE), 0)::bigint,
           coalesce(sum(m.credit) FILTER (WHERE m.in_year IS NOT FALSE), 0)::bigint
      FROM (SELECT k.account_id, k.debit, k.credit, coalesce(k.date, k.year_starts_on) >= p_year_starts_on AS in_year
              FROM api.movements(p_as_of, v.first, v.fiscal_year_id, v.months_from, v.months_to, v.sign) k
             WHERE p_fund_id IS NULL OR k.fund_id = p_fund_id) m
     GROUP BY m.account_id;
END $fn$;
COMMENT ON FUNCTION api.sums_now(date, date, uuid) IS
  'Movements by account up to a day, from kept balances: those before a fiscal year, and those from its first day on.';

CREATE FUNCTION api.sums_then(p_as_of date, p_known_at timestamptz, p_year_starts_on date, p_fund_id uuid)
RETURNS TABLE (account_id bigint, before bigint, debit bigint, credit bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  RETURN QUERY
    SELECT l.account_id, coalesce(sum(l.amount) FILTER (WHERE l.date < p_year_starts_on), 0)::bigint,
           coalesce(sum(l.amount) FILTER (WHERE l.amount > 0 AND (l.date < p_year_starts_on) IS NOT TRUE), 0)::bigint,
           coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0 AND (l.date < p_year_starts_on) IS NOT TRUE), 0)::bigint
      FROM fund.entry e
      JOIN fund.line l ON l.organisation_id = e.organisation_id AND l.entry_id = e.id
     WHERE e.organisation_id = fund.current_organisation() AND e.date <= p_as_of AND e.recorded_at <= p_known_at
       AND (p_fund_id IS NULL OR l.fund_id = p_fund_id)
     GROUP BY l.account_id;
END $fn$;
COMMENT ON FUNCTION api.sums_then(date, timestamptz, date, uuid) IS
  'The same from the lines themselves, those recorded by an instant.';

CREATE FUNCTION api.trial_balance(p_as_of date, p_known_at timestamptz, p_year_starts_on date, p_fund_id uuid)
RETURNS TABLE (account text, title text, kind text, opening bigint, debit bigint, credit bigint, balance bigint,
               closing bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_now boolean := api.is_known_now(p_known_at);
BEGIN
  RETURN QUERY
    SELECT a.number, a.title, a.kind, CASE WHEN p_year_starts_on IS NOT NULL THEN o.opening END, s.debit, s.credit,
           s.debit - s.credit, CASE WHEN p_year_starts_on IS NOT NULL THEN o.opening + s.debit - s.credit END
      FROM (SELECT n.* FROM api.sums_now(p_as_of, p_year_starts_on, p_fund_id) n WHERE v_now
            UNION ALL
            SELECT t.* FROM api.sums_then(p_as_of, p_known_at, p_year_starts_on, p_fund_id) t WHERE NOT v_now) s
      JOIN fund.account a ON a.organisation_id = v_organisation AND a.id = s.account_id
      -- Income and expense start again with each year; class 8 stands beside the balance sheet.
      CROSS JOIN LATERAL (SELECT CASE WHEN a.kind IN ('asset', 'liability') THEN s.before ELSE 0 END) AS o (opening)
     WHERE s.debit <> 0 OR s.credit <> 0 OR o.opening <> 0
     ORDER BY a.number COLLATE "C", a.valid_from;
END $fn$;
COMMENT ON FUNCTION api.trial_balance(date, timestamptz, date, uuid) IS
  'One row per account with movements, from validated lines dated up to p_as_of and recorded up to p_known_at. '
  'Without p_year_starts_on all years are summed; with it, the movements of that year, after the opening (what '
  'assets and liabilities stood at before it). balance = debit - credit; closing = opening + balance. Kept balances '
  'answer when p_known_at is the last recorded instant.';

CREATE FUNCTION api.line_totals_to(p_accounts bigint[], p_fund_id uuid, p_as_of date, OUT count bigint, OUT debit bigint,
                                   OUT credit bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v record;
BEGIN
  SELECT * INTO v FROM api.movements_frame(p_as_of);
  SELECT coalesce(sum(k.lines), 0), coalesce(sum(k.debit), 0), coalesce(sum(k.credit), 0) INTO count, debit, credit
    FROM api.movements(p_as_of, v.first, v.fiscal_year_id, v.months_from, v.months_to, v.sign) k
   WHERE (p_accounts IS NULL OR k.account_id = ANY (p_accounts)) AND (p_fund_id IS NULL OR k.fund_id = p_fund_id);
END $fn$;
COMMENT ON FUNCTION api.line_totals_to(bigint[], uuid, date) IS
  'Number and sums of the lines of accounts (null: all) and a fund (null: all) dated up to a day, as known now, from kept '
  'balances.';

CREATE FUNCTION api.line_totals_now(p_account text, p_account_number text, p_fund_id uuid, p_from date, p_as_of date)
RETURNS TABLE (count bigint, debit bigint, credit bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_as_of date := least(p_as_of, (SELECT max(y.ends_on) FROM fund.fiscal_year y WHERE y.organisation_id = v_organisation));
  v_accounts bigint[];
BEGIN
  IF p_account IS NOT NULL OR p_account_number IS NOT NULL THEN
    SELECT coalesce(array_agg(a.id), '{}') INTO v_accounts FROM fund.account a
     WHERE a.organisation_id = v_organisation AND (p_account IS NULL OR starts_with(a.number, p_account))
       AND (p_account_number IS NULL OR a.number = p_account_number);
  END IF;
  IF p_from > v_as_of THEN
    RETURN QUERY SELECT 0::bigint, 0::bigint, 0::bigint;
  ELSIF p_from IS NULL THEN
    RETURN QUERY SELECT t.count, t.debit, t.credit FROM api.line_totals_to(v_accounts, p_fund_id, v_as_of) t;
  ELSE
    RETURN QUERY
      SELECT t.count - b.count, t.debit - b.debit, t.credit - b.credit
        FROM api.line_totals_to(v_accounts, p_fund_id, v_as_of) t,
             api.line_totals_to(v_accounts, p_fund_id, p_from - 1) b;
  END IF;
END $fn$;
COMMENT ON FUNCTION api.line_totals_now(text, text, uuid, date, date) IS
  'Number and sums of the lines of accounts (by beginning or number), of a fund, between two days, as known now, from '
  'kept balances.';

CREATE FUNCTION api.line_totals(p_account text, p_account_number text, p_fund_id uuid, p_member_id uuid, p_project_id uuid,
                                p_fiscal_year_id uuid, p_entry_id uuid, p_from date, p_as_of date,
                                p_known_at timestamptz, p_matched boolean, p_matched_at timestamptz,
                                p_unmatched_at timestamptz)
RETURNS TABLE (count bigint, debit bigint, credit bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_year fund.fiscal_year;
BEGIN
  IF coalesce(p_member_id, p_project_id, p_entry_id) IS NULL AND p_matched IS NULL
     AND coalesce(p_matched_at, p_unmatched_at) IS NULL AND (p_known_at IS NULL OR api.is_known_now(p_known_at)) THEN
    SELECT y.* INTO v_year FROM fund.fiscal_year y
     WHERE y.organisation_id = fund.current_organisation() AND y.id = p_fiscal_year_id;
    IF p_fiscal_year_id IS NOT NULL AND NOT FOUND THEN
      RETURN QUERY SELECT 0::bigint, 0::bigint, 0::bigint;
    ELSE
      RETURN QUERY
        SELECT * FROM api.line_totals_now(p_account, p_account_number, p_fund_id, greatest(p_from, v_year.starts_on),
                                          least(p_as_of, v_year.ends_on));
    END IF;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT count(*), coalesce(sum(l.debit), 0)::bigint, coalesce(sum(l.credit), 0)::bigint
      FROM api.entry_line l
     WHERE (p_account IS NULL OR starts_with(l.account, p_account))
       AND (p_account_number IS NULL OR l.account = p_account_number)
       AND (p_fund_id IS NULL OR l.fund_id = p_fund_id) AND (p_member_id IS NULL OR l.member_id = p_member_id)
       AND (p_project_id IS NULL OR l.project_id = p_project_id)
       AND (p_fiscal_year_id IS NULL OR l.fiscal_year_id = p_fiscal_year_id)
       AND (p_entry_id IS NULL OR l.entry_id = p_entry_id) AND (p_from IS NULL OR l.date >= p_from)
       AND (p_as_of IS NULL OR l.date <= p_as_of) AND (p_known_at IS NULL OR l.recorded_at <= p_known_at)
       AND (p_matched IS NULL OR l.matched = p_matched)
       AND (p_matched_at IS NULL OR api.line_matched_at(l.id, p_matched_at))
       AND (p_unmatched_at IS NULL OR NOT api.line_matched_at(l.id, p_unmatched_at));
END $fn$;
COMMENT ON FUNCTION api.line_totals(text, text, uuid, uuid, uuid, uuid, uuid, date, date, timestamptz, boolean, timestamptz,
                                    timestamptz) IS
  'Number and sums of the lines that the filters of entry-lines leave (all of them, in their order): from kept balances '
  'where they can say it, else from the lines.';

CREATE FUNCTION api.ledger_journal(p_as_of date, p_known_at timestamptz)
RETURNS TABLE (entry_id uuid, date date, journal text, number integer, label text, reverses_entry_id uuid, reason text,
               account text, title text, amount bigint, line_label text, fund text, project text, member integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT e.id, e.date, e.journal_code, e.number, e.label, e.reverses_entry_id, e.reason, a.number, a.title, l.amount,
         l.label, f.name, coalesce(p.code, p.name), m.number
    FROM fund.entry e
    JOIN fund.line l ON l.organisation_id = e.organisation_id AND l.entry_id = e.id
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
    JOIN fund.fund f ON f.organisation_id = l.organisation_id AND f.id = l.fund_id
    LEFT JOIN fund.project p ON p.organisation_id = l.organisation_id AND p.id = l.project_id
    LEFT JOIN fund.member m ON m.organisation_id = l.organisation_id AND m.id = l.member_id
   WHERE e.organisation_id = fund.current_organisation()
     AND (p_as_of IS NULL OR e.date <= p_as_of) AND e.recorded_at <= api.known_at(p_known_at)
   ORDER BY e.date, e.journal_code, e.number, e.fiscal_year_id, l.position
$fn$;
COMMENT ON FUNCTION api.ledger_journal(date, timestamptz) IS
  'Lines of validated entries in the order of the journal, for the export that hledger and ledger read. Members by '
  'number.';

CREATE FUNCTION api.ledger_journal_accounts() RETURNS TABLE (account text, title text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT a.number, a.title FROM fund.account a
   WHERE EXISTS (SELECT FROM fund.balance b WHERE b.organisation_id = a.organisation_id AND b.account_id = a.id)
   ORDER BY a.number COLLATE "C", a.valid_from
$fn$;
COMMENT ON FUNCTION api.ledger_journal_accounts() IS 'Accounts with movements: those api.ledger_journal names.';
