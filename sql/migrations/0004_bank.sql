-- The bank: accounts, statements and their lines as the bank gave them, and the matches that say what each line is.
-- Besides, what a report "as known at" needs of the funds: their settings as they were.
--
-- Lock order: every function that writes here is called after app.begin_write(), which takes the organisation's
-- row FOR NO KEY UPDATE in a statement of its own.

-- ---------------------------------------------------------------------------------------------------------------
-- What an expense can be, in plain words
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE reference.expense_category (
  category   text    NOT NULL,
  valid_from date    NOT NULL,
  valid_to   date,
  account    text    NOT NULL,
  fr         text    NOT NULL,
  en         text    NOT NULL,
  rank       integer NOT NULL,
  CONSTRAINT reference_expense_category_pkey PRIMARY KEY (category, valid_from),
  CONSTRAINT reference_expense_category_form CHECK (category ~ '^[a-z][a-z_]{1,29}$'),
  CONSTRAINT reference_expense_category_validity CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON TABLE reference.expense_category IS
  'What a bank line that went out can have paid, in words a volunteer uses, and the account of the chart it is booked '
  'on. The period is compared with the opening date of the fiscal year.';
COMMENT ON COLUMN reference.expense_category.rank IS 'Order in a list of choices.';
INSERT INTO reference.expense_category (rank, category, valid_from, valid_to, account, fr, en) VALUES
  (1,  'bank_fees',        DATE '2020-01-01', NULL, '627',  'Frais bancaires', 'Bank fees'),
  (2,  'rent',             DATE '2020-01-01', NULL, '6132', 'Loyer', 'Rent'),
  (3,  'insurance',        DATE '2020-01-01', NULL, '616',  'Assurance', 'Insurance'),
  (4,  'energy',           DATE '2020-01-01', NULL, '6061', 'Eau et énergie', 'Water and energy'),
  (5,  'supplies',         DATE '2020-01-01', NULL, '6064', 'Fournitures de bureau', 'Office supplies'),
  (6,  'small_equipment',  DATE '2020-01-01', NULL, '6063', 'Petit matériel', 'Small equipment'),
  (7,  'post',             DATE '2020-01-01', NULL, '626',  'Poste, téléphone, internet', 'Post, telephone, internet'),
  (8,  'travel',           DATE '2020-01-01', NULL, '6251', 'Déplacements', 'Travel'),
  (9,  'reception',        DATE '2020-01-01', NULL, '6257', 'Réunions et réceptions', 'Meetings and receptions'),
  (10, 'fees',             DATE '2020-01-01', NULL, '6226', 'Honoraires', 'Professional fees'),
  (11, 'services',         DATE '2020-01-01', NULL, '604',  'Prestations de services', 'Services bought'),
  (12, 'communication',    DATE '2020-01-01', NULL, '6237', 'Publications et communication', 'Publications and communication'),
  (13, 'documentation',    DATE '2020-01-01', NULL, '6181', 'Documentation, abonnements', 'Documentation, subscriptions to publications'),
  (14, 'subscriptions',    DATE '2020-01-01', NULL, '6281', 'Adhésions à d’autres organismes', 'Dues paid to other bodies'),
  (15, 'maintenance',      DATE '2020-01-01', NULL, '615',  'Entretien et réparations', 'Maintenance and repairs'),
  (16, 'tax',              DATE '2020-01-01', NULL, '635',  'Impôts et taxes', 'Taxes'),
  (17, 'other',            DATE '2020-01-01', NULL, '628',  'Autre dépense', 'Other expense');

-- ---------------------------------------------------------------------------------------------------------------
-- Funds as they were
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.fund_setting (
  organisation_id uuid        NOT NULL,
  id              bigint      GENERATED ALWAYS AS IDENTITY,
  fund_id         uuid        NOT NULL,
  name            text        NOT NULL,
  kind            text        NOT NULL,
  floor           bigint      NOT NULL,
  recorded_at     timestamptz NOT NULL,
  CONSTRAINT fund_setting_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT fund_setting_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id)
);
CREATE INDEX fund_setting_fund_id ON fund.fund_setting (organisation_id, fund_id, recorded_at);
COMMENT ON TABLE fund.fund_setting IS
  'Name, kind and floor of a fund from each instant on, kept by a trigger: the position of a fund as known at an instant '
  'must come out identical whatever is renamed or raised later.';

CREATE FUNCTION fund.keep_fund_setting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.name, NEW.kind, NEW.floor) IS NOT DISTINCT FROM (OLD.name, OLD.kind, OLD.floor) THEN
    RETURN NULL;
  END IF;
  INSERT INTO fund.fund_setting (organisation_id, fund_id, name, kind, floor, recorded_at)
  VALUES (NEW.organisation_id, NEW.id, NEW.name, NEW.kind, NEW.floor,
          -- The funds an organisation is born with come before its first recorded instant.
          CASE TG_OP WHEN 'INSERT' THEN least(app.recorded_at(), NEW.created_at) ELSE app.recorded_at() END);
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.keep_fund_setting() IS 'Keeps every name, kind and floor a fund ever had, with its instant.';
CREATE TRIGGER fund_setting_kept AFTER INSERT OR UPDATE ON fund.fund
  FOR EACH ROW EXECUTE FUNCTION fund.keep_fund_setting();
CREATE TRIGGER fund_setting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.fund_setting
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

-- ---------------------------------------------------------------------------------------------------------------
-- Accounts, statements, lines
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.bank_account (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  name            text    NOT NULL,
  iban            text,
  identifier      text,
  currency        text    NOT NULL,
  currency_digits integer NOT NULL,
  account_number  text,
  confirmed_at    timestamptz,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT bank_account_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT bank_account_name_length CHECK (char_length(name) BETWEEN 1 AND 100 AND btrim(name) <> ''),
  CONSTRAINT bank_account_named CHECK (num_nonnulls(iban, identifier) >= 1),
  CONSTRAINT bank_account_iban_form CHECK (iban ~ '^[A-Z]{2}[0-9A-Z]{4,34}$'),
  CONSTRAINT bank_account_identifier_length CHECK (char_length(identifier) BETWEEN 1 AND 100),
  CONSTRAINT bank_account_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT bank_account_currency_digits CHECK (currency_digits BETWEEN 0 AND 4),
  CONSTRAINT bank_account_ledger_account CHECK (account_number ~ '^512[0-9]{0,5}$'),
  CONSTRAINT bank_account_confirmed CHECK ((account_number IS NULL) = (confirmed_at IS NULL))
);
CREATE UNIQUE INDEX bank_account_iban_once ON fund.bank_account (organisation_id, iban, currency) WHERE iban IS NOT NULL;
CREATE UNIQUE INDEX bank_account_identifier_once ON fund.bank_account (organisation_id, identifier, currency)
  WHERE identifier IS NOT NULL;
CREATE UNIQUE INDEX bank_account_ledger_once ON fund.bank_account (organisation_id, account_number)
  WHERE account_number IS NOT NULL;
COMMENT ON TABLE fund.bank_account IS
  'The association''s accounts at its banks. One that an import finds for the first time is not confirmed: its lines can '
  'be read, nothing can be booked from them until a person says that it is the association''s.';
COMMENT ON COLUMN fund.bank_account.iban IS
  'Compact, as the bank gives it; the check digits of an IBAN that a file gives are the bank''s affair.';
COMMENT ON COLUMN fund.bank_account.identifier IS 'What names the account where there is no IBAN: bank/branch/number, or a number alone.';
COMMENT ON COLUMN fund.bank_account.currency IS 'ISO 4217. Another currency than the organisation''s is kept and read, never booked.';
COMMENT ON COLUMN fund.bank_account.currency_digits IS 'Digits of the smallest unit in which the amounts of its statements and lines are kept.';
COMMENT ON COLUMN fund.bank_account.account_number IS 'Account of the ledger: 512 for the first one, 51202, 51203… after it.';

CREATE TABLE fund.bank_statement (
  organisation_id  uuid    NOT NULL,
  id               uuid    NOT NULL,
  bank_account_id  uuid    NOT NULL,
  file_sha256      bytea   NOT NULL,
  file_position    integer NOT NULL,
  file_name        text,
  format           text    NOT NULL,
  format_version   text,
  account_number   text    NOT NULL,
  reference        text,
  number           text,
  from_on          date,
  to_on            date,
  opening          bigint,
  closing          bigint,
  closing_on       date,
  transactions     integer NOT NULL,
  new_transactions integer NOT NULL,
  sum_in           bigint  NOT NULL,
  sum_out          bigint  NOT NULL,
  balanced         boolean,
  notes            jsonb   NOT NULL DEFAULT '[]',
  recorded_at      timestamptz NOT NULL,
  recorded_by      text    NOT NULL,
  CONSTRAINT bank_statement_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT bank_statement_account FOREIGN KEY (organisation_id, bank_account_id)
    REFERENCES fund.bank_account (organisation_id, id),
  CONSTRAINT bank_statement_once UNIQUE (organisation_id, file_sha256, file_position),
  CONSTRAINT bank_statement_file_sha256_size CHECK (octet_length(file_sha256) = 32),
  CONSTRAINT bank_statement_file_position CHECK (file_position >= 0),
  CONSTRAINT bank_statement_file_name_length CHECK (char_length(file_name) <= 255),
  CONSTRAINT bank_statement_format CHECK (format IN ('ofx', 'camt.053')),
  CONSTRAINT bank_statement_counts CHECK (transactions >= 0 AND new_transactions BETWEEN 0 AND transactions),
  CONSTRAINT bank_statement_sums CHECK (sum_in >= 0 AND sum_out <= 0),
  CONSTRAINT bank_statement_closing_dated CHECK (closing IS NULL OR closing_on IS NOT NULL),
  CONSTRAINT bank_statement_notes CHECK (jsonb_typeof(notes) = 'array')
);
CREATE INDEX bank_statement_chain ON fund.bank_statement (organisation_id, bank_account_id, closing_on);
CREATE INDEX bank_statement_recorded ON fund.bank_statement (organisation_id, recorded_at, id);
COMMENT ON TABLE fund.bank_statement IS
  'Statements as the bank gave them, append-only: balances that do not add up are kept and said, never mended. What '
  'concerns several statements (a gap between two) is found when it is read, so that the order of imports is indifferent.';
COMMENT ON COLUMN fund.bank_statement.file_sha256 IS 'Digest of the file it came in.';
COMMENT ON COLUMN fund.bank_statement.file_position IS 'Which statement of the file, from 0.';
COMMENT ON COLUMN fund.bank_statement.account_number IS 'The account as the file names it.';
COMMENT ON COLUMN fund.bank_statement.reference IS 'The bank''s own identification of the statement.';
COMMENT ON COLUMN fund.bank_statement.opening IS
  'Balance before the first entry, minor units of the account''s currency, overdraft negative; null where the file does '
  'not say (OFX).';
COMMENT ON COLUMN fund.bank_statement.closing_on IS 'The day at whose end the closing balance holds.';
COMMENT ON COLUMN fund.bank_statement.transactions IS 'Booked entries of the statement.';
COMMENT ON COLUMN fund.bank_statement.new_transactions IS 'Those that no earlier import had brought.';
COMMENT ON COLUMN fund.bank_statement.balanced IS 'Opening + entries = closing; null where a balance is missing.';
COMMENT ON COLUMN fund.bank_statement.notes IS 'Remarks of the reader of the file: [{"code", "args"}], codes of the problem registry.';

CREATE TABLE fund.bank_transaction (
  organisation_id   uuid    NOT NULL,
  id                uuid    NOT NULL,
  bank_account_id   uuid    NOT NULL,
  position          bigint  GENERATED ALWAYS AS IDENTITY,
  fingerprint       bytea   NOT NULL,
  amount            bigint  NOT NULL,
  currency          text    NOT NULL,
  booked_on         date    NOT NULL,
  value_on          date    NOT NULL,
  counterparty_name text,
  counterparty_iban text,
  ultimate_name     text,
  remittance        text    NOT NULL,
  additional_text   text,
  bank_reference    text,
  end_to_end_id     text,
  mandate_id        text,
  cheque_number     text,
  type_code         text,
  return_reason     text,
  is_reversal       boolean NOT NULL,
  details           jsonb   NOT NULL DEFAULT '[]',
  searched          text    NOT NULL,
  recorded_at       timestamptz NOT NULL,
  CONSTRAINT bank_transaction_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT bank_transaction_account FOREIGN KEY (organisation_id, bank_account_id)
    REFERENCES fund.bank_account (organisation_id, id),
  CONSTRAINT bank_transaction_once UNIQUE (organisation_id, bank_account_id, fingerprint),
  CONSTRAINT bank_transaction_fingerprint_size CHECK (octet_length(fingerprint) = 32),
  CONSTRAINT bank_transaction_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT bank_transaction_details CHECK (jsonb_typeof(details) = 'array')
);
CREATE INDEX bank_transaction_booked ON fund.bank_transaction (organisation_id, booked_on, position);
CREATE INDEX bank_transaction_account_booked ON fund.bank_transaction (organisation_id, bank_account_id, booked_on);
COMMENT ON TABLE fund.bank_transaction IS
  'Booked entries of the bank (lignes du relevé), append-only. The line''s facts are audited with the statement that '
  'brought it, not one by one: they are the bank''s, and its file''s digest is kept.';
COMMENT ON COLUMN fund.bank_transaction.position IS 'Order of arrival: orders the lines of a day.';
COMMENT ON COLUMN fund.bank_transaction.fingerprint IS 'Which line of the bank''s books this is, whatever file brings it (src/formats/bank.h).';
COMMENT ON COLUMN fund.bank_transaction.amount IS 'Minor units: in positive, out negative; the bank also writes lines of zero.';
COMMENT ON COLUMN fund.bank_transaction.remittance IS 'The text to show and to search; empty when the bank says nothing.';
COMMENT ON COLUMN fund.bank_transaction.details IS
  'Parts of a batch, in wire form: [{"amount", "currency", "counterparty_name", "counterparty_iban", "remittance"…}].';

COMMENT ON COLUMN fund.bank_transaction.searched IS
  'Names, texts, IBAN and amount, folded as fund.fold does: what a search looks in. Blanked with them.';

CREATE TABLE fund.bank_statement_transaction (
  organisation_id     uuid NOT NULL,
  bank_statement_id   uuid NOT NULL,
  bank_transaction_id uuid NOT NULL,
  fingerprint         bytea,
  CONSTRAINT bank_statement_transaction_pkey PRIMARY KEY (organisation_id, bank_statement_id, bank_transaction_id),
  CONSTRAINT bank_statement_transaction_statement FOREIGN KEY (organisation_id, bank_statement_id)
    REFERENCES fund.bank_statement (organisation_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT bank_statement_transaction_transaction FOREIGN KEY (organisation_id, bank_transaction_id)
    REFERENCES fund.bank_transaction (organisation_id, id)
);
CREATE INDEX bank_statement_transaction_transaction_id
  ON fund.bank_statement_transaction (organisation_id, bank_transaction_id);
CREATE INDEX bank_statement_transaction_fingerprint
  ON fund.bank_statement_transaction (organisation_id, fingerprint) WHERE fingerprint IS NOT NULL;
COMMENT ON TABLE fund.bank_statement_transaction IS
  'Which statements said which line: overlapping files say the same one several times, and the chain of balances needs to know.';
COMMENT ON COLUMN fund.bank_statement_transaction.fingerprint IS
  'What the line is known by in the format of this statement, where another format had brought it before: the next file of '
  'this format that says it is recognised. Null where it is the line''s own.';

CREATE TRIGGER bank_account_audit AFTER INSERT OR UPDATE OR DELETE ON fund.bank_account
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at');
CREATE TRIGGER bank_account_kept BEFORE DELETE OR TRUNCATE ON fund.bank_account
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER bank_statement_audit AFTER INSERT ON fund.bank_statement
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('recorded_at', 'recorded_by', 'nested:notes');
CREATE TRIGGER bank_statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.bank_statement
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER bank_transaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.bank_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER bank_statement_transaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.bank_statement_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

-- ---------------------------------------------------------------------------------------------------------------
-- Matches
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.match (
  organisation_id uuid    NOT NULL,
  id              uuid    NOT NULL,
  bank_account_id uuid    NOT NULL,
  amount          bigint  NOT NULL,
  date            date    NOT NULL,
  statement_id    uuid,
  pair_id         uuid,
  matched_at      timestamptz NOT NULL,
  matched_by      text    NOT NULL,
  cancelled_at    timestamptz,
  cancelled_by    text,
  cancel_reason   text,
  CONSTRAINT match_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT match_account FOREIGN KEY (organisation_id, bank_account_id)
    REFERENCES fund.bank_account (organisation_id, id),
  CONSTRAINT match_statement FOREIGN KEY (organisation_id, statement_id)
    REFERENCES fund.bank_statement (organisation_id, id),
  CONSTRAINT match_pair FOREIGN KEY (organisation_id, pair_id) REFERENCES fund.match (organisation_id, id)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT match_pair_other CHECK (pair_id <> id),
  CONSTRAINT match_cancellation CHECK (num_nonnulls(cancelled_at, cancelled_by, cancel_reason) IN (0, 3)
                                       AND cancelled_at > matched_at),
  CONSTRAINT match_cancel_reason_length CHECK (char_length(btrim(cancel_reason)) BETWEEN 1 AND 500)
);
CREATE INDEX match_bank_account_id ON fund.match (organisation_id, bank_account_id, matched_at);
CREATE INDEX match_matched_at ON fund.match (organisation_id, matched_at, id);
CREATE UNIQUE INDEX match_statement_once ON fund.match (organisation_id, statement_id)
  WHERE statement_id IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX match_statement_id ON fund.match (organisation_id, statement_id) WHERE statement_id IS NOT NULL;
CREATE INDEX match_pair_id ON fund.match (organisation_id, pair_id) WHERE pair_id IS NOT NULL;
COMMENT ON TABLE fund.match IS
  'One act of a person: these lines of the bank are that. Cancelled, never deleted, so that what was matched at an '
  'instant can be said again.';
COMMENT ON COLUMN fund.match.amount IS 'Sum of its bank lines, minor units; the sum of its parts, and of its lines on 512.';
COMMENT ON COLUMN fund.match.date IS 'Accounting date of what it books: the day of the last of its bank lines.';
COMMENT ON COLUMN fund.match.statement_id IS
  'Set where it explains the opening balance of an account''s first statement instead of bank lines: what was there before the books began.';
COMMENT ON COLUMN fund.match.pair_id IS 'The match of the other account''s line, for a transfer between own accounts.';

CREATE TABLE fund.match_transaction (
  organisation_id     uuid NOT NULL,
  match_id            uuid NOT NULL,
  bank_transaction_id uuid NOT NULL,
  cancelled_at        timestamptz,
  CONSTRAINT match_transaction_pkey PRIMARY KEY (organisation_id, match_id, bank_transaction_id),
  CONSTRAINT match_transaction_match FOREIGN KEY (organisation_id, match_id) REFERENCES fund.match (organisation_id, id),
  CONSTRAINT match_transaction_transaction FOREIGN KEY (organisation_id, bank_transaction_id)
    REFERENCES fund.bank_transaction (organisation_id, id)
);
CREATE UNIQUE INDEX match_transaction_once ON fund.match_transaction (organisation_id, bank_transaction_id)
  WHERE cancelled_at IS NULL;
CREATE INDEX match_transaction_transaction_id ON fund.match_transaction (organisation_id, bank_transaction_id);
COMMENT ON TABLE fund.match_transaction IS 'The bank lines of a match. A line belongs to one match at a time.';

CREATE TABLE fund.match_part (
  organisation_id uuid    NOT NULL,
  match_id        uuid    NOT NULL,
  position        integer NOT NULL,
  act             text    NOT NULL,
  kind            text    NOT NULL,
  amount          bigint  NOT NULL,
  entry_id        uuid,
  line_id         bigint,
  contribution_id uuid,
  category        text,
  nature          text,
  member_id       uuid,
  fund_id         uuid,
  project_id      uuid,
  label           text,
  clears          integer,
  posted_at       timestamptz NOT NULL,
  posted_by       text    NOT NULL,
  CONSTRAINT match_part_pkey PRIMARY KEY (organisation_id, match_id, position),
  CONSTRAINT match_part_match FOREIGN KEY (organisation_id, match_id) REFERENCES fund.match (organisation_id, id),
  CONSTRAINT match_part_entry FOREIGN KEY (organisation_id, entry_id) REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT match_part_line FOREIGN KEY (organisation_id, line_id) REFERENCES fund.line (organisation_id, id),
  CONSTRAINT match_part_contribution FOREIGN KEY (organisation_id, contribution_id)
    REFERENCES fund.contribution (organisation_id, id),
  CONSTRAINT match_part_member FOREIGN KEY (organisation_id, member_id) REFERENCES fund.member (organisation_id, id),
  CONSTRAINT match_part_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id),
  CONSTRAINT match_part_project FOREIGN KEY (organisation_id, project_id) REFERENCES fund.project (organisation_id, id),
  CONSTRAINT match_part_clears FOREIGN KEY (organisation_id, match_id, clears)
    REFERENCES fund.match_part (organisation_id, match_id, position),
  CONSTRAINT match_part_clears_before CHECK (clears < position),
  CONSTRAINT match_part_act CHECK (act IN ('linked', 'settled', 'received', 'created')),
  CONSTRAINT match_part_kind CHECK (kind IN ('entry_line', 'contribution', 'expense', 'interest', 'internal_transfer',
                                             'refund', 'returned', 'third_party', 'unknown')),
  CONSTRAINT match_part_amount CHECK (amount <> 0),
  CONSTRAINT match_part_label_length CHECK (char_length(label) BETWEEN 1 AND 200),
  CONSTRAINT match_part_posted CHECK ((act = 'linked') = (entry_id IS NULL))
);
CREATE INDEX match_part_entry_id ON fund.match_part (organisation_id, entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX match_part_line_id ON fund.match_part (organisation_id, line_id) WHERE line_id IS NOT NULL;
CREATE INDEX match_part_contribution_id ON fund.match_part (organisation_id, contribution_id)
  WHERE contribution_id IS NOT NULL;
CREATE INDEX match_part_member_id ON fund.match_part (organisation_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX match_part_fund_id ON fund.match_part (organisation_id, fund_id) WHERE fund_id IS NOT NULL;
CREATE INDEX match_part_project_id ON fund.match_part (organisation_id, project_id) WHERE project_id IS NOT NULL;
CREATE INDEX match_part_clears_part ON fund.match_part (organisation_id, match_id, clears) WHERE clears IS NOT NULL;
CREATE INDEX match_part_unknown ON fund.match_part (organisation_id, match_id) WHERE kind = 'unknown';
COMMENT ON TABLE fund.match_part IS
  'What the bank lines of a match are: append-only. An unknown part is cleared by later parts: one that takes its entry '
  'back, and those that say what it was.';
COMMENT ON COLUMN fund.match_part.act IS
  'linked: a line of the books was there already; settled: a line waiting elsewhere (cheque, platform, claim, debt) was '
  'brought to the bank account; received: an awaited contribution came; created: booked by this act.';
COMMENT ON COLUMN fund.match_part.entry_id IS 'The entry this part wrote; null where it only linked.';
COMMENT ON COLUMN fund.match_part.line_id IS 'The line of the books that was linked or settled.';
COMMENT ON COLUMN fund.match_part.clears IS 'The unknown part of the same match that this one takes back or explains.';

ALTER TABLE fund.line_match ADD CONSTRAINT line_match_match
  FOREIGN KEY (organisation_id, match_id) REFERENCES fund.match (organisation_id, id);

CREATE FUNCTION fund.match_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  c_cancellation constant text[] := '{cancelled_at,cancelled_by,cancel_reason}';
  c_pair         constant text[] := '{pair_id}';
BEGIN
  -- A match is paired when its other side comes, and alone again when that one is cancelled; it is cancelled once.
  IF OLD.cancelled_at IS NOT NULL
     OR to_jsonb(OLD) - c_cancellation - c_pair IS DISTINCT FROM to_jsonb(NEW) - c_cancellation - c_pair THEN
    RAISE EXCEPTION 'match % does not change', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.match_changes() IS 'The only changes a match knows are its pairing and, once, its cancellation.';
CREATE TRIGGER match_changes BEFORE UPDATE ON fund.match FOR EACH ROW EXECUTE FUNCTION fund.match_changes();
CREATE TRIGGER match_kept BEFORE DELETE OR TRUNCATE ON fund.match
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

CREATE FUNCTION fund.match_transaction_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF OLD.cancelled_at IS NOT NULL OR NEW.cancelled_at IS NULL
     OR to_jsonb(OLD) - 'cancelled_at' IS DISTINCT FROM to_jsonb(NEW) - 'cancelled_at' THEN
    RAISE EXCEPTION 'a matched bank line does not change' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.match_transaction_changes() IS 'The only change is the cancellation, once.';
CREATE TRIGGER match_transaction_changes BEFORE UPDATE ON fund.match_transaction
  FOR EACH ROW EXECUTE FUNCTION fund.match_transaction_changes();
CREATE TRIGGER match_transaction_kept BEFORE DELETE OR TRUNCATE ON fund.match_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER match_part_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.match_part
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

CREATE FUNCTION fund.match_sums() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_match        fund.match;
  v_transactions numeric;
  v_parts        numeric;
  v_lines        numeric;
BEGIN
  SELECT m.* INTO v_match FROM fund.match m
   WHERE m.organisation_id = NEW.organisation_id
     AND m.id = CASE TG_TABLE_NAME WHEN 'match' THEN (to_jsonb(NEW) ->> 'id')::uuid
                                   ELSE (to_jsonb(NEW) ->> 'match_id')::uuid END;
  SELECT sum(t.amount) INTO v_transactions
    FROM fund.match_transaction x
    JOIN fund.bank_transaction t ON t.organisation_id = x.organisation_id AND t.id = x.bank_transaction_id
   WHERE x.organisation_id = v_match.organisation_id AND x.match_id = v_match.id AND x.cancelled_at IS NULL;
  SELECT sum(l.amount) INTO v_lines
    FROM fund.line_match x
    JOIN fund.line l ON l.organisation_id = x.organisation_id AND l.id = x.line_id
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE x.organisation_id = v_match.organisation_id AND x.match_id = v_match.id AND x.cancelled_at IS NULL
     AND a.number LIKE '512%';
  SELECT sum(p.amount) INTO v_parts
    FROM fund.match_part p
   WHERE p.organisation_id = v_match.organisation_id AND p.match_id = v_match.id;
  IF v_match.cancelled_at IS NOT NULL THEN
    IF v_transactions IS NOT NULL OR EXISTS (SELECT FROM fund.line_match x
        WHERE x.organisation_id = v_match.organisation_id AND x.match_id = v_match.id AND x.cancelled_at IS NULL) THEN
      RAISE EXCEPTION 'match % is cancelled in part only', v_match.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF (v_match.statement_id IS NULL AND v_transactions IS DISTINCT FROM v_match.amount)
     OR v_parts IS DISTINCT FROM v_match.amount OR v_lines IS DISTINCT FROM v_match.amount THEN
    PERFORM app.fail('match.sum', '', 'money:' || coalesce(v_lines, 0)::text, 'money:' || v_match.amount::text,
                     'money:' || (v_match.amount - coalesce(v_lines, 0))::text);
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.match_sums() IS
  'Bank lines, parts, and lines of the books on 512 of a match add up to the same amount; a cancelled match holds none. '
  'Deferred: the act that writes them is judged as a whole.';
CREATE CONSTRAINT TRIGGER match_sums AFTER INSERT OR UPDATE ON fund.match
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund.match_sums();
CREATE CONSTRAINT TRIGGER match_transaction_sums AFTER INSERT OR UPDATE ON fund.match_transaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund.match_sums();
CREATE CONSTRAINT TRIGGER line_match_sums AFTER INSERT OR UPDATE ON fund.line_match
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund.match_sums();

CREATE TRIGGER match_audit AFTER INSERT OR UPDATE OR DELETE ON fund.match
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('matched_at', 'matched_by', 'cancelled_at', 'cancelled_by');
CREATE TRIGGER match_transaction_audit AFTER INSERT OR UPDATE ON fund.match_transaction
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('subject:bank_transaction_id', 'bank_transaction_id');
CREATE TRIGGER match_part_audit AFTER INSERT ON fund.match_part
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('subject:match_id', 'match_id', 'posted_at', 'posted_by');

-- ---------------------------------------------------------------------------------------------------------------
-- Correcting what is matched
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.match_holds(p_old fund.contribution, p_new fund.contribution, p_same_account boolean) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_matched bigint;
  v_at_bank boolean;
BEGIN
  SELECT count(*), bool_and(a.number LIKE '512%') INTO v_matched, v_at_bank
    FROM fund.line_match x
    JOIN fund.line l ON l.organisation_id = x.organisation_id AND l.id = x.line_id
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE x.organisation_id = p_old.organisation_id AND x.cancelled_at IS NULL
     AND l.entry_id IN (p_old.entry_id, p_old.receipt_entry_id);
  IF v_matched = 0 THEN
    RETURN false;
  END IF;
  -- What the bank proves stays as it is. A deposited cheque's money has its fund at the bank already: it cannot follow.
  IF NOT p_same_account
     OR (p_new.amount, p_new.received_on, p_new.means) IS DISTINCT FROM (p_old.amount, p_old.received_on, p_old.means)
     OR (NOT v_at_bank AND p_new.fund_id <> p_old.fund_id) THEN
    PERFORM app.fail('contribution.matched', '');
  END IF;
  RETURN true;
END $fn$;
COMMENT ON FUNCTION fund.match_holds(fund.contribution, fund.contribution, boolean) IS
  'Whether a contribution to correct is matched with the bank. Giver, nature, fund, project and label may then change; '
  'amount, day, means and account are what the bank says: contribution.matched.';

CREATE FUNCTION fund.match_follow(p_old fund.contribution, p_new_id uuid) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $fn$
  WITH covered AS (
    SELECT x.match_id, l.entry_id, l.position, l.account_id, l.amount
      FROM fund.line_match x JOIN fund.line l ON l.organisation_id = x.organisation_id AND l.id = x.line_id
     WHERE x.organisation_id = p_old.organisation_id AND x.cancelled_at IS NULL
       AND l.entry_id IN (p_old.entry_id, p_old.receipt_entry_id)
  ), added AS (
    SELECT c.match_id, l.id
      FROM covered c
      JOIN fund.entry r ON r.organisation_id = p_old.organisation_id AND r.reverses_entry_id = c.entry_id
      JOIN fund.line l ON l.organisation_id = r.organisation_id AND l.entry_id = r.id AND l.position = c.position
    UNION ALL
    SELECT c.match_id, l.id
      FROM covered c
      JOIN fund.contribution n ON n.organisation_id = p_old.organisation_id AND n.id = p_new_id
      JOIN fund.line l ON l.organisation_id = n.organisation_id AND l.entry_id = coalesce(n.receipt_entry_id, n.entry_id)
                      AND l.account_id = c.account_id AND l.amount = c.amount
  )
  INSERT INTO fund.line_match (organisation_id, line_id, match_id, matched_at, matched_by)
  SELECT p_old.organisation_id, a.id, a.match_id, app.recorded_at(), app.actor() FROM added a
$fn$;
COMMENT ON FUNCTION fund.match_follow(fund.contribution, uuid) IS
  'The match of a corrected contribution covers the reversal and what replaces it too: it still adds up, and the money '
  'stays seen at the bank, in the fund it now belongs to.';
