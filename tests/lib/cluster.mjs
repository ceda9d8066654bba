// A private PostgreSQL for tests: made once (by tests/run, which passes it in GRENIER_TEST_CLUSTER, or by the first test
// that needs it, which then stops it), with a template database migrated by the real migrator. Each test file takes a copy.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const build = process.env.GRENIER_BUILD ?? path.join(root, "build-test");
const pgbin = process.env.PGBIN ?? "/usr/lib/postgresql/15/bin";
const TEMPLATE = "grenier_template";

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${done.status}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

// initdb refuses root: then the cluster belongs to the system user postgres.
function asOwner(command, args, options) {
  return process.getuid() === 0 ? run("runuser", ["-u", "postgres", "--", command, ...args], options) : run(command, args, options);
}

/**
 * Makes a cluster with its migrated template; answers its folder, which is also the socket's. `settings` of its own come after
 * those for speed; `env` is that of its processes.
 */
export function clusterStart({ settings = "", env = {} } = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), "gtest."));
  chmodSync(dir, 0o755);
  if (process.getuid() === 0) run("chown", ["postgres", dir]);
  const data = path.join(dir, "data");
  asOwner(`${pgbin}/initdb`, ["-D", data, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N"], { cwd: dir });
  asOwner(`${pgbin}/pg_ctl`, ["-D", data, "-w", "-l", path.join(dir, "log"), "-o",
    `-k '${dir}' -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60 -c shared_buffers=64MB ${settings}`,
    "start"], { cwd: dir, stdio: "ignore", env: { ...process.env, ...env } });
  psql(dir, "postgres", `CREATE DATABASE ${TEMPLATE}`);
  run(path.join(build, "bin/grenier"), ["migrate", "--database", `host=${dir} user=postgres dbname=${TEMPLATE}`]);
  return dir;
}

export function clusterStop(dir) {
  asOwner(`${pgbin}/pg_ctl`, ["-D", path.join(dir, "data"), "-m", "immediate", "-w", "stop"], { cwd: "/tmp" });
  rmSync(dir, { recursive: true, force: true });
}

/** Runs SQL as superuser; answers what psql prints, unaligned, without headings. */
export function psql(dir, database, sql) {
  return run("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", dir, "-U", "postgres", "-d", database, "-c", sql],
    { env: { ...process.env, PGTZ: "UTC", PGOPTIONS: "" } }).trimEnd();
}

let own = null;

/** The folder of the cluster in use. */
export function cluster() {
  const given = process.env.GRENIER_TEST_CLUSTER;
  if (given && existsSync(given)) return given;
  if (own === null) {
    own = clusterStart();
    process.on("exit", () => clusterStop(own));
  }
  return own;
}

let serial = 0;

/** A fresh database, copied from the template of a cluster: the one in use, unless said. */
export function database(dir = cluster()) {
  const name = `t_${process.pid}_${++serial}`;
  psql(dir, "postgres", `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return {
    dir,
    name,
    sql: (text) => psql(dir, name, text),
    conninfo: `host=${dir} user=postgres dbname=${name}`,
    server: `host=${dir} user=postgres dbname=${name} options='-c role=grenier_server -c search_path=pg_catalog -c timezone=UTC'`,
    drop: () => psql(dir, "postgres", `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // node cluster.mjs start | stop DIR: for tests/run
  if (process.argv[2] === "start") process.stdout.write(clusterStart() + "\n");
  else if (process.argv[2] === "stop") clusterStop(process.argv[3]);
  else { process.stderr.write("usage: cluster.mjs start | stop DIR\n"); process.exitCode = 2; }
}
