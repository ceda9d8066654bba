// An existing PostgreSQL instead of the private one: --database, grenierd, several programs on one database.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { Serve, done, folder, grenier, newDir, someone } from "./grenier.mjs";
import { cluster, database, psql } from "../lib/cluster.mjs";

const as = (db, user) => `host=${db.dir} user=${user} dbname=${db.name}`;
const uri = (db, user) => `postgresql://${user}@/${db.name}?host=${encodeURIComponent(db.dir)}`;

test("the operator's commands and both servers, with either form of address", async () => {
  const db = database();
  done(["organisation", "create", "--slug", "essai", "--name", "Essai", "--database", uri(db, "postgres")]);
  const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--database", as(db, "grenier_migrate")]).split("\n").at(-1);
  assert.match(done(["check", "--database", uri(db, "grenier_migrate")]), /organisations checked: 1, faults: 0/);
  assert.match(done(["migrate", "--database", as(db, "grenier_migrate")]), /schema is at version/);

  const server = await Serve.start(["--database", uri(db, "postgres"), "--data-dir", newDir()]);
  const first = await Serve.start(["--database", as(db, "grenier_server")], { program: "grenierd" });
  const second = await Serve.start(["--database", uri(db, "postgres")], { program: "grenierd" });
  for (const one of [server, first, second]) {
    assert.equal((await one.get("ready")).status, 200);
    assert.equal((await one.get("organisations/essai", token)).body.name, "Essai");
  }
  // Whoever logs in, the server is grenier_server and sees what that role may see.
  const roles = db.sql("SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  assert.equal(roles, "grenier_server,postgres");
  for (const one of [server, first, second]) assert.equal(await one.stop("SIGTERM"), 0);
  db.drop();
});

test("the audit log names the operator", () => {
  const db = database();
  done(["organisation", "create", "--slug", "essai", "--name", "Essai", "--database", as(db, "postgres")]);
  assert.match(db.sql("SELECT DISTINCT actor FROM audit.event"), /^cli:\w+$/);
  db.drop();
});

test("access is taken away at once: a program's token, a person's roles", async () => {
  const db = database(), at = ["--database", as(db, "grenier_migrate")], own = ["--organisation", "essai"];
  done(["organisation", "create", "--slug", "essai", "--name", "Essai", ...at]);
  const make = (name) => done(["token", "create", ...own, "--role", "auditor", "--name", name, ...at]).split("\n").at(-1);
  const [lost, kept] = [make("Perdu"), make("Gardé")];
  const link = done(["user", "create", ...own, "--email", "a@example.org", "--name", "A", "--role", "treasurer,auditor", ...at]).split("\n").at(-1);
  const server = await Serve.start(["--database", as(db, "grenier_server")], { program: "grenierd" });
  const address = `${server.url}api/v1/`, page = { "X-Grenier": "1", "content-type": "application/json" };
  const used = await fetch(`${address}one-time-links/${link.split(/[/#=]/).at(-1)}/uses`, { method: "POST", headers: page, body: JSON.stringify({ password: "une phrase bien longue" }) });
  assert.equal(used.status, 200, await used.text());
  const cookie = { cookie: used.headers.get("set-cookie").split(";")[0] };
  const status = async (path, headers) => (await fetch(address + path, { headers })).status;
  const bearer = (token) => ({ authorization: `Bearer ${token}` });
  const journal = "organisations/essai/journals";
  for (const who of [bearer(lost), bearer(kept), cookie]) assert.equal(await status(journal, who), 200);

  // What a role may not do is in the log, with who asked.
  const refused = await fetch(`${address}organisations/essai/projects`, { method: "POST", headers: { ...bearer(kept), ...page }, body: "{}" });
  assert.equal(refused.status, 403);
  const list = done(["token", "list", ...own, ...at]).split("\n");
  const keptId = list.find((line) => line.endsWith("Gardé")).split(" ")[0];
  assert.ok(server.errors.some((line) => line.includes('event="not allowed"') && line.includes(`actor=token:${keptId} roles=auditor route=project_create`)), server.errors.at(-1));

  assert.deepEqual(list.map((line) => line.split(" ").filter((_, i) => [1, 2, 6].includes(i)).join(" ")), ["auditor valid Perdu", "auditor valid Gardé"]);
  const [id] = list[0].split(" ");
  assert.match(done(["token", "revoke", ...own, "--id", id, ...at]), /Perdu is valid no more/);
  assert.match(done(["token", "revoke", ...own, "--id", id, ...at]), /Perdu/, "twice is no harm");
  assert.equal(grenier(["token", "revoke", ...own, "--id", "0197a3c0-0000-7000-8000-000000000000", ...at]).status, 1);
  assert.match(done(["token", "list", ...own, ...at]), /auditor revoked .* Perdu\n.* auditor valid .* Gardé/);
  assert.deepEqual([await status(journal, bearer(lost)), await status(journal, bearer(kept))], [401, 200]);

  const end = (...words) => grenier(["user", "end", ...own, "--email", "A@example.org", ...words, ...at]);
  assert.match(end("--role", "treasurer").stdout, /is treasurer no more/);
  assert.equal(await status(journal, cookie), 200, "the other role is still there");
  assert.equal(end("--role", "treasurer").status, 1);
  assert.match(end().stdout, /is auditor no more/);
  assert.deepEqual([await status(journal, cookie), await status("me", cookie)], [401, 401], "without a role anywhere: signed out");
  done(["user", "create", ...own, "--email", "a@example.org", "--name", "A", "--role", "auditor", ...at]); // and back again
  assert.equal(await server.stop("SIGTERM"), 0);
  assert.match(db.sql("SELECT string_agg(DISTINCT subject_kind, ' ' ORDER BY subject_kind) FROM audit.event WHERE action = 'update' AND actor LIKE 'cli:%'"), /membership.*token/);
  db.drop();
});

test("several migrations of one empty database at the same time", async () => {
  const dir = cluster();
  const name = `fresh_${process.pid}`;
  psql(dir, "postgres", `CREATE DATABASE ${name}`);
  const ends = await Promise.all([1, 2, 3].map(() => new Promise((resolve) => {
    const child = spawn(path.join(folder, "grenier"), ["migrate", "--database", `host=${dir} user=postgres dbname=${name}`],
      { ...someone, cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { LANG: "C.UTF-8", HOME: folder } });
    let text = "";
    child.stderr.on("data", (bytes) => { text += bytes; });
    child.on("close", (code) => resolve({ code, text }));
  })));
  assert.deepEqual(ends.map((end) => end.code), [0, 0, 0], ends.map((end) => end.text).join("\n"));
  assert.equal(ends.filter((end) => /0001_/.test(end.text)).length, 1);
  psql(dir, "postgres", `DROP DATABASE ${name} WITH (FORCE)`);
});

test("grenierd refuses a database that does not fit", () => {
  const db = database();
  db.sql("INSERT INTO app.schema_migration (number, name, checksum) VALUES (9999, '9999_future.sql', '')");
  const newer = grenier(["--database", as(db, "grenier_server"), "--port", "0"], { program: "grenierd" });
  assert.equal(newer.status, 1);
  assert.match(newer.stderr, /at schema 9999, this program at \d+: install the newer version/);
  db.sql("DELETE FROM app.schema_migration WHERE number >= 4");
  assert.match(grenier(["--database", as(db, "grenier_server"), "--port", "0"], { program: "grenierd" }).stderr, /run "grenier migrate"/);
  assert.match(grenier(["check", "--database", as(db, "postgres")]).stderr, /older than this program \(migrations\/0004_\w+\.sql\)/);
  db.drop();
});

test("schema api is made again when a file of it changed, and only then", () => {
  const db = database();
  db.sql(`GRANT CREATE ON DATABASE ${db.name} TO grenier_owner`); // a copy of a database has no rights of its own
  const before = db.sql("SELECT oid FROM pg_namespace WHERE nspname = 'api'");
  done(["migrate", "--database", as(db, "postgres")]);
  assert.equal(db.sql("SELECT oid FROM pg_namespace WHERE nspname = 'api'"), before);
  db.sql("UPDATE app.instance_setting SET value = 'another' WHERE name = 'schema_checksum'");
  done(["migrate", "--database", as(db, "grenier_migrate")]);
  assert.notEqual(db.sql("SELECT oid FROM pg_namespace WHERE nspname = 'api'"), before);
  db.drop();
});

test("a schema api that something else rests on is not dropped", () => {
  const db = database();
  db.sql("CREATE VIEW fund.leaning AS SELECT * FROM api.fund");
  db.sql("UPDATE app.instance_setting SET value = 'another' WHERE name = 'schema_checksum'");
  const result = grenier(["migrate", "--database", as(db, "postgres")]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /depends on it/);
  assert.equal(db.sql("SELECT count(*) FROM pg_views WHERE viewname = 'leaning'"), "1");
  db.drop();
});
