// The private PostgreSQL and the server: made, stopped, killed in every way, started again; nothing lost, no hand needed.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync, chownSync } from "node:fs";
import { randomUUID } from "node:crypto";
import path from "node:path";
import test from "node:test";
import { Serve, clusterProcesses, done, folder, grenier, isRoot, newDir, postmaster, present, sleep, someone, until } from "./grenier.mjs";

const mode = (file) => (statSync(file).mode & 0o777).toString(8);

// Made once; a copy of the whole directory is as good as a new one, and quicker.
let model = null;

/** A data directory with an organisation and a token, stopped. */
function makeBooks(dir) {
  if (model === null) {
    const first = newDir();
    done(["migrate", "--data-dir", first]);
    done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--data-dir", first]);
    model = { dir: first, token: done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--data-dir", first]).split("\n").at(-1) };
  }
  mkdirSync(path.dirname(dir), { recursive: true });
  assert.equal(spawnSync("cp", ["-a", model.dir, dir]).status, 0);
  return model.token;
}

// As the web interface does: the same key with each try, so that it is booked once whatever happens.
async function addProject(serve, token, name) {
  const key = randomUUID();
  let reply;
  for (let tries = 0; tries < 60; tries++) {
    reply = await fetch(serve.url + "api/v1/organisations/essai/projects", {
      method: "POST", body: JSON.stringify({ name }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": key },
    });
    if (reply.status !== 503) break;
    await sleep(100);
  }
  assert.equal(reply.status, 201, await reply.text());
}

async function projects(serve, token) {
  let reply;
  for (let tries = 0; tries < 60; tries++) {
    reply = await serve.get("organisations/essai/projects", token);
    if (reply.status !== 503) break;
    await sleep(100);
  }
  assert.equal(reply.status, 200);
  return reply.body.items.map((item) => item.name).sort();
}

test("from nothing to the first sign-in, and again", async () => {
  const dir = newDir();
  const serve = await Serve.start(["--data-dir", dir]);
  await serve.until();
  assert.match(serve.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.ok(serve.link.startsWith(serve.url + "links/"), serve.output.join("\n"));
  const link = await serve.get("one-time-links/" + serve.link.split("/").at(-1));
  assert.equal(link.status, 200);
  assert.equal(link.body.purpose, "setup");

  assert.equal(mode(dir), "700");
  assert.equal(mode(path.join(dir, "secrets")), "600");
  const secrets = readFileSync(path.join(dir, "secrets"), "utf8");
  assert.match(secrets, /^signing_key \S{43}\ntotp_key \S{43}\nlink_pepper \S{43}\n$/);

  // One server on a directory; commands work beside it, on its PostgreSQL.
  const second = grenier(["serve", "--port", "0", "--data-dir", dir]);
  assert.equal(second.status, 1);
  assert.match(second.stderr, new RegExp(`another grenier serve \\(process ${serve.process.pid}\\)`));
  const pid = postmaster(dir);
  done(["organisation", "create", "--slug", "essai", "--name", "Réseau d’essai", "--data-dir", dir]);
  const userLink = done(["user", "create", "--organisation", "essai", "--email", "a@example.org", "--name", "A", "--role", "treasurer,administrator", "--data-dir", dir]);
  assert.ok(userLink.startsWith(serve.url + "links/"), userLink);
  assert.match(done(["check", "--data-dir", dir]), /organisations checked: 1, faults: 0/);
  assert.equal(postmaster(dir), pid, "a command started another PostgreSQL");
  const token = done(["token", "create", "--organisation", "essai", "--role", "treasurer", "--data-dir", dir]).split("\n").at(-1);
  await addProject(serve, token, "Un");

  assert.equal(await serve.stop("SIGINT"), 0);
  assert.deepEqual(clusterProcesses(dir), []);
  assert.equal(postmaster(dir), 0);

  const again = await Serve.start(["--data-dir", dir]);
  assert.deepEqual(await projects(again, token), ["Un"]);
  const renewed = done(["user", "link", "--email", "A@Example.org", "--data-dir", dir]);
  assert.equal((await again.get("one-time-links/" + renewed.split("/").at(-1))).body.purpose, "password");
  assert.match(grenier(["user", "link", "--email", "b@example.org", "--data-dir", dir]).stderr, /nobody has the e-mail b@example.org/);
  // Nobody has signed in: the link is now that of the person who was made.
  const first = await again.get("one-time-links/" + again.link.split("/").at(-1));
  assert.equal(first.body.purpose, "password");
  assert.equal(readFileSync(path.join(dir, "secrets"), "utf8"), secrets);
  assert.ok(!again.errors.some((line) => /schema:|making/.test(line)), "the second start changed something");
  assert.equal(await again.stop("SIGTERM"), 0);
  assert.deepEqual(clusterProcesses(dir), []);

  const audit = done(["check", "--organisation", "essai", "--data-dir", dir]);
  assert.match(audit, /faults: 0/);
});

test("kill -9 of every process, and a new start each time", async (t) => {
  const dir = newDir();
  const token = makeBooks(dir);
  let serve = await Serve.start(["--data-dir", dir]);
  const expected = [];
  const record = async (name) => {
    await addProject(serve, token, name);
    expected.push(name);
    assert.deepEqual(await projects(serve, token), [...expected].sort());
  };
  await record("avant");

  await t.test("of grenier: PostgreSQL ends by itself", async () => {
    serve.process.kill("SIGKILL");
    await serve.ended;
    serve = await Serve.start(["--data-dir", dir]); // at once: the old one may still be ending
    await record("après grenier");
    assert.equal(clusterProcesses(dir).includes(postmaster(dir)), true);
  });

  await t.test("of grenier, then time passes", async () => {
    serve.process.kill("SIGKILL");
    await until("the end of PostgreSQL", () => clusterProcesses(dir).length === 0);
    serve = await Serve.start(["--data-dir", dir]);
    await record("plus tard");
  });

  await t.test("of a backend: PostgreSQL repairs itself, the server goes on", async () => {
    const master = postmaster(dir);
    const backend = clusterProcesses(dir).find((pid) => /grenier_server/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")));
    assert.ok(backend, "a backend of the server");
    process.kill(backend, "SIGKILL");
    await until("the end of the backend", () => !clusterProcesses(dir).includes(backend));
    await serve.until();
    await record("après le backend");
    assert.equal(postmaster(dir), master);
  });

  await t.test("of the postmaster: it is started again under the server", async () => {
    const master = postmaster(dir);
    process.kill(master, "SIGKILL");
    await until("a new postmaster", () => postmaster(dir) !== master && postmaster(dir) !== 0);
    await serve.until();
    await record("après PostgreSQL");
    assert.ok(serve.errors.some((line) => /PostgreSQL ended by itself/.test(line)));
  });

  await t.test("of both at once", async () => {
    process.kill(postmaster(dir), "SIGKILL");
    serve.process.kill("SIGKILL");
    await serve.ended;
    serve = await Serve.start(["--data-dir", dir]);
    await record("après les deux");
  });

  await t.test("of everything", async () => {
    serve.process.kill("SIGKILL");
    for (const pid of clusterProcesses(dir)) {
      try { process.kill(pid, "SIGKILL"); } catch { /* gone already */ }
    }
    await serve.ended;
    serve = await Serve.start(["--data-dir", dir]);
    await record("après tout");
  });

  assert.equal(await serve.stop(), 0);
  assert.match(done(["check", "--data-dir", dir]), /faults: 0/);
});

test("leftovers of a crash that PostgreSQL itself would stumble over", async (t) => {
  const dir = newDir();
  const token = makeBooks(dir);

  await t.test("postmaster.pid names a process that is something else now", async () => {
    const other = spawn("sleep", ["60"], { ...someone, stdio: "ignore" });
    writeFileSync(path.join(dir, "postgresql/postmaster.pid"), `${other.pid}\n${dir}/postgresql\n1\n5432\n${dir}/run\n\n  1 1\nready   \n`);
    if (isRoot) chownSync(path.join(dir, "postgresql/postmaster.pid"), someone.uid, someone.gid);
    const serve = await Serve.start(["--data-dir", dir]);
    assert.deepEqual(await projects(serve, token), []);
    assert.equal(await serve.stop(), 0);
    other.kill();
  });

  await t.test("a PostgreSQL that nobody watches is adopted, and stopped in the end", async () => {
    const orphan = spawn("/usr/lib/postgresql/15/bin/postgres", ["-D", path.join(dir, "postgresql")], { ...someone, stdio: "ignore", env: { LC_ALL: "C" }, cwd: folder });
    await until("the orphan", () => /ready/.test(present(path.join(dir, "postgresql/postmaster.pid")) ? readFileSync(path.join(dir, "postgresql/postmaster.pid"), "utf8") : ""));
    const serve = await Serve.start(["--data-dir", dir]);
    assert.equal(postmaster(dir), orphan.pid);
    assert.deepEqual(await projects(serve, token), []);
    assert.equal(await serve.stop(), 0);
    assert.deepEqual(clusterProcesses(dir), []);
  });

  await t.test("an initdb that was cut off", async () => {
    const other = newDir();
    mkdirSync(path.join(other, "postgresql.new/base"), { recursive: true });
    if (isRoot) spawnSync("chown", ["-R", "postgres", other]);
    const serve = await Serve.start(["--data-dir", other]);
    assert.ok(!present(path.join(other, "postgresql.new")));
    assert.equal(await serve.stop(), 0);
  });
});

test("a directory whose path is too long for a socket, with spaces and accents", async () => {
  const dir = path.join(newDir(), "données de l’association " + "x".repeat(100));
  const token = makeBooks(dir);
  let socket;
  for (let i = 0; i < 2; i++) {
    const serve = await Serve.start(["--data-dir", dir]);
    socket ??= readFileSync(path.join(dir, "socket-folder"), "utf8");
    assert.equal(mode(socket), "700");
    assert.deepEqual(await projects(serve, token), []);
    assert.match(done(["check", "--data-dir", dir]), /faults: 0/);
    assert.equal(await serve.stop(), 0);
  }
  assert.equal(readFileSync(path.join(dir, "socket-folder"), "utf8"), socket);
  spawnSync("rm", ["-rf", socket]); // as a restart of the machine does
  const serve = await Serve.start(["--data-dir", dir]);
  assert.deepEqual(await projects(serve, token), []);
  assert.equal(await serve.stop(), 0);
  spawnSync("rm", ["-rf", readFileSync(path.join(dir, "socket-folder"), "utf8")]);
});

test("what grenier refuses to start on", async (t) => {
  const dir = newDir();
  makeBooks(dir);
  const version = path.join(dir, "postgresql/PG_VERSION");

  await t.test("a cluster of another PostgreSQL", () => {
    const text = readFileSync(version, "utf8");
    writeFileSync(version, "14\n");
    const result = grenier(["serve", "--port", "0", "--data-dir", dir]);
    writeFileSync(version, text);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /made by PostgreSQL 14.*install postgresql-14/s);
  });

  await t.test("settings of one's own that PostgreSQL refuses: its words are shown", () => {
    const own = path.join(dir, "postgresql.conf");
    writeFileSync(own, "shared_buffers = 'a lot'\n");
    const result = grenier(["serve", "--port", "0", "--data-dir", dir]);
    spawnSync("rm", [own]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /PostgreSQL does not start:.*shared_buffers/s);
  });

  await t.test("a schema of a newer Grenier, and a migration that was changed", async () => {
    const serve = await Serve.start(["--data-dir", dir]);
    const socket = path.join(dir, "run");
    const sql = (text) => {
      const done = spawnSync("psql", ["-X", "-q", "-h", socket, "-U", "postgres", "-d", "grenier", "-c", text], { ...someone, encoding: "utf8" });
      assert.equal(done.status, 0, done.stderr);
    };
    sql("INSERT INTO app.schema_migration (number, name, checksum) VALUES (9999, '9999_future.sql', '')");
    assert.equal((await serve.get("ready")).status, 503);
    assert.match(grenier(["migrate", "--data-dir", dir]).stderr, /newer Grenier \(migrations\/9999_future\.sql\)/);
    assert.match(grenier(["check", "--data-dir", dir]).stderr, /newer Grenier/);
    sql("DELETE FROM app.schema_migration WHERE number = 9999");
    sql("UPDATE app.schema_migration SET checksum = repeat('0', 64) WHERE number = 2");
    assert.match(grenier(["migrate", "--data-dir", dir]).stderr, /migrations\/0002_\w+\.sql is not what was applied/);
    assert.equal(await serve.stop(), 0);
  });

  await t.test("a port that is taken", async () => {
    const other = newDir(), third = newDir();
    makeBooks(other);
    makeBooks(third);
    const serve = await Serve.start(["--data-dir", other]);
    const port = new URL(serve.url).port;
    const result = spawnSync(path.join(folder, "grenier"), ["serve", "--port", port, "--data-dir", third], { ...someone, cwd: folder, encoding: "utf8", env: { LANG: "C.UTF-8", HOME: folder } });
    assert.equal(result.status, 1);
    assert.match(result.stderr, new RegExp(`cannot start on port ${port}`));
    assert.equal(await serve.stop(), 0);
  });
});

test("PostgreSQL keeps its log free of what people typed", async () => {
  const dir = newDir();
  const token = makeBooks(dir);
  const serve = await Serve.start(["--data-dir", dir]);
  const secret = "Personne-Secrète-4711";
  await addProject(serve, token, secret);
  await serve.stop();
  const log = spawnSync("grep", ["-rl", secret, path.join(dir, "log")], { encoding: "utf8" });
  assert.equal(log.stdout, "");
  assert.ok(!serve.errors.some((line) => line.includes(secret)));
});

test("root becomes the owner of the directory", { skip: isRoot ? false : "not run by root" }, async (t) => {
  const owner = (pid) => statSync(`/proc/${pid}`).uid;
  const grenierUid = () => Number(spawnSync("id", ["-u", "grenier"], { encoding: "utf8" }).stdout);

  await t.test("a new directory belongs to the system user", async () => {
    const dir = path.join(newDir(), "deep/er");
    const serve = await Serve.start(["--data-dir", dir], { as: {} });
    assert.ok(grenierUid() > 0);
    assert.equal(owner(serve.process.pid), grenierUid());
    assert.equal(owner(postmaster(dir)), grenierUid());
    assert.equal(statSync(dir).uid, grenierUid());
    assert.match(done(["check", "--data-dir", dir], { as: {} }), /faults: 0/);
    assert.equal(await serve.stop(), 0);
  });

  await t.test("an existing directory keeps its owner", async () => {
    const dir = newDir();
    makeBooks(dir);
    const serve = await Serve.start(["--data-dir", dir], { as: {} });
    assert.equal(owner(serve.process.pid), someone.uid);
    assert.equal(await serve.stop(), 0);
  });

  await t.test("a directory of root's with something in it is refused, one below /root too", () => {
    const dir = newDir();
    mkdirSync(dir);
    writeFileSync(path.join(dir, "file"), "");
    assert.match(grenier(["serve", "--port", "0", "--data-dir", dir], { as: {} }).stderr, /belongs to root and is not empty/);
    const hidden = `/root/.grenier-test-${process.pid}`;
    const result = grenier(["serve", "--port", "0", "--data-dir", hidden], { as: {} });
    spawnSync("rm", ["-rf", hidden]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /cannot be reached by user grenier/);
  });

  await t.test("another person's directory is refused", () => {
    const dir = newDir();
    makeBooks(dir);
    const nobody = { uid: 65534, gid: 65534 };
    assert.equal(grenier(["check", "--data-dir", dir], { as: nobody }).status, 1);
  });
});
