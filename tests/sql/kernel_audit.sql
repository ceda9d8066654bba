-- The audit log: events by trigger, values apart, commitments, append-only, erasure, reads.
BEGIN;
SELECT plan(45);
\ir fixtures.psql

SET ROLE grenier_server;
SELECT gen_random_uuid() AS request \gset
SELECT pg_temp.enter(:'a', 'user:' || :'anna', p_if_match => '1', p_request => :'request', p_route => 'PATCH /api/v1/organisations/{organisation}');
SELECT version FROM api.organisation_update('{}', '{"name": "Réseau d’Apt", "city": "Apt"}') \gset
SELECT max(number) AS event FROM api.audit_event WHERE request_id = :'request' \gset

SELECT results_eq($$SELECT actor, actor_name, roles, action, subject_kind, route, columns, changes, reason FROM api.audit_event WHERE number = $$ || :'event',
  format($$VALUES ('user:%s', 'Anna Martin', '["treasurer"]'::jsonb, 'update', 'organisation', 'PATCH /api/v1/organisations/{organisation}',
    '["city", "name"]'::jsonb, '[{"column": "city", "before": null, "after": "Apt"}, {"column": "name", "before": "Réseau A", "after": "Réseau d’Apt"}]'::jsonb, NULL::text)$$, :'anna'),
  'an update is an event with the columns that changed');
SELECT is((SELECT subject_id FROM api.audit_event WHERE number = :event), :'a', 'its subject is the row');
SELECT is((SELECT at FROM api.audit_event WHERE number = :event), (SELECT last_recorded_at FROM fund.organisation), 'it happened at the recorded instant');
SELECT is((SELECT count(*) FROM api.audit_event WHERE request_id = :'request'), 1::bigint, 'the lock and the version are no event');
SELECT is((SELECT address FROM audit.event WHERE id = :event), '192.0.2.1', 'from where is kept');
SELECT is((SELECT id FROM api.audit_event WHERE number = :event), :'event', 'events are numbered, as text');

SELECT is((SELECT count(*) FROM audit.detail d WHERE event_id = :event AND octet_length(salt) = 32), 2::bigint, 'values are apart, with a salt each');
SELECT is((SELECT count(DISTINCT salt) FROM audit.detail), (SELECT count(*) FROM audit.detail), 'no salt twice');
SELECT is_empty($$
  SELECT e.id FROM audit.event e JOIN audit.detail d ON d.organisation_id = e.organisation_id AND d.event_id = e.id
  WHERE e.commitments ->> d.column_name IS DISTINCT FROM audit.commitment(d.salt, d.before, d.after)
$$, 'every commitment is that of its value');
SELECT is_empty($$
  SELECT e.id FROM audit.event e
  WHERE ARRAY(SELECT jsonb_object_keys(e.commitments) ORDER BY 1) <> ARRAY(SELECT d.column_name FROM audit.detail d WHERE d.event_id = e.id ORDER BY 1)
     OR (e.action <> 'read' AND to_jsonb(e.columns) <> (SELECT jsonb_agg(c -> 'column') FROM api.audit_event a, jsonb_array_elements(a.changes) c WHERE a.number = e.id))
$$, 'columns, commitments and values name the same columns');
RESET ROLE;

-- An oracle of our own for the encoding: salt, then 00 or 01 + 8 bytes of length + the bytes.
SELECT is(audit.commitment('\xaabb'::bytea, NULL, 'é'), encode(sha256('\xaabb00010000000000000002c3a9'::bytea), 'hex'), 'the encoding of a commitment');
SELECT isnt(audit.commitment('\x00'::bytea, 'ab', 'c'), audit.commitment('\x00'::bytea, 'a', 'bc'), 'values cannot be shifted');
SELECT isnt(audit.commitment('\x00'::bytea, '', 'a'), audit.commitment('\x00'::bytea, NULL, 'a'), 'nothing and empty text differ');

-- Trigger arguments, inserts, deletes --------------------------------------------------------------------------------

SET ROLE grenier_owner;
CREATE TABLE fund.shelf (organisation_id uuid NOT NULL, code text NOT NULL, colour text, secret text, size numeric, seen_at timestamptz,
                         PRIMARY KEY (organisation_id, code));
CREATE TRIGGER shelf_audit AFTER INSERT OR UPDATE OR DELETE ON fund.shelf FOR EACH ROW
  EXECUTE FUNCTION audit.record_change('subject:code', 'secret', 'seen_at', 'apart:colour');
SELECT pg_temp.enter(:'a', 'token:' || :'anna');
SELECT set_config('app.reason', 'inventaire', true);
INSERT INTO fund.shelf VALUES (:'a', 's1', NULL, 'x', 1.50, now());
SELECT results_eq($$SELECT action, subject_id, columns, changes, reason FROM api.audit_event WHERE subject_kind = 'shelf'$$,
  $$VALUES ('insert', 's1', '["code", "size"]'::jsonb, '[{"column": "code", "before": null, "after": "s1"}, {"column": "size", "before": null, "after": "1.50"}]'::jsonb, 'inventaire')$$,
  'an insert records the values that are there, the named subject and the reason');
UPDATE fund.shelf SET secret = 'y', seen_at = NULL;
SELECT is((SELECT count(*) FROM api.audit_event WHERE subject_kind = 'shelf'), 1::bigint, 'excluded columns make no event');
UPDATE fund.shelf SET size = 1.50, colour = NULL;
SELECT is((SELECT count(*) FROM api.audit_event WHERE subject_kind = 'shelf'), 1::bigint, 'an update without a change makes none either');
UPDATE fund.shelf SET size = NULL, colour = 'red';
SELECT results_eq($$SELECT changes FROM api.audit_event WHERE subject_kind = 'shelf' AND action = 'update'$$,
  $$VALUES ('[{"column": "colour", "before": null, "after": "red"}, {"column": "size", "before": "1.50", "after": null}]'::jsonb)$$, 'an update says before and after');
SELECT results_eq($$SELECT d.column_name, d.after::jsonb FROM audit.detail d JOIN audit.event e ON e.id = d.event_id WHERE e.subject_kind = 'shelf' AND e.action = 'insert'$$,
  $$VALUES ('*', '{"code": "s1", "size": 1.50}'::jsonb)$$, 'what came is one value');
DELETE FROM fund.shelf;
SELECT results_eq($$SELECT d.column_name, d.before, e.commitments ->> d.column_name = audit.commitment(d.salt, d.before, NULL) FROM audit.detail d
  JOIN audit.event e ON e.id = d.event_id WHERE e.subject_kind = 'shelf' AND e.action = 'delete' ORDER BY 1$$,
  $$VALUES ('*', '{"code": "s1"}', true), ('colour', 'red', true)$$, 'what stands apart is a value of its own');
SELECT results_eq($$SELECT columns FROM api.audit_event WHERE subject_kind = 'shelf' AND action = 'delete'$$,
  $$VALUES ('["code", "colour"]'::jsonb)$$, 'a delete says what was there');
SELECT pg_temp.enter(:'b');
SELECT throws_ok(format($$INSERT INTO fund.shelf VALUES (%L, 's2')$$, :'a'), '42501', NULL, 'a change outside the context''s organisation cannot be recorded, so it fails');
DROP TABLE fund.shelf;

-- Append-only ------------------------------------------------------------------------------------------------------

SELECT pg_temp.enter(:'a', 'cli:root');
SELECT is(pg_temp.problem(format(s, t)), split_part(t, '.', 2) || '_append_only', format(s, t) || ' is refused')
FROM unnest(ARRAY['audit.event', 'audit.detail', 'app.security_event', 'app.security_detail']) t,
     unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s CASCADE']) s;
SELECT is(pg_temp.problem('UPDATE audit.event SET reason = ''x'''), 'event_append_only', 'an event does not change');
SELECT is(pg_temp.problem('UPDATE audit.detail SET after = ''x'''), 'detail_append_only', 'a value does not change');
SELECT is(pg_temp.problem('UPDATE audit.event SET reason = ''x'' WHERE false'), 'event_append_only', 'not even where no row would');
RESET ROLE;
SELECT is(pg_temp.problem('DELETE FROM audit.event'), 'event_append_only', 'a superuser is refused too');

-- Erasure ----------------------------------------------------------------------------------------------------------

SET ROLE grenier_owner;
SELECT is(pg_temp.problem(format($$SELECT audit.erase('organisation', %L, NULL, ' ')$$, :'a')), 'reason.required /reason', 'an erasure has a reason');
SELECT commitments AS kept FROM audit.event WHERE id = :event \gset
SELECT is(audit.erase('organisation', :'a', '{name}', 'RGPD, art. 17'), 2::bigint, 'erasing removes the values of the subject''s column');
SELECT is((SELECT commitments FROM audit.event WHERE id = :event), :'kept'::jsonb, 'the commitments stay');
SELECT is((SELECT changes FROM api.audit_event WHERE number = :event), '[{"column": "city", "before": null, "after": "Apt"}]'::jsonb, 'the other values stay');
SELECT results_eq($$SELECT actor_name, subject_id, columns, changes, reason FROM api.audit_event WHERE action = 'erase'$$,
  format($$VALUES ('root', '%s', '["name"]'::jsonb, '[]'::jsonb, 'RGPD, art. 17')$$, :'a'), 'the erasure is an event of its own, without values');
SELECT is(audit.erase('organisation', :'b', NULL, 'x'), 0::bigint, 'another organisation''s values are out of reach');
RESET ROLE;
SET ROLE grenier_server;
SELECT throws_ok(format($$SELECT audit.erase('organisation', %L, NULL, 'x')$$, :'a'), '42501', NULL, 'the server erases nothing');

-- Reads and names --------------------------------------------------------------------------------------------------

SELECT pg_temp.enter(:'a', 'user:' || :'bea');
SELECT api.record_read('member', 'm1');
SELECT results_eq($$SELECT actor, actor_name, subject_kind, subject_id, columns, changes FROM api.audit_event WHERE action = 'read'$$,
  format($$VALUES ('user:%s', NULL::text, 'member', 'm1', '[]'::jsonb, '[]'::jsonb)$$, :'bea'), 'a sensitive read is an event; a stranger has no name here');
SELECT is(api.actor_name('cli:jeanne'), 'jeanne', 'the operator is named by the account');
SELECT is(api.actor_name('system'), NULL, 'the system has no name');
SELECT pg_temp.enter(:'b');
SELECT is(api.actor_name('user:' || :'anna'), NULL, 'a person of another organisation is not named');

RESET ROLE;
SELECT is_empty($$
  SELECT t.tgrelid::regclass || ' ' || a.attname FROM pg_trigger t
    JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.atttypid = 'jsonb'::regtype AND NOT a.attisdropped
   WHERE t.tgfoid = 'audit.record_change'::regproc AND t.tgtype & 4 = 4
     AND position('nested:' || a.attname IN encode(t.tgargs, 'escape')) = 0
$$, 'a jsonb column of an audited table keeps the nulls inside it');

SELECT * FROM finish();
ROLLBACK;
