-- The ledger: chart of accounts, journals, fiscal years, funds, projects, entries and lines, drafts,
-- gap-free numbers, kept monthly balances, and the one function by which an entry comes to exist.
--
-- Lock order: every function here that writes is called after app.begin_write(), which takes the organisation's
-- row FOR NO KEY UPDATE in a statement of its own. Within an organisation writes are therefore serial, so
-- counters and kept balances need no lock of their own.

-- ---------------------------------------------------------------------------------------------------------------
-- The official chart, shared by all organisations
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE reference.account (
  number      text    NOT NULL,
  title       text    NOT NULL,
  kind        text    NOT NULL,
  parent      text,
  contra      boolean NOT NULL,
  either_side boolean NOT NULL,
  core        boolean NOT NULL,
  valid_from  date    NOT NULL,
  valid_to    date,
  source      text    NOT NULL,
  CONSTRAINT reference_account_pkey PRIMARY KEY (number, valid_from),
  CONSTRAINT reference_account_number CHECK (number ~ '^[1-8][0-9]{0,7}$'),
  CONSTRAINT reference_account_kind CHECK (kind IN ('asset', 'liability', 'expense', 'income', 'contingent')),
  CONSTRAINT reference_account_validity CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON TABLE reference.account IS
  'Chart of accounts of regulation ANC 2018-06 on the general chart (PCG), in its two vintages: fiscal years '
  'opened from 2020-01-01, and from 2025-01-01 (regulation ANC 2022-06). Loaded from sql/reference/chart.sql at '
  'each migrate.';
COMMENT ON COLUMN reference.account.number IS 'Account number; one digit names a class and is never posted to.';
COMMENT ON COLUMN reference.account.kind IS
  'Decides the end of a year: asset and liability carry forward, expense and income start again, contingent (class '
  '8) touches neither the result nor the balance sheet.';
COMMENT ON COLUMN reference.account.parent IS 'Number of the account this one divides.';
COMMENT ON COLUMN reference.account.contra IS 'Normal side opposite to its kind (depreciation, impairment, loss).';
COMMENT ON COLUMN reference.account.either_side IS 'May stand on either side of the balance sheet (bank, suspense).';
COMMENT ON COLUMN reference.account.core IS 'Copied into every organisation when it is created.';
COMMENT ON COLUMN reference.account.valid_from IS
  'First fiscal-year opening date at which the number has this meaning.';
COMMENT ON COLUMN reference.account.valid_to IS 'Last fiscal-year opening date, null while in force.';
COMMENT ON COLUMN reference.account.source IS 'Regulation or usage the line comes from.';

CREATE FUNCTION fund.search_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT replace(replace(replace(
           regexp_replace(normalize(lower(p_text), NFD), '[\u0300-\u036f]', '', 'g'), 'œ', 'oe'), 'æ', 'ae'), '’', '''')
$fn$;
COMMENT ON FUNCTION fund.search_text(text) IS
  'A text as ?q= compares it: small letters without accents, ligatures in two letters, straight apostrophes.';

-- ---------------------------------------------------------------------------------------------------------------
-- Axes and frames: accounts, journals, fiscal years, funds, projects
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.account (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              bigint  GENERATED ALWAYS AS IDENTITY,
  number          text    NOT NULL,
  title           text    NOT NULL,
  kind            text    NOT NULL,
  own             boolean NOT NULL DEFAULT false,
  valid_from      date    NOT NULL,
  valid_to        date,
  CONSTRAINT account_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT account_number_once UNIQUE (organisation_id, number, valid_from),
  CONSTRAINT account_number_form CHECK (number ~ '^[1-8][0-9]{1,7}$'),
  CONSTRAINT account_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
  CONSTRAINT account_kind CHECK (kind IN ('asset', 'liability', 'expense', 'income', 'contingent')),
  CONSTRAINT account_validity CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON TABLE fund.account IS
  'Accounts an organisation uses: the core of the chart from the start, the others opened at first use by '
  'fund.account_id, and its own sub-accounts.';
COMMENT ON COLUMN fund.account.own IS
  'A sub-account the organisation named itself, not a line of the official chart.';
COMMENT ON COLUMN fund.account.valid_from IS 'First fiscal-year opening date at which the number has this meaning.';
COMMENT ON COLUMN fund.account.valid_to IS 'Last fiscal-year opening date, null while in force.';

CREATE TABLE fund.journal (
  organisation_id uuid NOT NULL REFERENCES fund.organisation (id),
  code            text NOT NULL,
  name            text NOT NULL,
  CONSTRAINT journal_pkey PRIMARY KEY (organisation_id, code),
  CONSTRAINT journal_code_form CHECK (code ~ '^[A-Z][A-Z0-9]{1,5}$'),
  CONSTRAINT journal_name_length CHECK (char_length(name) BETWEEN 1 AND 100)
);
COMMENT ON TABLE fund.journal IS 'Books of original entry; entries are numbered by journal and fiscal year.';

CREATE TABLE fund.fiscal_year (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  starts_on       date    NOT NULL,
  ends_on         date    NOT NULL,
  locked_through  date,
  closed_at       timestamptz,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fiscal_year_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT fiscal_year_start_once UNIQUE (organisation_id, starts_on),
  CONSTRAINT fiscal_year_end_once UNIQUE (organisation_id, ends_on),
  CONSTRAINT fiscal_year_length CHECK (
    ends_on >= (starts_on + interval '1 month' - interval '1 day')::date
    AND ends_on <= (starts_on + interval '24 months' - interval '1 day')::date),
  CONSTRAINT fiscal_year_lock_inside CHECK (
    locked_through IS NULL
    OR (locked_through BETWEEN starts_on AND ends_on
        AND (locked_through = ends_on OR extract(day FROM locked_through + 1) = 1)))
);
COMMENT ON TABLE fund.fiscal_year IS
  'Accounting years of 1 to 24 months, each beginning the day after another ends (trigger fiscal_year_contiguous).';
COMMENT ON COLUMN fund.fiscal_year.locked_through IS
  'Last day on or before which nothing can be posted any more; the end of a month, or of the year.';
COMMENT ON COLUMN fund.fiscal_year.closed_at IS
  'Instant of the final closing; nothing is ever posted in a closed year.';

CREATE TABLE fund.fund (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  name            text    NOT NULL,
  kind            text    NOT NULL,
  floor           bigint  NOT NULL DEFAULT 0,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fund_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT fund_kind CHECK (kind IN ('general', 'solidarity', 'designated', 'restricted')),
  CONSTRAINT fund_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
  CONSTRAINT fund_floor_sign CHECK (floor >= 0)
);
CREATE UNIQUE INDEX fund_name_once ON fund.fund (organisation_id, lower(name));
CREATE INDEX fund_kind_created ON fund.fund (organisation_id, kind, created_at, id);
COMMENT ON TABLE fund.fund IS
  'What money is for: running the association, solidarity, designated by the board, restricted by a funder. An '
  'analytic axis, neither a bank account nor an account of the chart: every line belongs to exactly one.';
COMMENT ON COLUMN fund.fund.floor IS 'Minor units the board wants to keep: subtracted from what can be promised.';

CREATE TABLE fund.project (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  code            text,
  name            text    NOT NULL,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT project_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT project_code_form CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,19}$'),
  CONSTRAINT project_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
CREATE UNIQUE INDEX project_code_once ON fund.project (organisation_id, upper(code)) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX project_name_once ON fund.project (organisation_id, lower(name));
COMMENT ON TABLE fund.project IS 'Second analytic axis: what a line is spent on or received for.';

-- ---------------------------------------------------------------------------------------------------------------
-- Entries, lines, drafts
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.entry (
  organisation_id   uuid        NOT NULL REFERENCES fund.organisation (id),
  id                uuid        NOT NULL,
  fiscal_year_id    uuid        NOT NULL,
  journal_code      text        NOT NULL,
  number            integer     NOT NULL,
  date              date        NOT NULL,
  label             text        NOT NULL,
  line_count        integer     NOT NULL,
  total             bigint      NOT NULL,
  source_kind       text        NOT NULL,
  source_id         uuid,
  reverses_entry_id uuid,
  reason            text,
  recorded_at       timestamptz NOT NULL,
  recorded_by       text        NOT NULL,
  hash              bytea       NOT NULL,
  CONSTRAINT entry_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT entry_number_once UNIQUE (organisation_id, fiscal_year_id, journal_code, number),
  CONSTRAINT entry_fiscal_year FOREIGN KEY (organisation_id, fiscal_year_id)
    REFERENCES fund.fiscal_year (organisation_id, id),
  CONSTRAINT entry_journal FOREIGN KEY (organisation_id, journal_code) REFERENCES fund.journal (organisation_id, code),
  CONSTRAINT entry_reverses FOREIGN KEY (organisation_id, reverses_entry_id)
    REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT entry_number_sign CHECK (number > 0),
  CONSTRAINT entry_label_length CHECK (char_length(label) BETWEEN 1 AND 200),
  CONSTRAINT entry_lines CHECK (line_count BETWEEN 2 AND 1000),
  CONSTRAINT entry_total CHECK (total > 0),
  CONSTRAINT entry_hash CHECK (octet_length(hash) = 32),
  CONSTRAINT entry_source_form CHECK (source_kind ~ '^[a-z][a-z_]{1,29}$'),
  CONSTRAINT entry_reversal_reason CHECK (reverses_entry_id IS NULL OR char_length(btrim(reason)) BETWEEN 1 AND 500),
  CONSTRAINT entry_reverses_other CHECK (reverses_entry_id <> id)
);
CREATE UNIQUE INDEX entry_reversed_once ON fund.entry (organisation_id, reverses_entry_id)
  WHERE reverses_entry_id IS NOT NULL;
CREATE UNIQUE INDEX entry_date ON fund.entry (organisation_id, date, id);
CREATE INDEX entry_journal_date ON fund.entry (organisation_id, journal_code, date);
CREATE INDEX entry_source ON fund.entry (organisation_id, source_id) WHERE source_id IS NOT NULL;
COMMENT ON TABLE fund.entry IS
  'Validated entries: append-only, balanced, numbered without gap. fund.post_entry is the only way one comes to '
  'exist.';
COMMENT ON COLUMN fund.entry.number IS 'Gap-free within journal and fiscal year, from fund.counter.';
COMMENT ON COLUMN fund.entry.date IS 'Accounting date: decides the fiscal year and the period.';
COMMENT ON COLUMN fund.entry.line_count IS 'Lines the entry was written with; no line can join it later.';
COMMENT ON COLUMN fund.entry.total IS 'Sum of its debits, equal to that of its credits, in minor units.';
COMMENT ON COLUMN fund.entry.source_kind IS
  'What wrote it: manual, contribution, in_kind, match...; a reversal keeps the kind of what it reverses.';
COMMENT ON COLUMN fund.entry.source_id IS 'The object of that kind.';
COMMENT ON COLUMN fund.entry.reverses_entry_id IS
  'The entry this one takes back; at most one entry reverses another.';
COMMENT ON COLUMN fund.entry.reason IS 'Why it was reversed.';
COMMENT ON COLUMN fund.entry.recorded_at IS
  'When it was validated: strictly increasing within the organisation, so that a report "as known at" is '
  'reproducible.';
COMMENT ON COLUMN fund.entry.recorded_by IS 'Actor who validated it.';
COMMENT ON COLUMN fund.entry.hash IS
  'SHA-256 over fund.entry_text and the fund.line_text of its lines: through it the one audit event of the entry '
  'commits to every column of entry and lines, which are stored once, here.';

CREATE TABLE fund.line (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              bigint  GENERATED ALWAYS AS IDENTITY,
  entry_id        uuid    NOT NULL,
  position        integer NOT NULL,
  date            date    NOT NULL,
  account_id      bigint  NOT NULL,
  amount          bigint  NOT NULL,
  fund_id         uuid    NOT NULL,
  project_id      uuid,
  member_id       uuid,
  label           text,
  CONSTRAINT line_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT line_position_once UNIQUE (organisation_id, entry_id, date, position),
  CONSTRAINT line_entry FOREIGN KEY (organisation_id, entry_id, date)
    REFERENCES fund.entry (organisation_id, id, date),
  CONSTRAINT line_account FOREIGN KEY (organisation_id, account_id) REFERENCES fund.account (organisation_id, id),
  CONSTRAINT line_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id),
  CONSTRAINT line_project FOREIGN KEY (organisation_id, project_id) REFERENCES fund.project (organisation_id, id),
  CONSTRAINT line_amount_not_zero CHECK (amount <> 0),
  CONSTRAINT line_label_length CHECK (char_length(label) BETWEEN 1 AND 200)
);
CREATE INDEX line_date ON fund.line (organisation_id, date);
CREATE INDEX line_account_date ON fund.line (organisation_id, account_id, date);
CREATE INDEX line_fund_id ON fund.line (organisation_id, fund_id);
CREATE INDEX line_project_id ON fund.line (organisation_id, project_id) WHERE project_id IS NOT NULL;
CREATE INDEX line_member_id ON fund.line (organisation_id, member_id) WHERE member_id IS NOT NULL;
COMMENT ON TABLE fund.line IS 'Lines of validated entries, append-only.';
COMMENT ON COLUMN fund.line.position IS 'Order within the entry, from 1.';
COMMENT ON COLUMN fund.line.date IS
  'The entry''s, kept true by the foreign key: an account''s lines are read in their order, a month''s without its '
  'entries.';
COMMENT ON COLUMN fund.line.amount IS 'Minor units: debit positive, credit negative, never zero.';
COMMENT ON COLUMN fund.line.member_id IS 'The member concerned; its foreign key comes with the table of members.';

CREATE TABLE fund.draft (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  journal_code    text    NOT NULL,
  date            date    NOT NULL,
  label           text    NOT NULL,
  lines           jsonb   NOT NULL,
  created_by      text    NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  version         integer NOT NULL DEFAULT 1,
  CONSTRAINT draft_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT draft_journal FOREIGN KEY (organisation_id, journal_code) REFERENCES fund.journal (organisation_id, code),
  CONSTRAINT draft_label_length CHECK (char_length(label) BETWEEN 1 AND 200),
  CONSTRAINT draft_lines CHECK (jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 1000)
);
CREATE INDEX draft_date ON fund.draft (organisation_id, date, id);
CREATE INDEX draft_journal_code ON fund.draft (organisation_id, journal_code);
COMMENT ON TABLE fund.draft IS
  'Entries being written: free to change, counted nowhere. Validating one posts it under the same id and removes '
  'it here.';
COMMENT ON COLUMN fund.draft.lines IS
  'Array of {account, amount (minor units, debit positive), fund_id, project_id, member_id, label}, checked at '
  'writing.';

CREATE TABLE fund.counter (
  organisation_id uuid    NOT NULL,
  fiscal_year_id  uuid    NOT NULL,
  journal_code    text    NOT NULL,
  last            integer NOT NULL,
  CONSTRAINT counter_pkey PRIMARY KEY (organisation_id, fiscal_year_id, journal_code),
  CONSTRAINT counter_fiscal_year FOREIGN KEY (organisation_id, fiscal_year_id)
    REFERENCES fund.fiscal_year (organisation_id, id),
  CONSTRAINT counter_journal FOREIGN KEY (organisation_id, journal_code)
    REFERENCES fund.journal (organisation_id, code),
  CONSTRAINT counter_last_sign CHECK (last > 0)
);
CREATE INDEX counter_journal_code ON fund.counter (organisation_id, journal_code);
COMMENT ON TABLE fund.counter IS
  'Last number given by journal and fiscal year. A row, not a sequence: a transaction that rolls back gives its '
  'number back.';

CREATE TABLE fund.balance (
  organisation_id uuid   NOT NULL,
  fiscal_year_id  uuid   NOT NULL,
  account_id      bigint NOT NULL,
  fund_id         uuid   NOT NULL,
  month           date   NOT NULL,
  debit           bigint NOT NULL,
  credit          bigint NOT NULL,
  lines           bigint NOT NULL,
  CONSTRAINT balance_pkey PRIMARY KEY (organisation_id, fiscal_year_id, month, account_id, fund_id),
  CONSTRAINT balance_fiscal_year FOREIGN KEY (organisation_id, fiscal_year_id)
    REFERENCES fund.fiscal_year (organisation_id, id),
  CONSTRAINT balance_account FOREIGN KEY (organisation_id, account_id) REFERENCES fund.account (organisation_id, id),
  CONSTRAINT balance_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id),
  CONSTRAINT balance_month_start CHECK (extract(day FROM month) = 1),
  CONSTRAINT balance_signs CHECK (debit >= 0 AND credit >= 0 AND lines > 0)
) WITH (fillfactor = 80);
CREATE INDEX balance_account_id ON fund.balance (organisation_id, account_id);
CREATE INDEX balance_fund_id ON fund.balance (organisation_id, fund_id);
COMMENT ON TABLE fund.balance IS
  'Monthly sums of fund.line, kept in the transaction that writes the lines; app.check_books compares them.';
COMMENT ON COLUMN fund.balance.month IS 'First day of the calendar month of the entries summed.';
COMMENT ON COLUMN fund.balance.lines IS 'How many lines are summed.';

CREATE TABLE fund.year_balance (
  organisation_id uuid   NOT NULL,
  fiscal_year_id  uuid   NOT NULL,
  account_id      bigint NOT NULL,
  fund_id         uuid   NOT NULL,
  debit           bigint NOT NULL,
  credit          bigint NOT NULL,
  lines           bigint NOT NULL,
  CONSTRAINT year_balance_pkey PRIMARY KEY (organisation_id, fiscal_year_id, account_id, fund_id),
  CONSTRAINT year_balance_fiscal_year FOREIGN KEY (organisation_id, fiscal_year_id)
    REFERENCES fund.fiscal_year (organisation_id, id),
  CONSTRAINT year_balance_account FOREIGN KEY (organisation_id, account_id)
    REFERENCES fund.account (organisation_id, id),
  CONSTRAINT year_balance_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id),
  CONSTRAINT year_balance_signs CHECK (debit >= 0 AND credit >= 0 AND lines > 0)
) WITH (fillfactor = 80);
CREATE INDEX year_balance_account_id ON fund.year_balance (organisation_id, account_id);
CREATE INDEX year_balance_fund_id ON fund.year_balance (organisation_id, fund_id);
COMMENT ON TABLE fund.year_balance IS
  'Sums of the rows of fund.balance by fiscal year, kept beside them: ten years of months are not read for an opening.';
COMMENT ON COLUMN fund.year_balance.lines IS 'How many lines are summed.';

CREATE TABLE fund.line_match (
  organisation_id uuid        NOT NULL,
  line_id         bigint      NOT NULL,
  match_id        uuid        NOT NULL,
  matched_at      timestamptz NOT NULL,
  matched_by      text        NOT NULL,
  cancelled_at    timestamptz,
  CONSTRAINT line_match_pkey PRIMARY KEY (organisation_id, line_id, match_id),
  CONSTRAINT line_match_line FOREIGN KEY (organisation_id, line_id) REFERENCES fund.line (organisation_id, id),
  CONSTRAINT line_match_order CHECK (cancelled_at > matched_at)
);
CREATE UNIQUE INDEX line_match_once ON fund.line_match (organisation_id, line_id) WHERE cancelled_at IS NULL;
CREATE INDEX line_match_match ON fund.line_match (organisation_id, match_id);
COMMENT ON TABLE fund.line_match IS
  'Which ledger lines a match with the bank covers. A match is cancelled, never deleted, so that what was matched at '
  'an instant can be said again; its foreign key comes with the table of matches.';

-- ---------------------------------------------------------------------------------------------------------------
-- What can never be false
-- ---------------------------------------------------------------------------------------------------------------

CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.entry
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.line
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER line_match_append_only BEFORE DELETE OR TRUNCATE ON fund.line_match
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

CREATE FUNCTION fund.line_match_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF OLD.cancelled_at IS NOT NULL OR NEW.cancelled_at IS NULL
     OR (NEW.organisation_id, NEW.line_id, NEW.match_id, NEW.matched_at, NEW.matched_by)
        IS DISTINCT FROM (OLD.organisation_id, OLD.line_id, OLD.match_id, OLD.matched_at, OLD.matched_by) THEN
    RAISE EXCEPTION 'a matched line changes once, when its match is cancelled'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_match_append_only';
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.line_match_changes() IS 'The only change a matched line knows is its cancellation, once.';
CREATE TRIGGER line_match_changes BEFORE UPDATE ON fund.line_match
  FOR EACH ROW EXECUTE FUNCTION fund.line_match_changes();

CREATE FUNCTION fund.entry_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_sum numeric;
  v_debit numeric;
  v_count bigint;
BEGIN
  SELECT sum(l.amount), sum(l.amount) FILTER (WHERE l.amount > 0), count(*)
    INTO v_sum, v_debit, v_count
    FROM fund.line l
   WHERE l.organisation_id = NEW.organisation_id AND l.entry_id = NEW.id;
  -- IS DISTINCT FROM: a sum over no visible row is null, and must fail like any other imbalance.
  IF v_sum IS DISTINCT FROM 0 OR v_count < 2 THEN
    PERFORM app.fail('entry.unbalanced', '/lines', 'money:' || coalesce(v_debit, 0)::text,
                     'money:' || (coalesce(v_debit, 0) - coalesce(v_sum, 0))::text);
  END IF;
  IF v_count <> NEW.line_count OR v_debit <> NEW.total THEN
    RAISE EXCEPTION 'entry % was written with % lines and a total of %, its lines say % and %',
      NEW.id, NEW.line_count, NEW.total, v_count, v_debit USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.entry_balanced() IS
  'Debit equals credit, at least two lines, and the lines the entry announced. Deferred, and SECURITY DEFINER, so '
  'that it judges the whole entry; run under another organisation''s context it sees no line, which is a failure.';
CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT ON fund.entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund.entry_balanced();

CREATE FUNCTION fund.line_complete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT n.organisation_id, n.entry_id FROM new_lines n) t
     LEFT JOIN fund.entry e ON e.organisation_id = t.organisation_id AND e.id = t.entry_id
     WHERE e.line_count IS DISTINCT FROM
           (SELECT count(*) FROM fund.line l WHERE l.organisation_id = t.organisation_id AND l.entry_id = t.entry_id)
  ) THEN
    RAISE EXCEPTION 'the lines of an entry are written once, all together'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_append_only';
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.line_complete() IS
  'All lines of an entry are written by one statement: a balanced pair added to an old entry is refused too.';
CREATE TRIGGER line_complete AFTER INSERT ON fund.line
  REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION fund.line_complete();

CREATE FUNCTION fund.fiscal_year_contiguous() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_year fund.fiscal_year;
  v_last date;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.starts_on, NEW.ends_on) IS DISTINCT FROM (OLD.starts_on, OLD.ends_on) THEN
    PERFORM app.fail('fiscal_year.fixed', '');
  END IF;
  FOR v_year IN
    SELECT y.* FROM fund.fiscal_year y WHERE y.organisation_id = NEW.organisation_id ORDER BY y.starts_on
  LOOP
    IF v_last IS NOT NULL AND v_year.starts_on <= v_last THEN
      PERFORM app.fail('fiscal_year.overlap', '/starts_on', 'date:' || v_last::text);
    ELSIF v_last IS NOT NULL AND v_year.starts_on <> v_last + 1 THEN
      PERFORM app.fail('fiscal_year.gap', '/starts_on', 'date:' || v_last::text, 'date:' || v_year.starts_on::text);
    END IF;
    v_last := v_year.ends_on;
  END LOOP;
  IF v_last IS NULL THEN
    RAISE EXCEPTION 'fiscal year % written outside its organisation''s context', NEW.id;
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.fiscal_year_contiguous() IS
  'Years neither overlap nor leave a gap, and never change their dates.';
CREATE TRIGGER fiscal_year_contiguous AFTER INSERT OR UPDATE ON fund.fiscal_year
  FOR EACH ROW EXECUTE FUNCTION fund.fiscal_year_contiguous();

-- ---------------------------------------------------------------------------------------------------------------
-- Accounts
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.chart_date(p_year_start date) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN greatest(p_year_start, DATE '2020-01-01');
COMMENT ON FUNCTION fund.chart_date(date) IS
  'Date at which the chart is read for a year that starts then: years opened before 2020 use the first vintage.';

CREATE FUNCTION fund.account_lookup(p_number text, p_year_start date,
                                    OUT id bigint, OUT title text, OUT kind text,
                                    OUT valid_from date, OUT valid_to date)
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_on date := fund.chart_date(p_year_start);
BEGIN
  SELECT a.id, a.title, a.kind, a.valid_from, a.valid_to INTO id, title, kind, valid_from, valid_to
    FROM fund.account a
   WHERE a.organisation_id = fund.current_organisation() AND a.number = p_number
     AND a.valid_from <= v_on AND (a.valid_to IS NULL OR a.valid_to >= v_on);
  IF NOT FOUND AND p_number ~ '^[1-8][0-9]{1,7}$' THEN
    SELECT r.title, r.kind, r.valid_from, r.valid_to INTO title, kind, valid_from, valid_to
      FROM reference.account r
     WHERE r.number = p_number AND r.valid_from <= v_on AND (r.valid_to IS NULL OR r.valid_to >= v_on);
  END IF;
END $fn$;
COMMENT ON FUNCTION fund.account_lookup(text, date) IS
  'What a number means for a fiscal year that starts at the date; writes nothing. title is null where the number is '
  'unknown, id is null where the chart knows it and the organisation has not used it yet.';

CREATE FUNCTION fund.account_id(p_number text, p_year_start date) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v record;
  v_id bigint;
BEGIN
  SELECT * INTO v FROM fund.account_lookup(p_number, p_year_start);
  IF v.id IS NOT NULL OR v.title IS NULL THEN
    RETURN v.id;
  END IF;
  INSERT INTO fund.account (organisation_id, number, title, kind, valid_from, valid_to)
  VALUES (fund.current_organisation(), p_number, v.title, v.kind, v.valid_from, v.valid_to)
  RETURNING id INTO v_id;
  RETURN v_id;
END $fn$;
COMMENT ON FUNCTION fund.account_id(text, date) IS
  'Account of a number in the chart vintage of a fiscal year that starts at the date, opened at first use; null when '
  'the number is unknown.';

CREATE FUNCTION fund.open_account(p_number text, p_title text, p_year_start date) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v record;
  v_prefix text;
  v_id bigint;
BEGIN
  IF p_number !~ '^[1-8][0-9]{1,7}$' THEN
    PERFORM app.fail('account.number', '/number', p_number);
  END IF;
  SELECT * INTO v FROM fund.account_lookup(p_number, p_year_start);
  IF v.title IS NOT NULL THEN
    PERFORM app.fail('account.exists', '/number', p_number, v.title);
  END IF;
  FOR v_length IN REVERSE length(p_number) - 1 .. 2 LOOP
    v_prefix := left(p_number, v_length);
    SELECT * INTO v FROM fund.account_lookup(v_prefix, p_year_start);
    EXIT WHEN v.title IS NOT NULL;
  END LOOP;
  IF v.title IS NULL THEN
    PERFORM app.fail('account.parent_unknown', '/number', p_number);
  END IF;
  -- The chart knows the number in another vintage that the parent's validity would overlap: start beside it.
  INSERT INTO fund.account (organisation_id, number, title, kind, own, valid_from, valid_to)
  SELECT fund.current_organisation(), p_number, p_title, v.kind, true,
         greatest(v.valid_from, max(r.valid_to) FILTER (WHERE r.valid_to < fund.chart_date(p_year_start)) + 1),
         least(v.valid_to, min(r.valid_from) FILTER (WHERE r.valid_from > fund.chart_date(p_year_start)) - 1)
    FROM reference.account r WHERE r.number = p_number
  RETURNING id INTO v_id;
  RETURN v_id;
END $fn$;
COMMENT ON FUNCTION fund.open_account(text, text, date) IS
  'Opens a sub-account of the longest known account that its number begins with (two digits at least) and takes '
  'its kind and validity. Problems: account.number, account.exists, account.parent_unknown, at /number.';

-- ---------------------------------------------------------------------------------------------------------------
-- Funds, periods
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.default_fund(p_kind text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  RETURN (SELECT f.id FROM fund.fund f
           WHERE f.organisation_id = fund.current_organisation() AND f.kind = p_kind
           ORDER BY f.created_at, f.id LIMIT 1);
END $fn$;
COMMENT ON FUNCTION fund.default_fund(text) IS
  'The oldest fund of a kind: where money of that kind goes when nothing is said.';

CREATE FUNCTION fund.period_fault(p_date date, p_pointer text DEFAULT '/date') RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_year fund.fiscal_year;
BEGIN
  SELECT y.* INTO v_year FROM fund.fiscal_year y
   WHERE y.organisation_id = fund.current_organisation() AND p_date BETWEEN y.starts_on AND y.ends_on;
  IF NOT FOUND THEN
    RETURN app.fault('fiscal_year.none', p_pointer, 'date:' || p_date::text);
  ELSIF v_year.closed_at IS NOT NULL THEN
    RETURN app.fault('fiscal_year.closed', p_pointer, 'date:' || v_year.starts_on::text,
                     'date:' || v_year.ends_on::text);
  ELSIF p_date <= v_year.locked_through THEN
    RETURN app.fault('period.locked', p_pointer, 'date:' || p_date::text, 'date:' || v_year.locked_through::text);
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.period_fault(date, text) IS
  'Why nothing can be posted at this date, as a fault for app.fail_all (fiscal_year.none, fiscal_year.closed, '
  'period.locked); null when something can.';

CREATE FUNCTION fund.open_period(p_date date, p_pointer text DEFAULT '/date') RETURNS fund.fiscal_year
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_year fund.fiscal_year;
BEGIN
  SELECT y.* INTO v_year FROM fund.fiscal_year y
   WHERE y.organisation_id = fund.current_organisation() AND p_date BETWEEN y.starts_on AND y.ends_on
     AND y.closed_at IS NULL AND (y.locked_through IS NULL OR y.locked_through < p_date);
  IF NOT FOUND THEN
    PERFORM app.fail_all(jsonb_build_array(fund.period_fault(p_date, p_pointer)));
  END IF;
  RETURN v_year;
END $fn$;
COMMENT ON FUNCTION fund.open_period(date, text) IS
  'The fiscal year in which something can be posted at this date; otherwise fails with fund.period_fault.';

CREATE FUNCTION fund.entry_period() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_year fund.fiscal_year := fund.open_period(NEW.date);
BEGIN
  IF (NEW.organisation_id, NEW.fiscal_year_id) IS DISTINCT FROM (v_year.organisation_id, v_year.id) THEN
    PERFORM app.fail('fiscal_year.none', '/date', 'date:' || NEW.date::text);
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.entry_period() IS
  'No entry outside its fiscal year, in a closed year or in a locked period.';
CREATE TRIGGER entry_period BEFORE INSERT ON fund.entry FOR EACH ROW EXECUTE FUNCTION fund.entry_period();

-- ---------------------------------------------------------------------------------------------------------------
-- Posting
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.next_number(p_fiscal_year uuid, p_journal text) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_number integer;
BEGIN
  UPDATE fund.counter c SET last = c.last + 1
   WHERE c.organisation_id = fund.current_organisation()
     AND c.fiscal_year_id = p_fiscal_year AND c.journal_code = p_journal
  RETURNING c.last INTO v_number;
  IF NOT FOUND THEN
    INSERT INTO fund.counter (organisation_id, fiscal_year_id, journal_code, last)
    VALUES (fund.current_organisation(), p_fiscal_year, p_journal, 1);
    v_number := 1;
  END IF;
  RETURN v_number;
END $fn$;
COMMENT ON FUNCTION fund.next_number(uuid, text) IS
  'Next entry number of a journal and fiscal year; needs the organisation''s lock.';

CREATE FUNCTION fund.add_to_balances(p_fiscal_year uuid, p_month date, p_accounts bigint[], p_funds uuid[],
                                     p_amounts bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_accounts bigint[];
  v_funds uuid[];
  v_debits bigint[];
  v_credits bigint[];
  v_lines bigint[];
  v_found bigint;
BEGIN
  SELECT array_agg(s.account_id), array_agg(s.fund_id), array_agg(s.debit), array_agg(s.credit), array_agg(s.lines)
    INTO v_accounts, v_funds, v_debits, v_credits, v_lines
    FROM (SELECT u.account_id, u.fund_id, sum(greatest(u.amount, 0))::bigint AS debit,
                 sum(greatest(-u.amount, 0))::bigint AS credit, count(*) AS lines
            FROM unnest(p_accounts, p_funds, p_amounts) AS u (account_id, fund_id, amount) GROUP BY 1, 2) s;
  UPDATE fund.balance b SET debit = b.debit + m.debit, credit = b.credit + m.credit, lines = b.lines + m.lines
    FROM unnest(v_accounts, v_funds, v_debits, v_credits, v_lines) AS m (account_id, fund_id, debit, credit, lines)
   WHERE b.organisation_id = v_organisation AND b.fiscal_year_id = p_fiscal_year
     AND b.account_id = m.account_id AND b.fund_id = m.fund_id AND b.month = p_month;
  GET DIAGNOSTICS v_found = ROW_COUNT;
  IF v_found < cardinality(v_accounts) THEN
    INSERT INTO fund.balance (organisation_id, fiscal_year_id, account_id, fund_id, month, debit, credit, lines)
    SELECT v_organisation, p_fiscal_year, m.account_id, m.fund_id, p_month, m.debit, m.credit, m.lines
      FROM unnest(v_accounts, v_funds, v_debits, v_credits, v_lines) AS m (account_id, fund_id, debit, credit, lines)
     WHERE NOT EXISTS (SELECT FROM fund.balance b
                        WHERE b.organisation_id = v_organisation AND b.fiscal_year_id = p_fiscal_year
                          AND b.account_id = m.account_id AND b.fund_id = m.fund_id AND b.month = p_month);
  END IF;
  UPDATE fund.year_balance b SET debit = b.debit + m.debit, credit = b.credit + m.credit, lines = b.lines + m.lines
    FROM unnest(v_accounts, v_funds, v_debits, v_credits, v_lines) AS m (account_id, fund_id, debit, credit, lines)
   WHERE b.organisation_id = v_organisation AND b.fiscal_year_id = p_fiscal_year
     AND b.account_id = m.account_id AND b.fund_id = m.fund_id;
  GET DIAGNOSTICS v_found = ROW_COUNT;
  IF v_found < cardinality(v_accounts) THEN
    INSERT INTO fund.year_balance (organisation_id, fiscal_year_id, account_id, fund_id, debit, credit, lines)
    SELECT v_organisation, p_fiscal_year, m.account_id, m.fund_id, m.debit, m.credit, m.lines
      FROM unnest(v_accounts, v_funds, v_debits, v_credits, v_lines) AS m (account_id, fund_id, debit, credit, lines)
     WHERE NOT EXISTS (SELECT FROM fund.year_balance b
                        WHERE b.organisation_id = v_organisation AND b.fiscal_year_id = p_fiscal_year
                          AND b.account_id = m.account_id AND b.fund_id = m.fund_id);
  END IF;
END $fn$;
COMMENT ON FUNCTION fund.add_to_balances(uuid, date, bigint[], uuid[], bigint[]) IS
  'Adds the lines of one entry to the kept balances of its month and of its year: UPDATE, then INSERT what was not '
  'there; needs the organisation''s lock.';

CREATE FUNCTION fund.line_text(p_position bigint, p_account_id bigint, p_amount bigint, p_fund_id uuid,
                               p_project_id uuid, p_member_id uuid, p_label text) RETURNS text
LANGUAGE sql STABLE
RETURN jsonb_build_array(p_position, p_account_id, p_amount, p_fund_id, p_project_id, p_member_id, p_label)::text || E'\n';
COMMENT ON FUNCTION fund.line_text(bigint, bigint, bigint, uuid, uuid, uuid, text) IS
  'A line as fund.entry.hash sees it: a JSON array ended by a line feed; lines follow each other by position.';

CREATE FUNCTION fund.entry_text(p fund.entry) RETURNS text
LANGUAGE sql STABLE
RETURN jsonb_build_array(p.organisation_id, p.id, p.fiscal_year_id, p.journal_code, p.number, p.date, p.label, p.line_count,
                         p.total, p.source_kind, p.source_id, p.reverses_entry_id, p.reason,
                         (extract(epoch FROM p.recorded_at) * 1000000)::bigint, p.recorded_by)::text || E'\n';
COMMENT ON FUNCTION fund.entry_text(fund.entry) IS
  'An entry as its hash sees it: a JSON array of its columns but the hash, the instant in microseconds since 1970, '
  'ended by a line feed. The texts of its lines follow.';

CREATE FUNCTION fund.post_entry(p_id uuid, p_journal text, p_date date, p_label text, p_source_kind text,
                                p_source_id uuid, p_lines jsonb, p_reverses uuid DEFAULT NULL,
                                p_reason text DEFAULT NULL, p_date_pointer text DEFAULT '/date') RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_year fund.fiscal_year := fund.open_period(p_date, p_date_pointer);
  v_line jsonb;
  v_at text;
  v_faults jsonb := '[]';
  v_general uuid;
  v_account bigint;
  v_accounts bigint[] := '{}';
  v_funds uuid[] := '{}';
  v_amounts bigint[] := '{}';
  v_debit numeric := 0;
  v_credit numeric := 0;
  v_entry fund.entry;
BEGIN
  FOR v_line, v_at IN
    SELECT e.line, coalesce(e.line->>'pointer', '/lines/' || (e.position - 1) || '/account')
      FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS e (line, position) ORDER BY e.position
  LOOP
    -- A reversal names the account itself: the number may mean something else, or nothing, in the year it is dated.
    v_account := coalesce((v_line->>'account_id')::bigint, fund.account_id(v_line->>'account', v_year.starts_on));
    IF v_account IS NULL THEN
      v_faults := v_faults || app.fault('account.unknown', v_at, v_line->>'account');
    END IF;
    IF v_line->>'fund_id' IS NULL AND v_general IS NULL THEN
      v_general := fund.default_fund('general');
    END IF;
    v_accounts := v_accounts || v_account;
    v_funds := v_funds || coalesce((v_line->>'fund_id')::uuid, v_general);
    v_amounts := v_amounts || (v_line->>'amount')::bigint;
    v_debit := v_debit + greatest((v_line->>'amount')::bigint, 0);
    v_credit := v_credit - least((v_line->>'amount')::bigint, 0);
  END LOOP;
  IF jsonb_array_length(v_faults) > 0 THEN
    PERFORM app.fail_all(v_faults);
  ELSIF v_debit <> v_credit THEN
    PERFORM app.fail('entry.unbalanced', '/lines', 'money:' || v_debit::text, 'money:' || v_credit::text);
  ELSIF cardinality(v_amounts) < 2 THEN
    PERFORM app.fail('entry.lines_missing', '/lines');
  ELSIF v_debit > 9223372036854775807 THEN
    PERFORM app.fail('money.range', '/lines');
  END IF;
  IF p_source_kind <> 'manual' AND p_reverses IS NULL AND EXISTS (
      SELECT FROM unnest(v_funds, v_amounts) AS u (fund_id, amount) GROUP BY u.fund_id HAVING sum(u.amount) <> 0) THEN
    PERFORM app.fail('entry.fund_unbalanced', '/lines');
  END IF;

  v_entry := ROW(v_organisation, p_id, v_year.id, p_journal, fund.next_number(v_year.id, p_journal), p_date, p_label,
                 cardinality(v_amounts), v_debit, p_source_kind, p_source_id, p_reverses, p_reason, app.recorded_at(),
                 app.actor(), NULL);
  SELECT sha256(convert_to(fund.entry_text(v_entry) || string_agg(
                  fund.line_text(e.position, v_accounts[e.position], v_amounts[e.position], v_funds[e.position],
                                 (e.line->>'project_id')::uuid, (e.line->>'member_id')::uuid,
                                 nullif(e.line->>'label', '')), '' ORDER BY e.position), 'UTF8'))
    INTO v_entry.hash
    FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS e (line, position);
  INSERT INTO fund.entry SELECT v_entry.*;
  INSERT INTO fund.line (organisation_id, entry_id, position, date, account_id, amount, fund_id, project_id, member_id,
                         label)
  SELECT v_organisation, p_id, e.position, p_date, v_accounts[e.position], v_amounts[e.position], v_funds[e.position],
         (e.line->>'project_id')::uuid, (e.line->>'member_id')::uuid, nullif(e.line->>'label', '')
    FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS e (line, position)
   ORDER BY e.position;
  PERFORM fund.add_to_balances(v_year.id, date_trunc('month', p_date)::date, v_accounts, v_funds, v_amounts);
  RETURN p_id;
END $fn$;
COMMENT ON FUNCTION fund.post_entry(uuid, text, date, text, text, uuid, jsonb, uuid, text, text) IS
  'The only way an entry comes to exist; needs the organisation''s lock (app.begin_write). p_lines = [{"account": '
  '"512", "amount": minor units signed (debit positive), "fund_id"?, "project_id"?, "member_id"?, "label"?, '
  '"pointer"?: where a fault about its account points}]. Without fund_id a line belongs to the general fund. An '
  'entry that the program writes itself (source_kind other than manual) balances within each fund. Problems: '
  'fiscal_year.none, fiscal_year.closed, period.locked (at p_date_pointer), account.unknown, entry.unbalanced, '
  'entry.lines_missing, entry.fund_unbalanced.';

CREATE FUNCTION fund.reverse_entry(p_entry uuid, p_date date, p_reason text, p_new_id uuid,
                                   p_date_pointer text DEFAULT '/date') RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_entry fund.entry;
  v_by fund.entry;
  v_lines jsonb;
BEGIN
  SELECT e.* INTO v_entry FROM fund.entry e WHERE e.organisation_id = fund.current_organisation() AND e.id = p_entry;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', '');
  ELSIF v_entry.reverses_entry_id IS NOT NULL THEN
    PERFORM app.fail('entry.is_reversal', '');
  END IF;
  SELECT e.* INTO v_by FROM fund.entry e
   WHERE e.organisation_id = fund.current_organisation() AND e.reverses_entry_id = p_entry;
  IF FOUND THEN
    PERFORM app.fail('entry.already_reversed', '', v_by.journal_code, v_by.number::text, 'date:' || v_by.date::text);
  ELSIF coalesce(btrim(p_reason), '') = '' THEN
    PERFORM app.fail('reason.required', '/reason');
  ELSIF p_date < v_entry.date THEN
    PERFORM app.fail('reversal.before_entry', p_date_pointer, 'date:' || v_entry.date::text);
  ELSIF app.context('correcting') IS NULL AND EXISTS (
          SELECT FROM fund.line_match m
            JOIN fund.line l ON l.organisation_id = m.organisation_id AND l.id = m.line_id
           WHERE l.organisation_id = v_entry.organisation_id AND l.entry_id = p_entry AND m.cancelled_at IS NULL) THEN
    -- (A correction keeps its match: fund.match_follow.)
    PERFORM app.fail('entry.matched', '');
  END IF;
  SELECT jsonb_agg(jsonb_build_object('account_id', l.account_id, 'amount', -l.amount, 'fund_id', l.fund_id,
                                      'project_id', l.project_id, 'member_id', l.member_id, 'label', l.label)
                   ORDER BY l.position)
    INTO v_lines
    FROM fund.line l WHERE l.organisation_id = v_entry.organisation_id AND l.entry_id = p_entry;
  RETURN fund.post_entry(p_new_id, v_entry.journal_code, p_date, v_entry.label, v_entry.source_kind, v_entry.source_id,
                         v_lines, p_entry, btrim(p_reason), p_date_pointer);
END $fn$;
COMMENT ON FUNCTION fund.reverse_entry(uuid, date, text, uuid, text) IS
  'Posts the opposite of an entry, linked to it, with the reason; same accounts, funds and journal. Problems: '
  'not_found, entry.is_reversal, entry.already_reversed, entry.matched (undo the match first), '
  'reversal.before_entry, reason.required, and those of fund.post_entry.';

-- ---------------------------------------------------------------------------------------------------------------
-- Drafts
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.draft_lines(p_lines jsonb, p_date date, p_faults jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
  v_start date := fund.year_start(p_date);
  v_faults jsonb := p_faults;
  v_named uuid[];
  v_default uuid;
  v_line jsonb;
  v_at text;
  v_debit bigint;
  v_credit bigint;
  v_lines jsonb := '[]';
BEGIN
  -- A line without a fund follows the others: an entry about one fund stays within it.
  SELECT array_agg(DISTINCT (x.line->>'fund_id')::uuid) INTO v_named
    FROM jsonb_array_elements(p_lines) AS x (line) WHERE x.line->>'fund_id' IS NOT NULL;
  v_default := CASE WHEN cardinality(v_named) = 1 THEN v_named[1] ELSE fund.default_fund('general') END;
  FOR v_line, v_at IN
    SELECT x.line, '/lines/' || (x.position - 1)
      FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS x (line, position) ORDER BY x.position
  LOOP
    v_debit := coalesce((v_line->>'debit')::bigint, 0);
    v_credit := coalesce((v_line->>'credit')::bigint, 0);
    IF (v_debit > 0) = (v_credit > 0) OR v_debit < 0 OR v_credit < 0 THEN
      v_faults := v_faults || app.fault('line.side', v_at);
    END IF;
    IF (fund.account_lookup(v_line->>'account', v_start)).title IS NULL THEN
      v_faults := v_faults || app.fault('account.unknown', v_at || '/account', v_line->>'account');
    END IF;
    IF v_line->>'fund_id' IS NOT NULL AND NOT EXISTS (
        SELECT FROM fund.fund f
         WHERE f.organisation_id = v_organisation AND f.id = (v_line->>'fund_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', v_at || '/fund_id');
    END IF;
    IF v_line->>'project_id' IS NOT NULL AND NOT EXISTS (
        SELECT FROM fund.project p
         WHERE p.organisation_id = v_organisation AND p.id = (v_line->>'project_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', v_at || '/project_id');
    END IF;
    IF v_line->>'member_id' IS NOT NULL AND NOT EXISTS (
        SELECT FROM fund.member m
         WHERE m.organisation_id = v_organisation AND m.id = (v_line->>'member_id')::uuid) THEN
      v_faults := v_faults || app.fault('not_found', v_at || '/member_id');
    END IF;
    v_lines := v_lines || jsonb_build_object(
      'account', v_line->>'account', 'amount', v_debit - v_credit,
      'fund_id', coalesce((v_line->>'fund_id')::uuid, v_default), 'project_id', v_line->'project_id',
      'member_id', v_line->'member_id', 'label', v_line->'label');
  END LOOP;
  PERFORM app.fail_all(v_faults);
  RETURN v_lines;
END $fn$;
COMMENT ON FUNCTION fund.draft_lines(jsonb, date, jsonb) IS
  'The lines of a manual entry as fund.draft keeps them; fails with every fault found, those given included: '
  'line.side, account.unknown, not_found. A line without a fund takes the only fund the others name, else the '
  'general fund.';

CREATE FUNCTION fund.draft_faults(p_journal text, p_date date) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_faults jsonb := '[]';
  v_period jsonb := fund.period_fault(p_date);
BEGIN
  IF NOT EXISTS (SELECT FROM fund.journal j
                  WHERE j.organisation_id = fund.current_organisation() AND j.code = p_journal) THEN
    v_faults := v_faults || app.fault('journal.unknown', '/journal', p_journal);
  END IF;
  RETURN CASE WHEN v_period IS NULL THEN v_faults ELSE v_faults || v_period END;
END $fn$;
COMMENT ON FUNCTION fund.draft_faults(text, date) IS
  'Faults of the journal and the date of a manual entry; an empty array when right.';

CREATE FUNCTION fund.draft_for_change(p_id uuid, p_checked boolean) RETURNS fund.draft
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_draft fund.draft;
  v_entry fund.entry;
BEGIN
  SELECT d.* INTO v_draft FROM fund.draft d WHERE d.organisation_id = fund.current_organisation() AND d.id = p_id;
  IF FOUND THEN
    IF p_checked THEN
      PERFORM app.check_version(v_draft.version);
    END IF;
    RETURN v_draft;
  END IF;
  SELECT e.* INTO v_entry FROM fund.entry e WHERE e.organisation_id = fund.current_organisation() AND e.id = p_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found');
  ELSIF p_checked THEN
    PERFORM app.fail('entry.immutable');
  END IF;
  PERFORM app.fail('entry.already_validated', '', v_entry.journal_code, v_entry.number::text);
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.draft_for_change(uuid, boolean) IS
  'The draft to change or delete (checked: If-Match) or to validate; fails where there is none or it was validated.';

-- ---------------------------------------------------------------------------------------------------------------
-- A new organisation's books
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.organisation_seed(p_organisation uuid, p_starts_on date DEFAULT NULL, p_ends_on date DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_starts_on date := coalesce(p_starts_on, app.context('fiscal_year_starts_on')::date,
                               date_trunc('year', fund.today())::date);
  v_ends_on date := coalesce(p_ends_on, (v_starts_on + interval '12 months' - interval '1 day')::date);
BEGIN
  IF p_organisation IS DISTINCT FROM fund.current_organisation() THEN
    RAISE EXCEPTION 'organisation_seed needs the context of the organisation it fills';
  END IF;
  INSERT INTO fund.account (organisation_id, number, title, kind, valid_from, valid_to)
  SELECT p_organisation, r.number, r.title, r.kind, r.valid_from, r.valid_to
    FROM reference.account r
   WHERE r.core AND r.number ~ '^[1-8][0-9]{1,7}$'
     AND (r.valid_to IS NULL OR r.valid_to >= fund.chart_date(v_starts_on))
   ORDER BY r.number, r.valid_from;
  INSERT INTO fund.journal (organisation_id, code, name) VALUES
    (p_organisation, 'AC', 'Achats'),
    (p_organisation, 'AN', 'À-nouveaux'),
    (p_organisation, 'BQ', 'Banque'),
    (p_organisation, 'CA', 'Caisse'),
    (p_organisation, 'CH', 'Chèques et encaissements en attente'),
    (p_organisation, 'OD', 'Opérations diverses'),
    (p_organisation, 'VE', 'Ventes et produits');
  INSERT INTO fund.fund (organisation_id, id, name, kind) VALUES
    (p_organisation, app.uuid7(), 'Fonctionnement', 'general'),
    (p_organisation, app.uuid7(), 'Fonds de solidarité', 'solidarity');
  INSERT INTO fund.fiscal_year (organisation_id, id, starts_on, ends_on)
  VALUES (p_organisation, app.uuid7(), v_starts_on, v_ends_on);
END $fn$;
COMMENT ON FUNCTION fund.organisation_seed(uuid, date, date) IS
  'Core accounts, journals, the general and the solidarity fund and the first fiscal year of a new organisation: '
  'from the given day, or the one in the context (app.fiscal_year_starts_on), or January 1st; for twelve months '
  'unless said.';

-- ---------------------------------------------------------------------------------------------------------------
-- Checking the books
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.check_books() RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
BEGIN
  RETURN QUERY
    SELECT format('entry %s: its %s lines sum to %s, with debits of %s; it was written with %s lines and %s', e.id,
                  s.lines, s.sum, s.debit, e.line_count, e.total)
      FROM fund.entry e
      LEFT JOIN (SELECT l.entry_id, count(*) AS lines, sum(l.amount) AS sum,
                        sum(l.amount) FILTER (WHERE l.amount > 0) AS debit
                   FROM fund.line l WHERE l.organisation_id = v_organisation GROUP BY l.entry_id) s ON s.entry_id = e.id
     WHERE e.organisation_id = v_organisation
       AND (s.sum IS DISTINCT FROM 0 OR s.lines < 2 OR s.lines <> e.line_count OR s.debit <> e.total);
  RETURN QUERY
    SELECT format('entry %s: it or its lines are not as they were written', e.id)
      FROM fund.entry e
      JOIN (SELECT l.entry_id,
                   string_agg(fund.line_text(l.position, l.account_id, l.amount, l.fund_id, l.project_id, l.member_id,
                                             l.label), '' ORDER BY l.position) AS lines
              FROM fund.line l WHERE l.organisation_id = v_organisation GROUP BY l.entry_id) s ON s.entry_id = e.id
     WHERE e.organisation_id = v_organisation
       AND e.hash <> sha256(convert_to(fund.entry_text(e) || s.lines, 'UTF8'));
  RETURN QUERY
    SELECT format('journal %s of the year from %s: %s entries, numbered from %s to %s, counter at %s', e.journal_code,
                  y.starts_on, e.entries, e.first, e.last, c.last)
      FROM (SELECT n.fiscal_year_id, n.journal_code, count(*) AS entries, min(n.number) AS first, max(n.number) AS last
              FROM fund.entry n WHERE n.organisation_id = v_organisation GROUP BY 1, 2) e
      FULL JOIN (SELECT * FROM fund.counter k WHERE k.organisation_id = v_organisation) c
           ON c.fiscal_year_id = e.fiscal_year_id AND c.journal_code = e.journal_code
      LEFT JOIN fund.fiscal_year y
           ON y.organisation_id = v_organisation AND y.id = coalesce(e.fiscal_year_id, c.fiscal_year_id)
     WHERE e.first IS DISTINCT FROM 1 OR e.last <> e.entries OR c.last IS DISTINCT FROM e.last;
  RETURN QUERY
    SELECT format('entry %s: dated %s, outside its fiscal year from %s to %s', e.id, e.date, y.starts_on, y.ends_on)
      FROM fund.entry e JOIN fund.fiscal_year y ON y.organisation_id = e.organisation_id AND y.id = e.fiscal_year_id
     WHERE e.organisation_id = v_organisation AND e.date NOT BETWEEN y.starts_on AND y.ends_on;
  RETURN QUERY
    SELECT format('kept balance of account %s, fund %s, %s: %s and %s in %s lines, its lines sum to %s and %s in %s',
                  a.number, coalesce(b.fund_id, s.fund_id), to_char(coalesce(b.month, s.month), 'YYYY-MM'), b.debit,
                  b.credit, b.lines, s.debit, s.credit, s.lines)
      FROM (SELECT k.* FROM fund.balance k WHERE k.organisation_id = v_organisation) b
      FULL JOIN (SELECT e.fiscal_year_id, l.account_id, l.fund_id, date_trunc('month', e.date)::date AS month,
                        sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit, count(*) AS lines
                   FROM fund.line l JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
                  WHERE l.organisation_id = v_organisation GROUP BY 1, 2, 3, 4) s
           ON (s.fiscal_year_id, s.account_id, s.fund_id, s.month)
              = (b.fiscal_year_id, b.account_id, b.fund_id, b.month)
      LEFT JOIN fund.account a ON a.organisation_id = v_organisation AND a.id = coalesce(b.account_id, s.account_id)
     WHERE (b.debit, b.credit, b.lines) IS DISTINCT FROM (s.debit, s.credit, s.lines);
  RETURN QUERY
    SELECT format('kept balance of account %s, fund %s, year from %s: %s and %s in %s lines, its months sum to %s and %s '
                  'in %s', a.number, coalesce(b.fund_id, s.fund_id), y.starts_on, b.debit, b.credit, b.lines, s.debit,
                  s.credit, s.lines)
      FROM (SELECT k.* FROM fund.year_balance k WHERE k.organisation_id = v_organisation) b
      FULL JOIN (SELECT m.fiscal_year_id, m.account_id, m.fund_id, sum(m.debit) AS debit, sum(m.credit) AS credit,
                        sum(m.lines) AS lines
                   FROM fund.balance m WHERE m.organisation_id = v_organisation GROUP BY 1, 2, 3) s
           ON (s.fiscal_year_id, s.account_id, s.fund_id) = (b.fiscal_year_id, b.account_id, b.fund_id)
      LEFT JOIN fund.account a ON a.organisation_id = v_organisation AND a.id = coalesce(b.account_id, s.account_id)
      LEFT JOIN fund.fiscal_year y
           ON y.organisation_id = v_organisation AND y.id = coalesce(b.fiscal_year_id, s.fiscal_year_id)
     WHERE (b.debit, b.credit, b.lines) IS DISTINCT FROM (s.debit, s.credit, s.lines);
  RETURN QUERY
    SELECT format('entry %s: dated %s, a line of it %s', e.id, e.date, l.date)
      FROM fund.entry e JOIN fund.line l ON l.organisation_id = e.organisation_id AND l.entry_id = e.id
     WHERE e.organisation_id = v_organisation AND l.date <> e.date;
  RETURN QUERY
    SELECT format('entry %s: its lines are not the opposite of those of entry %s', r.id, r.reverses_entry_id)
      FROM fund.entry r
     WHERE r.organisation_id = v_organisation AND r.reverses_entry_id IS NOT NULL AND EXISTS (
       SELECT FROM (SELECT * FROM fund.line l WHERE l.organisation_id = v_organisation AND l.entry_id = r.id) n
         FULL JOIN (SELECT * FROM fund.line l
                     WHERE l.organisation_id = v_organisation AND l.entry_id = r.reverses_entry_id) o
              ON o.position = n.position
        WHERE (n.account_id, n.fund_id, n.project_id, n.member_id, n.amount)
              IS DISTINCT FROM (o.account_id, o.fund_id, o.project_id, o.member_id, -o.amount));
  RETURN QUERY
    SELECT format('entry %s: recorded at %s, after the last instant the organisation gave out', e.id, e.recorded_at)
      FROM fund.entry e JOIN fund.organisation o ON o.id = e.organisation_id
     WHERE e.organisation_id = v_organisation AND e.recorded_at > o.last_recorded_at;
END $fn$;
COMMENT ON FUNCTION fund.check_books() IS
  'What is wrong in the books of the current organisation, as sentences for its operator; no row when all is right.';

CREATE FUNCTION app.check_books(p_organisation uuid DEFAULT NULL) RETURNS TABLE (organisation text, problem text)
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_entered uuid := fund.current_organisation();
  v_id uuid;
BEGIN
  FOR v_id, organisation IN
    SELECT d.organisation_id, d.slug FROM app.directory d
     WHERE p_organisation IS NULL OR d.organisation_id = p_organisation ORDER BY d.slug
  LOOP
    PERFORM app.enter_organisation(v_id);
    RETURN QUERY SELECT organisation, c.problem FROM fund.check_books() AS c (problem);
  END LOOP;
  PERFORM app.enter_organisation(v_entered);
END $fn$;
COMMENT ON FUNCTION app.check_books(uuid) IS
  'Balances, numbers without gap, kept balances, years and reversals of one organisation, or of all (grenier '
  'check): a row for each thing that is wrong.';

-- ---------------------------------------------------------------------------------------------------------------
-- Audit
-- ---------------------------------------------------------------------------------------------------------------

CREATE TRIGGER fund_audit AFTER INSERT OR UPDATE OR DELETE ON fund.fund
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at');
CREATE TRIGGER project_audit AFTER INSERT OR UPDATE OR DELETE ON fund.project
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at');
CREATE TRIGGER fiscal_year_audit AFTER INSERT OR UPDATE OR DELETE ON fund.fiscal_year
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at');
-- Accounts copied from the chart are no one's act; sub-accounts are.
CREATE TRIGGER account_audit AFTER INSERT ON fund.account
  FOR EACH ROW WHEN (NEW.own) EXECUTE FUNCTION audit.record_change();
CREATE TRIGGER account_audit_change AFTER UPDATE OR DELETE ON fund.account
  FOR EACH ROW EXECUTE FUNCTION audit.record_change();
-- Entry and lines never change: the event names the entry and commits to all of it by its hash, instead of copying it.
CREATE TRIGGER entry_audit AFTER INSERT ON fund.entry
  FOR EACH ROW EXECUTE FUNCTION audit.record_change(
    'fiscal_year_id', 'date', 'label', 'line_count', 'total', 'source_kind', 'source_id', 'reverses_entry_id', 'reason',
    'recorded_at', 'recorded_by');
CREATE TRIGGER draft_audit AFTER INSERT OR UPDATE OR DELETE ON fund.draft
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at', 'created_by', 'nested:lines');
