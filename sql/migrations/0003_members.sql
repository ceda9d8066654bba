-- Members and money in: members, contributions, what is given in kind, the dated rules that say which nature of
-- contribution each legal form can have and how it is booked.
--
-- Lock order: every function here that writes is called after app.begin_write(), which takes the organisation's
-- row FOR NO KEY UPDATE in a statement of its own.

-- ---------------------------------------------------------------------------------------------------------------
-- Words, and the rules of natures (shared by all organisations)
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE reference.word (
  kind text NOT NULL,
  code text NOT NULL,
  fr   text NOT NULL,
  en   text NOT NULL,
  CONSTRAINT reference_word_pkey PRIMARY KEY (kind, code)
);
COMMENT ON TABLE reference.word IS
  'What the codes of natures and legal forms are called: labels of entries in the organisation''s language, and the '
  'sentences that refuse something in the reader''s.';
INSERT INTO reference.word (kind, code, fr, en) VALUES
  ('nature', 'dues', 'cotisation', 'dues'),
  ('nature', 'donation', 'don', 'donation'),
  ('nature', 'patronage', 'mécénat', 'patronage'),
  ('nature', 'sponsorship', 'parrainage', 'sponsorship'),
  ('nature', 'financial_contribution', 'contribution financière', 'financial contribution'),
  ('nature', 'subsidy', 'subvention', 'subsidy'),
  ('nature', 'equity_without_return', 'apport définitif', 'contribution to equity, definitive'),
  ('nature', 'equity_with_return', 'apport avec droit de reprise', 'contribution to equity with right of return'),
  ('nature', 'repayable', 'somme à rembourser', 'repayable amount'),
  ('legal_form', 'association', 'une association', 'an association'),
  ('legal_form', 'scop', 'une SCOP', 'a SCOP'),
  ('legal_form', 'scic', 'une SCIC', 'a SCIC'),
  ('legal_form', 'sole_trader', 'un·e entrepreneur·e individuel·le', 'a sole trader'),
  ('legal_form', 'company', 'une société', 'a company'),
  ('legal_form', 'local_authority', 'une collectivité', 'a local authority'),
  ('legal_form', 'elected_official', 'un·e élu·e', 'an elected official'),
  ('legal_form', 'person', 'un·e particulier·ère', 'a person'),
  ('in_kind', 'volunteer_time', 'bénévolat', 'volunteer time'),
  ('in_kind', 'goods', 'dons en nature', 'goods'),
  ('in_kind', 'premises', 'mise à disposition gratuite', 'premises or equipment lent'),
  ('in_kind', 'services', 'prestations gratuites', 'services');

CREATE TABLE reference.nature (
  nature              text    NOT NULL,
  legal_form          text    NOT NULL,
  valid_from          date    NOT NULL,
  valid_to            date,
  account             text,
  counterpart_account text,
  agreement_account   text,
  default_fund        text    NOT NULL,
  needs               text[]  NOT NULL DEFAULT '{}',
  lendable            boolean NOT NULL DEFAULT true,
  refused             text,
  source              text    NOT NULL,
  CONSTRAINT reference_nature_pkey PRIMARY KEY (nature, legal_form, valid_from),
  CONSTRAINT reference_nature_validity CHECK (valid_to IS NULL OR valid_to > valid_from),
  CONSTRAINT reference_nature_verdict CHECK ((account IS NULL) = (refused IS NOT NULL)),
  CONSTRAINT reference_nature_default_fund CHECK (default_fund IN ('general', 'solidarity'))
);
COMMENT ON TABLE reference.nature IS
  'Which nature of contribution each legal form can have, and how it is booked: one row for each nature, legal form '
  'and period, refusals included. The period is compared with the opening date of the fiscal year.';
COMMENT ON COLUMN reference.nature.account IS 'Account credited; null where this giver cannot have this nature.';
COMMENT ON COLUMN reference.nature.counterpart_account IS 'Account credited instead when the organisation''s dues buy something.';
COMMENT ON COLUMN reference.nature.agreement_account IS
  'Claim debited when an agreement is signed (or a subsidy notified) before the money comes: the income belongs to that '
  'date. Null: only the receipt is booked.';
COMMENT ON COLUMN reference.nature.default_fund IS 'Kind of the fund that gets it when nothing is said.';
COMMENT ON COLUMN reference.nature.needs IS 'Fields of the contribution without which it is refused.';
COMMENT ON COLUMN reference.nature.lendable IS 'False: owed back, so never counted in what can be lent or given.';
COMMENT ON COLUMN reference.nature.refused IS 'Problem that says why this giver cannot have this nature.';
COMMENT ON COLUMN reference.nature.source IS 'Article the rule comes from.';

WITH form (legal_form, kind) AS (VALUES
  ('association', 'non_profit'), ('scop', 'business'), ('scic', 'business'), ('company', 'business'),
  ('sole_trader', 'natural'), ('elected_official', 'natural'), ('person', 'natural'), ('local_authority', 'public')),
rule (nature, kinds, valid_from, valid_to, account, counterpart_account, agreement_account, default_fund, source) AS (VALUES
  ('dues', '{non_profit,business,natural,public}'::text[], DATE '2020-01-01', NULL::date, '7561', '7562', NULL, 'general',
   'ANC 2018-06 art. 142-1'),
  ('donation', '{business,natural}', DATE '2020-01-01', NULL, '75411', NULL, NULL, 'solidarity',
   'ANC 2018-06 art. 320-2; 142-3 and 111-1 for who else'),
  ('patronage', '{business}', DATE '2020-01-01', NULL, '7542', NULL, '467', 'solidarity', 'ANC 2018-06 art. 142-6'),
  ('sponsorship', '{business}', DATE '2020-01-01', NULL, '7063', NULL, NULL, 'solidarity', 'ANC 2018-06 art. 142-5'),
  ('financial_contribution', '{non_profit}', DATE '2020-01-01', NULL, '7551', NULL, '467', 'solidarity',
   'ANC 2018-06 art. 142-3, 142-4, 111-1'),
  ('subsidy', '{public}', DATE '2020-01-01', DATE '2024-12-31', '74', NULL, '441', 'solidarity', 'ANC 2018-06 art. 142-8'),
  ('subsidy', '{public}', DATE '2025-01-01', NULL, '741', NULL, '441', 'solidarity',
   'ANC 2018-06 art. 142-8; ANC 2022-06 for the number'),
  ('equity_without_return', '{non_profit,business}', DATE '2020-01-01', NULL, '1024', NULL, '467', 'solidarity',
   'ANC 2018-06 art. 131-2, 212-1'),
  ('equity_with_return', '{non_profit,business}', DATE '2020-01-01', NULL, '1034', NULL, NULL, 'solidarity',
   'ANC 2018-06 art. 131-2'),
  ('repayable', '{non_profit,business,natural,public}', DATE '2020-01-01', NULL, '1681', NULL, NULL, 'solidarity',
   'ANC 2018-06 art. 333-2; Code monétaire et financier L312-2, L511-5'))
INSERT INTO reference.nature (nature, legal_form, valid_from, valid_to, account, counterpart_account, agreement_account,
                              default_fund, needs, lendable, refused, source)
SELECT r.nature, f.legal_form, r.valid_from, r.valid_to,
       CASE WHEN f.kind = ANY (r.kinds) THEN r.account END,
       CASE WHEN f.kind = ANY (r.kinds) THEN r.counterpart_account END,
       CASE WHEN f.kind = ANY (r.kinds) THEN r.agreement_account END,
       r.default_fund,
       CASE WHEN r.nature <> 'repayable' THEN '{}'::text[]
            WHEN f.kind IN ('business', 'natural') THEN '{repayable_on,legal_basis,accountant_note}'
            ELSE '{repayable_on,legal_basis}' END,
       r.nature <> 'repayable',
       CASE WHEN f.kind <> ALL (r.kinds) THEN 'nature.' || r.nature END,
       r.source
  FROM rule r CROSS JOIN form f;

-- ---------------------------------------------------------------------------------------------------------------
-- Members
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.serial (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  kind            text    NOT NULL,
  last            integer NOT NULL,
  CONSTRAINT serial_pkey PRIMARY KEY (organisation_id, kind),
  CONSTRAINT serial_last_sign CHECK (last > 0)
);
COMMENT ON TABLE fund.serial IS
  'Last number given by kind of object (member). A row, not a sequence: a transaction that rolls back gives its number back.';

CREATE FUNCTION fund.next_serial(p_kind text) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_number integer;
BEGIN
  UPDATE fund.serial s SET last = s.last + 1
   WHERE s.organisation_id = fund.current_organisation() AND s.kind = p_kind
  RETURNING s.last INTO v_number;
  IF NOT FOUND THEN
    INSERT INTO fund.serial (organisation_id, kind, last) VALUES (fund.current_organisation(), p_kind, 1);
    v_number := 1;
  END IF;
  RETURN v_number;
END $fn$;
COMMENT ON FUNCTION fund.next_serial(text) IS 'Next number of a kind of object; needs the organisation''s lock.';

CREATE FUNCTION fund.fold(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(upper(regexp_replace(
  normalize(replace(replace(replace(replace(p_text, U&'\0153', 'oe'), U&'\0152', 'OE'), U&'\00E6', 'ae'), U&'\00C6', 'AE'), NFD),
  U&'[\0300-\036F]', '', 'g')), '[^A-Z0-9]+', ' ', 'g'));
COMMENT ON FUNCTION fund.fold(text) IS
  'Capitals without accents, everything but letters and digits as single spaces: how names are compared and searched.';

CREATE TABLE fund.member (
  organisation_id uuid    NOT NULL REFERENCES fund.organisation (id),
  id              uuid    NOT NULL,
  number          integer NOT NULL,
  name            text    NOT NULL,
  name_folded     text    NOT NULL GENERATED ALWAYS AS (fund.fold(name)) STORED,
  legal_form      text    NOT NULL,
  siret           text,
  siren           text,
  rna             text,
  email           text,
  email_folded    text    GENERATED ALWAYS AS (lower(email)) STORED,
  phone           text,
  street          text,
  postal_code     text,
  city            text,
  country         text    NOT NULL DEFAULT 'FR',
  iban            text,
  account_holder  text,
  contact_name    text,
  contact_role    text,
  joined_on       date,
  left_on         date,
  notes           text,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT member_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT member_number_once UNIQUE (organisation_id, number),
  CONSTRAINT member_number_sign CHECK (number > 0),
  CONSTRAINT member_name_length CHECK (char_length(name) BETWEEN 1 AND 200 AND btrim(name) <> ''),
  CONSTRAINT member_legal_form CHECK (legal_form IN ('association', 'scop', 'scic', 'sole_trader', 'company',
                                                     'local_authority', 'elected_official', 'person')),
  CONSTRAINT member_siret_form CHECK (siret ~ '^[0-9]{14}$'),
  CONSTRAINT member_siren_form CHECK (siren ~ '^[0-9]{9}$'),
  CONSTRAINT member_siren_of_siret CHECK (siret IS NULL OR siren IS NOT DISTINCT FROM left(siret, 9)),
  CONSTRAINT member_rna_form CHECK (rna ~ '^W[0-9A-Z]{9}$'),
  CONSTRAINT member_email_form CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND char_length(email) <= 254),
  CONSTRAINT member_phone_length CHECK (char_length(phone) BETWEEN 1 AND 40),
  CONSTRAINT member_street_length CHECK (char_length(street) BETWEEN 1 AND 400),
  CONSTRAINT member_postal_code_length CHECK (char_length(postal_code) BETWEEN 1 AND 20),
  CONSTRAINT member_city_length CHECK (char_length(city) BETWEEN 1 AND 200),
  CONSTRAINT member_country_form CHECK (country ~ '^[A-Z]{2}$'),
  CONSTRAINT member_iban_form CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  CONSTRAINT member_account_holder_length CHECK (char_length(account_holder) BETWEEN 1 AND 140),
  CONSTRAINT member_contact_name_length CHECK (char_length(contact_name) BETWEEN 1 AND 200),
  CONSTRAINT member_contact_role_length CHECK (char_length(contact_role) BETWEEN 1 AND 200),
  CONSTRAINT member_left_after_joined CHECK (left_on >= joined_on),
  CONSTRAINT member_notes_length CHECK (char_length(notes) BETWEEN 1 AND 10000)
);
-- Only among members who have not left: a structure that leaves and comes back is a new membership or the old one,
-- and an account passes to a successor.
CREATE UNIQUE INDEX member_siret_unique ON fund.member (organisation_id, siret) WHERE siret IS NOT NULL AND left_on IS NULL;
CREATE UNIQUE INDEX member_rna_unique ON fund.member (organisation_id, rna) WHERE rna IS NOT NULL AND left_on IS NULL;
CREATE UNIQUE INDEX member_iban_unique ON fund.member (organisation_id, iban) WHERE iban IS NOT NULL AND left_on IS NULL;
CREATE INDEX member_siret ON fund.member (organisation_id, siret) WHERE siret IS NOT NULL;
CREATE INDEX member_rna ON fund.member (organisation_id, rna) WHERE rna IS NOT NULL;
CREATE INDEX member_iban ON fund.member (organisation_id, iban) WHERE iban IS NOT NULL;
CREATE INDEX member_name ON fund.member (organisation_id, name_folded);
CREATE INDEX member_email ON fund.member (organisation_id, email_folded) WHERE email_folded IS NOT NULL;
COMMENT ON TABLE fund.member IS 'Structures and people who belong to the association (adhérents). Never deleted: books point to them.';
COMMENT ON COLUMN fund.member.number IS 'Given by the organisation''s counter; what labels and references use instead of a person''s name.';
COMMENT ON COLUMN fund.member.name_folded IS 'fund.fold of the name: search, order and comparison without accents or case.';
COMMENT ON COLUMN fund.member.email_folded IS
  'The e-mail in small letters: a stored column, because row-level security keeps an index on lower(email) from being used.';
COMMENT ON COLUMN fund.member.siret IS 'Establishment number, 14 digits, its key checked before it comes here.';
COMMENT ON COLUMN fund.member.siren IS 'Enterprise number: the first nine digits of the SIRET, or alone.';
COMMENT ON COLUMN fund.member.rna IS 'Number of an association in the national register (W…).';
COMMENT ON COLUMN fund.member.iban IS 'The account it pays from and is paid on; compact, capitals.';
COMMENT ON COLUMN fund.member.account_holder IS 'Name of the holder of that account, where it is not the member''s.';
COMMENT ON COLUMN fund.member.joined_on IS 'Null where a list taken over does not say.';
COMMENT ON COLUMN fund.member.left_on IS 'First day it is no longer a member; null for a current member.';
COMMENT ON COLUMN fund.member.notes IS 'The treasurer''s; not shown to the member.';

CREATE TRIGGER member_audit AFTER INSERT OR UPDATE OR DELETE ON fund.member
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('created_at', 'name_folded', 'email_folded');
CREATE TRIGGER member_kept BEFORE DELETE OR TRUNCATE ON fund.member
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

ALTER TABLE fund.line ADD CONSTRAINT line_member
  FOREIGN KEY (organisation_id, member_id) REFERENCES fund.member (organisation_id, id);

CREATE FUNCTION fund.member_faults(p fund.member, p_pointer text DEFAULT '') RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_faults jsonb := '[]';
  v_other fund.member;
BEGIN
  IF p.siret IS NOT NULL AND p.siren IS DISTINCT FROM left(p.siret, 9) THEN
    v_faults := v_faults || app.fault('member.siren_of_siret', p_pointer || '/siren', left(p.siret, 9));
  END IF;
  IF p.country !~ '^[A-Z]{2}$' THEN
    v_faults := v_faults || app.fault('member.country', p_pointer || '/country');
  END IF;
  IF p.left_on < p.joined_on THEN
    v_faults := v_faults || app.fault('member.left_before_joined', p_pointer || '/left_on', 'date:' || p.joined_on::text);
  END IF;
  IF p.left_on IS NULL AND num_nonnulls(p.siret, p.rna, p.iban) > 0 THEN
    FOR v_other IN
      SELECT m.* FROM fund.member m
       WHERE m.organisation_id = fund.current_organisation() AND m.left_on IS NULL AND m.id IS DISTINCT FROM p.id
         AND (m.siret = p.siret OR m.rna = p.rna OR m.iban = p.iban)
       ORDER BY m.number
    LOOP
      v_faults := v_faults
        || CASE WHEN v_other.siret = p.siret THEN jsonb_build_array(
             app.fault('member.siret_taken', p_pointer || '/siret', v_other.number::text, v_other.name)) ELSE '[]' END
        || CASE WHEN v_other.rna = p.rna THEN jsonb_build_array(
             app.fault('member.rna_taken', p_pointer || '/rna', v_other.number::text, v_other.name)) ELSE '[]' END
        || CASE WHEN v_other.iban = p.iban THEN jsonb_build_array(
             app.fault('member.iban_taken', p_pointer || '/iban', v_other.number::text, v_other.name)) ELSE '[]' END;
    END LOOP;
  END IF;
  RETURN v_faults;
END $fn$;
COMMENT ON FUNCTION fund.member_faults(fund.member, text) IS
  'What speaks against a member as it would be: identifiers that another current member has (named), dates in the wrong '
  'order, a SIREN that is not the SIRET''s.';

-- ---------------------------------------------------------------------------------------------------------------
-- Contributions
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.contribution (
  organisation_id     uuid   NOT NULL REFERENCES fund.organisation (id),
  id                  uuid   NOT NULL,
  member_id           uuid,
  donor_name          text,
  donor_legal_form    text,
  giver_legal_form    text   NOT NULL,
  amount              bigint NOT NULL,
  received_on         date,
  means               text,
  nature              text   NOT NULL,
  fund_id             uuid   NOT NULL,
  project_id          uuid,
  label               text,
  agreement_signed_on date,
  repayable_on        date,
  legal_basis         text,
  accountant_note     text,
  status              text   NOT NULL,
  entry_id            uuid   NOT NULL,
  receipt_entry_id    uuid,
  return_entry_id     uuid,
  corrects_id         uuid,
  corrected_by_id     uuid,
  reason              text,
  recorded_at         timestamptz NOT NULL,
  recorded_by         text   NOT NULL,
  CONSTRAINT contribution_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT contribution_member FOREIGN KEY (organisation_id, member_id) REFERENCES fund.member (organisation_id, id),
  CONSTRAINT contribution_fund FOREIGN KEY (organisation_id, fund_id) REFERENCES fund.fund (organisation_id, id),
  CONSTRAINT contribution_project FOREIGN KEY (organisation_id, project_id) REFERENCES fund.project (organisation_id, id),
  CONSTRAINT contribution_entry FOREIGN KEY (organisation_id, entry_id) REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT contribution_receipt_entry FOREIGN KEY (organisation_id, receipt_entry_id)
    REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT contribution_return_entry FOREIGN KEY (organisation_id, return_entry_id)
    REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT contribution_corrects FOREIGN KEY (organisation_id, corrects_id)
    REFERENCES fund.contribution (organisation_id, id),
  CONSTRAINT contribution_corrected_by FOREIGN KEY (organisation_id, corrected_by_id)
    REFERENCES fund.contribution (organisation_id, id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT contribution_giver CHECK (num_nonnulls(member_id, donor_name) = 1
                                       AND (donor_name IS NULL) = (donor_legal_form IS NULL)),
  CONSTRAINT contribution_donor_name_length CHECK (char_length(donor_name) BETWEEN 1 AND 200),
  CONSTRAINT contribution_donor_legal_form CHECK (donor_legal_form IN ('association', 'scop', 'scic', 'sole_trader',
    'company', 'local_authority', 'elected_official', 'person')),
  CONSTRAINT contribution_giver_legal_form CHECK (giver_legal_form IN ('association', 'scop', 'scic', 'sole_trader',
    'company', 'local_authority', 'elected_official', 'person') AND giver_legal_form = coalesce(donor_legal_form, giver_legal_form)),
  CONSTRAINT contribution_amount_sign CHECK (amount > 0),
  CONSTRAINT contribution_means CHECK (means IN ('transfer', 'cheque', 'cash', 'card', 'direct_debit', 'platform')),
  CONSTRAINT contribution_nature CHECK (nature IN ('dues', 'donation', 'patronage', 'sponsorship',
    'financial_contribution', 'subsidy', 'equity_without_return', 'equity_with_return', 'repayable')),
  CONSTRAINT contribution_label_length CHECK (char_length(label) BETWEEN 1 AND 200),
  CONSTRAINT contribution_received_means CHECK (received_on IS NULL OR means IS NOT NULL),
  CONSTRAINT contribution_awaited_agreement CHECK (received_on IS NOT NULL OR agreement_signed_on IS NOT NULL),
  CONSTRAINT contribution_repayable_terms CHECK ((nature = 'repayable') = (repayable_on IS NOT NULL)
                                                 AND (nature = 'repayable') = (legal_basis IS NOT NULL)
                                                 AND (nature = 'repayable' OR accountant_note IS NULL)),
  CONSTRAINT contribution_repayable_after CHECK (repayable_on > coalesce(received_on, agreement_signed_on)),
  CONSTRAINT contribution_legal_basis_length CHECK (char_length(legal_basis) BETWEEN 1 AND 500),
  CONSTRAINT contribution_accountant_note_length CHECK (char_length(accountant_note) BETWEEN 1 AND 500),
  CONSTRAINT contribution_status CHECK (status IN ('recorded', 'awaited', 'cancelled', 'corrected', 'returned')),
  CONSTRAINT contribution_status_receipt CHECK (CASE status WHEN 'recorded' THEN received_on IS NOT NULL
                                                            WHEN 'returned' THEN received_on IS NOT NULL
                                                            WHEN 'awaited' THEN received_on IS NULL ELSE true END),
  CONSTRAINT contribution_status_correction CHECK ((status = 'corrected') = (corrected_by_id IS NOT NULL)),
  CONSTRAINT contribution_status_reason CHECK (status NOT IN ('cancelled', 'corrected', 'returned') OR reason IS NOT NULL),
  CONSTRAINT contribution_reason_length CHECK (char_length(btrim(reason)) BETWEEN 1 AND 500)
);
CREATE UNIQUE INDEX contribution_entry_once ON fund.contribution (organisation_id, entry_id);
CREATE UNIQUE INDEX contribution_receipt_entry_once ON fund.contribution (organisation_id, receipt_entry_id)
  WHERE receipt_entry_id IS NOT NULL;
CREATE INDEX contribution_return_entry_id ON fund.contribution (organisation_id, return_entry_id)
  WHERE return_entry_id IS NOT NULL;
CREATE UNIQUE INDEX contribution_corrects_once ON fund.contribution (organisation_id, corrects_id) WHERE corrects_id IS NOT NULL;
CREATE UNIQUE INDEX contribution_corrected_by_once ON fund.contribution (organisation_id, corrected_by_id)
  WHERE corrected_by_id IS NOT NULL;
CREATE INDEX contribution_member_id ON fund.contribution (organisation_id, member_id, received_on) WHERE member_id IS NOT NULL;
CREATE INDEX contribution_received_on ON fund.contribution (organisation_id, received_on, id);
CREATE INDEX contribution_awaited ON fund.contribution (organisation_id, agreement_signed_on) WHERE status = 'awaited';
CREATE INDEX contribution_fund_id ON fund.contribution (organisation_id, fund_id);
CREATE INDEX contribution_project_id ON fund.contribution (organisation_id, project_id) WHERE project_id IS NOT NULL;
COMMENT ON TABLE fund.contribution IS
  'Money in from a member or another donor (versement reçu): what was paid, how, and as what. Each has its validated '
  'entries; it is cancelled or corrected by their reversal, never changed.';
COMMENT ON COLUMN fund.contribution.donor_name IS 'A giver who is no member; then donor_legal_form says what it is.';
COMMENT ON COLUMN fund.contribution.giver_legal_form IS
  'What the giver was when this was recorded: an association that becomes a co-operative changes nothing behind it.';
COMMENT ON COLUMN fund.contribution.amount IS 'Minor units.';
COMMENT ON COLUMN fund.contribution.received_on IS 'The day the money (or the cheque) came; null while it is awaited.';
COMMENT ON COLUMN fund.contribution.means IS 'How it came, or is announced to come.';
COMMENT ON COLUMN fund.contribution.agreement_signed_on IS
  'Signature of the agreement, or notification of the subsidy: where the rule of the nature says so, the income is booked then.';
COMMENT ON COLUMN fund.contribution.repayable_on IS 'Date at which a repayable amount is owed back.';
COMMENT ON COLUMN fund.contribution.legal_basis IS 'Why the association may receive repayable money.';
COMMENT ON COLUMN fund.contribution.accountant_note IS
  'Reference of the accountant''s written advice: without it a repayable amount from a person or a company is refused.';
COMMENT ON COLUMN fund.contribution.status IS
  'recorded: the money is here; awaited: agreement booked, money to come; cancelled, corrected: taken back; returned: the '
  'bank took the money back (unpaid cheque, rejected debit) and the giver owes again.';
COMMENT ON COLUMN fund.contribution.entry_id IS 'The entry of the income: at signature where an agreement was booked, else at receipt.';
COMMENT ON COLUMN fund.contribution.receipt_entry_id IS 'The entry that settles an agreement booked before, when the money came.';
COMMENT ON COLUMN fund.contribution.return_entry_id IS 'The entry by which returned money left again.';
COMMENT ON COLUMN fund.contribution.corrects_id IS 'The contribution this one replaces.';
COMMENT ON COLUMN fund.contribution.corrected_by_id IS 'The contribution that replaces this one.';
COMMENT ON COLUMN fund.contribution.reason IS 'Why it was cancelled, corrected or returned.';

CREATE FUNCTION fund.contribution_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  v_may_change text[];
BEGIN
  v_may_change := CASE OLD.status || ' ' || NEW.status
    WHEN 'recorded cancelled' THEN '{status,reason}'
    WHEN 'awaited cancelled'  THEN '{status,reason}'
    WHEN 'recorded corrected' THEN '{status,reason,corrected_by_id}'
    WHEN 'awaited corrected'  THEN '{status,reason,corrected_by_id}'
    WHEN 'awaited recorded'   THEN '{status,received_on,means,receipt_entry_id}'
    WHEN 'recorded awaited'   THEN '{status,received_on,means,receipt_entry_id}'
    WHEN 'recorded returned'  THEN '{status,reason,return_entry_id}'
    WHEN 'returned recorded'  THEN '{status,reason,return_entry_id,received_on,means,receipt_entry_id}'
    WHEN 'returned cancelled' THEN '{status,reason}'
    ELSE '{}' END::text[];
  IF to_jsonb(OLD) - v_may_change IS DISTINCT FROM to_jsonb(NEW) - v_may_change THEN
    PERFORM app.fail('contribution.immutable', '');
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.contribution_changes() IS
  'What was recorded does not change: a contribution only passes from one status to another, with what that passage adds.';
CREATE TRIGGER contribution_changes BEFORE UPDATE ON fund.contribution
  FOR EACH ROW EXECUTE FUNCTION fund.contribution_changes();
CREATE TRIGGER contribution_kept BEFORE DELETE OR TRUNCATE ON fund.contribution
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER contribution_audit AFTER INSERT OR UPDATE OR DELETE ON fund.contribution
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('recorded_at', 'recorded_by', 'apart:donor_name', 'apart:label');

-- ---------------------------------------------------------------------------------------------------------------
-- Given in kind
-- ---------------------------------------------------------------------------------------------------------------

CREATE TABLE fund.in_kind_contribution (
  organisation_id  uuid   NOT NULL REFERENCES fund.organisation (id),
  id               uuid   NOT NULL,
  member_id        uuid,
  donor_name       text,
  donor_legal_form text,
  kind             text   NOT NULL,
  value            bigint NOT NULL,
  given_on         date   NOT NULL,
  hours            numeric(8, 2),
  project_id       uuid,
  label            text,
  status           text   NOT NULL,
  entry_id         uuid   NOT NULL,
  reason           text,
  recorded_at      timestamptz NOT NULL,
  recorded_by      text   NOT NULL,
  CONSTRAINT in_kind_contribution_pkey PRIMARY KEY (organisation_id, id),
  CONSTRAINT in_kind_contribution_member FOREIGN KEY (organisation_id, member_id)
    REFERENCES fund.member (organisation_id, id),
  CONSTRAINT in_kind_contribution_project FOREIGN KEY (organisation_id, project_id)
    REFERENCES fund.project (organisation_id, id),
  CONSTRAINT in_kind_contribution_entry FOREIGN KEY (organisation_id, entry_id) REFERENCES fund.entry (organisation_id, id),
  CONSTRAINT in_kind_contribution_giver CHECK (num_nonnulls(member_id, donor_name) = 1
                                               AND (donor_name IS NULL) = (donor_legal_form IS NULL)),
  CONSTRAINT in_kind_contribution_donor_name_length CHECK (char_length(donor_name) BETWEEN 1 AND 200),
  CONSTRAINT in_kind_contribution_donor_legal_form CHECK (donor_legal_form IN ('association', 'scop', 'scic',
    'sole_trader', 'company', 'local_authority', 'elected_official', 'person')),
  CONSTRAINT in_kind_contribution_kind CHECK (kind IN ('volunteer_time', 'goods', 'premises', 'services')),
  CONSTRAINT in_kind_contribution_value_sign CHECK (value > 0),
  CONSTRAINT in_kind_contribution_hours CHECK (hours IS NULL OR (hours > 0 AND kind = 'volunteer_time')),
  CONSTRAINT in_kind_contribution_label_length CHECK (char_length(label) BETWEEN 1 AND 200),
  CONSTRAINT in_kind_contribution_status CHECK (status IN ('recorded', 'cancelled')
                                                AND (status = 'cancelled') = (reason IS NOT NULL)),
  CONSTRAINT in_kind_contribution_reason_length CHECK (char_length(btrim(reason)) BETWEEN 1 AND 500)
);
CREATE UNIQUE INDEX in_kind_contribution_entry_once ON fund.in_kind_contribution (organisation_id, entry_id);
CREATE INDEX in_kind_contribution_member_id ON fund.in_kind_contribution (organisation_id, member_id)
  WHERE member_id IS NOT NULL;
CREATE INDEX in_kind_contribution_given_on ON fund.in_kind_contribution (organisation_id, given_on, id);
CREATE INDEX in_kind_contribution_project_id ON fund.in_kind_contribution (organisation_id, project_id)
  WHERE project_id IS NOT NULL;
COMMENT ON TABLE fund.in_kind_contribution IS
  'Volunteer time, goods, premises and services given (classes 86 and 87): no money, so it settles nothing and is never '
  'part of what a fund holds.';
COMMENT ON COLUMN fund.in_kind_contribution.value IS 'What it is worth, in minor units, as the person who records it values it.';

CREATE FUNCTION fund.in_kind_contribution_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF OLD.status <> 'recorded' OR NEW.status <> 'cancelled'
     OR to_jsonb(OLD) - '{status,reason}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{status,reason}'::text[] THEN
    PERFORM app.fail('contribution.immutable', '');
  END IF;
  RETURN NEW;
END $fn$;
COMMENT ON FUNCTION fund.in_kind_contribution_changes() IS 'Its only change is its cancellation, once.';
CREATE TRIGGER in_kind_contribution_changes BEFORE UPDATE ON fund.in_kind_contribution
  FOR EACH ROW EXECUTE FUNCTION fund.in_kind_contribution_changes();
CREATE TRIGGER in_kind_contribution_kept BEFORE DELETE OR TRUNCATE ON fund.in_kind_contribution
  FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER in_kind_contribution_audit AFTER INSERT OR UPDATE OR DELETE ON fund.in_kind_contribution
  FOR EACH ROW EXECUTE FUNCTION audit.record_change('recorded_at', 'recorded_by', 'apart:donor_name', 'apart:label');

-- An entry that a contribution wrote is taken back through the contribution, so that both always say the same.
CREATE FUNCTION fund.reversal_of_contribution() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  IF EXISTS (SELECT FROM fund.contribution c
              WHERE c.organisation_id = NEW.organisation_id
                AND ((c.status IN ('recorded', 'awaited', 'returned') AND c.entry_id = NEW.reverses_entry_id)
                     OR (c.status IN ('recorded', 'returned') AND c.receipt_entry_id = NEW.reverses_entry_id)
                     OR (c.status = 'returned' AND c.return_entry_id = NEW.reverses_entry_id)))
     OR EXISTS (SELECT FROM fund.in_kind_contribution k
                 WHERE k.organisation_id = NEW.organisation_id AND k.status = 'recorded'
                   AND k.entry_id = NEW.reverses_entry_id) THEN
    PERFORM app.fail('contribution.reversed_alone', '');
  END IF;
  RETURN NULL;
END $fn$;
COMMENT ON FUNCTION fund.reversal_of_contribution() IS
  'A contribution whose entry is reversed is itself cancelled, corrected or awaited again. Deferred: the act that does '
  'both may do it in either order.';
CREATE CONSTRAINT TRIGGER entry_reversal_of_contribution AFTER INSERT ON fund.entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_entry_id IS NOT NULL)
  EXECUTE FUNCTION fund.reversal_of_contribution();

-- ---------------------------------------------------------------------------------------------------------------
-- From a body to a contribution, and what is wrong with it
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.nature_rule(p_nature text, p_legal_form text, p_year_start date) RETURNS reference.nature
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_on date := fund.chart_date(p_year_start);
  v reference.nature;
BEGIN
  SELECT n.* INTO v FROM reference.nature n
   WHERE n.nature = p_nature AND n.legal_form = p_legal_form
     AND v_on BETWEEN n.valid_from AND coalesce(n.valid_to, 'infinity');
  RETURN v;
END $fn$;
COMMENT ON FUNCTION fund.nature_rule(text, text, date) IS
  'How a nature of contribution from a legal form is booked in a fiscal year that starts at the date.';

CREATE FUNCTION fund.year_start(p_date date) RETURNS date
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  RETURN coalesce((SELECT y.starts_on FROM fund.fiscal_year y
                    WHERE y.organisation_id = fund.current_organisation() AND p_date BETWEEN y.starts_on AND y.ends_on),
                  p_date);
END $fn$;
COMMENT ON FUNCTION fund.year_start(date) IS
  'Opening date of the fiscal year of a date, which decides the vintage of chart and rules; the date itself outside any year.';

CREATE FUNCTION fund.accounting_date(p_date date) RETURNS date
LANGUAGE sql STABLE
RETURN CASE WHEN fund.period_fault(p_date) IS NULL THEN p_date ELSE fund.today() END;
COMMENT ON FUNCTION fund.accounting_date(date) IS
  'Date at which something of that day is cancelled or corrected: the day itself while its period is open, else today.';

CREATE FUNCTION fund.contribution_from(p_body jsonb) RETURNS fund.contribution
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v fund.contribution;
BEGIN
  v := jsonb_populate_record(NULL::fund.contribution, p_body - '{id,status,entry_id,receipt_entry_id,return_entry_id,
    corrects_id,corrected_by_id,reason,recorded_at,recorded_by,donor_name,donor_legal_form,giver_legal_form}'::text[]);
  v.organisation_id := fund.current_organisation();
  v.donor_name := p_body -> 'donor' ->> 'name';
  v.donor_legal_form := p_body -> 'donor' ->> 'legal_form';
  v.status := CASE WHEN v.received_on IS NULL THEN 'awaited' ELSE 'recorded' END;
  IF v.fund_id IS NULL THEN
    v.fund_id := fund.default_fund(coalesce(
      (SELECT n.default_fund FROM reference.nature n WHERE n.nature = v.nature LIMIT 1), 'solidarity'));
  END IF;
  RETURN v;
END $fn$;
COMMENT ON FUNCTION fund.contribution_from(jsonb) IS
  'A contribution as the body of POST contributions says it (amounts in minor units), with its default fund; checked by '
  'fund.contribution_faults.';

CREATE FUNCTION fund.contribution_form(p fund.contribution) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  IF p.giver_legal_form IS NOT NULL OR p.member_id IS NULL THEN
    RETURN coalesce(p.giver_legal_form, p.donor_legal_form);
  END IF;
  RETURN (SELECT m.legal_form FROM fund.member m WHERE m.organisation_id = p.organisation_id AND m.id = p.member_id);
END $fn$;
COMMENT ON FUNCTION fund.contribution_form(fund.contribution) IS
  'Legal form of the giver: as it was recorded, else as it is; null when there is no such member.';

CREATE FUNCTION fund.allowed_natures(p_legal_form text, p_year_start date, OUT en text, OUT fr text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT string_agg(w.en, ', ' ORDER BY n.default_fund, w.en), string_agg(w.fr, ', ' ORDER BY n.default_fund, w.fr)
    FROM reference.nature n JOIN reference.word w ON w.kind = 'nature' AND w.code = n.nature
   WHERE n.legal_form = p_legal_form AND n.account IS NOT NULL AND n.nature <> 'repayable'
     AND fund.chart_date(p_year_start) BETWEEN n.valid_from AND coalesce(n.valid_to, 'infinity')
$fn$;
COMMENT ON FUNCTION fund.allowed_natures(text, date) IS
  'The natures a legal form can have, in words, for the sentence that refuses another one.';

CREATE FUNCTION fund.nature_faults(p fund.contribution, p_form text, p_year_start date, p_pointer text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_rule reference.nature := fund.nature_rule(p.nature, p_form, p_year_start);
  v_faults jsonb := '[]';
  v record;
  v_need text;
BEGIN
  IF v_rule.account IS NULL THEN
    SELECT a.en, a.fr, w.en AS form_en, w.fr AS form_fr INTO v
      FROM fund.allowed_natures(p_form, p_year_start) a, reference.word w
     WHERE w.kind = 'legal_form' AND w.code = p_form;
    RETURN v_faults || app.fault(coalesce(v_rule.refused, 'nature.refused'), p_pointer || '/nature',
                                 v.form_en, v.form_fr, v.en, v.fr);
  END IF;
  FOREACH v_need IN ARRAY v_rule.needs LOOP
    IF to_jsonb(p) ->> v_need IS NULL THEN
      v_faults := v_faults || CASE v_need
        WHEN 'accountant_note' THEN app.fault('contribution.repayable_from_public', p_pointer || '/accountant_note')
        ELSE app.fault('contribution.repayable_terms', p_pointer || '/' || v_need) END;
    END IF;
  END LOOP;
  IF p.received_on IS NULL AND p.agreement_signed_on IS NOT NULL AND v_rule.agreement_account IS NULL THEN
    v_faults := v_faults || app.fault('contribution.counts_when_received', p_pointer || '/received_on');
  END IF;
  RETURN v_faults;
END $fn$;
COMMENT ON FUNCTION fund.nature_faults(fund.contribution, text, date, text) IS
  'What the rules of natures say against a contribution: nature this giver cannot have (naming those it can), missing '
  'terms of a repayable amount, an agreement that books nothing before the money comes.';

CREATE FUNCTION fund.contribution_faults(p fund.contribution, p_pointer text DEFAULT '',
                                         p_signature_on date DEFAULT NULL, p_receipt_on date DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_faults jsonb := '[]';
  v_form text := fund.contribution_form(p);
  v_signature_on date := coalesce(p_signature_on, p.agreement_signed_on);
  v_receipt_on date := coalesce(p_receipt_on, p.received_on);
  v_rule reference.nature;
BEGIN
  IF p.member_id IS NULL AND p.donor_name IS NULL THEN
    v_faults := v_faults || app.fault('contribution.giver_missing', p_pointer || '/member_id');
  ELSIF p.member_id IS NOT NULL AND p.donor_name IS NOT NULL THEN
    v_faults := v_faults || app.fault('contribution.giver_twice', p_pointer || '/donor');
  ELSIF v_form IS NULL THEN
    -- Alone: nothing else is said about what belongs to somebody else.
    RETURN jsonb_build_array(app.fault('not_found', p_pointer || '/member_id'));
  END IF;
  IF NOT EXISTS (SELECT FROM fund.fund f WHERE f.organisation_id = p.organisation_id AND f.id = p.fund_id) THEN
    v_faults := v_faults || app.fault('not_found', p_pointer || '/fund_id');
  END IF;
  IF p.project_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM fund.project j WHERE j.organisation_id = p.organisation_id AND j.id = p.project_id) THEN
    v_faults := v_faults || app.fault('not_found', p_pointer || '/project_id');
  END IF;
  IF p.received_on IS NULL AND p.agreement_signed_on IS NULL THEN
    v_faults := v_faults || app.fault('contribution.received_on_missing', p_pointer || '/received_on');
  ELSIF p.received_on IS NOT NULL AND p.means IS NULL THEN
    v_faults := v_faults || app.fault('contribution.means_missing', p_pointer || '/means');
  END IF;
  IF p.received_on > fund.today() THEN
    v_faults := v_faults || app.fault('contribution.future', p_pointer || '/received_on', 'date:' || fund.today()::text);
  ELSIF v_receipt_on IS NOT NULL THEN
    v_faults := v_faults || coalesce(fund.period_fault(v_receipt_on, p_pointer || '/received_on'), '[]');
  END IF;
  IF v_form IS NOT NULL THEN
    v_rule := fund.nature_rule(p.nature, v_form, fund.year_start(coalesce(v_signature_on, v_receipt_on)));
    v_faults := v_faults || fund.nature_faults(p, v_form, fund.year_start(coalesce(v_signature_on, v_receipt_on)), p_pointer);
  END IF;
  IF p.agreement_signed_on > fund.today() THEN
    v_faults := v_faults || app.fault('contribution.future', p_pointer || '/agreement_signed_on',
                                      'date:' || fund.today()::text);
  ELSIF v_rule.agreement_account IS NOT NULL AND v_signature_on IS NOT NULL THEN
    v_faults := v_faults || coalesce(fund.period_fault(v_signature_on, p_pointer || '/agreement_signed_on'), '[]');
  END IF;
  IF p.nature = 'repayable' AND p.repayable_on <= coalesce(p.received_on, p.agreement_signed_on) THEN
    v_faults := v_faults || app.fault('contribution.repayable_before', p_pointer || '/repayable_on',
                                      'date:' || coalesce(p.received_on, p.agreement_signed_on)::text);
  ELSIF p.nature <> 'repayable' AND num_nonnulls(p.repayable_on, p.legal_basis, p.accountant_note) > 0 THEN
    v_faults := v_faults || app.fault('contribution.terms_without_debt', p_pointer || CASE
      WHEN p.repayable_on IS NOT NULL THEN '/repayable_on' WHEN p.legal_basis IS NOT NULL THEN '/legal_basis'
      ELSE '/accountant_note' END);
  END IF;
  RETURN v_faults;
END $fn$;
COMMENT ON FUNCTION fund.contribution_faults(fund.contribution, text, date, date) IS
  'Everything that speaks against recording this contribution, as faults under p_pointer. The last two arguments are the '
  'accounting dates where they differ from the facts (a correction dated in an open period).';

-- ---------------------------------------------------------------------------------------------------------------
-- The scheme: which entries a contribution writes
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.contribution_label(p fund.contribution) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_french boolean;
  v_nature text;
  v_giver text;
  v_form text := fund.contribution_form(p);
BEGIN
  IF p.label IS NOT NULL THEN
    RETURN p.label;
  END IF;
  SELECT o.language = 'fr', CASE WHEN o.language = 'fr' THEN w.fr ELSE w.en END INTO v_french, v_nature
    FROM fund.organisation o, reference.word w
   WHERE o.id = fund.current_organisation() AND w.kind = 'nature' AND w.code = p.nature;
  IF v_form IN ('sole_trader', 'elected_official', 'person') THEN
    SELECT CASE WHEN v_french THEN 'adhérent n°' || U&'\00A0' ELSE 'member no.' || U&'\00A0' END || m.number INTO v_giver
      FROM fund.member m WHERE m.organisation_id = p.organisation_id AND m.id = p.member_id;
  ELSE
    SELECT coalesce(p.donor_name, (SELECT m.name FROM fund.member m
                                    WHERE m.organisation_id = p.organisation_id AND m.id = p.member_id)) INTO v_giver;
  END IF;
  RETURN left(upper(left(v_nature, 1)) || substr(v_nature, 2) || coalesce(' – ' || v_giver, ''), 200);
END $fn$;
COMMENT ON FUNCTION fund.contribution_label(fund.contribution) IS
  'Label of the entries: what the person wrote, else nature and giver in the organisation''s language. A natural person '
  'is named by number, or not at all: labels outlive an erasure.';

CREATE FUNCTION fund.means_account(p_means text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $fn$
BEGIN
  RETURN CASE p_means WHEN 'transfer' THEN '512' WHEN 'direct_debit' THEN '512' WHEN 'cheque' THEN '5112'
                      WHEN 'cash' THEN '530' WHEN 'card' THEN '517' WHEN 'platform' THEN '517' END;
END $fn$;
COMMENT ON FUNCTION fund.means_account(text) IS
  'Where money is on the day it comes: at the bank, a cheque to be paid in, in the cash box, at a platform.';

CREATE FUNCTION fund.means_journal(p_account text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $fn$
BEGIN
  RETURN CASE WHEN p_account LIKE '512%' THEN 'BQ' WHEN p_account LIKE '53%' THEN 'CA'
              WHEN p_account LIKE '511%' OR p_account LIKE '517%' THEN 'CH' ELSE 'OD' END;
END $fn$;
COMMENT ON FUNCTION fund.means_journal(text) IS 'Journal of what moves on an account of class 5: bank, cash, to be collected.';

CREATE FUNCTION fund.contribution_scheme(p fund.contribution, p_cash_account text DEFAULT NULL,
                                         p_signature_on date DEFAULT NULL, p_receipt_on date DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_signature_on date := coalesce(p_signature_on, p.agreement_signed_on);
  v_receipt_on date := coalesce(p_receipt_on, p.received_on);
  v_form text := fund.contribution_form(p);
  v_cash text := coalesce(p_cash_account, fund.means_account(p.means));
  v_label text := fund.contribution_label(p);
  v_axes jsonb := jsonb_strip_nulls(jsonb_build_object('fund_id', p.fund_id, 'project_id', p.project_id,
                                                       'member_id', p.member_id));
  v_rule reference.nature;
  v_claim text;
  v_credit text;
  v_entries jsonb := '[]';
BEGIN
  v_rule := fund.nature_rule(p.nature, v_form, fund.year_start(coalesce(v_signature_on, v_receipt_on)));
  v_claim := CASE WHEN v_signature_on IS NOT NULL THEN v_rule.agreement_account END;
  IF v_claim IS NULL THEN
    -- Nothing was booked at signature: the rule of the year the money comes in.
    v_rule := fund.nature_rule(p.nature, v_form, fund.year_start(v_receipt_on));
  END IF;
  v_credit := v_rule.account;
  IF v_rule.counterpart_account IS NOT NULL AND (
      SELECT o.dues_with_counterpart FROM fund.organisation o WHERE o.id = fund.current_organisation()) THEN
    v_credit := v_rule.counterpart_account;
  END IF;
  IF v_claim IS NOT NULL THEN
    v_entries := v_entries || jsonb_build_object('part', 'agreement', 'date', v_signature_on, 'journal', 'OD',
      'label', v_label, 'lines', jsonb_build_array(
        v_axes || jsonb_build_object('account', v_claim, 'amount', p.amount),
        v_axes || jsonb_build_object('account', v_credit, 'amount', -p.amount)));
  END IF;
  IF v_receipt_on IS NOT NULL THEN
    v_entries := v_entries || jsonb_build_object('part', CASE WHEN v_claim IS NULL THEN 'income' ELSE 'receipt' END,
      'date', v_receipt_on, 'journal', fund.means_journal(v_cash), 'label', v_label, 'lines', jsonb_build_array(
        v_axes || jsonb_build_object('account', v_cash, 'amount', p.amount),
        v_axes || jsonb_build_object('account', coalesce(v_claim, v_credit), 'amount', -p.amount)));
  END IF;
  RETURN v_entries;
END $fn$;
COMMENT ON FUNCTION fund.contribution_scheme(fund.contribution, text, date, date) IS
  'The entries of a contribution, from fund.contribution_from or the table: [{"part": "income" (received, no agreement '
  'booked) | "agreement" | "receipt", "date", "journal", "label", "lines": as fund.post_entry takes them}]. Writes '
  'nothing; for the preview, for posting and for a bank line. p_cash_account: account of class 5 that the money is on '
  'where the means alone does not say (a second bank account). The dates: as in fund.contribution_faults.';

-- ---------------------------------------------------------------------------------------------------------------
-- Recording, receiving, cancelling, correcting, returning. All need the organisation's lock (app.begin_write).
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.contribution_write(p fund.contribution, p_id uuid, p_corrects uuid, p_entries jsonb,
                                        p_pointer text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_entry jsonb;
  v_entry_id uuid;
BEGIN
  p.id := p_id;
  p.giver_legal_form := fund.contribution_form(p);
  p.corrects_id := p_corrects;
  p.recorded_at := app.recorded_at();
  p.recorded_by := app.actor();
  FOR v_entry IN SELECT e FROM jsonb_array_elements(p_entries) e LOOP
    v_entry_id := fund.post_entry(app.uuid7(), v_entry ->> 'journal', (v_entry ->> 'date')::date, v_entry ->> 'label',
      'contribution', p_id, v_entry -> 'lines', p_date_pointer => p_pointer ||
        CASE v_entry ->> 'part' WHEN 'agreement' THEN '/agreement_signed_on' ELSE '/received_on' END);
    IF v_entry ->> 'part' = 'receipt' THEN
      p.receipt_entry_id := v_entry_id;
    ELSE
      p.entry_id := v_entry_id;
    END IF;
  END LOOP;
  INSERT INTO fund.contribution SELECT p.*;
  RETURN p_id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_write(fund.contribution, uuid, uuid, jsonb, text) IS
  'Posts the entries of a checked contribution and stores it.';

CREATE FUNCTION fund.contribution_record(p_id uuid, p_body jsonb, p_cash_account text DEFAULT NULL,
                                         p_pointer text DEFAULT '') RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_from(p_body);
BEGIN
  v.giver_legal_form := fund.contribution_form(v);
  PERFORM app.fail_all(fund.contribution_faults(v, p_pointer));
  RETURN fund.contribution_write(v, p_id, NULL, fund.contribution_scheme(v, p_cash_account), p_pointer);
END $fn$;
COMMENT ON FUNCTION fund.contribution_record(uuid, jsonb, text, text) IS
  'Records a contribution: checks it (every fault at once, pointers below p_pointer: "/create/0" for a part of a bank '
  'line), posts its entries, stores it. p_body as POST contributions, amount in minor units. The line on the bank is the '
  'debit of the entry named entry_id, or receipt_entry_id where an agreement was booked.';

CREATE FUNCTION fund.contribution_get(p_id uuid, p_statuses text[], p_pointer text DEFAULT '') RETURNS fund.contribution
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v fund.contribution;
BEGIN
  SELECT c.* INTO v FROM fund.contribution c WHERE c.organisation_id = fund.current_organisation() AND c.id = p_id;
  IF NOT FOUND THEN
    PERFORM app.fail('not_found', p_pointer);
  ELSIF v.status <> ALL (p_statuses) THEN
    PERFORM app.fail_all(jsonb_build_array(CASE v.status
      WHEN 'recorded'  THEN app.fault('contribution.recorded', p_pointer)
      WHEN 'awaited'   THEN app.fault('contribution.awaited', p_pointer)
      WHEN 'cancelled' THEN app.fault('contribution.cancelled', p_pointer)
      WHEN 'corrected' THEN app.fault('contribution.corrected', p_pointer)
      ELSE app.fault('contribution.returned', p_pointer) END));
  END IF;
  RETURN v;
END $fn$;
COMMENT ON FUNCTION fund.contribution_get(uuid, text[], text) IS
  'The contribution, in one of the given statuses; otherwise fails with not_found or contribution.<its status>.';

CREATE FUNCTION fund.contribution_settle(p_contribution uuid, p_received_on date, p_means text,
                                         p_cash_account text DEFAULT NULL, p_pointer text DEFAULT '') RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{awaited,returned}', p_pointer);
  v_entry jsonb;
  v_claim text;
  v_entry_id uuid := app.uuid7();
BEGIN
  IF v.status = 'returned' AND v.receipt_entry_id IS NULL THEN
    PERFORM app.fail('contribution.returned', p_pointer);
  END IF;
  IF coalesce(p_means, v.means) IS NULL THEN
    PERFORM app.fail('contribution.means_missing', p_pointer || '/means');
  ELSIF p_received_on > fund.today() THEN
    PERFORM app.fail('contribution.future', p_pointer || '/received_on', 'date:' || fund.today()::text);
  END IF;
  v.received_on := p_received_on;
  v.means := coalesce(p_means, v.means);
  SELECT e INTO STRICT v_entry FROM jsonb_array_elements(fund.contribution_scheme(v, p_cash_account)) e
   WHERE e ->> 'part' = 'receipt';
  -- What is settled is the claim as it was booked, whatever a rule says by now.
  SELECT a.number INTO STRICT v_claim FROM fund.line l
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE l.organisation_id = v.organisation_id AND l.entry_id = v.entry_id AND l.amount > 0;
  PERFORM fund.post_entry(v_entry_id, v_entry ->> 'journal', p_received_on, v_entry ->> 'label', 'contribution',
    v.id, jsonb_set(v_entry -> 'lines', '{1,account}', to_jsonb(v_claim)),
    p_date_pointer => p_pointer || '/received_on');
  UPDATE fund.contribution SET status = 'recorded', received_on = v.received_on, means = v.means,
         receipt_entry_id = v_entry_id, return_entry_id = NULL, reason = NULL
   WHERE organisation_id = v.organisation_id AND id = v.id;
  RETURN v_entry_id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_settle(uuid, date, text, text, text) IS
  'An awaited contribution is received, or one of a signed agreement that the bank returned is paid again: posts the entry '
  'that settles the claim and returns it. p_means null: as announced.';

CREATE FUNCTION fund.contribution_unsettle(p_contribution uuid, p_date date, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{recorded}');
BEGIN
  IF v.receipt_entry_id IS NULL THEN
    RAISE EXCEPTION 'contribution % was not awaited', p_contribution;
  END IF;
  -- At the entry's own day: a correction may have booked it later than the money came.
  PERFORM fund.reverse_entry(e.id, coalesce(p_date, fund.accounting_date(e.date)), p_reason, app.uuid7())
     FROM fund.entry e WHERE e.organisation_id = v.organisation_id AND e.id = v.receipt_entry_id;
  UPDATE fund.contribution SET status = 'awaited', received_on = NULL, receipt_entry_id = NULL
   WHERE organisation_id = v.organisation_id AND id = v.id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_unsettle(uuid, date, text) IS
  'Takes back the receipt of a contribution that was awaited (the match with the bank that settled it is undone, or the '
  'payment was returned): its entry is reversed, the claim stands again. Where receipt_entry_id is null use fund.contribution_cancel.';

CREATE FUNCTION fund.contribution_reverse(p fund.contribution, p_date date, p_reason text, p_pointer text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  -- After a return the receipt and the return cancel each other out: only the claim is left to take back.
  v_entries uuid[] := CASE p.status WHEN 'returned' THEN ARRAY[p.entry_id]
                                    ELSE array_remove(ARRAY[p.entry_id, p.receipt_entry_id], NULL) END;
  v_entry record;
BEGIN
  IF app.context('correcting') IS NULL AND EXISTS (
      SELECT FROM fund.line_match m JOIN fund.line l ON l.organisation_id = m.organisation_id AND l.id = m.line_id
       WHERE l.organisation_id = p.organisation_id AND l.entry_id = ANY (v_entries) AND m.cancelled_at IS NULL) THEN
    PERFORM app.fail('contribution.matched', '');
  END IF;
  FOR v_entry IN
    SELECT e.id, e.date FROM fund.entry e
     WHERE e.organisation_id = p.organisation_id AND e.id = ANY (v_entries) ORDER BY e.date DESC, e.recorded_at DESC
  LOOP
    PERFORM fund.reverse_entry(v_entry.id, coalesce(p_date, fund.accounting_date(v_entry.date)), p_reason, app.uuid7(),
                               p_pointer || '/date');
  END LOOP;
END $fn$;
COMMENT ON FUNCTION fund.contribution_reverse(fund.contribution, date, text, text) IS
  'Reverses the entries of a contribution, each at p_date, or else at its own date while that period is open and today '
  'after. Refused while one of its lines is matched with the bank (contribution.matched).';

CREATE FUNCTION fund.contribution_cancel(p_contribution uuid, p_date date, p_reason text,
                                         p_pointer text DEFAULT '') RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{recorded,awaited,returned}');
BEGIN
  IF v.status = 'returned' AND v.receipt_entry_id IS NULL THEN
    PERFORM app.fail('contribution.returned', '');
  END IF;
  PERFORM set_config('app.reason', btrim(p_reason), true);
  PERFORM fund.contribution_reverse(v, p_date, p_reason, p_pointer);
  UPDATE fund.contribution SET status = 'cancelled', reason = btrim(p_reason)
   WHERE organisation_id = v.organisation_id AND id = v.id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_cancel(uuid, date, text, text) IS
  'Cancels a contribution and reverses its entries (also for the bank: cancel the match first, then this). p_date null: '
  'see fund.contribution_reverse.';

CREATE FUNCTION fund.contribution_return_lines(p_contribution uuid, p_on date) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{recorded}');
  v_rule reference.nature := fund.nature_rule(v.nature, v.giver_legal_form, fund.year_start(p_on));
  v_account text;
BEGIN
  -- Debit what the receipt credited: the claim, or the income where the chart of the return's year still has it.
  SELECT a.number INTO STRICT v_account FROM fund.line l
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE l.organisation_id = v.organisation_id AND l.entry_id = coalesce(v.receipt_entry_id, v.entry_id) AND l.amount < 0;
  IF v.receipt_entry_id IS NULL AND v_account NOT IN (v_rule.account, coalesce(v_rule.counterpart_account, '')) THEN
    v_account := v_rule.account;
  END IF;
  RETURN jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('account', v_account, 'amount', v.amount,
    'fund_id', v.fund_id, 'project_id', v.project_id, 'member_id', v.member_id)));
END $fn$;
COMMENT ON FUNCTION fund.contribution_return_lines(uuid, date) IS
  'The debit lines of the entry that books a returned payment (unpaid cheque, rejected debit) at that date, as '
  'fund.post_entry takes them; the bank line adds its credit of the same amount on 512. Then call fund.contribution_return.';

CREATE FUNCTION fund.contribution_return(p_contribution uuid, p_entry uuid, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{recorded}');
BEGIN
  PERFORM set_config('app.reason', btrim(p_reason), true);
  UPDATE fund.contribution SET status = 'returned', return_entry_id = p_entry, reason = btrim(p_reason)
   WHERE organisation_id = v.organisation_id AND id = v.id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_return(uuid, uuid, text) IS
  'The bank took the payment back: p_entry (posted by the caller from fund.contribution_return_lines) is linked, the '
  'contribution is returned and its giver owes again. The claim of a signed agreement stands again in the ledger.';

CREATE FUNCTION fund.contribution_return_undo(p_contribution uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.contribution := fund.contribution_get(p_contribution, '{returned}');
BEGIN
  UPDATE fund.contribution SET status = 'recorded', return_entry_id = NULL, reason = NULL
   WHERE organisation_id = v.organisation_id AND id = v.id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_return_undo(uuid) IS
  'The match that said "returned" is undone: the contribution is recorded again. The caller reverses the return''s entry.';

CREATE FUNCTION fund.contribution_body(p fund.contribution) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT jsonb_strip_nulls(to_jsonb(p) - '{organisation_id,id,donor_name,donor_legal_form,giver_legal_form,status,entry_id,receipt_entry_id,
           return_entry_id,corrects_id,corrected_by_id,reason,recorded_at,recorded_by}'::text[]
         || jsonb_build_object('donor', CASE WHEN p.donor_name IS NOT NULL THEN
              jsonb_build_object('name', p.donor_name, 'legal_form', p.donor_legal_form) END))
$fn$;
COMMENT ON FUNCTION fund.contribution_body(fund.contribution) IS 'The body that would record this contribution again.';

CREATE FUNCTION fund.contribution_changed_body(p fund.contribution, p_changes jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_body jsonb := fund.contribution_body(p);
  v_changes jsonb := p_changes - 'reason';
  v_default text := (SELECT n.default_fund FROM reference.nature n WHERE n.nature = p.nature LIMIT 1);
BEGIN
  IF v_changes ->> 'member_id' IS NOT NULL AND NOT v_changes ? 'donor' THEN
    v_body := v_body - 'donor';
  ELSIF v_changes ->> 'donor' IS NOT NULL AND NOT v_changes ? 'member_id' THEN
    v_body := v_body - 'member_id';
  END IF;
  IF v_changes ? 'nature' AND NOT v_changes ? 'fund_id' AND p.fund_id = fund.default_fund(v_default) THEN
    v_body := v_body - 'fund_id';
  END IF;
  IF v_changes ->> 'nature' <> 'repayable' THEN
    v_body := v_body - '{repayable_on,legal_basis,accountant_note}'::text[];
  END IF;
  RETURN jsonb_strip_nulls(v_body || v_changes);
END $fn$;
COMMENT ON FUNCTION fund.contribution_changed_body(fund.contribution, jsonb) IS
  'A contribution with the changed fields of its correction: the other kind of giver goes, terms of a debt go with the '
  'nature, and a fund that was the default follows a new nature.';

CREATE FUNCTION fund.contribution_correct(p_contribution uuid, p_changes jsonb, p_new_id uuid,
                                          p_cash_account text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v_old fund.contribution := fund.contribution_get(p_contribution, '{recorded,awaited}');
  v_reason text := btrim(p_changes ->> 'reason');
  v_new fund.contribution;
  v_cash text;
  v_matched boolean;
  v_signature_on date;
  v_receipt_on date;
BEGIN
  v_new := fund.contribution_from(fund.contribution_changed_body(v_old, p_changes));
  IF v_new.member_id = v_old.member_id THEN
    v_new.giver_legal_form := v_old.giver_legal_form;
  END IF;
  SELECT a.number INTO v_cash FROM fund.line l
    JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id
   WHERE l.organisation_id = v_old.organisation_id AND l.entry_id = coalesce(v_old.receipt_entry_id, v_old.entry_id)
     AND l.amount > 0 AND a.number LIKE '5%';
  IF fund.contribution_body(v_new) = fund.contribution_body(v_old) AND coalesce(p_cash_account, v_cash) IS NOT DISTINCT FROM v_cash THEN
    PERFORM app.fail('contribution.nothing_changed', '');
  END IF;
  -- Money that came the same way is still where it came.
  v_matched := fund.match_holds(v_old, v_new, coalesce(p_cash_account, v_cash) IS NOT DISTINCT FROM v_cash);
  v_cash := coalesce(p_cash_account, CASE WHEN v_new.means = v_old.means THEN v_cash END);
  PERFORM set_config('app.reason', v_reason, true);
  PERFORM set_config('app.correcting', CASE WHEN v_matched THEN 'true' ELSE '' END, true);
  PERFORM fund.contribution_reverse(v_old, NULL, v_reason, '');
  v_signature_on := CASE WHEN v_new.agreement_signed_on IS NOT NULL THEN fund.accounting_date(v_new.agreement_signed_on) END;
  v_receipt_on := CASE WHEN v_new.received_on IS NOT NULL THEN fund.accounting_date(v_new.received_on) END;
  PERFORM app.fail_all(fund.contribution_faults(v_new, '', v_signature_on, v_receipt_on));
  UPDATE fund.contribution SET status = 'corrected', reason = v_reason, corrected_by_id = p_new_id
   WHERE organisation_id = v_old.organisation_id AND id = v_old.id;
  PERFORM fund.contribution_write(v_new, p_new_id, v_old.id,
                                  fund.contribution_scheme(v_new, v_cash, v_signature_on, v_receipt_on), '');
  IF v_matched THEN
    PERFORM set_config('app.correcting', '', true), fund.match_follow(v_old, p_new_id);
  END IF;
  RETURN p_new_id;
END $fn$;
COMMENT ON FUNCTION fund.contribution_correct(uuid, jsonb, uuid, text) IS
  'Corrects a contribution in one act: reversal of its entries, and a new contribution with its entries, linked both '
  'ways. p_changes: {"reason", changed fields as in POST contributions; null takes one away}. What can no longer be '
  'posted at its own date is posted today. p_cash_account: where the money is now said to be, as in fund.contribution_scheme.';

-- ---------------------------------------------------------------------------------------------------------------
-- In kind
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.in_kind_accounts(p_kind text, OUT debit text, OUT credit text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT a.debit, a.credit FROM (VALUES ('volunteer_time', '864', '875'), ('goods', '860', '870'),
                                        ('premises', '861', '871'), ('services', '862', '871')) AS a (kind, debit, credit)
   WHERE a.kind = p_kind
$fn$;
COMMENT ON FUNCTION fund.in_kind_accounts(text) IS
  'Accounts of classes 86 and 87 (ANC 2018-06 art. 211-1 to 211-4); the same in both vintages of the chart.';

CREATE FUNCTION fund.in_kind_faults(p fund.in_kind_contribution, p_hours text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_faults jsonb := '[]';
BEGIN
  IF p.member_id IS NULL AND p.donor_name IS NULL THEN
    v_faults := v_faults || app.fault('contribution.giver_missing', '/member_id');
  ELSIF p.member_id IS NOT NULL AND p.donor_name IS NOT NULL THEN
    v_faults := v_faults || app.fault('contribution.giver_twice', '/donor');
  ELSIF p.member_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM fund.member m WHERE m.organisation_id = p.organisation_id AND m.id = p.member_id) THEN
    RETURN jsonb_build_array(app.fault('not_found', '/member_id'));
  END IF;
  IF p.project_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM fund.project j WHERE j.organisation_id = p.organisation_id AND j.id = p.project_id) THEN
    v_faults := v_faults || app.fault('not_found', '/project_id');
  END IF;
  IF p.given_on > fund.today() THEN
    v_faults := v_faults || app.fault('contribution.future', '/given_on', 'date:' || fund.today()::text);
  ELSE
    v_faults := v_faults || coalesce(fund.period_fault(p.given_on, '/given_on'), '[]');
  END IF;
  IF p_hours IS NOT NULL AND p.kind <> 'volunteer_time' THEN
    v_faults := v_faults || app.fault('in_kind.hours_of_people', '/hours');
  ELSIF p_hours !~ '^[0-9]{1,6}(\.[0-9]{1,2})?$' OR p_hours ~ '^[0.]+$' THEN
    v_faults := v_faults || app.fault('in_kind.hours', '/hours');
  END IF;
  RETURN v_faults;
END $fn$;
COMMENT ON FUNCTION fund.in_kind_faults(fund.in_kind_contribution, text) IS
  'Everything that speaks against recording what was given in kind; the hours as they were written.';

CREATE FUNCTION fund.in_kind_record(p_id uuid, p_body jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.in_kind_contribution;
  v_accounts record;
  v_label text;
  v_axes jsonb;
BEGIN
  v := jsonb_populate_record(NULL::fund.in_kind_contribution,
    p_body - '{id,hours,donor_name,donor_legal_form,status,entry_id,reason,recorded_at,recorded_by}'::text[]);
  v.organisation_id := fund.current_organisation();
  v.donor_name := p_body -> 'donor' ->> 'name';
  v.donor_legal_form := p_body -> 'donor' ->> 'legal_form';
  PERFORM app.fail_all(fund.in_kind_faults(v, p_body ->> 'hours'));
  v.id := p_id;
  v.hours := (p_body ->> 'hours')::numeric;
  v.status := 'recorded';
  v.entry_id := app.uuid7();
  v.recorded_at := app.recorded_at();
  v.recorded_by := app.actor();
  SELECT * INTO STRICT v_accounts FROM fund.in_kind_accounts(v.kind);
  SELECT upper(left(w.text, 1)) || substr(w.text, 2) INTO STRICT v_label
    FROM (SELECT CASE WHEN o.language = 'fr' THEN r.fr ELSE r.en END AS text FROM fund.organisation o, reference.word r
           WHERE o.id = v.organisation_id AND r.kind = 'in_kind' AND r.code = v.kind) w;
  -- The general fund: what is given in kind is no money of any fund.
  v_axes := jsonb_strip_nulls(jsonb_build_object('fund_id', fund.default_fund('general'), 'project_id', v.project_id,
                                                 'member_id', v.member_id));
  PERFORM fund.post_entry(v.entry_id, 'OD', v.given_on, coalesce(v.label, v_label), 'in_kind', p_id, jsonb_build_array(
    v_axes || jsonb_build_object('account', v_accounts.debit, 'amount', v.value),
    v_axes || jsonb_build_object('account', v_accounts.credit, 'amount', -v.value)), p_date_pointer => '/given_on');
  INSERT INTO fund.in_kind_contribution SELECT v.*;
  RETURN p_id;
END $fn$;
COMMENT ON FUNCTION fund.in_kind_record(uuid, jsonb) IS
  'Records what was given in kind (body of POST in-kind-contributions, value in minor units) and posts 86x/87x.';

-- ---------------------------------------------------------------------------------------------------------------
-- Writing members
-- ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION fund.member_changed(p fund.member, p_body jsonb) RETURNS fund.member
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v fund.member;
BEGIN
  v := jsonb_populate_record(p, p_body - '{organisation_id,id,number,name_folded,email_folded,version,created_at}'::text[]);
  v.country := upper(coalesce(v.country, 'FR'));
  IF p_body ->> 'siret' IS NOT NULL AND NOT p_body ? 'siren' THEN
    v.siren := left(v.siret, 9);
  END IF;
  RETURN v;
END $fn$;
COMMENT ON FUNCTION fund.member_changed(fund.member, jsonb) IS
  'A member (a null one for a new member) with the fields of a body: a key present is set, null clears. A SIRET brings its SIREN.';

CREATE FUNCTION fund.member_changes(p_old fund.member, p_new fund.member) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT coalesce(jsonb_agg(jsonb_build_object('field', n.key, 'before', o.value, 'after', n.value) ORDER BY n.position), '[]')
    FROM json_each_text(row_to_json(p_new)) WITH ORDINALITY AS n (key, value, position)
    LEFT JOIN json_each_text(row_to_json(p_old)) AS o (key, value) ON o.key = n.key
   WHERE n.key <> ALL ('{organisation_id,id,number,name_folded,email_folded,version,created_at}') AND n.value IS DISTINCT FROM o.value
$fn$;
COMMENT ON FUNCTION fund.member_changes(fund.member, fund.member) IS
  'What differs between two states of a member: [{"field", "before", "after"}], in the order of the columns.';

CREATE FUNCTION fund.member_insert(p_body jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.member := fund.member_changed(NULL, p_body);
BEGIN
  PERFORM app.fail_all(fund.member_faults(v));
  v.id := app.uuid7();
  INSERT INTO fund.member (organisation_id, id, number, name, legal_form, siret, siren, rna, email, phone, street,
                           postal_code, city, country, iban, account_holder, contact_name, contact_role, joined_on,
                           left_on, notes, created_at)
  VALUES (fund.current_organisation(), v.id, fund.next_serial('member'), v.name, v.legal_form, v.siret, v.siren, v.rna,
          v.email, v.phone, v.street, v.postal_code, v.city, v.country, v.iban, v.account_holder, v.contact_name,
          v.contact_role, v.joined_on, v.left_on, v.notes, app.recorded_at());
  RETURN v.id;
END $fn$;
COMMENT ON FUNCTION fund.member_insert(jsonb) IS 'Makes a member from the body of POST members; needs the organisation''s lock.';

CREATE FUNCTION fund.member_change(p_old fund.member, p_body jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $fn$
DECLARE
  v fund.member := fund.member_changed(p_old, p_body);
BEGIN
  IF fund.member_changes(p_old, v) = '[]' THEN
    RETURN;
  END IF;
  PERFORM app.fail_all(fund.member_faults(v));
  UPDATE fund.member m
     SET name = v.name, legal_form = v.legal_form, siret = v.siret, siren = v.siren, rna = v.rna, email = v.email,
         phone = v.phone, street = v.street, postal_code = v.postal_code, city = v.city, country = v.country,
         iban = v.iban, account_holder = v.account_holder, contact_name = v.contact_name, contact_role = v.contact_role,
         joined_on = v.joined_on, left_on = v.left_on, notes = v.notes, version = m.version + 1
   WHERE m.organisation_id = fund.current_organisation() AND m.id = p_old.id;
END $fn$;
COMMENT ON FUNCTION fund.member_change(fund.member, jsonb) IS
  'Changes a member by the body of PATCH members; nothing happens when nothing differs. Needs the organisation''s lock.';

CREATE FUNCTION fund.member_identify(p_siret text, p_rna text, p_iban text, p_email text, p_folded text,
                                     OUT member_id uuid, OUT identified_by text)
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  v_organisation uuid := fund.current_organisation();
BEGIN
  -- From the surest to the weakest. A weaker sign never joins two that a surer one tells apart.
  SELECT m.id, 'siret' INTO member_id, identified_by FROM fund.member m
   WHERE m.organisation_id = v_organisation AND m.siret = p_siret
   ORDER BY m.left_on DESC NULLS FIRST, m.number DESC LIMIT 1;
  IF FOUND THEN RETURN; END IF;
  SELECT m.id, 'rna' INTO member_id, identified_by FROM fund.member m
   WHERE m.organisation_id = v_organisation AND m.rna = p_rna AND coalesce(m.siret = p_siret, true)
   ORDER BY m.left_on DESC NULLS FIRST, m.number DESC LIMIT 1;
  IF FOUND THEN RETURN; END IF;
  SELECT m.id, 'iban' INTO member_id, identified_by FROM fund.member m
   WHERE m.organisation_id = v_organisation AND m.iban = p_iban AND coalesce(m.siret = p_siret, true)
     AND coalesce(m.rna = p_rna, true)
   ORDER BY m.left_on DESC NULLS FIRST, m.number DESC LIMIT 1;
  IF FOUND THEN RETURN; END IF;
  SELECT (array_agg(m.id))[1], 'email' INTO member_id, identified_by FROM fund.member m
   WHERE m.organisation_id = v_organisation AND m.email_folded = p_email AND m.left_on IS NULL
     AND coalesce(m.siret = p_siret, true) AND coalesce(m.rna = p_rna, true)
  HAVING count(*) = 1;
  IF FOUND THEN RETURN; END IF;
  SELECT (array_agg(m.id))[1], 'name' INTO member_id, identified_by FROM fund.member m
   WHERE m.organisation_id = v_organisation AND m.name_folded = p_folded AND p_folded <> '' AND m.left_on IS NULL
     AND coalesce(m.siret = p_siret, true) AND coalesce(m.rna = p_rna, true)
  HAVING count(*) = 1;
END $fn$;
COMMENT ON FUNCTION fund.member_identify(text, text, text, text, text) IS
  'Which member a line of a file speaks of: by SIRET, else RNA, else IBAN, else e-mail, else folded name; nobody where a '
  'surer identifier differs or (e-mail, name) several fit. Current members first.';

CREATE FUNCTION fund.member_import_lines(p_lines jsonb)
RETURNS TABLE (place bigint, line integer, body jsonb, refused boolean, member_id uuid, identified_by text,
               faults jsonb)
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
  RETURN QUERY
    WITH read AS (
      SELECT l.position, (l.line->>'line')::integer AS line, l.line->'member' AS body,
             coalesce((l.line->>'refused')::boolean, false) AS refused,
             l.line->'member'->>'siret' AS siret, l.line->'member'->>'rna' AS rna, l.line->'member'->>'iban' AS iban,
             lower(l.line->'member'->>'email') AS email, fund.fold(l.line->'member'->>'name') AS folded
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS l (line, position)
    ), known AS (
      SELECT r.*, k.member_id, k.identified_by
        FROM (SELECT r0.*, r0.email IS NOT NULL AND count(*) OVER (PARTITION BY r0.email) = 1 AS email_alone FROM read r0) r
       CROSS JOIN LATERAL fund.member_identify(r.siret, r.rna, r.iban, CASE WHEN r.email_alone THEN r.email END, r.folded) k
    ), compared AS (
      -- The first line of the file that has the same sign: sorted, not joined, so that a long file stays quick.
      SELECT k.*,
             CASE WHEN k.siret IS NOT NULL THEN min(k.line) OVER (PARTITION BY k.siret) END AS siret_line,
             CASE WHEN k.rna IS NOT NULL THEN min(k.line) OVER (PARTITION BY k.rna) END AS rna_line,
             CASE WHEN k.iban IS NOT NULL THEN min(k.line) OVER (PARTITION BY k.iban) END AS iban_line,
             CASE WHEN k.member_id IS NOT NULL THEN min(k.line) OVER (PARTITION BY k.member_id) END AS member_line,
             k.folded <> '' AND count(*) OVER (PARTITION BY k.folded) > 1 AS shares_name
        FROM known k
    )
    SELECT k.position, k.line, k.body, k.refused, k.member_id, k.identified_by,
           CASE WHEN k.siret_line < k.line THEN jsonb_build_array(app.fault('member_import.twice', '/siret', k.siret_line::text))
                WHEN k.rna_line < k.line THEN jsonb_build_array(app.fault('member_import.twice', '/rna', k.rna_line::text))
                WHEN k.iban_line < k.line THEN jsonb_build_array(app.fault('member_import.twice', '/iban', k.iban_line::text))
                WHEN n.line IS NOT NULL THEN jsonb_build_array(app.fault('member_import.twice', '/name', n.line::text))
                WHEN k.member_line < k.line THEN
                  jsonb_build_array(app.fault('member_import.twice', '/' || k.identified_by, k.member_line::text))
                ELSE '[]' END
      FROM compared k
      LEFT JOIN LATERAL (
        SELECT min(o.line) AS line FROM compared o
         WHERE k.shares_name AND o.shares_name AND o.folded = k.folded AND o.position < k.position
           AND coalesce(o.siret = k.siret, true) AND coalesce(o.rna = k.rna, true)
           AND coalesce(o.member_id = k.member_id, true)) n ON true
     ORDER BY k.position;
END $fn$;
COMMENT ON FUNCTION fund.member_import_lines(jsonb) IS
  'The lines of a member file, each with the member it is about (fund.member_identify); a line about the same one as a line '
  'above it has a fault that names that line. An e-mail address that stands on several lines of the file identifies nobody.';

-- The role member stands for a structure of its own organisation: of people's roles and of access keys alike.
ALTER TABLE app.membership ADD CONSTRAINT membership_member_fkey
  FOREIGN KEY (organisation_id, member_id) REFERENCES fund.member (organisation_id, id);
ALTER TABLE app.token ADD CONSTRAINT token_member_fkey
  FOREIGN KEY (organisation_id, member_id) REFERENCES fund.member (organisation_id, id);
