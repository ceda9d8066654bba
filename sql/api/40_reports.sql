-- Reports for the board: what each fund holds, and what waits to be done. What a fund can promise is computed from these
-- figures by src/domain/position.c; nothing here subtracts.

CREATE FUNCTION api.position_frame(p_as_of date, p_known_at timestamptz, p_fund_id uuid,
                                   OUT as_of date, OUT known_at timestamptz, OUT organisation_name text,
                                   OUT currency text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  as_of := coalesce(p_as_of, fund.today());
  known_at := api.known_at(p_known_at);
  IF p_fund_id IS NOT NULL AND NOT EXISTS (SELECT FROM fund.fund f WHERE f.organisation_id = fund.current_organisation()
                                             AND f.id = p_fund_id) THEN
    PERFORM app.fail('not_found', '?fund_id');
  END IF;
  SELECT o.name, o.currency INTO organisation_name, currency FROM fund.organisation o
   WHERE o.id = fund.current_organisation();
END $fn$;
COMMENT ON FUNCTION api.position_frame(date, timestamptz, uuid) IS
  'The day and the instant a position is asked for (today and now unless said; never later than what was recorded), and '
  'whose it is. Problem: not_found for a fund that is not there.';

CREATE FUNCTION api.position_lines(p_as_of date, p_known_at timestamptz)
RETURNS TABLE (fund_id uuid, date date, account text, owed_to text, amount bigint, matched boolean, match_id uuid,
               opening boolean, entry_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT l.fund_id, l.date, a.number,
         -- A contribution still awaited is a claim, no money: it makes nothing smaller that is held for somebody.
         CASE WHEN a.number NOT LIKE '51%' THEN
           concat_ws('/', l.member_id, CASE WHEN a.number LIKE '467%' AND e.source_kind = 'contribution' THEN e.source_id END)
         END,
         l.amount, m.match_id IS NOT NULL, m.match_id, m.opening, l.entry_id
    FROM fund.account a
    JOIN fund.line l ON l.organisation_id = a.organisation_id AND l.account_id = a.id
    JOIN fund.entry e ON e.organisation_id = l.organisation_id AND e.id = l.entry_id
    LEFT JOIN (
      SELECT x.line_id, x.match_id, h.statement_id IS NOT NULL AS opening
        FROM fund.line_match x
        JOIN fund.match h ON h.organisation_id = x.organisation_id AND h.id = x.match_id
       WHERE x.organisation_id = (SELECT fund.current_organisation()) AND x.matched_at <= p_known_at
         AND (x.cancelled_at IS NULL OR x.cancelled_at > p_known_at)) m ON m.line_id = l.id AND a.number LIKE '512%'
   WHERE a.organisation_id = (SELECT fund.current_organisation())
     AND a.number ~ '^(51[127]|53|467|468|471|1681)'
     AND l.date <= p_as_of AND e.recorded_at <= p_known_at;
END;
COMMENT ON FUNCTION api.position_lines(date, timestamptz) IS
  'Validated lines that a position is made of: money and what is held for others, dated up to a day, as known at an '
  'instant. owed_to: who or what a balance is kept for apart; matched: a bank account''s line that a match with the bank '
  'covered then, opening: as there before the books began. In SQL, so that it becomes part of the statement that sums.';

CREATE FUNCTION api.fund_position(p_as_of date, p_known_at timestamptz)
RETURNS TABLE (fund_id uuid, name text, kind text, held bigint, held_for_others bigint, promised bigint, reserved bigint,
               floor bigint, cheques bigint, platforms bigint, cash bigint, unmatched bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  WITH line AS (SELECT * FROM api.position_lines(p_as_of, p_known_at)),
  money AS (
    SELECT l.fund_id,
           sum(l.amount) FILTER (WHERE l.account LIKE '512%' AND l.matched) AS held,
           sum(l.amount) FILTER (WHERE l.account LIKE '512%' AND NOT l.matched) AS unmatched,
           sum(l.amount) FILTER (WHERE l.account LIKE '511%') AS cheques,
           sum(l.amount) FILTER (WHERE l.account LIKE '517%') AS platforms,
           sum(l.amount) FILTER (WHERE l.account LIKE '53%') AS cash
      FROM line l GROUP BY l.fund_id),
  -- What is owed to one is not paid with what another owes us: no netting between third parties (nor between accounts).
  other AS (
    SELECT o.fund_id, sum(greatest(0, -o.balance)) AS held
      FROM (SELECT l.fund_id, l.account, l.owed_to, sum(l.amount) AS balance FROM line l
             WHERE l.account ~ '^(467|468|471|1681)' GROUP BY l.fund_id, l.account, l.owed_to) o
     GROUP BY o.fund_id)
  SELECT f.id, s.name, s.kind, coalesce(m.held, 0)::bigint, coalesce(o.held, 0)::bigint, 0::bigint, 0::bigint, s.floor,
         coalesce(m.cheques, 0)::bigint, coalesce(m.platforms, 0)::bigint, coalesce(m.cash, 0)::bigint,
         coalesce(m.unmatched, 0)::bigint
    FROM fund.fund f
   CROSS JOIN LATERAL (SELECT x.name, x.kind, x.floor FROM fund.fund_setting x
                        WHERE x.organisation_id = f.organisation_id AND x.fund_id = f.id AND x.recorded_at <= p_known_at
                        ORDER BY x.recorded_at DESC, x.id DESC LIMIT 1) s
    LEFT JOIN money m ON m.fund_id = f.id
    LEFT JOIN other o ON o.fund_id = f.id
   WHERE f.organisation_id = fund.current_organisation()
   ORDER BY array_position(ARRAY['solidarity', 'general', 'designated', 'restricted'], s.kind), f.created_at, f.id
$fn$;
COMMENT ON FUNCTION api.fund_position(date, timestamptz) IS
  'Each fund as known at an instant: held (bank lines of the books that the bank confirmed), held_for_others (credit '
  'balances on 467, 468, 471 by third party, and on 1681: money that must be given back), floor, and what stands beside '
  'and never counts. promised is 0 until aid exists, reserved until awards exist.';

CREATE FUNCTION api.fund_months(p_as_of date, p_known_at timestamptz, p_fund_id uuid)
RETURNS TABLE (month date, ends_on date, money_in bigint, money_out bigint, held bigint, held_for_others bigint,
               promised bigint, reserved bigint, floor bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  WITH months AS (
    SELECT m::date AS month, least((m + interval '1 month - 1 day')::date, p_as_of) AS ends_on
      FROM generate_series(date_trunc('month', p_as_of) - interval '11 months', date_trunc('month', p_as_of),
                           interval '1 month') m),
  wanted AS (
    SELECT f.id AS fund_id, s.floor FROM fund.fund f
     CROSS JOIN LATERAL (SELECT x.kind, x.floor FROM fund.fund_setting x
                          WHERE x.organisation_id = f.organisation_id AND x.fund_id = f.id AND x.recorded_at <= p_known_at
                          ORDER BY x.recorded_at DESC, x.id DESC LIMIT 1) s
     WHERE f.organisation_id = fund.current_organisation()
       AND CASE WHEN p_fund_id IS NULL THEN s.kind = 'solidarity' ELSE f.id = p_fund_id END),
  -- In the first of the months that it counts at the end of: what is older, at the end of the first.
  line AS MATERIALIZED (
    SELECT l.*, greatest(date_trunc('month', l.date)::date, (SELECT min(m.month) FROM months m)) AS month
      FROM api.position_lines(p_as_of, p_known_at) l WHERE l.fund_id IN (SELECT w.fund_id FROM wanted w)),
  -- By match: what a correction takes back and writes again is no movement of the bank.
  flow AS (
    SELECT l.month, sum(l.amount) AS amount FROM line l
     WHERE l.matched AND l.date >= l.month AND NOT l.opening AND NOT EXISTS (
             SELECT FROM fund.line o JOIN fund.account b ON b.organisation_id = o.organisation_id AND b.id = o.account_id
              WHERE o.organisation_id = fund.current_organisation() AND o.entry_id = l.entry_id AND b.number LIKE '58%')
     GROUP BY l.month, l.fund_id, l.match_id),
  held AS (SELECT l.month, sum(l.amount) AS amount FROM line l WHERE l.matched GROUP BY l.month),
  owed AS (SELECT l.month, l.fund_id, l.account, l.owed_to, sum(l.amount) AS amount FROM line l
            WHERE l.account ~ '^(467|468|471|1681)' GROUP BY 1, 2, 3, 4)
  SELECT m.month, m.ends_on,
         coalesce((SELECT sum(w.amount) FROM flow w WHERE w.month = m.month AND w.amount > 0), 0)::bigint,
         coalesce((SELECT -sum(w.amount) FROM flow w WHERE w.month = m.month AND w.amount < 0), 0)::bigint,
         coalesce((SELECT sum(h.amount) FROM held h WHERE h.month <= m.month), 0)::bigint,
         coalesce((SELECT sum(greatest(0, -o.balance)) FROM (
                     SELECT sum(w.amount) AS balance FROM owed w WHERE w.month <= m.month
                      GROUP BY w.fund_id, w.account, w.owed_to) o), 0)::bigint,
         0::bigint, 0::bigint, coalesce((SELECT sum(w.floor) FROM wanted w), 0)::bigint
    FROM months m ORDER BY m.month
$fn$;
COMMENT ON FUNCTION api.fund_months(date, timestamptz, uuid) IS
  'Twelve months up to a day, of one fund or of all solidarity funds: money in and out at the bank (transfers between own '
  'accounts left out) and the layers at each month''s end, as known at an instant; the floor is the one known then.';

CREATE FUNCTION api.to_do()
RETURNS TABLE (kind text, count integer, amount bigint, oldest_on date)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT 'unmatched_transactions', count(*)::integer, coalesce(sum(t.amount), 0)::bigint, min(t.booked_on)
    FROM fund.bank_transaction t
    JOIN fund.organisation o ON o.id = t.organisation_id AND o.currency = t.currency
   WHERE t.organisation_id = fund.current_organisation() AND t.amount <> 0
     AND NOT EXISTS (SELECT FROM fund.match_transaction m WHERE m.organisation_id = t.organisation_id
                        AND m.bank_transaction_id = t.id AND m.cancelled_at IS NULL)
  UNION ALL
  SELECT 'unconfirmed_accounts', count(*)::integer, NULL, min(a.created_at)::date
    FROM fund.bank_account a JOIN fund.organisation o ON o.id = a.organisation_id AND o.currency = a.currency
   WHERE a.organisation_id = fund.current_organisation() AND a.confirmed_at IS NULL
  UNION ALL
  SELECT 'unknown', count(*)::integer, coalesce(sum(u.amount), 0)::bigint, min(u.date) FROM api.bank_unknown u
  UNION ALL
  SELECT 'drafts', count(*)::integer, NULL, min(d.date) FROM fund.draft d
   WHERE d.organisation_id = fund.current_organisation()
  UNION ALL
  SELECT 'awaited_contributions', count(*)::integer, coalesce(sum(c.amount), 0)::bigint, min(c.agreement_signed_on)
    FROM fund.contribution c WHERE c.organisation_id = fund.current_organisation() AND c.status = 'awaited'
  UNION ALL
  SELECT 'undeposited_cheques', count(*)::integer, coalesce(sum(w.amount), 0)::bigint, min(w.date)
    FROM api.waiting_line w
   WHERE w.organisation_id = fund.current_organisation() AND w.account LIKE '511%' AND w.amount > 0
  UNION ALL
  SELECT 'statement_gaps', coalesce(sum(jsonb_array_length(b.gaps)), 0)::integer, NULL,
         min((SELECT min((g ->> 'from_on')::date) FROM jsonb_array_elements(b.gaps) g))
    FROM api.bank_account_list(NULL) b
$fn$;
COMMENT ON FUNCTION api.to_do() IS
  'What waits for the treasurer, by kind: how many, how much, since when. A kind with nothing to do has count 0.';

CREATE FUNCTION api.bank_agreement(OUT agrees boolean, OUT difference bigint, OUT balance_on date)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT coalesce(bool_and(b.balance = l.balance), true), coalesce(sum(b.balance - l.balance), 0)::bigint,
         min(b.balance_on)
    FROM fund.bank_account a
    JOIN fund.organisation o ON o.id = a.organisation_id AND o.currency = a.currency
   CROSS JOIN LATERAL api.bank_balance_on(a.id, NULL) b
   CROSS JOIN LATERAL (SELECT api.ledger_balance_on(a.account_number, b.balance_on) AS balance) l
   WHERE a.organisation_id = fund.current_organisation() AND a.account_number IS NOT NULL AND b.balance_on IS NOT NULL
$fn$;
COMMENT ON FUNCTION api.bank_agreement() IS
  'Do bank and books agree on every confirmed account, each at its last statement? The sum of what the bank has more, and '
  'the earliest of those days (null: no statement yet).';
